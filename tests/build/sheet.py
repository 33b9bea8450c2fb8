"""The filled form set on A4 pages as rules, words and seals, for any medium to draw."""

import re
from functools import cache

import msgspec

from tests.build import fonts
from tests.build.cells import Block, Cell
from tests.build.facts import Applicant
from tests.build.grid import NOTE, TITLE, WIDTHS, Look, grid

PAGE = (595.0, 842.0)  # points
MARGIN = (62.0, 56.0)
SIZE, LEADING, PAD = 11.0, 17.0, 5.0
POINT = (PAGE[0] - 2 * MARGIN[0]) / sum(WIDTHS)  # points a twip of the grid, so that it fills the page
HANGING = "，。、；：）”》！？"


class Rule(msgspec.Struct, frozen=True):
    """A line from (x0, y0) to (x1, y1), in points from the top left."""

    x0: float
    y0: float
    x1: float
    y1: float


class Word(msgspec.Struct, frozen=True):
    """Text whose line is centred on `y`."""

    x: float
    y: float
    size: float
    text: str


class Stamp(msgspec.Struct, frozen=True):
    """The centre of a seal and the name in its ring."""

    x: float
    y: float
    name: str


Page = tuple[Rule | Word | Stamp, ...]


@cache
def _width(sign: str) -> float:
    return float(fonts.sized(100).getlength(sign)) / 100


def width(text: str, size: float = SIZE) -> float:
    """Return the width of `text` in points."""
    return sum(_width(sign) for sign in text) * size


def wrap(text: str, room: float, size: float = SIZE, indent: float = 0) -> tuple[str, ...]:
    """Return the lines of `text` that fit into `room` points; runs of letters stay whole if they can."""
    lines, line, left = [], "", room - indent
    for token in re.findall(r"[\w.@:/-]+|.", text, re.ASCII | re.DOTALL):
        parts = (token,) if width(token, size) <= room else tuple(token)
        for part in parts:
            wide = width(part, size)
            if wide > left and part not in HANGING and line:
                lines.append(line)
                line, left = "", room
            line, left = line + part, left - wide
    return (*lines, line)


class _Set(msgspec.Struct, frozen=True):
    """A line of a cell ready to be drawn: how far in, how aligned."""

    text: str
    indent: float = 0
    align: str = "left"


def pages(who: Applicant, look: Look, *, top: float = MARGIN[1]) -> tuple[Page, ...]:
    """Return the pages of the form of `who`; a cell that is too long goes on overleaf."""
    paper = _Paper(top)
    paper.centred(TITLE, 17)
    for block in grid(who, look):
        paper.block(block, who)
    for line in wrap(NOTE, PAGE[0] - 2 * MARGIN[0], 9.5):
        paper.line(line, 9.5)
    return paper.finished()


