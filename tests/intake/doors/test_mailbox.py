"""The IMAP door against mail-devel, Dovecot and 163's manners: every mail once, the box unchanged."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from intake.doors import mailbox
from intake.doors.mailbox import Fetched, Look, MailboxRefused, MailboxSettings, MailboxUnreachable
from intake.doors.session import REFUSALS
from storage.blobs import Blobs
from tests.servers import (
    HOST,
    PASSWORD,
    USER,
    Authority,
    Mailbox,
    authority,
    dovecot,
    free_port,
    like_163,
    mail_devel,
)

CHINA = timezone(timedelta(hours=8))
AT = datetime(2022, 6, 3, 23, 59, 59, tzinfo=CHINA)


def raw(number: int, size: int = 100) -> bytes:
    return b"From: a@unit.gov.cn\r\nSubject: %d\r\nMessage-ID: <%d@x>\r\n\r\n" % (
        number,
        number,
    ) + b"x\r\n" * (size // 3)


class Ledger:
    """What the store would know: the positions kept, and the mails in the order they came."""

    def __init__(self, folder: Path) -> None:
        self.blobs = Blobs(folder)
        self.incoming = self.blobs.incoming
        self.mails: list[Fetched] = []
        self.keep: Callable[[Sequence[Fetched]], None] = self._keep

    def known(self, account: str, folder: str, uidvalidity: int) -> set[int]:
        places = [mail.position for mail in self.mails]
        return {
            each.uid
            for each in places
            if (each.account, each.folder, each.uidvalidity) == (account, folder, uidvalidity)
        }

    def _keep(self, mails: Sequence[Fetched]) -> None:
        self.blobs.settle(mail.incoming for mail in mails)
        self.mails += mails

    @property
    def raws(self) -> list[bytes]:
        return [self.blobs.read(mail.incoming.sha256) for mail in self.mails]

    @property
    def unfinished(self) -> list[Path]:
        return list(self.blobs.folder.glob("**/.new-*"))


@pytest.fixture(scope="module")
def server() -> Iterator[Mailbox]:
    with mail_devel() as running:
        yield running


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "blobs")


def settings(port: int, **changes: object) -> MailboxSettings:
    values: dict[str, object] = {
        "host": HOST,
        "port": port,
        "user": USER,
        "password": PASSWORD,
        "tls": "none",
    }
    return MailboxSettings(**(values | {"poll_seconds": 0.2} | changes))  # type: ignore[arg-type]  # a table of changes


def test_every_mail_once_with_its_time(server: Mailbox, ledger: Ledger) -> None:
    mails = [raw(number, size) for number, size in ((1, 10), (2, 300_000), (3, 10))]
    server.append(*mails, at=AT)
    before = len(mails)
    assert mailbox.look(settings(server.imap), ledger).new >= before
    assert ledger.raws[-before:] == mails
    assert ledger.mails[-1].internaldate == AT
    assert mailbox.look(settings(server.imap), ledger).new == 0
    server.append(raw(4))
    assert mailbox.look(settings(server.imap), ledger).new == 1
    assert not any(b"Seen" in line for line in server.flags())


def test_what_could_not_be_kept_comes_again(server: Mailbox, ledger: Ledger) -> None:
    server.append(raw(5))

    def full(mails: Sequence[Fetched]) -> None:
        raise OSError(28, "No space left on device")

    keep, ledger.keep = ledger.keep, full
    with pytest.raises(OSError, match="No space left"):
        mailbox.look(settings(server.imap), ledger)
    assert ledger.unfinished == []
    ledger.keep = keep
    mailbox.look(settings(server.imap), ledger)
    assert raw(5) in ledger.raws


def test_an_mail_devel_box_takes_mail_by_smtp(server: Mailbox, ledger: Ledger) -> None:
    import smtplib

    with smtplib.SMTP(HOST, server.smtp or 0) as smtp:
        smtp.sendmail(
            "a@unit.gov.cn", USER, b"From: a@unit.gov.cn\r\nTo: bzscbk@163.com\r\nSubject: smtp\r\n\r\nx\r\n"
        )
    mailbox.look(settings(server.imap), ledger)
    assert b"Subject: smtp" in ledger.raws[-1]


def test_a_wrong_code_is_told_in_chinese(server: Mailbox, ledger: Ledger) -> None:
    with pytest.raises(MailboxRefused, match="授权码") as caught:
        mailbox.look(settings(server.imap, password="secret-1"), ledger)
    assert caught.value.kind == "bad-code"
    assert "secret-1" not in str(caught.value)


def test_a_folder_that_is_not_there(server: Mailbox, ledger: Ledger) -> None:
    with like_163(server.imap) as proxy, pytest.raises(MailboxRefused) as caught:
        mailbox.look(settings(proxy.server_address[1], folder="没有"), ledger)
    assert caught.value.kind == "no-folder"


def test_nobody_there() -> None:
    with pytest.raises(MailboxUnreachable, match="连不上"):
        mailbox.attempt(settings(free_port()))


def test_163_wants_an_id_before_select(server: Mailbox, ledger: Ledger) -> None:
    server.append(raw(6))
    with like_163(server.imap) as proxy:
        mailbox.look(settings(proxy.server_address[1]), ledger)
    assert raw(6) in ledger.raws


def test_an_id_goes_before_the_first_select_of_each_connection(server: Mailbox, ledger: Ledger) -> None:
    """163 forgets who introduced himself once the connection is gone; the watch finds its way back."""
    stop = threading.Event()
    with like_163(server.imap) as proxy:
        for _ in range(2):
            thread, looks, faults = watching(settings(int(proxy.server_address[1])), ledger, stop)
            until(lambda looks=looks: len(looks) >= 2)
            stop.set()
            thread.join(10)
            stop.clear()
            assert not faults
    assert proxy.logins == 2


def test_a_watch_that_is_cut_off_comes_back_and_introduces_itself_again(
    server: Mailbox, ledger: Ledger
) -> None:
    stop = threading.Event()
    with like_163(server.imap) as proxy:
        port = int(proxy.server_address[1])
        thread, looks, faults = watching(settings(port, poll_seconds=0.2), ledger, stop)
        until(lambda: looks)
        proxy.cut()
        until(lambda: faults)
        server.append(raw(8))
        until(lambda: raw(8) in ledger.raws, 60)  # without an ID the second SELECT would be refused
        stop.set()
        thread.join(10)
    assert [type(fault) for fault in faults] == [MailboxUnreachable]
    assert proxy.logins == 2


def test_a_refused_login_is_not_tried_again_at_once(server: Mailbox, ledger: Ledger) -> None:
    """163 locks the account of who storms it; `pause` says how the waits grow."""
    stop = threading.Event()
    with like_163(server.imap) as proxy:
        begun = time.monotonic()
        wrong = settings(int(proxy.server_address[1]), password="secret-3")
        thread, _, faults = watching(wrong, ledger, stop)
        until(lambda: len(faults) >= 2, 60)
        waited = time.monotonic() - begun
        stop.set()
        thread.join(10)
    assert proxy.logins == 2
    assert waited >= mailbox.pause(1, 0.0) == 5.0
    assert {fault.kind for fault in faults if isinstance(fault, MailboxRefused)} == {"bad-code"}


def test_without_an_id_163_says_unsafe_login(server: Mailbox) -> None:
    user = "someone@unit.gov.cn"  # neither offered nor a NetEase address: no ID is sent
    with like_163(server.imap) as proxy, pytest.raises(MailboxRefused) as caught:
        mailbox.attempt(settings(proxy.server_address[1], user=user))
    assert caught.value.kind == "unsafe-login"


def test_attempt_says_what_is_there(server: Mailbox) -> None:
    assert mailbox.attempt(settings(server.imap)).startswith(f"{USER} 登录正常，INBOX 里有 ")


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("LOGIN Login error or password error", "bad-code"),
        ("Login fail. Account is abnormal, service is not open, password is incorrect, login frequency limited, or system is busy.", "bad-code"),
        ("[AUTHENTICATIONFAILED] Authentication failed.", "bad-code"),
        ("SELECT Unsafe Login. Please contact kefu@188.com for help", "unsafe-login"),
        ("User is not enabled for IMAP", "imap-off"),
        ("您的邮箱未开启IMAP服务", "imap-off"),
        ("Too many login attempts", "too-many"),
        ("登录过于频繁，请稍后再试", "too-many"),
        ("[PRIVACYREQUIRED] Plaintext authentication disallowed", "needs-tls"),
    ],
)  # fmt: skip
def test_each_refusal_has_its_kind(told: str, kind: str) -> None:
    assert next((found for found, pattern in REFUSALS if pattern.search(told)), None) == kind


def test_the_password_shows_nowhere(
    caplog: pytest.LogCaptureFixture, server: Mailbox, ledger: Ledger
) -> None:
    stop = threading.Event()
    wrong = settings(server.imap, password="secret-2")
    with caplog.at_level(logging.DEBUG):
        mailbox.watch(wrong, ledger, lambda _: None, stop, lambda _error: stop.set())
    assert "mailbox-trouble" in caplog.text
    assert "secret-2" not in caplog.text + repr(wrong)


def test_pauses_grow_from_five_seconds_to_five_minutes() -> None:
    assert [mailbox.pause(failures, 1.0) for failures in (1, 2, 3, 7, 50)] == [5, 10, 20, 300, 300]
    assert all(5 <= mailbox.pause(failures, 0.0) < 300 for failures in range(1, 50))
    spread = {mailbox.pause(7, part / 10) for part in range(11)}
    assert len(spread) == 11  # two offices that failed together do not come back together


def watching(
    given: MailboxSettings, ledger: Ledger, stop: threading.Event
) -> tuple[threading.Thread, list[Look], list[Exception]]:
    looks: list[Look] = []
    faults: list[Exception] = []
    job = (given, ledger, looks.append, stop, faults.append)
    thread = threading.Thread(target=mailbox.watch, args=job)
    thread.start()
    return thread, looks, faults


def until(condition: object, seconds: float = 10) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)


@pytest.mark.parametrize("idle", [True, False], ids=["IDLE", "poll"])
def test_watching_brings_new_mail_on_one_connection(server: Mailbox, ledger: Ledger, *, idle: bool) -> None:
    stop = threading.Event()
    with like_163(server.imap) as proxy:
        port = server.imap if idle else int(proxy.server_address[1])
        thread, looks, faults = watching(settings(port, poll_seconds=20 if idle else 0.2), ledger, stop)
        try:
            until(lambda: looks)
            server.append(raw(70 + idle))
            until(lambda: raw(70 + idle) in ledger.raws)
        finally:
            stop.set()
            thread.join(10)
        assert not thread.is_alive()
        assert not faults
        assert idle or (proxy.logins == 1 and len(looks) > 1)


@pytest.fixture
def certified(tmp_path: Path) -> Authority:
    return authority(tmp_path)


@pytest.mark.debian("dovecot")
class TestDovecot:
    """Against the server that offices run."""

    @pytest.fixture
    def box(self, certified: Authority) -> Iterator[Mailbox]:
        with dovecot(certified) as running:
            yield running

    @pytest.mark.parametrize("tls", ["none", "starttls", "tls"])
    def test_each_kind_of_connection(
        self, box: Mailbox, certified: Authority, ledger: Ledger, tls: str
    ) -> None:
        box.append(*[raw(number) for number in range(60)], at=AT)
        port = box.imaps if tls == "tls" else box.imap
        assert mailbox.look(settings(port or 0, tls=tls, ca_file=str(certified.ca)), ledger).new == 60
        assert ledger.raws == [raw(number) for number in range(60)]
        assert [mail.position.uid for mail in ledger.mails] == list(range(1, 61))
        assert {mail.internaldate for mail in ledger.mails} == {AT}
        assert not any(b"Seen" in line for line in box.flags())

    @pytest.mark.parametrize("tls", ["starttls", "tls"])
    def test_an_unknown_authority_is_refused(self, box: Mailbox, tls: str) -> None:
        port = box.imaps if tls == "tls" else box.imap
        with pytest.raises(MailboxUnreachable, match="证书不可信"):
            mailbox.attempt(settings(port or 0, tls=tls))

    def test_mails_are_moved_after_they_are_kept(self, box: Mailbox, ledger: Ledger) -> None:
        box.append(raw(1))
        moving = settings(box.imap, after="move:已处理")
        assert mailbox.look(moving, ledger).new == 1
        box.append(raw(2))
        assert mailbox.look(moving, ledger).new == 1
        assert mailbox.look(settings(box.imap, folder="已处理"), ledger).new == 2
        assert ledger.raws == [raw(1), raw(2), raw(1), raw(2)]

    def test_a_new_uidvalidity_is_looked_at_again(self, box: Mailbox, ledger: Ledger) -> None:
        box.append(raw(1))
        mailbox.look(settings(box.imap), ledger)
        for path in (box.folder / "mail").glob("dovecot*"):
            path.unlink()
        (box.folder / "mail" / "dovecot-uidlist").unlink(missing_ok=True)
        time.sleep(1.1)  # Dovecot takes the second of the clock as the new UIDVALIDITY
        assert mailbox.look(settings(box.imap), ledger).new == 1
        assert ledger.raws == [raw(1), raw(1)]

    def test_an_empty_mail_is_brought_too(self, box: Mailbox, ledger: Ledger) -> None:
        box.append(raw(1))
        (box.folder / "mail/new/1653271200.M1.host").write_bytes(b"")
        assert mailbox.look(settings(box.imap), ledger).new == 2
        assert b"" in ledger.raws

    def test_idle_brings_new_mail_and_stops_at_once(self, box: Mailbox, ledger: Ledger) -> None:
        stop = threading.Event()
        thread, looks, faults = watching(settings(box.imap, poll_seconds=30), ledger, stop)
        until(lambda: looks)
        box.append(raw(1))
        until(lambda: ledger.raws)
        stop.set()
        thread.join(5)
        assert not thread.is_alive()
        assert not faults


def test_a_server_that_dies_is_found_again(ledger: Ledger) -> None:
    stop = threading.Event()
    with mail_devel() as server:
        thread, looks, faults = watching(settings(server.imap, poll_seconds=0.2), ledger, stop)
        until(lambda: looks)
    until(lambda: faults)
    stop.set()
    thread.join(10)
    assert isinstance(faults[0], MailboxUnreachable)
    assert datetime.now(UTC) > AT
