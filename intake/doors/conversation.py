"""One SMTP client's session: aiosmtpd's, but its DATA goes to disk in pieces, and who talks too much waits.

aiosmtpd reads a mail line by line and holds all of it; here the end is looked for in whole pieces, so that a
mail of any size takes the memory of a small one, and much less time.
"""

import asyncio
import ipaddress
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator
from typing import Any, Protocol

from aiosmtpd.smtp import SMTP

from storage.blobs import Incoming

PIECE = 64 * 1024
WRITTEN_AT_ONCE = 512 * 1024
END = b"\r\n.\r\n"
IDLE_SECONDS = 300.0  # RFC 5321, 4.5.3.2
DATA_SECONDS = 3600.0
COMMANDS = {"NOOP": 100, "VRFY": 20, "HELP": 20, "RSET": 10_000, "*": 1_000_000}


class Desk(Protocol):
    """What a conversation gives a mail to; each call is a wait for the disk, and raises what it says."""

    async def begin(self, sender: str) -> Incoming: ...

    async def write(self, incoming: Incoming, data: bytes) -> None: ...

    async def keep(self, incoming: Incoming, sender: str) -> None: ...


class Visitors:
    """Who is here: at most so many connections in all and from one address, and mails from it in a minute.

    An IPv6 address counts with its /64. Our own machine may send as many mails as it likes.
    """

    def __init__(self, most: int, most_each: int, most_mails: int) -> None:
        self.most = most
        self.most_each = most_each
        self.most_mails = most_mails
        self._here: Counter[str] = Counter()
        self._mails: defaultdict[str, deque[float]] = defaultdict(deque)

    def admit(self, address: str) -> bool:
        """Let a connection in, or say that there are too many."""
        key = _network(address)
        if self._here.total() >= self.most or self._here[key] >= self.most_each:
            return False
        self._here[key] += 1
        return True

    def leave(self, address: str) -> None:
        key = _network(address)
        self._here[key] -= 1
        if self._here[key] <= 0:
            del self._here[key]

    def may_send(self, address: str, at: float) -> bool:
        """Count a mail begun at second `at`, or say that this address had enough of the last minute."""
        key = _network(address)
        for old in [one for one, times in self._mails.items() if times[-1] <= at - 60]:
            del self._mails[old]
        times = self._mails[key]
        while times and times[0] <= at - 60:
            times.popleft()
        if len(times) >= self.most_mails and not _is_ours(address):
            return False
        times.append(at)
        return True


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    prefix = 64 if parsed.version == 6 else 32
    return str(ipaddress.ip_network((parsed, prefix), strict=False))


def _is_ours(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


class Conversation(SMTP):
    """aiosmtpd's session with room for long lines and big mails."""

    line_length_limit = PIECE  # of its buffer: a line of a mail may be of any length

    def __init__(self, door: Any, desk: Desk, visitors: Visitors, **options: Any) -> None:
        super().__init__(door, timeout=IDLE_SECONDS, command_call_limit=COMMANDS, **options)
        self.desk = desk
        self.visitors = visitors
        self.guest: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peer = transport.get_extra_info("peername")
        address = str(peer[0]) if isinstance(peer, tuple) else ""
        if not self.visitors.admit(address):
            if isinstance(transport, asyncio.WriteTransport):
                transport.write(b"421 4.3.2 Too many connections, try again later\r\n")
            transport.close()
            return
        self.guest = address
        super().connection_made(transport)

    def eof_received(self) -> bool | None:
        return super().eof_received() if self.guest is not None else None

    def connection_lost(self, error: Exception | None) -> None:
        if self.guest is not None:
            self.visitors.leave(self.guest)
            super().connection_lost(error)

    def hang_up(self) -> None:
        if self.transport is not None:
            self.transport.close()

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        """Take a mail to disk, and answer only when it is safe there (RFC 5321, 4.1.1.4)."""
        envelope = self.envelope
        if arg or envelope is None or not envelope.rcpt_tos:
            await self.push("501 Syntax: DATA" if arg else "503 Error: need RCPT command")
            return
        sender = (envelope.mail_from or "").strip("<>")
        incoming = await self.desk.begin(sender)
        try:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            if await self._received(incoming):
                await self.desk.keep(incoming, sender)
                await self.push("250 2.0.0 Kept")
            else:
                await self.push("552 5.3.4 Error: Too much mail data")
        finally:
            self._set_post_data_state()  # type: ignore[no-untyped-call]  # aiosmtpd leaves it untyped
            incoming.discard()

    async def _received(self, incoming: Incoming) -> bool:
        """Write the client's mail, and say whether it was within the limit.

        What the disk says against it rises only after the client's last byte: before that nobody listens.
        """
        fault: Exception | None = None
        size = 0
        gathered = bytearray()
        async for piece in unstuffed(self._chunks()):
            size += len(piece)
            if fault or (self.data_size_limit and size > self.data_size_limit):
                continue
            gathered += piece
            if len(gathered) >= WRITTEN_AT_ONCE:
                fault = await self._written(incoming, gathered)
        fault = fault or await self._written(incoming, gathered)
        if fault:
            raise fault
        return not self.data_size_limit or size <= self.data_size_limit

    async def _written(self, incoming: Incoming, gathered: bytearray) -> Exception | None:
        try:
            await self.desk.write(incoming, bytes(gathered))
        except (OSError, MemoryError, TimeoutError) as error:
            return error
        gathered.clear()
        return None

    async def _chunks(self) -> AsyncIterator[bytes]:
        """Yield what the client sends, up to the line of the dot that ends it."""
        async with asyncio.timeout(DATA_SECONDS):
            chunk = await self._start()
            while not _is_end(chunk):
                yield chunk
                self._reset_timeout()
                try:
                    chunk = await self._reader.readuntil(END)
                except asyncio.LimitOverrunError as more:
                    chunk = await self._reader.read(more.consumed)
            yield chunk.removesuffix(END[2:])

    async def _start(self) -> bytes:
        """Return the first bytes: an empty mail is its end without the line end before it."""
        start = await self._reader.readexactly(len(END) - 2)
        while not _is_end(start) and any(start.endswith(END[:length]) for length in range(1, len(END))):
            start += await self._reader.readexactly(1)
        return start


def _is_end(chunk: bytes) -> bool:
    return chunk.endswith(END) or chunk == END[2:]


async def unstuffed(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield a mail without the dots that a client adds to lines that begin with one (RFC 5321, 4.5.2)."""
    held, added = b"\r\n", 2  # as if the line before the first had just ended
    async for chunk in chunks:
        text = held + chunk
        cut = len(text) - (2 if text.endswith(b"\r\n") else text.endswith(b"\r"))
        held = text[cut:]
        if cut:
            yield text[:cut].replace(b"\r\n.", b"\r\n")[added:]
            added = 0
    yield held[added:]
