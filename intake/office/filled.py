"""The office's own table, filled: cells of its xlsx name what is to stand there, as `{{收件编号}}`.

A row that names anything of an application is repeated for each; what stands outside such a row is
filled once. The form of the cells stays, nothing filled in can become a formula.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from datetime import date, datetime

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from intake import labels
from intake.office import register
from intake.office.export import DIRECT, dated, heading, in_order
from intake.office.workbook import Paper, Value, put, saved
from parsers.office.ooxml import Package
from parsers.refusal import Refused
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Application, Channel, Fields, Kind

NAMED = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
KINDS = {"账号": Kind.ACCOUNT, "网站平台": Kind.WEBSITE}
LOOKS: Mapping[type, str] = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm", str: "@"}
Words = Mapping[str, Value]


class WrongTemplate(Exception):
    """The template cannot be filled; `mistakes` names each with its cell, in Chinese."""

    def __init__(self, *mistakes: str) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


OF_APPLICATION: Mapping[str, str] = {
    "number": "序号",
    "receipt": "收件编号",
    "state": "状态",
    "kind": "类型",
    "platform": "平台",
    "channel": "申报途径",
    "county": "县区",
    "submitter": "申报单位",
    "received_at": "收到时间",
    "to_do": "待办事项",
    "paper_received": "纸质件",
    **labels.FIELDS,
}
"""What a repeated row may name: the key, or its Chinese name."""

OF_TABLE: Mapping[str, str] = {"title": "标题", "unit": "填报单位", "date": "日期", "count": "件数"}
KEYS = {name: key for table in (OF_APPLICATION, OF_TABLE) for key, name in table.items()} | {
    head: field for head, field in register.YELLOW.items() if head not in OF_APPLICATION.values()
}


def fill(store: Store, campaign: Campaign, template: bytes, *, now: datetime) -> bytes:
    """Return `template` filled with the applications in the store; raises WrongTemplate.

    A sheet called 账号, 网站平台, 市直 or by a county's name gets those only, any other gets all.
    """
    book = _opened(template)
    rows = {page.title: _checked(page) for page in book.worksheets}
    if mistakes := [mistake for wrong, _ in rows.values() for mistake in wrong]:
        raise WrongTemplate(*mistakes)
    if not any(found for _, found in rows.values()):
        raise WrongTemplate("没有一格写有 {{栏目名}}，例如 {{收件编号}}、{{网站平台或账号名称}}")
    everyone = in_order(store)
    paper = heading(campaign, "申报汇总表", dated(store, everyone, campaign, now))
    for page in book.worksheets:
        them = [one for one in everyone if _wanted(page.title, campaign, one)]
        _fill_sheet(page, them, rows[page.title][1], campaign, paper)
    return saved(book, paper)


def _opened(template: bytes) -> Workbook:
    try:
        Package(template)
        return load_workbook(io.BytesIO(template))
    except Refused as refused:
        raise WrongTemplate(f"打不开：{refused.note}。请另存为 xlsx 后再试。") from refused
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise WrongTemplate("不是能读的 xlsx 表格，请用 Excel 或 WPS 另存为 xlsx 后再试。") from error


def _checked(page: Worksheet) -> tuple[list[str], list[int]]:
    """Return what is wrong with the cells of a sheet, and which rows are to be repeated."""
    wrong, repeated = [], set()
    for cell in (cell for row in page.iter_rows() for cell in row if isinstance(cell, Cell)):
        where = f"{page.title}!{cell.coordinate}"
        if cell.data_type == "f":
            wrong.append(f"{where}：表样里不能有公式，请改为数值或删去")
            continue
        for name in NAMED.findall(str(cell.value or "")):
            key = KEYS.get(name, name)
            if key not in OF_APPLICATION and key not in OF_TABLE:
                wrong.append(f"{where}：没有名为“{name}”的栏目。可用的：{'、'.join(_allowed())}")
            elif key in OF_APPLICATION:
                repeated.add(cell.row)
    if len(repeated) > 1:
        lines = "、".join(str(row) for row in sorted(repeated))
        wrong.append(f"{page.title}：第{lines}行都写有申报的栏目，一张表只能有一行")
    down = [area for area in page.merged_cells.ranges if area.min_row != area.max_row]
    wrong += [
        f"{page.title}!{area.coord}：要逐件填写的一行不能与上下行合并"
        for area in down
        for row in repeated
        if area.min_row <= row <= area.max_row
    ]
    return wrong, sorted(repeated)


def _allowed() -> Iterator[str]:
    yield from (*OF_APPLICATION.values(), *OF_TABLE.values())


def _wanted(title: str, campaign: Campaign, one: Application) -> bool:
    """Say whether `one` belongs on the sheet of this name."""
    if title in KINDS:
        return one.kind is KINDS[title]
    if title == DIRECT:
        return one.channel is Channel.DIRECT
    county = title in {each.name for each in campaign.counties}
    return not county or (one.channel is Channel.COUNTY and one.county == title)


def _fill_sheet(
    page: Worksheet, them: Sequence[Application], repeated: Sequence[int], campaign: Campaign, paper: Paper
) -> None:
    words: Words = {"title": paper.title, "unit": paper.unit, "date": paper.as_of.date(), "count": len(them)}
    for row in repeated:
        _spread(page, row, len(them))
    inside = range(repeated[0], repeated[0] + len(them)) if repeated else range(0)
    for cells in page.iter_rows():
        for cell in cells:
            if isinstance(cell, Cell) and isinstance(cell.value, str) and NAMED.search(cell.value):
                at = cell.row - inside.start
                own = _words(them[at], at + 1, campaign) if cell.row in inside else {}
                _write(cell, {**words, **own})


def _spread(page: Worksheet, row: int, count: int) -> None:
    """Make room for `count` rows like `row`: what stands below moves down, with its height and merged cells."""
    by, last = max(count, 1) - 1, page.max_row
    areas = [CellRange(area.coord) for area in page.merged_cells.ranges if area.min_row >= row]
    heights = {each: page.row_dimensions[each].height for each in range(row, last + 1)}
    for area in areas:
        page.unmerge_cells(area.coord)
    if by and last > row:
        page.move_range(f"A{row + 1}:{get_column_letter(page.max_column)}{last}", rows=by)
    for each, height in heights.items():
        page.row_dimensions[each + by if each > row else each].height = height
    for new in range(row + 1, row + by + 1):
        page.row_dimensions[new].height = heights[row]
        for column in range(1, page.max_column + 1):
            _copy(page.cell(row, column), page.cell(new, column))
    for area in areas:
        for down in range(by + 1) if area.min_row == row else (by,):
            page.merge_cells(None, area.min_row + down, area.min_col, area.max_row + down, area.max_col)


def _copy(source: Cell | MergedCell, target: Cell | MergedCell) -> None:
    target.value = source.value
    for part in ("font", "border", "fill", "alignment", "number_format", "protection"):
        setattr(target, part, copy(getattr(source, part)))


def _words(one: Application, number: int, campaign: Campaign) -> Words:
    fields = {key: getattr(one.fields, key) for key in Fields.__struct_fields__}
    return {
        **fields,
        "category": register.category(one.fields),
        "number": number,
        "receipt": one.receipt,
        "state": labels.STATES[one.state],
        "kind": labels.KINDS[one.kind] if one.kind else None,
        "platform": register.platform(one),
        "channel": labels.CHANNELS[one.channel],
        "county": one.county,
        "submitter": one.submitter,
        "received_at": register.received(one, campaign),
        "to_do": register.to_do(one),
        "paper_received": one.paper_received or "未收到",
    }


def _write(cell: Cell, words: Words) -> None:
    """Put what the cell names into it; a cell that is one name alone keeps a number or a day as such."""
    text = str(cell.value)
    alone = NAMED.fullmatch(text)
    if not alone:
        put(cell, NAMED.sub(lambda named: _said(words.get(KEYS.get(named[1], named[1]))), text))
        return
    value = words.get(KEYS.get(alone[1], alone[1]))
    plain = cell.number_format == "General"
    put(cell, value)
    if plain:
        cell.number_format = LOOKS.get(type(value), "General")


def _said(value: Value) -> str:
    if isinstance(value, datetime):
        return f"{value.year}年{value.month}月{value.day}日 {value:%H:%M}"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return "" if value is None else str(value)
