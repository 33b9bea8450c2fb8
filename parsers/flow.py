"""A document as what stands in it one after another: paragraphs and tables, with the pictures in them."""

from typing import NamedTuple

from parsers.cells import Table
from parsers.form_labels import field_of, opening


class Paragraph(NamedTuple):
    """A paragraph of running text, and the identities of its pictures in the document's own terms."""

    text: str
    pictures: tuple[str, ...] = ()


class Tabular(NamedTuple):
    """A table, the identities of the pictures in it, and for each the index of its cell where that is known."""

    cells: Table
    pictures: tuple[str, ...] = ()
    places: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(cell.text for cell in self.cells if cell.text)


Block = Paragraph | Tabular


def has_labels(table: Tabular) -> bool:
    """Tell whether a nested table is a form's own, with labels and values, and no ornament of a value."""
    return sum(1 for cell in table.cells if field_of(cell.text) or opening(cell.text)) > 1


def as_lines(table: Tabular) -> str:
    """Return a nested table as lines: its rows, their cells apart by a space."""
    rows: dict[int, list[str]] = {}
    for cell in table.cells:
        rows.setdefault(cell.row, []).append(cell.text)
    return "\n".join(" ".join(texts) for texts in rows.values())
