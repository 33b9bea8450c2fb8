"""Spreadsheets (xlsx): some units type the form into one; any other table is only kept."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from parsers.cells import Cell, Table
from parsers.documents import Facts, Other, Part, Unreadable
from parsers.form import find_forms
from parsers.office.ooxml import Package
from parsers.office.wordrun import attribute, child, local
from parsers.refusal import Refused

MOST_CELLS = 5_000  # of a sheet; the form has eighty
MOST_SHEETS = 20
_SHEET = re.compile(r"(?:^|/)worksheets/[^/]+\.xml$")
_SHARED = re.compile(r"(?:^|/)sharedStrings\.xml$")
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_SPAN = re.compile(rf"{_PLACE.pattern}:{_PLACE.pattern}")
_Place = tuple[int, int]


def read_xlsx(data: bytes) -> Facts:
    """Return the forms that a spreadsheet holds; one without is understood and none of the material."""
    try:
        return Facts(reader="xlsx", parts=_parts(Package(data)))
    except Refused as refused:
        return Facts(reader="xlsx", parts=(Unreadable(why=refused.why, note=refused.note),))


def _parts(package: Package) -> tuple[Part, ...]:
    names = [name for name in package.targets(package.main).values() if name in package]
    shared = [_text(item) for name in names if _SHARED.search(name) for item in package.xml(name)]
    sheets = [name for name in names if _SHEET.search(name)][:MOST_SHEETS]
    found = find_forms([_table(package.xml(name), shared) for name in sheets])
    return tuple(one.form for one in found) or (Other(note="电子表格"),)


def _table(sheet: etree._Element, shared: Sequence[str]) -> Table:
    """Return the cells of `sheet` that hold text or are merged."""
    spans = dict(itertools.islice(_spans(sheet), MOST_CELLS))
    texts = dict(itertools.islice(_texts(sheet, shared), MOST_CELLS))
    return tuple(_cell(place, texts, spans) for place in sorted({*texts, *spans}))


def _cell(place: _Place, texts: Mapping[_Place, str], spans: Mapping[_Place, _Place]) -> Cell:
    rowspan, colspan = spans.get(place, (1, 1))
    return Cell(text=texts.get(place, ""), row=place[0], column=place[1], rowspan=rowspan, colspan=colspan)


def _texts(sheet: etree._Element, shared: Sequence[str]) -> Iterator[tuple[_Place, str]]:
    for cell in sheet.iter("{*}c"):
        place = _PLACE.fullmatch(attribute(cell, "r") or "")
        if place and (text := _value(cell, shared).strip()):
            yield _place(*place.groups()), text


def _value(cell: etree._Element, shared: Sequence[str]) -> str:
    if (inline := child(cell, "is")) is not None:
        return _text(inline)
    value = child(cell, "v")
    text = str(value.text or "") if value is not None else ""
    if attribute(cell, "t") != "s":
        return text
    return shared[int(text)] if text.isdecimal() and int(text[:9]) < len(shared) else ""


def _text(item: etree._Element) -> str:
    """Return the text of a string, its runs joined, without the reading aids of East Asian text."""
    return "".join(
        str(each.text or "")
        for each in item.iter("{*}t")
        if not any(local(above) == "rPh" for above in each.iterancestors())
    )


def _spans(sheet: etree._Element) -> Iterator[tuple[_Place, _Place]]:
    """Yield the place of each merged cell with its rows and columns."""
    for merged in sheet.iter("{*}mergeCell"):
        if found := _SPAN.fullmatch(attribute(merged, "ref") or ""):
            left, top, right, bottom = found.groups()
            first, last = _place(left, top), _place(right, bottom)
            yield first, (max(1, last[0] - first[0] + 1), max(1, last[1] - first[1] + 1))


def _place(letters: str, number: str) -> _Place:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(number) - 1, column - 1
