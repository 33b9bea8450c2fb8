"""The rules of a table as masks: long straight lines by morphology, and those that are faint, dashed or dotted."""

from typing import Any

import cv2
import numpy as np

from parsers.ocr import Image

_DRIFT = 9  # pixels: how far a plumb rule may stray from its column
_LASTING = 0.35  # of the height of the page, a line being two or three pixels wide: how long its column is
_NARROW = 3  # a rule torn into pieces is narrower than a third of a letter's height
_DASH = 110  # parts of the width of the page: what is higher is no dash
_SMEAR, _THIN = 75, 300  # parts of the width of the page: the longest gap between dashes, the thickest rule
_LETTER = 20  # parts of the width of the page: what is larger is no letter
_FAINTEST = 5  # levels


def ink(page: Image) -> Image:
    """Return the mask of what is darker than its surroundings on `page`."""
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    window = max(15, page.shape[1] // 40) | 1
    told = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, window, 18)
    return np.asarray(told, np.uint8)


def long(level: Image, plumb: Image) -> tuple[Any, Any]:
    """Return the masks of the long straight lines in two masks of ink, small gaps closed: level ones, plumb ones."""
    height, width = level.shape
    across = _strokes(level, (max(30, width // 28), 1), (max(9, width // 80), 1))
    down = _strokes(plumb, (1, max(30, height // 42)), (1, max(9, height // 110)))
    return across, down


def with_faint(page: Image, inked: Image, lines: tuple[Any, Any]) -> Image:
    """Return the mask of `lines`, the level and the plumb ones, with the faint, dashed and dotted rules of `page`."""
    level, plumb = long(*_faint(page, inked))
    return _joined(cv2.bitwise_or(lines[0], level), cv2.bitwise_or(lines[1], _lasting(plumb)))


def _lasting(down: Any) -> Any:
    """Return faint plumb lines without those that stand alone: a digit 1 between two rules smears into one."""
    columns = cv2.blur((down > 0).sum(axis=0).astype(np.float32)[np.newaxis, :], (_DRIFT, 1))[0] * _DRIFT
    return np.where(columns > _LASTING * down.shape[0], down, 0).astype(np.uint8)


def _faint(page: Image, inked: Image) -> tuple[Image, Image]:
    """Return the masks of what is thin and darker than its two sides once smeared along: faint rules, dashes, dots."""
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    smear, sides = max(9, page.shape[1] // _SMEAR), 2 * max(3, page.shape[1] // _THIN) + 1
    written = _letters(inked, page.shape[1] // _DASH, page.shape[1] // _LETTER)
    level = cv2.morphologyEx(cv2.blur(grey, (smear, 1)), cv2.MORPH_BLACKHAT, np.ones((sides, 1), np.uint8))
    plumb = cv2.morphologyEx(cv2.blur(grey, (1, smear)), cv2.MORPH_BLACKHAT, np.ones((1, sides), np.uint8))
    marks = [np.asarray(np.where((one > _FAINTEST) & ~written, 255, 0), np.uint8) for one in (level, plumb)]
    return marks[0], marks[1]


def _letters(inked: Image, small: int, large: int) -> Any:
    """Return where `inked` is as large as letters: higher than dashes and their crossings, smaller than a table."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(inked, connectivity=8)
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


def _strokes(inked: Image, length: tuple[int, int], gap: tuple[int, int]) -> Any:
    across = np.ones((3, 1) if length[1] == 1 else (1, 3), np.uint8)
    thick = cv2.dilate(inked, across)  # a line a little askew steps from row to row
    kept = cv2.morphologyEx(thick, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, length))
    long = (length[0] + 2 * gap[0], 1) if length[1] == 1 else (1, length[1] + 2 * gap[1])
    return cv2.morphologyEx(kept, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, long))
