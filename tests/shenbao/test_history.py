"""`shenbao history`: a list comes in once, and earlier forms are shown and change nothing."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from openpyxl import Workbook

from storage import applications
from storage.database import open_store
from storage.model import State
from tests.bot import made
from tests.shenbao.conftest import Shenbao


@pytest.fixture
def data(tmp_path: Path) -> Path:
    one = made.application(1, "亳州发布", State.ACCEPTED)
    old = replace(one, receipt="WM2021-0003", token="old", fields=replace(one.fields, summary="去年的情况。"))
    with open_store(tmp_path / "data") as store:
        made.keep(store, one, made.application(2, "新来的", State.ACCEPTED))
        with store.transaction() as db:
            applications.save(db, old, message=None, documents=())
    return tmp_path / "data"


def listed(path: Path, *rows: tuple[object, ...]) -> Path:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in (("名称", "主办单位", "结果"), *rows):
        page.append(list(row))
    book.save(path)
    return path


def test_earlier_forms_are_shown_and_fill_nothing_in(data: Path, shenbao: Shenbao) -> None:
    before = shenbao("list", "--data", data, "--json").out
    ran = shenbao("history", "WM2022-0001", "--data", data)
    assert "2021年" in ran.out
    assert "去年的情况。" in ran.out
    assert "去年的情况。" not in shenbao("history", "--data", data).out
    assert shenbao("list", "--data", data, "--json").out == before


def test_a_list_is_brought_in_once(data: Path, tmp_path: Path, shenbao: Shenbao) -> None:
    file = listed(tmp_path / "2020.xlsx", ("新来的", "某单位", "获评"))
    told = [shenbao("history", "--import", file, "--year", 2020, "--data", data).out for _ in range(2)]
    assert ["新登记 1 件" in told[0], "新登记 0 件" in told[1]] == [True, True]
    lines = shenbao("history", "--data", data, "--json").lines
    assert [(line["receipt"], [one["year"] for one in line["past"]]) for line in lines] == [
        ("WM2022-0001", [2021]),
        ("WM2022-0002", [2020]),
    ]


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        pytest.param(["WM2022-0099"], 1, id="no such receipt"),
        pytest.param(["--import", "nowhere.xlsx"], 2, id="no such file"),
        pytest.param(["--year", "2020"], 2, id="a year of nothing"),
    ],
)
def test_wrong_usage(data: Path, shenbao: Shenbao, arguments: list[str], status: int) -> None:
    assert shenbao("history", *arguments, "--data", data).status == status


def test_a_list_without_its_year_is_not_taken(data: Path, tmp_path: Path, shenbao: Shenbao) -> None:
    ran = shenbao("history", "--import", listed(tmp_path / "x.xlsx", ("甲", "乙", "获评")), "--data", data)
    assert (ran.status, "--year" in ran.err) == (1, True)
    assert "没有往年的记录" not in shenbao("history", "--data", data).out
