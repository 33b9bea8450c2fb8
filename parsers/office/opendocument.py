"""OpenDocument texts (odt), as LibreOffice and WPS save them: the same contents as a docx, in other words."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lxml import etree

from parsers import contents, symbols
from parsers.cells import Cell
from parsers.documents import Facts, Other, Part, Unreadable, Why
from parsers.flow import Block, Paragraph, Tabular, as_lines, has_labels
from parsers.office.ooxml import Package
from parsers.office.wordrun import attribute, child, local
from parsers.refusal import Refused

TEXT, SHEET = "text", "spreadsheet"
LINES = frozenset({"p", "h"})
SKIPPED = frozenset({"tracked-changes", "annotation", "annotation-end", "note", "forms", "sequence-decls"})
SHAPES = frozenset({"custom-shape", "rect", "circle", "ellipse", "polygon", "path", "caption", "g"})
TABLE_ROWS = frozenset({"table-rows", "table-header-rows", "table-row-group"})
GAPS = {"tab": " ", "line-break": "\n"}
MOST_SPACES = 200
WIDEST_SPAN = 63  # columns of a table, as in Word
MOST_CELLS = 100_000
DEEPEST = 100  # elements inside each other
AS_PDF = Unreadable(why=Why.UNSUPPORTED, note="暂不能读取这种文档，请另存为 docx 或 PDF 后重新报送")


def read_odf(data: bytes) -> Facts:
    """Return what an OpenDocument file holds; a spreadsheet is told, a presentation asked for as PDF."""
    try:
        return Facts(reader="odf", parts=_parts(Package(data)))
    except Refused as refused:
        return Facts(reader="odf", parts=(Unreadable(why=refused.why, note=refused.note),))


def _parts(package: Package) -> tuple[Part, ...]:
    _refuse(package)
    root = package.xml("content.xml")
    body = child(root, "body")
    if child(root, "body", SHEET) is not None:
        return (Other(note="电子表格"),)
    text = child(root, "body", TEXT)
    if body is None or text is None:
        return (AS_PDF,)
    walker = _Walker(_fonts(root))
    return contents.parts(list(walker.blocks(text)), lambda name: _picture(package, name))


def _refuse(package: Package) -> None:
    if package.has_folder("basic/") or package.has_folder("scripts/"):
        raise Refused(Why.UNSAFE, "含有宏的文档")
    if "meta-inf/manifest.xml" in package and b"encryption-data" in package.read("meta-inf/manifest.xml"):
        raise Refused(Why.ENCRYPTED, "文档设有打开密码")


def _picture(package: Package, name: str) -> bytes | None:
    return package.read(name) if name in package else None


def _fonts(root: etree._Element) -> Mapping[str, str]:
    """Return the font of each automatic style that names one."""
    fonts: dict[str, str] = {}
    for style in root.iter("{*}style"):
        properties = child(style, "text-properties")
        font = attribute(properties, "font-name") if properties is not None else None
        if font and (name := attribute(style, "name")):
            fonts[name] = font
    return fonts


class _Line(NamedTuple):
    """A paragraph in the making: its text, its pictures, the text boxes in it."""

    text: list[str]
    pictures: list[str]
    boxes: list[etree._Element]


class _Made(NamedTuple):
    """A table in the making, its pictures, and the tables inside it that are tables of their own."""

    cells: list[Cell]
    pictures: list[str]
    nested: list[Tabular]


class _Walker:
    def __init__(self, fonts: Mapping[str, str]) -> None:
        self._fonts = fonts

    def blocks(self, container: etree._Element, depth: int = 0) -> Iterator[Block]:
        """Yield what `container` shows; raises `Refused` for what nobody could have made."""
        if depth > DEEPEST:
            raise Refused(Why.UNSAFE, "文档嵌套过深")
        for element in container:
            name = local(element)
            if name in LINES:
                yield from self._paragraph(element, depth)
            elif name == "table":
                yield from self._table(element, depth)
            elif name == "frame":
                yield from self._frame(element, depth)
            elif name not in SKIPPED:
                yield from self.blocks(element, depth + 1)

    def _paragraph(self, element: etree._Element, depth: int) -> Iterator[Block]:
        line = _Line([], [], [])
        self._inline(element, line, "", depth)
        yield Paragraph("".join(line.text), tuple(line.pictures))
        for box in line.boxes:
            yield from self.blocks(box, depth + 1)

    def _frame(self, frame: etree._Element, depth: int) -> Iterator[Block]:
        line = _Line([], [], [])
        self._take_frame(frame, line)
        if line.pictures:
            yield Paragraph("", tuple(line.pictures))
        for box in line.boxes:
            yield from self.blocks(box, depth + 1)

    def _inline(self, element: etree._Element, line: _Line, font: str, depth: int) -> None:
        if depth > DEEPEST:
            raise Refused(Why.UNSAFE, "文档嵌套过深")
        line.text.append(symbols.in_font(_flat(element.text), font))
        for inner in element:
            name = local(inner)
            if name == "frame":
                self._take_frame(inner, line)
            elif name in SHAPES:
                line.boxes.append(inner)
            elif name in GAPS:
                line.text.append(GAPS[name])
            elif name == "s":
                line.text.append(" " * _number(inner, "c", MOST_SPACES))
            elif name not in SKIPPED:
                own = self._fonts.get(attribute(inner, "style-name") or "", font)
                self._inline(inner, line, own, depth + 1)
            line.text.append(symbols.in_font(_flat(inner.tail), font))

    def _take_frame(self, frame: etree._Element, line: _Line) -> None:
        """Add the frame's text box, or its picture: the first, for the others show the same."""
        box, image = child(frame, "text-box"), child(frame, "image")
        if box is not None:
            line.boxes.append(box)
        elif image is not None and (href := attribute(image, "href")):
            line.pictures.append(href.removeprefix("./"))

    def _table(self, table: etree._Element, depth: int) -> list[Tabular]:
        """Return `table`, and after it the tables nested in it that hold labels of their own."""
        made = _Made([], [], [])
        for row, line in enumerate(_rows(table)):
            column = 0
            for element in line:
                name = local(element)
                if name == "table-cell":
                    self._cell(element, (row, column), made, depth)
                if name in {"table-cell", "covered-table-cell"}:
                    column += _number(element, "number-columns-repeated", WIDEST_SPAN)
        return [Tabular(tuple(made.cells), tuple(made.pictures)), *made.nested]

    def _cell(self, element: etree._Element, place: tuple[int, int], made: _Made, depth: int) -> None:
        if len(made.cells) > MOST_CELLS:
            raise Refused(Why.UNSAFE, "表格结构异常")
        lines: list[str] = []
        for block in self.blocks(element, depth + 1):
            if isinstance(block, Tabular) and has_labels(block):
                made.nested.append(block)
                continue
            made.pictures.extend(block.pictures)
            lines.append(block.text if isinstance(block, Paragraph) else as_lines(block))
        cell = Cell(
            text="\n".join(lines).strip("\n"),
            row=place[0],
            column=place[1],
            rowspan=_number(element, "number-rows-spanned", MOST_CELLS),
            colspan=_number(element, "number-columns-spanned", WIDEST_SPAN),
        )
        made.cells.append(cell)


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for element in table:
        if local(element) == "table-row":
            yield element
        elif local(element) in TABLE_ROWS:
            yield from _rows(element)


def _number(element: etree._Element, name: str, most: int) -> int:
    value = attribute(element, name) or "1"
    return min(max(int(value), 1), most) if value.isdecimal() and len(value) < 12 else 1


def _flat(text: str | None) -> str:
    """Return `text` with white space as one blank, for ODF writes further blanks as elements."""
    return "" if not text else " ".join(text.replace("\n", " ").replace("\t", " ").split(" "))
