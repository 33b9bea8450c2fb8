"""The counts that staff look at."""

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
    counted = _counted(db, "SELECT state, sum(number) FROM standing GROUP BY state")
    return {state: counted.get(state.value, 0) for state in State}


def standing(db: Database, state: State | None = None, county: str | None = None) -> int:
    """Return how many applications stand in this state, of this county; None asks for any."""
    sql = """SELECT ifnull(sum(number), 0) FROM standing
             WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR county = ?2)"""
    return _number(db, sql, (state, county))


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


class Taken(Noun, frozen=True, kw_only=True):
    """The places that one taker holds: `whose` is a county, or the name of a direct unit."""

    whose: str
    used: int
    waiting: int


def taken(db: Database, channel: Channel, whose: str) -> int:
    """Return how many places this county, or the direct unit of this key, holds."""
    row = db.execute("SELECT used FROM taken WHERE channel = ? AND whose = ?", (channel, whose)).fetchone()
    return int(row[0]) if row else 0


def taken_by_counties(db: Database) -> dict[str, Taken]:
    """Return the places held through each county; those of an unknown county under ''."""
    rows = db.execute("SELECT whose, used, waiting FROM taken WHERE channel = 'county' ORDER BY whose")
    return {whose: Taken(whose=whose, used=used, waiting=waiting) for whose, used, waiting in rows}


def taken_by_units(db: Database, limit: int, over: int = 0) -> list[Taken]:
    """Return up to `limit` direct units that hold more than `over` places, those with the most first."""
    rows = db.execute(
        """SELECT (SELECT min(submitter) FROM applications
                   WHERE submitter_key = whose AND channel = 'direct' AND holds_place = 1), used, waiting
           FROM taken WHERE channel = 'direct' AND used > ? ORDER BY used DESC, whose LIMIT ?""",
        (over, limit),
    )
    return [Taken(whose=name or "", used=used, waiting=waiting) for name, used, waiting in rows]


def direct_units(db: Database) -> tuple[int, int]:
    """Return how many direct units hold places, and how many places these are."""
    row = db.execute("SELECT units, used FROM takers WHERE channel = 'direct'").fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


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


class Waiting(Noun, frozen=True, kw_only=True):
    """How many applications still open wait for one thing, and the first of them."""

    outcome: Outcome
    code: Code
    number: int
    receipts: tuple[str, ...]


def waiting_for(db: Database, named: int) -> list[Waiting]:
    """Return what open applications wait for, the most frequent first, each with its first `named` receipts."""
    rows = db.execute(
        "SELECT outcome, code, number FROM waiting_numbers WHERE number > 0 ORDER BY number DESC, code"
    ).fetchall()
    first = """SELECT receipt FROM waiting JOIN applications ON applications.id = application
               WHERE outcome = ? AND code = ? ORDER BY application LIMIT ?"""
    return [
        Waiting(
            outcome=Outcome(outcome),
            code=Code(code),
            number=number,
            receipts=tuple(row[0] for row in db.execute(first, (outcome, code, named))),
        )
        for outcome, code, number in rows
    ]


def _counted(db: Database, sql: str) -> dict[str, int]:
    return {str(name): int(number) for name, number in db.execute(sql)}


def _number(db: Database, sql: str, values: tuple[object, object]) -> int:
    return int(db.execute(sql, values).fetchone()[0])
