"""What happens to a sheet of paper, its copies and its pictures on the way to the office."""

import random
from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


def curled(page: Image, rng: random.Random) -> Image:
    """Return `page` as it bends: its level lines arch, its sides lean in."""
    height, width = page.shape[:2]
    depth = rng.choice((-1, 1)) * rng.uniform(0.006, 0.018) * height
    middle, lean = rng.uniform(0.2, 0.8), rng.uniform(0.0, 0.01) * width
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    arch = depth * (1 - ((x / width - middle) / max(middle, 1 - middle)) ** 2)
    side = lean * np.sin(np.pi * y / height) * (x / width - 0.5)
    return _moved(page, x + side, y + arch)


def folded(page: Image, rng: random.Random) -> Image:
    """Return `page` with a crease across, its halves in different light and a little out of line."""
    height, width = page.shape[:2]
    at = round(height * rng.uniform(0.3, 0.7))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    bend = rng.uniform(-0.004, 0.004) * width * np.abs(y - at) / height
    moved = _moved(page, x + bend, y).astype(np.float32)
    moved[at:] *= rng.uniform(0.82, 0.95)
    crease = np.exp(-(((y[:, :1] - at) / (height * 0.002)) ** 2)) * rng.uniform(20, 60)
    return _levels(moved - crease[..., np.newaxis])


def shadowed(page: Image, rng: random.Random) -> Image:
    """Return `page` with the soft shadow of a hand or a head over part of it."""
    height, width = page.shape[:2]
    small = np.zeros((100, 100), np.float32)
    centre = (rng.randrange(100), rng.randrange(100))
    cv2.ellipse(
        small, centre, (rng.randrange(25, 60), rng.randrange(15, 45)), rng.uniform(0, 180), 0, 360, 1.0, -1
    )
    soft = cv2.GaussianBlur(small, (0, 0), rng.uniform(4, 14))
    dark = cv2.resize(soft, (width, height))[..., np.newaxis] * rng.uniform(0.25, 0.5)
    return _levels(page * (1 - dark))


def moire(page: Image, rng: random.Random) -> Image:
    """Return `page` with the stripes of a picture taken off a screen."""
    height, width = page.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle, pitch = rng.uniform(0, np.pi), rng.uniform(4, 14)
    wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / pitch)
    return _levels(page + rng.uniform(6, 16) * wave[..., np.newaxis])


def faded(page: Image, rng: random.Random) -> Image:
    """Return `page` as a printer out of toner leaves it."""
    return _levels(250 - (250 - page.astype(np.float32)) * rng.uniform(0.35, 0.6))


def blurred(page: Image, rng: random.Random) -> Image:
    """Return `page` out of focus or moved, by less than the width of a stroke at 200 dots an inch."""
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(page, (0, 0), rng.uniform(0.8, 1.3)), np.uint8)
    line = np.zeros((5, 5), np.float32)
    cv2.line(line, (0, rng.randrange(5)), (4, rng.randrange(5)), 1.0)
    return np.asarray(cv2.filter2D(page, -1, line / line.sum()), np.uint8)


def speckled(page: Image, rng: random.Random) -> Image:
    """Return `page` with the dust and the streaks of an old copier."""
    out = page.copy()
    height, width = page.shape[:2]
    for _ in range(rng.randrange(100, 500)):
        x, y = rng.randrange(width), rng.randrange(height)
        cv2.circle(out, (x, y), rng.randrange(2), (rng.randrange(120),) * 3, -1)
    for _ in range(rng.randrange(3)):
        x = rng.randrange(width)
        out[:, x : x + 1] = np.minimum(out[:, x : x + 1], rng.randrange(140, 210))
    return out


def copied(page: Image, rng: random.Random) -> Image:
    """Return the photocopy of `page`: grey, harsh, with a dark edge."""
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY).astype(np.float32)
    harsh = np.clip((grey - 128) * rng.uniform(1.4, 2.2) + 140, 20, 255)
    edge = round(page.shape[1] * rng.uniform(0.0, 0.02))
    harsh[:, :edge] = 40
    return _levels(np.repeat(harsh[..., np.newaxis], 3, axis=2))


def bilevel(page: Image, rng: random.Random) -> Image:
    """Return `page` in black and white only, as scanners set to text make it."""
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    level = rng.uniform(140, 190)
    return np.asarray(np.repeat(np.where(grey > level, 255, 0)[..., np.newaxis], 3, axis=2), np.uint8)


DAMAGES: Mapping[str, Callable[[Image, random.Random], Image]] = {
    each.__name__: each
    for each in (curled, folded, shadowed, moire, faded, blurred, speckled, copied, bilevel)
}


def _moved(page: Image, x: NDArray[np.float32], y: NDArray[np.float32]) -> Image:
    moved = cv2.remap(
        page,
        np.asarray(x, np.float32),
        np.asarray(y, np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(252, 252, 250),
    )
    return np.asarray(moved, np.uint8)


def _levels(page: NDArray[np.floating]) -> Image:
    return np.asarray(np.clip(page, 0, 255), np.uint8)
