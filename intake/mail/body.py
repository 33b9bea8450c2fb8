"""The words of a mail: text from HTML, and the new words apart from what they answer."""

import re
from itertools import islice

from lxml import etree

LINE_TAGS = frozenset(
    {
        "p",
        "div",
        "tr",
        "li",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "table",
        "ul",
        "ol",
        "hr",
        "section",
        "blockquote",
        "pre",
    }
)
MOST_QUOTES = 1000
CELL_TAGS = frozenset({"td", "th"})
SILENT_TAGS = frozenset({"script", "style", "head", "title", "template", "noscript"})
QUOTE_MARKS = re.compile(
    r"(?i)gmail_quote|isReplyContent|isForwardContent|ntes-mailmaster-quote|divRplyFwdMsg|OLK_SRC_BODY_SECTION"
    r"|yahoo_quoted|moz-cite-prefix|foxmail_quote|qm_quote|reply-intro"
)
INDENTED = re.compile(r"(?i)margin\s*:\s*0(?:px)?\s+0(?:px)?\s+0(?:px)?\s+40px")
DASHED = re.compile(
    r"(?i)^\s*[-_=]{2,}\s*(?:原始邮件|原邮件|原始信息|original(?: message| email)?|"
    r"转发(?:的)?邮件(?:信息)?|forwarded (?:message|mail)|回复的原邮件|回复的邮件|以下为原邮件)\s*[-_=]{2,}"
)
HEADER = re.compile(r"(?i)^\s*\**(?:发件人|寄件人|from)\**\s*[:：]")
SECOND = re.compile(
    r"(?i)^\s*\**(?:发送时间|发送日期|发件时间|时间|日期|收件人|主题|抄送|sent|date|to|subject|cc)\**\s*[:：]"
)
WROTE = re.compile(
    r"(?i)^\s*(?:(?:在|于|於)?\s*.{4,200}?(?:写道|寫道|编写|来信)|(?:on|at)\s.{4,250}?\swrote)\s*[:：]\s*$",
    re.DOTALL,
)
DATED = re.compile(r"\d{2,4}\s*[-/年.]|\d{1,2}:\d{2}|@")


def text_of(html: str) -> tuple[str, str]:
    """Return the words of an HTML mail, and the words of the elements that mark a quoted mail."""
    root = _parse(html)
    if root is None:
        return _joined(re.sub(r"<[^<>]*>", "\n", html).split("\n")), ""
    quoted = []
    for element in list(islice(filter(_is_quote, root.iter(etree.Element)), MOST_QUOTES)):
        if not any(_is_quote(above) for above in element.iterancestors()):
            quoted.append(_words(element))
            _remove(element)
    return _words(root), "\n".join(quoted)


def pictures_named(html: str) -> frozenset[str]:
    """Return the Content-IDs that the HTML shows as pictures, without brackets."""
    return frozenset(re.findall(r"(?i)cid:([^\"'\s>)]+)", html))


def split_reply(text: str) -> tuple[str, str]:
    """Return the new words of a plain text and the mail it quotes below or between them."""
    lines = text.split("\n")
    for place in range(len(lines)):
        length = _mark(lines, place)
        if length and not _angled(lines, place + length):
            new, between = _unangled(lines[:place])
            return new, _joined([between, *lines[place:]])
    return _unangled(lines)


def _mark(lines: list[str], place: int) -> int:
    """Return how many lines at `place` announce a quoted mail; 0 where none do."""
    line = lines[place]
    if DASHED.match(line):
        return 1
    if HEADER.match(line):
        return 1 if any(SECOND.match(below) for below in lines[place + 1 : place + 6]) else 0
    for length in (1, 2):
        announced = " ".join(lines[place : place + length])
        if line.strip() and WROTE.match(announced) and DATED.search(announced):
            return length
    return 0


def _angled(lines: list[str], place: int) -> bool:
    below = next((lines[at] for at in range(place, len(lines)) if lines[at].strip()), "")
    return below.lstrip().startswith(">")


def _unangled(lines: list[str]) -> tuple[str, str]:
    new: list[str] = []
    quoted: list[str] = []
    announced = 0
    for place, line in enumerate(lines):
        length = _mark(lines, place)
        announced = length if length and _angled(lines, place + length) else announced
        (quoted if announced > 0 or line.lstrip().startswith(">") else new).append(line)
        announced -= 1
    return _joined(new), _joined(quoted)


def _joined(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()


def _parse(html: str) -> etree._Element | None:
    """Return the tree of an HTML text, None where there is none or it nests deeper than libxml2 follows."""
    if not html.strip():
        return None
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = etree.fromstring(html.encode("utf-8", "backslashreplace"), parser)
    except etree.XMLSyntaxError:
        return None
    deep = any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log)
    return None if deep else root


def _is_quote(element: etree._Element) -> bool:
    if element.tag == "blockquote":
        return INDENTED.search(element.get("style", "")) is None
    return QUOTE_MARKS.search(f"{element.get('id', '')} {element.get('class', '')}") is not None


def _remove(element: etree._Element) -> None:
    """Take an element out of its tree and leave the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if before is None:
        parent.text = (parent.text or "") + "\n" + (element.tail or "")
    else:
        before.tail = (before.tail or "") + "\n" + (element.tail or "")
    parent.remove(element)


def _words(root: etree._Element) -> str:
    pieces: list[str] = []
    silent = kept = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if element.tag in SILENT_TAGS:
            silent += 1 if event == "start" else -1
        if element.tag == "pre":
            kept += 1 if event == "start" else -1
        if event == "start":
            pieces.append(_before(element) + _shown(element.text, silent, kept))
        else:
            pieces.append(_after(element) + ("" if element is root else _shown(element.tail, silent, kept)))
    lines = "".join(pieces).split("\n")
    return _joined([re.sub(r" *\t *", "\t", re.sub(r"[ \xa0]+", " ", line)).strip(" \t") for line in lines])


def _before(element: etree._Element) -> str:
    return "\n" if element.tag in LINE_TAGS or element.tag == "br" else ""


def _after(element: etree._Element) -> str:
    if element.tag in CELL_TAGS:
        return "\t"
    return "\n" if element.tag in LINE_TAGS else ""


def _shown(text: str | None, silent: int, kept: int) -> str:
    if silent:
        return ""
    return (text or "").replace("\r", "") if kept else re.sub(r"[ \t\r\n\f]+", " ", text or "")
