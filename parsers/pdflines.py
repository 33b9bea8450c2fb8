"""Glyphs on a page as lines, and lines as the paragraphs they were typed as."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from parsers import symbols

_NEVER_FIRST = "，。、；：！？）》〉“‘”’】〕」』…—·,.;:!?)]}%％"
_NEVER_LAST = "（《〈“‘”’【〔「『([{￥$"
# How much room, in em beyond the next word, a full line may leave: programs break lines by rules of
# their own, and a line that ends within a sentence is hardly ever the last of its paragraph.
_SLACK = (("。！？.!?", 0.1), ("；：;:", 0.8))
_UNFINISHED = 3.0
_NARROW = 0.8
_WIDE = 20  # em of a column that running text is set in
_RUN = re.compile(r"[A-Za-z0-9_.@/:+\-#&=?%~]+")
_RADICAL = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")
_JOINERS = "-/_.@:=&?#~"
_INDENT = 1.4  # em by which a first line stands in
_GAP = 0.75  # em between two glyphs that are set apart
_GAP_LATIN = 0.22


class Glyph(NamedTuple):
    """One character where it is drawn, in points from the top left."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def size(self) -> float:
        return max(self.bottom - self.top, 1.0)


class Line(NamedTuple):
    """Glyphs on one base line: the text with its gaps as spaces, and where it stands."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    head: float  # width of what could not have been set on the line before
    body: float  # where its last sign ends that is no punctuation, which may hang into the margin


class Area(NamedTuple):
    """The rectangle that text was set into."""

    x0: float
    top: float
    x1: float
    bottom: float

    def holds(self, glyph: Glyph) -> bool:
        return self.x0 <= (glyph.x0 + glyph.x1) / 2 < self.x1 and self.top <= glyph.middle < self.bottom


def glyphs(characters: Iterable[dict[str, Any]]) -> list[Glyph]:
    """Return what pdfplumber calls chars, symbol fonts and radicals as the signs meant, doubles once."""
    found: dict[tuple[str, int, int], Glyph] = {}
    for each in characters:
        if not each["upright"]:
            continue
        text = _meant(str(each["text"]), family(str(each["fontname"])))
        glyph = Glyph(text, each["x0"], each["x1"], each["top"], each["bottom"])
        if text:
            found.setdefault((text, round(glyph.x0), round(glyph.top)), glyph)
    return list(found.values())


@lru_cache(256)
def family(font: str) -> str:
    """Return the name of a `font` in a PDF without the mark of a subset and without its style."""
    bare = re.split(r"[-,]", re.sub(r"^[A-Z]{6}\+", "", font))[0]
    return re.sub(r"(?<=[a-z])(?=\d)", " ", bare)


def _meant(text: str, font: str) -> str:
    if (
        symbols.is_symbol_font(font)
        and text
        and all(ord(sign) < 0x100 or 0xF000 <= ord(sign) < 0xF100 for sign in text)
    ):
        return symbols.in_font(text, font)
    if text.startswith("(cid:"):
        return ""
    return _RADICAL.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)


def lines(shown: Sequence[Glyph]) -> list[Line]:
    """Return the lines of `shown` from top to bottom."""
    rows: list[list[Glyph]] = []
    total = 0.0  # of the middles of the last row
    for glyph in sorted(shown, key=lambda glyph: glyph.middle):
        row = rows[-1] if rows else []
        if row and glyph.middle - total / len(row) < 0.5 * min(glyph.size, row[0].size):
            row.append(glyph)
            total += glyph.middle
        else:
            rows.append([glyph])
            total = glyph.middle
    made = [_line(sorted(row, key=lambda glyph: glyph.x0)) for row in rows]
    return [line for line in made if line.text.strip()]


def _line(row: Sequence[Glyph]) -> Line:
    text = ""
    drawn = [glyph for glyph in row if not glyph.text.isspace()] or list(row)
    for index, glyph in enumerate(row):
        if index and not text.endswith(" ") and not glyph.text.isspace() and _apart(row[index - 1], glyph):
            text += " "
        text += glyph.text
    return Line(
        text.strip(),
        drawn[0].x0,
        drawn[-1].x1,
        min(glyph.top for glyph in drawn),
        max(glyph.bottom for glyph in drawn),
        max(glyph.size for glyph in drawn),
        _head(drawn),
        next((glyph.x1 for glyph in reversed(drawn) if glyph.text not in _NEVER_FIRST), drawn[-1].x1),
    )


def _apart(before: Glyph, after: Glyph) -> bool:
    latin = before.text.isascii() and after.text.isascii() and before.text.isalpha() and after.text.isalpha()
    return after.x0 - before.x1 > (_GAP_LATIN if latin else _GAP) * min(before.size, after.size)


def _head(drawn: Sequence[Glyph]) -> float:
    """Return the width of the first glyphs that a line break may not come between."""
    end = 1
    while end < len(drawn) and (
        drawn[end - 1].text in _NEVER_LAST
        or drawn[end].text in _NEVER_FIRST
        or (_RUN.fullmatch(drawn[end - 1].text) and _RUN.fullmatch(drawn[end].text))
    ):
        if drawn[end].x0 - drawn[end - 1].x1 > 0.5 * drawn[end].size:
            break
        end += 1
    return drawn[end - 1].x1 - drawn[0].x0


def paragraphs(shown: Sequence[Line], area: Area) -> str:
    """Return the text of `shown`, lines joined that were broken only because the area ended."""
    if not shown:
        return ""
    left = min(line.x0 for line in shown)
    pad = min(left - area.x0, 9.0)
    right = max([area.x1 - max(pad, 2.0), *(line.body for line in shown)])
    centred = all(_is_centred(line, area) for line in shown)
    text = shown[0].text
    for before, line in pairwise(shown):
        if _goes_on(before, line, Area(left, area.top, right, area.bottom), centred=centred):
            text += _joint(before.text, line.text) + line.text
        else:
            text += "\n" + line.text
    return text


def _is_centred(line: Line, area: Area) -> bool:
    return abs((line.x0 - area.x0) - (area.x1 - line.x1)) < 0.3 * line.size


def _goes_on(before: Line, line: Line, area: Area, *, centred: bool) -> bool:
    """Tell whether `line` continues `before`: its first word would not have fitted there."""
    room = (before.x0 - area.x0 if centred else 0) + area.x1 - before.x1
    indented = line.x0 - area.x0 > _INDENT * line.size and not centred
    far = line.top - before.bottom > 1.6 * line.size
    narrow = area.x1 - area.x0 < _WIDE * line.size
    slack = next((em for ends, em in _SLACK if before.text[-1] in ends), _NARROW if narrow else _UNFINISHED)
    return room < line.head + slack * line.size and not indented and not far


def _joint(before: str, after: str) -> str:
    """Return what stood at a line's end: a space between two words of letters, else nothing."""
    if not (before[-1].isascii() and after[0].isascii() and before[-1].isalnum() and after[0].isalnum()):
        return ""
    return "" if _RUN.fullmatch(before) or before[-1] in _JOINERS else " "
