"""By what applications that are much alike find each other: a few keys each, whatever the number of the others."""

from collections.abc import Sequence

from sqlite_utils import Database

from storage.model import Kind
from storage.places import Holder, holders

MOST = 10  # of one likeness: a name that hundreds bear is compared with these only


def put(db: Database, receipt: str, likenesses: Sequence[str]) -> None:
    """Let the application be found by `likenesses`, and by these only."""
    db.execute("DELETE FROM likenesses WHERE receipt = ?", (receipt,))
    rows = [(likeness, receipt) for likeness in dict.fromkeys(likenesses)]
    db.conn.executemany("INSERT INTO likenesses (likeness, receipt) VALUES (?, ?)", rows)


def shared(db: Database, likenesses: Sequence[str], but: str) -> list[str]:
    """Return those of `likenesses` that any application other than `but` has, in their order."""
    marks = ", ".join("?" for _ in likenesses)
    sql = f"SELECT DISTINCT likeness FROM likenesses WHERE likeness IN ({marks}) AND receipt <> ?"  # noqa: S608 - question marks
    found = {str(row[0]) for row in db.execute(sql, (*likenesses, but))}
    return [one for one in likenesses if one in found]


def find(db: Database, likeness: str, kind: Kind | None, but: str) -> list[Holder]:
    """Return the first holders of this kind, other than `but`, that have this likeness too: enough to ask a person."""
    where = """receipt IN (SELECT receipt FROM likenesses CROSS JOIN applications USING (receipt)
                           WHERE likeness = ? AND kind = ? AND holds_place = 1 AND receipt <> ? LIMIT ?)"""
    return holders(db, where, (likeness, kind, but, MOST), but)
