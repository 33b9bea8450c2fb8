"""Certificates laid side by side or below each other on one page, told apart by their titles."""

from collections.abc import Sequence

import msgspec

from parsers.licences import layout, licence
from parsers.ocr import Line

Area = tuple[float, float, float, float]

_LARGE = 1.25  # times the usual height of a line: print as large as a title's
_MOST = 6  # certificates of one page
_LEVEL = 2.0  # heights: titles no further apart stand side by side


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """One certificate's part of a page, in pixels, and the lines on it."""

    area: Area
    lines: tuple[Line, ...]

    def holds(self, box: Area) -> bool:
        """Tell whether the middle of `box` lies here."""
        left, top, right, bottom = self.area
        return left <= (box[0] + box[2]) / 2 <= right and top <= (box[1] + box[3]) / 2 <= bottom


def apart(page: Sequence[Line], size: tuple[int, int]) -> list[Sheet]:
    """Return the parts of `page` that hold one certificate each; the whole page where it has one title or none."""
    return _split(Sheet(area=(0, 0, *size), lines=tuple(page)), _MOST)


def _split(sheet: Sheet, left: int) -> list[Sheet]:
    titles = _titles(sheet.lines) if left > 1 else []
    if len(titles) < 2:
        return [sheet]
    first, second = titles[:2]
    beside = abs(first.middle - second.middle) < _LEVEL * max(first.height, second.height)
    axis = 0 if beside else 1
    if beside:
        first, second = sorted((first, second), key=lambda line: line.box[0])
    cut = _cut(sheet.lines, first, second, axis)
    low, high = list(sheet.area), list(sheet.area)
    low[axis + 2] = high[axis] = cut
    one = tuple(line for line in sheet.lines if _centre(line, axis) < cut)
    other = tuple(line for line in sheet.lines if _centre(line, axis) >= cut)
    halves = (Sheet(area=_area(low), lines=one), Sheet(area=_area(high), lines=other))
    return [part for half in halves for part in _split(half, left - 1)]


def _titles(page: Sequence[Line]) -> list[Line]:
    """Return the lines printed large that are a certificate's title, from top to bottom."""
    words = [word for row in layout.words(page) for word in row]
    usual = sorted(line.height for line in page)[len(page) // 2] if page else 0.0
    large = [word for word in words if word.height > _LARGE * usual and licence.is_title(word.text)]
    return sorted(large, key=lambda line: line.middle)


def _cut(page: Sequence[Line], first: Line, second: Line, axis: int) -> float:
    """Return where the second certificate begins: in the gap nearest to where the first one's sets out."""
    begins = min(line.box[axis] for line in page)
    expected = second.box[axis] - (first.box[axis] - begins)
    gaps = _gaps(page, axis)
    between = [gap for gap in gaps if _centre(first, axis) < gap < _centre(second, axis)]
    return min(between, key=lambda gap: abs(gap - expected), default=expected)


def _gaps(page: Sequence[Line], axis: int) -> list[float]:
    """Return the middles of the stretches that no line crosses."""
    gaps: list[float] = []
    reached = None
    for line in sorted(page, key=lambda line: line.box[axis]):
        if reached is not None and line.box[axis] > reached:
            gaps.append((line.box[axis] + reached) / 2)
        reached = max(reached or 0.0, line.box[axis + 2])
    return gaps


def _centre(line: Line, axis: int) -> float:
    return (line.box[axis] + line.box[axis + 2]) / 2


def _area(edges: Sequence[float]) -> Area:
    left, top, right, bottom = edges
    return left, top, right, bottom
