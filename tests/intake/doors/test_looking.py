"""What the mailbox does with servers that are slow, poor, broken or strange; against Debian's Dovecot."""

import imaplib
import re
import socket
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from intake.doors import mailbox
from intake.doors.mailbox import Look, MailboxUnreachable
from tests.intake.doors.test_mailbox import Ledger, raw, settings
from tests.servers import HOST, PASSWORD, USER, Mailbox, dovecot, like_163, meddling

BIG = raw(1, 9 * 1024 * 1024) + b"the end\r\n"
LIST = re.compile(rb"(\S+) UID FETCH (\S+) \(UID INTERNALDATE BODY.PEEK\[\](<0\.\d+>)?\)")


@pytest.fixture(scope="module")
def running() -> Iterator[Mailbox]:
    with dovecot() as server:
        yield server


@pytest.fixture
def box(running: Mailbox) -> Mailbox:
    """Return the server with an empty inbox."""
    with client(running) as other:
        other.select("INBOX")
        other.uid("STORE", "1:*", "+FLAGS", r"(\Deleted)")
        other.expunge()
    return running


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "blobs")


def look(port: object, ledger: Ledger, **changes: object) -> Look:
    assert isinstance(port, int)
    return mailbox.look(settings(port, **changes), ledger)


def client(box: Mailbox) -> imaplib.IMAP4:
    logged_in = imaplib.IMAP4(HOST, box.imap)
    logged_in.login(USER, PASSWORD)
    return logged_in


def refusing(
    condition: Callable[[bytes, bytes], bool], status: bytes = b"NO"
) -> Callable[[bytes], bytes | None]:
    """Answer a FETCH of bodies with `status` where `condition` (its UIDs, its part) says so."""

    def answer(line: bytes) -> bytes | None:
        found = LIST.match(line)
        if found and condition(found[2], found[3] or b""):
            return found[1] + b" " + status + b" cannot\r\n"
        return None

    return answer


pytestmark = pytest.mark.debian("dovecot")


def test_a_big_mail_comes_in_parts_between_small_ones_at_little_memory(box: Mailbox, ledger: Ledger) -> None:
    mails = [raw(0), BIG, raw(2)]
    box.append(*mails)
    tracemalloc.start()
    assert look(box.imap, ledger).new == 3
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ledger.raws == mails
    assert [mail.position.uid for mail in ledger.mails] == sorted(mail.position.uid for mail in ledger.mails)
    assert peak < 4 * 1024 * 1024


@pytest.mark.parametrize("status", [b"NO", b"BAD"])
def test_a_server_that_knows_no_parts_gives_the_mail_whole(
    box: Mailbox, ledger: Ledger, status: bytes
) -> None:
    box.append(BIG, raw(2))
    with meddling(box.imap, refusing(lambda _uids, part: bool(part), status)) as proxy:
        assert look(proxy.server_address[1], ledger).new == 2
    assert sorted(map(len, ledger.raws)) == sorted([len(BIG), len(raw(2))])


def test_one_mail_that_the_server_keeps_back_keeps_no_other_back(box: Mailbox, ledger: Ledger) -> None:
    box.append(*[raw(number) for number in range(5)])
    with client(box) as other:
        other.select("INBOX", readonly=True)
        uids = other.uid("SEARCH", "ALL")[1][0].split()
    with meddling(box.imap, refusing(lambda asked, _part: uids[2] in asked.split(b","))) as proxy:
        found = look(proxy.server_address[1], ledger)
        assert (found.new, found.present, found.lacking) == (4, 5, (int(uids[2]),))
        assert look(proxy.server_address[1], ledger).new == 0
    assert look(box.imap, ledger) == Look(new=1, present=5)
    assert sorted(ledger.raws) == [raw(number) for number in range(5)]


@pytest.mark.parametrize(
    "news",
    [
        pytest.param(rb"* 1 FETCH (FLAGS (\Seen))", id="flags without a UID"),
        pytest.param(rb"* 1 FETCH (FLAGS (\Seen) UID 99)", id="flags of another mail"),
        pytest.param(
            b'* 1 FETCH (UID 99 INTERNALDATE "30-May-2022 09:00:00 +0800" BODY[] {3}\r\nabc)',
            id="a mail nobody asked for",
        ),
        pytest.param(b"* 7 EXISTS\r\n* 3 RECENT\r\n* OK Still here", id="new mails and idle talk"),
    ],
)
def test_what_the_server_says_unasked_is_no_mail(box: Mailbox, ledger: Ledger, news: bytes) -> None:
    mails = [raw(number) for number in range(3)]
    box.append(*mails)
    with meddling(box.imap) as proxy:
        proxy.news = news + b"\r\n"
        assert look(proxy.server_address[1], ledger).new == 3
        assert proxy.news == b""
    assert ledger.raws == mails


