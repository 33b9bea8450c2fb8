"""Which way up a page is: told by the direction of its lines and the letters in them."""

from typing import Any

import cv2
import msgspec
import numpy as np

from parsers import ocr
from parsers.ocr import Image

_GLANCE_SIDE = 736  # pixels: enough to find lines
_LONG = 2.0  # times its height: a line whose direction is plain
_SIDEWAYS = 1.3  # times the level lines: how much longer the plumb ones are on a page that lies on its side
_VOTES = 8  # lines whose letters are looked at
_CLEAR = 0.35  # of the votes: a smaller lead is checked by reading
_READ = 3  # lines read both ways where the vote is close
_LETTERS = 10  # of each of them: enough to tell


class Glance(msgspec.Struct, frozen=True, kw_only=True):
    """`turns`: quarter turns counter-clockwise (`np.rot90`) that set the page upright; `lines` found on it.

    `slope`: by how many degrees the lines of the upright page fall to the right.
    """

    turns: int
    lines: int
    slope: float = 0.0


def upright(page: Image) -> Image:
    """Return `page` (blue-green-red, EXIF already honoured) turned so that its text stands upright."""
    return np.ascontiguousarray(np.rot90(page, turns(page)))


def turns(page: Image) -> int:
    """Return how many quarter turns counter-clockwise (`np.rot90`) set `page` upright; 0 where nothing tells."""
    return glance(page).turns


def glance(page: Image) -> Glance:
    """Return what a page is at a glance, a fifth of a second of CPU: form, certificate, text or photo."""
    scale = min(1.0, _GLANCE_SIDE / max(page.shape[:2]))
    small = cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = ocr.corners(np.asarray(small, np.uint8)) / scale
    across, down = _sides(found)
    level = float(across[across > _LONG * down].sum())
    plumb = float(down[down > _LONG * across].sum())
    sideways = plumb > _SIDEWAYS * level
    ends = _from_head(found, sideways=sideways)
    lines = _longest(page, ends, down if sideways else across, across if sideways else down)
    turned = int(sideways) + 2 * _upside_down(lines) if lines else 0
    return Glance(
        turns=turned, lines=len(found), slope=_slope(found, down if sideways else across, sideways=sideways)
    )


def _slope(corners: Any, length: Any, *, sideways: bool) -> float:
    """Return the angle (degrees) of the longer half of the lines against their page's edge."""
    if not len(corners):
        return 0.0
    long = length >= np.median(length)
    edges = np.concatenate([corners[long, 1] - corners[long, 0], corners[long, 2] - corners[long, 1]])
    lying = np.abs(edges[:, 0]) >= np.abs(edges[:, 1])
    chosen = edges[~lying] if sideways else edges[lying]
    run, rise = (chosen[:, 1], -chosen[:, 0]) if sideways else (chosen[:, 0], chosen[:, 1])
    wide = np.abs(run) > _LONG * np.median(length[long]) / 4
    return float(np.degrees(np.median(np.arctan(rise[wide] / run[wide])))) if wide.any() else 0.0


def _sides(corners: Any) -> tuple[Any, Any]:
    """Return how far each box reaches across and down the page, measured along its own edges."""
    first = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
    second = np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1)
    edge = np.abs(corners[:, 1] - corners[:, 0])
    lying = edge[:, 0] >= edge[:, 1]
    return np.where(lying, first, second), np.where(lying, second, first)


def _from_head(corners: Any, *, sideways: bool) -> Any:
    """Return `corners` so ordered that each box runs to the right, or down a page that lies on its side.

    The corner that lies furthest up and left is no help: it is another one on a long line a little askew.
    """
    along = np.roll(corners, -1, axis=1) - corners
    long = np.linalg.norm(along, axis=2)
    lying = long > 0.7 * long.max(axis=1, keepdims=True, initial=0)
    first = np.argmax(np.where(lying, along[..., int(sideways)], -np.inf), axis=1)
    order = (first[:, np.newaxis] + np.arange(4)) % 4
    return np.take_along_axis(corners, order[..., np.newaxis], axis=1)


def _longest(page: Image, corners: Any, length: Any, height: Any) -> list[Image]:
    """Return the longest lines of one direction, cut from `page` and laid level."""
    order = [at for at in np.argsort(-length) if length[at] > _LONG * height[at]][:_VOTES]
    return ocr.cut(page, corners[order].astype(np.float32)) if order else []


def _upside_down(lines: list[Image]) -> bool:
    chances = ocr.upside_down(lines)
    lead = 2 * sum(chances) / len(chances) - 1
    if abs(lead) >= _CLEAR:
        return lead > 0
    some = [line[:, : _LETTERS * line.shape[0]] for line in lines[:_READ]]
    turned = [np.ascontiguousarray(np.rot90(line, 2)) for line in some]
    return _legible(turned) > _legible(some)


def _legible(lines: list[Image]) -> float:
    return sum(score * len(text) for text, score in ocr.recognise(lines))
