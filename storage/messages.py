"""The mails that are kept: each once, with every sighting of it, until it has its outcome."""

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from storage.columns import as_given, moment, named, storable, utc
from storage.model import Clock, Door, MailOutcome, Message, Noun

MOST_ALIKE = 20  # mails that are compared byte by byte


class Position(Noun, frozen=True, kw_only=True):
    """Where a mail lies in a mailbox; a UID means something under its UIDVALIDITY only (RFC 3501, 2.3.1.1)."""

    account: str
    folder: str
    uidvalidity: int
    uid: int


class Arrival(Noun, frozen=True, kw_only=True):
    """One sighting of a mail whose bytes are kept already: by which door, from where, when.

    `received_at` is the time of receipt by `clock`, `at` the moment of the sighting.
    """

    sha256: str
    size: int
    door: Door
    origin: str
    received_at: datetime
    clock: Clock
    at: datetime
    position: Position | None = None


def keep(db: Database, arrival: Arrival) -> tuple[Message, bool]:
    """Keep the mail to be judged, and say whether it is new; a known mail is only seen once more."""
    added = db.execute(
        """INSERT INTO messages (sha256, size, door, origin, received_at, received_unix, clock, kept_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sha256) DO NOTHING""",
        (
            arrival.sha256,
            arrival.size,
            arrival.door,
            storable(arrival.origin),
            as_given(arrival.received_at),
            arrival.received_at.timestamp(),
            arrival.clock,
            utc(arrival.at),
        ),
    )
    message = by_sha256(db, arrival.sha256)
    if message is None:
        raise LookupError(f"just inserted, and not there: {arrival.sha256}")
    db.execute(
        "INSERT INTO arrivals (message, door, origin, at) VALUES (?, ?, ?, ?)",
        (message.id, arrival.door, storable(arrival.origin), utc(arrival.at)),
    )
    if arrival.position is not None:
        _place(db, message.id, arrival.position)
    return message, added.rowcount == 1


def get(db: Database, message: int) -> Message | None:
    return _one(db, "id = ?", message)


def by_sha256(db: Database, sha256: str) -> Message | None:
    return _one(db, "sha256 = ?", sha256)


def every(db: Database) -> list[Message]:
    """Return all mails in the order they were kept."""
    return _all(db, "1 ORDER BY id")


def count(db: Database) -> int:
    return int(db.execute("SELECT count(*) FROM messages").fetchone()[0])


def senders(db: Database) -> set[str]:
    """Return every address that has written, in lower case."""
    rows = db.execute("SELECT DISTINCT lower(sender) FROM messages WHERE sender IS NOT NULL")
    return {str(address) for (address,) in rows}


def waiting(db: Database) -> list[Message]:
    """Return the mails that wait to be judged, in order of receipt."""
    return _all(db, "outcome IS NULL ORDER BY received_unix, id")


def each_waiting(db: Database, at_once: int = 100) -> Iterator[Message]:
    """Yield the mails that wait now to be judged, in order of receipt, few of them in memory."""
    last = db.execute("SELECT max(id) FROM messages").fetchone()[0]
    after = (-sys.float_info.max, 0)
    sql = """SELECT * FROM messages INDEXED BY messages_waiting
             WHERE outcome IS NULL AND id <= ? AND (received_unix, id) > (?, ?)
             ORDER BY received_unix, id LIMIT ?"""
    while found := [_message(row) for row in named(db, sql, (last, *after, at_once))]:
        yield from found
        after = (found[-1].received_at.timestamp(), found[-1].id)


def recent(db: Database, limit: int) -> list[Message]:
    """Return the last `limit` mails kept, the newest first."""
    return _all(db, "1 ORDER BY id DESC LIMIT ?", limit)


def quarantined(db: Database) -> list[Message]:
    """Return the mails nobody could understand and no person has put aside yet, oldest first."""
    return _all(db, "outcome = 'quarantined' AND put_aside IS NULL ORDER BY id")


def quarantined_for(db: Database, reason: str) -> list[Message]:
    """Return those of the quarantined mails that are so for this very reason, oldest first."""
    return _all(db, "outcome = 'quarantined' AND put_aside IS NULL AND reason = ? ORDER BY id", reason)


def describe(
    db: Database,
    message: int,
    *,
    message_id: str | None,
    sender: str | None,
    subject: str | None,
    attachments_digest: str | None,
) -> None:
    """Note what the mail's own headers say of it."""
    texts = [text if text is None else storable(text) for text in (message_id, sender, subject)]
    db.execute(
        "UPDATE messages SET message_id = ?, sender = ?, subject = ?, attachments_digest = ? WHERE id = ?",
        (*texts, attachments_digest, message),
    )


def twin(db: Database, message_id: str | None, attachments_digest: str | None, but: int) -> Message | None:
    """Return the mail, other than `but`, that was judged with this Message-ID and these attachments.

    A mail that waits, was itself a duplicate, or could not be understood is nobody's twin: else two
    copies could each be taken for the copy of the other, and neither be judged.
    """
    return _one(
        db,
        """message_id = ? AND attachments_digest = ? AND id <> ?
           AND outcome IS NOT NULL AND outcome NOT IN ('duplicate', 'quarantined') ORDER BY id""",
        None if message_id is None else storable(message_id),
        attachments_digest,
        but,
    )


