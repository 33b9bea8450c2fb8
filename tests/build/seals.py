"""Red seals (公章) as offices stamp them: ring of the name, star, sometimes a line below."""

import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tests.build import fonts

RED = (214, 36, 40)
FINE = 3  # drawn larger and shrunk, for smooth edges


def seal(name: str, diameter: int, below: str = "") -> Image.Image:
    """Return a round seal of `name`, `diameter` pixels wide, on transparent ground."""
    size = diameter * FINE
    picture = Image.new("RGBA", (size, size), (*RED, 0))
    draw = ImageDraw.Draw(picture)
    edge = max(2, size // 42)
    draw.ellipse((edge, edge, size - edge, size - edge), outline=RED, width=edge)
    draw.polygon(_star(size / 2, size / 2, size * 0.15), fill=RED)
    _ring(picture, name, size)
    if below:
        font = fonts.sized(int(size * 0.085))
        draw.text((size / 2, size * 0.76), below, font=font, fill=RED, anchor="mm", language=fonts.LANGUAGE)
    return picture.resize((diameter, diameter), Image.Resampling.LANCZOS)


def stamp(page: Image.Image, mark: Image.Image, centre: tuple[int, int], rng: random.Random) -> None:
    """Press `mark` onto `page` slightly turned and unevenly inked; what is printed below shows through."""
    turn = rng.uniform(-12, 12)
    turned = mark.rotate(turn, Image.Resampling.BICUBIC)
    grain = Image.frombytes("L", turned.size, random.Random(turn).randbytes(turned.width * turned.height))
    worn = grain.filter(ImageFilter.GaussianBlur(3)).point(lambda v: min(255, v + 95))
    alpha = ImageChops.multiply(turned.getchannel("A"), worn)
    left, top = centre[0] - turned.width // 2, centre[1] - turned.height // 2
    under = page.crop((left, top, left + turned.width, top + turned.height)).convert("RGB")
    ink = ImageChops.multiply(under, Image.new("RGB", turned.size, RED))
    page.paste(ink, (left, top), alpha)


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    points = []
    for corner in range(10):
        reach = radius if corner % 2 == 0 else radius * 0.382
        angle = -math.pi / 2 + corner * math.pi / 5
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return points


def _ring(picture: Image.Image, name: str, size: int) -> None:
    """Set `name` along the upper arc, each sign upright towards the rim."""
    high = int(size * (0.15 if len(name) <= 14 else 0.115 if len(name) <= 20 else 0.095))
    font = fonts.sized(high)
    arc = math.radians(min(290, 24 * len(name) if len(name) <= 10 else 270))
    step = arc / max(1, len(name) - 1)
    for place, sign in enumerate(name):
        angle = -arc / 2 + place * step
        tile = Image.new("RGBA", (high * 2, high * 2), (*RED, 0))
        ImageDraw.Draw(tile).text(
            (high, high), sign, font=font, fill=RED, anchor="mm", language=fonts.LANGUAGE
        )
        tile = tile.rotate(-math.degrees(angle), Image.Resampling.BICUBIC)
        reach = size * 0.385
        x, y = size / 2 + reach * math.sin(angle), size / 2 - reach * math.cos(angle)
        picture.alpha_composite(tile, (int(x - high), int(y - high)))
