"""One mail to many, in Cc, in Bcc, sent twice within a minute, by two doors: one application, one answer to one."""

import re
from datetime import timedelta

import pytest

from storage import messages
from storage.model import MailOutcome
from tests.build import mails
from tests.build.mails import OURS
from tests.storage.made import asked
from tests.story.office import LIBRARY, START, Office, everything

MINE = LIBRARY.fields.email or ""
OTHERS = b"<office@other.example.cn>, <copy@third.example.cn>"


def sent(to: bytes = b"", name: bool = True, subject: str | None = None) -> bytes:
    """Return a complete application; `to` stands in place of its To field, `name` is its Message-ID."""
    raw = mails.mail(LIBRARY, attachments=everything(LIBRARY), subject=subject).raw
    raw = re.sub(rb"(?m)^To: .*\r\n", to, raw) if to else raw
    return raw if name else re.sub(rb"(?m)^Message-ID: .*\r\n", b"", raw)


def passed_on(raw: bytes, server: str) -> bytes:
    return f"Received: from {server} by mx.example.cn; Mon, 30 May 2022 09:00:30 +0800\r\n".encode() + raw


@pytest.mark.parametrize(
    "to",
    [
        pytest.param(b"To: <" + OURS.encode() + b">, " + OTHERS + b"\r\n", id="to many"),
        pytest.param(b"To: " + OTHERS + b"\r\nCc: <" + OURS.encode() + b">\r\n", id="in Cc"),
        pytest.param(b"To: " + OTHERS + b"\r\n", id="in Bcc"),
        pytest.param(b"To: undisclosed-recipients:;\r\n", id="in Bcc alone"),
        pytest.param(b"X-Note: no recipient named\r\n", id="no To at all"),
    ],
)
def test_it_is_taken_and_only_its_sender_is_answered(office: Office, to: bytes) -> None:
    taken = office.take(sent(to))
    assert taken.outcome is MailOutcome.APPLICATION
    (letter,) = office.letters()
    assert letter.to == (MINE,)


def test_a_mail_to_two_of_our_addresses_is_one_mail(office: Office) -> None:
    """A server hands a mail to each recipient by itself: the same Message-ID, other Received lines."""
    office.take(passed_on(sent(), "first.example.cn"))
    again = office.take(passed_on(sent(), "second.example.cn"), at=office.clock + timedelta(seconds=2))
    assert (again.outcome, again.letter) == (MailOutcome.DUPLICATE, None)
    assert [one.version for one in office.all()] == [1]
    assert len(office.letters()) == 1


def test_sent_twice_within_a_minute_it_is_one_application_and_no_rival_of_itself(office: Office) -> None:
    """A second press of the button makes a mail of its own: a new version, answered as each mail is, once."""
    first = office.take(sent(), at=START)
    second = office.take(sent(subject="报送申报材料（再次发送）"), at=START + timedelta(seconds=20))
    assert first.outcome is MailOutcome.APPLICATION
    assert second.outcome is MailOutcome.SUPPLEMENT
    (application,) = office.all()
    assert application.version == 2
    assert [problem.code.value for problem in application.problems] == ["seal-unseen"]
    assert [letter.kind.value for letter in office.letters()] == ["acknowledgement", "acknowledgement"]
    assert len({letter.in_reply_to for letter in office.letters()}) == 2


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(
            b"Return-Path: <" + MINE.encode() + b">\r\n" + sent(name=False), id="the listener's copy"
        ),
        pytest.param(passed_on(sent(name=False), "relay.example.cn"), id="the mailbox's copy"),
        pytest.param(
            b"Message-ID: <made@relay.example.cn>\r\n" + sent(name=False), id="a relay that names it"
        ),
    ],
)
def test_without_a_message_id_two_doors_bring_one_mail(office: Office, other: bytes) -> None:
    office.take(sent(name=False))
    again = office.take(other)
    assert (again.outcome, again.letter) == (MailOutcome.DUPLICATE, None)
    assert len(office.letters()) == 1


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(
            sent(name=False).replace(b"Date: Mon, 30 May", b"Date: Tue, 31 May"), id="sent the next day"
        ),
        pytest.param(sent(name=False, subject="更正后的申报材料"), id="another subject"),
        pytest.param(re.sub(rb"(?m)^Date: .*\r\n", b"", sent(name=False)), id="no date"),
    ],
)
def test_without_a_message_id_two_mails_stay_two(office: Office, second: bytes) -> None:
    office.take(sent(name=False))
    assert second != sent(name=False)
    taken = office.take(second)
    assert taken.outcome is MailOutcome.SUPPLEMENT
    assert [one.version for one in office.all()] == [2]


def test_copies_are_looked_for_by_index(office: Office) -> None:
    mail = office.message(office.take(sent(name=False)).message.id)
    queries = asked(office.store.db, lambda: messages.alike(office.store.db, mail, "0" * 64))
    (sql,) = [one for one in queries if "attachments_digest" in one]
    steps = [str(row[3]) for row in office.store.db.execute(f"EXPLAIN QUERY PLAN {sql}")]
    assert any("messages_by_sender" in step for step in steps), steps
