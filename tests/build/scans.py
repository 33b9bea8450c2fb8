"""Scanned pages: the form or a certificate as a flat-bed scanner or a telephone gives it."""

import io
import random
from functools import cache

import msgspec
from PIL import Image, ImageChops, ImageDraw

from tests.build import faces, pdfs, sheet
from tests.build.facts import Applicant
from tests.build.forms import Built
from tests.build.grid import Look
from tests.build.seals import seal, stamp


class Scanner(msgspec.Struct, frozen=True, kw_only=True):
    """How a page is scanned: dots an inch, degrees askew, strength of noise, grey or colour, JPEG quality."""

    dpi: int = 130
    skew: float = 0.4
    noise: float = 5.0
    grey: bool = False
    quality: int = 60
    seed: int = 1


class Ink(msgspec.Struct, frozen=True, kw_only=True):
    """How a page is printed: grey of letters and rules, rules this wide, with gaps (both in points)."""

    letters: int = 25
    rules: int = 30
    wide: float = 0.8
    gap: float = 0.0


FLATBED = Scanner()
BLACK = Ink()
STAMPED = Look(stamps={"recommendation": 1})
STAMPED_BY_COUNTY = Look(stamps={"recommendation": 1, "county_opinion": 2})


def form_pages(who: Applicant, look: Look = STAMPED, scanner: Scanner = FLATBED) -> tuple[bytes, ...]:
    """Return the form's pages as JPEG scans."""
    return tuple(jpeg(scan(paint(page, scanner), scanner), scanner) for page in sheet.pages(who, look))


def form_jpeg(who: Applicant, look: Look = STAMPED, scanner: Scanner = FLATBED) -> Built:
    """Return the first page of the form as one JPEG; make the summary short enough for one page."""
    return _built("申报表（扫描件）.jpg", form_pages(who, look, scanner)[0], who, look)


def form_png(who: Applicant, look: Look = STAMPED, scanner: Scanner = FLATBED) -> Built:
    """Return the first page of the form as one PNG."""
    picture = Image.open(io.BytesIO(form_pages(who, look, scanner)[0]))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return _built("申报表.png", buffer.getvalue(), who, look)


def form_pdf(who: Applicant, look: Look = STAMPED, scanner: Scanner = FLATBED) -> Built:
    """Return the whole form as a PDF of page images without a text layer."""
    return _built("申报表（盖章扫描）.pdf", pdfs.scanned(form_pages(who, look, scanner)), who, look)


def form_tiff(who: Applicant, look: Look = STAMPED, scanner: Scanner = FLATBED) -> Built:
    """Return the whole form as a TIFF of several pages."""
    first, *rest = (Image.open(io.BytesIO(page)) for page in form_pages(who, look, scanner))
    buffer = io.BytesIO()
    first.save(buffer, "TIFF", save_all=True, append_images=rest, compression="jpeg", quality=scanner.quality)
    return _built("申报表.tif", buffer.getvalue(), who, look)


def paint(page: sheet.Page, scanner: Scanner, ink: Ink = BLACK) -> Image.Image:
    """Return `page` drawn in black on white, its seals pressed over the text."""
    scale = scanner.dpi / 72
    picture = Image.new("RGB", (int(sheet.PAGE[0] * scale), int(sheet.PAGE[1] * scale)), "white")
    draw = ImageDraw.Draw(picture)
    rng = random.Random(f"paint {scanner.seed}")
    for mark in page:
        match mark:
            case sheet.Rule(x0, y0, x1, y1):
                _rule(draw, (x0 * scale, y0 * scale), (x1 * scale, y1 * scale), ink, scale)
            case sheet.Word(x, y, size, text, face):
                faces.draw(draw, (x * scale, y * scale), text, face, round(size * scale), ink.letters)
            case sheet.Stamp():
                pass
    for mark in page:
        if isinstance(mark, sheet.Stamp):
            spot = (round(mark.x * scale), round(mark.y * scale))
            stamp(picture, seal(mark.name, round(112 * scale)), spot, rng)
    return picture


def _rule(
    pen: ImageDraw.ImageDraw, start: tuple[float, float], end: tuple[float, float], ink: Ink, scale: float
) -> None:
    """Draw a rule, in dashes as long as their gaps where it has any."""
    wide, colour = max(1, round(scale * ink.wide)), (ink.rules,) * 3
    length = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    step = ink.gap * scale or length
    for at in range(max(1, round(length / (2 * step)))) if ink.gap else range(1):
        ends = (2 * at * step / length, (2 * at + 1) * step / length) if ink.gap else (0.0, 1.0)
        points = [tuple(round(a + (b - a) * part) for a, b in zip(start, end, strict=True)) for part in ends]
        pen.line([(x, y) for x, y in points], fill=colour, width=wide)


def scan(picture: Image.Image, scanner: Scanner) -> Image.Image:
    """Return `picture` as scanned: askew, on paper that is not quite white, with grain."""
    turned = picture.rotate(scanner.skew, Image.Resampling.BICUBIC, fillcolor="white")
    paper = ImageChops.multiply(turned, Image.new("RGB", turned.size, (250, 249, 245)))
    if scanner.noise:
        grain = Image.frombytes("L", turned.size, _grain(scanner, turned.size)).convert("RGB")
        paper = ImageChops.add(paper, grain, 1, -128)
    return paper.convert("L") if scanner.grey else paper


def jpeg(picture: Image.Image, scanner: Scanner) -> bytes:
    """Return `picture` as a JPEG that states its resolution."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=scanner.quality, dpi=(scanner.dpi, scanner.dpi), optimize=True)
    return buffer.getvalue()


def _grain(scanner: Scanner, size: tuple[int, int]) -> bytes:
    """Return grey noise round 128, the same for the same seed."""
    tile = _tile(scanner.seed, scanner.noise)
    need = size[0] * size[1]
    return (tile * (need // len(tile) + 1))[:need]


@cache
def _tile(seed: int, noise: float) -> bytes:
    rng = random.Random(f"grain {seed}")
    return bytes(min(255, max(0, round(rng.gauss(128, noise)))) for _ in range(1 << 16))


def _built(name: str, data: bytes, who: Applicant, look: Look) -> Built:
    cells = ("recommendation", "county_opinion", "city_opinion")
    seals = {key: look.stamps.get(key, 0) for key in cells}
    return Built(name=name, data=data, fields=who.fields, kind=who.kind, platform=who.platform, seals=seals)
