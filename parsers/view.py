"""A page set right for reading, and the way back to the page as it came."""

from typing import Any

import cv2
import msgspec
import numpy as np

from parsers.documents import Box
from parsers.ocr import Image

_WHITE = (255, 255, 255)


class View(msgspec.Struct, frozen=True, kw_only=True):
    """`image` is read; `back` (3 x 3) takes its pixels to those of the page as it came, `size` wide and high."""

    image: Image
    back: Any
    size: tuple[int, int]


def of(page: Image) -> View:
    """Return `page` as it came, as a viewer displays it."""
    return View(image=page, back=np.eye(3), size=(page.shape[1], page.shape[0]))


def turned(seen: View, turns: int) -> View:
    """Return `seen` after `turns` quarter turns counter-clockwise."""
    if not turns % 4:
        return seen
    height, width = seen.image.shape[:2]
    back = {
        1: [[0, -1, width - 1], [1, 0, 0], [0, 0, 1]],
        2: [[-1, 0, width - 1], [0, -1, height - 1], [0, 0, 1]],
        3: [[0, 1, 0], [-1, 0, height - 1], [0, 0, 1]],
    }[turns % 4]
    image = np.ascontiguousarray(np.rot90(seen.image, turns))
    return View(image=image, back=seen.back @ np.array(back, float), size=seen.size)


def warped(seen: View, forth: Any, size: tuple[int, int]) -> View:
    """Return `seen` drawn anew, `size` wide and high, by `forth` (3 x 3): from its pixels to the new ones."""
    image = cv2.warpPerspective(seen.image, forth, size, flags=cv2.INTER_LINEAR, borderValue=_WHITE)
    return View(image=np.asarray(image, np.uint8), back=seen.back @ np.linalg.inv(forth), size=seen.size)


def box(seen: View, area: tuple[float, float, float, float], page: int) -> Box:
    """Return where `area` of `seen` (left, top, right, bottom) lies on the page as it came, number `page`."""
    left, top, right, bottom = area
    ends = np.array([[[left, top], [right, top], [right, bottom], [left, bottom]]], float)
    place = cv2.perspectiveTransform(ends, seen.back)[0] / np.array(seen.size) * 1000
    low, high = (
        np.clip(np.rint(edge), 0, 1000).astype(int) for edge in (place.min(axis=0), place.max(axis=0))
    )
    return Box(page=page, left=int(low[0]), top=int(low[1]), right=int(high[0]), bottom=int(high[1]))
