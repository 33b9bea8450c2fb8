from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import receipts, texts
from bot.chunks import chunks, units
from bot.filters import Wanted, wanted
from intake.width import shorten, table, width
from storage.model import Kind, Platform, State
from tests.bot import made


@pytest.mark.parametrize(
    ("typed", "receipt"),
    [
        pytest.param("WM2022-0012", "WM2022-0012", id="as printed"),
        pytest.param("wm2022-0012", "WM2022-0012", id="lower case"),
        pytest.param("ＷＭ２０２２－００１２", "WM2022-0012", id="full width"),
        pytest.param("WM2022—12", "WM2022-0012", id="a Chinese dash, no zeros"),
        pytest.param("WM2022 0012", "WM2022-0012", id="a space for the dash"),
        pytest.param("wm20220012", "WM2022-0012", id="no dash"),
        pytest.param("12", "WM2022-0012", id="the number alone"),
        pytest.param(" 0012 ", "WM2022-0012", id="with its zeros"),
        pytest.param("12345", "WM2022-12345", id="past 9999"),
        pytest.param("WM2021-0012", None, id="another campaign's"),
        pytest.param("十二", None, id="a number in Chinese"),
        pytest.param("1" * 30, None, id="a number nobody gave"),
        pytest.param("٣", None, id="a digit of another script"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_receipts_are_taken_as_typed(typed: str, receipt: str | None) -> None:
    assert receipts.normal(typed, "WM2022") == receipt


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("亳州\n发布\t号", "亳州 发布 号", id="one line"),
        pytest.param("亳\u202e州", "亳 州", id="no turning of the direction"),
        pytest.param("\x1b[31m红", "[31m红", id="no colours for a terminal"),
        pytest.param("<b>&", "<b>&", id="what other formats would read as a mark"),
        pytest.param("\u200b", "未填", id="nothing to see"),
        pytest.param(None, "未填", id="nothing"),
    ],
)
def test_what_applicants_wrote_stays_one_plain_line(text: str | None, shown: str) -> None:
    assert texts.plain(text) == shown


@given(st.text())
def test_plain_text_never_breaks_a_line(text: str) -> None:
    shown = texts.plain(text)
    assert shown.splitlines() == [shown]


@pytest.mark.parametrize(
    ("now", "text"),
    [
        pytest.param("2022-06-01T15:30", "距申报截止还有3天（含今天）", id="three days"),
        pytest.param("2022-06-03T00:00", "今天是申报的最后一天", id="the last day begins"),
        pytest.param("2022-06-03T23:59", "今天是申报的最后一天", id="the last minute"),
        pytest.param("2022-06-04T00:00", "申报已截止", id="too late"),
    ],
)
def test_how_long_there_is_time(now: str, text: str) -> None:
    assert texts.remaining(datetime.fromisoformat(f"{now}+08:00"), made.CAMPAIGN) == text


def test_what_it_is() -> None:
    account = made.application(1, "亳州发布", State.ACCEPTED)
    kinds = [(Kind.ACCOUNT, Platform.UC), (Kind.ACCOUNT, None), (Kind.WEBSITE, None), (None, None)]
    named = [
        texts.kind_of(made.application(1, "亳州发布", State.ACCEPTED, kind=kind, platform=platform))
        for kind, platform in kinds
    ]
    assert [texts.kind_of(account), *named] == ["微信账号", "UC头条账号", "账号", "网站平台", "类型待定"]


def test_times_are_the_campaign_s() -> None:
    at = datetime(2022, 6, 3, 23, 5, tzinfo=made.BEIJING).astimezone(tz=None)
    assert texts.moment(at, made.CAMPAIGN) == "6月3日 23:05"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        pytest.param("", Wanted(), id="everything"),
        pytest.param("2", Wanted(page=2), id="a page of everything"),
        pytest.param("待补正", Wanted(state=State.CORRECTING), id="a state's name"),
        pytest.param("电子材料齐全，待核纸质件", Wanted(state=State.ACCEPTED), id="its whole name"),
        pytest.param("齐全", Wanted(state=State.ACCEPTED), id="what people say"),
        pytest.param("ACCEPTED", Wanted(state=State.ACCEPTED), id="its code"),
        pytest.param("谯城", Wanted(county="谯城区"), id="a county's short name"),
        pytest.param("涡阳县委网信办", Wanted(county="涡阳县"), id="its office"),
        pytest.param(
            "谯城区 待补正 ２", Wanted(county="谯城区", state=State.CORRECTING, page=2), id="all of it"
        ),
        pytest.param("待补正第3页", Wanted(state=State.CORRECTING, page=3), id="a page in words"),
        pytest.param("合肥", None, id="a county of somebody else"),
    ],
)
def test_what_a_list_is_asked_for(text: str, asked: Wanted | None) -> None:
    assert wanted(text, made.CAMPAIGN) == asked


@pytest.mark.parametrize("state", list(State))
def test_every_state_can_be_asked_for_by_code_and_name(state: State) -> None:
    assert wanted(state.value, made.CAMPAIGN) == Wanted(state=state)


def test_columns_stay_aligned_with_chinese_in_them() -> None:
    lines = table(("县区", "已占"), [("谯城区", "3"), ("B站ab", "12")]).splitlines()
    assert lines == ["县区    已占", "谯城区     3", "B站ab     12"]
    assert {width(line) for line in lines} == {12}


@pytest.mark.parametrize(
    ("text", "columns", "short"),
    [
        pytest.param("亳州发布", 8, "亳州发布", id="it fits"),
        pytest.param("亳州发布", 7, "亳州发…", id="a wide letter too much"),
        pytest.param("abcdef", 4, "abc…", id="narrow"),
    ],
)
def test_a_long_name_is_shortened_to_columns(text: str, columns: int, short: str) -> None:
    assert shorten(text, columns) == short


@given(st.text(min_size=1, max_size=200), st.integers(2, 30))
def test_pieces_fit_and_lose_nothing(text: str, limit: int) -> None:
    pieces = list(chunks(text, limit))
    assert all(0 < units(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        pytest.param("亳州\n谯城\n涡阳", ["亳州\n谯城", "涡阳"], id="cut at a line's end"),
        pytest.param("亳州谯城涡阳", ["亳州谯城涡", "阳"], id="one long line"),
        pytest.param("𠮷𠮷𠮷", ["𠮷𠮷", "𠮷"], id="two units a letter"),
        pytest.param("abcde\u0301f", ["abcd", "e\u0301f"], id="a letter keeps its accent"),
        pytest.param(" \n ", [], id="nothing to send"),
    ],
)
def test_where_a_long_text_is_cut(text: str, pieces: list[str]) -> None:
    assert list(chunks(text, 5)) == pieces


def test_an_emoji_s_parts_stay_together() -> None:
    family = "👩\u200d👩"
    assert list(chunks(f"abc{family}", 6)) == ["abc", family]


def test_a_day_is_counted_from_the_deadline() -> None:
    before = made.CAMPAIGN.dates.deadline - timedelta(days=1, seconds=1)
    assert texts.remaining(before, made.CAMPAIGN) == "距申报截止还有2天（含今天）"


@pytest.mark.parametrize(("seconds", "said"), [(120, "2分钟"), (90, "90秒"), (3600, "60分钟"), (45, "45秒")])
def test_how_long_one_may_undo(seconds: int, said: str) -> None:
    assert texts.span(seconds) == said
