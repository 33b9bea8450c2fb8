"""Delivery against a real SMTP server: each letter once, and the truth about each kept."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import msgspec
import pytest

from intake.doors.session import Safety
from intake.letters import sender
from intake.letters.sender import OutgoingSettings, SendingError
from intake.letters.smtp import Fate, connected, hand_over
from storage import messages, outbox
from storage.database import Store, open_store
from storage.model import Letter, LetterKind, LetterState
from tests.servers import HOST, PASSWORD, USER, Sink, authority, free_port, mail_devel, smtp_sink

NOW = datetime(2022, 6, 1, 4, 0, tzinfo=UTC)
OFFICE = "中共亳州市委网信办网络新闻与传播科"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **time: float) -> None:
        self.at += timedelta(**time)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "data", patience=5) as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as running:
        yield running


def settings(port: int, **changes: object) -> OutgoingSettings:
    values: dict[str, object] = {"host": HOST, "port": port, "tls": "none", "sender": USER}
    return OutgoingSettings(**(values | changes))  # type: ignore[arg-type]  # a table of changes


def queue(store: Store, count: int = 1, **changes: object) -> None:
    for number in range(1, count + 1):
        letter = Letter(
            kind=LetterKind.ACKNOWLEDGEMENT,
            receipts=("WM2022-0001",),
            cause=f"mail:{number}:{changes.get('kind', '')}",
            to=("zs@unit.gov.cn",),
            subject="收到申报材料",
            body="您好：\n.材料已收到。\n",
            message_id=f"<{number}.{changes.get('kind', 'a')}@shenbao>",
            created_at=NOW,
            due_at=NOW,
        )
        with store.transaction():
            assert outbox.queue(store.db, msgspec.structs.replace(letter, **changes))


def states(store: Store) -> list[LetterState]:
    return [letter.state for letter in outbox.every(store.db)]


def events(store: Store) -> list[str]:
    return [row["event"] for row in store.db["audit"].rows]


def deliver(store: Store, port: int, clock: Clock, **changes: object) -> int:
    return sender.deliver_due(store, settings(port, **changes), now=clock, office=OFFICE)


def test_a_batch_goes_out_on_one_connection(store: Store, sink: Sink, clock: Clock) -> None:
    queue(store, 3)
    assert deliver(store, sink.port, clock) == 3
    assert states(store) == [LetterState.SENT] * 3
    assert sink.greetings == 1
    assert [(mail.sender, mail.recipients) for mail in sink.mails] == [(USER, ("zs@unit.gov.cn",))] * 3
    mail = message_from_bytes(sink.mails[0].raw, policy=policy.default)
    assert mail["Message-ID"] == "<1.a@shenbao>"
    assert mail.get_content().split() == ["您好：", ".材料已收到。"]
    assert events(store) == ["letter-sent"] * 3
    assert deliver(store, sink.port, clock) == 0


def test_lines_that_begin_with_a_dot_arrive_whole(sink: Sink) -> None:
    with connected(HOST, sink.port, ("", ""), Safety(tls="none")) as client:
        assert hand_over(client, USER, "a@unit.gov.cn", b".one\n..two\n.").fate is Fate.SENT
    assert sink.mails[0].raw == b".one\r\n..two\r\n.\r\n"


def test_nothing_due_makes_no_connection(store: Store, sink: Sink, clock: Clock) -> None:
    queue(store, due_at=NOW + timedelta(minutes=1))
    queue(store, 1, kind=LetterKind.DECISION, state=LetterState.DRAFT)
    assert deliver(store, sink.port, clock) == 0
    assert sink.greetings == 0


@pytest.mark.parametrize(
    ("command", "answer", "state"),
    [
        pytest.param("RCPT", "550 5.1.1 User unknown", LetterState.FAILED, id="no such address"),
        pytest.param("RCPT", "450 Greylisted", LetterState.QUEUED, id="greylisted"),
        pytest.param("DATA", "452 Too much", LetterState.QUEUED, id="full"),
        pytest.param("DATA", "552 Too large", LetterState.FAILED, id="too large"),
        pytest.param(
            "MAIL",
            "553 Mail from must equal authorized user",
            LetterState.QUEUED,
            id="our own address refused",
        ),
        pytest.param("MAIL", "451 Later", LetterState.QUEUED, id="our address refused for now"),
        pytest.param("RCPT", "421 Closing", LetterState.QUEUED, id="closing"),
        pytest.param("DATA", "cut", LetterState.UNCERTAIN, id="cut off before the answer"),
        pytest.param("DATA", "cut after keeping", LetterState.UNCERTAIN, id="cut off, though kept"),
    ],
)
def test_each_answer_has_its_state(
    store: Store, sink: Sink, clock: Clock, command: str, answer: str, state: LetterState
) -> None:
    queue(store)
    sink.answers[command] = [answer]
    assert deliver(store, sink.port, clock) == 0
    assert states(store) == [state]
    (letter,) = outbox.every(store.db)
    assert letter.error
    assert letter.tries == 1


def test_what_is_uncertain_is_not_sent_again(store: Store, sink: Sink, clock: Clock) -> None:
    queue(store)
    sink.answers["DATA"] = ["cut after keeping"]
    for _ in range(3):
        deliver(store, sink.port, clock)
        clock.pass_by(hours=2)
    assert len(sink.mails) == 1
    assert states(store) == [LetterState.UNCERTAIN]


def test_a_refused_letter_does_not_hold_up_the_others(store: Store, sink: Sink, clock: Clock) -> None:
    queue(store, 3)
    sink.answers["RCPT"] = ["550 User unknown"]
    assert deliver(store, sink.port, clock) == 2
    assert states(store) == [LetterState.FAILED, LetterState.SENT, LetterState.SENT]


def test_a_letter_is_tried_again_later_and_later(store: Store, sink: Sink, clock: Clock) -> None:
    queue(store)
    sink.answers["RCPT"] = ["450 Later", "450 Later"]
    deliver(store, sink.port, clock)
    clock.pass_by(seconds=59)
    assert deliver(store, sink.port, clock) == 0
    assert len(sink.answers["RCPT"]) == 1
    clock.pass_by(seconds=2)
    deliver(store, sink.port, clock)
    clock.pass_by(minutes=4, seconds=1)
    assert deliver(store, sink.port, clock) == 1
    assert [sender.wait_after(tries) for tries in (1, 2, 99)] == [
        timedelta(minutes=1),
        timedelta(minutes=4),
        timedelta(hours=4),
    ]


def test_after_three_days_a_letter_is_given_up(store: Store, sink: Sink, clock: Clock) -> None:
    queue(store)
    clock.pass_by(days=3)
    sink.answers["RCPT"] = ["450 Later"]
    deliver(store, sink.port, clock)
    assert states(store) == [LetterState.FAILED]


def test_spam_stops_all_sending_until_a_person_acts(store: Store, sink: Sink, clock: Clock) -> None:
    queue(store, 3)
    sink.answers["DATA"] = ["554 DT:SPM 163 smtp5"]
    assert deliver(store, sink.port, clock) == 0
    clock.pass_by(hours=1)
    assert deliver(store, sink.port, clock) == 0
    assert states(store) == [LetterState.FAILED, LetterState.QUEUED, LetterState.QUEUED]
    assert "sending-stopped" in events(store)
    stopped = sender.stopped_by(store)
    assert stopped is not None
    with store.transaction():
        outbox.release(store.db, stopped, clock())
    assert deliver(store, sink.port, clock) == 3


@pytest.mark.parametrize(("limit", "first"), [({"hourly": 2}, 2), ({"daily": 3}, 3), ({"hourly": 0}, 0)])
def test_the_limits_hold(store: Store, sink: Sink, clock: Clock, limit: dict[str, int], first: int) -> None:
    queue(store, 5)
    assert deliver(store, sink.port, clock, **limit) == first
    assert deliver(store, sink.port, clock, **limit) == 0
    clock.pass_by(days=1, seconds=1)
    assert deliver(store, sink.port, clock, **limit) == min(first, 5 - first)


def test_staff_are_told_once_when_a_cap_keeps_letters_back(store: Store, sink: Sink, clock: Clock) -> None:
    queue(store, 3)
    assert deliver(store, sink.port, clock, hourly=3) == 3
    deliver(store, sink.port, clock, hourly=3)
    assert "outgoing-cap" not in events(store)  # nothing waits
    queue(store, 2, kind=LetterKind.CORRECTION)
    for _ in range(3):
        assert deliver(store, sink.port, clock, hourly=3) == 0
    (told,) = [row["detail"] for row in store.db["audit"].rows if row["event"] == "outgoing-cap"]
    assert '"waiting":2' in told
    clock.pass_by(minutes=50)
    deliver(store, sink.port, clock, hourly=3)
    assert events(store).count("outgoing-cap") == 1
    clock.pass_by(minutes=11)
    assert deliver(store, sink.port, clock, hourly=3) == 2


def test_corrections_and_rejections_go_first(store: Store, sink: Sink, clock: Clock) -> None:
    queue(store, 2)
    queue(store, 1, kind=LetterKind.CORRECTION)
    deliver(store, sink.port, clock, hourly=1)
    assert states(store) == [LetterState.QUEUED, LetterState.QUEUED, LetterState.SENT]


def test_a_server_that_is_away_costs_no_try_and_is_not_stormed(store: Store, clock: Clock) -> None:
    queue(store)
    port = free_port()
    for _ in range(5):
        assert deliver(store, port, clock) == 0
    (letter,) = outbox.every(store.db)
    assert (letter.state, letter.tries) == (LetterState.QUEUED, 0)
    assert events(store) == ["sending-trouble"]
    with smtp_sink() as sink:
        assert deliver(store, sink.port, clock) == 0
        clock.pass_by(seconds=5)
        assert deliver(store, sink.port, clock) == 1
    assert events(store) == ["sending-trouble", "letter-sent", "sending-resumed"]


def test_an_address_that_is_none_fails_alone(store: Store, sink: Sink, clock: Clock) -> None:
    queue(store, 1, to=("a@b.cn", "c@d.cn"))
    queue(store, 1, kind=LetterKind.STATUS)
    assert deliver(store, sink.port, clock) == 1
    assert states(store) == [LetterState.FAILED, LetterState.SENT]


# aiosmtpd cannot see that a connection which began with TLS has it.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
@pytest.mark.parametrize("mode", ["tls", "starttls"])
def test_encrypted_and_logged_in(store: Store, clock: Clock, tmp_path: Path, mode: str) -> None:
    certified = authority(tmp_path)
    safe = {"tls": mode, "ca_file": str(certified.ca), "user": USER, "password": PASSWORD}
    queue(store)
    with smtp_sink(certified, mode, login=True) as sink:
        with pytest.raises(SendingError, match="证书不可信"):
            sender.attempt(settings(sink.port, tls=mode))
        with pytest.raises(SendingError, match="授权码不对") as caught:
            sender.attempt(settings(sink.port, **safe | {"password": "secret-3"}))
        assert "secret-3" not in str(caught.value)
        assert sender.attempt(settings(sink.port, **safe)) == f"{USER} 可以通过 {HOST} 发信"
        assert deliver(store, sink.port, clock, **safe) == 1
        assert len(sink.mails) == 1


def test_the_password_shows_nowhere(store: Store, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    queue(store)
    given = settings(free_port(), user=USER, password="secret-4")
    with caplog.at_level(logging.DEBUG):
        sender.deliver_due(store, given, now=clock)
    assert "sending-trouble" in caplog.text
    assert "secret-4" not in caplog.text + repr(given) + str(list(store.db["audit"].rows))


def test_a_letter_reaches_an_embedded_mailbox(store: Store, clock: Clock) -> None:
    from intake.doors import mailbox
    from intake.doors.keeping import StoreLedger
    from intake.mail import envelope

    queue(store)
    with mail_devel() as server:
        assert deliver(store, server.smtp or 0, clock) == 1
        box = mailbox.MailboxSettings(
            host=HOST, port=server.imap, user="zs@unit.gov.cn", password=PASSWORD, tls="none"
        )
        assert mailbox.look(box, StoreLedger(store, clock, lambda: None)).new == 1
    (kept,) = messages.waiting(store.db)
    mail = envelope.read(store.blobs.read(kept.sha256))
    assert (mail.sender, mail.text, mail.robot) == (USER, "您好：\n.材料已收到。", "loop")
