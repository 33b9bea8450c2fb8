"""What certificates are printed on: borders, a fine pattern, an emblem, a code of little squares."""

import math
import random

from PIL import Image, ImageDraw

GOLD, RED = (206, 165, 70), (196, 40, 36)


def ground(size: tuple[int, int], paper: tuple[int, int, int], ink: tuple[int, int, int]) -> Image.Image:
    """Return paper with a faint wavy pattern inside a double border of `ink`."""
    wide, high = size
    page = Image.new("RGB", size, paper)
    pen = ImageDraw.Draw(page)
    faint = tuple((2 * tone + shade) // 3 + 8 for tone, shade in zip(paper, _pale(ink), strict=True))
    for start in range(0, high + 60, 18):
        points = [(x, start + 12 * math.sin(x / 55 + start / 40)) for x in range(0, wide + 12, 12)]
        pen.line(points, fill=faint, width=1)
    for inset, width in ((26, 10), (42, 2), (50, 1)):
        pen.rectangle((inset, inset, wide - inset, high - inset), outline=ink, width=width)
    for x, y in ((38, 38), (wide - 38, 38), (38, high - 38), (wide - 38, high - 38)):
        pen.ellipse((x - 22, y - 22, x + 22, y + 22), fill=paper, outline=ink, width=4)
        pen.ellipse((x - 10, y - 10, x + 10, y + 10), outline=ink, width=3)
    return page


def emblem(page: Image.Image, centre: tuple[int, int], radius: int) -> None:
    """Draw a round ornament of red and gold where a state's emblem stands; it is nobody's."""
    pen = ImageDraw.Draw(page)
    x, y = centre
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=GOLD)
    inner = int(radius * 0.8)
    pen.ellipse((x - inner, y - inner, x + inner, y + inner), fill=RED)
    for turn in range(5):
        angle = math.pi * (1.1 + turn * 0.2)
        spot_x, spot_y = x + inner * 0.6 * math.cos(angle), y + inner * 0.6 * math.sin(angle)
        pen.regular_polygon((spot_x, spot_y, radius * 0.13), 4, rotation=turn * 20, fill=GOLD)
    pen.rectangle((x - inner // 2, y + inner // 5, x + inner // 2, y + inner // 2), fill=GOLD)


def square_code(page: Image.Image, corner: tuple[int, int], side: int, seed: str) -> None:
    """Draw a field of little squares that looks like a QR code and says nothing."""
    pen = ImageDraw.Draw(page)
    rng = random.Random(seed)
    cells = 29
    unit = side / cells
    left, top = corner
    pen.rectangle((left - 6, top - 6, left + side + 6, top + side + 6), fill="white")
    for row in range(cells):
        for column in range(cells):
            if rng.random() < 0.5:
                x, y = left + column * unit, top + row * unit
                pen.rectangle((x, y, x + unit - 1, y + unit - 1), fill="black")
    for row, column in ((0, 0), (0, cells - 7), (cells - 7, 0)):
        x, y = left + column * unit, top + row * unit
        for inset, fill in ((-1, "white"), (0, "black"), (1, "white"), (2, "black")):
            grown = 7 - 2 * inset
            start_x, start_y = x + inset * unit, y + inset * unit
            pen.rectangle(
                (start_x, start_y, start_x + grown * unit - 1, start_y + grown * unit - 1), fill=fill
            )


def _pale(ink: tuple[int, int, int]) -> tuple[int, int, int]:
    return (ink[0] // 2 + 110, ink[1] // 2 + 110, ink[2] // 2 + 110)
