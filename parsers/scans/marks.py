"""Ticks that the recogniser lost, told by the ink beside each option of the 类别 cell."""

import re
from collections.abc import Sequence

import cv2
import msgspec
import numpy as np

from parsers import ticks
from parsers.ocr import Image, Line

_OPTION = re.compile(r"政府[、,，.]?新闻类?|商业类?|其[他它]类?")
_BOXED = re.compile(r"[□☐○口回曰日囗◯O0]\s*$")
_STRAY = re.compile(r"(?<=[(（])\s*[JjLl/丿7乚义VvＶ✓]\s*(?=[)）])")
_AFTER = 4.5  # letters: how far a pair of brackets reaches
_BEFORE = 2.2  # letters: how far a box before the option reaches
_MORE = 1.35  # times the next: how much more ink a ticked option has
_LEAST = 0.04  # of a letter's square: the ink of the thinnest tick
_NEAR = 0.6  # letters: how far the end of an option may be from where it is reckoned
_GAP = 0.2  # letters: the least gap between an option and its brackets
_ALIKE = 1.3  # times the least: how much the ink of empty brackets varies
_DOUBT = 0.5
_EMPTY = re.compile(r"^\s*[(（]\s*[)）]")


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """An option as printed: its line, where its letters begin and end there, its rectangle in pixels."""

    line: Line
    start: int
    end: int
    left: float
    right: float
    letter: float


def ticked(cell: Sequence[Line], page: Image, right: int) -> list[Line]:
    """Return the lines of a 类别 cell, with √ behind the one option whose surplus of ink shows a tick.

    Lines that already have a tick stay as they are; `right` is where the cell ends, in pixels. Where
    neither letters nor ink show a tick and the brackets do not look alike, the lines are unsure.
    """
    lines = [msgspec.structs.replace(line, text=_STRAY.sub("√", line.text)) for line in cell]
    letter = min((_letter(line, page) for line in lines if _OPTION.search(line.text)), default=0.0)
    options = [option for line in lines for option in _options(line, page, letter)]
    if len(options) < 2 or ticks.read("\n".join(line.text for line in lines)).ticked:
        return lines
    chosen, alike = _chosen(options, page, right)
    if chosen is None:
        doubt = 1.0 if alike else _DOUBT
        return [msgspec.structs.replace(line, confidence=min(line.confidence, doubt)) for line in lines]
    text = f"{chosen.line.text[: chosen.end]}√{chosen.line.text[chosen.end :]}"
    marked = msgspec.structs.replace(chosen.line, text=text)
    return [marked if line is chosen.line else line for line in lines]


def _options(line: Line, page: Image, letter: float) -> list[Option]:
    columns = np.flatnonzero(_dark(page, line.box).any(axis=0))
    left = line.box[0] + (float(columns[0]) if len(columns) else 0.0)
    found = []
    for match in _OPTION.finditer(line.text):
        start = left + letter * _width(line.text[: match.start()])
        end = start + letter * _width(match.group())
        found.append(
            Option(line=line, start=match.start(), end=match.end(), left=start, right=end, letter=letter)
        )
    return found


def _letter(line: Line, page: Image) -> float:
    """Return the width of one Chinese letter of `line` in pixels: how high its ink stands."""
    rows = np.flatnonzero(_dark(page, line.box).any(axis=1))
    return float(rows[-1] - rows[0] + 1) if len(rows) else line.height


def _width(text: str) -> float:
    return sum(0.5 if letter.isascii() else 1.0 for letter in text)


def _chosen(options: Sequence[Option], page: Image, right: int) -> tuple[Option | None, bool]:
    """Return the option that stands out by its ink, and whether otherwise they all look alike."""
    behind = [_behind(option, options, page, right) for option in options]
    before = [_before(option, options, page) for option in options]
    boxed = any(_BOXED.search(option.line.text[: option.start]) for option in options)
    first, second = (before, behind) if boxed else (behind, before)
    bracketed = all(_EMPTY.search(option.line.text[option.end :]) for option in options)
    alike = (boxed or bracketed) and max(first) < _ALIKE * min(first) + _LEAST
    return _outstanding(options, first) or _outstanding(options, second), alike


def _before(option: Option, options: Sequence[Option], page: Image) -> float:
    """Return the ink in front of `option`; one box of a column is as far left as the others."""
    column = [other.line.box[0] for other in options if not other.start or other.start <= len("□ ")]
    aligned = option.start <= len("□ ") and len(column) == len(options)
    left = min(column) if aligned else option.left - _BEFORE * option.letter
    wide = min(other.left for other in options) if aligned else option.left
    return _ink(page, option, left, max(left + option.letter, wide if not aligned else 0.0))


def _behind(option: Option, options: Sequence[Option], page: Image, right: int) -> float:
    """Return the ink behind `option`; nothing where a written type of 其他 stands there."""
    if re.search(r"[一-鿿]", option.line.text[option.end :]):
        return 0.0
    follows = [other.left for other in options if other.line is option.line and other.left > option.left]
    end = min([option.right + _AFTER * option.letter, right, *follows])
    return _ink(page, option, _after_label(option, page), end)


def _after_label(option: Option, page: Image) -> float:
    """Return where the first gap behind the letters of `option` begins; about where they should end if none is."""
    _, top, _, bottom = option.line.box
    left = option.right - _NEAR * option.letter
    dark = _dark(page, (left, top, option.right + _NEAR * option.letter, bottom))
    inked = [bool(column.any()) for column in dark.T]
    gap = max(2, round(_GAP * option.letter))
    for at in range(len(inked) - gap):
        if not any(inked[at : at + gap]):
            return left + at
    return option.right


def _outstanding(options: Sequence[Option], inks: Sequence[float]) -> Option | None:
    ranked = sorted(zip(inks, range(len(options)), strict=True), reverse=True)
    (most, at), (next_most, _) = ranked[0], ranked[1]
    return options[at] if most > next_most * _MORE and most - next_most > _LEAST else None


def _ink(page: Image, option: Option, left: float, right: float) -> float:
    """Return the ink between `left` and `right` on the option's line, in squares of a letter."""
    _, top, _, bottom = option.line.box
    part = _part(page, (left, top, right, bottom))
    paper = float(np.percentile(part, 80))
    shade = np.clip((paper - _GRAIN - part) / max(paper - _GRAIN - _BLACK, 1), 0, 1)
    return float(shade.sum()) / option.letter**2


def _dark(page: Image, box: tuple[float, float, float, float]) -> Image:
    return np.asarray(_part(page, box) < _DARK, np.uint8)


def _part(page: Image, box: tuple[float, float, float, float]) -> Image:
    """Return the grey levels inside `box`, white where it lies off the page."""
    left, top, right, bottom = (max(0, round(edge)) for edge in box)
    part = page[top:bottom, left:right]
    if part.size == 0:
        return np.full((1, 1), 255, np.uint8)
    return np.asarray(cv2.cvtColor(part, cv2.COLOR_BGR2GRAY), np.uint8)


_DARK = 150
_GRAIN = 40  # levels: how much the paper itself varies
_BLACK = 50  # levels: as dark as print
