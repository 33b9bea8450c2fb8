import io
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Border, Side
from openpyxl.worksheet.worksheet import Worksheet

from intake.office.filled import WrongTemplate, fill
from storage.database import Store, open_store
from storage.model import Fields, State
from tests.bot import made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "data", patience=5) as opened:
        made.keep(opened, *made.office())
        yield opened


def template(cells: Mapping[str, str], sheet: str = "全部") -> bytes:
    book = Workbook()
    page = book.worksheets[0]
    page.title = sheet
    for name, text in cells.items():
        page[name] = text
    page.merge_cells("A1:C1")
    page.merge_cells("A4:C4")
    page["A3"].border = Border(top=Side(style="thick"))
    page.row_dimensions[3].height, page.row_dimensions[4].height = 31, 52
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


TABLE = {
    "A1": "{{填报单位}}（共{{件数}}件）",
    "A2": "编号",
    "A3": "{{receipt}}",
    "B3": "{{网站平台或账号名称}}（{{ 手机 }}）",
    "C3": "{{收到时间}}",
    "A4": "制表：{{日期}}",
}


def filled(store: Store, data: bytes) -> Worksheet:
    return load_workbook(io.BytesIO(fill(store, made.CAMPAIGN, data, now=made.NOW))).worksheets[0]


def test_the_row_is_repeated_and_what_stands_below_moves_down(store: Store) -> None:
    page = filled(store, template(TABLE))
    assert page["A1"].value == "中共亳州市委网信办网络新闻与传播科（共9件）"
    assert [page.cell(row, 1).value for row in range(3, 12)] == [f"WM2022-{n:04d}" for n in range(1, 10)]
    assert page["B3"].value == "亳州发布（13800138000）"
    assert (page["C3"].is_date, page["A11"].border.top.style) == (True, "thick")
    assert page["A12"].value == "制表：2022年5月30日"
    assert {str(area) for area in page.merged_cells.ranges} == {"A1:C1", "A12:C12"}
    assert [page.row_dimensions[row].height for row in (3, 11, 12)] == [31, 31, 52]


@pytest.mark.parametrize(
    ("sheet", "receipts"),
    [
        pytest.param("网站平台", ["WM2022-0008"], id="a kind"),
        pytest.param("谯城区", ["WM2022-0005", "WM2022-0006"], id="a county"),
        pytest.param("蒙城县", [None], id="a county that sent nothing"),
    ],
)
def test_a_sheet_s_name_says_who_belongs_on_it(store: Store, sheet: str, receipts: list[str | None]) -> None:
    page = filled(store, template({"A3": "{{收件编号}}"}, sheet))
    assert [page.cell(row, 1).value for row in range(3, 3 + len(receipts))] == receipts
    assert page.cell(3 + len(receipts), 1).value is None


def test_no_text_becomes_a_formula(store: Store) -> None:
    made.keep(store, made.application(10, "=1+1", State.ACCEPTED, fields=Fields(name="=1+1")))
    page = filled(store, template({"A3": "{{name}}"}))
    assert (page["A12"].value, page["A12"].data_type) == ("=1+1", "s")


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        pytest.param({"A3": "{{没有}}"}, "全部!A3：没有名为“没有”的栏目", id="an unknown name"),
        pytest.param({"A3": "{{name}}", "B5": "=SUM(A1:A2)"}, "全部!B5：表样里不能有公式", id="a formula"),
        pytest.param({"A3": "{{name}}", "A5": "{{name}}"}, "第3、5行都写有", id="two rows"),
        pytest.param({"A3": "编号"}, "没有一格写有", id="no name at all"),
    ],
)
def test_a_template_that_cannot_be_filled_is_told(store: Store, cells: dict[str, str], told: str) -> None:
    with pytest.raises(WrongTemplate) as wrong:
        fill(store, made.CAMPAIGN, template(cells), now=made.NOW)
    assert told in wrong.value.mistakes[0]


def test_what_is_no_workbook_is_told(store: Store) -> None:
    with pytest.raises(WrongTemplate, match="xlsx"):
        fill(store, made.CAMPAIGN, b"PK\x03\x04", now=made.NOW)


def test_the_same_data_gives_the_same_bytes(store: Store) -> None:
    data = template(TABLE)
    assert len({fill(store, made.CAMPAIGN, data, now=made.NOW) for _ in range(2)}) == 1
