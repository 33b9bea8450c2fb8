"""A table as cells on a grid, and which of them hold the value of a label."""

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from parsers.documents import FREE_TEXTS, Box, Fact
from parsers.form_labels import ADDRESS_AND_POSTCODE, field_of, inline, opening
from parsers.text import squash


class Cell(Fact, frozen=True, kw_only=True):
    """One cell as it stands: `row` and `column` from 0 on the table's grid, spans at least 1.

    Ticks and symbols are characters of `text`. `confidence`, `box` and `lines`, each with its own
    confidence, come with a recogniser.
    """

    text: str
    row: int
    column: int
    rowspan: int = 1
    colspan: int = 1
    confidence: float = 1.0
    box: Box | None = None
    lines: tuple[tuple[str, float], ...] = ()

    @property
    def bottom(self) -> int:
        return self.row + self.rowspan

    @property
    def right(self) -> int:
        return self.column + self.colspan


Table = tuple[Cell, ...]


class Piece(NamedTuple):
    """Text found for the field `key`, with the cell it stood in.

    `row` orders the pieces of a table; `label_row` is the row of a label that stands in a cell of its own.
    """

    key: str
    text: str
    row: int
    label_row: int
    cell: Cell


# Fields whose value may be spread over several cells beside the label.
_SPREAD = FREE_TEXTS | {"category", "address", ADDRESS_AND_POSTCODE}
_PART_OF_LABEL = 14  # signs of a part of a label that stands in several cells
_SAME_CELL = {"address", "postcode", ADDRESS_AND_POSTCODE}


class Grid:
    """The cells of one table by the place they cover, and the labels among them."""

    def __init__(self, cells: Sequence[Cell], *, fuzzy: bool = False) -> None:
        self.cells = tuple(sorted(cells, key=lambda cell: (cell.row, cell.column)))
        self.starts: dict[int, list[Cell]] = {}
        for cell in self.cells:
            self.starts.setdefault(cell.row, []).append(cell)
        self.fuzzy = fuzzy
        self.labels = {
            index: key for index, cell in enumerate(self.cells) if (key := field_of(cell.text, fuzzy=fuzzy))
        }
        self.index = {id(cell): index for index, cell in enumerate(self.cells)}
        self.heads: set[int] = set()  # cells that only begin a label, whose end stands beside them
        if len(self.labels) > 1:  # a table of figures is spared the search
            self._join_split_labels()
        self._release_values()

    def label_of(self, cell: Cell) -> str | None:
        return self.labels.get(self.index[id(cell)])

    def rightward(self, label: Cell) -> list[Cell]:
        """Return the cells right of `label` in its rows, up to the next label of each row."""
        found: dict[int, Cell] = {}
        for row in range(label.row, label.bottom):
            for cell in self._row_after(row, label.right):
                if self.label_of(cell):
                    break
                found[id(cell)] = cell
        return list(found.values())

    def below(self, label: Cell) -> Cell | None:
        """Return the cell under `label`, unless it is a label."""
        for cell in self.cells:
            if cell.row == label.bottom and cell.column <= label.column < cell.right:
                return None if self.label_of(cell) else cell
        return None

    def _row_after(self, row: int, column: int) -> list[Cell]:
        covering = [cell for cell in self.cells if cell.row <= row < cell.bottom and cell.column >= column]
        return sorted(covering, key=lambda cell: cell.column)

    def _join_split_labels(self) -> None:
        """Mark cells that are a label only together: 主要 above 情况, 主办 beside 单位."""
        for index, cell in enumerate(self.cells):
            if index not in self.labels and _is_short(cell):
                for step in (self._under, self._beside):
                    self._join(cell, step)

    def _join(self, cell: Cell, step: Callable[[Cell], Cell | None]) -> None:
        chain = [cell]
        while len(chain) < 3 and (following := step(chain[-1])) is not None:
            chain.append(following)
            key = field_of("".join(one.text for one in chain), fuzzy=self.fuzzy)
            if key and all(self.label_of(one) in (None, key) for one in chain):
                places = [self.index[id(one)] for one in chain]
                self.labels.update(dict.fromkeys(places, key))
                self.heads.update(places[:-1] if chain[0].row == chain[-1].row else ())
                return

    def _under(self, cell: Cell) -> Cell | None:
        for other in self.starts.get(cell.bottom, ()):
            if other.column == cell.column and other.colspan == cell.colspan and _is_short(other):
                return other
        return None

    def _beside(self, cell: Cell) -> Cell | None:
        for other in self.starts.get(cell.row, ()):
            if other.column == cell.right and other.rowspan == cell.rowspan and _is_short(other):
                return other
        return None

    def _release_values(self) -> None:
        """Let a value be a value though it reads like a label that stands elsewhere too."""
        for index, key in list(self.labels.items()):
            twins = [other for other, name in self.labels.items() if name == key and other != index]
            if key in FREE_TEXTS or not twins or not self._follows_label(index, key):
                continue
            if any(not self._follows_label(twin, key) for twin in twins):
                del self.labels[index]

    def _follows_label(self, index: int, key: str) -> bool:
        cell = self.cells[index]
        return any(
            other.right == cell.column and other.row <= cell.row < other.bottom
            for place, other in enumerate(self.cells)
            if self.labels.get(place) not in (None, key)
        )


