"""The cells of a form whose rules do not show: labels by their words, values by where they stand beside them."""

from collections.abc import Sequence

import msgspec
import numpy as np

from parsers.documents import FREE_TEXTS
from parsers.form_labels import ADDRESS_AND_POSTCODE, field_of
from parsers.ocr import Line
from parsers.scans.grid import Place

_LEAST_LABELS = 5
_APART = 0.8  # of a line's height: lines further apart stand in two cells
_LABEL_WIDE = 0.3  # of the width of the text: what is wider is no label
_OVERLAP = 2.0  # of a line's height: how far a value may begin before its label ends
_NEAR = 1.5  # of a line's height: how far above or below its label a short value may stand
_LEVEL = 0.8  # of a line's height: what is no further off stands level
_COLUMN = 4.0  # of a line's height: columns are at least this far apart
_TALLEST = 5  # lines of a label

Area = tuple[float, float, float, float]


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that stand close below each other, and their bounds in pixels."""

    lines: tuple[Line, ...]
    box: Area

    @property
    def middle(self) -> float:
        return (self.box[1] + self.box[3]) / 2


def places(page: Sequence[Line]) -> tuple[Place, ...]:
    """Return each label of the form on `page` and the value beside it as the two cells of a row; () where few are."""
    if not page:
        return ()
    height = float(np.median([line.height for line in page]))
    bounds = _bounds([line.box for line in page])
    blocks = _blocks(page, height)
    labels = [block for block in blocks if _is_label(block, bounds)]
    if len(labels) < _LEAST_LABELS:
        return ()
    values: dict[int, list[Block]] = {at: [] for at in range(len(labels))}
    top = min(label.box[1] for label in labels)
    for block in blocks:
        title = block.box[3] < top
        at = None if title or block in labels else _owner(block, labels, height)
        if at is not None:
            values[at].append(block)
    order = sorted(values, key=lambda at: labels[at].middle)
    return tuple(
        place
        for row, at in enumerate(order)
        for place in _row(row, labels[at], values[at], labels, bounds[2])
    )


def _row(row: int, label: Block, value: Sequence[Block], labels: Sequence[Block], end: float) -> list[Place]:
    cells = [_place(row, 0, label.box)]
    if value:
        left, top, right, bottom = _bounds([block.box for block in value])
        further = [
            other.box[0] - (label.box[3] - label.box[1]) / len(label.lines)
            for other in labels
            if other.box[0] > right and other.box[1] < bottom and other.box[3] > top
        ]
        cells.append(_place(row, 1, (left, top, min([end, *further]), bottom)))
    return cells


def _place(row: int, column: int, box: Area) -> Place:
    left, top, right, bottom = (round(edge) for edge in box)
    return Place(row=row, column=column, rowspan=1, colspan=1, box=(left - 1, top - 1, right + 1, bottom + 1))


def _blocks(page: Sequence[Line], height: float) -> list[Block]:
    """Group lines that overlap in width and follow close below each other."""
    groups: list[list[Line]] = []
    for line in sorted(page, key=lambda line: line.box[1]):
        near = [group for group in groups if _follows(line, group[-1], height)]
        if near:
            near[-1].append(line)
        else:
            groups.append([line])
    return [part for group in groups for part in _cut(group)]


def _follows(line: Line, above: Line, height: float) -> bool:
    over = min(line.box[2], above.box[2]) - max(line.box[0], above.box[0])
    return over > 0 and -height / 2 < line.box[1] - above.box[3] < _APART * height


def _cut(group: Sequence[Line]) -> list[Block]:
    """Return the labels in `group`, each in one block, and every other line in a block of its own."""
    if not group:
        return []
    size = next((size for size in range(min(len(group), _TALLEST), 0, -1) if _is_one(group[:size])), 1)
    return [_block(group[:size]), *_cut(group[size:])]


def _is_one(lines: Sequence[Line]) -> bool:
    """Tell whether `lines` are one label, and not two of different fields below each other."""
    key = _key(lines)
    parts = ((_key(lines[:at]), _key(lines[at:])) for at in range(1, len(lines)))
    two = any(above and below and above != below for above, below in parts)
    return key is not None and (key == ADDRESS_AND_POSTCODE or not two)


def _block(lines: Sequence[Line]) -> Block:
    return Block(lines=tuple(lines), box=_bounds([line.box for line in lines]))


def _key(lines: Sequence[Line]) -> str | None:
    return field_of("".join(line.text for line in lines), fuzzy=True)


def _is_label(block: Block, bounds: Area) -> bool:
    narrow = block.box[2] - block.box[0] < _LABEL_WIDE * (bounds[2] - bounds[0])
    return narrow and _key(block.lines) is not None


def _owner(block: Block, labels: Sequence[Block], height: float) -> int | None:
    """Return the label that `block` stands beside: as level as any, then the nearest on its left."""
    left = [at for at, label in enumerate(labels) if label.box[2] - _OVERLAP * height < block.box[0]]
    if not left:
        return None
    owner = min(left, key=lambda at: _distance(block, labels[at], height))
    near = _NEAR * height if _key(labels[owner].lines) not in FREE_TEXTS else float("inf")
    return owner if _gap(block.box, labels[owner].box) < near else None


def _distance(block: Block, label: Block, height: float) -> tuple[int, int, float]:
    """Rank how little `block` looks like the value of `label`: lines apart, columns apart, middles apart."""
    lines = int(max(_gap(block.box, label.box), 0) / (_LEVEL * height))
    return lines, int((block.box[0] - label.box[2]) / (_COLUMN * height)), abs(block.middle - label.middle)


def _gap(one: Area, other: Area) -> float:
    """Return how far two boxes are apart up and down; 0 or less where they overlap."""
    return max(one[1] - other[3], other[1] - one[3])


def _bounds(boxes: Sequence[Area]) -> Area:
    edges = list(zip(*boxes, strict=True))
    return min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3])
