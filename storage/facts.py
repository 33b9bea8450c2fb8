"""What was read in each file, kept under its digest and the parsers' version: nothing is read twice."""

from datetime import datetime

from sqlite_utils import Database

from storage.columns import utc


def get(db: Database, sha256: str, parsers: str) -> str | None:
    """Return the facts, as JSON, that these parsers read in these bytes; None if they never did."""
    row = db.execute("SELECT facts FROM facts WHERE sha256 = ? AND parsers = ?", (sha256, parsers)).fetchone()
    return None if row is None else str(row[0])


def put(db: Database, sha256: str, parsers: str, facts: str, at: datetime) -> None:
    """Keep the facts; what is kept already stays, since the same parsers read the same bytes alike."""
    db.execute(
        """INSERT INTO facts (sha256, parsers, facts, read_at) VALUES (?, ?, ?, ?)
           ON CONFLICT (sha256, parsers) DO NOTHING""",
        (sha256, parsers, facts, utc(at)),
    )
