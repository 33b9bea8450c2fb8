"""One scanned form after another, each by its number: how it is filled, printed, damaged and sent."""

import io
import random
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import msgspec
import numpy as np
from PIL import Image

from tests.build import camera, damage, pdfs, scans, sheet
from tests.build.cells import BY_HAND
from tests.build.facts import Applicant
from tests.build.grid import WIDTHS, Look
from tests.build.written import varied

Shown = damage.Image


class Set(NamedTuple):
    """What a set draws from; what is held out shares no face with what is tuned on."""

    name: str
    faces: Sequence[str]
    latin: Sequence[str]
    damages: int


HELD_OUT = 1000
"""The first number whose form is held out."""

_TUNING = Set(
    "tuning",
    ("sans", "uming", "ukai", "gbsn", "zenhei", "microhei"),
    ("", "", "+times", "+arial", "+courier"),
    1,
)
_HELD_OUT = Set(
    "held-out",
    ("serif", "babelstone", "gkai", "wenkai", "sans-bold"),
    ("", "", "+times", "+calibri", "+dejavu"),
    2,
)
_WIDTHS = (WIDTHS, (1500, 3100, 1500, 3200), (2000, 2600, 1900, 2800), (1300, 3000, 1900, 3400))
_TICKS = ("bracket-root", "bracket-root", "bracket-wide", "bracket-solid", "box-check", "after", *BY_HAND)
_LOOKS = ("official", "official", "official", "one-line", "spaced", "reworded")
_DEVICES = ("flatbed", "flatbed", "grey", "photo", "photo", "bilevel", "fax", "copy", "curl")


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A form with its truth: `files` as they are sent, `said` in a few words how they came to be."""

    who: Applicant
    look: Look
    files: tuple[tuple[str, bytes], ...]
    said: str

    @property
    def by_hand(self) -> bool:
        """Whether the tick was made by hand."""
        return self.look.tick in BY_HAND


def made(number: int) -> Case:
    """Return form `number`; the same on every machine that has the faces."""
    chosen = _TUNING if number < HELD_OUT else _HELD_OUT
    rng = random.Random(f"{chosen.name} {number}")
    who = varied(rng, number)
    stamps = {"recommendation": 1, "county_opinion": 2 if who.county else 0}
    look = Look(
        wording=rng.choice(_LOOKS),
        tick=rng.choice(_TICKS),
        address=rng.choice(("lines", "lines", "space", "named", "brackets")),
        slash=rng.random() < 0.3,
        stamps=stamps if rng.random() < 0.8 else {},
    )
    style = _style(rng, chosen)
    scanner = scans.Scanner(
        dpi=rng.choice((150, 150, 200, 200, 250, 300)),
        skew=rng.uniform(-3, 3) if rng.random() < 0.8 else rng.uniform(-8, 8),
        noise=rng.uniform(1, 9),
        quality=rng.choice((40, 60, 75, 90)),
        seed=number,
    )
    ink = _ink(rng)
    device = rng.choice(_DEVICES)
    damages = rng.sample(("folded", "shadowed", "moire", "faded", "blurred", "speckled"), chosen.damages)
    damages = damages if rng.random() < 0.5 else []
    if device in {"bilevel", "fax"}:
        scanner = msgspec.structs.replace(scanner, dpi=max(200, scanner.dpi), noise=2.0)
        damages, ink = (
            [one for one in damages if one == "speckled"],
            msgspec.structs.replace(ink, rules=min(ink.rules, 90)),
        )
    drawn = [scans.paint(page, scanner, ink) for page in sheet.pages(who, look, style)]
    pages = [_taken(page, device, damages, scanner, rng) for page in drawn]
    files, kind = _sent(pages, device, scanner, rng)
    said = f"{device} {scanner.dpi}dpi {scanner.skew:+.1f}° q{scanner.quality} {'+'.join(damages) or '-'} {kind} {look.tick} {look.wording} {style.filled_face}/{style.face} {style.filled_size:g}pt rules {ink.wide:g}/{ink.rules}/{ink.gap:g}"
    return Case(who=who, look=look, files=files, said=said)


def _style(rng: random.Random, chosen: Set) -> sheet.Style:
    face = rng.choice(chosen.faces)
    filled = rng.choice((face, rng.choice(chosen.faces)))
    size = rng.choice((10.5, 12.0, 11.0))
    one_page = rng.random() < 0.7
    return sheet.Style(
        face=face,
        size=size,
        filled_face=filled + rng.choice(chosen.latin),
        filled_size=rng.choice((size, 10.5, 12.0, 9.0 if rng.random() < 0.3 else size)),
        leading=rng.uniform(15.5, 19) if not one_page else 15.5,
        margin=(rng.uniform(50, 72), rng.uniform(40, 60) if not one_page else 36.0),
        widths=rng.choice(_WIDTHS),
        tall=rng.uniform(0.8, 1.1) if not one_page else 0.45,
    )


def _ink(rng: random.Random) -> scans.Ink:
    return scans.Ink(
        letters=rng.choice((10, 25, 25, 60)),
        rules=rng.choice((20, 30, 30, 110, 150)),
        wide=rng.choice((0.5, 0.5, 0.75, 1.5)),
        gap=rng.choice((0, 0, 0, 0, 0, 0, 1.0, 3.0)),
    )


def _taken(
    page: Image.Image, device: str, damages: Sequence[str], scanner: scans.Scanner, rng: random.Random
) -> Shown:
    """Return a page as `device` takes it."""
    sheet_ = np.ascontiguousarray(np.asarray(page)[:, :, ::-1])
    for one in damages:
        sheet_ = damage.DAMAGES[one](sheet_, rng)
    if device in {"photo", "curl"}:
        if device == "curl":
            sheet_ = damage.curled(sheet_, rng)
        shot = camera.Shot(
            slant=rng.uniform(0, 0.09),
            shade=rng.uniform(0, 0.45),
            blur=rng.uniform(0.3, 0.9),
            turns=rng.choice((0, 0, 1, 3)),
        )
        return camera.photo(sheet_, shot)
    flat = Image.fromarray(np.ascontiguousarray(sheet_[:, :, ::-1]))
    level = np.ascontiguousarray(np.asarray(scans.scan(flat, scanner).convert("RGB"))[:, :, ::-1])
    if device in {"copy", "bilevel", "fax"}:
        level = (damage.copied if device == "copy" else damage.bilevel)(level, rng)
    elif device == "grey":
        level = np.asarray(
            cv2.cvtColor(cv2.cvtColor(level, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8
        )
    return np.ascontiguousarray(np.rot90(level, rng.choice((0, 0, 0, 0, 1, 2, 3))))


def _sent(
    pages: Sequence[Shown], device: str, scanner: scans.Scanner, rng: random.Random
) -> tuple[tuple[tuple[str, bytes], ...], str]:
    pictures = [Image.fromarray(np.ascontiguousarray(page[:, :, ::-1])) for page in pages]
    if device == "fax":
        lines = rng.choice((98, 196))
        return ((("传真.tif", _fax(pictures, scanner.dpi, lines)),), f"fax {lines}")
    if device == "bilevel":
        return (
            (("扫描.tif", _tiff([one.convert("1") for one in pictures], scanner.dpi, "group4")),),
            "tiff g4",
        )
    kind = "photos" if device in {"photo", "curl"} else rng.choice(("jpg", "pdf", "tiff", "png"))
    if kind == "pdf":
        return ((("扫描.pdf", pdfs.scanned(tuple(scans.jpeg(one, scanner) for one in pictures))),), kind)
    if kind == "tiff":
        return ((("扫描.tif", _tiff(pictures, scanner.dpi, "jpeg")),), kind)
    if kind == "png":
        return (tuple((f"{at}.png", _png(one)) for at, one in enumerate(pictures, 1)), kind)
    return (tuple((f"{at}.jpg", scans.jpeg(one, scanner)) for at, one in enumerate(pictures, 1)), kind)


def _tiff(pages: Sequence[Image.Image], dpi: int, compression: str) -> bytes:
    buffer = io.BytesIO()
    pages[0].save(
        buffer, "TIFF", save_all=True, append_images=pages[1:], compression=compression, dpi=(dpi, dpi)
    )
    return buffer.getvalue()


def _fax(pages: Sequence[Image.Image], dpi: int, lines: int) -> bytes:
    """Return `pages` as a fax: 204 dots an inch across, `lines` down, black and white."""
    buffer = io.BytesIO()
    small = [
        one.convert("L")
        .resize((one.width * 204 // dpi, one.height * lines // dpi), Image.Resampling.BOX)
        .point(lambda v: 255 if v > 150 else 0)
        .convert("1")
        for one in pages
    ]
    small[0].save(
        buffer, "TIFF", save_all=True, append_images=small[1:], compression="group4", dpi=(204, lines)
    )
    return buffer.getvalue()


def _png(page: Image.Image) -> bytes:
    buffer = io.BytesIO()
    page.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
