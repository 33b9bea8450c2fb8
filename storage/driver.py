"""The SQLite driver that sqlite-utils chose: pysqlite3 where installed, Python's own elsewhere."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    from sqlite_utils.utils import sqlite3

__all__ = ["sqlite3"]
