from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hours import NoticeSettings, clock, had_digest, has_gathered, is_morning, is_quiet, span
from tests.bot.made import BEIJING, NOW

USUAL = NoticeSettings()


def at(hour: int, minute: int = 0, day: int = 1, month: int = 6, year: int = 2022) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("08:30", time(8, 30)),
        ("8：30", time(8, 30)),
        ("23:59", time(23, 59)),
        ("24:00", None),
        ("8.30", None),
        ("", None),
    ],
)
def test_a_time_of_day(typed: str, meant: time | None) -> None:
    assert clock(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("22:00-07:30", (time(22), time(7, 30))),
        ("22:00 至 7:30", (time(22), time(7, 30))),
        ("22:00", None),
        ("22:00-25:00", None),
        ("", None),
    ],
)
def test_a_span(typed: str, meant: object) -> None:
    assert span(typed) == meant


@pytest.mark.parametrize(
    ("quiet", "moment", "asleep"),
    [
        pytest.param("22:00-07:30", at(22), True, id="it begins"),
        pytest.param("22:00-07:30", at(21, 59), False, id="just before"),
        pytest.param("22:00-07:30", at(0), True, id="over midnight"),
        pytest.param("22:00-07:30", at(7, 29), True, id="to its end"),
        pytest.param("22:00-07:30", at(7, 30), False, id="its end is no more of it"),
        pytest.param("12:00-14:00", at(13), True, id="within a day"),
        pytest.param("12:00-14:00", at(23), False, id="outside of it"),
        pytest.param("", at(3), False, id="switched off"),
    ],
)
def test_quiet_hours(quiet: str, moment: datetime, asleep: bool) -> None:
    assert is_quiet(moment, NoticeSettings(quiet=quiet)) is asleep


@given(st.times(), st.times(), st.times())
def test_a_span_and_the_rest_of_the_day_are_opposites(one: time, other: time, now: time) -> None:
    here = NoticeSettings(quiet=f"{one:%H:%M}-{other:%H:%M}")
    there = NoticeSettings(quiet=f"{other:%H:%M}-{one:%H:%M}")
    moment = datetime.combine(date(2022, 6, 1), now)
    same = (one.hour, one.minute) == (other.hour, other.minute)
    assert same or is_quiet(moment, here) is not is_quiet(moment, there)


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        pytest.param(at(8, 29), False, id="too early"),
        pytest.param(at(8, 30), True, id="a Wednesday"),
        pytest.param(at(17), True, id="late, after a night without power"),
        pytest.param(at(22, 30), False, id="not in the quiet hours"),
        pytest.param(at(9, day=4), False, id="a Saturday"),
        pytest.param(at(9, day=3), False, id="the Dragon Boat Festival, a Friday"),
        pytest.param(at(9, day=8, month=10), True, id="a Saturday that makes up for a holiday"),
        pytest.param(at(9, day=1, month=10), False, id="the National Day"),
        pytest.param(at(9, day=2, month=6, year=2098), True, id="a Monday of a year nobody has planned yet"),
        pytest.param(at(9, day=1, month=6, year=2098), False, id="a Sunday of that year"),
    ],
)
def test_the_digest_comes_on_mornings_of_working_days(moment: datetime, due: bool) -> None:
    assert is_morning(moment, USUAL) is due
    assert not is_morning(moment, NoticeSettings(digest=""))


@pytest.mark.parametrize(
    ("moment", "day"),
    [(at(8, 29), date(2022, 5, 31)), (at(8, 30), date(2022, 6, 1))],
    ids=["before", "after"],
)
def test_who_is_new_in_the_afternoon_gets_the_next_morning_s(moment: datetime, day: date) -> None:
    assert had_digest(moment, USUAL) == day


@pytest.mark.parametrize(
    ("since", "last", "ready"),
    [
        pytest.param(29, None, False, id="it just happened"),
        pytest.param(30, None, True, id="it waited"),
        pytest.param(30, 299, False, id="something was told a moment ago"),
        pytest.param(30, 300, True, id="long enough ago"),
        pytest.param(-60, -3600, True, id="the clock was set back"),
    ],
)
def test_news_gathers(since: int, last: int | None, ready: bool) -> None:
    before = None if last is None else NOW - timedelta(seconds=last)
    slow = NoticeSettings(gather_seconds=30, between_seconds=300)
    assert has_gathered(NOW - timedelta(seconds=since), before, NOW, slow) is ready
