"""Mails that speak for an application from an address it does not know: kept beside it until staff settle them."""

from datetime import datetime

from sqlite_utils import Database

from storage.columns import moment, utc
from storage.model import Noun


class Offer(Noun, frozen=True, kw_only=True):
    """What a mail offers to an application; `renews` says that it holds a form of the same account."""

    receipt: str
    message: int
    renews: bool
    sender: str | None
    subject: str | None
    received_at: datetime


def keep(db: Database, receipt: str, message: int, *, renews: bool, at: datetime) -> None:
    """Let `message` wait beside the application for staff; once, however often it is told."""
    db.execute(
        """INSERT INTO pending (receipt, message, renews, at) VALUES (?, ?, ?, ?)
           ON CONFLICT (receipt, message) DO NOTHING""",
        (receipt, message, renews, utc(at)),
    )


def offers(db: Database, receipt: str) -> list[Offer]:
    """Return what waits beside the application, the earliest received first."""
    return _all(db, "settled_at IS NULL AND receipt = ?", receipt)


def every(db: Database) -> list[Offer]:
    """Return everything that waits for staff, the earliest received first."""
    return _all(db, "settled_at IS NULL")


def settle(db: Database, receipt: str, message: int, actor: str, at: datetime) -> bool:
    """Note that staff took the mail in or refused it; say whether it was waiting."""
    done = db.execute(
        """UPDATE pending SET settled_at = ?, actor = ?
           WHERE receipt = ? AND message = ? AND settled_at IS NULL""",
        (utc(at), actor, receipt, message),
    )
    return done.rowcount == 1


def _all(db: Database, where: str, *values: object) -> list[Offer]:
    rows = db.execute(
        f"""SELECT receipt, message, renews, sender, subject, received_at
            FROM pending JOIN messages ON messages.id = message WHERE {where}
            ORDER BY received_unix, message, receipt""",  # noqa: S608 - words of our own
        values,
    )
    return [
        Offer(
            receipt=receipt,
            message=message,
            renews=bool(renews),
            sender=sender,
            subject=subject,
            received_at=moment(received_at),
        )
        for receipt, message, renews, sender, subject, received_at in rows
    ]
