"""How long a certificate is valid, in all the ways it is printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.licences import term
from parsers.licences.term import Term


@pytest.mark.parametrize(
    ("text", "start", "end", "endless"),
    [
        pytest.param("2016年03月18日至2036年03月17日", "2016-03-18", "2036-03-17", False, id="licence"),
        pytest.param("自2021年4月1日 至2026年3月31日", "2021-04-01", "2026-03-31", False, id="institution"),
        pytest.param("2016-03-18至2026.12.31", "2016-03-18", "2026-12-31", False, id="figures"),
        pytest.param(
            "二〇一六年三月十八日至二〇二六年十二月三十日", "2016-03-18", "2026-12-30", False, id="signs"
        ),
        pytest.param("长期", None, None, True, id="endless"),
        pytest.param("2016年3月18日至长期", "2016-03-18", None, True, id="endless from a day"),
        pytest.param("2007年01月02日至无固定期限", "2007-01-02", None, True, id="no fixed term"),
        pytest.param("2016年3月18日起", "2016-03-18", None, False, id="a beginning"),
        pytest.param("至2026年05月20日", None, "2026-05-20", False, id="an end"),
        pytest.param("2026年05月20日", None, "2026-05-20", False, id="a lone day ends it"),
        pytest.param("2016年13月18日", None, None, False, id="no such month"),
        pytest.param("", None, None, False, id="nothing"),
    ],
)
def test_a_term_is_read(text: str, start: str | None, end: str | None, endless: bool) -> None:
    assert term.read(text) == Term(start=start, end=end, endless=endless)


def test_a_term_is_found_without_its_label() -> None:
    text = "住所 亳州市\n有郊朝 自2016年03月18日至2036年03月17日\n2016年03月18日"
    assert term.somewhere(text) == Term(start="2016-03-18", end="2036-03-17")
    assert term.somewhere("成立日期 2016年03月18日") == Term()


@given(st.text("自至到0123456789年月日长期二〇十- ", max_size=30))
def test_any_text_is_read(text: str) -> None:
    term.read(text)
    term.somewhere(text)
