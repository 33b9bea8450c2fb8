"""The blank 申报表 of a campaign as a Word file, true to the annex of the notice."""

from collections.abc import Sequence

from docx.document import Document as Docx
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import _Cell

from intake.office import word_page
from intake.office.word_page import BODY, HEAD, TITLE, fix_widths, line, write
from storage.campaign import Campaign

WIDTHS = (32, 50, 34, 46)  # millimetres; with the margins they fill an A4 page
NOTES = (
    "请在网站平台或账号类别选项内打“√”，“其他”请在括弧内注明具体类型。",
    "网站备案号、网站经营许可证号账号不用填写。",
    "县区委网信办和县区文明办需对推荐的网站平台、账号进行审核并盖章。",
)
NO_ACCOUNT = "（账号不填）"
CATEGORY = (1, 1)  # the cell whose options the campaign names
# (first row, first column, last row, last column, text): the cells as the annex merges them
CELLS = (
    (0, 0, 0, 0, "网站平台或账号名称"),
    (0, 1, 0, 1, ""),
    (0, 2, 0, 2, "网站平台域名或账号ID"),
    (0, 3, 0, 3, ""),
    (1, 0, 2, 0, "类别"),
    (1, 1, 2, 1, ""),
    (1, 2, 1, 2, "网站备案号"),
    (1, 3, 1, 3, NO_ACCOUNT),
    (2, 2, 2, 2, "网站经营\n许可证号"),
    (2, 3, 2, 3, NO_ACCOUNT),
    (3, 0, 3, 0, "主办单位"),
    (3, 1, 3, 1, ""),
    (3, 2, 3, 2, "通信地址\n邮政编码"),
    (3, 3, 3, 3, ""),
    (4, 0, 6, 0, "负责人\n（联系人）"),
    (4, 1, 6, 1, ""),
    (4, 2, 4, 2, "电  话"),
    (4, 3, 4, 3, ""),
    (5, 2, 5, 2, "手机号码"),
    (5, 3, 5, 3, ""),
    (6, 2, 6, 2, "电子邮箱"),
    (6, 3, 6, 3, ""),
    (7, 0, 7, 0, "网站平台或账号主要\n情况"),
    (7, 1, 7, 3, "（可另附页）"),
    (8, 0, 8, 0, "网站平台或账号主要\n情况\n（1500字）"),
    (8, 1, 8, 3, ""),
    (9, 0, 9, 0, "单位推荐\n意见"),
    (9, 1, 9, 3, "盖  章\n年  月  日"),
    (10, 0, 10, 0, "县区委网信办、县文明办审核意见"),
    (10, 1, 10, 3, "盖  章                盖  章\n年  月  日            年  月  日"),
    (11, 0, 11, 0, "市委网信办、市文明办意见"),
    (11, 1, 11, 3, "盖  章                盖  章\n年  月  日            年  月  日"),
)
HEIGHTS = (16, 13, 13, 16, 11, 11, 11, 130, 106, 38, 42, 42)  # millimetres; row 8 turns the page over
FLOWING = frozenset({7, 8})
SEALED = frozenset({9, 10, 11})
CENTRED = WD_ALIGN_PARAGRAPH.CENTER


def blank_form(campaign: Campaign) -> bytes:
    """Return the blank form as the bytes of a docx, always the same for the same campaign."""
    title = f"{campaign.region.name}文明网站平台文明账号申报表"
    document = word_page.begun(title, campaign)
    line(document, "附件", HEAD, 16)
    heading = line(document, title, TITLE, 20)
    heading.alignment = CENTRED
    heading.paragraph_format.space_after = Pt(10)
    _table(document, campaign.categories.names())
    _notes(document)
    return word_page.saved(document)


def _table(document: Docx, categories: Sequence[str]) -> None:
    table = document.add_table(rows=len(HEIGHTS), cols=len(WIDTHS), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    fix_widths(table, WIDTHS)
    for row, height in zip(table.rows, HEIGHTS, strict=True):
        row.height, row.height_rule = Mm(height), WD_ROW_HEIGHT_RULE.AT_LEAST
    _keep_whole(document)
    options = "\n".join(f"{name:　<6}（  ）" for name in categories)
    for top, left, bottom, right, text in CELLS:
        cell = table.cell(top, left).merge(table.cell(bottom, right))
        told = options if (top, left) == CATEGORY else text
        _fill(cell, told, label=left in {0, 2}, sealed=top in SEALED and left > 0)


def _keep_whole(document: Docx) -> None:
    """Keep each row but the two of the summary on one page: a seal must not be parted from its words."""
    for number, row in enumerate(document.element.body.iter(qn("w:tr"))):
        if number not in FLOWING:
            row.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _fill(cell: _Cell, text: str, *, label: bool, sealed: bool) -> None:
    lines = text.split("\n")
    middle = WD_CELL_VERTICAL_ALIGNMENT.BOTTOM if sealed else WD_CELL_VERTICAL_ALIGNMENT.CENTER
    cell.vertical_alignment = middle
    for number, text_line in enumerate(lines):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(6 if sealed else 0)
        paragraph.alignment = CENTRED if label or sealed or len(lines) == 1 else None
        write(paragraph, text_line, BODY, 12)


def _notes(document: Docx) -> None:
    for number, note in enumerate(NOTES, 1):
        lead = "注：" if number == 1 else "　　"
        told = line(document, f"{lead}{number}.{note}", BODY, 10.5)
        told.paragraph_format.space_before = Pt(4 if number == 1 else 0)
