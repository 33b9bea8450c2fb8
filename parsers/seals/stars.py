"""Rims told by the star in their middle: ellipses about one point, however flat and turned."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers.seals.redink import Mask
from parsers.seals.rims import FLATTEST, LEAST, MOST, Rim

_SOLID = 7  # pixels: the body of a star is wider, a stroke of a letter is not
_CLOSED = 5  # pixels: print over a star cuts it
_SIZES = (40, 2200)  # pixels of a star's body
_SLIMMEST = 2.0  # times as long as wide: what is slimmer is a stroke
_MOST_STARS = 7
_RAYS = 96
_FAR = MOST + 16
_NEAREST = LEAST // 2  # pixels from a star to the nearest line of a rim
_TRIES = 600
_SLACK = 3  # pixels by which a line may be off a guess
_BEYOND = slice(6, 15)  # pixels outside a rim, where there is no ink
_PROMISING = 0.5

_ANGLES = np.arange(_RAYS) * 2 * np.pi / _RAYS
_FORM = np.stack([np.cos(_ANGLES) ** 2, np.cos(_ANGLES) * np.sin(_ANGLES), np.sin(_ANGLES) ** 2], axis=1)
_OFFSETS = np.arange(_FAR)
_COS = np.cos(_ANGLES)[:, None] * _OFFSETS
_SIN = np.sin(_ANGLES)[:, None] * _OFFSETS


def rims(part: Mask) -> Iterator[Rim]:
    """Yield for each star in `part` the ellipse about it whose line bears most ink, nothing just beyond."""
    for x, y in _stars(part):
        rim = _about(part, x, y)
        if rim is not None:
            yield rim


def _stars(part: Mask) -> list[tuple[float, float]]:
    """Return the middles of solid spots that may be a star, the largest first."""
    closed = cv2.morphologyEx(part, cv2.MORPH_CLOSE, np.ones((_CLOSED, _CLOSED), np.uint8))
    round_ = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_SOLID, _SOLID))
    _, _, stats, middles = cv2.connectedComponentsWithStats(cv2.morphologyEx(closed, cv2.MORPH_OPEN, round_))
    sized = [
        (area, (float(x), float(y)))
        for (*_, wide, high, area), (x, y) in zip(stats[1:].tolist(), middles[1:], strict=True)
        if _SIZES[0] <= area <= _SIZES[1] and max(wide, high) <= _SLIMMEST * min(wide, high)
    ]
    return [middle for _, middle in sorted(sized, reverse=True)[:_MOST_STARS]]


def _about(part: Mask, x: float, y: float) -> Rim | None:
    """Return the likeliest ellipse about a point: guessed through three edges many times, the best guess kept."""
    rows = np.rint(y + _SIN).astype(int).clip(0, part.shape[0] - 1)
    columns = np.rint(x + _COS).astype(int).clip(0, part.shape[1] - 1)
    polar = part[rows, columns]
    outer = (polar[:, :-1] > 0) & (polar[:, 1:] == 0)
    outer[:, :_NEAREST] = False
    rays, reaches = np.nonzero(outer)
    if len(rays) < _RAYS // 3:
        return None
    shapes = _guessed(rays, reaches)
    if not len(shapes):
        return None
    scores = _scored(polar, shapes)
    best = int(scores.argmax())
    return _ellipse(shapes[best], x, y) if scores[best] >= _PROMISING else None


def _guessed(rays: NDArray[np.int64], reaches: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return quadratic forms of ellipses through three of the edges each, those of no seal left out."""
    chosen = np.random.default_rng(len(rays)).integers(0, len(rays), (_TRIES, 3))
    systems, inverse_squares = _FORM[rays[chosen]], 1.0 / reaches[chosen].astype(float) ** 2
    sound = np.abs(np.linalg.det(systems)) > _SPREAD
    shapes = np.linalg.solve(systems[sound], inverse_squares[sound][..., None])[..., 0]
    middle = (shapes[:, 0] + shapes[:, 2]) / 2
    apart = np.hypot((shapes[:, 0] - shapes[:, 2]) / 2, shapes[:, 1] / 2)
    least, most = middle - apart, middle + apart
    fits = (least > 1 / _FAR**2) & (most < 1 / (0.8 * LEAST) ** 2) & (least > FLATTEST**2 * most)
    return np.asarray(shapes[fits])


_SPREAD = 0.02  # of three rays: less, and an ellipse through them is anybody's guess


def _scored(polar: Mask, shapes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each shape the share of its line that bears ink, less the ink just beyond."""
    near = cv2.dilate(polar, np.ones((1, 2 * _SLACK + 1), np.uint8))
    summed = np.cumsum(np.pad(polar, ((0, 0), (0, _BEYOND.stop))), axis=1, dtype=np.int32)
    at = np.rint(1 / np.sqrt(np.maximum(shapes @ _FORM.T, 1 / _FAR**2))).astype(int).clip(0, _FAR - 1)
    rays = np.arange(_RAYS)
    cover = near[rays, at].mean(axis=1)
    beyond = (summed[rays, at + _BEYOND.stop - 1] - summed[rays, at + _BEYOND.start]) / (
        _BEYOND.stop - _BEYOND.start
    )
    return np.asarray(cover - 0.6 * beyond.mean(axis=1))


def _ellipse(shape: NDArray[np.float64], x: float, y: float) -> Rim:
    values, axes = np.linalg.eigh(np.array([[shape[0], shape[1] / 2], [shape[1] / 2, shape[2]]]))
    long, short = 1 / np.sqrt(values)
    turn = float(np.degrees(np.arctan2(axes[1, 0], axes[0, 0])))
    return Rim(x=x, y=y, long=float(long), short=float(short), turn=turn)
