from datetime import date

import pytest

from intake.letters.periods import last_day, works
from storage.campaign import Days


@pytest.mark.parametrize(
    ("first", "count", "days", "last"),
    [
        pytest.param(date(2022, 6, 6), 3, Days.CALENDAR, date(2022, 6, 9), id="calendar days"),
        pytest.param(date(2022, 6, 2), 3, Days.CALENDAR, date(2022, 6, 5), id="calendar days over a holiday"),
        pytest.param(date(2022, 6, 2), 3, Days.WORKING, date(2022, 6, 8), id="working days after 端午"),
        pytest.param(date(2022, 4, 29), 1, Days.WORKING, date(2022, 5, 5), id="working days after 劳动节"),
        pytest.param(date(2022, 4, 22), 1, Days.WORKING, date(2022, 4, 24), id="a Sunday that is worked"),
    ],
)
def test_the_last_day_of_a_period(first: date, count: int, days: Days, last: date) -> None:
    assert last_day(first, count, days) == last


def test_a_year_whose_holidays_nobody_knows_goes_by_the_week() -> None:
    assert [works(date(2091, 1, day)) for day in (5, 6, 7, 8)] == [True, False, False, True]
