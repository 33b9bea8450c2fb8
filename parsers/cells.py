"""A table as cells on a grid, and which of them hold the value of a label."""

from parsers.documents import Box, Fact


class Cell(Fact, frozen=True, kw_only=True):
    """One cell as it stands: `row` and `column` from 0 on the table's grid, spans at least 1.

    Ticks and symbols are characters of `text`. `confidence` and `box` come with a recogniser.
    """

    text: str
    row: int
    column: int
    rowspan: int = 1
    colspan: int = 1
    confidence: float = 1.0
    box: Box | None = None

    @property
    def bottom(self) -> int:
        return self.row + self.rowspan

    @property
    def right(self) -> int:
        return self.column + self.colspan


Table = tuple[Cell, ...]
