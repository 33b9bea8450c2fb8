"""One rim in a mask of red ink: an ellipse, drawn to the ink about its line, and how it looks there."""

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from parsers.seals.redink import Mask

LEAST, MOST = 34, 122
"""Pixels: radii of rims on a page of 800 pixels' width, 18 to 64 mm across on A4."""

MARGIN = 180
"""Pixels about a group of inks: more than the longest half axis, a third beyond the rim included."""

FLATTEST = 0.6
"""Of an oval: its height by its width."""

_LONGEST = 1.1 * MOST  # half axis of what is measured at all
_ANGLES = 96
_STEPS = 64  # of a radius
_OUT = 84  # steps seen, a third beyond the rim
_NAME = slice(int(0.58 * _STEPS), int(0.86 * _STEPS))  # where a seal has its name
_BETWEEN = slice(int(0.32 * _STEPS), int(0.46 * _STEPS))
_CORE = int(0.12 * _STEPS)  # well within a star

Polar = NDArray[np.uint8]


class Rim(msgspec.Struct, frozen=True, kw_only=True):
    """An ellipse in pixels: middle, half axes, degrees by which the first is turned; and how it looks.

    `cover` is the share of its line that bears ink, `outside` and `inside` the shares of ink just
    beyond and just within it, `filled` the share where a seal has its name, `core` where its star, `between` amid them.
    """

    x: float
    y: float
    long: float
    short: float
    turn: float
    cover: float = 0.0
    outside: float = 0.0
    inside: float = 0.0
    filled: float = 0.0
    core: float = 0.0
    between: float = 0.0

    @property
    def radius(self) -> float:
        return (self.long + self.short) / 2

    @property
    def score(self) -> float:
        return self.cover - 0.6 * self.outside - 0.3 * self.inside


def fitted(part: Mask, start: Rim) -> Rim:
    """Return `start` drawn to the ink about its line, as a circle and then as an ellipse, and measured."""
    best = start
    for reach, oval, hope in _PASSES:
        if not hope <= best.score < _PERFECT:
            break
        tries = [measured(part, rim) for rim in _drawn(part, best, reach, oval=oval)]
        best = max([best, *tries], key=lambda rim: rim.score)
    return best


# How far from the line ink is looked for, whether as an ellipse, and the score that makes it worth while:
# what ends as a seal has more than this by then.
_PASSES = ((0.16, False, 0.1), (0.08, False, 0.2), (0.09, True, 0.3), (0.05, True, 0.42))
_PERFECT = 0.95


def _drawn(part: Mask, rim: Rim, reach: float, *, oval: bool) -> list[Rim]:
    """Return circles, or ellipses, through the ink within `reach` of a radius of the line of `rim`."""
    low, high = int((1 - reach) * _STEPS), int((1 + reach) * _STEPS) + 1
    band = unwrapped(part, rim, slice(low, high))
    hit = band.any(axis=1)
    if hit.sum() < _ANGLES * (0.5 if oval else 0.25):
        return []
    # of several inks on one ray the outermost, since name and star lie within, or else the nearest
    outmost = (high - 1 - np.argmax(band[:, ::-1], axis=1))[hit]
    off = np.abs(np.arange(low, high) - _STEPS)
    nearest = (low + np.argmin(np.where(band > 0, off, 999), axis=1))[hit]
    rays = np.flatnonzero(hit)
    through = _ellipse if oval else _circle
    both = (outmost, nearest) if np.count_nonzero(outmost != nearest) > _SAME * len(rays) else (outmost,)
    return [one for chosen in both for one in through(_points(rim, rays, chosen))]


_SAME = 0.05  # of the rays: fewer other points make the same line


_RAYS = np.arange(_ANGLES) * 2 * np.pi / _ANGLES
_COS, _SIN = np.cos(_RAYS), np.sin(_RAYS)
_COS_ALL = (_COS[:, None] * np.arange(_OUT)[None, :] / _STEPS).astype(np.float32)
_SIN_ALL = (_SIN[:, None] * np.arange(_OUT)[None, :] / _STEPS).astype(np.float32)


