"""Finding applications by any words of theirs; two Han characters are enough, and so is one.

SQLite's own tokenizers find nothing for 谯城, so each run of Han characters is kept as its pairs of
neighbours (`谯城 城区 区`; the last stands alone), and looked up as a phrase of pairs.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby

from sqlite_utils import Database

_RUNS = 32
_LETTERS = 64
_RANKED = 1000


def index(db: Database, receipt: str, texts: Iterable[str | None]) -> None:
    """Make the application findable by the words of `texts`, and by these only."""
    grams = " ".join(gram for text in texts if text for run in runs(text) for gram in _grams(run))
    (number,) = db.execute("SELECT id FROM applications WHERE receipt = ?", (receipt,)).fetchone()
    db.execute("INSERT OR REPLACE INTO search (rowid, grams) VALUES (?, ?)", (number, grams))


def find(db: Database, text: str, limit: int = 50) -> list[str]:
    """Return the receipts of up to `limit` applications that hold every word of `text`, best first.

    Of more than can be ranked at once, the earliest.
    """
    wanted = " AND ".join(_phrase(run[:_LETTERS]) for run in list(runs(text))[:_RUNS])
    if not wanted:
        return []
    rows = db.execute("SELECT rowid FROM search WHERE grams MATCH ? LIMIT ?", (wanted, _RANKED + 1))
    those = [row[0] for row in rows]
    if len(those) > _RANKED:
        marks = ", ".join("?" for _ in those[:limit])
        sql = f"SELECT receipt FROM applications WHERE id IN ({marks}) ORDER BY id"  # noqa: S608 - question marks
        return [str(row[0]) for row in db.execute(sql, those[:limit])]
    rows = db.execute(
        """SELECT receipt FROM search JOIN applications ON applications.id = search.rowid
           WHERE search.grams MATCH ? ORDER BY search.rank, applications.id LIMIT ?""",
        (wanted, limit),
    )
    return [str(row[0]) for row in rows]


def runs(text: str) -> Iterator[str]:
    """Yield the runs of ASCII letters and digits, and of all other letters, that `text` is made of."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    for kind, letters in groupby(folded, _kind):
        if kind:
            yield "".join(letters)


def _kind(letter: str) -> str:
    """Return what run `letter` belongs to, empty for what only separates."""
    if letter.isascii():
        return "ascii" if letter.isalnum() else ""
    # Private use (Co) and unassigned (Cn) too: rare characters of people's names stand there.
    category = unicodedata.category(letter)
    return "wide" if category[0] in "LNM" or category in {"Co", "Cn"} else ""


def _grams(run: str) -> list[str]:
    if run.isascii():
        return [run]
    return [run[start : start + 2] for start in range(len(run))]


def _phrase(run: str) -> str:
    """Return the FTS5 query for `run`: pairs in this order, or whatever begins so."""
    grams = _grams(run)
    if len(grams) == 1:
        return f'"{run}" *'
    return '"' + " ".join(grams[:-1]) + '"'
