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
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from storage.errors import StoreBusy, StoreFull

MOST_RECIPIENTS = 20
MOST_CONNECTIONS = 200
THREADS = 4
IDLE_SECONDS = 300.0
TAKE_SECONDS = 120.0
STOP_SECONDS = 20.0
LINE_LIMIT = 1024 * 1024  # scanners break no lines; RFC 5321 allows more than its 1,000 where we can
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

log = logging.getLogger("shenbao.listener")

Take = Callable[[bytes, str, tuple[str, ...], datetime], None]


class Door:
    """The answers of the listener; aiosmtpd calls its methods by their names.

    `take` runs in a thread and returns only when the mail is safe on disk.
    """

    def __init__(self, addresses: tuple[str, ...], take: Take, pool: ThreadPoolExecutor) -> None:
        self.addresses = frozenset(address.lower() for address in addresses)
        self.take = take
        self.pool = pool

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

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail, then say so; a machine in trouble asks the sender to try again."""
        sender = (envelope.mail_from or "").strip("<>")
        recipients = tuple(dict.fromkeys(address.lower() for address in envelope.rcpt_tos))
        raw = _traced(envelope.original_content or b"", sender)
        job = partial(self.take, raw, sender, recipients, datetime.now(UTC))
        loop = asyncio.get_running_loop()
        await asyncio.wait_for(loop.run_in_executor(self.pool, job), TAKE_SECONDS)
        return "250 2.0.0 Kept"

    async def handle_exception(self, error: Exception) -> str:
        """Answer our own trouble with 4xx: a 5xx would make the sender give the mail up."""
        log.error("mail-not-taken", extra={"fault": type(error).__name__}, exc_info=error)
        if isinstance(error, StoreFull) or (isinstance(error, OSError) and error.errno in FULL):
            return "452 4.3.1 Out of room, try again later"
        if isinstance(error, StoreBusy):
            return "451 4.3.2 Busy, try again later"
        return "451 4.3.0 Could not keep the mail, try again later"


class Conversation(SMTP):
    """aiosmtpd's session with room for long lines, the null sender, and a bound on how many there are."""

    line_length_limit = LINE_LIMIT

    def __init__(self, door: Door, open_now: set["Conversation"], **options: Any) -> None:
        super().__init__(door, **options)
        self.open_now = open_now

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if len(self.open_now) >= MOST_CONNECTIONS and isinstance(transport, asyncio.WriteTransport):
            transport.write(b"421 4.3.2 Too many connections, try again later\r\n")
            transport.close()
        self.open_now.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.open_now.discard(self)
        super().connection_lost(error)


class Listener:
    """An SMTP server in a thread of its own; a context manager, or `start` and `stop`.

    `take(raw, sender, recipients, at)` is called in one of a few threads and must keep the mail durably
    before it returns; whatever it raises becomes a 4xx. Port 0 takes a free one, told by `port`.
    """

    def __init__(self, host: str, port: int, addresses: tuple[str, ...], max_bytes: int, take: Take) -> None:
        self.host = host
        self.port = port
        self._max_bytes = max_bytes
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="listener")
        self._door = Door(addresses, take, self._pool)
        self._loop = asyncio.new_event_loop()
        self._open: set[Conversation] = set()
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
        return Conversation(
            self._door,
            self._open,
            data_size_limit=self._max_bytes,
            enable_SMTPUTF8=True,
            hostname=socket.gethostname(),
            ident="shenbao",
            timeout=IDLE_SECONDS,
            loop=self._loop,
        )

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _close(self, server: asyncio.Server) -> None:
        """Close the door, let mails that are being kept be answered, then end every conversation."""
        server.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._loop.run_in_executor(None, self._pool.shutdown), STOP_SECONDS)
        await asyncio.sleep(0.05)  # the answers of mails just kept go out
        for talk in list(self._open):
            if talk.transport is not None:
                talk.transport.close()
        talks = [task for task in asyncio.all_tasks(self._loop) if task is not asyncio.current_task()]
        await asyncio.wait(talks, timeout=STOP_SECONDS) if talks else None


def _traced(raw: bytes, sender: str) -> bytes:
    clean = sender.encode("utf-8", "surrogateescape").translate(None, b"\r\n<>")
    return b"Return-Path: <" + clean + b">\r\n" + raw
