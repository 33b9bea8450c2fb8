"""Applications that are much alike: a person compares them, and nobody's own version is suspected."""

from functools import partial

from msgspec.structs import replace

from intake import decisions, likeness
from intake.case import Standing
from intake.rivals import standing_of
from storage import applications, likenesses
from storage.model import Channel, Fields, Kind, State
from tests.build import facts, mails
from tests.build.facts import Applicant
from tests.storage.made import application, asked
from tests.story.office import CAMPAIGN, Office, codes, everything

FIRST = facts.applicant(0, platform="wechat", name="亳州发布", identifier="bzfabu2022")


def sent(office: Office, who: Applicant, subject: str = "报送") -> tuple[State, list[str]]:
    (application,) = office.take(
        mails.mail(who, attachments=everything(who), subject=subject).raw
    ).applications
    return application.state, codes(application)


def other(name: str, identifier: str = "bzyouth2022") -> Applicant:
    return facts.applicant(5, platform="wechat", name=name, identifier=identifier)


def test_the_same_name_with_another_identifier_and_organizer_is_suspected(office: Office) -> None:
    sent(office, FIRST)
    assert sent(office, other(name="亳州發布·官方")) == (State.REVIEWING, ["duplicate-suspected"])


def test_another_name_is_not(office: Office) -> None:
    sent(office, FIRST)
    assert sent(office, other(name="谯城发布")) == (State.ACCEPTED, [])


def test_an_identifier_a_letter_off_is_suspected_only_with_a_name_alike(office: Office) -> None:
    sent(office, FIRST)
    assert sent(office, other(name="亳州发布厅", identifier="bzfabuu2022")) == (
        State.REVIEWING,
        ["duplicate-suspected"],
    )
    third = facts.applicant(6, platform="wechat", name="亳州美食", identifier="bzfabv2022")
    assert sent(office, third) == (State.ACCEPTED, [])


def test_its_own_next_version_and_what_was_withdrawn_are_no_rivals(office: Office) -> None:
    sent(office, FIRST)
    assert sent(office, FIRST, "重新报送") == (State.ACCEPTED, [])
    desk = decisions.Desk(
        store=office.store, campaign=CAMPAIGN, sender="bzscbk@163.com", by="王芳", now=office.clock
    )
    decisions.withdraw(desk, "WM2022-0001")
    assert sent(office, other(name="亳州发布")) == (State.ACCEPTED, [])


def test_candidates_are_found_by_index(office: Office) -> None:
    sent(office, FIRST)
    (key, *_) = likeness.likenesses_of(office.now("WM2022-0001"))
    (sql,) = asked(office.store.db, lambda: likenesses.find(office.store.db, key, Kind.ACCOUNT, ""))
    assert scans(office, sql) == []


def test_rivals_are_found_by_index(office: Office) -> None:
    """No table of applications is read through, however many there are."""
    sent(office, FIRST)
    told = office.now("WM2022-0001")
    for one in (
        told,
        replace(told, channel=Channel.COUNTY, county="谯城区", operator_code="123416004JURQ2830U"),
    ):
        queries = asked(office.store.db, partial(standing_of, office.store, one))
        assert len(queries) >= 4
        assert [found for sql in queries for found in scans(office, sql)] == []


def test_of_a_name_that_many_bear_only_the_first_are_compared(office: Office) -> None:
    for number in range(1, likenesses.MOST + 3):
        one = application(number, fields=Fields(name="亳州文明", organizer=f"亳州市第{number}中学"))
        applications.save(office.store.db, one, message=None, documents=())
        likenesses.put(office.store.db, one.receipt, likeness.likenesses_of(one))
    newest = application(likenesses.MOST + 3, fields=Fields(name="亳州文明", organizer="亳州市图书馆"))
    found = likeness.with_alike(office.store, CAMPAIGN, newest, Standing()).alike
    assert len(found) == likenesses.MOST


def scans(office: Office, sql: str) -> list[str]:
    """Return the steps of a query that read a whole table."""
    steps = [str(row[3]) for row in office.store.db.execute(f"EXPLAIN QUERY PLAN {sql}")]
    return [
        step
        for step in steps
        if step.startswith("SCAN ") and "USING" not in step and "sqlite_master" not in step
    ]
