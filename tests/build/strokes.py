"""Marks made with a pen, as private characters of a text: ticks, crosses, circles, blots, a ring round a word.

The random shape of a mark hangs on the place where it is drawn, so that the same page is always the same.
"""

import math
import random
from collections.abc import Callable, Mapping

from PIL import ImageDraw

Point = tuple[float, float]
_FIRST = 0xE000


def is_mark(text: str) -> bool:
    """Tell whether `text` begins with a mark made by hand."""
    return bool(text) and text[0] in _SHAPES


def wide(mark: str) -> float:
    """Return the width of `mark` in letters: a ring lies round what follows it and takes no room."""
    return 0.0 if mark == RING else 1.0


def draw(pen: ImageDraw.ImageDraw, mark: str, at: Point, pixels: int, ink: int) -> None:
    """Draw `mark`, whose room begins at `at` (left, middle), with the unsteadiness of a hand."""
    rng = random.Random(f"{mark} {at[0]:.0f} {at[1]:.0f} {pixels}")
    size = pixels * rng.uniform(0.8, 1.5)
    slant, shift = rng.uniform(-0.25, 0.3), (rng.uniform(-0.15, 0.2), rng.uniform(-0.3, 0.15))
    thick = max(1, round(pixels * rng.uniform(0.05, 0.11)))
    for line in _SHAPES[mark](rng):
        ends = [
            (
                at[0] + pixels * (0.5 + shift[0]) + size * (x - slant * y),
                at[1] + pixels * shift[1] + size * (y + rng.gauss(0, 0.01)),
            )
            for x, y in line
        ]
        pen.line(ends, fill=(ink, ink, ink + 8), width=thick, joint="curve")


def _tick(rng: random.Random) -> list[list[Point]]:
    knee = (rng.uniform(-0.2, -0.05), rng.uniform(0.3, 0.45))
    tip = (rng.uniform(0.4, 0.75), rng.uniform(-0.65, -0.35))
    bend = ((knee[0] + tip[0]) / 2 - 0.04, (knee[1] + tip[1]) / 2 + rng.uniform(0.0, 0.12))
    return [[(-0.45, rng.uniform(-0.05, 0.15)), knee, bend, tip]]


def _cross(rng: random.Random) -> list[list[Point]]:
    reach = rng.uniform(0.3, 0.45)
    return [[(-reach, -reach), (reach, reach)], [(reach, -reach), (-reach, reach)]]


def _oval(across: float, down: float, rng: random.Random) -> list[Point]:
    start = rng.uniform(0, 6)
    steps = [start + step * (2 * math.pi + 0.4) / 40 for step in range(41)]
    return [(across * math.cos(step), down * math.sin(step)) for step in steps]


def _circle(rng: random.Random) -> list[list[Point]]:
    reach = rng.uniform(0.28, 0.4)
    return [_oval(reach, reach * rng.uniform(0.8, 1.1), rng)]


def _blot(rng: random.Random) -> list[list[Point]]:
    rows = 9
    sides = ((-0.3, 0.3), (0.3, -0.3))
    return [
        [
            (side + rng.uniform(-0.05, 0.05), -0.35 + 0.7 * row / rows)
            for row in range(rows)
            for side in sides[row % 2]
        ]
    ]


def _ring(rng: random.Random) -> list[list[Point]]:
    """Return a ring round the four or five letters behind the mark."""
    return [[(x + 1.6, y) for x, y in _oval(2.4, rng.uniform(0.6, 0.75), rng)]]


_KINDS: Mapping[str, Callable[[random.Random], list[list[Point]]]] = {
    "tick": _tick,
    "cross": _cross,
    "circle": _circle,
    "blot": _blot,
    "ring": _ring,
}
_SHAPES = {chr(_FIRST + at): shape for at, shape in enumerate(_KINDS.values())}
TICK, CROSS, CIRCLE, BLOT, RING = _SHAPES
