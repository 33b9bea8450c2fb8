"""Rings of red ink: the round and oval rims of office seals, whole or worn, alone or over each other."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from parsers.seals import stars
from parsers.seals.redink import Mask
from parsers.seals.rims import FLATTEST, LEAST, MARGIN, MOST, Rim, filled, fitted, measured

_COARSE = 3  # votes are counted in pixels of three times the size
_REACH = 9  # pixels: gaps in worn ink are narrower
_ROOM = LEAST // 2
_LEAST_INK = 60  # pixels
_LEAST_CORNERS = 6  # of a hull: fewer make no ellipse
_SOFT, _BLUR = 1.2, 1.1  # pixels of ink, and of votes
_STEEP = 0.5  # of a full edge
_VOTERS = 6000
_RADII = np.arange(LEAST, MOST + 1, 4)
_CANDIDATES = 16
_FITTED = 5  # rims of a group that are drawn to its ink
_ALONE = 0.78  # score of a rim about all the ink of its group: nothing else need be looked for
_CROWDED = 0.12  # share of ink between name and star: something else lies over it
_PLAIN = 0.82  # score of a rim that leaves no doubt
_LOOSE = 0.06  # of a radius: how far off a first guess may be
_OVAL = 0.72  # of its width: the usual height of an oval seal
_HOPEFUL = 0.28  # score of a guess: lower ones hardly end as a seal
_SPARED = 1.08  # of a rim: ink so far out is still its own
_LEAST_REST = 300  # pixels of ink: fewer hide no seal
_NEAR = 0.38  # of a radius: two rims with middles closer than this are one seal's

Group = tuple[int, int, int, int]
"""Left, top, right, bottom of inks that lie together."""


def find(mask: Mask, thinnest: int = 0) -> Iterator[Rim]:
    """Yield the likeliest rims in `mask`, each group of inks by itself, the best of a group first.

    Inks that lie together in a stretch no thicker than `thinnest` are left out.
    """
    for left, top, right, bottom in _groups(mask, thinnest):
        part = np.pad(mask[top:bottom, left:right], MARGIN)
        yield from (_moved(rim, left - MARGIN, top - MARGIN) for rim in _best(part))


def _groups(mask: Mask, thinnest: int) -> list[Group]:
    """Return the rectangles of inks that lie together and are large enough for a rim, with some room."""
    # of the half size: where inks lie needs no more
    half = cv2.dilate(mask, np.ones((2, 2), np.uint8))[::2, ::2]
    joined = cv2.morphologyEx(half, cv2.MORPH_CLOSE, np.ones((_REACH // 2, _REACH // 2), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    high, wide = mask.shape
    groups: list[Group] = []
    for left, top, width, height, area in (2 * stats[1:]).tolist():
        if max(width, height) >= 1.3 * LEAST and min(width, height) > thinnest and 2 * area >= _LEAST_INK:
            right, bottom = left + width + _ROOM, top + height + _ROOM
            box = (max(0, left - _ROOM), max(0, top - _ROOM), min(wide, right), min(high, bottom))
            groups = _joined(groups, box)
    return groups


def _joined(groups: list[Group], box: Group) -> list[Group]:
    """Return `groups` and `box`, those that meet as one."""
    near = [one for one in groups if _meet(one, box)]
    if not near:
        return [*groups, box]
    lefts, tops, rights, bottoms = zip(box, *near, strict=True)
    rest = [one for one in groups if one not in near]
    return _joined(rest, (min(lefts), min(tops), max(rights), max(bottoms)))


def _meet(one: Sequence[int], other: Sequence[int]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _moved(rim: Rim, left: int, top: int) -> Rim:
    return msgspec.structs.replace(rim, x=rim.x + left, y=rim.y + top)


def _best(part: Mask) -> list[Rim]:
    """Return the rims of one group of inks that are not each other's, the best first."""
    whole = [filled(part, fitted(part, measured(part, start))) for start in _hull(part)]
    if any(rim.score > _ALONE and rim.between < _CROWDED for rim in whole):
        return whole
    found, rest = whole, part
    for guess in _GUESSES:
        found = _with(part, found, guess(rest))
        rest = _rest(part, found)
        if np.count_nonzero(rest) < _LEAST_REST:
            break
    kept: list[Rim] = []
    for rim in sorted(filter(_sized, found), key=lambda rim: -rim.score):
        if not any(_within(rim, other) for other in kept):
            kept.append(filled(part, rim))
    return kept


def _with(part: Mask, found: Sequence[Rim], starts: Iterable[Rim]) -> list[Rim]:
    """Return `found` and the likeliest of `starts` that are none of them, drawn to the ink of `part`."""
    all_, added = list(found), 0
    likely = (rim for start in starts if (rim := measured(part, start, _LOOSE)).score > _HOPEFUL)
    for start in sorted(likely, key=lambda rim: -rim.score):
        if added < _FITTED and not any(_within(start, other) for other in all_ if other.score > _PLAIN):
            all_.append(fitted(part, measured(part, start)))
            added += 1
    return all_


