"""Web pages saved or exported, among them many a `.doc` that an office system wrote: read as text."""

from lxml import etree, html

from parsers.documents import Facts, Unreadable, Why
from parsers.plain import read_text

BREAKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "title"})
CELLS = frozenset({"td", "th"})
SILENT = ("script", "style", "head", "noscript", "template")


def read_html(data: bytes) -> Facts:
    """Return what the web page `data` holds as text; nothing it refers to is fetched."""
    try:
        text = text_of(data)
    except (etree.LxmlError, ValueError, RecursionError):
        return Facts(reader="html", parts=(Unreadable(why=Why.CORRUPT, note="网页文件已损坏，无法读取"),))
    facts = read_text(text.encode())
    return Facts(reader="html", parts=facts.parts)


def text_of(data: bytes) -> str:
    """Return the visible text of a page, a line a block, the cells of a row apart by a tab."""
    # A page's own word on its charset is often gb2312 over GBK, so the bytes are asked instead.
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    page = html.document_fromstring(_decoded(data).encode(), parser=parser)
    etree.strip_elements(page, *SILENT, with_tail=False)
    pieces: list[str] = []
    for event, element in etree.iterwalk(page, events=("start", "end")):
        _put(pieces, event, element)
    lines = (
        "\t".join(cell.strip() for cell in line.split("\t")).strip() for line in "".join(pieces).split("\n")
    )
    return "\n".join(line for line in lines if line)


def _put(pieces: list[str], event: str, element: etree._Element) -> None:
    if element.tag in BREAKS:
        pieces.append("\n")
    if event == "start":
        pieces.append(_flat(element.text))
        return
    if element.tag in CELLS:
        pieces.append("\t")
    pieces.append(_flat(element.tail))


def _flat(text: str | None) -> str:
    return " ".join((text or "").split("\n")).replace("\t", " ")


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
