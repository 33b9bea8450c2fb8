"""The door for mail that is sent to us directly (SMTP, RFC 5321): kept first, answered 250 after.

It serves one office: it takes mail for our own addresses only and passes nothing on. The mail is kept
as its bytes came, under a `Return-Path` with the envelope's sender (RFC 5321, 4.4). No `Received` line
is added, because it would hold our clock: a mail sent again after a lost answer would then be another
one. When a mail came is kept beside it.
"""

import asyncio
import errno
import logging
import socket
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Protocol, Self, TypeVar

from aiosmtpd.smtp import SMTP, Envelope, Session

from intake.doors.conversation import Conversation, Visitors
from intake.doors.keeping import Landed
from storage.blobs import Incoming
from storage.errors import StoreBusy, StoreFull
from storage.model import Clock, Door, Noun

MOST_RECIPIENTS = 20
THREADS = 8
STOP_SECONDS = 20.0
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

log = logging.getLogger("shenbao.listener")

Result = TypeVar("Result")


class Limits(Noun, frozen=True, kw_only=True):
    """The largest mail in bytes, the most connections in all and from one address, and its mails a minute.

    After `take_seconds` without the disk's answer a sender is asked to come again.
    """

    max_bytes: int
    connections: int = 200
    per_address: int = 100
    per_minute: int = 120
    take_seconds: float = 120.0


class Keeping(Protocol):
    """What makes mails safe: somewhere to write one, and what is done once it is safe on disk."""

    def incoming(self) -> Incoming: ...

    def keep(self, mail: Landed) -> Future[None]: ...


class Post:
    """Where conversations bring their mails: the disk is waited for in threads, never by the listener's own."""

    def __init__(self, keeping: Keeping, pool: ThreadPoolExecutor, seconds: float) -> None:
        self.keeping = keeping
        self.pool = pool
        self.seconds = seconds
        self.busy = 0
        self.idle = asyncio.Event()
        self.idle.set()

    async def begin(self, sender: str) -> Incoming:
        incoming = await self._in_thread(self.keeping.incoming)
        clean = sender.encode("utf-8", "surrogateescape").translate(None, b"\r\n<>")
        incoming.write(b"Return-Path: <" + clean + b">\r\n")
        return incoming

    async def write(self, incoming: Incoming, data: bytes) -> None:
        await self._in_thread(lambda: incoming.write(data))

    async def keep(self, incoming: Incoming, sender: str) -> None:
        self.busy += 1
        self.idle.clear()
        try:
            await self._in_thread(incoming.sync)
            mail = Landed(incoming, Door.SMTP, f"smtp:{sender}", datetime.now(UTC), Clock.LISTENER)
            await asyncio.wait_for(asyncio.wrap_future(self.keeping.keep(mail)), self.seconds)
        finally:
            self.busy -= 1
            if not self.busy:
                self.idle.set()

    async def _in_thread(self, job: Callable[[], Result]) -> Result:
        return await asyncio.wait_for(
            asyncio.get_running_loop().run_in_executor(self.pool, job), self.seconds
        )


class Manners:
    """The answers of the listener; aiosmtpd calls its methods by their names."""

    def __init__(self, addresses: tuple[str, ...], visitors: Visitors) -> None:
        self.addresses = frozenset(address.lower() for address in addresses)
        self.visitors = visitors

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Begin a mail, unless this sender sent too many within a minute."""
        if not self.visitors.may_send(str((session.peer or ("",))[0]), time.monotonic()):
            return "451 4.7.1 Too many mails, try again in a minute"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept one of our addresses, up to `MOST_RECIPIENTS` a mail."""
        if address.lower() not in self.addresses:
            return "550 5.7.1 No such mailbox here, and no relaying"
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_exception(self, error: Exception) -> str:
        """Answer our own trouble with 4xx: a 5xx would make the sender give the mail up."""
        log.error("mail-not-taken", extra={"fault": type(error).__name__}, exc_info=error)
        if isinstance(error, StoreFull) or (isinstance(error, OSError) and error.errno in FULL):
            return "452 4.3.1 Out of room, try again later"
        if isinstance(error, StoreBusy):
            return "451 4.3.2 Busy, try again later"
        return "451 4.3.0 Could not keep the mail, try again later"


class Listener:
    """An SMTP server in a thread of its own; a context manager, or `start` and `stop`.

    Each mail is written through `keeping` and answered 250 once that has it safe; whatever goes wrong
    becomes a 4xx. Port 0 takes a free one, told by `port`.
    """

    def __init__(
        self, host: str, port: int, addresses: tuple[str, ...], limits: Limits, keeping: Keeping
    ) -> None:
        self.host = host
        self.port = port
        self._max_bytes = limits.max_bytes
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="listener")
        self._visitors = Visitors(limits.connections, limits.per_address, limits.per_minute)
        self._post = Post(keeping, self._pool, limits.take_seconds)
        self._manners = Manners(addresses, self._visitors)
        self._loop = asyncio.new_event_loop()
        self._open: weakref.WeakSet[Conversation] = weakref.WeakSet()
        self._thread = threading.Thread(target=self._serve, name="listener", daemon=True)
        self._server: asyncio.Server | None = None

    def start(self) -> None:
        """Bind and serve; raise `OSError` where the address cannot be had."""
        try:
            server = self._loop.run_until_complete(self._loop.create_server(self._talk, self.host, self.port))
        except OSError:
            self._loop.close()
            self._pool.shutdown()
            raise
        self._server = server
        self.port = int(server.sockets[0].getsockname()[1])
        self._thread.start()

    def stop(self) -> None:
        """Take no more mail, finish what is being kept, and end."""
        if self._server is None:
            return
        asyncio.run_coroutine_threadsafe(self._close(self._server), self._loop).result()
        self._server = None
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _talk(self) -> Conversation:
        talk = Conversation(
            self._manners,
            self._post,
            self._visitors,
            data_size_limit=self._max_bytes,
            enable_SMTPUTF8=True,
            hostname=socket.gethostname(),
            ident="shenbao",
            loop=self._loop,
        )
        self._open.add(talk)
        return talk

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _close(self, server: asyncio.Server) -> None:
        """Close the door, let mails that are being kept be answered, then end every conversation."""
        server.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._post.idle.wait(), STOP_SECONDS)
        await asyncio.sleep(0.05)  # the answers of mails just kept go out
        for talk in list(self._open):
            talk.hang_up()
        talks = [task for task in asyncio.all_tasks(self._loop) if task is not asyncio.current_task()]
        await asyncio.wait(talks, timeout=STOP_SECONDS) if talks else None
        self._pool.shutdown(wait=False)
