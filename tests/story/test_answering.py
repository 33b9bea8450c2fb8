"""Whom a program may answer, how often, and what happens when an answer comes back."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from intake.letters.post import as_mail
from parsers.workers import Workers
from storage import outbox
from storage.model import Letter, LetterKind, LetterState, MailOutcome
from tests.build import mails
from tests.build.mails import Draft
from tests.intake.mail.test_bounces import report, words
from tests.story.office import LIBRARY, START, Office, everything

MINE = LIBRARY.fields.email or ""


@pytest.fixture
def second(tmp_path: Path, workers: Workers) -> Iterator[Office]:
    with Office(tmp_path / "second", workers) as opened:
        opened.line = msgspec.structs.replace(opened.line, sender="award@other.example.cn")
        yield opened


def question(sender: str = "zs@unit.example.cn", text: str = "请问何时公布？") -> bytes:
    return mails.post(Draft(sender=sender, subject="请问", text=text)).raw


def sent(office: Office, letter: Letter) -> bytes:
    """Hand the letter to its server and return the mail as it arrives."""
    found = outbox.get(office.store.db, letter.message_id)
    assert found is not None
    with office.store.transaction():
        assert outbox.sending(office.store.db, found.id, office.clock)
        assert outbox.sent(office.store.db, found.id, office.clock)
    return as_mail(found, sender=office.line.sender, office="office", at=office.clock).as_bytes()


def test_two_of_us_stop_at_once(office: Office, second: Office) -> None:
    letter = office.take(question("award@other.example.cn")).letter
    assert letter is not None
    answer = second.take(sent(office, letter))
    assert (answer.outcome, answer.letter) == (MailOutcome.IGNORED, None)


def test_a_robot_that_does_not_say_so_gets_two_answers(office: Office) -> None:
    states = []
    for number in range(4):
        letter = office.take(question(text=f"您的来信已收到 {number}")).letter
        assert letter is not None
        states.append(letter.state)
    assert states == [LetterState.QUEUED] * 2 + [LetterState.HELD] * 2


def test_one_address_gets_so_many_answers_a_day(office: Office) -> None:
    office.line = msgspec.structs.replace(office.line, per_sender=2)
    states = []
    for number in range(3):
        raw = mails.mail(LIBRARY, attachments=everything(LIBRARY)[:1], subject=f"第{number}次报送").raw
        letter = office.take(raw).letter
        assert letter is not None
        states.append(letter.state)
    assert states == [LetterState.QUEUED, LetterState.QUEUED, LetterState.HELD]
    held = [row["detail"] for row in office.store.db["audit"].rows if row["event"] == "letter-held"]
    assert len(held) == 1
    assert "sender-cap" in held[0]


@pytest.mark.parametrize("by", ["its Message-ID", "its address"])
def test_a_bounce_fails_its_letter_and_nothing_more_goes_there(office: Office, by: str) -> None:
    letter = office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw).letter
    assert letter is not None
    sent(office, letter)
    waiting = office.take(question(MINE)).letter
    raw = (
        report().replace(b"<ack.0001@shenbao.example.com>", letter.message_id.encode())
        if by == "its Message-ID"
        else words("系统退信", f"收件人：{MINE}\n550 User not found")
    )
    taken = office.take(raw)
    assert (taken.outcome, taken.letter) == (MailOutcome.IGNORED, None)
    states = {one.message_id: one.state for one in office.letters()}
    assert states[letter.message_id] is LetterState.FAILED
    assert waiting is not None
    assert states[waiting.message_id] is LetterState.HELD
    (event,) = [row for row in office.store.db["audit"].rows if row["event"] == "bounced"]
    assert event["receipt"] == "WM2022-0001"
    later = office.take(question(MINE, "还有一个问题")).letter
    assert later is not None
    assert later.state is LetterState.HELD


def test_what_staff_release_after_a_bounce_opens_the_address_again(office: Office) -> None:
    letter = office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw).letter
    assert letter is not None
    sent(office, letter)
    office.take(report().replace(b"<ack.0001@shenbao.example.com>", letter.message_id.encode()))
    assert outbox.is_dead(office.store.db, MINE.upper())
    held = office.take(question(MINE)).letter
    assert held is not None
    found = outbox.get(office.store.db, held.message_id)
    assert found is not None
    with office.store.transaction():
        outbox.release(office.store.db, found.id, office.clock)
    office.clock = office.clock.replace(hour=START.hour + 1)
    sent(office, held)
    assert not outbox.is_dead(office.store.db, MINE)


def test_a_sender_that_our_server_found_forged_is_held(office: Office) -> None:
    office.line = msgspec.structs.replace(office.line, trusted=frozenset({"mx.example.cn"}))
    raw = b"Authentication-Results: mx.example.cn; dmarc=fail\r\n" + question()
    letter = office.take(raw).letter
    assert letter is not None
    assert (letter.state, letter.kind) == (LetterState.HELD, LetterKind.INQUIRY)


def test_every_address_of_ours_is_our_own(office: Office) -> None:
    office.line = msgspec.structs.replace(office.line, ours=frozenset({"award@city.example.cn"}))
    assert office.take(question("Award@City.example.cn")).outcome is MailOutcome.IGNORED


def test_a_letter_holds_nothing_of_the_words_that_came(office: Office) -> None:
    """Whatever somebody writes in another's name must not go out under ours."""
    bait = "立即点击https://evil.example.com领取奖金"
    for subject in ("请问", "查询", f"报送材料 {bait}"):
        raw = mails.mail(
            LIBRARY, attachments=everything(LIBRARY)[:1], subject=subject, text=f"{subject}？{bait}"
        ).raw
        letter = office.take(raw).letter
        assert letter is not None
        assert "evil.example.com" not in letter.body + letter.subject
    letter = office.take(question(text=f"请问{bait}")).letter
    assert letter is not None
    assert "evil.example.com" not in letter.body + letter.subject
