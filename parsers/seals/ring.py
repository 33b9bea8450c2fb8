"""The name in the ring of a seal: unrolled into a straight line, and read."""

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers import ocr
from parsers.ocr import Image
from parsers.seals import redink
from parsers.seals.seal import Mark

_HIGH = 48  # pixels of the strip, as the recogniser wants them
_RIM, _INNER = 0.955, 0.52  # shares of the radius between which a name stands
_HEART = slice(14, 24)  # rows of that strip on which every name stands
_BARE = 0.3  # of the ink there: rows with less are above or below the letters
_MARGIN = 1  # rows
_LETTERS = slice(6, 34)  # rows of the strip that letters fill
_EMPTY = 0.35  # of the usual ink: columns with less are a gap
_BOTTOM = np.pi / 2  # a name begins and ends at the bottom of its seal
_ROOM = 1.1

Strip = NDArray[np.uint8]


def read(page: Image, mark: Mark) -> tuple[str, float]:
    """Return the letters in the ring of `mark` on `page` and the recogniser's confidence, clockwise."""
    return ocr.recognise([unrolled(page, mark)])[0]


def unrolled(page: Image, mark: Mark) -> Image:
    """Return the ring of `mark` as a line of dark letters on white, cut at its widest gap."""
    ink = _inked(page, mark)
    strip = _cut(_strip(ink, mark, *_band(_strip(ink, mark, _RIM, _INNER))))
    return np.asarray(cv2.cvtColor(strip, cv2.COLOR_GRAY2BGR), np.uint8)


def _strip(ink: Strip, mark: Mark, outer: float, inner: float) -> Strip:
    """Return what lies between two shares of the radius as a level strip, clockwise from the bottom."""
    width = round(np.pi * (outer + inner) * _HIGH / (outer - inner))
    rays = _BOTTOM + np.arange(width) * 2 * np.pi / width
    share = np.linspace(outer, inner, _HIGH)[:, None]
    turn = np.radians(mark.turn)
    # angles count from the seal's own bottom, so that an oval's turn does not move the beginning
    along, across = mark.long * share * np.cos(rays - turn), mark.short * share * np.sin(rays - turn)
    middle = _ROOM * max(mark.long, mark.short)
    x = middle + along * np.cos(turn) - across * np.sin(turn)
    y = middle + along * np.sin(turn) + across * np.cos(turn)
    strip = cv2.remap(ink, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderValue=255)
    return np.asarray(strip, np.uint8)


def _band(strip: Strip) -> tuple[float, float]:
    """Return the shares of the radius between which the letters in `strip` stand, with a little room.

    The more letters a name has the smaller they are, and a recogniser wants them as high as its line.
    """
    ink = (255 - strip.astype(float)).mean(axis=1)
    bare = np.flatnonzero(ink < _BARE * ink[_HEART].mean())
    above, below = bare[bare < _HEART.start], bare[bare >= _HEART.stop]
    top = (above[-1] if len(above) else 0) - _MARGIN
    bottom = (below[0] if len(below) else _HIGH - 1) + _MARGIN
    step = (_RIM - _INNER) / (_HIGH - 1)
    return _RIM - max(0, top) * step, _RIM - min(_HIGH - 1, bottom) * step


def _inked(page: Image, mark: Mark) -> Strip:
    """Return the square about `mark` with its red ink dark on white, black print left out."""
    reach = round(_ROOM * max(mark.long, mark.short))
    left, top = round(mark.x) - reach, round(mark.y) - reach
    size = 2 * reach + 1
    canvas = np.full((size, size, 3), 255, np.uint8)
    height, width = page.shape[:2]
    x0, y0, x1, y1 = max(0, left), max(0, top), min(width, left + size), min(height, top + size)
    canvas[y0 - top : y1 - top, x0 - left : x1 - left] = page[y0:y1, x0:x1]
    redness = redink.redness(canvas)
    full = max(0.05, float(np.percentile(redness, 97)))
    return np.asarray(255 - 255 * np.clip(redness / full, 0, 1), np.uint8)


def _cut(strip: Strip) -> Strip:
    """Return `strip` begun in the middle of its widest gap."""
    ink = (255 - strip[_LETTERS].astype(float)).mean(axis=0)
    usual = float(np.percentile(ink, 70))
    smooth = np.convolve(np.concatenate([ink[-4:], ink, ink[:4]]), np.ones(9) / 9, "valid")
    empty = smooth < _EMPTY * usual
    start, length = _longest(empty)
    return np.roll(strip, -(start + length // 2), axis=1)


def _longest(flags: NDArray[np.bool_]) -> tuple[int, int]:
    """Return where the longest run of true lies in the circle of `flags`, and how long it is."""
    best, run = (0, 0), 0
    for at, flag in enumerate(np.concatenate([flags, flags])):
        run = run + 1 if flag else 0
        if best[1] < run <= len(flags):
            best = (at - run + 1, run)
    return best
