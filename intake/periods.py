"""The last day of a period that begins with a letter, in calendar days or in the working days of the mainland."""

from datetime import date, timedelta

import chinese_calendar

from storage.campaign import Days

WEEKEND = 5  # `date.weekday` of a Saturday


def last_day(first: date, count: int, days: Days) -> date:
    """Return the last of `count` days, counted from the day after `first`."""
    if days is Days.CALENDAR:
        return first + timedelta(days=count)
    day = first
    while count:
        day += timedelta(days=1)
        count -= works(day)
    return day


def works(day: date) -> bool:
    """Say whether offices work on `day`: by the State Council's holidays, or the week where none are known yet."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < WEEKEND
