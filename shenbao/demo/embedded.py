"""The demo's surroundings on loopback: two rootless mail servers, and `shenbao serve` between them."""

import imaplib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from shenbao.options import Failure

HOST = "127.0.0.1"
START_SECONDS = 30.0
END_SECONDS = 30.0

Process = subprocess.Popen[bytes]


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
        client = imaplib.IMAP4(HOST, self.imap, timeout=START_SECONDS)
        try:
            client.login(self.user, self.password)
            yield client
        except BaseException:  # interrupted, maybe with the server: no word of farewell to wait for
            client.shutdown()
            raise
        client.logout()


class Surroundings(NamedTuple):
    """The mailboxes on both sides of the service."""

    office: Mailserver
    applicants: Mailserver


def must_be_installed() -> None:
    """Raise `Failure` where the package of the embedded mailboxes is missing."""
    if find_spec("mail_devel") is None:
        raise Failure(
            "演示要用到的 mail-devel 没有安装。请运行 make install，或 pip install 'shenbao[demo]'。"
        )


@contextmanager
def surroundings(log: Path) -> Iterator[Surroundings]:
    """Run both mail servers; they end with the context."""
    with mailserver("bzscbk@163.com", log) as office, mailserver("applicants@example.cn", log) as applicants:
        yield Surroundings(office, applicants)


@contextmanager
def mailserver(user: str, log: Path) -> Iterator[Mailserver]:
    """Run a mail server in a process of its own."""
    server = Mailserver(free_port(), free_port(), user, secrets.token_urlsafe(9))
    command = [sys.executable, "-m", "mail_devel", "--host", HOST, "--no-http", "--user", user]
    command += ["--imap-port", str(server.imap), "--smtp-port", str(server.smtp)]
    with running(command, log, {"MAIL_PASSWORD": server.password}) as process:
        for port in (server.imap, server.smtp):
            wait_for(port, "内嵌邮箱", process, log)
        yield server


@contextmanager
def service(config: Path, log: Path, port: int) -> Iterator[Process]:
    """Run `shenbao serve` on `config`, its log in `log`, until the context ends; it then stops cleanly."""
    command = [sys.executable, "-m", "shenbao", "serve", "--config", str(config), "--log-json"]
    with running(command, log, {}) as process:
        wait_for(port, "服务", process, log)
        yield process


@contextmanager
def running(command: list[str], log: Path, environment: dict[str, str]) -> Iterator[Process]:
    """Run `command` beside us, in a group of its own, and end it with SIGTERM, or at once where we fail."""
    with (
        log.open("ab") as written,
        subprocess.Popen(  # noqa: S603 - our own programs
            command,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
            env=_without_settings() | environment,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
            process.terminate()
            process.wait(END_SECONDS)
        finally:
            if process.poll() is None:  # after a failure or Ctrl-C; its store stands a sudden end
                os.killpg(process.pid, signal.SIGKILL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, what: str, process: Process, log: Path) -> None:
    """Return once something listens on `port`; raise `Failure` when `process` ends first or nothing does in time."""

    def there() -> bool:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return True
        return False

    if not waited(there, process):
        raise Failure(f"端口 {port} 上的{what}没有启动，请看 {log}。")


def waited(ready: Callable[[], bool], process: Process) -> bool:
    """Say whether `ready` came true in time and while `process` ran."""
    until = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _without_settings() -> dict[str, str]:
    """Return the environment without the visitor's own settings: a real token has no business here."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SHENBAO_")}


def _body(fetched: list[Any]) -> bytes:
    return next(bytes(part[1]) for part in fetched if isinstance(part, tuple))
