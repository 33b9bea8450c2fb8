"""When the bot speaks of its own accord: quiet hours, the morning digest, and how long news gathers."""

import re
from datetime import date, datetime, time, timedelta

import msgspec

from intake.letters.periods import works

_CLOCK = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)")
_SPAN = re.compile(r"(\S+?)\s*[-–—~～至]\s*(\S+)")


class NoticeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The section [notices]; an empty `quiet` or `digest` switches that off.

    News waits `gather_seconds` for more to go with it, and `between_seconds` after the last message to a chat.
    """

    quiet: str = "22:00-07:30"
    digest: str = "08:30"
    gather_seconds: int = 5
    between_seconds: int = 60


def clock(text: str) -> time | None:
    """Return the time of day that `8:30` names, None where it names none."""
    found = _CLOCK.fullmatch(text.strip())
    return time(int(found[1]), int(found[2])) if found else None


def span(text: str) -> tuple[time, time] | None:
    """Return the two ends of `22:00-07:30`, None where it is no span."""
    found = _SPAN.fullmatch(text.strip())
    ends = (clock(found[1]), clock(found[2])) if found else (None, None)
    return (ends[0], ends[1]) if ends[0] is not None and ends[1] is not None else None


def is_quiet(at: datetime, settings: NoticeSettings) -> bool:
    """Say whether `at`, a local time, lies in the quiet hours, which may go over midnight."""
    ends = span(settings.quiet)
    if ends is None:
        return False
    begin, end = ends
    now = at.time()
    return begin <= now < end if begin <= end else now >= begin or now < end


def is_morning(at: datetime, settings: NoticeSettings) -> bool:
    """Say whether the digest of the day of `at`, a local time, should be out: on days that offices work."""
    due = clock(settings.digest)
    return due is not None and at.time() >= due and works(at.date()) and not is_quiet(at, settings)


def had_digest(at: datetime, settings: NoticeSettings) -> date:
    """Return the day that counts as digested for who is told from `at` on: none comes in the afternoon of the first."""
    due = clock(settings.digest)
    return at.date() if due is not None and at.time() >= due else at.date() - timedelta(days=1)


def has_gathered(since: datetime, last: datetime | None, now: datetime, settings: NoticeSettings) -> bool:
    """Say whether news that began at `since` goes now to a chat that was last told at `last`.

    A clock that was set back keeps nothing waiting.
    """
    young = timedelta(0) <= now - since < timedelta(seconds=settings.gather_seconds)
    told = last is not None and timedelta(0) <= now - last < timedelta(seconds=settings.between_seconds)
    return not young and not told
