"""Office seals on a page: those that are plain, and whatever else may be one (faint, cut, grey, covered)."""

from collections.abc import Iterator, Sequence

import cv2
import msgspec
import numpy as np

from parsers.ocr import Image
from parsers.seals import circles, redink
from parsers.seals.redink import Ink, Mask
from parsers.seals.rims import LEAST, MOST, Rim

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the page."""

_SMALL = 50  # pixels of radius: under 26 mm across on A4; hardly an office has so small a seal
_ROUND = 72  # points looked at on a rim
_REACH = 1.4  # of the largest radius: how far a seal of a cell may lie outside it
_FREE = 0.25  # of its line: a seal lies outside the others with more than this
_RIM_ENDS = 1.06  # of a rim: further out its line is another's
_STRAIGHT = 76  # pixels: no arc of a rim is straight so far
_FRAMED = 0.35  # of the ink on a line
_BEYOND_DOUBT = 0.7  # score of a rim that no straight lines make
_STAR = 0.6  # share of ink in the middle
_BEYOND = 1.15  # of a rim: what lies this far out is no longer its ink
_FAINT = 0.022  # redness, smoothed, of what may have been a seal
_SMOOTH = 2.5  # pixels
_TRACE = (20, 52)  # pixels: the least width and length of a trace
_TRACE_INK = 90  # pixels of ink
_FRAME = 0.9  # of the rectangle about it: what fills more is a square chop or a registry's frame
_SOLID = 0.72  # of its hull: what has more ink is a fingerprint or a patch of colour
_CHOP = 112  # pixels: a chop or a fingerprint is smaller, 29 mm on A4
_PRINT = 0.12  # darkness of print, and of a copied seal
_COPIED_RIM = (0.6, 0.5)  # cover and score of the rim of a copied seal
_LINE = 30  # pixels: print no higher than this is lines of text
_GREY_RIM = (0.4, 0.33)  # the same on a page without colour


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A seal, or what may be one (`sure` false): an ellipse in pixels of the page, turned by degrees."""

    x: float
    y: float
    long: float
    short: float
    turn: float = 0.0
    sure: bool = True

    def within(self, box: Box) -> bool:
        return box[0] <= self.x < box[2] and box[1] <= self.y < box[3]


def on(page: Image, areas: Sequence[Box] = ()) -> tuple[Mark, ...]:
    """Return the red seals on `page` (blue-green-red), and the red marks that may be one.

    With `areas` only the seals that reach into one of them need be found.
    """
    scale = redink.scale_of(page)
    top, bottom = _rows(page, areas, _REACH * MOST / scale) if areas else (0, page.shape[0])
    marks = _on(redink.on(page[top:bottom], scale))
    return tuple(msgspec.structs.replace(mark, y=mark.y + top) for mark in marks)


def _rows(page: Image, areas: Sequence[Box], room: float) -> tuple[int, int]:
    """Return the rows of `page` from the highest to the lowest of `areas`, with `room` above and below."""
    top, bottom = min(area[1] for area in areas) - room, max(area[3] for area in areas) + room
    low = min(max(0, round(top)), page.shape[0] - 1)
    return low, max(low + 1, round(bottom))


def _on(ink: Ink) -> tuple[Mark, ...]:
    kept: list[Rim] = []
    for rim in sorted(circles.find(ink.mask), key=lambda rim: -rim.score):
        if _is_seal(rim) and not _on_frame(ink.mask, rim) and _fresh(ink.mask, rim, kept):
            kept.append(rim)
    for rim in reversed(kept):
        others = [other for other in kept if other is not rim]
        if not _fresh(ink.mask, rim, others):
            kept = others
    sure = [_mark(rim, ink.scale) for rim in kept]
    return (*sure, *_traces(ink, kept))


def count(marks: Sequence[Mark], box: Box) -> int:
    """Return how many seals have their middle in `box`."""
    return sum(mark.sure and mark.within(box) for mark in marks)


