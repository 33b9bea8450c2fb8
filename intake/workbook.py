"""A workbook as an office prints it, drawn from plain values.

Nothing in a value can become a formula, and the same values give the same bytes.
"""

import io
import math
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import tostring

from intake.stable_zip import restamp
from intake.width import width
from storage.model import Noun

Value = str | int | date | datetime | None
LONGEST = 32_767  # characters Excel takes in a cell
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
ACTIVE = ("=", "+", "-", "@", "\t")
FIRST_ROW = 4  # above it: title, unit and date, heads
A4 = 9
LINE = 13.5  # points of a line in the body's size
TALLEST = 400.0  # Excel takes 409


class Column(Noun, frozen=True, kw_only=True):
    """A column of a sheet: its head, its width in characters, how its cells look."""

    head: str
    width: float
    look: str = "left"


class Sheet(Noun, frozen=True, kw_only=True):
    """A sheet as plain values, before any file format."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]


class Paper(Noun, frozen=True, kw_only=True):
    """What every sheet of a workbook says above its table, and whose and of when it is."""

    title: str
    unit: str
    as_of: datetime


def workbook(sheets: Iterable[Sheet], paper: Paper) -> bytes:
    """Return `sheets` as the bytes of an xlsx, dated by its data and not by the moment of making."""
    book = Workbook()
    for style in _styles():
        book.add_named_style(style)
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _draw(book.create_sheet(sheet.name), sheet, paper)
    about = book.properties
    about.title, about.creator = paper.title, paper.unit
    out = io.BytesIO()
    book.save(out)
    about.created = about.modified = paper.as_of.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return restamp(out.getvalue(), {"docProps/core.xml": tostring(about.to_tree())})


def _draw(page: Worksheet, sheet: Sheet, paper: Paper) -> None:
    last, as_of = len(sheet.columns), paper.as_of
    _span(page, 1, last, f"{paper.title}（{sheet.name}）", "title")
    moment = f"{as_of.year}年{as_of.month}月{as_of.day}日 {as_of:%H:%M}"
    _span(page, 2, last, f"填报单位：{paper.unit}　　　数据截至：{moment}", "note")
    for number, column in enumerate(sheet.columns, 1):
        _put(page, FIRST_ROW - 1, number, column.head, "head")
        page.column_dimensions[get_column_letter(number)].width = column.width
    for row, values in enumerate(sheet.rows, FIRST_ROW):
        for number, (column, value) in enumerate(zip(sheet.columns, values, strict=True), 1):
            _put(page, row, number, value, column.look)
        page.row_dimensions[row].height = _height(sheet.columns, values)
    _page(page, last)


def _height(columns: Iterable[Column], values: Iterable[Value]) -> float:
    """Return the points a row needs: neither Excel nor LibreOffice grows a row to a text it was given."""
    cells = ((column, value) for column, value in zip(columns, values, strict=True) if isinstance(value, str))
    lines = (_lines(column, value) for column, value in cells)
    return min(LINE * max(lines, default=1) + 6, TALLEST)


def _lines(column: Column, text: str) -> int:
    room = column.width - 1
    return sum(max(1, math.ceil(width(line) / room)) for line in text.split("\n"))


def _span(page: Worksheet, row: int, last: int, text: str, look: str) -> None:
    _put(page, row, 1, text, look)
    page.merge_cells(start_row=row, start_column=1, end_row=row, end_column=last)


def _put(page: Worksheet, row: int, column: int, value: Value, look: str) -> None:
    """Write one cell; a text stays a text, whatever its first character is."""
    cell = page.cell(row, column)
    cell.style = look
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = text = FORBIDDEN.sub("", value.replace("\r\n", "\n"))[:LONGEST]
    cell.data_type = "s"
    if text.startswith(ACTIVE):
        cell.quotePrefix = True


def _page(page: Worksheet, last: int) -> None:
    page.row_dimensions[1].height, page.row_dimensions[2].height = 36, 20
    page.row_dimensions[FIRST_ROW - 1].height = 32
    page.freeze_panes = f"C{FIRST_ROW}"
    page.print_title_rows = f"{FIRST_ROW - 1}:{FIRST_ROW - 1}"
    if page.max_row >= FIRST_ROW:
        page.auto_filter.ref = f"A{FIRST_ROW - 1}:{get_column_letter(last)}{page.max_row}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_options.horizontalCentered = True
    margins = page.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.header, margins.footer = 0.6, 0.6, 0.3, 0.3
    if page.oddFooter is not None:
        page.oddFooter.center.text = "第 &P 页，共 &N 页"


def _styles() -> tuple[NamedStyle, ...]:
    line = Side(style="thin", color="FF666666")
    box = Border(left=line, right=line, top=line, bottom=line)
    body = Font(name="宋体", size=10)
    middle = Alignment(horizontal="center", vertical="center", wrap_text=True)
    left = Alignment(horizontal="left", vertical="center", wrap_text=True)
    grey = PatternFill("solid", fgColor="FFE7ECF2")
    return (
        NamedStyle("title", font=Font(name="方正小标宋简体", size=20), alignment=middle),
        NamedStyle("note", font=Font(name="仿宋", size=11), alignment=Alignment(vertical="center")),
        NamedStyle(
            "head", font=Font(name="黑体", size=10, bold=True), border=box, alignment=middle, fill=grey
        ),
        NamedStyle("left", font=body, border=box, alignment=left, number_format="@"),
        NamedStyle("centre", font=body, border=box, alignment=middle, number_format="@"),
        NamedStyle("number", font=body, border=box, alignment=middle),
        NamedStyle("moment", font=body, border=box, alignment=middle, number_format='m"月"d"日" hh:mm'),
        NamedStyle("day", font=body, border=box, alignment=middle, number_format='m"月"d"日"'),
    )
