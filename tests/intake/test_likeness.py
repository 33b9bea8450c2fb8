"""What is much alike and what is not: numbers, places and trades tell apart, spellings do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.case import Standing
from intake.likeness import alike_identifiers, alike_names, name_core, operator_core
from intake.rules import state_of
from storage.model import Outcome, State
from tests.intake.made import CAMPAIGN, case, examined, rival


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("亳州发布", "亳州發布", True, id="traditional letters"),
        pytest.param("亳州发布", "“亳州·发布”", True, id="signs"),
        pytest.param("亳州发布", "亳州发布官方微博", True, id="官方"),
        pytest.param("亳州发布", "毫州发布", True, id="a misread place"),
        pytest.param("ＢＺ在线", "bz 在线", True, id="width, case and space"),
        pytest.param("亳州发布", "涡阳发布", False, id="another place"),
        pytest.param("亳州一中", "亳州二中", False, id="another number"),
        pytest.param("官方号", "公众号", False, id="nothing left"),
    ],
)
def test_names_are_the_same_but_for_their_spelling(one: str, other: str, same: bool) -> None:
    assert (name_core(one) == name_core(other)) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("亳州市第一中学", "亳州一中", True, id="a school in short"),
        pytest.param("亳州市第一中学", "亳州一中学", True, id="a school without 第"),
        pytest.param("谯城区教育局", "谯城教育局", True, id="without its 区"),
        pytest.param("谯城区教育局", "涡阳县教育局", False, id="each county has one"),
        pytest.param("亳州一中", "亳州二中", False, id="another number"),
        pytest.param("亳州市第一中学", "亳州市第一小学", False, id="another school"),
        pytest.param("亳州市文化馆", "亳州市文化局", False, id="another office"),
        pytest.param("市教育局", "教育局", False, id="whose, nobody knows"),
    ],
)
def test_operators_are_the_same_but_for_how_long_they_are_written(one: str, other: str, same: bool) -> None:
    assert (operator_core(one) == operator_core(other)) is same


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        pytest.param("wechat:bzfabu", "wechat:bzfabuu", True, id="a letter doubled"),
        pytest.param("wechat:bzfabu", "wechat:bzfaub", True, id="two letters exchanged"),
        pytest.param("wechat:bz1zx", "wechat:bz2zx", False, id="another number"),
        pytest.param("wechat:bzwenming", "wechat:bzwenhua", False, id="another word"),
    ],
)
def test_identifiers_a_slip_apart(one: str, other: str, alike: bool) -> None:
    assert alike_identifiers(one, other) is alike


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        pytest.param("文明亳州", "文明亳州行", True, id="a letter more"),
        pytest.param("谯城教育", "涡阳教育", False, id="another county"),
        pytest.param("亳州市第一中学团委", "亳州市第二中学团委", False, id="another number"),
        pytest.param("亳州教育", "亳州文旅", False, id="another trade"),
        pytest.param(None, None, False, id="no name"),
    ],
)
def test_names_beside_identifiers_a_slip_apart(one: str | None, other: str | None, alike: bool) -> None:
    assert alike_names(one, other, CAMPAIGN) is alike


@given(st.text(max_size=20))
def test_a_core_is_its_own_core(text: str) -> None:
    assert operator_core(operator_core(text)) == operator_core(operator_core(operator_core(text)))
    assert alike_names(text, text, CAMPAIGN) is bool(name_core(text))


@pytest.mark.parametrize("what", ["name", "operator", "identifier"])
def test_what_is_alike_is_for_a_person_to_compare(what: str) -> None:
    judged = case(standing=Standing(alike=(rival(alike=what),)))
    problem = examined(judged)["duplicate-suspected"]
    assert problem.outcome is Outcome.REVIEW
    assert "WM2022-0001" in problem.fact
    assert "WM2022-0001" not in problem.message
    assert state_of(examined(judged).values()) is State.REVIEWING


def test_nothing_alike_nothing_suspected() -> None:
    assert "duplicate-suspected" not in examined(case(standing=Standing(same_account=(rival(),))))
