"""By what applications that are much alike find each other: a few keys each, whatever the number of the others."""

from collections.abc import Sequence

from sqlite_utils import Database

from storage.model import Kind
from storage.places import Holder, holders

MOST = 10  # of one likeness: a name that hundreds bear is compared with these only


def put(db: Database, receipt: str, likenesses: Sequence[str]) -> None:
    """Let the application be found by `likenesses`, and by these only."""
    db.execute("DELETE FROM likenesses WHERE receipt = ?", (receipt,))
    for likeness in dict.fromkeys(likenesses):
        db.execute("INSERT INTO likenesses (likeness, receipt) VALUES (?, ?)", (likeness, receipt))


def find(db: Database, likeness: str, kind: Kind | None, but: str) -> list[Holder]:
    """Return the first holders of this kind, other than `but`, that have this likeness too: enough to ask a person."""
    where = """receipt IN (SELECT receipt FROM likenesses CROSS JOIN applications USING (receipt)
                           WHERE likeness = ? AND kind = ? AND holds_place = 1 AND receipt <> ? LIMIT ?)"""
    return holders(db, where, (likeness, kind, but, MOST), but)
