"""Pictures that are the same though their bytes differ: saved again, made smaller, stored in another format."""

import io
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageOps

MOST_COMPARED = 60  # pictures of one document; further ones count as different
MOST_PIXELS = 40_000_000
_SIDE = 64  # cells either way that a picture is looked at in
_SHAPE = 0.03  # by which the ratio of width to height may differ
_MEAN, _MOST = 3.0, 30.0  # levels of 255 between two cells: on average, and at the worst
_FAILURES = (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning)


class Look(NamedTuple):
    """A picture in small, and its width by its height."""

    cells: Any
    ratio: float


def count(pictures: Sequence[bytes]) -> int:
    """Return how many different pictures there are among `pictures`; what cannot be opened is one each."""
    kept: list[Look] = []
    unseen = max(0, len(pictures) - MOST_COMPARED)
    for data in pictures[:MOST_COMPARED] if len(pictures) > 1 else ():
        seen = _look(data)
        if seen is None:
            unseen += 1
        elif not any(_same(seen, other) for other in kept):
            kept.append(seen)
    return len(kept) + unseen if len(pictures) > 1 else len(pictures)


def _look(data: bytes) -> Look | None:
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data)) as opened:
            warnings.simplefilter("ignore")
            if opened.width * opened.height > MOST_PIXELS:
                return None
            opened.draft("RGB", (_SIDE * 4, _SIDE * 4))
            upright = ImageOps.exif_transpose(opened).convert("RGB")
            small = upright.resize((_SIDE, _SIDE), Image.Resampling.BOX)
            return Look(np.asarray(small, np.int16), upright.width / upright.height)
    except _FAILURES:
        return None


def _same(one: Look, other: Look) -> bool:
    if abs(one.ratio / other.ratio - 1) > _SHAPE:
        return False
    apart = np.abs(one.cells - other.cells)
    return bool(apart.mean() < _MEAN and apart.max() < _MOST)
