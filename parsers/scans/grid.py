"""The ruled cells of a scanned table: its lines by morphology, the rectangles between them."""

from collections.abc import Iterable, Sequence

import cv2
import msgspec
import numpy as np

from parsers.ocr import Image
from parsers.scans import rules

_STEEPEST = 8.0  # degrees: what is further askew is no level line
_GLANCE_SIDE = 900  # pixels: enough to tell a slope
_MOST_CELLS = 400
_THINNEST, _LOWEST = 0.012, 0.008  # of the page: a cell is at least this wide, and this high
_FULL = 0.55  # of its rectangle: what a cell fills at least
_FRAME = 2  # cells inside it make a rectangle a frame


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A cell: where it is on the grid of its table, its rectangle in pixels, whether `faint` rules alone bound it."""

    row: int
    column: int
    rowspan: int
    colspan: int
    box: tuple[int, int, int, int]
    faint: bool = False


def slope(page: Image) -> float:
    """Return by how many degrees the ruled lines of `page` fall to the right; 0 where it has none."""
    return _slope(rules.ink(page))


def tables(page: Image) -> tuple[tuple[Place, ...], ...]:
    """Return the ruled tables of a level `page` from top to bottom, each as its cells in reading order."""
    solid, lines = _rules(page)
    boxes = _cells(lines)
    if not boxes or len(boxes) > _MOST_CELLS:
        return ()
    reach = _reach(page)
    groups = sorted(_touching(boxes, reach), key=lambda group: min(box[1] for box in group))
    found = tuple(_placed(group, reach) for group in groups)
    if lines is solid:
        return found
    return tuple(tuple(msgspec.structs.replace(place, faint=True) for place in table) for table in found)


def without_rules(page: Image, found: Sequence[Sequence[Place]]) -> Image:
    """Return a level `page` with the lines of its tables wiped out, so that none is read as a letter.

    Outside the tables nothing is touched: the strokes of a large title are as long as rules.
    """
    solid, lines = (cv2.dilate(each, np.ones((3, 3), np.uint8)) > 0 for each in _rules(page))
    table, cells = np.zeros_like(lines), np.zeros_like(lines)
    reach = _reach(page)
    for left, top, right, bottom in (place.box for each in found for place in each):
        table[max(0, top - reach) : bottom + reach, max(0, left - reach) : right + reach] = True
        cells[top + _EDGE : bottom - _EDGE, left + _EDGE : right - _EDGE] = True
    wiped = page.copy()
    wiped[table & (solid | lines & ~cells)] = 255  # what is faint and inside a cell is a row of small letters
    return wiped


def _slope(ink: Image) -> float:
    """Return by how many degrees the long level lines fall to the right (median by length)."""
    thick = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, max(15, ink.shape[1] // 60)), np.uint8))
    scale = min(1.0, _GLANCE_SIDE / max(ink.shape))
    small = cv2.resize(cv2.bitwise_and(runs, ink), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    width = small.shape[1]
    found = cv2.HoughLinesP(
        np.where(small > 0, 255, 0).astype(np.uint8),
        1,
        np.pi / 720,
        threshold=width // 8,
        minLineLength=width // 4,
        maxLineGap=max(4, width // 100),
    )
    if found is None:
        return 0.0
    ends = np.asarray(found, float).reshape(-1, 4)
    along, down = ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1]
    angles = np.degrees(np.arctan2(down, along))
    level = np.abs(angles) < _STEEPEST
    return float(np.median(angles[level])) if level.any() else 0.0


def _rules(page: Image) -> tuple[Image, Image]:
    """Return two masks of the rules of `page`: its long straight lines, and with faint ones where these are torn."""
    ink = rules.ink(page)
    lines = rules.long(ink, ink)
    solid = np.asarray(cv2.bitwise_or(*lines), np.uint8)
    full = _covered(solid)
    if full >= _WHOLE:
        return solid, solid
    faint = rules.with_faint(page, ink, lines)
    return solid, faint if _covered(faint) > max(full, _TABLE) else solid


_EDGE = 4  # pixels: how far a rule reaches into a cell
_FEW_CELLS = 5  # fewer are no table of the form, nor torn
_WHOLE = 0.9  # of its rectangle: what the cells of a table cover where none of its rules is torn
_TABLE = 0.6  # of it: what the cells of faint rules cover at least, else letters were taken for them


def _covered(lines: Image) -> float:
    """Return which share of its rectangle the largest table of `lines` covers with cells: nearly all if none is torn."""
    tables = _touching(_cells(lines), _reach(lines))
    boxes = max(tables, key=len, default=[])
    if len(boxes) < _FEW_CELLS:
        return 0.0
    edges = list(zip(*boxes, strict=True))
    around = (max(edges[2]) - min(edges[0])) * (max(edges[3]) - min(edges[1]))
    return float(sum((right - left) * (bottom - top) for left, top, right, bottom in boxes) / around)


def _reach(page: Image) -> int:
    """Return how many pixels the edges of neighbouring cells may be apart."""
    return max(6, int(page.shape[1]) // 100)


def _cells(lines: Image) -> list[tuple[int, int, int, int]]:
    """Return the rectangles enclosed by `lines`: left, top, right, bottom."""
    height, width = lines.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.bitwise_not(lines), connectivity=4)
    found = []
    for left, top, wide, high, area in stats[1:].tolist():
        inside = left > 0 and top > 0 and left + wide < width and top + high < height
        large = wide > width * _THINNEST and high > height * _LOWEST
        if inside and large and area > _FULL * wide * high:
            found.append((left, top, left + wide, top + high))
    return [box for box in found if sum(_holds(box, other) for other in found) < _FRAME]


def _holds(outer: Sequence[int], inner: Sequence[int]) -> bool:
    middle = ((inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2)
    smaller = inner[2] - inner[0] < outer[2] - outer[0]
    return smaller and outer[0] < middle[0] < outer[2] and outer[1] < middle[1] < outer[3]


def _touching(
    boxes: Iterable[tuple[int, int, int, int]], reach: int
) -> list[list[tuple[int, int, int, int]]]:
    """Group rectangles that share an edge into tables."""
    groups: list[list[tuple[int, int, int, int]]] = []
    for box in boxes:
        near = [group for group in groups if any(_touch(box, other, reach) for other in group)]
        merged = [box, *(other for group in near for other in group)]
        groups = [group for group in groups if group not in near] + [merged]
    return groups


def _touch(one: Sequence[int], other: Sequence[int], reach: int) -> bool:
    apart = one[0] > other[2] + reach or other[0] > one[2] + reach
    return not (apart or one[1] > other[3] + reach or other[1] > one[3] + reach)


def _placed(group: Sequence[tuple[int, int, int, int]], reach: int) -> tuple[Place, ...]:
    columns = _edges([box[0] for box in group] + [box[2] for box in group], reach)
    rows = _edges([box[1] for box in group] + [box[3] for box in group], reach)
    places = []
    for box in group:
        column, row = _nearest(columns, box[0]), _nearest(rows, box[1])
        places.append(
            Place(
                row=row,
                column=column,
                rowspan=max(1, _nearest(rows, box[3]) - row),
                colspan=max(1, _nearest(columns, box[2]) - column),
                box=box,
            )
        )
    return tuple(sorted(places, key=lambda place: (place.row, place.column)))


def _edges(ends: Iterable[int], reach: int) -> list[float]:
    """Return the grid lines that `ends` of cells lie on: the middle of each cluster."""
    clusters: list[list[int]] = []
    for end in sorted(ends):
        if clusters and end - clusters[-1][-1] <= reach:
            clusters[-1].append(end)
        else:
            clusters.append([end])
    return [sum(cluster) / len(cluster) for cluster in clusters]


def _nearest(edges: Sequence[float], end: int) -> int:
    return min(range(len(edges)), key=lambda at: abs(edges[at] - end))
