"""Lists to be shown, as a Word file in the format of official documents (GB/T 9704-2012), personal data masked.

A draft for the office: it bears no document number and no seal.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from docx.document import Document as Docx
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table
from docx.text.paragraph import Paragraph

from intake import labels
from intake.letters.periods import until
from intake.office import masking, word_page
from intake.office.word_page import BODY, HEAD, TITLE, fix_widths, line, write
from intake.rules.wording import day
from intake.width import width
from storage.campaign import Campaign
from storage.model import Application, Channel, Kind

CENTRED, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
SIZE, TITLE_SIZE, TABLE_SIZE, NUMBER_SIZE = 16, 22, 12, 14  # points: 三号, 二号, 小四, 四号
LEADING = 28.95  # points between lines: 22 of them in the 225 mm of the page's body
TITLE_LEADING = 36
LONGEST = 19  # characters of the title's size in a line of 156 mm
WIDTHS = {Kind.WEBSITE: (14, 40, 44, 36, 22), Kind.ACCOUNT: (14, 46, 24, 50, 22)}  # millimetres
HEADS = {
    Kind.WEBSITE: ("序号", "网站平台名称", "域名", "主办单位", "申报途径"),
    Kind.ACCOUNT: ("序号", "账号名称", "平台", "主办单位", "申报途径"),
}
NUMERALS = "一二"


def notice(applications: Sequence[Application], campaign: Campaign, *, now: datetime) -> bytes:
    """Return the 公示 of those that are to be awarded as the bytes of a docx, its period beginning today."""
    office, last = campaign.office, until(now, campaign.periods.objection_days, campaign)
    return document(
        "拟获评名单公示",
        (
            f"根据{campaign.title}安排，经单位申报、初评、网上展播和专家评议，拟评定下列网站平台、账号，现予以公示（排名不分先后）。",
            f"公示时间：{day(now, campaign)}至{last}。公示期间，如有异议，请向{office.name}实名反映，并提供必要的事实依据和联系方式，我们将及时核实。",
            f"联系电话：{office.telephone}；电子邮箱：{office.email}；地址：{office.address}。",
        ),
        applications,
        campaign,
        now=now,
    )


def document(
    what: str,
    paragraphs: Iterable[str],
    applications: Sequence[Application],
    campaign: Campaign,
    *,
    now: datetime,
) -> bytes:
    """Return the list `what` of `applications` as the bytes of a docx: websites first, then accounts."""
    made = word_page.begun(f"{campaign.title}{what}", campaign)
    _page(made)
    for text in title_lines(f"{campaign.title}\n{what}"):
        heading = line(made, text, TITLE, TITLE_SIZE)
        heading.alignment = CENTRED
        heading.paragraph_format.line_spacing = Pt(TITLE_LEADING)
    _paragraph(made, "")
    for text in paragraphs:
        _paragraph(made, text)
    kinds = [kind for kind in WIDTHS if any(one.kind is kind for one in applications)]
    for numeral, kind in zip(NUMERALS, kinds, strict=False):
        chosen = [one for one in applications if one.kind is kind]
        name = f"{campaign.region.name}文明{labels.KINDS[kind]}（共{len(chosen)}个）"
        _paragraph(made, f"{numeral}、{name}", HEAD)
        _table(made, kind, chosen)
    _signed(made, campaign, now)
    return word_page.saved(made)


def title_lines(text: str) -> tuple[str, ...]:
    """Return a title as lines that break between its words (`、` or a line's end), as even as can be."""
    whole = text.replace("\n", "")
    if width(whole) <= 2 * LONGEST:
        return (whole,)
    marks = [found.end() for found in re.finditer("、", text)] + [text.find("\n")]
    halves = [
        (text[:mark].replace("\n", ""), text[mark:].replace("\n", ""))
        for mark in marks
        if 0 < mark < len(text)
    ]
    return min(halves, key=lambda pair: max(map(width, pair)), default=(whole,))


def row(number: int, one: Application) -> tuple[str, ...]:
    """Return what everybody may know of an application."""
    where = one.fields.identifier if one.kind is Kind.WEBSITE else labels.kind_of(one).removesuffix("账号")
    route = one.county or "县区" if one.channel is Channel.COUNTY else "市直"
    name, who = masking.published(one.fields.name), masking.operator(one.fields.organizer)
    return str(number), name, masking.published(where), who, route


def _page(made: Docx) -> None:
    """Set the page: body of 156 by 225 mm, 22 lines of 28 characters, page numbers on the outer side."""
    section = made.sections[0]
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    made.settings.odd_and_even_pages_header_footer = True
    for footer, side in ((section.footer, RIGHT), (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)):
        paragraph = footer.paragraphs[0]
        paragraph.alignment = side
        paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(NUMBER_SIZE)
        write(paragraph, "— ", "宋体", NUMBER_SIZE)
        _page_number(paragraph)
        write(paragraph, " —", "宋体", NUMBER_SIZE)


def _page_number(paragraph: Paragraph) -> None:
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        run.font.size, run.font.name = Pt(NUMBER_SIZE), "宋体"
        mark = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            mark.set(qn("w:fldCharType"), kind)
        mark.text = text
        run.element.append(mark)


def _paragraph(made: Docx, text: str, font: str = BODY) -> Paragraph:
    paragraph = line(made, text, font, SIZE)
    look = paragraph.paragraph_format
    look.first_line_indent, look.line_spacing = Pt(2 * SIZE), Pt(LEADING)
    look.keep_with_next = font == HEAD
    return paragraph


def _table(made: Docx, kind: Kind, applications: Iterable[Application]) -> None:
    rows = [HEADS[kind], *(row(number, one) for number, one in enumerate(applications, 1))]
    table = made.add_table(rows=len(rows), cols=len(HEADS[kind]), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    fix_widths(table, WIDTHS[kind])
    for at, values in enumerate(rows):
        for column, text in enumerate(values):
            _fill(table, at, column, text)
        _keep_whole(table, at)
    for cell in table.rows[-1].cells:  # who signed never stands alone on a page
        cell.paragraphs[0].paragraph_format.keep_with_next = True


def _fill(table: Table, at: int, column: int, text: str) -> None:
    cell = table.cell(at, column)
    cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
    paragraph = cell.paragraphs[0]
    paragraph.alignment = CENTRED
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(3)
    write(paragraph, text, HEAD if at == 0 else BODY, TABLE_SIZE)


def _keep_whole(table: Table, at: int) -> None:
    """Keep a row on one page, and repeat the heads on every page."""
    look = table.rows[at]._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no name for these
    look.append(OxmlElement("w:cantSplit"))
    if at == 0:
        look.append(OxmlElement("w:tblHeader"))


def _signed(made: Docx, campaign: Campaign, now: datetime) -> None:
    """Add office and date: the office two characters from the edge, the date beginning two after its beginning."""
    _paragraph(made, "").paragraph_format.keep_with_next = True
    date = day(now, campaign)
    after = max(2, (width(campaign.office.name) - width(date)) / 2)
    for text, space in ((campaign.office.name, 2), (date, after)):
        paragraph = _paragraph(made, text)
        paragraph.alignment = RIGHT
        paragraph.paragraph_format.first_line_indent = Pt(0)
        paragraph.paragraph_format.right_indent = Pt(space * SIZE)
        paragraph.paragraph_format.keep_with_next = text != date
