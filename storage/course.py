"""How a campaign went, in numbers: what came by day, how soon it was answered, what a person had to do."""

from datetime import date, datetime, tzinfo

from sqlite_utils import Database

from storage.columns import moment
from storage.model import Channel, Code, Noun, State

ROBOTS = ("system", "sender")


class Entry(Noun, frozen=True, kw_only=True):
    """What the report counts of one application; `by_hand` where a person ever acted on it."""

    channel: Channel
    county: str | None
    state: State
    received_at: datetime
    by_hand: bool


def entries(db: Database) -> list[Entry]:
    """Return all applications with no more than is counted, in order of receipt.

    Who wrote in is an actor of the audit trail too: a person of the office is one without an @.
    """
    rows = db.execute(
        """SELECT channel, county, state, received_at,
                  EXISTS (SELECT 1 FROM audit WHERE audit.receipt = applications.receipt
                          AND actor NOT IN (?, ?) AND instr(actor, '@') = 0 AND actor <> ''
                          AND event <> 'bound')
           FROM applications ORDER BY prefix, number""",
        ROBOTS,
    )
    return [
        Entry(
            channel=Channel(channel),
            county=county,
            state=State(state),
            received_at=moment(received_at),
            by_hand=bool(by_hand),
        )
        for channel, county, state, received_at, by_hand in rows
    ]


def mails_by_day(db: Database, zone: tzinfo) -> dict[date, int]:
    """Return how many mails came on each day, as the clocks of `zone` count it; the days without any left out."""
    counted: dict[date, int] = {}
    for (seconds,) in db.execute("SELECT received_unix FROM messages ORDER BY received_unix"):
        day = datetime.fromtimestamp(seconds, zone).date()
        counted[day] = counted.get(day, 0) + 1
    return counted


def first_answers(db: Database) -> list[float]:
    """Return the seconds from receipt to the first letter sent, for each mail from a door that was answered."""
    rows = db.execute(
        """SELECT min(sent_at), received_at FROM messages JOIN outbox ON outbox.cause = messages.sha256
           WHERE door IN ('imap', 'smtp') AND sent_at IS NOT NULL GROUP BY messages.id"""
    )
    taken = ((moment(sent) - moment(received)).total_seconds() for sent, received in rows)
    return sorted(max(0.0, seconds) for seconds in taken)


def problems_by_kind(db: Database) -> dict[Code, int]:
    """Return how many applications show each problem now, the commonest first."""
    rows = db.execute(
        """SELECT code, count(DISTINCT receipt) FROM problems WHERE outcome <> 'note'
           GROUP BY code ORDER BY count(DISTINCT receipt) DESC, code"""
    )
    return {Code(code): int(number) for code, number in rows}
