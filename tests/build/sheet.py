"""The filled form set on A4 pages as rules, words and seals, for any medium to draw."""

import re
from functools import cache

import msgspec

from tests.build import faces
from tests.build.cells import Block, Cell
from tests.build.facts import Applicant
from tests.build.grid import NOTE, TITLE, WIDTHS, Look, grid

PAGE = (595.0, 842.0)  # points
MARGIN = (62.0, 56.0)
SIZE, LEADING, PAD = 11.0, 17.0, 5.0
HANGING = "，。、；：）”》！？"


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """How the form is printed: the face and size of its own words and of what is filled in, its columns, its air.

    `tall` scales the least height of the cells for long texts, so that a form fits on one page.
    """

    face: str = faces.OURS
    size: float = SIZE
    filled_face: str = faces.OURS
    filled_size: float = SIZE
    leading: float = LEADING
    margin: tuple[float, float] = MARGIN
    widths: tuple[int, int, int, int] = WIDTHS
    tall: float = 1.0

    @property
    def point(self) -> float:
        """Points a twip of the grid, so that it fills the page."""
        return (PAGE[0] - 2 * self.margin[0]) / sum(self.widths)


PRINTED = Style()


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
    face: str = faces.OURS


class Stamp(msgspec.Struct, frozen=True):
    """The centre of a seal and the name in its ring."""

    x: float
    y: float
    name: str


Page = tuple[Rule | Word | Stamp, ...]


@cache
def _width(sign: str, face: str) -> float:
    return faces.length(sign, face, 100) / 100


def width(text: str, size: float = SIZE, face: str = faces.OURS) -> float:
    """Return the width of `text` in points."""
    return sum(_width(sign, face) for sign in text) * size


def wrap(
    text: str, room: float, size: float = SIZE, indent: float = 0, face: str = faces.OURS
) -> tuple[str, ...]:
    """Return the lines of `text` that fit into `room` points; runs of letters stay whole if they can."""
    lines, line, left = [], "", room - indent
    for token in re.findall(r"[\w.@:/-]+|.", text, re.ASCII | re.DOTALL):
        parts = (token,) if width(token, size, face) <= room else tuple(token)
        for part in parts:
            wide = width(part, size, face)
            if wide > left and part not in HANGING and line:
                lines.append(line)
                line, left = "", room
            line, left = line + part, left - wide
    return (*lines, line)


class _Set(msgspec.Struct, frozen=True):
    """A line of a cell ready to be drawn: how far in, how aligned."""

    text: str
    indent: float
    align: str
    size: float
    face: str


def pages(who: Applicant, look: Look, style: Style = PRINTED) -> tuple[Page, ...]:
    """Return the pages of the form of `who`; a cell that is too long goes on overleaf."""
    paper = _Paper(style)
    paper.centred(TITLE, 17)
    for block in grid(who, look):
        paper.block(block, who)
    for line in wrap(NOTE, PAGE[0] - 2 * style.margin[0], 9.5, face=style.face):
        paper.line(line, 9.5)
    return paper.finished()


