import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace
from openpyxl import load_workbook

from intake.office.owed import owed
from storage.campaign import Campaign
from storage.database import Store, open_store
from storage.model import State
from tests.bot import made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "data", patience=5) as opened:
        made.keep(opened, *made.office())
        yield opened


def rows(store: Store, sheet: str, campaign: Campaign = made.CAMPAIGN) -> Sequence[Sequence[object]]:
    book = load_workbook(io.BytesIO(owed(store, campaign, now=made.NOW)))
    return [[cell.value for cell in line][1:] for line in book[sheet].iter_rows(min_row=5)]


def test_counties_with_places_left_are_named_with_whom_to_call(store: Store) -> None:
    told = rows(store, "未报单位")
    assert told[0][:5] == ["谯城区委网信办", 3, 2, 1, "已报2件，还有空余"]
    assert told[0][5:] == ["张晓明", "0558-5550000", "13800138000", "zhang@example.cn"]
    assert told[2] == ["蒙城县委网信办", 3, 0, 3, "一件都没有报", None, None, None, None]


def test_a_full_county_owes_nothing(store: Store) -> None:
    made.keep(store, made.county(10, "谯城第三个", State.REVIEWING, "谯城区"))
    assert "谯城区委网信办" not in {line[0] for line in rows(store, "未报单位")}


def test_a_known_sender_who_never_wrote_is_named(store: Store) -> None:
    campaign = replace(made.CAMPAIGN, senders={"wlj@example.cn": "市文化和旅游局"})
    assert rows(store, "未报单位", campaign)[-1] == [
        *("市文化和旅游局", None, None, None, "没有来过信", None, None, None, "wlj@example.cn"),
    ]


def test_what_an_applicant_must_mend_stands_with_how(store: Store) -> None:
    told = rows(store, "待补材料")
    assert [line[0] for line in told] == [
        "WM2022-0002",
        "WM2022-0006",
    ]  # what only staff decide is not theirs
    assert told[0][4] == "缺公章（单位推荐意见）；图片不足三张"
    assert str(told[0][5]).startswith("1. “单位推荐意见”栏没有看到公章")
    assert told[0][7:] == ["张晓明", "0558-5550000", "13800138000", "zhang@example.cn"]
    assert told[1][3] == "谯城区"


def test_paper_is_owed_until_it_came(store: Store) -> None:
    assert [line[0] for line in rows(store, "待交纸质件")] == ["WM2022-0005", "WM2022-0008"]
