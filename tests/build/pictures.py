"""Photos of the case without any text, and the small ornaments that mails and letterheads carry."""

import io
import random

from PIL import Image, ImageDraw, ImageFilter

SKIES = (
    ((120, 170, 220), (235, 240, 245)),
    ((240, 200, 150), (250, 235, 215)),
    ((150, 190, 170), (225, 240, 230)),
)
ORIENTATION = 0x0112


def photo(seed: int, *, size: tuple[int, int] = (960, 640), orientation: int = 1, quality: int = 70) -> bytes:
    """Return a JPEG of an invented street scene; `orientation` is the camera's EXIF value.

    With an orientation above 4 the stored picture is `size`, the displayed one turned by 90 degrees.
    """
    picture = _scene(random.Random(f"photo {seed}"), size)
    exif = Image.Exif()
    if orientation != 1:
        exif[ORIENTATION] = orientation
        exif[0x010F] = "SHENBAO"
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, exif=exif)
    return buffer.getvalue()


def png(seed: int, *, size: tuple[int, int] = (640, 480)) -> bytes:
    """Return such a scene as a PNG of few colours."""
    buffer = io.BytesIO()
    _scene(random.Random(f"png {seed}"), size).quantize(32).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def logo(size: int = 48) -> bytes:
    """Return a tiny PNG ornament such as stands in a mail's signature."""
    picture = Image.new("RGBA", (size, size), (255, 255, 255, 0))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((2, 2, size - 3, size - 3), outline=(30, 90, 170), width=3)
    draw.polygon(((size // 2, 8), (size - 12, size - 14), (12, size - 14)), fill=(30, 90, 170))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def _scene(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    width, height = size
    top, bottom = rng.choice(SKIES)
    ramp = Image.linear_gradient("L").resize(size)
    picture = Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)
    draw = ImageDraw.Draw(picture)
    horizon = int(height * 0.65)
    for _ in range(9):
        left = rng.randrange(-40, width)
        tall, wide = rng.randrange(height // 8, height // 2), rng.randrange(width // 16, width // 5)
        shade = rng.randrange(90, 200)
        draw.rectangle((left, horizon - tall, left + wide, horizon), fill=(shade, shade - 10, shade - 25))
        for step in range(12, tall - 12, 28):
            draw.line(
                (left + 6, horizon - step, left + wide - 6, horizon - step), fill=(shade - 40,) * 3, width=6
            )
    draw.rectangle((0, horizon, width, height), fill=(rng.randrange(90, 130), 130, 100))
    for _ in range(14):
        x, y = rng.randrange(width), rng.randrange(horizon, height)
        size_of = rng.randrange(12, 36)
        colour = tuple(rng.randrange(60, 230) for _ in range(3))
        draw.ellipse((x, y - size_of * 2, x + size_of, y - size_of), fill=(225, 190, 165))
        draw.rectangle((x - 4, y - size_of, x + size_of + 4, y + size_of), fill=colour)
    return picture.filter(ImageFilter.GaussianBlur(1.2))
