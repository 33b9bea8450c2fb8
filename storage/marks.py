"""Small facts about the running service, by name, such as its last good look at the mailbox."""

from datetime import datetime

from sqlite_utils import Database

from storage.columns import moment, utc
from storage.model import Noun


class Mark(Noun, frozen=True, kw_only=True):
    value: str
    at: datetime


def set(db: Database, name: str, value: str, at: datetime) -> None:  # noqa: A001 - read as marks.set
    """Note `value` under `name` in place of what stood there."""
    db.execute(
        """INSERT INTO marks (name, value, at) VALUES (?, ?, ?)
           ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at""",
        (name, value, utc(at)),
    )


def get(db: Database, name: str) -> Mark | None:
    """Return what was last noted under `name` and when."""
    row = db.execute("SELECT value, at FROM marks WHERE name = ?", (name,)).fetchone()
    return None if row is None else Mark(value=row[0], at=moment(row[1]))
