"""Which applications a chat may ask about."""

from datetime import datetime

from sqlite_utils import Database

from storage.columns import utc


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
