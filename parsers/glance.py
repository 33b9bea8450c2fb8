"""One cheap look at a picture of a document: whether it is written paper, and how it looks in small.

A picture is decoded once for both, at a share of its size where its format allows that.
"""

import io
import warnings
from typing import Any, NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageOps

from parsers import picture, writing

SIDE = 64  # cells either way that a picture is compared in
_DECODED = 480  # pixels of the shorter side, or more: enough to see lines of writing
_LIGHT, _PALE, _PAPER = 150, 70, 0.5  # levels of paper, and the share of a picture that is such
_SAMPLE = 4  # every which point is looked at for that
FAILURES = (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning)


class Glance(NamedTuple):
    """`cells` is the picture in small, `ratio` its width by its height, `written` whether it is paper with lines."""

    cells: Any
    ratio: float
    written: bool


def at(data: bytes) -> Glance | None:
    """Return what the picture `data` is at a glance; None if it is broken, too large, or a drawing."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data)) as opened:
            warnings.simplefilter("ignore")
            if opened.width * opened.height > picture.LARGEST:
                return None
            opened.draft("RGB", (_DECODED, _DECODED))
            ImageOps.exif_transpose(opened, in_place=True)
            return _seen(opened)
    except FAILURES:
        return None


def on_white(shown: Image.Image) -> Image.Image:
    """Return `shown` in red, green and blue, on white where it is transparent."""
    if shown.has_transparency_data:
        shown = shown.convert("RGBA")
        shown = Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown)
    return shown if shown.mode == "RGB" else shown.convert("RGB")


def _seen(upright: Image.Image) -> Glance:
    bare = upright if upright.mode == "RGB" else upright.convert("RGB")
    small = bare.resize((SIDE, SIDE), Image.Resampling.BOX)
    ratio = upright.width / upright.height
    return Glance(np.asarray(small, np.int16), ratio, _is_written_paper(np.asarray(on_white(upright))))


def _is_written_paper(page: Any) -> bool:
    """Tell whether most of a picture is light and pale, as paper is, and has lines of writing."""
    red, green, blue = cv2.split(np.ascontiguousarray(page[::_SAMPLE, ::_SAMPLE]))
    high, low = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    paper = (high > _LIGHT) & (high - low < _PALE)
    return float(paper.mean()) > _PAPER and writing.is_on(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY))
