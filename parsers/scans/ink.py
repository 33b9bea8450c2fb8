"""How much ink a part of a page bears, whatever its paper and print are like."""

import cv2
import numpy as np

from parsers.ocr import Image

Area = tuple[float, float, float, float]


def squares(page: Image, letter: float, box: Area) -> float:
    """Return the ink inside `box`, in squares of a `letter` so many pixels wide."""
    part = _part(page, box)
    paper = float(np.percentile(part, 80))
    shade = np.clip((paper - _GRAIN - part) / max(paper - _GRAIN - _BLACK, 1), 0, 1)
    return float(shade.sum()) / letter**2


def dark(page: Image, box: Area) -> Image:
    """Return where the page is as dark as half the way from its paper to its print."""
    part = _part(page, box)
    paper, print_ = float(np.percentile(part, 80)), float(part.min())
    return np.asarray(part < max(_DARK, (paper + print_) / 2), np.uint8)


def _part(page: Image, box: Area) -> Image:
    """Return the grey levels inside `box`, white where it lies off the page."""
    left, top, right, bottom = (max(0, round(edge)) for edge in box)
    part = page[top:bottom, left:right]
    if part.size == 0:
        return np.full((1, 1), 255, np.uint8)
    return np.asarray(cv2.cvtColor(part, cv2.COLOR_BGR2GRAY), np.uint8)


_DARK = 150
_GRAIN = 40  # levels: how much the paper itself varies
_BLACK = 50  # levels: as dark as print
