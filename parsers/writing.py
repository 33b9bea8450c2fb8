"""Whether writing stands on a picture: a cheap look, so that no photo of an event waits for recognition.

Letters are small dark spots that follow each other closely, of one height. A scene has dark spots too,
but hardly four in a row. Printed papers, small, faint, blurred or aslant, held 32 such letters and more.
"""

from typing import Any

import cv2
import numpy as np

_SIDE = 640  # pixels, more or less, of the longer side at which a picture is looked at
_STROKE = np.ones((11, 11), np.uint8)  # what is dark and no wider than this is a stroke
_DARKER = (
    32,
    72,
)  # levels than what is around: the lower finds faint print, the higher parts print from its ground
_LEAST, _MOST = 5, 48  # pixels of a letter
_FOLLOWING = 16  # letters that three others follow: from here on somebody reads the picture
_TOO_MANY = 1000  # spots, among which nobody counts
_NEXT, _LEVEL, _LIKE = 2.2, 0.4, 2.0  # times a letter's size: how far the next one is, how level, how large


def is_on(grey: Any) -> bool:
    """Tell whether writing may stand on the picture `grey`, along it or down it."""
    times = max(
        1, round(max(grey.shape) / _SIDE)
    )  # a whole number: by any other, halving takes ten times as long
    if times > 1:
        grey = cv2.resize(grey, None, fx=1 / times, fy=1 / times, interpolation=cv2.INTER_AREA)
    darker = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, _STROKE)
    return any(_has_lines(_spots(darker > levels)) for levels in _DARKER)


def _spots(dark: Any) -> Any:
    """Return left, top, width and height of what may be letters among the points of `dark`."""
    outlines, order = cv2.findContours(dark.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if order is None:
        return np.empty((0, 4), np.float32)
    outer = order[0, :, 3] < 0  # the others are holes
    boxes = np.array([cv2.boundingRect(outline) for outline in outlines], np.float32)[outer]
    return boxes[(boxes[:, 2:].max(axis=1) >= _LEAST) & (boxes[:, 2:].max(axis=1) <= _MOST)]


def _has_lines(spots: Any) -> bool:
    if not _FOLLOWING <= len(spots) <= _TOO_MANY:
        return len(spots) > _TOO_MANY
    middles, sizes = spots[:, :2] + spots[:, 2:] / 2, spots[:, 2:].max(axis=1)
    return any(_followed(middles[:, axis], middles[:, 1 - axis], sizes) >= _FOLLOWING for axis in (0, 1))


def _followed(along: Any, across: Any, sizes: Any) -> int:
    """Return how many spots are followed by three others in a row."""
    order = np.argsort(along)
    along, across, sizes = along[order], across[order], sizes[order]
    step = along[np.newaxis, :] - along[:, np.newaxis]
    larger = np.maximum(sizes[np.newaxis, :], sizes[:, np.newaxis])
    smaller = np.minimum(sizes[np.newaxis, :], sizes[:, np.newaxis])
    level = np.abs(across[np.newaxis, :] - across[:, np.newaxis]) < _LEVEL * larger
    follows = (step > 0) & (step < _NEXT * larger) & level & (larger < _LIKE * smaller)
    nobody = len(along)
    following = np.append(np.where(follows.any(axis=1), follows.argmax(axis=1), nobody), nobody)
    return int((following[following[following[:nobody]]] < nobody).sum())
