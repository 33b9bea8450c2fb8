"""The tables of rich text: cells by their right edges, rows put on one grid."""

import bisect
import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from parsers.cells import Cell
from parsers.flow import Tabular

SAME_EDGE = 40  # twips; edges closer than this are one
MOST_CELLS = 20_000


class Edge(NamedTuple):
    """The right edge of a cell in twips, and how it is merged: first or next of a merge down or across."""

    right: int
    down: str = ""
    across: str = ""


class Row(NamedTuple):
    """A row: its left edge, what each cell says, where each ends."""

    left: int
    texts: tuple[str, ...]
    edges: tuple[Edge, ...]


@dataclasses.dataclass(slots=True)
class Level:
    """A table in the making: the rows so far, the row and the cell that are open."""

    rows: list[Row] = dataclasses.field(default_factory=list)
    texts: list[str] = dataclasses.field(default_factory=list)
    lines: list[str] = dataclasses.field(default_factory=list)
    pictures: list[str] = dataclasses.field(default_factory=list)
    nested: list[Tabular] = dataclasses.field(default_factory=list)
    left: int = 0
    edges: list[Edge] = dataclasses.field(default_factory=list)
    down: str = ""
    across: str = ""

    def define(self) -> None:
        """Begin the definition of a row (`trowd`)."""
        self.left, self.edges, self.down, self.across = 0, [], "", ""

    def edge(self, right: int) -> None:
        """End the definition of a cell (`cellx`)."""
        self.edges.append(Edge(right, self.down, self.across))
        self.down = self.across = ""

    def end_cell(self) -> None:
        self.texts.append("\n".join(self.lines).strip("\n"))
        self.lines = []

    def end_row(self) -> None:
        if self.texts and sum(len(row.texts) for row in self.rows) < MOST_CELLS:
            self.rows.append(Row(self.left, tuple(self.texts), tuple(self.edges[: len(self.texts)])))
        self.texts = []

    def tables(self) -> list[Tabular]:
        """Return the table, and after it the tables of their own that were nested in it."""
        if self.lines:
            self.end_cell()
        self.end_row()
        return [Tabular(on_grid(self.rows), tuple(self.pictures)), *self.nested] if self.rows else []


def on_grid(rows: Sequence[Row]) -> tuple[Cell, ...]:
    """Return the cells of `rows` with their columns and spans."""
    grid = _columns(rows)
    cells: list[Cell] = []
    open_merges: dict[int, int] = {}
    for number, row in enumerate(rows):
        left = row.left
        for index, text in enumerate(row.texts):
            edge = row.edges[index] if index < len(row.edges) else Edge(left + SAME_EDGE * 2)
            start, end = _column(grid, left), max(_column(grid, left) + 1, _column(grid, edge.right))
            left = max(left, edge.right)
            if edge.across == "next" and cells and cells[-1].row == number:
                cells[-1] = msgspec.structs.replace(cells[-1], colspan=end - cells[-1].column)
            elif edge.down == "next" and start in open_merges:
                above = cells[open_merges[start]]
                cells[open_merges[start]] = msgspec.structs.replace(above, rowspan=number - above.row + 1)
            else:
                for column in range(start, end):
                    open_merges.pop(column, None)
                if edge.down:
                    open_merges[start] = len(cells)
                cells.append(Cell(text=text, row=number, column=start, colspan=end - start))
    return tuple(cells)


def _columns(rows: Sequence[Row]) -> list[int]:
    """Return the edges that all rows have between them, nearly equal ones as one."""
    edges = sorted({edge.right for row in rows for edge in row.edges} | {row.left for row in rows})
    kept: list[int] = []
    for edge in edges:
        if not kept or edge - kept[-1] > SAME_EDGE:
            kept.append(edge)
    return kept


def _column(grid: Sequence[int], edge: int) -> int:
    return max(0, bisect.bisect_right(grid, edge) - 1)
