"""The ruled cells of a scanned table: its lines by morphology, the rectangles between them."""

from collections.abc import Iterable, Sequence
from typing import Any

import cv2
import msgspec
import numpy as np

from parsers.ocr import Image

_STEEPEST = 8.0  # degrees: what is further askew is no level line
_GLANCE_SIDE = 900  # pixels: enough to tell a slope
_MOST_CELLS = 400
_THINNEST, _LOWEST = 0.012, 0.008  # of the page: a cell is at least this wide, and this high
_FULL = 0.55  # of its rectangle: what a cell fills at least
_FRAME = 2  # cells inside it make a rectangle a frame


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A cell: where it is on the grid of its table, and its rectangle in pixels."""

    row: int
    column: int
    rowspan: int
    colspan: int
    box: tuple[int, int, int, int]


def slope(page: Image) -> float:
    """Return by how many degrees the ruled lines of `page` fall to the right; 0 where it has none."""
    return _slope(_ink(page))


def tables(page: Image) -> tuple[tuple[Place, ...], ...]:
    """Return the ruled tables of a level `page` from top to bottom, each as its cells in reading order."""
    boxes = _cells(_rules(page))
    if not boxes or len(boxes) > _MOST_CELLS:
        return ()
    reach = _reach(page)
    groups = sorted(_touching(boxes, reach), key=lambda group: min(box[1] for box in group))
    return tuple(_placed(group, reach) for group in groups)


def without_rules(page: Image, found: Sequence[Sequence[Place]]) -> Image:
    """Return a level `page` with the lines of its tables wiped out, so that none is read as a letter.

    Outside the tables nothing is touched: the strokes of a large title are as long as rules.
    """
    rules = cv2.dilate(_rules(page), np.ones((3, 3), np.uint8))
    inside = np.zeros_like(rules)
    reach = _reach(page)
    for place in (place for table in found for place in table):
        left, top, right, bottom = place.box
        inside[max(0, top - reach) : bottom + reach, max(0, left - reach) : right + reach] = 1
    wiped = page.copy()
    wiped[(rules > 0) & (inside > 0)] = 255
    return wiped


def _ink(page: Image) -> Image:
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    window = max(15, page.shape[1] // 40) | 1
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, window, 18)
    return np.asarray(ink, np.uint8)


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


def _rules(page: Image) -> Image:
    """Return the mask of the rules of `page`: its long straight lines, and faint ones where these leave gaps between cells."""
    ink = _ink(page)
    across, down = _long(ink, ink)
    solid = np.asarray(cv2.bitwise_or(across, down), np.uint8)
    full = _covered(solid)
    if full >= _WHOLE:
        return solid
    level, plumb = _long(*_faint(page, ink))
    faint = _joined(cv2.bitwise_or(across, level), cv2.bitwise_or(down, _lasting(plumb)))
    return faint if _covered(faint) > full else solid


def _covered(rules: Image) -> float:
    """Return which share of its rectangle the largest table of `rules` covers with cells: nearly all if none is torn."""
    tables = _touching(_cells(rules), _reach(rules))
    boxes = max(tables, key=len, default=[])
    if len(boxes) < _FEW_CELLS:
        return 0.0
    edges = list(zip(*boxes, strict=True))
    around = (max(edges[2]) - min(edges[0])) * (max(edges[3]) - min(edges[1]))
    return float(sum((right - left) * (bottom - top) for left, top, right, bottom in boxes) / around)


def _reach(page: Image) -> int:
    """Return how many pixels the edges of neighbouring cells may be apart."""
    return max(6, int(page.shape[1]) // 100)


def _long(level: Image, plumb: Image) -> tuple[Any, Any]:
    """Return the masks of the long straight lines in two masks of ink, small gaps closed: level ones, plumb ones."""
    height, width = level.shape
    across = _strokes(level, (max(30, width // 28), 1), (max(9, width // 80), 1))
    down = _strokes(plumb, (1, max(30, height // 42)), (1, max(9, height // 110)))
    return across, down


def _lasting(down: Any) -> Any:
    """Return faint plumb lines without those that stand alone: a digit 1 between two rules smears into one."""
    columns = cv2.blur((down > 0).sum(axis=0).astype(np.float32)[np.newaxis, :], (_DRIFT, 1))[0] * _DRIFT
    return np.where(columns > _LASTING * down.shape[0], down, 0).astype(np.uint8)


def _faint(page: Image, ink: Image) -> tuple[Image, Image]:
    """Return the masks of what is thin and darker than its two sides once smeared along: faint rules, dashes, dots."""
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    smear, sides = max(9, page.shape[1] // _SMEAR), 2 * max(3, page.shape[1] // _THIN) + 1
    written = _letters(ink, page.shape[1] // _DASH, page.shape[1] // _LETTER)
    level = cv2.morphologyEx(cv2.blur(grey, (smear, 1)), cv2.MORPH_BLACKHAT, np.ones((sides, 1), np.uint8))
    plumb = cv2.morphologyEx(cv2.blur(grey, (1, smear)), cv2.MORPH_BLACKHAT, np.ones((1, sides), np.uint8))
    marks = [np.asarray(np.where((one > _FAINTEST) & ~written, 255, 0), np.uint8) for one in (level, plumb)]
    return marks[0], marks[1]


def _letters(ink: Image, small: int, large: int) -> Any:
    """Return where `ink` is as large as letters: higher than dashes and their crossings, smaller than a table."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    wide, high = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    letter = (np.minimum(high, _NARROW * wide) > small) & (np.maximum(wide, high) < large)
    letter[0] = False
    return cv2.dilate(letter[labels].astype(np.uint8), np.ones((9, 9), np.uint8)) > 0


