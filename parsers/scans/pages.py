"""Pages of a scanned document: the pictures printed among its text."""

from collections.abc import Sequence

import cv2
import numpy as np

from parsers.ocr import Image, Line

_WIDTH = 300  # pixels: a page is looked at this small
_PAPER = 28  # levels: what differs less from the paper is paper
_SMALLEST = 0.02  # of the page: a smaller patch is no picture
_FULL = 0.6  # of its rectangle: what a picture fills at least


def pictures(page: Image, lines: Sequence[Line]) -> int:
    """Return how many pictures stand on a page of text, its `lines` left out."""
    scale = _WIDTH / page.shape[1]
    small = cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    paper = int(np.percentile(grey, 90))
    spread = small.max(axis=2).astype(np.int16) - small.min(axis=2)
    printed = ((np.abs(grey.astype(np.int16) - paper) > _PAPER) | (spread > _PAPER)).astype(np.uint8)
    for line in lines:
        left, top, right, bottom = (max(0, int(edge * scale)) for edge in line.box)
        printed[top : bottom + 1, left : right + 1] = 0
    opened = cv2.morphologyEx(
        cv2.morphologyEx(printed, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)),
        cv2.MORPH_OPEN,
        np.ones((7, 7), np.uint8),
    )
    _, _, stats, _ = cv2.connectedComponentsWithStats(opened)
    least = _SMALLEST * printed.size
    return sum(area > least and area > _FULL * wide * high for _, _, wide, high, area in stats[1:].tolist())
