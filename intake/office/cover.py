"""The sheet that lies on top of the paper copies: whose they are, as a QR code too, what to bind, where and by when to send it."""

import io
from datetime import datetime

import segno
from docx.document import Document as Docx
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
from docx.table import _Cell

from intake.labels import CHANNELS
from intake.letters.periods import limit_of
from intake.letters.sections import short, title
from intake.office import word_page
from intake.office.word_page import BODY, HEAD, TITLE, fix_widths, line, write
from parsers.identifiers import person_operated
from storage.campaign import Campaign
from storage.model import Application, Channel, DocumentType, Kind, Noun

CENTRED = WD_ALIGN_PARAGRAPH.CENTER
ABOUT = (30, 90, 42)  # millimetres
LIST = (14, 34, 74, 20, 20)
HEADS = ("序号", "材料", "要求", "电子版", "装订")
LONGEST = 60  # characters of a name, so that the sheet stays one page
SQUARE = Mm(34)  # a photo of a table full of sheets still shows each code
CAME = {True: "已收到", False: "未收到"}


class Item(Noun, frozen=True, kw_only=True):
    """One thing to bind: what it is, how, and whether its electronic copy came (None: it may have none)."""

    name: str
    how: str
    came: bool | None


def cover_sheet(application: Application, campaign: Campaign, *, now: datetime) -> bytes:
    """Return the cover sheet of an application as the bytes of a docx of one page; no contact data is on it."""
    document = word_page.begun(f"{application.receipt} 纸质材料封面", campaign)
    for text, font, points in ((campaign.title, BODY, 14), ("申报纸质材料封面", TITLE, 24)):
        heading = line(document, text, font, points)
        heading.alignment = CENTRED
        heading.paragraph_format.space_after = Pt(8)
    _about(document, application)
    _line(document, "一、请按下列顺序装订，装订一项在“装订”栏打“√”", HEAD, before=12)
    _list(document, to_bind(application))
    _line(document, "二、送到哪里、何时送到", HEAD, before=12)
    for text in where_and_when(application, campaign, now=now):
        _line(document, f"　　{text}")
    _line(document, "三、收件登记（由收件单位填写）", HEAD, before=12)
    _line(document, "　　收到日期：　　　　年　　月　　日　　　　收件人：　　　　　　　　")
    return word_page.saved(document)


def to_bind(application: Application) -> tuple[Item, ...]:
    """Return what the notice asks for on paper, in its order; who applies as a person signs instead of sealing."""
    held = {document.type for document in application.documents}
    person = application.kind is Kind.ACCOUNT and person_operated(application.fields.organizer)
    sealed = "由本人签名" if person else "“单位推荐意见”栏加盖公章"
    if application.channel is Channel.COUNTY:
        sealed += "，县区委网信办、文明办签署审核意见并分别盖章"
    copied = "复印件，由本人签名" if person else "复印件，加盖公章"
    work = bool(held & {DocumentType.WORK, DocumentType.VIDEO, DocumentType.PICTURE})
    return (
        Item(name="申报表", how=f"双面打印；{sealed}", came=DocumentType.FORM in held),
        Item(name="工作材料", how="打印图文材料；视频案例可附文字说明", came=work),
        Item(name="资质证明", how=f"营业执照、法人证书等的{copied}", came=DocumentType.QUALIFICATION in held),
        Item(
            name="荣誉证书、奖牌",
            how="复印件；没有的不附",
            came=True if DocumentType.HONOUR in held else None,
        ),
    )


def where_and_when(application: Application, campaign: Campaign, *, now: datetime) -> tuple[str, ...]:
    """Return the lines that say where the copies go, by when, and whom to ask."""
    limit, office = limit_of(campaign, [application]), campaign.office
    when = f"请于{limit.text}前送到" if now < limit.at else f"报送期限（{limit.text}）已过，请尽快送到"
    through = "经县区委网信办报送。" if application.channel is Channel.COUNTY else ""
    return (
        f"地址：{office.address}（{office.name}）",
        f"期限：{when}。{through}",
        f"电话：{office.telephone}",
        "本封面放在最上面，二维码请勿折叠、涂改；一件申报一份封面。请勿夹带涉密、敏感材料。",
    )


def square(receipt: str) -> bytes:
    """Return the QR code of a receipt number as a PNG; a third of it may be torn or inked (level H)."""
    out = io.BytesIO()
    segno.make(receipt, error="h", micro=False).save(out, kind="png", scale=12, border=4)
    return out.getvalue()


def _about(document: Docx, application: Application) -> None:
    route = CHANNELS[application.channel]
    rows = (
        ("收件编号", application.receipt),
        ("申报对象", _cut(title(application))),
        ("主办单位", _cut(short(application.fields.organizer)) or "（待补）"),
        ("申报途径", f"{route}（{application.county}）" if application.county else route),
    )
    table = document.add_table(rows=len(rows), cols=3, style="Table Grid")
    fix_widths(table, ABOUT)
    for row, (label, value) in zip(table.rows, rows, strict=True):
        row.height = Mm(11)
        _fill(row.cells[0], label, centred=True)
        _fill(row.cells[1], value, bold=label == "收件编号")
    corner = table.cell(0, 2).merge(table.cell(len(rows) - 1, 2))
    corner.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    corner.paragraphs[0].alignment = CENTRED
    corner.paragraphs[0].paragraph_format.space_after = Pt(0)
    corner.paragraphs[0].add_run().add_picture(io.BytesIO(square(application.receipt)), width=SQUARE)


def _cut(name: str) -> str:
    return f"{name[:LONGEST]}…" if len(name) > LONGEST else name


def _list(document: Docx, items: tuple[Item, ...]) -> None:
    table = document.add_table(rows=len(items) + 1, cols=len(LIST), style="Table Grid")
    fix_widths(table, LIST)
    for cell, head in zip(table.rows[0].cells, HEADS, strict=True):
        _fill(cell, head, centred=True)
    for number, (row, item) in enumerate(zip(table.rows[1:], items, strict=True), 1):
        row.height = Mm(13)
        came = "—" if item.came is None else CAME[item.came]
        for cell, text in zip(row.cells, (str(number), item.name, item.how, came, "□"), strict=True):
            _fill(cell, text, centred=text != item.how)


def _fill(cell: _Cell, text: str, *, centred: bool = False, bold: bool = False) -> None:
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.alignment = CENTRED if centred else None
    write(paragraph, text, HEAD if bold else BODY, 16 if bold else 12)


def _line(document: Docx, text: str, font: str = BODY, *, before: float = 2) -> None:
    paragraph = line(document, text, font, 12)
    paragraph.paragraph_format.space_before = Pt(before)
    paragraph.paragraph_format.space_after = Pt(4 if font == HEAD else 0)