@pytest.mark.parametrize("room", [3_000, 120_000, 1_000_000])
def test_a_connection_cut_within_a_mail_loses_and_doubles_nothing(
    box: Mailbox, ledger: Ledger, room: int
) -> None:
    mails = [raw(number, 20_000) for number in range(70)]
    box.append(*mails)
    with meddling(box.imap, room=room) as proxy:
        with pytest.raises(MailboxUnreachable):
            look(proxy.server_address[1], ledger)
        assert ledger.unfinished == []
        look(proxy.server_address[1], ledger)
    assert ledger.raws == mails


def test_a_server_that_freezes_is_given_up(box: Mailbox, ledger: Ledger) -> None:
    box.append(raw(1))
    silent = refusing(lambda *_: True)
    with (
        meddling(box.imap, lambda line: None if silent(line) is None else b"") as proxy,
        pytest.raises(MailboxUnreachable, match="没有及时回应"),
    ):
        look(proxy.server_address[1], ledger, timeout_seconds=0.5)


def test_a_port_that_never_greets_is_given_up(ledger: Ledger) -> None:
    with socket.create_server((HOST, 0)) as deaf, pytest.raises(MailboxUnreachable, match="没有及时回应"):
        look(deaf.getsockname()[1], ledger, timeout_seconds=0.3)


@pytest.mark.parametrize("hidden", [(), (b"MOVE",)], ids=["MOVE", "UIDPLUS alone"])
def test_only_our_mails_are_moved(box: Mailbox, ledger: Ledger, hidden: tuple[bytes, ...]) -> None:
    """What another client marked deleted stays: a bare EXPUNGE would take it."""
    box.append(raw(1))
    with client(box) as other:
        other.append("INBOX", r"(\Deleted)", "", raw(2))
        other.select("INBOX", readonly=True)
        theirs = other.uid("SEARCH", "DELETED")[1][0]
    not_given = refusing(lambda uids, _part: theirs in uids.split(b","))
    with meddling(box.imap, not_given, hidden=hidden) as proxy:
        moved = look(proxy.server_address[1], ledger, after="move:已处理")
    assert (moved.new, moved.not_moved) == (1, "")
    assert ledger.raws == [raw(1)]
    assert look(box.imap, ledger) == Look(new=1, present=1)
    assert ledger.raws[-1] == raw(2)


def test_a_server_that_cannot_move_safely_keeps_the_mails_and_says_so(box: Mailbox, ledger: Ledger) -> None:
    box.append(raw(1))
    with like_163(box.imap) as proxy:
        found = look(proxy.server_address[1], ledger, after="move:已处理")
    assert "留在原处" in found.not_moved
    assert look(box.imap, ledger).present == 1


def test_a_move_that_is_refused_harms_nothing(box: Mailbox, ledger: Ledger) -> None:
    box.append(raw(1))

    def full(line: bytes) -> bytes | None:
        return line.split()[0] + b" NO [OVERQUOTA] full\r\n" if b"UID MOVE" in line else None

    with meddling(box.imap, full) as proxy:
        found = look(proxy.server_address[1], ledger, after="move:已处理")
    assert (found.new, "OVERQUOTA" in found.not_moved) == (1, True)
    assert ledger.raws == [raw(1)]


@pytest.mark.parametrize(
    ("folder", "junk"),
    [
        ("Junk", True),
        ("&V4NXPpCuTvY-", True),
        ("&V4NXPnux-", True),
        ("Spam", True),
        ("Werbung", True),
        ("&XfJT0ZAB-", False),
        ("Junkyard", False),
    ],
    ids=["Junk", "垃圾邮件", "垃圾箱", "Spam", "by its use", "已发送", "Junkyard"],
)
def test_the_junk_folder_is_looked_through_by_its_name(
    box: Mailbox, ledger: Ledger, folder: str, *, junk: bool
) -> None:
    with client(box) as other:
        other.create(f'"{folder}"')
        other.append(f'"{folder}"', "", "", raw(1))
    box.append(raw(2))
    try:
        found = look(box.imap, ledger)
    finally:
        with client(box) as other:
            other.delete(f'"{folder}"')
    assert (found.new, found.junk) == (1, junk)
    assert [mail.junk for mail in ledger.mails] == [True, False] if junk else [False]
