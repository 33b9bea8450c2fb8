"""Cells of a form that a page break has cut: the rest on the next page is given its label again."""

from collections.abc import Sequence

import msgspec

from parsers.cells import Cell
from parsers.form_labels import field_of

_BEFORE = {
    "recommendation": "主要情况",
    "county_opinion": "单位推荐意见",
    "city_opinion": "县区委网信办、县文明办审核意见",
}
"""What stands above each of these cells on the form."""


def carried(tables: Sequence[Sequence[Cell]]) -> list[tuple[Cell, ...]]:
    """Return `tables` with a label in the empty cell that begins one, where its text goes on from the page before."""
    return [_with_label(tuple(table)) for table in tables]


def _with_label(table: tuple[Cell, ...]) -> tuple[Cell, ...]:
    if len(table) < 2:
        return table
    first, second = table[:2]
    rest = not first.text.strip() and second.text.strip() and second.row == first.row
    labels = (field_of(cell.text, fuzzy=True) for cell in table[2:])
    label = _BEFORE.get(next(filter(None, labels), ""))
    if not rest or label is None:
        return table
    return (msgspec.structs.replace(first, text=label), *table[1:])
