"""What antiword prints of a Word 97 document (DocBook), as paragraphs and tables."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec
from lxml import etree

from parsers.cells import Cell
from parsers.flow import Block, Paragraph, Tabular

PICTURE = "[pic]"  # what antiword prints in the place of each
FLAT = frozenset({"para", "title", "term"})
SKIPPED = frozenset({"bookinfo", "colspec"})
# antiword takes every sign of a symbol font for one of the font Symbol; in the cell of the categories
# it was one of Wingdings, of which these are ticks and boxes (code in Symbol -> sign in Wingdings 1 or 2).
WINGDINGS: Mapping[str, str] = {
    "⎫": "√",
    "⎭": "☑",
    "⎬": "☒",
    "⎦": "×",
    "♦": "□",
    "ο": "□",
    "π": "□",
    "θ": "□",
    "ρ": "□",
    "ν": "■",
    "λ": "●",
    "ϒ": "○",
    "Π": "√",
    "Ρ": "☑",
    "Θ": "☒",
    "Σ": "☒",
    "Τ": "☒",
    "Ο": "×",
    "′": "■",
    "≤": "□",
}
_SIGNS = str.maketrans(dict(WINGDINGS))
_OPTIONS = ("新闻", "商业")


class Printed(NamedTuple):
    """The blocks of a document, its pictures named by their number; `doubtful` if antiword missed something.

    That is a text box in a table, which it takes for a picture, or a sign of a symbol font.
    """

    blocks: list[Block]
    doubtful: bool


def printed(docbook: bytes) -> Printed:
    """Return what antiword printed; raises ValueError where it is no DocBook."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = etree.fromstring(docbook, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError("no DocBook") from error
    found = list(_walk(root))
    cells = [cell.text for block in found if isinstance(block, Tabular) for cell in block.cells]
    doubtful = any(PICTURE in text or text != _mended(text) for text in cells)
    return Printed(list(_numbered(found)), doubtful)


def _walk(element: etree._Element) -> Iterator[Block]:
    """Yield the blocks inside `element`; a table stands inside a paragraph here."""
    for child in element:
        if child.tag in SKIPPED:
            continue
        if child.tag == "informaltable":
            yield Tabular(tuple(_cells(child)))
        elif child.tag in FLAT and child.find(".//informaltable") is None:
            yield Paragraph(_text(child))
        else:
            yield from _walk(child)


def _cells(table: etree._Element) -> Iterator[Cell]:
    """Yield the cells of the table; where their number changes, antiword begins another group of columns.

    Cells that are merged downwards come as empty ones below the first.
    """
    for row, line in enumerate(table.iter("row")):
        for column, entry in enumerate(line.iter("entry")):
            yield Cell(text=_text(entry), row=row, column=column)


def _text(element: etree._Element) -> str:
    """Return the text inside `element`, its first and last line break left out, for antiword adds these."""
    text = "".join(str(piece) for piece in element.itertext())
    return "\n".join(line.strip() for line in text.strip("\n").split("\n")).strip("\n")


def _mended(text: str) -> str:
    return text.translate(_SIGNS) if all(option in text for option in _OPTIONS) else text


def _numbered(found: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks with the pictures in them named 0, 1, 2 and so on, without their marks in the text."""
    numbers = itertools.count()
    for block in found:
        names = tuple(str(next(numbers)) for _ in range(block.text.count(PICTURE)))
        if isinstance(block, Paragraph):
            yield Paragraph(block.text.replace(PICTURE, ""), names)
        else:
            yield Tabular(tuple(_clean(cell) for cell in block.cells), names)


def _clean(cell: Cell) -> Cell:
    return msgspec.structs.replace(cell, text=_mended(cell.text.replace(PICTURE, "").strip("\n")))
