"""The SMTP door: kept before 250, never a 5xx for our own trouble, never a relay."""

import errno
import os
import shutil
import smtplib
import socket
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from intake.listener import MOST_RECIPIENTS, Listener, Take
from storage.errors import StoreBusy, StoreFull
from tests.conftest import SEARCHED
from tests.servers import HOST

OURS = ("bzscbk@163.com", "shenbao@unit.gov.cn")
MAIL = "From: a@unit.gov.cn\r\nSubject: 申报\r\n\r\n.表\r\n".encode()
Kept = list[tuple[bytes, str, tuple[str, ...], datetime]]


@pytest.fixture
def kept() -> Kept:
    return []


@pytest.fixture
def listener(kept: Kept) -> Iterator[Listener]:
    with Listener(HOST, 0, OURS, 100_000, lambda *mail: kept.append(mail)) as running:
        yield running


def client(listener: Listener) -> smtplib.SMTP:
    return smtplib.SMTP(HOST, listener.port, timeout=10)


def failing(take: Take) -> Listener:
    return Listener(HOST, 0, OURS, 100_000, take)


def test_a_mail_is_kept_as_it_came_under_its_return_path(listener: Listener, kept: Kept) -> None:
    with client(listener) as smtp:
        smtp.sendmail("A@unit.gov.cn", ["BZSCBK@163.com"], MAIL, mail_options=["BODY=8BITMIME"])
    ((raw, sender, recipients, at),) = kept
    assert raw == b"Return-Path: <A@unit.gov.cn>\r\n" + MAIL
    assert (sender, recipients) == ("A@unit.gov.cn", ("bzscbk@163.com",))
    assert datetime.now(UTC) - at < timedelta(seconds=10)


def test_the_same_mail_again_has_the_same_bytes(listener: Listener, kept: Kept) -> None:
    for _ in range(2):
        with client(listener) as smtp:
            smtp.sendmail("a@unit.gov.cn", OURS[0], MAIL)
    assert kept[0][0] == kept[1][0]


def test_a_bounce_has_a_null_return_path(listener: Listener, kept: Kept) -> None:
    with client(listener) as smtp:
        smtp.sendmail("", OURS[0], MAIL)
    assert kept[0][0].startswith(b"Return-Path: <>\r\n")
    assert kept[0][1] == ""


def test_250_comes_after_the_mail_is_kept() -> None:
    done = threading.Event()

    def slowly(raw: bytes, sender: str, recipients: tuple[str, ...], at: datetime) -> None:
        threading.Event().wait(0.2)
        done.set()

    with failing(slowly) as listener, client(listener) as smtp:
        smtp.sendmail("a@unit.gov.cn", OURS[0], MAIL)
        assert done.is_set()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(RuntimeError("x"), 451, id="a bug"),
        pytest.param(MemoryError(), 451, id="no memory"),
        pytest.param(StoreBusy("x"), 451, id="a locked store"),
        pytest.param(StoreFull("x"), 452, id="a full store"),
        pytest.param(OSError(errno.ENOSPC, "full"), 452, id="a full disk"),
        pytest.param(OSError(errno.EIO, "broken"), 451, id="a broken disk"),
    ],
)
def test_our_trouble_asks_to_try_again(error: Exception, code: int) -> None:
    def fails(raw: bytes, sender: str, recipients: tuple[str, ...], at: datetime) -> None:
        raise error

    with failing(fails) as listener, client(listener) as smtp:
        with pytest.raises(smtplib.SMTPDataError) as caught:
            smtp.sendmail("a@unit.gov.cn", OURS[0], MAIL)
        assert caught.value.smtp_code == code
        assert b"Error" not in caught.value.smtp_error


