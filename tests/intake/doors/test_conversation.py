"""What comes over an SMTP wire: a mail's bytes exactly, however they are cut; little memory; a bound on guests."""

import asyncio
import re
import resource
import smtplib
import socket
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.doors.conversation import Visitors, unstuffed
from intake.doors.listener import Listener
from tests.intake.doors.test_listener import MAIL, OURS, Kept, Shelf, client, kept, listener, listening, shelf
from tests.servers import HOST

__all__ = ["kept", "listener", "shelf"]  # fixtures

BODY = st.lists(st.sampled_from([b".", b"\r", b"\n", b"\r\n", b"x", b"\r\n.", b"..", b""]), max_size=30).map(
    b"".join
)


@settings(max_examples=60)
@given(body=BODY, cuts=st.lists(st.integers(0, 7)))
def test_a_stuffed_mail_cut_anywhere_comes_out_as_it_was(body: bytes, cuts: list[int]) -> None:
    lines = body + b"\r\n"
    stuffed = re.sub(rb"(?:\A|(?<=\r\n))\.", b"..", lines)

    async def chunks() -> AsyncIterator[bytes]:
        rest = stuffed
        for cut in cuts:
            yield rest[:cut]
            rest = rest[cut:]
        yield rest

    async def gathered() -> bytes:
        return b"".join([piece async for piece in unstuffed(chunks())])

    assert asyncio.run(gathered()) == lines


class Wire:
    """A client of bare bytes."""

    def __init__(self, wire: socket.socket) -> None:
        self.wire = wire
        self.lines = wire.makefile("rb")
        self.told()

    def told(self) -> int:
        while (line := self.lines.readline())[3:4] == b"-":
            pass
        return int(line[:3] or 0)

    def say(self, *commands: bytes) -> list[int]:
        answers = []
        for command in commands:
            self.wire.sendall(command + b"\r\n")
            answers.append(self.told())
        return answers

    def begin(self) -> None:
        to = b"RCPT TO:<" + OURS[0].encode() + b">"
        assert self.say(b"EHLO x", b"MAIL FROM:<a@unit.gov.cn>", to, b"DATA") == [250, 250, 250, 354]


@contextmanager
def wire(listener: Listener) -> Iterator[Wire]:
    with socket.create_connection((HOST, listener.port), timeout=10) as connected:
        talk = Wire(connected)
        with talk.lines:
            yield talk


@pytest.mark.parametrize(
    ("sent", "mail"),
    [
        pytest.param(b".\r\n", b"", id="nothing at all"),
        pytest.param(b"\r\n.\r\n", b"\r\n", id="an empty line"),
        pytest.param(b"..\r\n.\r\n", b".\r\n", id="a dot first"),
        pytest.param(b"a\r\n..\r\n...b\r\n.\r\n", b"a\r\n.\r\n..b\r\n", id="dots"),
        pytest.param(b"\r\n\r\n.\r\n", b"\r\n\r\n", id="two empty lines"),
        pytest.param(b"a\n.\nb\r.\rc\r\n.\r\n", b"a\n.\nb\r.\rc\r\n", id="no smuggling by bare line ends"),
        pytest.param(b"a\n.\r\nb\r\n.\r\n", b"a\n.\r\nb\r\n", id="half a mark is no end"),
        pytest.param(
            b"y" * 300_000 + b"\r\n.\r\n", b"y" * 300_000 + b"\r\n", id="a line longer than any buffer"
        ),
        pytest.param(b"z" * 65_536 + b"\r\n.\r\n", b"z" * 65_536 + b"\r\n", id="a mark at a buffer's end"),
    ],
)
def test_the_bytes_of_a_mail(tmp_path: Path, kept: Kept, sent: bytes, mail: bytes) -> None:
    with listening(Shelf(tmp_path, kept.append), max_bytes=1_000_000) as running, wire(running) as talk:
        talk.begin()
        talk.wire.sendall(sent)
        assert talk.told() == 250
        assert talk.say(b"NOOP") == [250]
    assert kept == [b"Return-Path: <a@unit.gov.cn>\r\n" + mail]


def test_the_mark_in_single_bytes_and_the_next_command_behind_it(listener: Listener, kept: Kept) -> None:
    with wire(listener) as talk:
        talk.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        talk.begin()
        for byte in b"a\r\n..\r\n":
            talk.wire.sendall(bytes([byte]))
        talk.wire.sendall(b".\r\nNOOP\r\n")
        assert (talk.told(), talk.told()) == (250, 250)
    assert kept == [b"Return-Path: <a@unit.gov.cn>\r\na\r\n.\r\n"]


def test_a_big_mail_takes_little_memory(tmp_path: Path) -> None:
    sizes: list[int] = []
    keeping = Shelf(tmp_path, lambda _: None)
    keeping.measure = sizes.append
    with listening(keeping, max_bytes=50_000_000) as running, wire(running) as talk:
        talk.begin()
        piece = b"x" * 998 + b"\r\n"
        tracemalloc.start()
        for _ in range(24):
            talk.wire.sendall(piece * 1000)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        talk.wire.sendall(b".\r\n")
        assert talk.told() == 250
    assert sizes == [24_000_000 + len(b"Return-Path: <a@unit.gov.cn>\r\n")]
    assert peak < 6_000_000