def alike(db: Database, mail: Message, attachments_digest: str) -> list[Message]:
    """Return the judged mails of this sender, subject and attachments that may be `mail` itself, the newest first.

    Two that bear each its own Message-ID are two mails; here at least one of the two bears none.
    """
    return _all(
        db,
        """sender = ? AND attachments_digest = ? AND subject IS ? AND (? OR message_id IS NULL) AND id <> ?
           AND outcome IS NOT NULL AND outcome NOT IN ('duplicate', 'quarantined')
           ORDER BY id DESC LIMIT ?""",
        mail.sender,
        attachments_digest,
        mail.subject,
        mail.message_id is None,
        mail.id,
        MOST_ALIKE,
    )


def finish(db: Database, message: int, outcome: MailOutcome, reason: str | None, at: datetime) -> bool:
    """Give a waiting mail its outcome, and say whether it was waiting; a finished one stays finished."""
    done = db.execute(
        "UPDATE messages SET outcome = ?, reason = ?, finished_at = ? WHERE id = ? AND outcome IS NULL",
        (outcome, reason if reason is None else storable(reason), utc(at), message),
    )
    return done.rowcount == 1


def reopen(db: Database, message: int, tries: int = 0) -> bool:
    """Let a quarantined mail wait to be judged again, as if tried so often; say whether it was quarantined."""
    done = db.execute(
        """UPDATE messages SET outcome = NULL, reason = NULL, finished_at = NULL, tries = ?,
                               put_aside = NULL
           WHERE id = ? AND outcome = 'quarantined'""",
        (tries, message),
    )
    return done.rowcount == 1


def mark_secret(db: Database, message: int) -> None:
    """Note that a mail bears a 密级 mark, unless a person has found already that it holds no secret."""
    db.execute("UPDATE messages SET secret = 'marked' WHERE id = ? AND secret IS NULL", (message,))


def clear_secret(db: Database, message: int) -> None:
    """Note that a person found no secret in the mail, whatever marks it bears."""
    db.execute("UPDATE messages SET secret = 'cleared' WHERE id = ?", (message,))


def secrets(db: Database) -> list[Message]:
    """Return the mails that bear a 密级 mark and that nobody cleared, oldest first."""
    return _all(db, "secret = 'marked' ORDER BY id")


def is_cleared(db: Database, message: int) -> bool:
    """Say whether a person found no secret in the mail."""
    row = db.execute("SELECT secret FROM messages WHERE id = ?", (message,)).fetchone()
    return row is not None and row[0] == "cleared"


def put_aside(db: Database, message: int, reason: str) -> bool:
    """Note that staff dealt with a quarantined mail otherwise, and say whether it was one; it stays kept."""
    done = db.execute(
        "UPDATE messages SET put_aside = ? WHERE id = ? AND outcome = 'quarantined' AND put_aside IS NULL",
        (storable(reason), message),
    )
    return done.rowcount == 1


def failed(db: Database, message: int, reason: str) -> int:
    """Note that judging a waiting mail failed, and return how many times it has."""
    db.execute(
        "UPDATE messages SET tries = tries + 1, reason = ? WHERE id = ? AND outcome IS NULL",
        (storable(reason), message),
    )
    row = db.execute("SELECT tries FROM messages WHERE id = ?", (message,)).fetchone()
    return int(row[0]) if row else 0


def known_uids(db: Database, account: str, folder: str, uidvalidity: int) -> set[int]:
    """Return the UIDs of this folder that are kept already."""
    rows = db.execute(
        "SELECT uid FROM positions WHERE account = ? AND folder = ? AND uidvalidity = ?",
        (account, folder, uidvalidity),
    )
    return {int(row[0]) for row in rows}


def answered_by(db: Database, our_message_id: str) -> Message | None:
    """Return the mail that our letter with this Message-ID answered, if we wrote it and answered one."""
    return _one(
        db,
        "message_id = (SELECT in_reply_to FROM outbox WHERE message_id = ?) ORDER BY id",
        our_message_id,
    )


def _place(db: Database, message: int, position: Position) -> None:
    db.execute(
        """INSERT INTO positions (account, folder, uidvalidity, uid, message) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (account, folder, uidvalidity, uid) DO UPDATE SET message = excluded.message""",
        (position.account, position.folder, position.uidvalidity, position.uid, message),
    )


def _one(db: Database, where: str, *values: object) -> Message | None:
    return next(iter(_all(db, f"{where} LIMIT 1", *values)), None)


def _all(db: Database, where: str, *values: object) -> list[Message]:
    return [_message(row) for row in named(db, f"SELECT * FROM messages WHERE {where}", values)]  # noqa: S608 - words of our own


def _message(row: dict[str, Any]) -> Message:
    return Message(
        id=row["id"],
        sha256=row["sha256"],
        size=row["size"],
        door=Door(row["door"]),
        origin=row["origin"],
        received_at=moment(row["received_at"]),
        clock=Clock(row["clock"]),
        outcome=None if row["outcome"] is None else MailOutcome(row["outcome"]),
        reason=row["reason"],
        tries=row["tries"],
        message_id=row["message_id"],
        sender=row["sender"],
        subject=row["subject"],
    )
