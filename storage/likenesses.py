"""By what applications that are much alike find each other: a few keys each, whatever the number of the others."""

from collections.abc import Sequence

from sqlite_utils import Database

from storage.model import Kind
from storage.places import Holder, holders


def put(db: Database, receipt: str, likenesses: Sequence[str]) -> None:
    """Let the application be found by `likenesses`, and by these only."""
    db.execute("DELETE FROM likenesses WHERE receipt = ?", (receipt,))
    for likeness in dict.fromkeys(likenesses):
        db.execute("INSERT INTO likenesses (likeness, receipt) VALUES (?, ?)", (likeness, receipt))


def find(db: Database, likeness: str, kind: Kind | None, but: str) -> list[Holder]:
    """Return the holders of this kind, other than `but`, that have this likeness too."""
    where = "kind = ? AND receipt IN (SELECT receipt FROM likenesses WHERE likeness = ?)"
    return holders(db, where, (kind, likeness), but)
