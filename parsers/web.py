"""Web pages saved or exported, among them many a `.doc` that an office system wrote: forms and text."""

import itertools

from lxml import etree, html

from parsers import material, secrecy
from parsers.cells import Cell, Table
from parsers.documents import Facts, Part, Unreadable, Why
from parsers.form import find_forms
from parsers.plain import read_text

BREAKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "title"})
SILENT = ("script", "style", "head", "noscript", "template")
WIDEST_SPAN = 50
MOST_CELLS = 4000
MOST_PLACES = 100_000


def read_html(data: bytes) -> Facts:
    """Return what the web page `data` holds; nothing it refers to is fetched."""
    try:
        page = _page(data)
    except (etree.LxmlError, ValueError):
        return Facts(reader="html", parts=(Unreadable(why=Why.CORRUPT, note="网页文件已损坏，无法读取"),))
    return Facts(reader="html", parts=_parts(page))


def text_of(page: etree._Element) -> str:
    """Return the visible text of `page`, a line a block, the cells of a row apart by a tab."""
    pieces: list[str] = []
    for event, element in etree.iterwalk(page, events=("start", "end")):
        pieces.extend(_text_at(event, element, page))
    lines = "".join(pieces).split("\n")
    tidy = ("\t".join(cell.strip() for cell in line.split("\t")).strip() for line in lines)
    return "\n".join(line for line in tidy if line)


def _page(data: bytes) -> etree._Element:
    # A page's own word on its charset is often gb2312 over GBK, so the bytes are asked instead.
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    page = html.document_fromstring(_decoded(data).encode(), parser=parser)
    etree.strip_elements(page, *SILENT, with_tail=False)
    return page


def _parts(page: etree._Element) -> tuple[Part, ...]:
    # Tables around tables are layout; what people fill in is the innermost.
    tables = [table for table in page.iter("table") if table.find(".//table") is None]
    found = find_forms([_cells(table) for table in tables])
    if not found:
        return read_text(text_of(page).encode()).parts
    secret = secrecy.found([text_of(page).split("\n")])
    for index in frozenset[int]().union(*(one.tables for one in found)):
        del tables[index][:]
    rest = material.work(material.besides_form(text_of(page).split("\n")), 0)
    forms = tuple(one.form for one in found)
    return (*forms, *secret) if material.is_little(rest) else (*forms, rest, *secret)


def _cells(table: etree._Element) -> Table:
    """Return the cells of `table` on its grid; a span beyond reason is cut."""
    cells: list[Cell] = []
    taken: set[tuple[int, int]] = set()
    for row, line in enumerate(table.iter("tr")):
        for element in line.iter("td", "th"):
            column = next(at for at in itertools.count() if (row, at) not in taken)
            rowspan, colspan = _span(element, "rowspan"), _span(element, "colspan")
            taken.update(itertools.product(range(row, row + rowspan), range(column, column + colspan)))
            text = text_of(element)
            cells.append(Cell(text=text, row=row, column=column, rowspan=rowspan, colspan=colspan))
            if len(cells) == MOST_CELLS or len(taken) > MOST_PLACES:
                return tuple(cells)
    return tuple(cells)


def _span(element: etree._Element, name: str) -> int:
    value = element.get(name, "1").strip()
    return min(max(int(value), 1), WIDEST_SPAN) if value.isdecimal() and len(value) < 9 else 1


def _text_at(event: str, element: etree._Element, page: etree._Element) -> tuple[str, ...]:
    """Return what `element` adds to the text where it starts or ends; its tail if it is not `page` itself."""
    edge = "\n" if element.tag in BREAKS else ""
    if event == "start":
        return edge, _flat(element.text)
    tab = "\t" if element.tag in {"td", "th"} else ""
    return edge, tab, "" if element is page else _flat(element.tail)


def _flat(text: str | None) -> str:
    return (text or "").replace("\r", "").replace("\n", " ").replace("\t", " ")


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