def doubtful(marks: Sequence[Mark], box: Box) -> bool:
    """Tell whether something in `box` may be a seal though it is not counted."""
    return any(not mark.sure and mark.within(box) for mark in marks)


def grey(page: Image) -> bool:
    """Tell whether `page` shows no colour at all: a grey or a black-and-white copy."""
    return redink.is_grey(page)


def black_and_white(page: Image) -> bool:
    """Tell whether `page` knows only black and white, so that red ink may have vanished from it."""
    return redink.is_black_and_white(page)


def copied(page: Image, boxes: Sequence[Box], *, colourless: bool = False) -> list[bool]:
    """Tell for each of `boxes` whether it shows a seal's rim in the colour of print: a photocopy.

    On a `colourless` page the least likeness to a rim is enough, since no seal of it is red.
    """
    scale = redink.scale_of(page)
    least = _GREY_RIM if colourless else _COPIED_RIM
    return [_copied(page, least, box, scale) for box in boxes]


def _copied(page: Image, least: tuple[float, float], box: Box, scale: float) -> bool:
    room = LEAST / scale
    x, y = max(0, round(box[0] - room)), max(0, round(box[1] - room))
    part = page[y : round(box[3] + room), x : round(box[2] + room)]
    if not part.size:
        return False
    print_ = (redink.darkness(part, scale) > _PRINT).astype(np.uint8)
    return any(
        rim.radius >= _SMALL
        and rim.filled < _SOLID
        and rim.cover >= least[0]
        and rim.score >= least[1]
        and box[0] <= rim.x / scale + x < box[2]
        and box[1] <= rim.y / scale + y < box[3]
        for rim in circles.find(redink.without_rules(print_), _LINE)
    )


def _mark(rim: Rim, scale: float) -> Mark:
    return Mark(
        x=rim.x / scale, y=rim.y / scale, long=rim.long / scale, short=rim.short / scale, turn=rim.turn
    )


def _is_seal(rim: Rim) -> bool:
    """Tell whether a rim is a seal's: a thin line, nothing just beyond, a name within."""
    lined = rim.cover >= 0.55 and rim.cover - rim.outside >= 0.4 and rim.outside < 0.36
    hollow = rim.filled < 0.8 and (rim.inside < 0.75 or (rim.inside < 0.95 and rim.filled < 0.65))
    plain = rim.score >= (0.5 if rim.radius >= _SMALL else 0.68)
    return lined and hollow and rim.filled > 0.06 and plain


def _fresh(mask: Mask, rim: Rim, others: Sequence[Rim]) -> bool:
    """Tell whether enough of the line of `rim` runs outside the `others`, and bears ink there."""
    if rim.core < _STAR and any(_about(rim, other) for other in others):
        return False
    x, y = _line(rim)
    free = np.ones(_ROUND, bool)
    for other in others:
        free &= _reach(other, x, y) > _RIM_ENDS
    if free.mean() < _FREE:
        return False
    near = cv2.dilate(mask, np.ones((7, 7), np.uint8))
    rows = np.rint(y[free]).astype(int).clip(0, mask.shape[0] - 1)
    columns = np.rint(x[free]).astype(int).clip(0, mask.shape[1] - 1)
    return float(near[rows, columns].mean()) >= 0.5


def _reach(rim: Rim, x: redink.Shades, y: redink.Shades) -> redink.Shades:
    """Return how far out each point lies, where the line of `rim` is 1."""
    turn = np.radians(rim.turn)
    along = (x - rim.x) * np.cos(turn) + (y - rim.y) * np.sin(turn)
    across = (y - rim.y) * np.cos(turn) - (x - rim.x) * np.sin(turn)
    return np.asarray(np.hypot(along / rim.long, across / rim.short), np.float32)


