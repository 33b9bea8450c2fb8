"""Ruled tables of PDF pages as cells on a grid; a table that a page break cut is one again."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from parsers import pdflines
from parsers.cells import Cell, Table
from parsers.documents import Box
from parsers.form_labels import field_of
from parsers.pdflines import Area, Glyph, Line
from parsers.text import squash

_SNAP = 3.0  # points within which two edges are one
_EDGE = 6.0  # points by which the sides of a continued table may differ


class Ruled(NamedTuple):
    """One cell: its place, moved to where a table that goes on overleaf would have it, and its lines."""

    area: Area
    lines: tuple[Line, ...]
    box: Box

    @property
    def text(self) -> str:
        return pdflines.paragraphs(self.lines, self.area)


class Sheet(NamedTuple):
    """A table of one page or of several joined: its cells, where it lies on each page, and its end."""

    cells: list[Ruled]
    areas: dict[int, Area]
    last_page: int
    bottom: float

    @property
    def sides(self) -> Area:
        return self.areas[self.last_page]


def tables_of(page: Any, number: int, shown: Sequence[Glyph]) -> list[Sheet]:
    """Return the ruled tables of pdfplumber's `page`, which is page `number` (from 1)."""
    found: list[Sheet] = []
    size = (float(page.width), float(page.height))
    for table in page.find_tables():
        cells = [_ruled(Area(*map(float, cell)), number, size, shown) for cell in table.cells]
        place = Area(*map(float, table.bbox))
        found.append(Sheet(cells, {number: place}, number, place.bottom))
    return sorted(found, key=lambda sheet: sheet.sides.top)


def _ruled(area: Area, number: int, size: tuple[float, float], shown: Sequence[Glyph]) -> Ruled:
    lines = tuple(pdflines.lines([glyph for glyph in shown if area.holds(glyph)]))
    scale_x, scale_y = 1000 / size[0], 1000 / size[1]
    box = Box(
        page=number,
        left=round(area.x0 * scale_x),
        top=round(area.top * scale_y),
        right=round(area.x1 * scale_x),
        bottom=round(area.bottom * scale_y),
    )
    return Ruled(area, lines, box)


def joined(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Join each table that starts a page to the one that ended the page before, if their sides agree."""
    done: list[Sheet] = []
    for sheet in sheets:
        before = done[-1] if done else None
        if before is not None and _continues(before, sheet):
            done[-1] = _together(before, sheet)
        else:
            done.append(sheet)
    return done


def _continues(before: Sheet, sheet: Sheet) -> bool:
    above, below = before.sides, sheet.sides
    same = abs(above.x0 - below.x0) < _EDGE and abs(above.x1 - below.x1) < _EDGE
    return same and sheet.last_page == before.last_page + 1


def _together(before: Sheet, sheet: Sheet) -> Sheet:
    """Put `sheet` under `before`; a first row that only goes on is one with the last row above."""
    shift = before.bottom - sheet.sides.top
    head = _first_row(sheet)
    pairs = {id(cell): place for cell in head if (place := _above(before, cell)) is not None}
    goes_on = _goes_on(before, head, pairs)
    cells = list(before.cells)
    rest: list[Ruled] = []
    for cell in sheet.cells:
        moved = cell._replace(area=_moved(cell.area, shift))
        place = pairs.get(id(cell)) if goes_on else None
        if place is None:
            rest.append(moved)
            continue
        upper = cells[place]
        said = () if _squashed(upper) == _squashed(cell) else cell.lines
        cells[place] = upper._replace(
            lines=upper.lines + said, area=upper.area._replace(bottom=moved.area.bottom)
        )
    bottom = max(cell.area.bottom for cell in [*cells, *rest])
    return Sheet([*cells, *rest], {**before.areas, sheet.last_page: sheet.sides}, sheet.last_page, bottom)


def _first_row(sheet: Sheet) -> list[Ruled]:
    first = min(cell.area.top for cell in sheet.cells) + _SNAP
    return [cell for cell in sheet.cells if cell.area.top <= first]


def _goes_on(before: Sheet, head: Sequence[Ruled], pairs: dict[int, int]) -> bool:
    """Tell whether the row `head` continues the row above: it has no label, or repeats the label above."""
    if not any(cell.lines for cell in head):
        return False
    for cell in head:
        place = pairs.get(id(cell))
        if field_of(cell.text) and (place is None or _squashed(before.cells[place]) != _squashed(cell)):
            return False
    return True


def _squashed(cell: Ruled) -> str:
    return squash("".join(line.text for line in cell.lines))


def _moved(area: Area, shift: float) -> Area:
    return area._replace(top=area.top + shift, bottom=area.bottom + shift)


def _above(before: Sheet, cell: Ruled) -> int | None:
    """Return the index of the cell that ends `before` in the column of `cell`."""
    bottom = before.bottom
    for index, upper in enumerate(before.cells):
        ends = abs(upper.area.bottom - bottom) < _EDGE
        if ends and abs(upper.area.x0 - cell.area.x0) < _EDGE and abs(upper.area.x1 - cell.area.x1) < _EDGE:
            return index
    return None


def table(sheet: Sheet) -> Table:
    """Return the cells of `sheet` on the grid that their edges make."""
    columns = _edges([edge for cell in sheet.cells for edge in (cell.area.x0, cell.area.x1)])
    rows = _edges([edge for cell in sheet.cells for edge in (cell.area.top, cell.area.bottom)])
    made = []
    for cell in sheet.cells:
        left, right = _nearest(columns, cell.area.x0), _nearest(columns, cell.area.x1)
        top, bottom = _nearest(rows, cell.area.top), _nearest(rows, cell.area.bottom)
        made.append(
            Cell(
                text=cell.text,
                row=top,
                column=left,
                rowspan=max(1, bottom - top),
                colspan=max(1, right - left),
                box=cell.box,
            )
        )
    return tuple(sorted(made, key=lambda cell: (cell.row, cell.column)))


def _edges(values: Sequence[float]) -> list[float]:
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _SNAP:
            found.append(value)
    return found


def _nearest(edges: Sequence[float], value: float) -> int:
    return min(range(len(edges)), key=lambda index: abs(edges[index] - value))
