"""A page photographed aslant or askew, flattened by its own long lines; a shaded one, evened."""

from typing import Any

import cv2
import numpy as np

from parsers import view
from parsers.ocr import Image
from parsers.scans import grid
from parsers.view import View

_GLANCE_SIDE = 1000  # pixels: enough to tell where lines run
_STEEPEST = 25.0  # degrees: what is further askew is no level or plumb line
_FEWEST = 4  # lines of a direction that tell where it vanishes
_NEARER = (
    9.0,
    4.0,
    2.0,
    1.0,
)  # degrees: how far a line may be from the direction of its family, round by round
_SLIGHT = 0.003  # of the page: what would move no corner further is straight enough
_LEVEL_ENOUGH = 0.05  # degrees
_LARGEST = 1.6  # times as wide or high: what would grow more was not understood
_EVEN = 225  # levels: paper at least this light everywhere needs no evening
_THIN = 14  # levels: how much darker than its surroundings a stroke is
_PATCH = 25  # pixels of the glance: wider than a stroke


def flattened(seen: View) -> View:
    """Return `seen` with its long lines level and plumb, perspective undone; as it is where it has none."""
    small, scale = _glance(seen.image)
    frame = small.shape[1], small.shape[0]
    told = (_rectifying(_segments(ink(small)), *frame) for ink in (_strokes, _edges))
    forth = next((one for one in told if one is not None), None)
    if forth is None:
        return straight(seen)
    zoom = np.diag([scale, scale, 1.0])
    full = np.linalg.inv(zoom) @ forth @ zoom
    height, width = seen.image.shape[:2]
    ends = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], float)
    place = cv2.perspectiveTransform(ends, full)[0]
    if np.abs(place - ends[0]).max() < _SLIGHT * max(width, height):
        return seen
    low, size = place.min(axis=0), np.ceil(np.ptp(place, axis=0)).astype(int)
    if size[0] > _LARGEST * width or size[1] > _LARGEST * height:
        return seen
    shift = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]], float)
    return view.warped(seen, shift @ full, (int(size[0]), int(size[1])))


def straight(seen: View) -> View:
    """Return `seen` turned so that its ruled lines run level; as it is where it has none."""
    return levelled(seen, grid.slope(seen.image))


def levelled(seen: View, slope: float) -> View:
    """Return `seen` turned back by `slope`, the degrees by which its lines fall to the right."""
    if abs(slope) < _LEVEL_ENOUGH:
        return seen
    height, width = seen.image.shape[:2]
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), slope, 1.0), [0, 0, 1]])
    return view.warped(seen, turn, (width, height))


def evened(page: Image) -> Image:
    """Return `page` with its shadows lifted, so that paper is white everywhere; as it is where it was even."""
    small, _ = _glance(page)
    light = cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), _PATCH)
    paper = cv2.cvtColor(light, cv2.COLOR_BGR2GRAY)
    if float(np.percentile(paper, 3)) > _EVEN:
        return page
    height, width = page.shape[:2]
    ground = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    ground = np.maximum(ground, _DARKEST)[..., np.newaxis]
    return np.asarray(np.minimum(page.astype(np.uint16) * 250 // ground, 255), np.uint8)


_DARKEST = 60  # levels: what is darker is no paper in shadow


def _glance(page: Image) -> tuple[Image, float]:
    scale = min(1.0, _GLANCE_SIDE / max(page.shape[:2]))
    return np.asarray(
        cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
    ), scale


def _strokes(small: Image) -> Image:
    """Return the mask of thin dark strokes: rules and letters, but not the edge of the paper on a desk."""
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    thin = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, np.ones((9, 9), np.uint8))
    return np.asarray(np.where(thin > _THIN, 255, 0), np.uint8)


def _edges(small: Image) -> Image:
    """Return the mask of whatever is darker than what lies around it, the edge of the paper too."""
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 12)
    return np.asarray(ink, np.uint8)


def _segments(ink: Image) -> Any:
    """Return the long straight strokes of a page as rows of x0, y0, x1, y1."""
    short = min(ink.shape)
    found = cv2.HoughLinesP(ink, 1, np.pi / 720, threshold=short // 8, minLineLength=short // 7, maxLineGap=4)
    return np.empty((0, 4)) if found is None else np.asarray(found, float).reshape(-1, 4)


def _rectifying(segments: Any, width: int, height: int) -> Any:
    """Return the 3 x 3 that makes both families of `segments` level and plumb, or None where nothing calls for it."""
    middle = np.array([width / 2, height / 2])
    centred = segments - np.tile(middle, 2)
    along = centred[:, 2:] - centred[:, :2]
    steep = np.degrees(np.arctan2(np.abs(along[:, 1]), np.abs(along[:, 0])))
    level, plumb = centred[steep < _STEEPEST], centred[steep > 90 - _STEEPEST]
    points = [_vanishing(family, max(width, height)) for family in (level, plumb)]
    if points[0] is None or points[1] is None:
        return None
    back = _back(points[0], points[1])
    if back is None:
        return None
    centre = np.array([[1, 0, middle[0]], [0, 1, middle[1]], [0, 0, 1]], float)
    return centre @ np.linalg.inv(back) @ np.linalg.inv(centre)


def _vanishing(family: Any, size: float) -> Any:
    """Return the point (homogeneous) where the lines of `family` meet, those that disagree left out; None if few."""
    if len(family) < _FEWEST:
        return None
    along = family[:, 2:] - family[:, :2]
    along *= np.sign(along[:, [np.argmax(np.abs(along).sum(axis=0))]])
    point = np.append(np.median(along / _length(along)[:, np.newaxis], axis=0), 0.0)
    for near in _NEARER:
        kept = family[_off(family, point) < near]
        if len(kept) < _FEWEST:
            return None
        point = _meeting(kept, size)
    return point


def _meeting(family: Any, size: float) -> Any:
    ends = np.ones((len(family), 2, 3))
    ends[:, :, :2] = family.reshape(-1, 2, 2) / size
    lines = np.cross(ends[:, 0], ends[:, 1])
    lines *= (np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1) / np.linalg.norm(lines[:, :2], axis=1))[
        :, np.newaxis
    ]
    point = np.linalg.svd(lines)[2][-1]
    return point * np.array([1, 1, 1 / size])


def _off(family: Any, point: Any) -> Any:
    """Return by how many degrees each segment misses the direction to `point` from its middle."""
    middle = (family[:, :2] + family[:, 2:]) / 2
    toward = point[:2] - middle * point[2]
    along = family[:, 2:] - family[:, :2]
    cross = along[:, 0] * toward[:, 1] - along[:, 1] * toward[:, 0]
    return np.degrees(np.arcsin(np.clip(np.abs(cross) / _length(along) / _length(toward), 0, 1)))


def _length(vectors: Any) -> Any:
    return np.maximum(np.linalg.norm(vectors, axis=1), 1e-12)


def _back(level: Any, plumb: Any) -> Any:
    """Return the 3 x 3 from the flat page to the picture, both about the middle, where it keeps the scale."""
    across, down = (point / np.linalg.norm(point[:2]) for point in (level, plumb))
    across, down = across * np.sign(across[0]), down * np.sign(down[1])
    back = np.column_stack([across, down, np.array([0.0, 0.0, 1.0])])
    return back if abs(np.linalg.det(back)) > _SOUND else None


_SOUND = 0.5
