"""Our letters: queued with the judgement they tell of, delivered once, each step on record."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlite_utils import Database

from storage.columns import moment, named, utc
from storage.model import Letter, LetterKind, LetterState

_TO = "lower(addressees ->> 0) = lower(?1)"  # every letter has one addressee

FURTHEST = timedelta(days=2)
DROPPED = "已由{by}撤下，不再发送"


def queue(db: Database, letter: Letter) -> bool:
    """Queue `letter` once, and say whether it is new; what was answered already stays answered."""
    done = db.execute(
        """INSERT INTO outbox (kind, receipts, cause, message_id, in_reply_to, refs, addressees,
                               subject, body, state, created_at, due_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, receipts, cause) DO NOTHING""",
        (
            letter.kind,
            _json(letter.receipts),
            letter.cause,
            letter.message_id,
            letter.in_reply_to,
            _json(letter.references),
            _json(letter.to),
            letter.subject,
            letter.body,
            letter.state,
            utc(letter.created_at),
            utc(letter.due_at),
        ),
    )
    return done.rowcount == 1


def due(db: Database, now: datetime, limit: int) -> list[Letter]:
    """Return up to `limit` letters to send now: corrections and rejections first, then the oldest.

    None is put off by more than hours, so one due later than `FURTHEST` was written while the clock was wrong.
    """
    wanted = "state = 'queued' AND (due_at <= ? OR due_at > ?) ORDER BY urgency, id LIMIT ?"
    return _all(db, wanted, utc(now), utc(now + FURTHEST), limit)


def every(db: Database) -> list[Letter]:
    """Return all letters in order of creation."""
    return _all(db, "1 ORDER BY id")


def about(db: Database, receipt: str, since: datetime) -> list[Letter]:
    """Return the letters written about this application since then, in order of creation."""
    about = "id IN (SELECT letter FROM letters_about WHERE receipt = ?)"
    # The plus keeps SQLite from looking through all that were written since instead.
    return _all(db, f"{about} AND +created_at >= ? ORDER BY id", receipt, utc(since))


def waiting(db: Database, limit: int) -> list[Letter]:
    """Return up to `limit` letters that wait for a person: drafts, held ones, those of doubtful delivery."""
    return _all(db, "state IN ('draft', 'held', 'uncertain') ORDER BY id LIMIT ?", limit)


def drafted(db: Database, receipt: str, kind: LetterKind) -> bool:
    """Say whether a letter of this kind about the application waits for a person to let it go."""
    about = "EXISTS (SELECT 1 FROM json_each(receipts) WHERE value = ?)"
    return bool(_all(db, f"state = 'draft' AND kind = ? AND {about} LIMIT 1", kind, receipt))


def get(db: Database, key: int | str) -> Letter | None:
    """Return the letter of this id, or of this Message-ID with or without its angle brackets."""
    if isinstance(key, int) or key.isdecimal():
        found = _all(db, "id = ?", int(key))
    else:
        found = _all(db, "message_id IN (?, ?)", key, f"<{key}>")
    return next(iter(found), None)


def sending(db: Database, letter: int, at: datetime) -> bool:
    """Take a queued letter to deliver it now; false if another did or it is not queued any more."""
    return _move(
        db, letter, ("queued",), "state = 'sending', tries = tries + 1, error = NULL, tried_at = ?", utc(at)
    )


def sent(db: Database, letter: int, at: datetime) -> bool:
    """Note that the server took the letter."""
    return _move(db, letter, ("sending", "uncertain"), "state = 'sent', sent_at = ?, error = NULL", utc(at))


def retry(db: Database, letter: int, error: str, due_at: datetime) -> bool:
    """Queue the letter again for `due_at`, since the server surely did not take it this time."""
    return _move(db, letter, ("sending",), "state = 'queued', error = ?, due_at = ?", error, utc(due_at))


def fail(db: Database, letter: int, error: str) -> bool:
    """Give the letter up: the server refuses it for good, and staff see it."""
    return _move(db, letter, ("queued", "sending"), "state = 'failed', error = ?", error)


def uncertain(db: Database, letter: int, error: str) -> bool:
    """Note that nobody knows whether the server took the letter; it is not sent again blindly."""
    return _move(db, letter, ("sending",), "state = 'uncertain', error = ?", error)


def bounced(db: Database, letter: int, error: str) -> bool:
    """Note that a letter which the server had taken came back."""
    return _move(db, letter, ("sending", "sent", "uncertain"), "state = 'failed', error = ?", error)


def hold_for(db: Database, address: str, error: str) -> int:
    """Hold for a person what is queued for `address`, and return how many letters that is."""
    sql = f"UPDATE outbox SET state = 'held', error = ?2 WHERE state = 'queued' AND {_TO}"  # noqa: S608 - our own words
    return int(db.execute(sql, (address.strip(), error)).rowcount)


def last_sent_to(db: Database, address: str) -> Letter | None:
    """Return the last letter to `address` that a server took, or may have taken."""
    where = f"state IN ('sent', 'uncertain') AND {_TO} ORDER BY tried_at DESC, id DESC LIMIT 1"
    return next(iter(_all(db, where, address.strip())), None)


def is_dead(db: Database, address: str) -> bool:
    """Say whether a letter to `address` bounced for good, and none went there since.

    Nothing goes there by itself, so one that went was released by a person.
    """
    sql = f"""SELECT 1 FROM audit WHERE event = 'bounced' AND detail ->> '$.permanent'
              AND lower(detail ->> '$.to') = lower(?1)
              AND at >= coalesce((SELECT max(sent_at) FROM outbox WHERE {_TO} AND state = 'sent'), '') LIMIT 1"""  # noqa: S608 - our own words
    return db.execute(sql, (address.strip(),)).fetchone() is not None


def recover(db: Database) -> int:
    """Mark what was being sent when the program ended as uncertain, and return how many those are.

    To be called once at the start, before the one sender of the store begins.
    """
    return doubt(db, "发送过程中程序中断，不知对方是否已收到", (LetterState.SENDING,))


def doubt(
    db: Database, error: str, states: tuple[LetterState, ...] = (LetterState.QUEUED, LetterState.SENDING)
) -> int:
    """Leave to a person whether letters that were about to go have gone; return how many those are."""
    marks = ", ".join("?" for _ in states)
    sql = f"UPDATE outbox SET state = 'uncertain', error = ? WHERE state IN ({marks})"  # noqa: S608 - words of our own
    return int(db.execute(sql, (error, *states)).rowcount)


def release(db: Database, letter: int, at: datetime) -> bool:
    """Let a letter that waits for a person, or was given up, be sent now."""
    states = ("draft", "held", "failed", "uncertain")
    return _move(db, letter, states, "state = 'queued', error = NULL, due_at = ?", utc(at))


def drop(db: Database, letter: int, by: str = "工作人员") -> bool:
    """Take back a letter that is not on its way; its record stays, as failed, with who did it."""
    states = ("draft", "held", "queued", "failed", "uncertain")
    return _move(db, letter, states, "state = 'failed', error = ?", DROPPED.format(by=by))


def restore(db: Database, letter: int, state: LetterState) -> bool:
    """Bring a letter that was released or taken back to the `state` it waited in, unless it is on its way."""
    return _move(db, letter, ("queued", "failed"), "state = ?, error = NULL", state)


def rewrite(db: Database, letter: int, body: str) -> bool:
    """Give a letter that waits for a person another text, and say whether it was waiting."""
    return _move(db, letter, ("draft", "held"), "body = ?", body)


def sent_since(db: Database, since: datetime) -> int:
    """Return how many letters were handed to the server since then, the uncertain ones included."""
    sql = "SELECT count(*) FROM outbox WHERE tried_at >= ? AND state IN ('sending', 'sent', 'uncertain')"
    return int(db.execute(sql, (utc(since),)).fetchone()[0])


def sent_to_since(db: Database, address: str, since: datetime, kind: LetterKind | None = None) -> int:
    """Return how many letters to `address`, of `kind` or any, were written since then and are sent or will be."""
    sql = f"""SELECT count(*) FROM outbox WHERE {_TO} AND created_at >= ?2 AND coalesce(?3, kind) = kind
              AND state IN ('queued', 'sending', 'sent', 'uncertain')"""  # noqa: S608 - our own words
    return int(db.execute(sql, (address.strip(), utc(since), kind)).fetchone()[0])


def answered(db: Database) -> frozenset[str]:
    """Return the receipts of all applications that a letter of ours is about, drafts included."""
    rows = db.execute("SELECT DISTINCT value FROM outbox, json_each(outbox.receipts)")
    return frozenset(str(row[0]) for row in rows)


def astray(db: Database) -> int:
    """Return how many letters were refused or came back; those taken back or erased are none."""
    sql = "SELECT count(*) FROM outbox WHERE state = 'failed' AND error NOT LIKE ? AND addressees <> '[]'"
    return int(db.execute(sql, (DROPPED.format(by="%"),)).fetchone()[0])


def counts(db: Database) -> dict[LetterState, int]:
    """Return how many letters are in each state, the states without any included."""
    counted = dict(db.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall())
    return {state: int(counted.get(state.value, 0)) for state in LetterState}


def _move(db: Database, letter: int, states: tuple[str, ...], change: str, *values: object) -> bool:
    """Make `change` to the letter if it is in one of `states`, and say whether it was."""
    marks = ", ".join("?" for _ in states)
    sql = f"UPDATE outbox SET {change} WHERE id = ? AND state IN ({marks})"  # noqa: S608 - words of our own
    return bool(db.execute(sql, (*values, letter, *states)).rowcount)


def _json(texts: tuple[str, ...]) -> str:
    return msgspec.json.encode(texts).decode()


def _all(db: Database, where: str, *values: object) -> list[Letter]:
    return [_letter(row) for row in named(db, f"SELECT * FROM outbox WHERE {where}", values)]  # noqa: S608 - words of our own


def _letter(row: dict[str, Any]) -> Letter:
    texts = tuple[str, ...]
    return Letter(
        id=row["id"],
        kind=LetterKind(row["kind"]),
        receipts=msgspec.json.decode(row["receipts"], type=texts),
        cause=row["cause"],
        to=msgspec.json.decode(row["addressees"], type=texts),
        subject=row["subject"],
        body=row["body"],
        message_id=row["message_id"],
        in_reply_to=row["in_reply_to"],
        references=msgspec.json.decode(row["refs"], type=texts),
        state=LetterState(row["state"]),
        created_at=moment(row["created_at"]),
        due_at=moment(row["due_at"]),
        tries=row["tries"],
        error=row["error"],
        sent_at=None if row["sent_at"] is None else moment(row["sent_at"]),
    )
