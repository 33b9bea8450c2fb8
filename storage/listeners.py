"""The chats that are told what happens: how far each has been told, and what holds it up."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlite_utils import Database

from storage.columns import moment, utc
from storage.model import Noun

FURTHEST = timedelta(days=2)  # nothing waits longer; a later `due_at` was written while the clock was wrong


class Listener(Noun, frozen=True, kw_only=True):
    """One chat: `told` is the last audit line it knows of, `trying` that a message to it may or may not have gone.

    Staff have a `digest`, the day of their last one; an applicant's chat is told by what is bound to it.
    """

    chat: str
    told: int = 0
    told_at: datetime | None = None
    trying: bool = False
    digest: date | None = None
    failures: int = 0
    due_at: datetime | None = None
    fault: str = ""

    def is_due(self, now: datetime) -> bool:
        """Say whether something may be sent to it now."""
        return self.due_at is None or not now < self.due_at <= now + FURTHEST


def begin(db: Database, chat: str, digest: date) -> bool:
    """Let a chat of staff's be told what happens from now on; say whether it is new."""
    done = db.execute(
        """INSERT INTO listeners (chat, told, digest)
           VALUES (?, (SELECT ifnull(max(id), 0) FROM audit), ?)
           ON CONFLICT (chat) DO UPDATE SET digest = excluded.digest, told = excluded.told WHERE digest IS NULL""",
        (chat, digest.isoformat()),
    )
    return done.rowcount == 1


def get(db: Database, chat: str) -> Listener:
    """Return what is known of the chat, which may be nothing yet."""
    rows = list(db["listeners"].rows_where("chat = ?", (chat,)))
    return _listener(rows[0]) if rows else Listener(chat=chat)


def trying(db: Database, chat: str) -> None:
    """Note, before it goes, that a message is on its way to the chat."""
    db.execute(
        "INSERT INTO listeners (chat, trying) VALUES (?, 1) ON CONFLICT (chat) DO UPDATE SET trying = 1",
        (chat,),
    )


def reached(db: Database, chat: str) -> None:
    """Note that the message arrived."""
    db.execute(
        "UPDATE listeners SET trying = 0, failures = 0, due_at = NULL, fault = '' WHERE chat = ?", (chat,)
    )


def failed(db: Database, chat: str, fault: str, due_at: datetime, *, unsure: bool) -> None:
    """Note why the message did not arrive, or may not have, and when to try again."""
    db.execute(
        "UPDATE listeners SET trying = ?, failures = failures + 1, due_at = ?, fault = ? WHERE chat = ?",
        (unsure, utc(due_at), fault, chat),
    )


def hurry(db: Database, chat: str) -> None:
    """Let what waits for the chat go at once."""
    db.execute("UPDATE listeners SET due_at = NULL WHERE chat = ?", (chat,))


def told(db: Database, chat: str, upto: int, at: datetime | None) -> None:
    """Note that the chat knows of every audit line up to this one; without `at` they were not worth a message."""
    sql = "UPDATE listeners SET told = ?, told_at = ifnull(?, told_at) WHERE chat = ?"
    db.execute(sql, (upto, utc(at) if at else None, chat))


def digested(db: Database, chat: str, day: date) -> None:
    """Note that the chat had the digest of this day."""
    db.execute("UPDATE listeners SET digest = ? WHERE chat = ?", (day.isoformat(), chat))


def unreached(db: Database) -> list[Listener]:
    """Return the staff's chats that nothing can be sent to."""
    return [_listener(row) for row in db["listeners"].rows_where("failures > 0 AND digest IS NOT NULL")]


def _listener(row: dict[str, Any]) -> Listener:
    return Listener(
        chat=row["chat"],
        told=row["told"],
        told_at=moment(row["told_at"]) if row["told_at"] else None,
        trying=bool(row["trying"]),
        digest=date.fromisoformat(row["digest"]) if row["digest"] else None,
        failures=row["failures"],
        due_at=moment(row["due_at"]) if row["due_at"] else None,
        fault=row["fault"],
    )
