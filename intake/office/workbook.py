"""A workbook as an office prints it, drawn from plain values.

Nothing in a value can become a formula, and the same values give the same bytes.
"""

import io
import itertools
import math
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.xml.functions import tostring

from intake.office.stable_zip import restamp
from intake.width import width
from storage.model import Noun

Page = Any  # openpyxl's WriteOnlyWorksheet, of which its stubs know little
Value = str | int | date | datetime | None
LONGEST = 32_767  # characters Excel takes in a cell
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
ACTIVE = ("=", "+", "-", "@", "\t")
HEAD_ROW = 3  # above it: title, unit and date
A4 = 9
EDITABLE = "黄色单元格可以修改，改后用 shenbao import 导入　　　"
LINE = 13.5  # points of a line in the body's size
TALLEST = 400.0  # Excel takes 409


class Column(Noun, frozen=True, kw_only=True):
    """A column of a sheet: its head, its width in characters, how its cells look.

    Neighbours of one `group` stand under one merged head; an `editable` column is yellow.
    """

    head: str
    width: float
    look: str = "left"
    group: str = ""
    editable: bool = False


class Sheet(Noun, frozen=True, kw_only=True):
    """A sheet as plain values, before any file format; a `hidden` one is for the program that reads it back.

    `rows` are gone through once, when they are written.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[tuple[Value, ...]]
    hidden: bool = False


class Paper(Noun, frozen=True, kw_only=True):
    """What every sheet of a workbook says above its table, and whose and of when it is."""

    title: str
    unit: str
    as_of: datetime


def workbook(sheets: Iterable[Sheet], paper: Paper) -> bytes:
    """Return `sheets` as the bytes of an xlsx, dated by its data and not by the moment of making.

    Each row is written when it comes, so that a sheet may be as long as it likes.
    """
    book = Workbook(write_only=True)
    for style in _styles():
        book.add_named_style(style)
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        if sheet.hidden:
            _hide(page, sheet)
        else:
            _draw(page, sheet, paper)
        page.close()
    return saved(book, paper)


def sheet_name(text: str) -> str:
    """Return `text` as Excel takes it for the name of a sheet."""
    return re.sub(r"[\\/*?:\[\]]|^'|'$", " ", text)[:31].strip() or "无名"


def saved(book: Workbook, paper: Paper) -> bytes:
    """Return the bytes of `book`, with the title, unit and date of `paper` and no moment of making."""
    about = book.properties
    about.title, about.creator, about.lastModifiedBy = paper.title, paper.unit, None
    out = io.BytesIO()
    book.save(out)
    about.created = about.modified = paper.as_of.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return restamp(out.getvalue(), {"docProps/core.xml": tostring(about.to_tree())})


def put(cell: Cell | MergedCell, value: Value) -> None:
    """Write one cell; a text stays a text, whatever its first character is."""
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = text = FORBIDDEN.sub("", value.replace("\r\n", "\n"))[:LONGEST]
    cell.data_type = "s"
    if text.startswith(ACTIVE):
        cell.quotePrefix = True


def _hide(page: Page, sheet: Sheet) -> None:
    page.sheet_state = "hidden"
    cells = [WriteOnlyCell(page) for _ in sheet.columns]
    for values in itertools.chain([[column.head for column in sheet.columns]], sheet.rows):
        page.append(_filled(cells, values))


def _draw(page: Page, sheet: Sheet, paper: Paper) -> None:
    columns, as_of = sheet.columns, paper.as_of
    first = HEAD_ROW + (2 if any(column.group for column in columns) else 1)
    _set_up(page, columns, first)
    moment = f"{as_of.year}年{as_of.month}月{as_of.day}日 {as_of:%H:%M}"
    hint = EDITABLE if any(column.editable for column in columns) else ""
    _span(page, 1, len(columns), f"{paper.title}（{sheet.name}）", "title")
    _span(page, 2, len(columns), f"填报单位：{paper.unit}　　　{hint}数据截至：{moment}", "note")
    _heads(page, columns, first)
    # A cell is written as soon as it is filled: one for each column does for all rows.
    cells = [_styled(page, f"{one.look} editable" if one.editable else one.look) for one in columns]
    row = first - 1
    for row, values in enumerate(sheet.rows, first):
        page.row_dimensions[row].height = _height(columns, values)
        page.append(_filled(cells, values))
        del page.row_dimensions[row]
    if row >= first:
        page.auto_filter.ref = f"A{first - 1}:{get_column_letter(len(columns))}{row}"


def _heads(page: Page, columns: Sequence[Column], first: int) -> None:
    """Write the heads, in two rows where columns have a group."""
    if first - HEAD_ROW == 1:
        page.append(_row(page, "head", [column.head for column in columns]))
        return
    upper: list[str | None] = []
    for group, members in itertools.groupby(columns, key=lambda column: column.group):
        heads = [column.head for column in members]
        number = len(upper) + 1
        if group:
            _merge(page, (HEAD_ROW, number), (HEAD_ROW, number + len(heads) - 1))
            upper += [group, *[None] * (len(heads) - 1)]
        else:
            for each in range(number, number + len(heads)):
                _merge(page, (HEAD_ROW, each), (HEAD_ROW + 1, each))
            upper += heads
    page.append(_row(page, "head", upper))
    page.append(_row(page, "head", [column.head if column.group else None for column in columns]))


def _height(columns: Iterable[Column], values: Iterable[Value]) -> float:
    """Return the points a row needs: neither Excel nor LibreOffice grows a row to a text it was given."""
    cells = ((column, value) for column, value in zip(columns, values, strict=True) if isinstance(value, str))
    lines = (_lines(column, value) for column, value in cells)
    return min(LINE * max(lines, default=1) + 6, TALLEST)


def _lines(column: Column, text: str) -> int:
    room = column.width - 1
    return sum(max(1, math.ceil(width(line) / room)) for line in text.split("\n"))


def _span(page: Page, row: int, last: int, text: str, look: str) -> None:
    _merge(page, (row, 1), (row, last))
    page.append(_row(page, look, [text]))


def _merge(page: Page, first: tuple[int, int], last: tuple[int, int]) -> None:
    """Show the cells from `first` to `last` (row, column) as one."""
    page.merged_cells.add(CellRange(None, first[1], first[0], last[1], last[0]))


def _row(page: Page, look: str, values: Sequence[Value]) -> list[Cell]:
    return _filled([_styled(page, look) for _ in values], values)


def _styled(page: Page, look: str) -> Cell:
    cell = WriteOnlyCell(page)
    cell.style = look
    return cell


def _filled(cells: list[Cell], values: Sequence[Value]) -> list[Cell]:
    for cell, value in zip(cells, values, strict=True):
        cell.quotePrefix = False
        put(cell, value)
    return cells


def _set_up(page: Page, columns: Sequence[Column], first: int) -> None:
    """Say how the sheet looks and prints; widths and panes are written before its rows."""
    for number, column in enumerate(columns, 1):
        page.column_dimensions[get_column_letter(number)].width = column.width
    page.row_dimensions[1].height, page.row_dimensions[2].height = 36, 20
    for row in range(HEAD_ROW, first):
        page.row_dimensions[row].height = 32 if row == first - 1 else 18
    page.freeze_panes = f"C{first}"
    page.print_title_rows = f"{HEAD_ROW}:{first - 1}"
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
    yellow = PatternFill("solid", fgColor="FFFFF2CC")
    return (
        NamedStyle("title", font=Font(name="方正小标宋简体", size=20), alignment=middle),
        NamedStyle("note", font=Font(name="仿宋", size=11), alignment=Alignment(vertical="center")),
        NamedStyle(
            "head", font=Font(name="黑体", size=10, bold=True), border=box, alignment=middle, fill=grey
        ),
        NamedStyle("left", font=body, border=box, alignment=left, number_format="@"),
        NamedStyle("centre", font=body, border=box, alignment=middle, number_format="@"),
        NamedStyle("left editable", font=body, border=box, alignment=left, number_format="@", fill=yellow),
        NamedStyle(
            "centre editable", font=body, border=box, alignment=middle, number_format="@", fill=yellow
        ),
        NamedStyle("number", font=body, border=box, alignment=middle),
        NamedStyle("moment", font=body, border=box, alignment=middle, number_format='m"月"d"日" hh:mm'),
        NamedStyle("day", font=body, border=box, alignment=middle, number_format='m"月"d"日"'),
    )
