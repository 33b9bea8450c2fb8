"""The demo's surroundings on loopback: two rootless mail servers, and `shenbao serve` between them."""

import imaplib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

HOST = "127.0.0.1"
START_SECONDS = 20.0


class Mailserver(NamedTuple):
    """A `mail-devel` process: one mailbox over IMAP, and SMTP that puts every mail into it."""

    imap: int
    smtp: int
    user: str
    password: str

    def append(self, raw: bytes, at: datetime) -> None:
        """Put a mail into the box as its server would, received `at`."""
        with self._client() as client:
            client.append("INBOX", "", imaplib.Time2Internaldate(at), raw)

    def mails(self) -> list[bytes]:
        """Return every mail in the box, oldest first."""
        with self._client() as client:
            client.select("INBOX", readonly=True)
            _, found = client.search(None, "ALL")
            numbers = found[0].split() if found and found[0] else []
            return [_body(client.fetch(number.decode(), "(RFC822)")[1]) for number in numbers]

    @contextmanager
    def _client(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4(HOST, self.imap, timeout=START_SECONDS) as client:
            client.login(self.user, self.password)
            yield client


class Surroundings(ExitStack):
    """Everything that runs beside the demo; it all ends with the context."""

    office: Mailserver
    applicants: Mailserver

    def __enter__(self) -> Self:
        super().__enter__()
        self.office = self.enter_context(mailserver("bzscbk@163.com"))
        self.applicants = self.enter_context(mailserver("applicants@example.cn"))
        return self


@contextmanager
def mailserver(user: str) -> Iterator[Mailserver]:
    """Run a mail server in a process of its own."""
    server = Mailserver(free_port(), free_port(), user, secrets.token_urlsafe(9))
    command = [sys.executable, "-m", "mail_devel", "--host", HOST, "--no-http"]
    command += ["--imap-port", str(server.imap), "--smtp-port", str(server.smtp)]
    command += ["--user", server.user, "--password", server.password]
    with running(command, subprocess.DEVNULL):
        wait_for(server.imap)
        wait_for(server.smtp)
        yield server


@contextmanager
def service(config: Path, log: Path, port: int) -> Iterator[None]:
    """Run `shenbao serve` on `config`, its log in `log`, until the context ends; it then stops cleanly."""
    command = [sys.executable, "-m", "shenbao", "serve", "--config", str(config), "--log-json"]
    with log.open("wb") as written, running(command, written.fileno()):
        wait_for(port)
        yield


@contextmanager
def running(command: list[str], output: int) -> Iterator[None]:
    """Run `command` beside us, in a group of its own, and end it with SIGTERM."""
    process = subprocess.Popen(  # noqa: S603 - our own programs
        command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Return once something listens on `port`; raise `TimeoutError` when nothing does in time."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"端口 {port} 上的服务没有启动")


def _body(fetched: list[Any]) -> bytes:
    return next(bytes(part[1]) for part in fetched if isinstance(part, tuple))
