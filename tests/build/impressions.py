"""What is pressed on paper in red, office seals and all that must not be taken for one, inked well or badly."""

import math
import random
from collections.abc import Callable, Mapping

import msgspec
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tests.build import fonts
from tests.build.seals import seal

Colour = tuple[int, int, int]
REDS: Mapping[str, Colour] = {
    "fresh": (214, 36, 40),
    "orange": (232, 84, 48),
    "purple": (176, 42, 92),
    "dark": (140, 26, 34),
    "crimson": (190, 20, 60),
    "pink": (226, 96, 110),
    "faded": (236, 150, 146),
}


class Impression(msgspec.Struct, frozen=True, kw_only=True):
    """One thing pressed on the page: its kind, its words, its width in millimetres, and how well it took.

    `strength` is that of the ink (0 to 1), `worn` how unevenly it lies, `lost` the share of the width
    that did not touch the paper, from the side `side` (degrees, clockwise from the right).
    """

    kind: str = "round"
    name: str = "亳州市文化馆"
    below: str = ""
    wide: float = 42.0
    ink: Colour = REDS["fresh"]
    strength: float = 0.9
    worn: float = 0.4
    lost: float = 0.0
    side: float = 0.0
    turn: float = 0.0


def shape(one: Impression, dpi: float) -> Image.Image:
    """Return the ink of `one` as a mask, 255 where it is full."""
    wide = max(12, round(one.wide / 25.4 * dpi))
    mask = KINDS[one.kind](one, wide)
    turned = mask.rotate(-one.turn, Image.Resampling.BICUBIC, expand=True)
    return _partly(turned, one) if one.lost else turned


def press(page: Image.Image, one: Impression, centre: tuple[int, int], dpi: float, seed: int = 0) -> None:
    """Press `one` on `page` at `centre`; the print beneath shows through its ink."""
    mask = shape(one, dpi)
    left, top = centre[0] - mask.width // 2, centre[1] - mask.height // 2
    uneven = _uneven(mask.size, one.worn, seed).point(lambda v: round(v * one.strength))
    taken = ImageChops.multiply(mask, uneven)
    under = page.crop((left, top, left + mask.width, top + mask.height)).convert("RGB")
    ink = ImageChops.multiply(under, Image.new("RGB", mask.size, one.ink))
    page.paste(ink, (left, top), taken)


def _round(one: Impression, wide: int) -> Image.Image:
    return seal(one.name, wide, one.below).getchannel("A")


