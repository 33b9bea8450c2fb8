"""A page as a telephone photographs it: aslant on a desk, in uneven light, a little out of focus."""

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
_DESK = (70, 95, 120)
_ROUND = 0.06  # of the page: how much desk shows around it


class Shot(msgspec.Struct, frozen=True, kw_only=True):
    """How a page is photographed: `slant` and `shade` as shares, `blur` in pixels, quarter turns."""

    slant: float = 0.06
    shade: float = 0.4
    blur: float = 0.7
    turns: int = 0


def photo(page: Image, shot: Shot) -> Image:
    """Return `page` (blue-green-red) on a desk as `shot` shows it."""
    height, width = page.shape[:2]
    wide, high = int(width * (1 + 2 * _ROUND)), int(height * (1 + 2 * _ROUND))
    left, top, slant = width * _ROUND, height * _ROUND, shot.slant
    ends = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    place = np.array(
        [
            [left + slant * width, top + slant * height / 2],
            [left + width, top],
            [left + width - slant * width / 2, top + height - slant * height / 3],
            [left, top + height],
        ],
        np.float32,
    )
    warp = cv2.getPerspectiveTransform(ends, place)
    desk = np.full((high, wide, 3), _DESK, np.uint8)
    seen = cv2.warpPerspective(page, warp, (wide, high), dst=desk, borderMode=cv2.BORDER_TRANSPARENT)
    light = np.linspace(1.0, 1.0 - shot.shade, wide)[np.newaxis, :, np.newaxis]
    dim = cv2.GaussianBlur((seen * light).astype(np.uint8), (0, 0), shot.blur)
    return np.ascontiguousarray(np.rot90(np.asarray(dim, np.uint8), shot.turns))
