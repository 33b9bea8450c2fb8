"""What rich text shows in the making: lines, paragraphs, rows of cells, tables in cells, text boxes."""

from collections.abc import Iterable

from parsers.flow import Block, Paragraph, Tabular, as_lines, has_labels
from parsers.office.richtable import Level

DEEPEST = 8  # tables inside each other
MOST_BLOCKS = 100_000
CONTROLS = dict.fromkeys({*range(0x20)} - {0x0A})


class Flow:
    """The blocks of a document or of a text box, as its words come by."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._line: list[str] = []
        self._pictures: list[str] = []
        self._boxes: list[Block] = []
        self._levels: list[Level] = []
        self._depth = 0  # of the table that the paragraph stands in, 0 outside

    def add(self, text: str) -> None:
        self._line.append(text.translate(CONTROLS))

    def show(self, picture: str) -> None:
        self._pictures.append(picture)

    def box(self, blocks: Iterable[Block]) -> None:
        """Put what a text box holds behind the paragraph that it is anchored in."""
        self._boxes.extend(blocks)

    def outside(self) -> None:
        """Begin the properties of a paragraph anew (`pard`): it stands in no table unless they say so."""
        self._depth = 0

    def inside(self, depth: int) -> None:
        """Let the paragraph stand in a table of this `depth`."""
        self._depth = min(max(0, depth), DEEPEST)

    def in_table(self) -> None:
        self._depth = max(1, self._depth)

    def level(self, *, nested: bool) -> Level:
        """Return the table that a row or cell belongs to."""
        return self._level(max(2, self._depth) if nested else 1)

    def paragraph(self) -> None:
        """End a paragraph."""
        if self._depth:
            self._end_line(self._level(self._depth))
            return
        self._close(0)
        if len(self._blocks) < MOST_BLOCKS:
            self._blocks.append(Paragraph(self._text(), tuple(self._pictures)))
            self._blocks.extend(self._boxes)
        self._pictures, self._boxes = [], []

    def cell(self, *, nested: bool) -> None:
        """End a cell, and with its last line whatever tables stand in it."""
        level = self.level(nested=nested)
        self._end_line(level)
        level.end_cell()

    def row(self, *, nested: bool) -> None:
        """End a row."""
        level = self.level(nested=nested)
        if "".join(self._line).strip():
            self._end_line(level)
        self._close(self._levels.index(level) + 1)
        level.end_row()

    def finished(self) -> list[Block]:
        """Return all blocks; nothing can be added any more."""
        if self._line or self._pictures or self._boxes:
            self.paragraph()
        self._close(0)
        return self._blocks

    def _level(self, depth: int) -> Level:
        self._close(depth)
        while len(self._levels) < depth:
            self._levels.append(Level())
        return self._levels[depth - 1]

    def _end_line(self, level: Level) -> None:
        level.lines.append(self._text())
        level.pictures += self._pictures
        _put(level, self._boxes)
        self._pictures, self._boxes = [], []

    def _text(self) -> str:
        """Return the line, its halves of characters beyond the basic plane joined, and begin another."""
        text, self._line = "".join(self._line), []
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _close(self, depth: int) -> None:
        """End the tables deeper than `depth`: into the cells around them, or among the blocks."""
        while len(self._levels) > depth:
            tables = self._levels.pop().tables()
            if self._levels:
                _put(self._levels[-1], tables)
            else:
                self._blocks.extend(tables)


def _put(level: Level, blocks: Iterable[Block]) -> None:
    """Put `blocks` into the open cell of `level`; a table with labels is a table of its own."""
    for block in blocks:
        if isinstance(block, Tabular) and has_labels(block):
            level.nested.append(block)
        else:
            level.lines.append(as_lines(block) if isinstance(block, Tabular) else block.text)
            level.pictures += block.pictures