class _Paper:
    """Pages being filled from top to bottom."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._done: list[Page] = []
        self._marks: list[Rule | Word | Stamp] = []
        self._y = style.margin[1]

    def finished(self) -> tuple[Page, ...]:
        return (*self._done, tuple(self._marks))

    def centred(self, text: str, size: float) -> None:
        self._marks.append(
            Word(
                (PAGE[0] - width(text, size, self._style.face)) / 2,
                self._y + size,
                size,
                text,
                self._style.face,
            )
        )
        self._y += size * 2.6

    def line(self, text: str, size: float) -> None:
        self._room(size * 1.6)
        self._marks.append(Word(self._style.margin[0], self._y + size, size, text, self._style.face))
        self._y += size * 1.6

    def block(self, block: Block, who: Applicant) -> None:
        """Set a block of rows; one row too long for the page is cut between its lines."""
        if len(block) == 1 and block[0][-1].key == "summary":
            self._long(block[0])
            return
        heights = _heights(block, self._style)
        self._room(sum(heights))
        held: dict[int, int] = {}
        for place, row in enumerate(block):
            column = 0
            queue = list(row)
            while column < len(self._style.widths):
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
        style = self._style
        lines, head = _lines(value, style), _lines(label, style)
        while True:
            fit = int((self._left() - 2 * PAD) // style.leading)
            if fit < min(4, len(lines)):
                self._turn()
                continue
            part, lines = lines[:fit], lines[fit:]
            least = value.height * style.tall * style.point if not lines else 0.0
            height = min(max(max(len(part), len(head)) * style.leading + 2 * PAD, least), self._left())
            self._box(0, 1, height, head)
            self._box(1, 3, height, part, centred=False)
            self._y += height
            if not lines:
                return
            self._turn()

    def _cell(self, each: Cell, column: int, height: float, who: Applicant) -> None:
        self._box(column, each.span, height, _lines(each, self._style))
        left, room = _place(column, each.span, self._style)
        names = seal_names(who, each.key or "")[: each.seals]
        for number, name in enumerate(names):
            x = left + room * ((number + 0.5) / len(names) if len(names) > 1 else 0.72)
            self._marks.append(Stamp(x, self._y + height - 46, name))

    def _box(
        self, column: int, span: int, height: float, lines: tuple[_Set, ...], *, centred: bool = True
    ) -> None:
        left, room = _place(column, span, self._style)
        leading = self._style.leading
        right, bottom = left + room, self._y + height
        corners = ((left, self._y, right, self._y), (left, bottom, right, bottom))
        sides = ((left, self._y, left, bottom), (right, self._y, right, bottom))
        self._marks.extend(Rule(*ends) for ends in (*corners, *sides))
        spare = height - 2 * PAD - len(lines) * leading
        y = self._y + PAD + (spare / 2 if centred else 0) + leading / 2
        for line in lines:
            free = room - 2 * PAD - width(line.text, line.size, line.face)
            shift = {"left": line.indent, "center": free / 2, "right": free - 14}[line.align]
            if line.text.strip():
                self._marks.append(Word(left + PAD + shift, y, line.size, line.text, line.face))
            y += leading

    def _left(self) -> float:
        return PAGE[1] - self._style.margin[1] - self._y

    def _room(self, height: float) -> None:
        if height > self._left():
            self._turn()

    def _turn(self) -> None:
        self._done.append(tuple(self._marks))
        self._marks, self._y = [], self._style.margin[1]


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


def _place(column: int, span: int, style: Style) -> tuple[float, float]:
    left = style.margin[0] + sum(style.widths[:column]) * style.point
    return left, sum(style.widths[column : column + span]) * style.point


def _lines(each: Cell, style: Style) -> tuple[_Set, ...]:
    first = 0 if each.align == "center" else 1
    room = sum(style.widths[first : first + each.span]) * style.point - 2 * PAD
    filled = each.key is not None
    size = style.filled_size if filled else style.size
    face = style.filled_face if filled else style.face
    out: list[_Set] = []
    for line in each.lines:
        text = "".join(piece.text for piece in line)
        signed = bool(line) and ((line[-1].key or "").endswith("_date") or text.startswith("盖"))
        indent = 2 * size if line and line[-1].key in {"summary", "recommendation", "county_opinion"} else 0
        align = each.foot if signed else each.align
        out += [
            _Set(part, 0 if at else indent, align, size, face)
            for at, part in enumerate(wrap(text, room - size / 2, size, indent, face))
        ]
    return tuple(out)


def _heights(block: Block, style: Style) -> list[float]:
    least = style.leading + 2 * PAD

    def needs(each: Cell) -> float:
        high = each.height * style.point * style.tall
        return max(len(_lines(each, style)) * style.leading + 2 * PAD, high)

    heights = [max([needs(each) for each in row if each.rows == 1] or [least]) for row in block]
    for place, row in enumerate(block):
        for each in row:
            short = needs(each) - sum(heights[place : place + each.rows])
            if short > 0:
                heights[place + each.rows - 1] += short
    return heights
