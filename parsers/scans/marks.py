"""Ticks that the recogniser lost, told by the ink beside each option of the 类别 cell."""

import re
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from parsers import ticks
from parsers.ocr import Image, Line
from parsers.scans import ink

_OPTION = re.compile(r"政府[、,，.]?新闻类?|商业类?|其[他它]类?")
_BOXED = re.compile(r"[□☐○口回曰日囗◯O0]\s*$")
_STRAY = re.compile(r"(?<=[(（])\s*[JjLl/丿7乚义VvWwＶ✓]\s*(?=[)）])")
_AFTER = 4.5  # letters: how far a pair of brackets reaches
_BEFORE = 2.2  # letters: how far a box before the option reaches
_MORE = 1.35  # times the next: how much more ink a ticked option has
_LEAST = 0.04  # of a letter's square: the ink of the thinnest tick
_NEAR = 0.6  # letters: how far the end of an option may be from where it is reckoned
_GAP = 0.2  # letters: the least gap between an option and its brackets
_EQUAL = 1.15  # times the least: how much the ink of brackets varies beside a tick that was read
_ALIKE = 1.3  # times the least: how much the ink of empty brackets varies
_DOUBT = 0.5
_WEAK = 0.9  # confidence of a tick that is likely, and no more
_PLAIN = 0.97
_PLAINLY = 2.0  # times the next: how much more ink leaves no doubt
_STROKE = 0.06  # of a letter's square: the ink of a plain tick in brackets that have their own
_STANDS_OUT = 4.0  # times what the others differ by among themselves: a surplus that is no chance
_MARK = re.compile(r"[√✓✔☑☒■]")
_CROSSED = re.compile(r"[×xX✗✘✕╳]")
_EMPTY = re.compile(r"^\s*[(（]\s*[)）]")
_NOTHING = re.compile(r"[\s()（）\[\]□☐.。]*")
_WRITTEN = re.compile(r"[一-鿿]{2}")
_PITCH = 1.6  # of a line's height: how far below the last option its wrapped brackets may reach
_HALF = 0.6  # letters: how far the ink of a line reaches above and below its middle
_ROOM = 0.5  # letters: a narrower gap between two options holds no line


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """An option as printed: its line, where its letters begin and end there, its rectangle in pixels."""

    line: Line
    start: int
    end: int
    left: float
    right: float
    letter: float


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """The 类别 cell: its lines, the page, its rectangle there."""

    lines: tuple[Line, ...]
    page: Image
    box: tuple[int, int, int, int]


def ticked(cell: Sequence[Line], page: Image, box: tuple[int, int, int, int]) -> list[Line]:
    """Return the lines of a 类别 cell, with √ behind the one option whose surplus of ink shows a tick.

    Lines that already have a tick keep it; `box` is the cell's, in pixels. What letters and ink tell
    together is sure; what they tell against each other, or ink alone tells weakly, is for a person.
    """
    lines = [msgspec.structs.replace(line, text=_STRAY.sub("√", line.text)) for line in cell]
    inside = Cell(lines=tuple(lines), page=page, box=box)
    letter = _letter(lines, page)
    options = [option for line in lines for option in _options(line, page, letter)]
    read = ticks.read("\n".join(line.text for line in lines))
    if len(options) < 2 or len(read.ticked) > 1:
        return lines
    shown = _shown(options, inside)
    if read.ticked:
        return _weighed(cell, lines, read.ticked[0], shown)
    if shown.chosen is None:
        return lines if shown.alike else _at_most(lines, _DOUBT)
    text = f"{shown.chosen.line.text[: shown.chosen.end]}√{shown.chosen.line.text[shown.chosen.end :]}"
    marked = msgspec.structs.replace(shown.chosen.line, text=text)
    told = [marked if line is shown.chosen.line else line for line in lines]
    crossed = _CROSSED.search(_text(lines))
    return [_at_least(line) for line in told] if shown.plain and not crossed else _at_most(told, _WEAK)


def _weighed(cell: Sequence[Line], lines: list[Line], key: str, shown: "_Shown") -> list[Line]:
    """Return `lines`, which have one tick by their letters, as sure as letters and ink make it."""
    by_ink = shown.chosen and ticks.option_of(shown.chosen.line.text[shown.chosen.start : shown.chosen.end])
    if by_ink == key or (_MARK.search(_text(cell)) and (_bare(lines) or shown.others_alike(key))):
        return [_at_least(line) for line in lines]
    return _at_most(lines, _WEAK) if by_ink and shown.plain and key != "other" else lines


def _bare(lines: Sequence[Line]) -> bool:
    """Tell whether beside the one tick there are only options with empty brackets."""
    rest = [_OPTION.sub("", line.text) for line in lines if not _MARK.search(line.text)]
    bare = [one for one in rest if not _WRITTEN.search(one)]
    return len(rest) == len(lines) - 1 and all(_NOTHING.fullmatch(one) for one in bare)


def _text(lines: Sequence[Line]) -> str:
    return "\n".join(line.text for line in lines)


def _at_least(line: Line) -> Line:
    """Return `line` as sure as a plain one, but for a type of 其他 with a doubtful letter in it."""
    if line.least < _LEGIBLE and _WRITTEN.search(_OPTION.sub("", line.text)):
        return line
    return msgspec.structs.replace(line, confidence=max(line.confidence, _PLAIN), least=1.0)


_LEGIBLE = 0.9  # of the worst letter; that of brackets, which are read badly, is in the mean alone


def _at_most(lines: Sequence[Line], confidence: float) -> list[Line]:
    return [msgspec.structs.replace(line, confidence=min(line.confidence, confidence)) for line in lines]


