"""An A4 page of an office as a Word file: its margins, its fonts with their substitutes, the same bytes each time."""

import io
from collections.abc import Sequence

from docx import Document
from docx.document import Document as Docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table
from docx.text.paragraph import Paragraph

from intake.office.stable_zip import restamp
from storage.campaign import Campaign

BODY = "仿宋_GB2312"
TITLE = "方正小标宋简体"
HEAD = "黑体"
# Word takes the first name it has; a machine without the notice's fonts must still show Chinese.
FONTS = (
    (BODY, "仿宋,FangSong,FangSong_GB2312,STFangsong,Noto Serif CJK SC", "02010609030101010101", "modern"),
    (
        TITLE,
        "FZXiaoBiaoSong-B05S,方正小标宋_GBK,华文中宋,宋体,Noto Serif CJK SC",
        "02010601030101010101",
        "auto",
    ),
    (HEAD, "SimHei,STHeiti,Noto Sans CJK SC", "02010609060101010101", "modern"),
    ("Times New Roman", "", "02020603050405020304", "roman"),
)


def begun(title: str, campaign: Campaign) -> Docx:
    """Return an empty document of the campaign's office, dated by the campaign and not by the clock."""
    document = Document()
    _page(document)
    _properties(document, title, campaign)
    return document


def saved(document: Docx) -> bytes:
    """Return the document as the bytes of a docx, the same for the same content."""
    out = io.BytesIO()
    document.save(out)
    return restamp(out.getvalue(), {"word/fontTable.xml": _font_table()})


def _page(document: Docx) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(22), Mm(18)
    section.left_margin = section.right_margin = Mm(24)
    section.header_distance = section.footer_distance = Mm(10)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(12)
    look = style.element.get_or_add_rPr()
    look.get_or_add_rFonts().set(qn("w:eastAsia"), BODY)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    look.append(language)


def _properties(document: Docx, title: str, campaign: Campaign) -> None:
    about = document.core_properties
    about.title = title
    about.author = about.last_modified_by = campaign.office.name
    about.created = about.modified = campaign.dates.opens
    about.comments = about.keywords = ""
    about.language = "zh-CN"


def line(document: Docx, text: str, font: str, points: float) -> Paragraph:
    """Add a paragraph of one font to the page."""
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(0)
    write(paragraph, text, font, points)
    return paragraph


def write(paragraph: Paragraph, text: str, font: str, points: float) -> None:
    """Add `text` to the paragraph; its digits and Latin letters stand in Times New Roman where it is 仿宋."""
    run = paragraph.add_run(text)
    run.font.size = Pt(points)
    run.font.name = font if font != BODY else "Times New Roman"
    run.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def fix_widths(table: Table, widths: Sequence[float]) -> None:
    """Set the columns of `table`, in millimetres, whatever stands in them."""
    table.autofit = False
    for column, width in enumerate(widths):
        table.columns[column].width = Mm(width)
        for cell in table.columns[column].cells:
            cell.width = Mm(width)


def _font_table() -> bytes:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    fonts = "".join(
        f'<w:font w:name="{name}">'
        + (f'<w:altName w:val="{others}"/>' if others else "")
        + f'<w:panose1 w:val="{panose}"/><w:charset w:val="{"86" if others else "00"}"/>'
        f'<w:family w:val="{family}"/><w:pitch w:val="variable"/></w:font>'
        for name, others, panose, family in FONTS
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f'{head}\n<w:fonts xmlns:w="{space}">{fonts}</w:fonts>'.encode()
