"""Certificates on pictures: several on a page, their QR codes, where their values stand."""

import io
from collections.abc import Sequence

import cv2
import numpy as np
import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image as Pillow

from parsers import view
from parsers.documents import Honour, Qualification
from parsers.licences import certificates, sheets, squares, uscc
from parsers.ocr import Image, Line

CODE, OTHER = "91341600MA2TQP8R60", "12341621D91A6GHC1E"
SIZE = (1000, 1400)


def line(text: str, left: float, top: float, letter: float = 20, confidence: float = 0.99) -> Line:
    box = (left, top, left + letter * len(text), top + letter * 1.2)
    return Line(text=text, confidence=confidence, box=box)


def lines(left: float, top: float, name: str = "亳州市文化馆", code: str = CODE) -> list[Line]:
    """Return the lines of a licence printed from this corner."""
    return [
        line("统一社会信用代码", left, top),
        line(code, left, top + 30, 12),
        line("营业执照", left + 130, top + 80, 50),
        line("名称", left, top + 180),
        line(name, left + 120, top + 180),
        line("营业期限", left, top + 220),
        line("2016年03月18日至长期", left + 120, top + 220, 14),
        line("登记机关", left + 200, top + 420),
    ]


def paper(*said: str, at: tuple[int, int] = (700, 60), turns: int = 0) -> Image:
    """Return a blank page with QR codes one below the other."""
    page = Pillow.new("RGB", SIZE, "white")
    for row, text in enumerate(said):
        buffer = io.BytesIO()
        segno.make(text, error="m").save(buffer, kind="png", scale=4, border=3)
        page.paste(Pillow.open(buffer).convert("RGB"), (at[0], at[1] + row * 400))
    turned = np.rot90(np.asarray(page, np.uint8)[:, :, ::-1], turns)
    return np.ascontiguousarray(turned)


def unseen(_page: Image) -> Sequence[Line]:
    raise AssertionError("looked at once more")


def read(page: Image, *found: Line) -> Qualification:
    (one,) = certificates.on(view.of(page), found, unseen)
    assert isinstance(one, Qualification)
    return one


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        pytest.param(f"http://www.gsxt.gov.cn/index.html?uniscid={CODE}", CODE, None, id="address"),
        pytest.param(f"统一社会信用代码:{CODE};名称:亳州市文化馆;", CODE, "亳州市文化馆", id="text"),
        pytest.param(f'{{"entName":"亳州市文化馆","uniscId":"{CODE}"}}', CODE, "亳州市文化馆", id="JSON"),
        pytest.param(
            f'{{"entName":"\\u4eb3\\u5dde\\u5e02\\u6587\\u5316\\u9986","u":"{CODE}"}}',
            CODE,
            "亳州市文化馆",
            id="JSON escapes",
        ),
        pytest.param(
            f"https://x.cn/?entName=%E4%BA%B3%E5%B7%9E%E5%B8%82%E6%96%87%E5%8C%96%E9%A6%86&c={CODE}",
            CODE,
            "亳州市文化馆",
            id="escaped address",
        ),
        pytest.param(f"http://x.cn/?id={CODE[:-1]}4", None, None, id="a code that cannot be"),
        pytest.param("https://zzk.gsxt.gov.cn/q?c=fbf1d269911035a930", None, None, id="says nothing"),
    ],
)
def test_a_qr_code_says_who_it_is_of(text: str, code: str | None, name: str | None) -> None:
    said = squares.said(squares.on(paper(text)))
    assert (said.uscc, said.name) == (code, name)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_qr_code_is_read_whichever_way_up(turns: int) -> None:
    assert squares.said(squares.on(paper(CODE, turns=turns))).uscc == CODE


def test_the_qr_code_is_preferred_to_a_misread_print() -> None:
    misread = CODE[:-2] + "5" + CODE[-1]
    found = read(paper(f"uniscid={CODE}"), *lines(50, 50, code=misread))
    assert (found.uscc, found.uscc_valid, found.coded, found.confidence) == (CODE, True, ("uscc",), 0.99)


def test_a_print_that_contradicts_the_qr_code_is_unsure() -> None:
    found = read(paper(f"uniscid={OTHER}"), *lines(50, 50))
    assert (found.uscc, found.confidence) == (OTHER, 0.5)


def test_a_certificate_says_its_term_and_where_its_values_stand() -> None:
    found = read(paper(CODE), *lines(50, 50))
    assert (found.valid_from, found.valid_until) == ("2016-03-18", None)
    assert (found.places["name"].left, found.places["name"].top) == (170, 164)
    assert found.places["square"].left > 690


