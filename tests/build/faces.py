"""The faces a page is set in: the packaged font, and those of Debian packages where they are installed."""

import itertools
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from fontTools.ttLib import TTFont
from PIL import ImageDraw, ImageFont

from tests.build import fonts, strokes

OURS = ""
"""The packaged font; every machine has it."""


class _File(NamedTuple):
    path: str
    number: int = 0


_RARE = "√✓✔■☑□☒☐彧翀喆垚"
_DEBIAN = "/usr/share/fonts/"
_CHINESE: Mapping[str, _File] = {
    "sans": _File("opentype/noto/NotoSansCJK-Regular.ttc", 2),
    "sans-bold": _File("opentype/noto/NotoSansCJK-Bold.ttc", 2),
    "serif": _File("opentype/noto/NotoSerifCJK-Regular.ttc", 2),
    "uming": _File("truetype/arphic/uming.ttc"),
    "ukai": _File("truetype/arphic/ukai.ttc"),
    "gbsn": _File("truetype/arphic-gbsn00lp/gbsn00lp.ttf"),
    "gkai": _File("truetype/arphic-gkai00mp/gkai00mp.ttf"),
    "zenhei": _File("truetype/wqy/wqy-zenhei.ttc"),
    "microhei": _File("truetype/wqy/wqy-microhei.ttc"),
    "babelstone": _File("truetype/babelstone/BabelStoneHan.ttf"),
    "wenkai": _File("truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf"),
    "smiley": _File("truetype/smiley-sans/SmileySans-Oblique.ttf"),
}
_LATIN: Mapping[str, _File] = {
    "times": _File("truetype/liberation/LiberationSerif-Regular.ttf"),
    "arial": _File("truetype/liberation/LiberationSans-Regular.ttf"),
    "courier": _File("truetype/liberation/LiberationMono-Regular.ttf"),
    "calibri": _File("truetype/crosextra/Carlito-Regular.ttf"),
    "dejavu": _File("truetype/dejavu/DejaVuSans.ttf"),
}


@cache
def lacking() -> tuple[str, ...]:
    """Return the faces that this machine does not have; the packaged font stands in for them."""
    files = {**_CHINESE, **_LATIN}
    return tuple(name for name, file in files.items() if not Path(_DEBIAN + file.path).exists())


def length(text: str, face: str, pixels: int) -> float:
    """Return how many pixels `text` is long; `face` is Chinese, or Chinese+Latin for letters and digits of another."""
    return sum(_run_length(run, face, pixels) for run in _runs(text))


def draw(
    pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str, face: str, pixels: int, ink: int
) -> None:
    """Write `text` with its middle line at `at`; a mark of `strokes` is drawn as by hand."""
    x, y = at
    for run in _runs(text):
        if strokes.is_mark(run):
            strokes.draw(pen, run, (x, y), pixels, ink)
        else:
            pen.text((x, y), run, font=_font(run, face, pixels), fill=(ink, ink, ink), anchor="lm")
        x += _run_length(run, face, pixels)


def _runs(text: str) -> Iterator[str]:
    """Yield `text` in runs of one font; marks made by hand, and signs that few fonts have, stand alone."""

    def kind_of(sign: str) -> int:
        return 2 if strokes.is_mark(sign) or sign in _RARE else int(sign.isascii())

    for kind, signs in itertools.groupby(text, kind_of):
        run = "".join(signs)
        yield from run if kind == 2 else (run,)


def _run_length(run: str, face: str, pixels: int) -> float:
    return strokes.wide(run) * pixels if strokes.is_mark(run) else _font(run, face, pixels).getlength(run)


def _font(run: str, face: str, pixels: int) -> ImageFont.FreeTypeFont:
    chinese, _, latin = face.partition("+")
    if run in _RARE and chinese not in {OURS, *lacking()} and ord(run) not in _signs(chinese):
        return _sized("sans", pixels)
    return _sized(latin if latin and run.isascii() else chinese, pixels)


@cache
def _signs(name: str) -> frozenset[int]:
    file = _CHINESE[name]
    with TTFont(_DEBIAN + file.path, fontNumber=file.number, lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def _sized(name: str, pixels: int) -> ImageFont.FreeTypeFont:
    if name == OURS or name in lacking():
        return fonts.sized(pixels)
    file = _CHINESE.get(name) or _LATIN[name]
    return ImageFont.truetype(_DEBIAN + file.path, pixels, file.number, layout_engine=ImageFont.Layout.BASIC)