class _Paper:
    """Pages being filled from top to bottom."""

    def __init__(self, top: float) -> None:
        self._done: list[Page] = []
        self._marks: list[Rule | Word | Stamp] = []
        self._y = top

    def finished(self) -> tuple[Page, ...]:
        return (*self._done, tuple(self._marks))

    def centred(self, text: str, size: float) -> None:
        self._marks.append(Word((PAGE[0] - width(text, size)) / 2, self._y + size, size, text))
        self._y += size * 2.6

    def line(self, text: str, size: float) -> None:
        self._room(size * 1.6)
        self._marks.append(Word(MARGIN[0], self._y + size, size, text))
        self._y += size * 1.6

    def block(self, block: Block, who: Applicant) -> None:
        """Set a block of rows; one row too long for the page is cut between its lines."""
        if len(block) == 1 and block[0][-1].key == "summary":
            self._long(block[0])
            return
        heights = _heights(block)
        self._room(sum(heights))
        held: dict[int, int] = {}
        for place, row in enumerate(block):
            column = 0
            queue = list(row)
            while column < len(WIDTHS):
                if held.get(column, 0) > place:
                    column += 1
                    continue
                each = queue.pop(0)
                self._cell(each, column, sum(heights[place : place + each.rows]), who)
                held |= {column + step: place + each.rows for step in range(each.span)}
                column += each.span
            self._y += heights[place]

    def _long(self, row: tuple[Cell, ...]) -> None:
        label, value = row
        lines = _lines(value)
        while True:
            fit = int((self._left() - 2 * PAD) // LEADING)
            if fit < min(4, len(lines)):
                self._turn()
                continue
            part, lines = lines[:fit], lines[fit:]
            least = value.height * POINT if not lines else 0.0
            height = min(
                max(len(part) * LEADING + 2 * PAD, least, len(_lines(label)) * LEADING + 2 * PAD),
                self._left(),
            )
            self._box(0, 1, height, _lines(label))
            self._box(1, 3, height, part, centred=False)
            self._y += height
            if not lines:
                return
            self._turn()

    def _cell(self, each: Cell, column: int, height: float, who: Applicant) -> None:
        self._box(column, each.span, height, _lines(each))
        left, room = _place(column, each.span)
        names = seal_names(who, each.key or "")[: each.seals]
        for number, name in enumerate(names):
            x = left + room * ((number + 0.5) / len(names) if len(names) > 1 else 0.72)
            self._marks.append(Stamp(x, self._y + height - 46, name))

    def _box(
        self, column: int, span: int, height: float, lines: tuple[_Set, ...], *, centred: bool = True
    ) -> None:
        left, room = _place(column, span)
        right, bottom = left + room, self._y + height
        corners = ((left, self._y, right, self._y), (left, bottom, right, bottom))
        sides = ((left, self._y, left, bottom), (right, self._y, right, bottom))
        self._marks.extend(Rule(*ends) for ends in (*corners, *sides))
        spare = height - 2 * PAD - len(lines) * LEADING
        y = self._y + PAD + (spare / 2 if centred else 0) + LEADING / 2
        for line in lines:
            free = room - 2 * PAD - width(line.text)
            shift = {"left": line.indent, "center": free / 2, "right": free - 14}[line.align]
            if line.text.strip():
                self._marks.append(Word(left + PAD + shift, y, SIZE, line.text))
            y += LEADING

    def _left(self) -> float:
        return PAGE[1] - MARGIN[1] - self._y

    def _room(self, height: float) -> None:
        if height > self._left():
            self._turn()

    def _turn(self) -> None:
        self._done.append(tuple(self._marks))
        self._marks, self._y = [], MARGIN[1]


def seal_names(who: Applicant, key: str) -> tuple[str, ...]:
    """Return the names in the seals that the opinion cell `key` asks for."""
    county = who.county or "谯城区"
    return {
        "recommendation": (who.fields.organizer or "",),
        "county_opinion": (
            f"中共{county}委网络安全和信息化委员会办公室",
            f"{county}精神文明建设指导委员会办公室",
        ),
        "city_opinion": ("中共亳州市委网络安全和信息化委员会办公室", "亳州市精神文明建设指导委员会办公室"),
    }.get(key, ())


def _place(column: int, span: int) -> tuple[float, float]:
    left = MARGIN[0] + sum(WIDTHS[:column]) * POINT
    return left, sum(WIDTHS[column : column + span]) * POINT


def _lines(each: Cell) -> tuple[_Set, ...]:
    room = sum(WIDTHS[: each.span] if each.align == "center" else WIDTHS[1 : 1 + each.span]) * POINT - 2 * PAD
    out: list[_Set] = []
    for line in each.lines:
        text = "".join(piece.text for piece in line)
        signed = bool(line) and ((line[-1].key or "").endswith("_date") or text.startswith("盖"))
        indent = 2 * SIZE if line and line[-1].key in {"summary", "recommendation", "county_opinion"} else 0
        align = each.foot if signed else each.align
        out += [
            _Set(part, 0 if at else indent, align)
            for at, part in enumerate(wrap(text, room - SIZE / 2, SIZE, indent))
        ]
    return tuple(out)


def _heights(block: Block) -> list[float]:
    def needs(each: Cell) -> float:
        return max(len(_lines(each)) * LEADING + 2 * PAD, each.height * POINT)

    heights = [max([needs(each) for each in row if each.rows == 1] or [LEADING + 2 * PAD]) for row in block]
    for place, row in enumerate(block):
        for each in row:
            short = needs(each) - sum(heights[place : place + each.rows])
            if short > 0:
                heights[place + each.rows - 1] += short
    return heights
