"""The blocks of a Word document in reading order: paragraphs, and tables as cells on a grid."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from lxml import etree

from parsers.cells import Cell
from parsers.documents import Why
from parsers.flow import Block, Paragraph, Tabular, as_lines, has_labels
from parsers.office.wordrun import Inline, attribute, child, control_state, is_on, local, shown_children
from parsers.refusal import Refused

MAX_SPAN = 63  # columns of a table in Word
MAX_CELLS = 100_000


def blocks(container: etree._Element) -> list[Block]:
    """Return what `container` shows; raises `Refused` for a table beyond what Word can make."""
    found: list[Block] = []
    open_text = ""
    open_pictures: tuple[str, ...] = ()
    for element in shown_children(container):
        name = local(element)
        if name == "tbl":
            found.extend(_table(element))
        elif name == "sdt":
            found.append(Paragraph(control_state(element) or ""))
        elif name == "p":
            inline = Inline(element)
            text, pictures = open_text + inline.text, (*open_pictures, *inline.pictures)
            if _runs_on(element):
                open_text, open_pictures = text, pictures
                continue
            open_text, open_pictures = "", ()
            found.append(Paragraph(text, pictures))
            for box in inline.boxes:
                found.extend(blocks(box))
    if open_text or open_pictures:
        found.append(Paragraph(open_text, open_pictures))
    return found


def _runs_on(paragraph: etree._Element) -> bool:
    """Tell whether the mark at the end of `paragraph` is deleted, so that the next one continues it."""
    mark = child(paragraph, "pPr", "rPr")
    return mark is not None and (child(mark, "del") is not None or child(mark, "moveFrom") is not None)


class _Made(NamedTuple):
    """A cell in the making, and the tables inside it that are tables of their own."""

    cell: Cell
    nested: list[Tabular]
    pictures: tuple[str, ...]


def _table(table: etree._Element) -> list[Tabular]:
    """Return `table`, and after it the tables nested in it that hold labels of their own."""
    made: list[_Made] = []
    open_merges: dict[int, int] = {}
    for row, line in enumerate(_rows(table)):
        column = _number(child(line, "trPr", "gridBefore"))
        for element in shown_children(line):
            if local(element) != "tc":
                continue
            span = max(1, _number(child(element, "tcPr", "gridSpan")))
            if span > MAX_SPAN or len(made) > MAX_CELLS:
                raise Refused(Why.UNSAFE, "表格结构异常")
            _place(made, open_merges, element, (row, column, span))
            column += span
    outer = Tabular(
        tuple(each.cell for each in made),
        tuple(picture for each in made for picture in each.pictures),
        tuple(index for index, each in enumerate(made) for _ in each.pictures),
    )
    return [outer, *(inner for each in made for inner in each.nested)]


def _place(
    made: list[_Made], open_merges: dict[int, int], element: etree._Element, place: tuple[int, int, int]
) -> None:
    """Add the cell at (row, column, span), or let the one above it, merged with it, grow."""
    row, column, span = place
    merge = child(element, "tcPr", "vMerge")
    across = child(element, "tcPr", "hMerge")
    continues = merge is not None and attribute(merge, "val") != "restart"
    if continues and column in open_merges:
        index = open_merges[column]
        cell = made[index].cell
        made[index] = made[index]._replace(cell=msgspec.structs.replace(cell, rowspan=row - cell.row + 1))
        return
    if across is not None and attribute(across, "val") != "restart" and made:
        cell = made[-1].cell
        made[-1] = made[-1]._replace(cell=msgspec.structs.replace(cell, colspan=cell.colspan + span))
        return
    for covered in range(column, column + span):
        open_merges.pop(covered, None)
    if merge is not None:
        open_merges[column] = len(made)
    made.append(_cell(element, row, column, span))


def _cell(element: etree._Element, row: int, column: int, span: int) -> _Made:
    lines: list[str] = []
    nested: list[Tabular] = []
    pictures: list[str] = []
    for block in blocks(element):
        if isinstance(block, Tabular) and has_labels(block):
            nested.append(block)
            continue
        pictures.extend(block.pictures)
        lines.append(block.text if isinstance(block, Paragraph) else as_lines(block))
    cell = Cell(text="\n".join(lines).strip("\n"), row=row, column=column, colspan=span)
    return _Made(cell, nested, tuple(pictures))


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for element in shown_children(table):
        if local(element) == "tr" and not _deleted(element):
            yield element


def _deleted(row: etree._Element) -> bool:
    return child(row, "trPr", "del") is not None or is_on(child(row, "trPr", "hidden"))


def _number(element: etree._Element | None) -> int:
    value = attribute(element, "val") if element is not None else None
    return int(value) if value and value.isdecimal() and len(value) < 12 else 0