def _points(rim: Rim, rays: NDArray[np.int64], steps: NDArray[np.int64]) -> NDArray[np.float32]:
    along, across = rim.long * _COS[rays] * steps / _STEPS, rim.short * _SIN[rays] * steps / _STEPS
    turn = np.radians(rim.turn)
    x = rim.x + along * np.cos(turn) - across * np.sin(turn)
    y = rim.y + along * np.sin(turn) + across * np.cos(turn)
    return np.stack([x, y], axis=-1).astype(np.float32)


def _circle(points: NDArray[np.float32]) -> list[Rim]:
    """Return the circle of least squares, once more without what lies far from it."""
    at = points.T.astype(float)
    x, y, radius = _least_squares(at)
    off = np.abs(np.hypot(at[0] - x, at[1] - y) - radius)
    half = len(off) // 2
    near = off <= max(1.5, 2 * float(np.partition(off, half)[half]))
    if not near.all():
        x, y, radius = _least_squares(at[:, near])
    return [Rim(x=x, y=y, long=radius, short=radius, turn=0)]


def _least_squares(at: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return middle and radius of the circle nearest to the points `at` (two rows), by Kåsa's method."""
    middle = at.mean(axis=1, keepdims=True)
    apart = at - middle
    squares = (apart * apart).sum(axis=0)
    (xx, xy), (_, yy) = (apart @ apart.T).tolist()
    xz, yz = (apart @ squares / 2).tolist()
    spread = xx * yy - xy * xy + 1e-6
    x, y = (xz * yy - yz * xy) / spread, (yz * xx - xz * xy) / spread
    radius = float(np.sqrt(max(1.0, x * x + y * y + float(squares.mean()))))
    return x + float(middle[0, 0]), y + float(middle[1, 0]), radius


def _ellipse(points: NDArray[np.float32]) -> list[Rim]:
    (x, y), (one, two), turn = cv2.fitEllipse(points)
    if min(one, two) < max(1.0, FLATTEST * max(one, two)):
        return []
    return [Rim(x=x, y=y, long=one / 2, short=two / 2, turn=turn)]


def unwrapped(part: Mask, rim: Rim, steps: slice) -> Polar:
    """Return the ink about `rim` by angle (clockwise from the right, rows) and by distance (columns).

    `part` has a margin of `MARGIN` pixels, so that no ray of a rim within it ends outside.
    """
    height, width = part.shape
    cos_all, sin_all = _COS_ALL[:, steps], _SIN_ALL[:, steps]
    inside = MARGIN <= rim.x < width - MARGIN and MARGIN <= rim.y < height - MARGIN
    if not inside or max(rim.long, rim.short) > _LONGEST:
        return np.zeros(cos_all.shape, np.uint8)
    cos, sin = np.cos(np.radians(rim.turn)), np.sin(np.radians(rim.turn))
    columns = cos_all * np.float32(rim.long * cos) - sin_all * np.float32(rim.short * sin)
    rows = cos_all * np.float32(rim.long * sin) + sin_all * np.float32(rim.short * cos)
    columns += np.float32(rim.x + 0.5)
    rows += np.float32(rim.y + 0.5)
    return np.asarray(part.ravel()[rows.astype(np.int32) * width + columns.astype(np.int32)], np.uint8)


def measured(part: Mask, rim: Rim, slack: float = 0.025) -> Rim:
    """Return `rim` with how its line looks in `part`; it may be off by `slack` of its radius, or two pixels."""
    slack = max(2.0 / max(rim.radius, 1), slack)
    low, high = round((1 - slack) * _STEPS), round((1 + slack) * _STEPS)
    first = max(0, low - 6)
    polar = unwrapped(part, rim, slice(first, high + 9))
    inked = polar.sum(axis=0, dtype=np.int32) / _ANGLES
    return msgspec.structs.replace(
        rim,
        cover=float(np.count_nonzero(polar[:, low - first : high + 1 - first].any(axis=1))) / _ANGLES,
        outside=float(inked[high + 3 - first :].sum()) / 6,
        inside=float(inked[: max(0, low - 2 - first)].sum()) / 4,
    )


def filled(part: Mask, rim: Rim) -> Rim:
    """Return `rim` with what lies within it: where a seal has its name, its star, and nothing."""
    inked = unwrapped(part, rim, slice(0, _NAME.stop)).mean(axis=0)
    return msgspec.structs.replace(
        rim,
        filled=float(inked[_NAME].mean()),
        core=float(inked[:_CORE].mean()),
        between=float(inked[_BETWEEN].mean()),
    )