def _joined(across: Any, down: Any) -> Image:
    """Return level and plumb rules as one, the gaps closed where one ends short of another, as dashes do at a corner.

    A gap is closed only along a rule, so that nothing between two rules of a low row is filled.
    """
    rules = cv2.bitwise_or(across, down)
    width = rules.shape[1]
    for lines, (wide, high) in ((down, (1, width // _TORN)), (across, (width // _CORNER, 1))):
        closed = cv2.morphologyEx(rules, cv2.MORPH_CLOSE, np.ones((high, wide), np.uint8))
        along = cv2.dilate(lines, np.ones((high, wide), np.uint8))
        rules = cv2.bitwise_or(rules, cv2.bitwise_and(closed, along))
    return np.asarray(rules, np.uint8)


_CORNER, _TORN = 37, 20  # parts of the width of the page: the widest gap in a level rule and in a plumb one
_FEW_CELLS = 8
_WHOLE = 0.9
_DRIFT = 9  # pixels: how far a plumb rule may stray from its column
_LASTING = 0.16  # of the height of the page, a line being two or three pixels wide: how long its column is
_NARROW = 3  # a rule torn into pieces is narrower than a third of a letter's height
_DASH = 110  # parts of the width of the page: what is higher is no dash
_SMEAR, _THIN = 75, 300  # parts of the width of the page: the longest gap between dashes, the thickest rule
_LETTER = 20  # parts of the width of the page: what is larger is no letter
_FAINTEST = 5  # levels


def _strokes(ink: Image, length: tuple[int, int], gap: tuple[int, int]) -> Any:
    across = np.ones((3, 1) if length[1] == 1 else (1, 3), np.uint8)
    thick = cv2.dilate(ink, across)  # a line a little askew steps from row to row
    kept = cv2.morphologyEx(thick, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, length))
    long = (length[0] + 2 * gap[0], 1) if length[1] == 1 else (1, length[1] + 2 * gap[1])
    return cv2.morphologyEx(kept, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, long))


def _cells(rules: Image) -> list[tuple[int, int, int, int]]:
    """Return the rectangles enclosed by `rules`: left, top, right, bottom."""
    height, width = rules.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.bitwise_not(rules), connectivity=4)
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
