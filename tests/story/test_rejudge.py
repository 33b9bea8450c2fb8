"""Changed terms: what they would change is told, and nothing changes for who was answered unless staff say so."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from intake import decisions, rejudging
from intake.decisions import Desk
from storage import audit
from storage.campaign import Campaign, Extension
from storage.model import Code, LetterKind, Outcome, State
from storage.verify import verify
from tests.build import mails
from tests.story.office import CAMPAIGN, LATE, LIBRARY, Office, everything

LONGER = replace(
    CAMPAIGN,
    extensions=(
        Extension(
            unit=LIBRARY.fields.organizer or "",
            deadline=LATE + timedelta(days=2),
            deadline_text="2022年6月5日",
            reason="因汛情，经市委网信办同意延期。",
        ),
    ),
)


def desk(office: Office, campaign: Campaign = LONGER) -> Desk:
    return Desk(store=office.store, campaign=campaign, sender="bzscbk@163.com", by="王芳", now=office.clock)


def late(office: Office, **line: Any) -> None:
    office.line = replace(office.line, **line)
    office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw, LATE + timedelta(hours=3))


def test_the_same_terms_change_nothing(office: Office) -> None:
    late(office)
    assert rejudging.compare(desk(office, CAMPAIGN), office.line.reader) == []


def test_what_would_change_is_told_and_nothing_is_changed(office: Office) -> None:
    late(office)
    before = (office.all(), audit.since(office.store.db, 0), office.letters())
    (found,) = rejudging.compare(desk(office), office.line.reader)
    assert (found.old.state, found.new.state) == (State.REJECTED, State.ACCEPTED)
    assert [one.code for one in found.gone] == [Code.LATE]
    assert (found.come, found.answered, found.applied) == ((), True, False)
    assert (office.all(), audit.since(office.store.db, 0), office.letters()) == before


def test_who_was_answered_is_passed_over_unless_told(office: Office) -> None:
    late(office)
    (found,) = rejudging.apply(desk(office), office.line.reader)
    assert (found.answered, found.applied) == (True, False)
    assert office.now("WM2022-0001").state is State.REJECTED
    (found,) = rejudging.apply(desk(office), office.line.reader, answered=True)
    assert found.applied
    assert office.now("WM2022-0001").state is State.ACCEPTED
    assert len(office.letters()) == 1
    (*_, event) = audit.history(office.store.db, "WM2022-0001")
    assert (event.actor, event.event, event.detail["gone"]) == ("王芳", "rejudged", ["late"])


def test_who_was_not_answered_is_changed(office: Office) -> None:
    late(office, replies=False)
    (found,) = rejudging.apply(desk(office), office.line.reader)
    assert (found.answered, found.applied) == (False, True)
    assert office.now("WM2022-0001").state is State.ACCEPTED
    assert office.letters() == []


def test_a_letter_goes_only_when_told(office: Office) -> None:
    late(office)
    rejudging.apply(desk(office), office.line.reader, answered=True, letters=True)
    first, second = office.letters()
    assert (first.kind, second.kind) == (LetterKind.REJECTION, LetterKind.ACKNOWLEDGEMENT)
    assert second.to == (LIBRARY.fields.email,)
    assert verify(office.store) == []


def test_what_staff_decided_stays(office: Office) -> None:
    late(office)
    decisions.reject(desk(office, CAMPAIGN), "WM2022-0001", "不在推选范围")
    rejudging.apply(desk(office), office.line.reader, answered=True, letters=True)
    assert office.now("WM2022-0001").state is State.REJECTED
    assert [one.kind for one in office.letters()] == [LetterKind.REJECTION, LetterKind.DECISION]


def test_an_outcome_that_becomes_a_note(office: Office) -> None:
    office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY)[:2]).raw)
    mild = replace(CAMPAIGN, outcomes={**CAMPAIGN.outcomes, Code.QUALIFICATION_MISSING: Outcome.NOTE})
    (found,) = rejudging.compare(desk(office, mild), office.line.reader, ["WM2022-0001"])
    assert (found.old.state, found.new.state) == (State.CORRECTING, State.ACCEPTED)


def test_a_receipt_that_is_not_there(office: Office) -> None:
    with pytest.raises(decisions.NoSuchReceipt):
        rejudging.compare(desk(office), office.line.reader, ["WM2022-0009"])
