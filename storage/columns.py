"""How values stand in the columns of the store."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database


def utc(moment: datetime) -> str:
    """Return `moment` in UTC as ISO 8601 of one width, so that texts sort as times do.

    Raises ValueError for a moment without a time zone.
    """
    return _aware(moment).astimezone(UTC).isoformat(timespec="microseconds")


def as_given(moment: datetime) -> str:
    """Return `moment` as ISO 8601 in its own time zone; raises ValueError if it has none."""
    return _aware(moment).isoformat()


def named(db: Database, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[dict[str, Any]]:
    """Return the rows of a query by the names of their columns."""
    found = db.execute(sql, values)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found]


def moment(text: str) -> datetime:
    """Return the moment that `utc` or `as_given` wrote."""
    return datetime.fromisoformat(text)


def storable(text: str) -> str:
    """Return `text` with what no database can hold (lone surrogates, NUL) shown escaped.

    File names in GBK on a UTF-8 system reach a program as lone surrogates.
    """
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _aware(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError(f"a moment without a time zone: {moment.isoformat()}")
    return moment
