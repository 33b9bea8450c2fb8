"""Red ink on a page: how red each point is beside its paper, whatever the lamp, the camera and the ink."""

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from parsers.ocr import Image

Shades = NDArray[np.float32]
Mask = NDArray[np.uint8]

WIDE = 800
"""Pixels of width that a page is looked at with: an office seal is 90 to 230 of them wide."""

_FAR_SMALLER = 0.4  # below this, taking four points for one would miss thin lines
_RULE = 40  # pixels: longer than any straight stroke of a letter or a seal
_TALLEST = 2.5  # of its width: the height of what may be a page
_LARGER = 4.0  # times: no page is so small
_COARSE = 8  # pixels of the page to one of its paper
_PAPER = 13  # coarse pixels: wider than any stroke
_FULL = 230  # level of paper where colours are shares of it
_BLUISH = 0.12  # by which blue may outshine red in red ink: violet and blue stamps lie above
_EDGE = 13  # pixels about a point: wider than the strokes of a seal
_EDGE_SHARE = 0.38  # of the reddest nearby
_SPECK = 7  # pixels: what is smaller is noise
_LEAST = 0.05  # redness of ink, where 1 is pure red on white
_NOISE = 3.6  # times the spread of the paper's own redness
_LIGHT, _WHITE = 225, 253  # levels: of paper, and of paper that a threshold made white
_WHITEST = 0.8  # of the paper: as much pure white no lamp gives
_GREYEST = 1  # levels by which the channels of a grey picture differ: none, but for rounding
_STRAY = 0.001  # of the points: so few may differ by more
_SAMPLE = 700  # points of the longer side


class Ink(msgspec.Struct, frozen=True, kw_only=True):
    """The redness of a page `scale` times its size, where it is ink, and the least that counts as such."""

    redness: Shades
    mask: Mask
    least: float
    scale: float


def scale_of(page: Image) -> float:
    """Return by how much `page` is enlarged to be looked at; what is no page is not blown up beyond measure."""
    height, width = map(int, page.shape[:2])
    return min(WIDE / width, _TALLEST * WIDE / height, _LARGER)


def on(page: Image, scale: float) -> Ink:
    """Return the red ink on `page`, or on a part of one, looked at `scale` times its size."""
    how = cv2.INTER_AREA if scale < _FAR_SMALLER else cv2.INTER_LINEAR
    small = cv2.resize(page, None, fx=scale, fy=scale, interpolation=how)
    shades = redness(np.asarray(small, np.uint8))
    least = max(_LEAST, _NOISE * spread(shades))
    return Ink(redness=shades, mask=_mask(shades, least), least=least, scale=scale)


def _mask(shades: Shades, least: float) -> Mask:
    """Return what is redder than `least` and not merely the blurred edge of far redder ink, specks left out."""
    strong = cv2.dilate(shades, np.ones((_EDGE, _EDGE), np.uint8))
    mask = (shades > np.maximum(least, _EDGE_SHARE * strong)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    kept = stats[:, cv2.CC_STAT_AREA] >= _SPECK
    kept[0] = False
    return np.asarray(kept.astype(np.uint8)[labels], np.uint8)


def is_grey(page: Image) -> bool:
    """Tell whether `page` has no colour whatever: a copy in grey, or in black and white."""
    blue, green, red = cv2.split(_sample(page))
    apart = cv2.subtract(cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red))
    return float(np.count_nonzero(apart > _GREYEST)) <= _STRAY * apart.size


def is_black_and_white(page: Image) -> bool:
    """Tell whether `page` knows only black and white: faint or red ink may have vanished altogether."""
    if not is_grey(page):
        return False
    shades = _sample(page)[:, :, 0]
    paper, white = (int(np.count_nonzero(shades >= least)) for least in (_LIGHT, _WHITE))
    return white >= _WHITEST * max(1, paper)


def _sample(page: Image) -> Image:
    """Return every so many points of `page`: enough to tell of what colours it is."""
    step = max(1, max(page.shape[:2]) // _SAMPLE)
    return np.ascontiguousarray(page[::step, ::step])


def darkness(page: Image, scale: float) -> Shades:
    """Return by how much each point of a part of a page is darker than its paper, `scale` times its size."""
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(page, None, fx=scale, fy=scale, interpolation=how)
    shares = cv2.divide(small, _paper(np.asarray(small, np.uint8)), scale=_FULL)
    return np.asarray(1 - shares.min(axis=2) / np.float32(_FULL), np.float32)


def without_rules(mask: Mask) -> Mask:
    """Return `mask` without its long level and plumb lines."""
    bare = mask.copy()
    for size in ((_RULE, 1), (1, _RULE)):
        lines = cv2.morphologyEx(mask, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, size))
        bare[cv2.dilate(lines, np.ones((3, 3), np.uint8)) > 0] = 0
    return bare


def redness(small: Image) -> Shades:
    """Return by how much red outshines green on each point, both as shares of the paper there."""
    # in bytes, a tenth of the time of fractions: paper is 230, what is lighter at most 255
    blue, green, red = cv2.split(cv2.divide(small, _paper(small), scale=_FULL))
    tint = cv2.subtract(red, green, dtype=cv2.CV_16S)
    tint[cv2.subtract(blue, red) > round(_BLUISH * _FULL)] = 0
    return np.asarray(cv2.GaussianBlur(tint, (3, 3), 0), np.float32) / np.float32(_FULL)


def _paper(small: Image) -> Image:
    """Return the colour of the paper on each point, the ink on it left out."""
    height, width = small.shape[:2]
    tiles = max(1, width // _COARSE), max(1, height // _COARSE)
    whole = small[: tiles[1] * _COARSE, : tiles[0] * _COARSE]  # whole tiles are averaged fast
    coarse = cv2.resize(whole, tiles, interpolation=cv2.INTER_AREA)
    light = cv2.dilate(coarse, np.ones((_PAPER, _PAPER), np.uint8))
    smooth = cv2.GaussianBlur(light, (0, 0), _PAPER / 2)
    paper = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.maximum(paper, 32), np.uint8)


def spread(shades: Shades) -> float:
    """Return the standard deviation of the redness of what is not red, by its median."""
    return 1.4826 * float(np.median(np.abs(shades[::4, ::4])))