@pytest.mark.parametrize("corner", [pytest.param((500, 0), id="beside"), pytest.param((0, 600), id="below")])
def test_certificates_on_one_page_are_told_apart(corner: tuple[int, int]) -> None:
    second = lines(corner[0], corner[1] + 20, "亳州市图书馆", OTHER)
    found = certificates.on(view.of(paper()), [*lines(0, 20), *second], unseen)
    assert [(one.name, one.uscc) for one in found if isinstance(one, Qualification)] == [
        ("亳州市文化馆", CODE),
        ("亳州市图书馆", OTHER),
    ]


def test_each_certificate_has_the_qr_code_on_its_own_part() -> None:
    page = paper("no", f"uniscid={OTHER}", at=(700, 300))
    misread = OTHER[:-1] + "0"
    both = [*lines(0, 20), *lines(0, 620, "亳州市图书馆", misread)]
    found = certificates.on(view.of(page), both, unseen)
    assert [one.uscc for one in found if isinstance(one, Qualification)] == [CODE, OTHER]


def test_a_red_title_is_found_by_looking_again() -> None:
    page = paper()
    cv2.rectangle(page, (100, 100), (400, 200), (40, 30, 200), -1)
    black = [one for one in lines(50, 50) if one.text != "营业执照"]
    (found,) = certificates.on(view.of(page), black, lambda _page: lines(50, 50))
    assert isinstance(found, Qualification)
    assert found.document == "营业执照"


def test_an_honour_stays_one() -> None:
    honour = [
        line("荣誉证书", 100, 50, 60),
        line("被评为先进单位,特发此证", 50, 200),
        line("2021年", 300, 300),
    ]
    (found,) = certificates.on(view.of(paper()), honour, unseen)
    assert isinstance(found, Honour)


RED_TITLE = (
    line("获奖证书", 100, 50, 60),
    line("在2015年度工作中成绩突出,被评为", 50, 200),
    line("特颁此证", 50, 300),
    line("亳州市精神文明建设指导委员会", 300, 400),
    line("二〇一五年九月", 300, 450),
)


def test_what_an_honour_is_for_is_found_in_red_and_is_not_its_issuer() -> None:
    page = paper()
    cv2.rectangle(page, (100, 250), (180, 270), (40, 30, 200), -1)  # a line of red letters: a thousandth
    whole = [*RED_TITLE, line("优秀政务新媒体", 100, 250, 30)]
    (found,) = certificates.on(view.of(page), RED_TITLE, lambda _page: whole)
    assert found == Honour(title="优秀政务新媒体", issuer="亳州市精神文明建设指导委员会", year=2015)


def test_an_honour_that_says_what_it_is_for_is_not_looked_at_again() -> None:
    page = paper()
    cv2.rectangle(page, (100, 250), (180, 270), (40, 30, 200), -1)
    whole = [*RED_TITLE, line("优秀政务新媒体", 100, 250, 30)]
    (found,) = certificates.on(view.of(page), whole, unseen)
    assert isinstance(found, Honour)


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 1300), st.integers(5, 60)), max_size=12))
def test_no_line_is_lost_between_the_parts(places: list[tuple[int, int, int]]) -> None:
    page = [line("营业执照", x, y, letter) for x, y, letter in places]
    parts = sheets.apart(page, SIZE)
    assert sum(len(part.lines) for part in parts) == len(page)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("代码 48571234-7 登记号 组代管341600-72332", "48571234-7", id="hyphen"),
        pytest.param("代码:485712347", "48571234-7", id="no hyphen"),
        pytest.param("代码 4857I234-7", "48571234-7", id="a letter for a digit"),
        pytest.param("代码 48571234-8", None, id="wrong check character"),
    ],
)
def test_an_old_organisation_code_is_found(text: str, code: str | None) -> None:
    assert uscc.find_old(text) == code


def test_codes_of_village_and_farm_registers_are_valid() -> None:
    assert uscc.valid("N2341600MF12345678")
    assert uscc.find("统一社会信用代码 N2341600MF12345678") == "N2341600MF12345678"


def test_boxes_lead_back_to_the_page_as_it_came() -> None:
    seen = view.turned(view.of(np.ascontiguousarray(np.rot90(paper(CODE)))), 3)
    (found,) = certificates.on(seen, [replace(one) for one in lines(50, 50)], unseen)
    assert isinstance(found, Qualification)
    assert found.places["square"].bottom < 350  # top right of the licence, which lies on its left side
