"""Which documents are whose: surely an application's, perhaps, or no more, as staff said."""

from collections.abc import Collection, Iterable

from sqlite_utils import Database

from storage.model import Noun


def add(db: Database, receipt: str, documents: Iterable[int], version: int) -> None:
    """Let `documents` be the application's, brought by `version`; what was in doubt or disowned is again."""
    for document in documents:
        db.execute(
            """INSERT INTO holdings (receipt, document, version) VALUES (?, ?, ?)
               ON CONFLICT (receipt, document) DO UPDATE
               SET version = excluded.version, belongs = 'yes' WHERE belongs <> 'yes'""",
            (receipt, document, version),
        )


def doubt(db: Database, receipt: str, documents: Iterable[int]) -> None:
    """Note that `documents` of the application may be another's."""
    _mark(db, receipt, documents, "unsure")


def disown(db: Database, receipt: str, documents: Iterable[int]) -> None:
    """Let `documents` count for the application no more."""
    _mark(db, receipt, documents, "no")


class Doubt(Noun, frozen=True, kw_only=True):
    """A document that may be this application's, which holds it since that version."""

    receipt: str
    document: int
    version: int
    sha256: str


def in_doubt(db: Database, digests: Collection[str]) -> list[Doubt]:
    """Return who may be the owner of files with these SHA-256s."""
    marks = ", ".join("?" for _ in digests)
    rows = db.execute(
        f"""SELECT receipt, document, holdings.version, sha256 FROM holdings JOIN documents ON documents.id = document
            WHERE belongs = 'unsure' AND sha256 IN ({marks}) ORDER BY receipt, document""",  # noqa: S608 - question marks
        tuple(digests),
    )
    return [Doubt(receipt=row[0], document=row[1], version=row[2], sha256=row[3]) for row in rows]


def reopen(db: Database, doubt: Doubt) -> None:
    """Let it be in doubt again whose the document is, as it was."""
    db.execute(
        "UPDATE holdings SET belongs = 'unsure', version = ? WHERE receipt = ? AND document = ?",
        (doubt.version, doubt.receipt, doubt.document),
    )


def of_names(db: Database, receipt: str, names: Collection[str]) -> list[int]:
    """Return the ids of the application's documents of these names."""
    rows = db.execute(
        "SELECT document, file FROM holdings JOIN documents ON documents.id = document WHERE receipt = ?",
        (receipt,),
    )
    return [int(document) for document, file in rows if file in names]


def message_of(db: Database, receipt: str, sha256: str) -> int | None:
    """Return the mail that brought this file of the application; None for one that staff brought."""
    row = db.execute(
        """SELECT message FROM holdings JOIN documents ON documents.id = document
           WHERE receipt = ? AND sha256 = ? ORDER BY document DESC LIMIT 1""",
        (receipt, sha256),
    ).fetchone()
    return row[0] if row else None


def _mark(db: Database, receipt: str, documents: Iterable[int], belongs: str) -> None:
    for document in documents:
        db.execute(
            "UPDATE holdings SET belongs = ? WHERE receipt = ? AND document = ?", (belongs, receipt, document)
        )
