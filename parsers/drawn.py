"""A file's pages as pictures for people: a box about each value read, beside it a list of what was read and how surely."""

import io
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import msgspec
from PIL import Image, ImageDraw, ImageFont

from parsers import display
from parsers.documents import FREE_TEXTS, Box, Facts, Form, Qualification

Colour = tuple[int, int, int]

_LONGEST_SIDE = 1600  # pixels of a drawn page
_PANEL = 620  # pixels of the list beside it
_SIZE = 20  # pixels of its letters
_STEP = 28
_LETTERS = 44  # of a value that are shown, a digit half as wide as a Chinese sign
_MOST_PAGES = 20
_SURE_TEXT = 0.5  # nobody is asked about a long text for one blurred line
_SURE, _UNSURE, _EMPTY = (0, 130, 60), (225, 95, 0), (150, 150, 150)
_SEAL, _PAPER, _INK = (190, 0, 120), (255, 255, 255), (30, 30, 30)
# No font is shipped for this one command: where the machine has none, keys and confidences stand alone.
_FONTS = (
    "/usr/share/fonts/**/NotoSansCJK*-Regular.*",
    "/usr/share/fonts/**/SourceHanSans*-Regular.*",
    "/usr/share/fonts/**/wqy-*.tt[cf]",
    "/usr/share/fonts/**/DroidSansFallback*.ttf",
    "/System/Library/Fonts/**/PingFang.ttc",
)


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing read: its name, its value, how surely, where."""

    key: str
    value: str | None
    confidence: float
    box: Box
    colour: Colour


def draw(data: bytes, name: str, facts: Facts, sure: float) -> list[bytes]:
    """Return the first 20 pages of a picture or PDF as PNG files; nothing for files that have no pages of their own.

    What was read with less confidence than `sure` is drawn in orange.
    """
    every = list(items(facts, sure))
    return [
        _png(
            _page(Image.fromarray(page[:, :, ::-1]), [one for one in every if one.box.page == number], facts)
        )
        for number, page in enumerate(display.pages(data, name, _MOST_PAGES), 1)
    ]


def items(facts: Facts, sure: float) -> Iterator[Item]:
    """Yield everything in `facts` that has a place: fields, seals, what certificates say."""
    for part in facts.parts:
        if isinstance(part, Form):
            yield from _of_form(part, sure)
        elif isinstance(part, Qualification):
            yield from _of_paper(part, sure)


def _of_form(form: Form, sure: float) -> Iterator[Item]:
    for key, reading in form.readings.items():
        if reading.box is None:
            continue
        value = ", ".join(form.ticked) or None if key == "category" else reading.value
        least = min(sure, _SURE_TEXT) if key in FREE_TEXTS else sure
        colour = _EMPTY if value is None else _SURE if reading.confidence >= least else _UNSURE
        yield Item(key=key, value=value, confidence=reading.confidence, box=reading.box, colour=colour)
    for stamp in form.seals.stamps:
        if stamp.box is not None:
            told = stamp.matched or stamp.text or "?"
            key = f"seal in {stamp.cell}"
            yield Item(key=key, value=told, confidence=stamp.confidence, box=stamp.box, colour=_SEAL)


def _of_paper(paper: Qualification, sure: float) -> Iterator[Item]:
    values = {
        "name": paper.name,
        "uscc": paper.uscc or paper.organisation_code,
        "square": f"QR: {', '.join(paper.coded)}",
    }
    for key, box in paper.places.items():
        confidence = 1.0 if key in {"square", *paper.coded} else paper.confidence
        colour = _SURE if confidence >= sure else _UNSURE
        yield Item(key=key, value=values[key], confidence=confidence, box=box, colour=colour)


def _page(shown: Image.Image, found: Sequence[Item], facts: Facts) -> Image.Image:
    shown.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    numbered = [(one, f"{at}") for at, one in enumerate((each for each in found if each.value), 1)]
    rows = [*_headings(facts), *(row for one, number in numbered for row in _row(one, number))]
    sheet = Image.new("RGB", (shown.width + _PANEL, max(shown.height, (len(rows) + 1) * _STEP)), _PAPER)
    sheet.paste(shown, (0, 0))
    pen = ImageDraw.Draw(sheet)
    for one in sorted(found, key=lambda each: each.value is not None):  # two fields may share a cell
        pen.rectangle(_pixels(one.box, shown.size), outline=one.colour, width=2)
    taken: dict[tuple[float, float], int] = {}
    for one, number in numbered:
        left, top, right, _ = _pixels(one.box, shown.size)
        shift = taken.get((left, top), 0)
        taken[left, top] = shift + 1
        # Upon the corner, so that it hides as little as may be of what is written on either side of the rule.
        wide = 14 * len(number) + 8
        _plate(pen, (max(left, right - wide / 2) + shift * wide, top - 4), number, one.colour)
    for at, (text, colour) in enumerate(rows):
        pen.text((shown.width + 12, 8 + at * _STEP), text, font=_font(), fill=colour)
    return sheet


def _headings(facts: Facts) -> Iterator[tuple[str, Colour]]:
    yield f"{facts.type} ({facts.reader})", _INK
    for part in facts.parts:
        if isinstance(part, Form):
            seals = part.seals
            counts = f"{seals.recommendation} / {seals.county_opinion} / {seals.city_opinion}"
            yield f"{part.kind or '?'} {part.platform or ''}", _INK
            yield f"seals {counts}{' grey' if seals.grey else ''}", _SEAL
            if seals.unsure:
                yield f"     unsure: {_short(', '.join(seals.unsure))}", _SEAL
        elif isinstance(part, Qualification):
            yield _legible(part.document or "?"), _INK
            yield f"{part.valid_from or '?'} - {part.valid_until or '?'}", _INK


def _row(one: Item, number: str) -> Iterator[tuple[str, Colour]]:
    yield f"{number}  {one.key}  {one.confidence:.2f}", one.colour
    yield f"     {_legible(_short(one.value or ''))}", _INK


def _short(value: str) -> str:
    """Return the beginning of `value` on one line."""
    room, kept = float(_LETTERS), ""
    for sign in value.replace("\n", " "):
        room -= 1 if sign.isascii() else 2
        if room < 0:
            return kept + "…"
        kept += sign
    return kept


def _legible(text: str) -> str:
    """Return `text` as this machine's fonts can show it."""
    return text if _chinese_font() else "".join(sign if sign.isascii() else "·" for sign in text)


def _plate(pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str, colour: Colour) -> None:
    x, y = at
    pen.rectangle((x, y, x + 14 * len(text) + 6, y + _SIZE + 4), fill=colour)
    pen.text((x + 3, y), text, font=_font(), fill=_PAPER)


def _pixels(box: Box, size: tuple[int, int]) -> tuple[float, float, float, float]:
    wide, high = size
    left, top = box.left * wide / 1000, box.top * high / 1000
    return left, top, max(left, box.right * wide / 1000), max(top, box.bottom * high / 1000)


@cache
def _chinese_font() -> Path | None:
    found = (path for pattern in _FONTS for path in sorted(Path("/").glob(pattern[1:])))
    return next(found, None)


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    path = _chinese_font()
    return ImageFont.truetype(path, _SIZE) if path else ImageFont.load_default(_SIZE)


def _png(shown: Image.Image) -> bytes:
    buffer = io.BytesIO()
    shown.save(buffer, "PNG")
    return buffer.getvalue()
