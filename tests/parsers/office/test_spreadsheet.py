"""A form typed into a spreadsheet is a form; any other table is kept and nothing more."""

import io
from collections.abc import Mapping

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.documents import Form, Other, Unreadable, Why
from parsers.office.spreadsheet import read_xlsx
from parsers.reader import read
from tests.build import archives

CELLS: Mapping[str, object] = {
    "A1": "亳州市文明网站平台文明账号申报表",
    "A2": "网站平台或账号名称",
    "B2": "亳州发布",
    "D2": "网站平台域名或账号ID",
    "E2": "微信号：bzfabu",
    "A3": "类别",
    "B3": "政府、新闻类（√）\n商业类（  ）\n其他（  ）",
    "D3": "网站备案号",
    "E3": "（账号不填）",
    "A4": "主办单位",
    "B4": "亳州市某某局",
    "D4": "通信地址\n邮政编码",
    "E4": "亳州市希夷大道1号 236800",
    "A5": "负责人（联系人）",
    "B5": "张三",
    "D5": "手机号码",
    "E5": 13800138000,
    "A6": "网站平台或账号主要情况",
    "B6": "近年来，我们办网。",
}
MERGED = ("A1:F1", "B2:C2", "E2:F2", "B3:C3", "E3:F3", "B4:C4", "E4:F4", "B5:C5", "E5:F5", "B6:F6")


def book(cells: Mapping[str, object], merged: tuple[str, ...] = ()) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.create_sheet("申报表")
    for place, value in cells.items():
        sheet[place] = value
    for span in merged:
        sheet.merge_cells(span)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


WHOLE = book(CELLS, MERGED)


def test_a_form_in_a_spreadsheet() -> None:
    (form,) = read(WHOLE, "申报表.xlsx").parts
    assert isinstance(form, Form)
    keys = ("name", "identifier", "category", "icp_number", "organizer", "postcode", "contact", "mobile")
    assert [form.value(key) for key in keys] == [
        "亳州发布", "bzfabu", "government_news", None, "亳州市某某局", "236800", "张三", "13800138000",
    ]  # fmt: skip
    assert form.value("summary") == "近年来，我们办网。"


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param({}, id="empty"),
        pytest.param({"A1": "序号", "B1": "账号名称", "A2": 1, "B2": "亳州发布"}, id="a list of accounts"),
    ],
)
def test_any_other_table_is_kept(cells: Mapping[str, object]) -> None:
    assert read_xlsx(book(cells)).parts == (Other(note="电子表格"),)


def test_a_broken_one_is_told() -> None:
    (part,) = read_xlsx(archives.truncated(WHOLE)).parts
    assert isinstance(part, Unreadable)
    assert part.why is Why.CORRUPT


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=8))
def test_damage_is_a_value(patches: list[tuple[float, int]]) -> None:
    data = bytearray(WHOLE)
    for at, byte in patches:
        data[int(at * len(data))] = byte
    assert read_xlsx(bytes(data)).parts
