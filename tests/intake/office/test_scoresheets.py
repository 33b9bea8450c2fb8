"""A 评分表 goes out, another program saves it, and it comes back: read or refused cell by cell."""

import io
from collections.abc import Mapping

import pytest
from openpyxl import load_workbook

from intake.office import entry, scoresheets
from intake.office.entry import NotReadable
from intake.office.scoresheets import Returned
from storage.model import State
from storage.scores import Reviewer, Round, Score
from tests.bot import made
from tests.build.libreoffice import converted

ALL = tuple(made.application(n, f"=账号{n}", State.ACCEPTED) for n in (1, 2, 3))
BY_RECEIPT = {one.receipt: one for one in ALL}
ZHANG = Reviewer(name="张三", unit="亳州市第2实验单位")
NAMES = [one.name for one in made.CAMPAIGN.criteria]
SHEET = scoresheets.sheet(ZHANG, Round.PRELIMINARY, ALL, made.CAMPAIGN, made.NOW)


def filled(cells: Mapping[str, object], data: bytes = SHEET) -> bytes:
    book = load_workbook(io.BytesIO(data))
    for place, value in cells.items():
        book["初评"][place].value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def back(cells: Mapping[str, object], data: bytes = SHEET) -> Returned:
    return scoresheets.returned(filled(cells, data), made.CAMPAIGN, BY_RECEIPT)


def row(number: int, *values: object) -> dict[str, object]:
    return {f"{column}{number + 3}": value for column, value in zip("FGHIJ", values, strict=True)}


FULL = row(1, 90, 85.5, "88", "９０分", 100) | row(3, 60, 60, 60, 60, 60)


def test_only_scores_may_be_filled_in_and_only_of_what_one_may_judge() -> None:
    page = load_workbook(io.BytesIO(SHEET))["初评"]
    free = {cell.coordinate for line in page.iter_rows() for cell in line if not cell.protection.locked}
    assert free == {f"{column}{line}" for column in "FGHIJK" for line in (4, 6)}
    assert page.protection.sheet
    assert page["K5"].value == "回避"
    assert str(page["A2"].value).startswith("评委：张三　　　所在单位：亳州市第2实验单位")
    assert {check.type for check in page.data_validations.dataValidation} == {"decimal", "list"}
    assert (page["D4"].value, page["D4"].data_type) == ("=账号1", "s")


def test_the_same_sheet_is_the_same_bytes() -> None:
    assert scoresheets.sheet(ZHANG, Round.PRELIMINARY, ALL, made.CAMPAIGN, made.NOW) == SHEET


def test_what_was_filled_in_comes_back() -> None:
    found = back(FULL)
    assert (found.round, found.reviewer) == (Round.PRELIMINARY, "张三")
    assert [(one.receipt, one.points and list(one.points.values()), one.aside) for one in found.scores] == [
        ("WM2022-0001", [9000, 8550, 8800, 9000, 10000], None),
        ("WM2022-0002", None, "回避"),
        ("WM2022-0003", [6000] * 5, None),
    ]
    assert (found.mistakes, found.empty, found.notes) == ((), (), ())


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(101, id="above"),
        pytest.param(-1, id="below"),
        pytest.param("优", id="a word"),
        pytest.param(88.125, id="too fine"),
        pytest.param(True, id="a truth"),
        pytest.param("NaN", id="no number"),
        pytest.param("1e9999", id="endless"),
    ],
)
def test_what_is_no_score_is_told_with_its_cell(value: object) -> None:
    found = back(FULL | {"G4": value})
    assert [one.partition("：")[0] for one in found.mistakes] == ["G4"]
    assert [one.receipt for one in found.scores] == ["WM2022-0002", "WM2022-0003"]


def test_empty_cells_are_named_and_their_row_does_not_count() -> None:
    found = back(FULL | {"G4": None, "J4": " "})
    assert found.empty == ("WM2022-0001：G4、J4",)
    assert [one.receipt for one in found.scores] == ["WM2022-0002", "WM2022-0003"]


def test_a_row_that_is_all_empty_is_named_once() -> None:
    assert back(FULL | dict.fromkeys(row(1, *"12345"))).empty == ("WM2022-0001：F4起整行",)


def test_who_stands_aside_gives_no_score_and_is_told_where_there_is_one() -> None:
    found = back(FULL | {"K4": "是", "K6": "否"})
    assert found.scores[0] == Score(receipt="WM2022-0001", reviewer="张三", aside="回避")
    assert found.notes == ("K4：已标回避，WM2022-0001 的分不计",)
    assert found.scores[2].points


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"B4": "WM2022-0099"}, "B4：没有收件编号 WM2022-0099", id="an unknown receipt"),
        pytest.param({"B4": "WM2022-0003"}, "WM2022-0003 出现了两次", id="a receipt twice"),
    ],
)
def test_a_row_that_is_not_ours(change: dict[str, object], said: str) -> None:
    assert said in back(FULL | change).mistakes


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"F3": "得分"}, NAMES[0], id="a head was changed"),
        pytest.param({"A2": "评委："}, "不知道是谁", id="nobody's"),
        pytest.param(dict.fromkeys(FULL), "没有可登记的", id="not filled in yet"),
    ],
)
def test_a_sheet_that_cannot_be_told_apart_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(NotReadable, match=said):
        back(FULL | change)


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" * 200, b"<html></html>"],
    ids=["none", "zip", "xls", "html"],
)
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(NotReadable):
        entry.read(data)


@pytest.mark.debian("soffice")
def test_a_sheet_saved_by_another_program_says_the_same() -> None:
    there = converted(filled(FULL | {"G6": "=F6+20"}), "xlsx", "ods")
    again = converted(there, "ods", "xlsx")
    found = scoresheets.returned(again, made.CAMPAIGN, BY_RECEIPT)
    assert (found.mistakes, found.empty) == ((), ())
    assert found.scores[2].points == dict.fromkeys(NAMES, 6000) | {NAMES[1]: 8000}