@pytest.mark.parametrize(
    "address",
    [
        "someone@163.com",
        "bzscbk@163.com.evil.cn",
        "bzscbk%163.com@evil.cn",
        "evil.cn!bzscbk@163.com.cn",
        '"bzscbk@163.com"@evil.cn',
        "bzscbk@163.com@evil.cn",
        "bzscbk",
    ],
)
def test_no_relay(listener: Listener, kept: Kept, address: str) -> None:
    with client(listener) as smtp:
        smtp.ehlo()
        smtp.mail("a@unit.gov.cn")
        assert smtp.rcpt(address)[0] in (501, 550, 553)
    assert kept == []


def test_at_most_twenty_recipients(listener: Listener) -> None:
    with client(listener) as smtp:
        smtp.ehlo()
        smtp.mail("a@unit.gov.cn")
        codes = [smtp.rcpt(OURS[0])[0] for _ in range(MOST_RECIPIENTS + 1)]
    assert codes == [250] * MOST_RECIPIENTS + [452]


def test_a_mail_over_the_limit_is_refused_for_good(listener: Listener, kept: Kept) -> None:
    with (
        client(listener) as smtp,
        pytest.raises((smtplib.SMTPDataError, smtplib.SMTPSenderRefused)) as caught,
    ):
        smtp.sendmail("a@unit.gov.cn", OURS[0], MAIL + b"x\r\n" * 40_000)
    assert caught.value.smtp_code == 552
    assert kept == []


def test_a_line_of_any_length_is_taken(listener: Listener, kept: Kept) -> None:
    with client(listener) as smtp:
        smtp.sendmail("a@unit.gov.cn", OURS[0], b"Subject: x\r\n\r\n" + b"y" * 50_000)
    assert b"y" * 50_000 in kept[0][0]


def test_a_connection_cut_in_the_middle_keeps_nothing(listener: Listener, kept: Kept) -> None:
    smtp = client(listener)
    smtp.ehlo()
    smtp.mail("a@unit.gov.cn")
    smtp.rcpt(OURS[0])
    smtp.putcmd("DATA")
    smtp.getreply()
    smtp.send(b"Subject: half\r\n\r\nhalf")
    smtp.close()
    with client(listener) as other:
        other.sendmail("a@unit.gov.cn", OURS[0], MAIL)
    assert len(kept) == 1


def test_slow_senders_keep_nobody_out(listener: Listener, kept: Kept) -> None:
    slow = [socket.create_connection((HOST, listener.port)) for _ in range(50)]
    try:
        with client(listener) as smtp:
            smtp.sendmail("a@unit.gov.cn", OURS[0], MAIL)
    finally:
        for each in slow:
            each.close()
    assert len(kept) == 1


def test_stopping_answers_the_mail_that_is_being_kept() -> None:
    begun, go_on = threading.Event(), threading.Event()
    done: list[bytes] = []

    def slowly(raw: bytes, sender: str, recipients: tuple[str, ...], at: datetime) -> None:
        begun.set()
        go_on.wait(5)
        done.append(raw)

    listener = failing(slowly)
    listener.start()
    with client(listener) as smtp:
        sending = threading.Thread(target=smtp.sendmail, args=("a@unit.gov.cn", OURS[0], MAIL))
        sending.start()
        assert begun.wait(5)
        stopping = threading.Thread(target=listener.stop)
        stopping.start()
        go_on.set()
        sending.join(5)
        stopping.join(5)
        assert not sending.is_alive()
        assert not stopping.is_alive()
        smtp.close()
    assert len(done) == 1


def test_a_port_that_is_taken_is_an_error(listener: Listener) -> None:
    with pytest.raises(OSError, match="address already in use"):
        Listener(HOST, listener.port, OURS, 100, lambda *_: None).start()


@pytest.mark.debian("swaks")
def test_swaks_delivers(listener: Listener, kept: Kept) -> None:
    program = shutil.which("swaks", path=SEARCHED)
    assert program
    to = ["--to", OURS[0], "--from", "a@unit.gov.cn", "--server", f"{HOST}:{listener.port}", "--body", "申报"]
    subprocess.run(
        [program, *to], check=True, capture_output=True, timeout=20, env={"PATH": os.environ["PATH"]}
    )
    assert "申报".encode() in kept[0][0]
