"""Which applications a chat may ask about, and what it was last told of each."""

from collections.abc import Collection
from datetime import datetime

from msgspec import json
from sqlite_utils import Database

from storage.columns import utc
from storage.model import Noun


class Bound(Noun, frozen=True, kw_only=True):
    """One application bound to one chat, with how it stood and which reminder it had when last told."""

    chat: str
    receipt: str
    told: str
    reminded: str


def bind(db: Database, chat: str, receipt: str, at: datetime) -> bool:
    """Let `chat` ask about the application, and say whether it could not before."""
    done = db.execute(
        "INSERT INTO bindings (chat, receipt, bound_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (chat, receipt, utc(at)),
    )
    return done.rowcount == 1


def bound(db: Database, chat: str) -> list[str]:
    """Return the receipts this chat may ask about, in order."""
    rows = db.execute(
        """SELECT receipt FROM bindings JOIN applications USING (receipt)
           WHERE chat = ? ORDER BY prefix, number""",
        (chat,),
    )
    return [str(row[0]) for row in rows]


def chats(db: Database, receipt: str) -> list[str]:
    """Return the chats that may ask about the application."""
    rows = db.execute("SELECT chat FROM bindings WHERE receipt = ? ORDER BY chat", (receipt,))
    return [str(row[0]) for row in rows]


def unbind(db: Database, chat: str, receipt: str) -> bool:
    """Take the application away from `chat`, and say whether it was bound."""
    done = db.execute("DELETE FROM bindings WHERE chat = ? AND receipt = ?", (chat, receipt))
    return done.rowcount == 1


def told(db: Database, chat: str, receipt: str, told: str, reminded: str) -> None:
    """Note how the application stood, and of which deadline was reminded, when the chat was told."""
    db.execute(
        "UPDATE bindings SET told = ?, reminded = ? WHERE chat = ? AND receipt = ?",
        (told, reminded, chat, receipt),
    )


def changed(db: Database, channel: str) -> list[Bound]:
    """Return what is bound in this channel and stands otherwise than its chat was last told."""
    return _all(db, channel, "told <> state || iif(paper_received IS NULL, '', ' paper')")


def unfinished(db: Database, channel: str, reminders: Collection[str]) -> list[Bound]:
    """Return what is bound in this channel, wants mending or its paper still, and had none of these reminders."""
    wanted = "state = 'correcting' OR (state IN ('reviewing', 'accepted') AND paper_received IS NULL)"
    had = "reminded IN (SELECT value FROM json_each(?))"
    return _all(db, channel, f"({wanted}) AND NOT {had}", json.encode(sorted(reminders)).decode())


def _all(db: Database, channel: str, where: str, *values: str) -> list[Bound]:
    rows = db.execute(
        f"""SELECT chat, receipt, told, reminded FROM bindings JOIN applications USING (receipt)
            WHERE chat >= ? AND chat < ? AND {where} ORDER BY chat, prefix, number""",  # noqa: S608 - words of our own
        (f"{channel}:", f"{channel};", *values),
    )
    return [
        Bound(chat=chat, receipt=receipt, told=told, reminded=reminded)
        for chat, receipt, told, reminded in rows
    ]
