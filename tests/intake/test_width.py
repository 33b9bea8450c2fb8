"""Chinese in columns: as wide as a terminal shows it, broken as a printer would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.width import folded, units, width

TEXTS = st.text(st.sampled_from("亳州（）“”，。：A1-@. \n"), max_size=60)


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        pytest.param("申报材料齐全", 6, ["申报材", "料齐全"], id="between letters"),
        pytest.param("申报材，料", 6, ["申报", "材，料"], id="no comma begins a line"),
        pytest.param(
            "申报（材料）", 6, ["申报", "（材", "料）"], id="no bracket ends or begins a line wrongly"
        ),
        pytest.param("编号WM2022-0001收到", 11, ["编号", "WM2022-0001", "收到"], id="a number stays whole"),
        pytest.param(
            "见http://a.example.cn/", 8, ["见http:/", "/a.examp", "le.cn/"], id="but for one too long"
        ),
        pytest.param("一\n\n二", 4, ["一", "", "二"], id="its own lines stay"),
        pytest.param("", 4, [""], id="nothing"),
    ],
)
def test_folded(text: str, columns: int, lines: list[str]) -> None:
    assert folded(text, columns).split("\n") == lines


@given(TEXTS, st.integers(2, 40))
def test_folding_loses_nothing_and_keeps_within_its_columns(text: str, columns: int) -> None:
    told = folded(text, columns)
    assert told.replace("\n", "") == text.replace("\n", "")
    assert all(width(line) <= columns for line in told.split("\n"))


@given(TEXTS.map(lambda text: text.replace("\n", "亳")))
def test_no_line_begins_with_a_closing_mark(text: str) -> None:
    columns = max((width(unit) for unit in units(text, 1000)), default=2)
    assert all(line[:1] not in set("）”，。：") for line in folded(text, columns).split("\n")[1:])
