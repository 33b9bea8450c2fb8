"""The morning digest: what came since the last one, what waits for a person, how long the campaign still runs."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot import texts, waiting
from bot.access import Answer, Button, Desk
from storage import tallies

LONGEST = 31  # days looked back on


def digest(desk: Desk, last: date) -> Answer:
    """Return the digest of this morning; the one before was that of the day `last`."""
    day = desk.today
    since = max(last, day - timedelta(days=LONGEST))
    yesterday = day - timedelta(days=1)
    label = "昨天" if since >= yesterday else f"{texts.day(since)}到昨天"
    came = [
        tallies.received_on(desk.store.db, since + timedelta(days=number), ZoneInfo(desk.campaign.timezone))
        for number in range((day - since).days)
    ]
    mails, new, letters = (
        sum(getattr(one, what) for one in came) for what in ("mails", "applications", "letters")
    )
    todo = waiting.lines(desk)
    lines = [
        f"早上好！今天是{texts.day(day)} 周{texts.WEEKDAYS[day.weekday()]}，{texts.remaining(desk.now(), desk.campaign)}。",
        f"{label}：来信{mails}封，新申报{new}件，发信{letters}封",
        *(["需要人办的："] if todo else ["没有等人办的事。"]),
        *todo,
        *waiting.free_places(desk),
    ]
    buttons = ((Button("待办", "/problems"), Button("今天", "/today")),)
    return Answer(text="\n".join(lines), buttons=buttons)
