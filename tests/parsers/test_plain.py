import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.documents import Form, Unreadable, Why, Work
from parsers.plain import decoded, read_text

TEXT = "我们的案例：《亳州·㐂》，用3.5天。\n第二段。"
FORM = "账号名称：亳州发布\r\n账号ID：微信号：bz\r\n类别：商业类（√）\r\n主办单位：某公司\r\n主要情况：近年来。\r\n"
ENCODINGS = [
    pytest.param("utf-8", b"", id="UTF-8"),
    pytest.param("utf-8", codecs.BOM_UTF8, id="UTF-8 with its mark"),
    pytest.param("utf-16-le", codecs.BOM_UTF16_LE, id="UTF-16, little end first"),
    pytest.param("utf-16-be", codecs.BOM_UTF16_BE, id="UTF-16, big end first"),
    pytest.param("gb18030", b"", id="GB18030"),
]


@pytest.mark.parametrize(("encoding", "mark"), ENCODINGS)
def test_work_material(encoding: str, mark: bytes) -> None:
    found = read_text(mark + TEXT.encode(encoding))
    assert found.parts == (Work(words=21, pictures=0, text=TEXT),)


@pytest.mark.parametrize(("encoding", "mark"), ENCODINGS)
def test_a_typed_form(encoding: str, mark: bytes) -> None:
    form = read_text(mark + FORM.encode(encoding)).parts[0]
    assert isinstance(form, Form)
    assert (form.value("name"), form.value("identifier"), form.platform) == ("亳州发布", "bz", "wechat")
    assert form.value("summary") == "近年来。"


@pytest.mark.parametrize("data", [b"\xff\xff\xff\x80", b"ab\0cd", codecs.BOM_UTF16_LE + b"a"])
def test_what_is_no_text(data: bytes) -> None:
    part = read_text(data).parts[0]
    assert isinstance(part, Unreadable)
    assert part.why is Why.CORRUPT


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_gb18030_is_told_from_utf_8(text: str) -> None:
    assert decoded(text.encode()) == text.removeprefix("\ufeff")


@given(st.binary())
def test_no_bytes_break_the_reader(data: bytes) -> None:
    assert len(read_text(data).parts) == 1
