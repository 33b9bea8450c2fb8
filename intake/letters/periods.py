"""By when: deadlines as letters name them, and periods that begin with a letter, in calendar or working days."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import chinese_calendar

from intake.rules.deadline import Deadline, deadline_of
from intake.rules.wording import zone
from storage.campaign import Campaign, Days
from storage.model import Application, Channel

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


def until(now: datetime, count: int, campaign: Campaign) -> str:
    """Return the last day of a period of `count` days that begins now, as people write it."""
    last = last_day(now.astimezone(zone(campaign)).date(), count, campaign.periods.days)
    return f"{last.year}年{last.month}月{last.day}日"


def limit_of(campaign: Campaign, applications: Iterable[Application]) -> Deadline:
    """Return the deadline that a letter names: of several units' the first, of nobody's the campaign's."""
    theirs = (deadline_of(campaign, one.channel, one.county, one.fields.organizer) for one in applications)
    nobodys = deadline_of(campaign, Channel.DIRECT, None, None)
    return min(theirs, key=lambda one: one.at, default=nobodys)


def last_moment(limit: Deadline, campaign: Campaign) -> str:
    """Return the last moment in time as people say it: a deadline at midnight ends the day before."""
    last = limit.at.astimezone(zone(campaign))
    return limit.text + ("24时" if (last.hour, last.minute) == (0, 0) else "")