def _on_frame(mask: Mask, rim: Rim) -> bool:
    """Tell whether much of the line of `rim` runs on straight lines: it lies in a registry's frame."""
    if rim.score > _BEYOND_DOUBT:
        return False
    reach = round(max(rim.long, rim.short) + _STRAIGHT)
    left, top = max(0, round(rim.x) - reach), max(0, round(rim.y) - reach)
    part = mask[top : round(rim.y) + reach, left : round(rim.x) + reach]
    found = cv2.HoughLinesP(part, 1, np.pi / 180, _STRAIGHT // 2, minLineLength=_STRAIGHT, maxLineGap=4)
    if found is None:
        return False
    lines = np.zeros_like(part)
    for x0, y0, x1, y1 in np.asarray(found, int).reshape(-1, 4):
        cv2.line(lines, (int(x0), int(y0)), (int(x1), int(y1)), 1, 5)
    x, y = _line(rim)
    rows = np.rint(y - top).astype(int).clip(0, part.shape[0] - 1)
    columns = np.rint(x - left).astype(int).clip(0, part.shape[1] - 1)
    return float(lines[rows, columns].mean()) > _FRAMED * rim.cover


def _about(rim: Rim, other: Rim) -> bool:
    """Tell whether `rim` is a loop about the whole of another seal."""
    return float(np.hypot(rim.x - other.x, rim.y - other.y)) + other.radius < 1.1 * max(rim.long, rim.short)


def _line(rim: Rim) -> tuple[redink.Shades, redink.Shades]:
    rays = np.arange(_ROUND) * 2 * np.pi / _ROUND
    turn = np.radians(rim.turn)
    along, across = rim.long * np.cos(rays), rim.short * np.sin(rays)
    x = rim.x + along * np.cos(turn) - across * np.sin(turn)
    y = rim.y + along * np.sin(turn) + across * np.cos(turn)
    return x.astype(np.float32), y.astype(np.float32)


def _traces(ink: Ink, kept: Sequence[Rim]) -> Iterator[Mark]:
    """Yield what is reddish beside the seals found, unless it is plainly a chop, a frame, a finger or a word."""
    soft = cv2.GaussianBlur(ink.redness, (0, 0), _SMOOTH)
    least = max(_FAINT, 4 * redink.spread(np.asarray(soft, np.float32)))
    faint = (soft > least).astype(np.uint8)
    for rim in kept:
        axes = (2 * _BEYOND * rim.long, 2 * _BEYOND * rim.short)
        cv2.ellipse(faint, ((rim.x, rim.y), axes, rim.turn), 0, -1)
    joined = cv2.morphologyEx(faint, cv2.MORPH_CLOSE, np.ones((13, 13), np.uint8))
    count_, labels, stats, middles = cv2.connectedComponentsWithStats(joined, connectivity=8)
    for at in range(1, count_):
        left, top, wide, high, _ = stats[at].tolist()
        if max(wide, high) < _TRACE[1] or min(wide, high) < _TRACE[0]:
            continue
        window = (slice(top, top + high), slice(left, left + wide))
        if _may_be_seal(faint[window] * (labels[window] == at)):
            x, y = middles[at]
            yield Mark(
                x=float(x) / ink.scale,
                y=float(y) / ink.scale,
                long=wide / 2 / ink.scale,
                short=high / 2 / ink.scale,
                sure=False,
            )


def _may_be_seal(trace: Mask) -> bool:
    """Tell whether a trace is of the size and looseness of a seal that took badly."""
    points = np.argwhere(trace)[:, ::-1].astype(np.int32)
    if len(points) < _TRACE_INK:
        return False
    hull = cv2.convexHull(points)
    area = max(1.0, float(cv2.contourArea(hull)))
    _, (one, two), _ = cv2.minAreaRect(hull)
    if min(one, two) < _TRACE[0] or max(one, two) < _TRACE[1]:
        return False
    if max(one, two) < _CHOP and len(points) / area > _SOLID:
        return False
    return area < _FRAME * one * two