def _rest(part: Mask, found: Sequence[Rim]) -> Mask:
    """Return the ink of `part` that lies outside the plain rims of `found`."""
    rest = part.copy()
    for rim in found:
        if rim.score > _PLAIN:
            axes = (2 * _SPARED * rim.long, 2 * _SPARED * rim.short)
            cv2.ellipse(rest, ((rim.x, rim.y), axes, rim.turn), 0, -1)
    return rest


def _sized(rim: Rim) -> bool:
    return rim.radius >= LEAST and max(rim.long, rim.short) <= MOST


def _within(rim: Rim, other: Rim) -> bool:
    """Tell whether `rim` is another drawing of `other`, or something inside it."""
    apart = float(np.hypot(rim.x - other.x, rim.y - other.y))
    return apart < _NEAR * max(rim.radius, other.radius) or apart + rim.radius < 1.05 * other.radius


def _voted(part: Mask, flat: float) -> list[Rim]:
    """Return the circles that the outer edges of inks agree on (Hough transform by gradients).

    With `flat` under 1 they are ovals lying level, as high as that by their width.
    """
    bare = part[MARGIN:-MARGIN, MARGIN:-MARGIN]
    size = (bare.shape[1], round(bare.shape[0] / flat))
    tall = bare if flat == 1 else cv2.resize(bare, size, interpolation=cv2.INTER_NEAREST)
    return [
        msgspec.structs.replace(rim, x=rim.x + MARGIN, y=rim.y * flat + MARGIN, short=rim.short * flat)
        for rim in _circles(np.asarray(tall, np.uint8))
    ]


def _circles(part: Mask) -> list[Rim]:
    soft = cv2.GaussianBlur(part.astype(np.float32), (0, 0), _SOFT)
    across, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    steep = np.hypot(across, down)
    rows, columns = np.nonzero(steep > _STEEP)
    if len(rows) > _VOTERS:
        some = np.linspace(0, len(rows) - 1, _VOTERS).astype(int)
        rows, columns = rows[some], columns[some]
    slope = steep[rows, columns]
    x = columns[:, None] + _RADII * (across[rows, columns] / slope)[:, None]
    y = rows[:, None] + _RADII * (down[rows, columns] / slope)[:, None]
    return _peaks(
        _votes(x / _COARSE, y / _COARSE, (part.shape[0] // _COARSE + 1, part.shape[1] // _COARSE + 1))
    )


def _votes(x: NDArray[Any], y: NDArray[Any], size: tuple[int, int]) -> NDArray[np.float32]:
    """Return how many of the edges lie on a circle about each point, by radius, for the length of its line."""
    height, width = size
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    level = np.broadcast_to(np.arange(len(_RADII)), x.shape)
    at = (level[inside] * height + y[inside].astype(int)) * width + x[inside].astype(int)
    counted = np.bincount(at, minlength=len(_RADII) * height * width).reshape(len(_RADII), height, width)
    blurred = [cv2.GaussianBlur(each.astype(np.float32), (0, 0), _BLUR) for each in counted]
    votes = np.asarray(np.stack(blurred), np.float32)
    votes[1:] = votes[1:] + 0.5 * votes[:-1]  # an edge between two radii votes for both
    return np.asarray(votes / _RADII[:, None, None], np.float32)


def _peaks(votes: NDArray[np.float32]) -> list[Rim]:
    """Return the circles of most votes, no two with nearly the same middle."""
    found: list[Rim] = []
    best, which = np.ascontiguousarray(votes.max(axis=0)), votes.argmax(axis=0)
    for _ in range(_CANDIDATES):
        row, column = (int(at) for at in np.unravel_index(int(best.argmax()), best.shape))
        if best[row, column] <= 0:
            break
        radius = float(_RADII[which[row, column]])
        found.append(
            Rim(x=(column + 0.5) * _COARSE, y=(row + 0.5) * _COARSE, long=radius, short=radius, turn=0)
        )
        cv2.circle(best, (column, row), int(0.2 * radius / _COARSE) + 2, 0, -1)
    return found


def _hull(part: Mask) -> list[Rim]:
    """Return the ellipse about all ink of a group, if it is as large as one seal."""
    hull = cv2.convexHull(np.argwhere(part)[:, ::-1].astype(np.int32))
    if len(hull) < _LEAST_CORNERS:
        return []
    (x, y), (one, two), turn = cv2.fitEllipse(hull)
    if not 2 * LEAST <= max(one, two) <= 2.4 * MOST or min(one, two) < FLATTEST * max(one, two):
        return []
    return [Rim(x=x, y=y, long=one / 2, short=two / 2, turn=turn)]


_GUESSES: tuple[Callable[[Mask], Iterable[Rim]], ...] = (
    stars.rims,
    lambda part: _voted(part, 1.0),
    lambda part: _voted(part, _OVAL),
)
"""Ways to guess rims, the cheap and sure first."""
