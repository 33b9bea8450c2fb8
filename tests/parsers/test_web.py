"""A form in a web page is a form, its other words are text, and nothing outside is asked for."""

import time

import pytest

from parsers.documents import Form, Work
from parsers.web import read_html

ROWS = (
    ("网站平台或账号名称", "示例发布", "网站平台域名或账号ID", "微信号：example_pub"),
    ("主办单位", "亳州市示例单位", "通信地址邮政编码", "安徽省亳州市谯城区示例路1号 236800"),
    ("负责人（联系人）", "张三", "手机号码", "13800138000"),
    ("电子邮箱", "a@example.cn", "电  话", "0558-0000000"),
)
PROSE = "本账号由示例单位运营，每天发布本地文明新闻，深受网民欢迎。" * 4


def table(rows: tuple[tuple[str, ...], ...] = ROWS, cell: str = "<td><p>{}</p></td>") -> str:
    lines = ("<tr>" + "".join(cell.format(text) for text in row) + "</tr>" for row in rows)
    summary = "<tr><td>网站平台或账号主要情况</td><td colspan=3><p>第一段。</p><p>第二段。</p></td></tr>"
    return f"<table>{''.join(lines)}{summary}</table>"


def page(body: str, encoding: str = "utf-8") -> bytes:
    return f"<html><head><meta charset=gb2312><title>x</title></head><body>{body}</body></html>".encode(
        encoding
    )


def form(data: bytes) -> Form:
    first = read_html(data).parts[0]
    assert isinstance(first, Form)
    return first


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(page(table()), id="utf-8"),
        pytest.param(page(table(), "gb18030"), id="gbk"),
        pytest.param(page(table(cell="<td>{}")), id="cells left open"),
        pytest.param(page(f"<table><tr><td>{table()}</td></tr></table>"), id="inside a table of layout"),
    ],
)
def test_a_form_in_a_table(data: bytes) -> None:
    found = form(data)
    assert found.value("name") == "示例发布"
    assert found.value("organizer") == "亳州市示例单位"
    assert found.value("mobile") == "13800138000"
    assert found.value("summary") == "第一段。\n第二段。"


def test_words_around_a_form_are_work_material() -> None:
    first, rest = read_html(page(table() + f"<p>{PROSE}</p>")).parts
    assert isinstance(first, Form)
    assert isinstance(rest, Work)
    assert rest.text == PROSE


def test_a_title_around_a_form_is_none() -> None:
    assert len(read_html(page("<h1>申报表</h1>" + table())).parts) == 1


@pytest.mark.parametrize("span", ["99999999999999999999", "20000000", "-1", "x", "²"])
def test_a_span_beyond_reason_is_cut(span: str) -> None:
    begun = time.monotonic()
    read_html(page(f"<table><tr><td colspan={span} rowspan={span}>a<td>b</table>"))
    assert time.monotonic() - begun < 5


def test_a_page_of_a_million_cells_ends() -> None:
    begun = time.monotonic()
    read_html(page("<table>" + "<tr><td>a" * 100_000 + "</table>"))
    assert time.monotonic() - begun < 20