def _options(line: Line, page: Image, letter: float) -> list[Option]:
    columns = np.flatnonzero(ink.dark(page, line.box).any(axis=0))
    left = line.box[0] + (float(columns[0]) if len(columns) else 0.0)
    found = []
    for match in _OPTION.finditer(line.text):
        start = left + letter * _width(line.text[: match.start()])
        end = start + letter * _width(match.group())
        found.append(
            Option(line=line, start=match.start(), end=match.end(), left=start, right=end, letter=letter)
        )
    return found


def _letter(lines: Sequence[Line], page: Image) -> float:
    """Return the width of one Chinese letter in pixels: as wide as options alone on a line are, else as high as ink."""
    named = [line for line in lines if _OPTION.search(line.text)]
    alone = [line for line in named if _OPTION.fullmatch(line.text)]
    if alone:
        return float(np.median([_extent(line, page, 0) / _width(line.text) for line in alone]))
    return min((_extent(line, page, 1) for line in named), default=0.0)


def _extent(line: Line, page: Image, axis: int) -> float:
    """Return how far the ink of `line` reaches, across (axis 0) or down (axis 1)."""
    inked = np.flatnonzero(ink.dark(page, line.box).any(axis=axis))
    return float(inked[-1] - inked[0] + 1) if len(inked) else line.height


def _width(text: str) -> float:
    return sum(0.5 if letter.isascii() else 1.0 for letter in text)


class _Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The option that stands out by its ink, whether plainly, and whether without one they all look alike."""

    chosen: Option | None
    plain: bool
    alike: bool
    inks: Mapping[str, float]

    def others_alike(self, key: str) -> bool:
        """Tell whether the options other than `key` have as much ink as each other: nothing but brackets."""
        others = [amount for option, amount in self.inks.items() if option != key]
        return len(others) > 1 and max(others) < _EQUAL * min(others)


def _shown(options: Sequence[Option], cell: Cell) -> _Shown:
    behind = [_behind(option, options, cell) for option in options]
    before = [_before(option, options, cell.page) for option in options]
    boxed = any(_BOXED.search(option.line.text[: option.start]) for option in options)
    first, second = (before, behind) if boxed else (behind, before)
    bracketed = all(_EMPTY.search(option.line.text[option.end :]) for option in options)
    alike = (boxed or bracketed) and max(first) < _ALIKE * min(first) + _LEAST
    named = {
        ticks.option_of(option.line.text[option.start : option.end]) or "": amount
        for option, amount in zip(options, first, strict=True)
    }
    for inks in (first, second):
        if chosen := _outstanding(options, inks):
            return _Shown(chosen=chosen, plain=inks is first and _plain(inks), alike=alike, inks=named)
    return _Shown(chosen=None, plain=False, alike=alike, inks=named)


def _plain(inks: Sequence[float]) -> bool:
    """Tell whether the most of `inks` is a mark beyond doubt: twice the next, or a stroke more than equal brackets."""
    most, *rest = sorted(inks, reverse=True)
    surplus = most - rest[0]
    stroke = len(rest) > 1 and surplus > max(_STROKE, _STANDS_OUT * (rest[0] - rest[-1]))
    return most > _PLAINLY * rest[0] or stroke


def _before(option: Option, options: Sequence[Option], page: Image) -> float:
    """Return the ink in front of `option`; one box of a column is as far left as the others."""
    column = [other.line.box[0] for other in options if not other.start or other.start <= len("□ ")]
    aligned = option.start <= len("□ ") and len(column) == len(options)
    left = min(column) if aligned else option.left - _BEFORE * option.letter
    wide = min(other.left for other in options) if aligned else option.left
    right = max(left + option.letter, wide if not aligned else 0.0)
    return ink.squares(page, option.letter, (left, option.line.box[1], right, option.line.box[3]))


def _behind(option: Option, options: Sequence[Option], cell: Cell) -> float:
    """Return the ink behind `option` and below it, where brackets wrap; nothing where a type of 其他 is written."""
    alone = all(other is option or other.line is not option.line for other in options)
    below = _below(option, options, cell) if alone else None
    said = option.line.text[option.end :] + "".join(
        line.text for line in cell.lines if below and below[0] < line.middle < below[1]
    )
    if _WRITTEN.search(said):
        return 0.0
    follows = [other.left for other in options if other.line is option.line and other.left > option.left]
    end = cell.box[2] if alone else min([option.right + _AFTER * option.letter, cell.box[2], *follows])
    half = _HALF * option.letter
    row = (option.line.middle - half, option.line.middle + half)
    here = ink.squares(cell.page, option.letter, (_after_label(option, cell.page), row[0], end, row[1]))
    wrapped = below and ink.squares(cell.page, option.letter, (cell.box[0], below[0], cell.box[2], below[1]))
    return here + (wrapped or 0.0)


def _below(option: Option, options: Sequence[Option], cell: Cell) -> tuple[float, float] | None:
    """Return from where to where the lines between `option` and the next one stand; None where there is no room."""
    half = _HALF * option.letter
    bottom = option.line.middle + half  # the boxes of two lines overlap, their letters do not
    further = [other.line.middle - half for other in options if other.line.middle > bottom + half]
    lines = [line for line in cell.lines if line.middle > bottom and not _OPTION.search(line.text)]
    last = min([cell.box[3], bottom + _PITCH * option.line.height]) if lines else bottom
    end = min(further, default=last)
    return (bottom, end) if end - bottom > _ROOM * option.letter else None


def _after_label(option: Option, page: Image) -> float:
    """Return where the first gap behind the letters of `option` begins; about where they should end if none is."""
    _, top, _, bottom = option.line.box
    left = option.right - _NEAR * option.letter
    dark = ink.dark(page, (left, top, option.right + _NEAR * option.letter, bottom))
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
