"""Earlier years: other campaigns of the store and lists of the office's, by account, unit and name."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace
from openpyxl import Workbook

from intake.office import history
from intake.office.entry import NotReadable
from storage import applications, earlier
from storage.database import Store, open_store
from storage.model import State
from tests.bot import made

NOW_ONE = made.application(1, "亳州发布", State.ACCEPTED)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "data", patience=5) as opened:
        made.keep(opened, NOW_ONE)
        yield opened


def sheet(*rows: Sequence[object]) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"operator_key": "另一家"}, ("同一账号或网站",), id="the same account"),
        pytest.param({"account_key": "wechat:other"}, ("同一单位",), id="the same unit"),
        pytest.param({"account_key": "wechat:other", "operator_key": "另一家"}, None, id="neither"),
    ],
)
def test_an_earlier_campaign_of_the_store(
    store: Store, changes: dict[str, str], why: tuple[str, ...] | None
) -> None:
    old = replace(NOW_ONE, receipt="WM2021-0007", token="old", state=State.AWARDED, **changes)
    with store.transaction() as db:
        applications.save(db, old, message=None, documents=())
    found = history.past(store, made.CAMPAIGN, NOW_ONE)
    told = [(one.year, one.result, one.receipt, one.why) for one in found]
    assert told == ([(2021, "获评", "WM2021-0007", why)] if why else [])


def test_a_list_of_an_earlier_year(store: Store) -> None:
    data = sheet(
        ["2021年名单"],
        ["序号", "账号名称", "主办单位", "结果"],
        [1, "亳州发布", "别的单位", "获评"],
        [2, "药都", "亳州市第1实验单位", "推荐省级"],
        [3, "无关", "无关单位", "未入选"],
        [None, None, None, None],
    )
    found = history.listed(data, 2021)
    assert (len(found.works), found.mistakes) == (3, ())
    with store.transaction() as db:
        assert all(earlier.put(db, work) for work in found.works)
    told = [(one.name, one.result, one.why) for one in history.past(store, made.CAMPAIGN, NOW_ONE)]
    assert told == [("亳州发布", "获评", ("同名",)), ("药都", "推荐省级", ("同一单位",))]


def test_the_year_may_stand_in_the_list_or_be_told_and_else_is_asked_for() -> None:
    data = sheet(["年份", "名称", "结果"], ["2020年", "甲", "获评"], [2019, "乙", ""], [None, "丙", "获评"])
    found = history.listed(data, None)
    assert [(one.year, one.name, one.result) for one in found.works] == [
        (2020, "甲", "获评"),
        (2019, "乙", "申报"),
    ]
    assert found.mistakes == ("Sheet A4：不知道是哪一年的，请补上年份，或用 --year 写明",)
    assert [one.year for one in history.listed(data, 2021).works] == [2020, 2019, 2021]


def test_this_year_is_no_earlier_year(store: Store) -> None:
    found = history.listed(sheet(["名称", "结果"], ["亳州发布", "获评"]), 2022)
    with store.transaction() as db:
        earlier.put(db, found.works[0])
    assert history.past(store, made.CAMPAIGN, NOW_ONE) == ()


@pytest.mark.parametrize("data", [sheet(["姓名", "电话"], ["甲", 1]), b"no workbook"], ids=["other", "none"])
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(NotReadable):
        history.listed(data, 2021)
