"""The 申报表 found by its labels, in tables or in typed lines, never by position."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from parsers import form_labels
from parsers.cells import Cell, Grid, Piece, Table, pieces, value
from parsers.documents import FREE_TEXTS, Form
from parsers.filled import fill
from parsers.lexicon import mend

__all__ = ["Cell", "Found", "Table", "find_forms", "forms_from_tables", "from_tables", "from_text"]

_OURS = FREE_TEXTS | {"category"}  # what a list of contacts or a certificate does not ask for
_ONCE = ("name", "identifier", "organizer", "mobile", "email")
_ENOUGH_LABELS = 5
_ENOUGH_TYPED = 4
_ENOUGH_OPINIONS = 2
_LARGEST_TABLE = 4000  # cells


class Found(NamedTuple):
    """A form and the indexes of the tables it stands in."""

    form: Form
    tables: frozenset[int]


class _Section(NamedTuple):
    table: int
    pieces: list[Piece]

    @property
    def keys(self) -> frozenset[str]:
        return _keys(self.pieces)


def from_tables(
    tables: Sequence[Sequence[Cell]], *, lexicon: Sequence[str] = (), scanned: bool = False
) -> Form | None:
    """Return the first 申报表 in `tables` (document order), or None where there is none."""
    return next(iter(forms_from_tables(tables, lexicon=lexicon, scanned=scanned)), None)


def forms_from_tables(
    tables: Sequence[Sequence[Cell]], *, lexicon: Sequence[str] = (), scanned: bool = False
) -> list[Form]:
    """Return every 申报表 in `tables`, in their order."""
    return [found.form for found in find_forms(tables, lexicon=lexicon, scanned=scanned)]


def find_forms(
    tables: Sequence[Sequence[Cell]], *, lexicon: Sequence[str] = (), scanned: bool = False
) -> list[Found]:
    """Return every 申报表 in `tables` with the tables each takes; one may run through several tables.

    `lexicon` holds names that a recogniser's near misses are mended to; only used when `scanned`.
    """
    sections: list[_Section] = []
    for index, table in enumerate(tables):
        if len(table) <= _LARGEST_TABLE:
            cells = [_mended(cell, lexicon) for cell in table] if scanned else table
            sections.extend(_sections(index, pieces(Grid(cells, fuzzy=scanned))))
    return [
        Found(
            fill([piece for section in group for piece in section.pieces], scanned=scanned),
            frozenset(section.table for section in group),
        )
        for group in _groups(sections)
        if _is_form(_keys([piece for section in group for piece in section.pieces]))
    ]


def continuation(tables: Sequence[Sequence[Cell]]) -> Form | None:
    """Return what recognised `tables` hold of a form that began on a page elsewhere: opinions and long texts."""
    mended = [[_mended(cell, ()) for cell in table] for table in tables]
    found = [piece for table in mended for piece in pieces(Grid(table, fuzzy=True))]
    keys = _keys(found)
    if keys & frozenset(_ONCE) or len(keys & FREE_TEXTS) < _ENOUGH_OPINIONS:
        return None
    return msgspec.structs.replace(fill(found, scanned=True), continues=True)


def from_text(text: str) -> Form | None:
    """Return the form typed into `text` as lines of label and value, or None where there are too few labels."""
    typed = _typed(text)
    keys = _keys(typed)
    telling = keys & (_OURS | {"name", "identifier", "organizer", "icp_number"})
    if not keys & {"name", "identifier"} or len(keys) < _ENOUGH_TYPED or len(telling) < 3:
        return None
    return fill(typed)


def _keys(found: Sequence[Piece]) -> frozenset[str]:
    return frozenset(part for piece in found for part in piece.key.split("+"))


def _is_form(keys: frozenset[str]) -> bool:
    return len(keys) >= _ENOUGH_LABELS and bool(keys & {"name", "identifier"}) and bool(keys & _OURS)


def _mended(cell: Cell, lexicon: Sequence[str]) -> Cell:
    text = mend(cell.text)
    for term in lexicon:
        text = _nearly(text, term)
    return cell if text == cell.text else msgspec.structs.replace(cell, text=text)


def _nearly(text: str, term: str) -> str:
    """Return `text` with what differs from `term` in one character of four or more put right."""
    size = len(term)
    for start in range(len(text) - size + 1 if size >= 4 else 0):
        window = text[start : start + size]
        if sum(one != other for one, other in zip(window, term, strict=True)) == 1:
            text = text[:start] + term + text[start + size :]
    return text


def _sections(table: int, found: list[Piece]) -> list[_Section]:
    """Cut a table that holds several forms where the fields asked for once are asked for again."""
    if _is_list(found):
        return []
    again = []
    for key in _ONCE:
        rows = sorted({piece.row for piece in found if piece.key == key})
        again.append(rows[1:])
    repeated = [rows[0] for rows in again if rows]
    if len(repeated) < 3:
        return [_Section(table, found)] if found else []
    cut = min(repeated)
    head = [piece for piece in found if piece.row < cut]
    return [_Section(table, head), *_sections(table, [piece for piece in found if piece.row >= cut])]


def _is_list(found: Sequence[Piece]) -> bool:
    """Tell whether the labels are the head of a list (汇总表): all of them in one row."""
    return len(found) >= 4 and len({piece.label_row for piece in found}) == 1


def _groups(sections: Sequence[_Section]) -> list[list[_Section]]:
    """Put together the sections of one form: each adds fields, one that repeats them begins another."""
    groups: list[list[_Section]] = []
    have: frozenset[str] = frozenset()
    for section in sections:
        repeats = len(section.keys & have & (frozenset(_ONCE) | _OURS))
        if not groups or (repeats >= 3 and _is_form(section.keys)) or (repeats >= 3 and not _is_form(have)):
            groups.append([section])
            have = section.keys
        elif section.keys & (_OURS | frozenset(_ONCE)) - have or len(section.keys - have) >= 2:
            groups[-1].append(section)
            have |= section.keys
    return groups


def _typed(text: str) -> list[Piece]:
    marks: list[form_labels.Inline] = []
    for mark in form_labels.inline(text):
        inside = bool(marks) and marks[-1].key in FREE_TEXTS
        if not (inside and mark.key != "summary" and mark.key in {one.key for one in marks}):
            marks.append(mark)
    ends = [*(mark.start for mark in marks), len(text)][1:]
    return [
        _piece(mark.key, text[mark.end : end], index)
        for index, (mark, end) in enumerate(zip(marks, ends, strict=True))
    ]


def _piece(key: str, text: str, row: int) -> Piece:
    if key not in FREE_TEXTS and key != "category":
        lines = text.split("\n")
        size = 2 if "address" in key else 1
        first = 0 if lines[0].strip() else 1
        text = value(key, "\n".join(lines[first : first + size]))
    return Piece(key, text, row, row, Cell(text=text, row=row, column=0))