def _two_rings(one: Impression, wide: int) -> Image.Image:
    mask = _round(one, wide)
    pen = ImageDraw.Draw(mask)
    inset = wide * 0.045
    pen.ellipse((inset, inset, wide - inset, wide - inset), outline=255, width=max(1, wide // 110))
    return mask


def _starless(one: Impression, wide: int) -> Image.Image:
    """Return a seal whose middle holds words instead of a star, as many for one purpose do."""
    mask = _round(one, wide)
    pen = ImageDraw.Draw(mask)
    reach = wide * 0.21
    middle = wide / 2
    pen.ellipse((middle - reach, middle - reach, middle + reach, middle + reach), fill=0)
    font = fonts.sized(max(6, wide // 11))
    for row, text in enumerate((one.below[:4] or "业务", "专用章")):
        spot = (middle, middle + (row - 0.5) * wide * 0.12)
        pen.text(spot, text, font=font, fill=255, anchor="mm", language=fonts.LANGUAGE)
    return mask


def _oval(one: Impression, wide: int) -> Image.Image:
    return _round(one, wide).resize((wide, round(wide * 0.7)), Image.Resampling.LANCZOS)


def _chop(one: Impression, wide: int) -> Image.Image:
    """Return a person's square chop, its letters in red."""
    mask = Image.new("L", (wide, wide), 0)
    pen = ImageDraw.Draw(mask)
    pen.rectangle((1, 1, wide - 2, wide - 2), outline=255, width=max(2, wide // 14))
    _square_words(pen, one.name, wide, 255)
    return mask


def _filled_chop(one: Impression, wide: int) -> Image.Image:
    """Return a person's square chop, its letters left white."""
    mask = Image.new("L", (wide, wide), 255)
    _square_words(ImageDraw.Draw(mask), one.name, wide, 0)
    return mask


def _square_words(pen: ImageDraw.ImageDraw, name: str, wide: int, fill: int) -> None:
    font = fonts.sized(max(5, round(wide * 0.4)))
    for place, sign in enumerate((name + "印")[:4]):
        spot = (wide * (0.72 if place < 2 else 0.28), wide * (0.28 if place % 2 == 0 else 0.72))
        pen.text(spot, sign, font=font, fill=fill, anchor="mm", language=fonts.LANGUAGE)


def _finger(one: Impression, wide: int) -> Image.Image:
    """Return a fingerprint: bent ridges in an oval without a rim."""
    high = round(wide * 1.35)
    mask = Image.new("L", (wide, high), 0)
    pen = ImageDraw.Draw(mask)
    ridge = max(2.0, wide / 18)
    for step in range(1, int(high / ridge)):
        reach = step * ridge
        box = (wide / 2 - reach * 0.7, high * 0.62 - reach, wide / 2 + reach * 0.7, high * 0.62 + reach)
        pen.ellipse(box, outline=255, width=max(1, int(ridge * 0.55)))
    edge = Image.new("L", mask.size, 0)
    ImageDraw.Draw(edge).ellipse((0, 0, wide - 1, high - 1), fill=255)
    soft = edge.filter(ImageFilter.GaussianBlur(wide / 25))
    return ImageChops.multiply(mask, ImageChops.multiply(edge, soft))


def _received(one: Impression, wide: int) -> Image.Image:
    """Return the stamp of a registry: a frame with an office and a day."""
    high = round(wide * 0.42)
    mask = Image.new("L", (wide, high), 0)
    pen = ImageDraw.Draw(mask)
    pen.rectangle((1, 1, wide - 2, high - 2), outline=255, width=max(2, wide // 60))
    font = fonts.sized(max(6, high // 4))
    for row, text in enumerate((one.name[:8] or "收文", "收文 2022.5.30")):
        spot = (wide / 2, high * (0.3 + 0.4 * row))
        pen.text(spot, text, font=font, fill=255, anchor="mm", language=fonts.LANGUAGE)
    return mask


def _words(one: Impression, wide: int) -> Image.Image:
    """Return a line of print in red: a headline."""
    size = max(8, wide // max(1, len(one.name)))
    mask = Image.new("L", (wide, round(size * 1.3)), 0)
    font = fonts.sized(size)
    spot = (wide / 2, mask.height / 2)
    ImageDraw.Draw(mask).text(spot, one.name, font=font, fill=255, anchor="mm", language=fonts.LANGUAGE)
    return mask


def _logo(one: Impression, wide: int) -> Image.Image:
    """Return a company's mark: a full disc with a shape left out."""
    mask = Image.new("L", (wide, wide), 0)
    pen = ImageDraw.Draw(mask)
    pen.ellipse((0, 0, wide - 1, wide - 1), fill=255)
    pen.polygon([(wide * 0.5, wide * 0.15), (wide * 0.8, wide * 0.75), (wide * 0.2, wide * 0.75)], fill=0)
    return mask


def _pen(one: Impression, wide: int) -> Image.Image:
    """Return what somebody corrected by hand with a red pen: a loop round something, and a stroke."""
    mask = Image.new("L", (wide, round(wide * 0.45)), 0)
    pen = ImageDraw.Draw(mask)
    thick = max(1, wide // 70)
    pen.arc((2, 2, wide - 3, mask.height - 3), 20, 350, fill=255, width=thick)
    pen.line((wide * 0.2, mask.height * 0.8, wide * 0.9, mask.height * 0.25), fill=255, width=thick)
    return mask


KINDS: Mapping[str, Callable[[Impression, int], Image.Image]] = {
    "round": _round,
    "two-rings": _two_rings,
    "starless": _starless,
    "oval": _oval,
    "chop": _chop,
    "filled-chop": _filled_chop,
    "finger": _finger,
    "received": _received,
    "words": _words,
    "logo": _logo,
    "pen": _pen,
}
SEALS = ("round", "two-rings", "starless", "oval")
OTHERS = ("chop", "filled-chop", "finger", "received", "words", "logo", "pen")


def _uneven(size: tuple[int, int], worn: float, seed: int) -> Image.Image:
    """Return how much ink took where: patches and grain, the same for the same seed."""
    rng = random.Random(f"ink {seed}")
    coarse = (max(2, size[0] // 18), max(2, size[1] // 18))
    patches = Image.frombytes("L", coarse, rng.randbytes(coarse[0] * coarse[1]))
    fine = Image.frombytes("L", size, rng.randbytes(size[0] * size[1])).filter(ImageFilter.GaussianBlur(0.8))
    spread = patches.resize(size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(size[0] / 30))
    grain = ImageChops.blend(spread, fine, 0.35) if hasattr(ImageChops, "blend") else spread
    return grain.point(lambda v: max(0, min(255, round(255 - worn * 1.6 * max(0, 160 - v)))))


def _partly(mask: Image.Image, one: Impression) -> Image.Image:
    """Return `mask` without the part that did not touch, its edge soft."""
    wide, high = mask.size
    touched = Image.new("L", mask.size, 255)
    angle = math.radians(one.side)
    reach = (0.5 - one.lost) * wide
    along = (math.cos(angle), math.sin(angle))
    across = (-along[1], along[0])
    far = 2.0 * wide
    middle = (wide / 2 + along[0] * reach, high / 2 + along[1] * reach)
    corners = [
        (middle[0] + across[0] * far, middle[1] + across[1] * far),
        (middle[0] - across[0] * far, middle[1] - across[1] * far),
        (middle[0] - across[0] * far + along[0] * far, middle[1] - across[1] * far + along[1] * far),
        (middle[0] + across[0] * far + along[0] * far, middle[1] + across[1] * far + along[1] * far),
    ]
    ImageDraw.Draw(touched).polygon(corners, fill=0)
    return ImageChops.multiply(mask, touched.filter(ImageFilter.GaussianBlur(wide / 40)))
