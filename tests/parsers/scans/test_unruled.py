"""Cells of a form without rules: each label with what stands beside it."""

from parsers.ocr import Line
from parsers.scans import unruled

WRITTEN = (
    ("亳州市文明网站平台文明账号申报表", 330, 130, 895),
    ("网站平台或账", 142, 223, 290),
    ("号名称", 180, 260, 250),
    ("亳州古井台信息网", 314, 241, 596),
    ("网站平台域名", 636, 216, 786),
    ("或账号ID", 660, 256, 760),
    ("www.bzgjt.example.cn", 808, 238, 1086),
    ("主办单位", 167, 497, 270),
    ("亳州古井台数字科技有", 315, 480, 596),
    ("限公司", 311, 515, 393),
    ("电话", 678, 585, 752),
    ("0558-5567855", 809, 588, 969),
    ("手机号码", 662, 641, 767),
    ("13800138991", 809, 644, 961),
    ("电子邮箱", 665, 700, 769),
    ("bzgjt@bz.example.cn", 808, 700, 1074),
)


def page(written: tuple[tuple[str, int, int, int], ...]) -> list[Line]:
    return [
        Line(text=text, confidence=0.9, box=(left, top, right, top + 33))
        for text, left, top, right in written
    ]


def inside(lines: list[Line], box: tuple[int, int, int, int]) -> str:
    left, top, right, bottom = box
    return "".join(
        line.text
        for line in lines
        if left <= line.box[0] and line.box[2] <= right and top <= line.middle <= bottom
    )


def test_each_label_has_what_stands_beside_it() -> None:
    lines = page(WRITTEN)
    places = unruled.places(lines)
    labels = {place.row: inside(lines, place.box) for place in places if place.column == 0}
    values = {labels[place.row]: inside(lines, place.box) for place in places if place.column == 1}
    assert values == {
        "网站平台或账号名称": "亳州古井台信息网",
        "网站平台域名或账号ID": "www.bzgjt.example.cn",
        "主办单位": "亳州古井台数字科技有限公司",
        "电话": "0558-5567855",
        "手机号码": "13800138991",
        "电子邮箱": "bzgjt@bz.example.cn",
    }


def test_a_label_with_nothing_beside_it_has_no_value() -> None:
    lines = page(tuple(row for row in WRITTEN if row[0] != "13800138991"))
    rows = [place.row for place in unruled.places(lines)]
    assert sum(rows.count(row) == 1 for row in rows) == 1


def test_running_text_and_nothing_are_no_form() -> None:
    assert unruled.places(page((("主办单位", 167, 497, 270), ("亳州日报社", 315, 480, 596)))) == ()
    assert unruled.places([]) == ()