def test_a_disk_that_fills_in_the_middle_asks_to_try_again(listener: Listener, kept: Kept) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with wire(listener) as talk:
        talk.begin()
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
        try:
            talk.wire.sendall(b"x\r\n" * 30_000 + b".\r\n")
            assert talk.told() == 452
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        talk.begin()
        talk.wire.sendall(b"x\r\n.\r\n")
        assert talk.told() == 250
    assert len(kept) == 1


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(b"<user@evil.cn>", id="another's address"),
        pytest.param(b"<bzscbk@163.com.evil.cn>", id="our domain as a prefix"),
        pytest.param(b"<bzscbk@mail.163.com>", id="a domain below ours"),
        pytest.param(b"<user%evil.cn@163.com>", id="percent hack"),
        pytest.param(b"<evil.cn!user@163.com>", id="bang path"),
        pytest.param(b'<"user@evil.cn"@163.com>', id="quoted address"),
        pytest.param(b"<user@evil.cn@163.com>", id="two at signs"),
        pytest.param(b"<bzscbk@163.com@evil.cn>", id="two at signs, ours first"),
        pytest.param(b'<"bzscbk@163.com"@evil.cn>', id="ours quoted"),
        pytest.param(b"<@163.com:user@evil.cn>", id="source route through us"),
        pytest.param(b"<@163.com,@evil.cn:user@evil.cn>", id="source route through two"),
        pytest.param(b"<bzscbk@163.com> <user@evil.cn>", id="two paths"),
        pytest.param(b"<bzscbk@163.com,user@evil.cn>", id="two addresses"),
        pytest.param(b"<user@[127.0.0.1]>", id="address literal"),
        pytest.param(b"<user@localhost>", id="our machine"),
        pytest.param(b"<user>", id="no domain"),
        pytest.param(b"<bzscbk>", id="our name alone"),
        pytest.param(b"<bzscbk@163.com\x00@evil.cn>", id="a null byte"),
        pytest.param(b"<bzscbk@163.com\rRCPT TO:<user@evil.cn>>", id="a bare line end"),
        pytest.param("<bzscbk@１６３.com>".encode(), id="wide digits"),
        pytest.param(b"user@evil.cn", id="no brackets"),
    ],
)
def test_nothing_is_relayed(listener: Listener, kept: Kept, path: bytes) -> None:
    with wire(listener) as talk:
        refused, data = talk.say(b"EHLO x", b"MAIL FROM:<a@unit.gov.cn>", b"RCPT TO:" + path, b"DATA")[2:]
        assert 500 <= refused < 600
        assert data == 503
    assert kept == []


def test_honest_senders_are_served_beside_slow_ones(listener: Listener, kept: Kept) -> None:
    with ExitStack() as stack:
        for number in range(50):
            talk = stack.enter_context(wire(listener))
            if number % 2:
                talk.begin()
                talk.wire.sendall(b"Subject: slow")
        with smtplib.SMTP(HOST, listener.port, timeout=5) as honest:
            honest.sendmail("a@unit.gov.cn", OURS[0], MAIL)
    assert len(kept) == 1


def test_too_many_connections_are_told_to_come_later(shelf: Shelf) -> None:
    with (
        listening(shelf, per_address=2) as running,
        wire(running),
        wire(running),
        socket.create_connection((HOST, running.port), timeout=5) as third,
    ):
        assert third.recv(1000).startswith(b"421 ")
        assert third.recv(1000) == b""
    with listening(shelf, connections=1) as running:
        for _ in range(3):  # who has left counts no more
            with client(running) as smtp:
                smtp.sendmail("a@unit.gov.cn", OURS[0], MAIL)


class TestVisitors:
    """Who may come, and how often."""

    def test_each_address_has_its_own_count(self) -> None:
        visitors = Visitors(most=5, most_each=2, most_mails=1)
        assert [visitors.admit("203.0.113.1") for _ in range(3)] == [True, True, False]
        assert [visitors.admit(f"203.0.113.{last}") for last in (2, 3, 4, 5)] == [True, True, True, False]
        visitors.leave("203.0.113.1")
        assert visitors.admit("203.0.113.5")

    def test_an_ipv6_network_is_one_address(self) -> None:
        visitors = Visitors(most=5, most_each=1, most_mails=1)
        assert visitors.admit("2001:db8::1")
        assert not visitors.admit("2001:db8::2")
        assert visitors.admit("2001:db8:0:1::1")

    def test_so_many_mails_within_a_minute(self) -> None:
        visitors = Visitors(most=5, most_each=2, most_mails=2)
        assert [visitors.may_send("203.0.113.1", at) for at in (0, 30, 59, 61, 62, 91)] == [
            True, True, False, True, False, True,
        ]  # fmt: skip
        assert visitors.may_send("203.0.113.2", 62)

    def test_our_own_machine_may_send_as_it_likes(self) -> None:
        visitors = Visitors(most=5, most_each=2, most_mails=1)
        assert all(visitors.may_send(address, 0) for address in ("127.0.0.1", "::1") for _ in range(5))
