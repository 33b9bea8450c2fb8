"""One cheap look at a picture of a document: whether it is written paper, and how it looks in small.

It is decoded at a share of its size where its format allows that, and again, larger, only if it may be paper.
"""

import io
import warnings
from typing import Any, NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageOps

from parsers import picture, writing

SIDE = 64  # cells either way that a picture is compared in
_FOR_CELLS, _FOR_LINES = 240, 480  # pixels of the shorter side, or more, that are decoded to see this
_LIGHT, _PALE, _PAPER = 150, 70, 0.5  # levels of paper, and the share of a picture that is such
_SAMPLE = 2  # every which point is looked at for that
FAILURES = (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning)


class Glance(NamedTuple):
    """`cells` is the picture in small, `ratio` its width by its height, `written` whether it is paper with lines."""

    cells: Any
    ratio: float
    written: bool


def at(data: bytes) -> Glance | None:
    """Return what the picture `data` is at a glance; None if it is broken, too large, or a drawing."""
    page = _decoded(data, _FOR_CELLS)
    if page is None:
        return None
    cells = cv2.resize(page, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.int16)
    written = _is_light(page) and _is_written(
        page if min(page.shape[:2]) >= _FOR_LINES else _decoded(data, _FOR_LINES)
    )
    return Glance(cells, page.shape[1] / page.shape[0], written)


def on_white(shown: Image.Image) -> Image.Image:
    """Return `shown` in red, green and blue, on white where it is transparent."""
    if shown.has_transparency_data:
        shown = shown.convert("RGBA")
        shown = Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown)
    return shown if shown.mode == "RGB" else shown.convert("RGB")


def _decoded(data: bytes, side: int) -> Any:
    """Return a picture upright in red, green and blue, its shorter side of `side` pixels or more if it has them."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data)) as opened:
            warnings.simplefilter("ignore")
            if opened.width * opened.height > picture.LARGEST:
                return None
            opened.draft("RGB", (side, side))
            ImageOps.exif_transpose(opened, in_place=True)
            return np.asarray(on_white(opened))
    except FAILURES:
        return None


def _is_light(page: Any) -> bool:
    """Tell whether most of a picture is light and pale, as paper is."""
    red, green, blue = cv2.split(np.ascontiguousarray(page[::_SAMPLE, ::_SAMPLE]))
    high, low = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    return float(((high > _LIGHT) & (high - low < _PALE)).mean()) > _PAPER


def _is_written(page: Any) -> bool:
    return page is not None and writing.is_on(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY))
