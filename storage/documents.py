"""The files of the mails, in the mail's order, containers and their members alike."""

from collections.abc import Sequence

from sqlite_utils import Database

from storage.columns import named, storable
from storage.model import Document, DocumentType, Noun


def add(db: Database, message: int | None, files: Sequence[tuple[str, str, str]]) -> list[int]:
    """Add `files` (file, type, SHA-256) behind those of the message; return their ids in order.

    `message` is None for files that staff brought by hand.
    """
    (count,) = db.execute("SELECT count(*) FROM documents WHERE message IS ?", (message,)).fetchone()
    return [_insert(db, message, count + offset, entry) for offset, entry in enumerate(files)]


def of_message(db: Database, message: int) -> list[tuple[int, Document]]:
    """Return the files of the message with their ids, in the mail's order."""
    rows = named(db, "SELECT * FROM documents WHERE message = ? ORDER BY position", (message,))
    return [
        (row["id"], Document(file=row["file"], type=DocumentType(row["type"]), sha256=row["sha256"]))
        for row in rows
    ]


class Held(Noun, frozen=True, kw_only=True):
    """A kept file, the mail that brought it, and the application that has it, where one does."""

    sha256: str
    message: int | None
    receipt: str | None


def of_links(db: Database) -> list[Held]:
    """Return the files that stand for a cloud link (`….链接.txt`), those of withdrawn applications left out."""
    rows = db.execute(
        """SELECT DISTINCT documents.sha256, documents.message, holdings.receipt FROM documents
           LEFT JOIN holdings ON holdings.document = documents.id
           LEFT JOIN applications USING (receipt)
           WHERE substr(file, -7) = '.链接.txt' AND coalesce(state, '') <> 'withdrawn' ORDER BY documents.id"""
    )
    return [Held(sha256=sha256, message=message, receipt=receipt) for sha256, message, receipt in rows]


def _insert(db: Database, message: int | None, position: int, entry: tuple[str, str, str]) -> int:
    file, kind, sha256 = entry
    row = db.execute(
        "INSERT INTO documents (message, position, file, type, sha256) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (message, position, storable(file), DocumentType(kind), sha256),
    ).fetchone()
    return int(row[0])
