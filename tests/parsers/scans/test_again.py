"""Doubtful lines looked at again: what the looks agree on, and how sure that is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.ocr import Line, Spelt
from parsers.scans import again

SURE = 0.8
LOOKS = st.lists(
    st.builds(
        Spelt,
        text=st.sampled_from(["bzl0@qq.com", "bz10@qq.com", "bz1o@qq.com"]),
        confidence=st.floats(0, 1),
        least=st.floats(0, 1),
    ),
    min_size=1,
    max_size=5,
)


def look(text: str, least: float) -> Spelt:
    return Spelt(text, 0.98, least)


@given(LOOKS)
def test_nothing_is_read_that_no_look_saw_nor_more_surely(looks: list[Spelt]) -> None:
    told = again.agreed(looks)
    assert told.text in {one.text for one in looks}
    assert told.least <= max(one.least for one in looks if one.text == told.text)


@given(LOOKS)
def test_a_dissenter_that_is_itself_sure_leaves_it_open(looks: list[Spelt]) -> None:
    told = again.agreed(looks)
    if any(one.text != told.text and one.least >= 0.7 for one in looks):
        assert told.least < SURE


@pytest.mark.parametrize(
    ("looks", "text", "sure"),
    [
        pytest.param([look("office", 0.7), look("office", 1.0)], "office", True, id="all agree"),
        pytest.param([look("l8", 0.65), look("l8", 0.7)], "l8", False, id="all agree and all doubt"),
        pytest.param(
            [look("{宋平雅", 0.46), look("宋平雅", 1.0), look("宋平雅", 0.9)],
            "宋平雅",
            True,
            id="one saw a rule",
        ),
        pytest.param(
            [look("sz_10", 0.7), look("sz_l0", 0.57), look("sz_10", 0.91)], "sz_10", False, id="1 or l"
        ),
        pytest.param(
            [look("(办)", 0.7), look("（办）", 0.99)], "（办）", True, id="the same in another width"
        ),
    ],
)
def test_as_sure_as_the_looks_agree(looks: list[Spelt], text: str, sure: bool) -> None:
    told = again.agreed(looks)
    assert (told.text, told.least >= SURE) == (text, sure)


def test_what_is_clear_or_long_is_not_looked_at_again() -> None:
    page = np.full((50, 50, 3), 255, np.uint8)
    clear = Line(text="13800138000", confidence=0.99, box=(5, 5, 40, 20), least=0.9)
    long = Line(text="好" * 60, confidence=0.99, box=(5, 5, 40, 20), least=0.3)
    assert again.surer(clear, page) is clear
    assert again.surer(long, page) is long


def test_a_line_that_nobody_can_read_again_is_unsure() -> None:
    page = np.full((60, 200, 3), 255, np.uint8)
    guessed = Line(text="bz1", confidence=0.97, box=(20, 10, 180, 40), least=0.6)
    assert again.surer(guessed, page).least < SURE
