"""WordprocessingML by hand: the pieces that python-docx neither writes nor sees."""

import io
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx import Document
from docx.oxml import parse_xml
from docx.shared import Cm

NAMESPACES = " ".join(
    f'xmlns:{prefix}="{address}"'
    for prefix, address in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "v": "urn:schemas-microsoft-com:vml",
    }.items()
)
EPOCH = (2022, 5, 30, 9, 0, 0)


def _id(content: str) -> int:
    """Return a number for the element that holds `content`, the same at every building."""
    return zlib.crc32(content.encode()) & 0x7FFFFFFF


def run(text: str, *, font: str = "仿宋_GB2312", size: int = 24, bold: bool = False) -> str:
    """Return a run of `text`; `size` in half points."""
    fonts = f'<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia={quoteattr(font)}/>'
    weight = "<w:b/>" if bold else ""
    return (
        f'<w:r><w:rPr>{fonts}{weight}<w:sz w:val="{size}"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    )


def symbol(char: str, font: str = "Wingdings") -> str:
    """Return a `w:sym` run, e.g. F0FE of Wingdings: a ticked box that has no text."""
    return f'<w:r><w:sym w:font={quoteattr(font)} w:char="{char}"/></w:r>'


def paragraph(runs: str, *, align: str = "left", indent: int = 0) -> str:
    """Return a paragraph; `indent` of its first line in hundredths of a character."""
    first = f'<w:ind w:firstLineChars="{indent}" w:firstLine="{indent * 2}"/>' if indent else ""
    return (
        f'<w:p><w:pPr><w:spacing w:before="0" w:after="0"/>{first}<w:jc w:val="{align}"/></w:pPr>{runs}</w:p>'
    )


def control(content: str, tag: str) -> str:
    """Return `content` inside a content control (`w:sdt`), at whatever level it stands."""
    properties = (
        f'<w:sdtPr><w:alias w:val="{tag}"/><w:tag w:val="{tag}"/><w:id w:val="{_id(content)}"/></w:sdtPr>'
    )
    return f"<w:sdt>{properties}<w:sdtContent>{content}</w:sdtContent></w:sdt>"


def checkbox(*, ticked: bool) -> str:
    """Return Word's own check box control, whose state is an attribute beside its sign."""
    state = (
        f'<w14:checkbox><w14:checked w14:val="{int(ticked)}"/><w14:checkedState w14:val="2611" w14:font="MS Gothic"/>'
        '<w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/></w14:checkbox>'
    )
    properties = f'<w:sdtPr><w:id w:val="{_id(state)}"/>{state}</w:sdtPr>'
    return f"<w:sdt>{properties}<w:sdtContent>{run('☑' if ticked else '☐', font='MS Gothic')}</w:sdtContent></w:sdt>"


def tracked(before: str, after: str, author: str = "审稿人") -> str:
    """Return a change not yet accepted: `before` struck out, `after` put in."""
    who = f'w:author="{author}" w:date="2022-05-30T09:00:00Z"'
    gone = f'<w:del w:id="{_id(before + after)}" {who}><w:r><w:delText xml:space="preserve">{escape(before)}</w:delText></w:r></w:del>'
    return f'{gone}<w:ins w:id="{_id(after)}" {who}>{run(after)}</w:ins>'


def text_box(content: str, *, width: int = 3600000, height: int = 360000) -> str:
    """Return a run with a text box of block `content`, written twice as Word does (drawing and VML fallback)."""
    number = _id(content)
    shape = (
        f'<w:drawing><wp:inline><wp:extent cx="{width}" cy="{height}"/><wp:docPr id="{number}" name="文本框 {number}"/>'
        '<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp>'
        f'<wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/></wps:spPr>'
        f"<wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx>"
        '<wps:bodyPr lIns="0" tIns="0" rIns="0" bIns="0"/></wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing>'
    )
    points = f"width:{width // 12700}pt;height:{height // 12700}pt"
    fallback = f'<w:pict><v:shape style="{points}"><v:textbox><w:txbxContent>{content}</w:txbxContent></v:textbox></v:shape></w:pict>'
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{shape}</mc:Choice>'
        f"<mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent></w:r>"
    )


def cell(content: str, width: int, *, span: int = 1, merge: str = "") -> str:
    """Return a table cell; `merge` is `restart` or `continue` of a vertical merge."""
    spanned = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    merged = {"": "", "restart": '<w:vMerge w:val="restart"/>', "continue": "<w:vMerge/>"}[merge]
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spanned}{merged}<w:vAlign w:val="center"/></w:tcPr>'
        f"{content}</w:tc>"
    )


def row(cells: str, height: int = 560) -> str:
    """Return a table row at least `height` twips high."""
    return f'<w:tr><w:trPr><w:trHeight w:val="{height}" w:hRule="atLeast"/></w:trPr>{cells}</w:tr>'


def table(rows: str, widths: Iterable[int]) -> str:
    """Return a ruled table of `rows` on a grid of `widths` in twips."""
    widths = tuple(widths)
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for side in sides)
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>"
    )


def new_document() -> Any:
    """Return an empty A4 document with an office's margins."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.3)
    section.top_margin = section.bottom_margin = Cm(2)
    return document


def append(document: Any, blocks: str) -> None:
    """Append block-level XML (paragraphs, tables, controls) to the body, before its section."""
    holder = parse_xml(f"<w:body {NAMESPACES}>{blocks}</w:body>")
    section = document.element.body.sectPr
    for element in list(holder):
        section.addprevious(element)


def saved(document: Any) -> bytes:
    """Return the document's file, the same bytes for the same content."""
    buffer = io.BytesIO()
    document.save(buffer)
    return steady(buffer.getvalue())


def steady(data: bytes) -> bytes:
    """Return the zip `data` with every member's time set to one fixed moment."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            member = zipfile.ZipInfo(info.filename, EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            new.writestr(member, old.read(info))
    return out.getvalue()
