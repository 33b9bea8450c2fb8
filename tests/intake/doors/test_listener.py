"""The SMTP door: kept before 250, never a 5xx for our own trouble, never a relay."""

import errno
import os
import shutil
import smtplib
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from intake.doors.keeping import Landed
from intake.doors.listener import MOST_RECIPIENTS, Limits, Listener
from storage.blobs import Blobs
from storage.errors import StoreBusy, StoreFull
from storage.model import Clock
from tests.conftest import SEARCHED
from tests.servers import HOST

OURS = ("bzscbk@163.com", "shenbao@unit.gov.cn")
MAIL = "From: a@unit.gov.cn\r\nSubject: 申报\r\n\r\n.表\r\n".encode()
Kept = list[bytes]
Take = Callable[[bytes], None]


class Shelf:
    """What keeps mails for a listener: `take` gets each one's bytes in a thread, and what it raises counts."""

    def __init__(self, folder: Path, take: Take) -> None:
        self.incoming = Blobs(folder).incoming
        self.take = take
        self.landed: list[Landed] = []
        self.measure: Callable[[int], None] = lambda _size: None

    def keep(self, mail: Landed) -> Future[None]:
        self.landed.append(mail)
        self.measure(mail.incoming.size)
        done: Future[None] = Future()
        done.set_running_or_notify_cancel()
        threading.Thread(target=self._keep, args=(mail.incoming.path.read_bytes(), done)).start()
        return done

    def _keep(self, raw: bytes, done: Future[None]) -> None:
        try:
            done.set_result(self.take(raw))
        except Exception as error:  # noqa: BLE001 - handed on
            done.set_exception(error)


@pytest.fixture
def kept() -> Kept:
    return []


@pytest.fixture
def shelf(tmp_path: Path, kept: Kept) -> Shelf:
    return Shelf(tmp_path, kept.append)


def listening(shelf: Shelf, **limits: int) -> Listener:
    return Listener(HOST, 0, OURS, Limits(**({"max_bytes": 100_000} | limits)), shelf)


@pytest.fixture
def listener(shelf: Shelf) -> Iterator[Listener]:
    with listening(shelf) as running:
        yield running


def client(listener: Listener) -> smtplib.SMTP:
    return smtplib.SMTP(HOST, listener.port, timeout=10)


def test_a_mail_is_kept_as_it_came_under_its_return_path(
    listener: Listener, shelf: Shelf, kept: Kept
) -> None:
    with client(listener) as smtp:
        smtp.sendmail("A@unit.gov.cn", ["BZSCBK@163.com"], MAIL, mail_options=["BODY=8BITMIME"])
    assert kept == [b"Return-Path: <A@unit.gov.cn>\r\n" + MAIL]
    (landed,) = shelf.landed
    assert (landed.origin, landed.clock) == ("smtp:A@unit.gov.cn", Clock.LISTENER)
    assert datetime.now(UTC) - landed.received_at < timedelta(seconds=10)


def test_the_same_mail_again_has_the_same_bytes(listener: Listener, kept: Kept) -> None:
    for _ in range(2):
        with client(listener) as smtp:
            smtp.sendmail("a@unit.gov.cn", OURS[0], MAIL)
    assert kept[0] == kept[1]


def test_a_bounce_has_a_null_return_path(listener: Listener, kept: Kept) -> None:
    with client(listener) as smtp:
        smtp.sendmail("", OURS[0], MAIL)
    assert kept[0].startswith(b"Return-Path: <>\r\n")


def test_250_comes_after_the_mail_is_kept(tmp_path: Path) -> None:
    done = threading.Event()

    def slowly(raw: bytes) -> None:
        threading.Event().wait(0.2)
        done.set()

    with listening(Shelf(tmp_path, slowly)) as listener, client(listener) as smtp:
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
def test_our_trouble_asks_to_try_again(tmp_path: Path, error: Exception, code: int) -> None:
    def fails(raw: bytes) -> None:
        raise error

    with listening(Shelf(tmp_path, fails)) as listener, client(listener) as smtp:
        with pytest.raises(smtplib.SMTPDataError) as caught:
            smtp.sendmail("a@unit.gov.cn", OURS[0], MAIL)
        assert caught.value.smtp_code == code
        assert b"Error" not in caught.value.smtp_error


def test_a_keeper_that_hangs_asks_to_try_again(tmp_path: Path, kept: Kept) -> None:
    free = threading.Event()

    def hangs(raw: bytes) -> None:
        free.wait()
        kept.append(raw)

    shelf = Shelf(tmp_path, hangs)
    limits = Limits(max_bytes=100_000, take_seconds=0.2)
    with Listener(HOST, 0, OURS, limits, shelf) as listener, client(listener) as smtp:
        with pytest.raises(smtplib.SMTPDataError) as caught:
            smtp.sendmail("a@unit.gov.cn", OURS[0], MAIL)
        assert caught.value.smtp_code == 451
        free.set()
        smtp.sendmail("a@unit.gov.cn", OURS[0], MAIL)  # the same connection, once the disk answers again


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
    assert b"y" * 50_000 in kept[0]


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


def test_stopping_answers_the_mail_that_is_being_kept(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()
    done: list[bytes] = []

    def slowly(raw: bytes) -> None:
        begun.set()
        go_on.wait(5)
        done.append(raw)

    listener = listening(Shelf(tmp_path, slowly))
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


def test_a_port_that_is_taken_is_an_error(listener: Listener, shelf: Shelf) -> None:
    with pytest.raises(OSError, match="address already in use"):
        Listener(HOST, listener.port, OURS, Limits(max_bytes=100), shelf).start()


@pytest.mark.debian("swaks")
def test_swaks_delivers(listener: Listener, kept: Kept) -> None:
    program = shutil.which("swaks", path=SEARCHED)
    assert program
    to = ["--to", OURS[0], "--from", "a@unit.gov.cn", "--server", f"{HOST}:{listener.port}", "--body", "申报"]
    subprocess.run(
        [program, *to], check=True, capture_output=True, timeout=20, env={"PATH": os.environ["PATH"]}
    )
    assert "申报".encode() in kept[0]
