from datetime import UTC, date, datetime, timedelta

from sqlite_utils import Database

from storage import messages, outbox, tallies
from storage.model import Channel, Code, Kind, MailOutcome, Outcome, State
from tests.storage import made

NOW = datetime(2022, 6, 2, tzinfo=UTC)


def fill(db: Database) -> None:
    shared = {"channel": Channel.COUNTY, "county": "谯城区", "submitter_key": "谯城区委网信办"}
    made.saved(
        db,
        made.application(1, state=State.CORRECTING, problems=(made.problem(), made.problem())),
        made.application(2, submitter_key="亳州市第1中学", submitter="亳州市第1中学"),
        made.application(3, kind=Kind.WEBSITE),
        made.application(4, state=State.REVIEWING, **shared),
        made.application(5, **shared),
        made.application(
            6, state=State.REJECTED, problems=(made.problem(Code.LATE, Outcome.REJECT),), **shared
        ),
    )


def test_every_state_is_counted(db: Database) -> None:
    fill(db)
    counted = tallies.by_state(db)
    assert set(counted) == set(State)
    assert (counted[State.ACCEPTED], counted[State.REJECTED], counted[State.AWARDED]) == (3, 1, 0)
    assert tallies.by_county(db) == {"谯城区": 3}


def test_the_quota_counts_accounts_that_hold_a_place(db: Database) -> None:
    fill(db)
    assert tallies.quota(db) == [
        tallies.QuotaLine(channel=Channel.COUNTY, county="谯城区", submitter=None, used=2, waiting=1),
        tallies.QuotaLine(channel=Channel.DIRECT, county=None, submitter="亳州市第1中学", used=2, waiting=1),
    ]


def test_a_day_is_the_offices_day(db: Database) -> None:
    midnight = datetime(2022, 6, 2, tzinfo=made.BEIJING)
    minutes = int((midnight - made.NOON).total_seconds() // 60)
    for text, when in (("before", minutes - 1), ("first", minutes), ("last", minutes + 24 * 60 - 1)):
        messages.keep(db, made.arrival(text, minutes=when))
    made.saved(db, made.application(received_at=midnight))
    outbox.queue(db, made.letter())
    outbox.sending(db, 1, midnight)
    outbox.sent(db, 1, (midnight + timedelta(hours=1)).astimezone(UTC))
    day = tallies.received_on(db, date(2022, 6, 2), made.BEIJING)
    assert day == tallies.Day(mails=2, applications=1, letters=1)
    assert tallies.received_on(db, date(2022, 6, 1), made.BEIJING) == tallies.Day(
        mails=1, applications=0, letters=0
    )


def test_mails_are_counted_by_what_became_of_them(db: Database) -> None:
    for text in "abc":
        messages.keep(db, made.arrival(text))
    messages.finish(db, 1, MailOutcome.IGNORED, "自动回复", NOW)
    assert tallies.mail_outcomes(db) == {None: 2, MailOutcome.IGNORED: 1}


def test_problems_are_counted_while_they_wait_for_somebody(db: Database) -> None:
    fill(db)
    assert tallies.open_problems(db) == {Code.FIELD_MISSING: 1}


def test_an_empty_store_has_nothing_to_tell(db: Database) -> None:
    assert tallies.quota(db) == []
    assert tallies.by_county(db) == {}
    assert tallies.mail_outcomes(db) == {}
    assert tallies.open_problems(db) == {}