def _is_short(cell: Cell) -> bool:
    return 0 < len(squash(cell.text)) <= _PART_OF_LABEL


def pieces(grid: Grid) -> list[Piece]:
    """Return what stands beside, below or behind each label of `grid`, in the order of the table."""
    found: list[Piece] = []
    claimed: set[int] = set()
    labels = [
        (cell, key)
        for index, cell in enumerate(grid.cells)
        if (key := grid.labels.get(index)) and index not in grid.heads
    ]
    beside = {id(cell): _usable(grid.rightward(cell), key) for cell, key in labels}
    for cells in beside.values():
        claimed.update(id(cell) for cell in cells)
    for label, key in labels:
        cells = beside[id(label)]
        if not any(squash(cell.text) for cell in cells):
            under = grid.below(label)
            if under is not None and id(under) not in claimed and _usable([under], key):
                claimed.add(id(under))
                cells = [*cells, under]
        found.extend(_of_label(key, label, cells))
    for index, cell in enumerate(grid.cells):
        if index not in grid.labels and id(cell) not in claimed:
            found.extend(_inside(cell))
    return sorted(_shared_cells(found), key=lambda piece: piece.row)


def _usable(cells: Sequence[Cell], key: str) -> list[Cell]:
    """Leave out cells that open with the label of another field; free text may well do so."""
    if key in FREE_TEXTS:
        return list(cells)
    kin = _SAME_CELL if key in _SAME_CELL else {key}
    usable: list[Cell] = []
    for cell in cells:
        said = opening(cell.text)
        if said is not None and said not in kin:
            break
        usable.append(cell)
    return usable


def _of_label(key: str, label: Cell, cells: Sequence[Cell]) -> list[Piece]:
    filled = [cell for cell in cells if squash(cell.text)]
    if not filled:
        return [
            Piece(
                key, "", label.row, label.row, cells[0] if cells else msgspec.structs.replace(label, box=None)
            )
        ]
    if key not in _SPREAD:
        return [Piece(key, filled[0].text, label.row, label.row, filled[0])]
    filled = list({cell.text: cell for cell in reversed(filled)}.values())[::-1]
    text = filled[0].text
    for before, cell in itertools.pairwise(filled):
        text += (" " if cell.row == before.row else "\n") + cell.text
    surest = min(filled, key=lambda cell: cell.confidence)
    return [Piece(key, text, label.row, label.row, surest if len(filled) > 1 else filled[0])]


def _inside(cell: Cell) -> list[Piece]:
    """Return the labelled values of a cell that holds its label itself."""
    marks = inline(cell.text)
    if not marks or cell.text[: marks[0].start].strip():
        return []
    ends = [mark.start for mark in marks[1:]] + [len(cell.text)]
    if marks[0].key in FREE_TEXTS:
        marks, ends = marks[:1], [len(cell.text)]
    return [
        Piece(mark.key, value(mark.key, cell.text[mark.end : end]), cell.row, cell.row, cell)
        for mark, end in zip(marks, ends, strict=True)
    ]


def value(key: str, text: str) -> str:
    """Return the text behind a label without what sets it off from the next one."""
    return text if key in FREE_TEXTS else text.rstrip(" \t\n　;；,，、|")


def _shared_cells(found: list[Piece]) -> list[Piece]:
    """Let the labels 通信地址 and 邮政编码 beside one cell ask for both together."""
    both = {id(piece.cell) for piece in found if piece.key == "address" and piece.text}
    both &= {id(piece.cell) for piece in found if piece.key == "postcode"}
    kept = [piece for piece in found if not (piece.key == "postcode" and id(piece.cell) in both)]
    return [
        piece._replace(key=ADDRESS_AND_POSTCODE)
        if piece.key == "address" and id(piece.cell) in both
        else piece
        for piece in kept
    ]
