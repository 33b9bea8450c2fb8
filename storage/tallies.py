"""The counts that staff look at."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta, tzinfo

from sqlite_utils import Database

from storage.columns import utc
from storage.model import Channel, Code, MailOutcome, Noun, Outcome, State


class QuotaLine(Noun, frozen=True, kw_only=True):
    """Who used how many places: `used` accounts in all, `waiting` of them not settled yet.

    `submitter` is the unit of the direct channel; a county's line has its county instead.
    """

    channel: Channel
    county: str | None
    submitter: str | None
    used: int
    waiting: int


class Day(Noun, frozen=True, kw_only=True):
    """What came in one day: mails, applications new on that day, and letters that went out."""

    mails: int
    applications: int
    letters: int


def by_state(db: Database) -> dict[State, int]:
    """Return how many applications stand in each state, the states without any included."""
    counted = _counted(db, "SELECT state, count(*) FROM applications GROUP BY state")
    return {state: counted.get(state.value, 0) for state in State}


def by_county(db: Database) -> dict[str, int]:
    """Return how many applications came through each county."""
    return _counted(
        db,
        """SELECT county, count(*) FROM applications WHERE channel = 'county' AND county IS NOT NULL
           GROUP BY county ORDER BY county""",
    )


def quota(db: Database) -> list[QuotaLine]:
    """Return the places held by accounts: a line for each county, then one for each direct unit."""
    rows = db.execute(
        """SELECT channel, iif(channel = 'county', county, NULL) AS of_county,
                  iif(channel = 'direct', min(submitter), NULL),
                  count(*), sum(state IN ('correcting', 'reviewing'))
           FROM applications WHERE holds_place = 1 AND kind = 'account'
           GROUP BY channel, iif(channel = 'county', county, submitter_key)
           ORDER BY channel, of_county, min(prefix), min(number)"""
    )
    return [
        QuotaLine(channel=Channel(channel), county=county, submitter=submitter, used=used, waiting=waiting)
        for channel, county, submitter, used, waiting in rows
    ]


def received_on(db: Database, day: date, zone: tzinfo) -> Day:
    """Return what came on `day` as the clocks of `zone` count it."""
    first = datetime.combine(day, time.min, zone)
    after = datetime.combine(day + timedelta(days=1), time.min, zone)
    span = (first.timestamp(), after.timestamp())
    within = "received_unix >= ? AND received_unix < ?"
    sent = "SELECT count(*) FROM outbox WHERE sent_at >= ? AND sent_at < ?"
    return Day(
        mails=_number(db, f"SELECT count(*) FROM messages WHERE {within}", span),  # noqa: S608 - our words
        applications=_number(db, f"SELECT count(*) FROM applications WHERE {within}", span),  # noqa: S608 - our words
        letters=_number(db, sent, (utc(first), utc(after))),
    )


def mail_outcomes(db: Database) -> dict[MailOutcome | None, int]:
    """Return how many mails ended in each way; None stands for those that still wait."""
    rows = db.execute("SELECT outcome, count(*) FROM messages GROUP BY outcome ORDER BY outcome")
    return {None if outcome is None else MailOutcome(outcome): int(number) for outcome, number in rows}


def open_problems(db: Database) -> dict[Code, int]:
    """Return how many applications that are still open wait for each thing to be mended or decided."""
    counted = _counted(
        db,
        """SELECT code, count(DISTINCT receipt) FROM problems JOIN applications USING (receipt)
           WHERE outcome IN ('correct', 'review') AND state IN ('correcting', 'reviewing')
           GROUP BY code ORDER BY count(DISTINCT receipt) DESC, code""",
    )
    return {Code(code): number for code, number in counted.items()}


def waiting_for(db: Database) -> dict[tuple[Outcome, Code], list[str]]:
    """Return the receipts of applications still open under each thing to mend or decide, in order."""
    rows = db.execute(
        """SELECT DISTINCT problems.outcome, code, receipt, prefix, number
           FROM problems JOIN applications USING (receipt)
           WHERE state IN ('correcting', 'reviewing') AND problems.outcome IN ('correct', 'review')
           ORDER BY prefix, number"""
    )
    named: dict[tuple[Outcome, Code], list[str]] = defaultdict(list)
    for outcome, code, receipt, *_ in rows:
        named[Outcome(outcome), Code(code)].append(receipt)
    return named


def _counted(db: Database, sql: str) -> dict[str, int]:
    return {str(name): int(number) for name, number in db.execute(sql)}


def _number(db: Database, sql: str, values: tuple[object, object]) -> int:
    return int(db.execute(sql, values).fetchone()[0])
