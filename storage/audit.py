"""Who did what to which application and why; lines are added and never changed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlite_utils import Database

from storage.columns import moment, named, utc
from storage.model import Event


def record(
    db: Database,
    *,
    at: datetime,
    actor: str,
    event: str,
    receipt: str | None = None,
    message: int | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Add a line: `actor` is a person's name or a part of the program, `event` an English code."""
    db.execute(
        "INSERT INTO audit (at, actor, event, receipt, message, detail) VALUES (?, ?, ?, ?, ?, ?)",
        (utc(at), actor, event, receipt, message, msgspec.json.encode(detail or {}).decode()),
    )


def history(db: Database, receipt: str) -> list[Event]:
    """Return what happened to the application, the first thing first."""
    return [_event(row) for row in named(db, "SELECT * FROM audit WHERE receipt = ? ORDER BY id", (receipt,))]


def since(db: Database, after: int) -> list[Event]:
    """Return the lines added after the one with the id `after`, the first one first."""
    return [_event(row) for row in named(db, "SELECT * FROM audit WHERE id > ? ORDER BY id", (after,))]


def of_events(db: Database, after: int, events: Iterable[str], limit: int) -> list[Event]:
    """Return the first `limit` lines of these `events` added after the one with the id `after`, in order."""
    # The plus keeps it to the ids: by the events' own index all that ever happened would be looked through.
    wanted = "id > ? AND +event IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?"
    values = (after, msgspec.json.encode(sorted(events)).decode(), limit)
    return [_event(row) for row in db["audit"].rows_where(wanted, values)]


def last_about(db: Database, letter: int, events: Iterable[str]) -> Event | None:
    """Return the last line of these `events` about a letter of ours."""
    wanted = """event IN (SELECT value FROM json_each(?)) AND detail ->> '$.letter' = ?
                ORDER BY id DESC LIMIT 1"""
    values = (msgspec.json.encode(sorted(events)).decode(), letter)
    return next(map(_event, db["audit"].rows_where(wanted, values)), None)


def count_since(db: Database, event: str, since: datetime) -> int:
    """Return how many lines of `event` were added since then."""
    sql = "SELECT count(*) FROM audit WHERE event = ? AND at >= ?"
    return int(db.execute(sql, (event, utc(since))).fetchone()[0])


def told(db: Database, event: str, key: str) -> bool:
    """Say whether there is a line of `event` with this `key` in its detail."""
    sql = "SELECT 1 FROM audit WHERE event = ? AND detail ->> '$.key' = ? LIMIT 1"
    return db.execute(sql, (event, key)).fetchone() is not None


def _event(row: dict[str, Any]) -> Event:
    return Event(
        id=row["id"],
        at=moment(row["at"]),
        actor=row["actor"],
        event=row["event"],
        receipt=row["receipt"],
        message=row["message"],
        detail=msgspec.json.decode(row["detail"], type=dict[str, object]),
    )
