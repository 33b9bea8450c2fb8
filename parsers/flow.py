"""A document as what stands in it one after another: paragraphs and tables, with the pictures in them."""

from typing import NamedTuple

from parsers.cells import Table


class Paragraph(NamedTuple):
    """A paragraph of running text, and the identities of its pictures in the document's own terms."""

    text: str
    pictures: tuple[str, ...] = ()


class Tabular(NamedTuple):
    """A table, and the identities of the pictures in it."""

    cells: Table
    pictures: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(cell.text for cell in self.cells if cell.text)


Block = Paragraph | Tabular
