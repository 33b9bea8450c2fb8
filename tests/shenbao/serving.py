"""`shenbao serve` as a process of its own, for tests: its settings, its log, its end."""

import json
import os
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from shenbao.options import CAMPAIGNS, now
from storage.campaign_file import redated
from storage.database import Store, open_store
from tests.servers import HOST, USER, Sink

PATIENCE = 90.0  # seconds; a loaded machine takes long to start a reader
Table = Mapping[str, object]


def dated(folder: Path) -> Path:
    """Write the notice's campaign with dates that lie around now, and return its path."""
    text = (CAMPAIGNS / "bozhou-2022.toml").read_text("utf-8")
    opens = now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=3)
    path = folder / "campaign.toml"
    path.write_text(redated(text, opens=opens, deadline=opens + timedelta(days=13), name="test"), "utf-8")
    return path


def config(folder: Path, **sections: Table) -> Path:
    """Write settings with a dated campaign, a data folder, a listener, and `sections` (empty: left out)."""
    whole: dict[str, Table] = {
        "store": {"data": str(folder / "data")},
        "listener": {"port": 0, "addresses": [USER]},
        "parsing": {"workers": 1},
        **sections,
    }
    lines = [f"campaign = {json.dumps(str(dated(folder)))}"]
    for name, section in whole.items():
        if section:
            lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in section.items())]
    path = folder / "shenbao.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path


def outgoing(sink: Sink) -> Table:
    return {"host": HOST, "port": sink.port, "tls": "none", "sender": USER, "hourly": 1000, "daily": 1000}


class Serving:
    """A running service; its log is in `log`, a JSON object a line."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, data: Path) -> None:
        self.process = process
        self.log = log
        self.data = data

    @property
    def port(self) -> int:
        return int(self.wait("listening")[0]["port"])

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return what was logged under this event so far; a line still being written is left out."""
        lines = self.log.read_text("utf-8").split("\n")[:-1]
        return [entry for entry in map(json.loads, lines) if entry["event"] == name]

    def wait(self, name: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until an event was logged `count` times, and return all of them."""
        self.until(lambda: len(self.events(name)) >= count)
        return self.events(name)

    def until(self, ready: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not ready():
            if time.monotonic() > until or self.process.poll() is not None:
                raise TimeoutError(self.log.read_text("utf-8")[-3000:])
            time.sleep(0.05)

    def send(self, raw: bytes, to: str = USER) -> None:
        with smtplib.SMTP(HOST, self.port, timeout=PATIENCE) as client:
            client.sendmail("someone@example.cn", to, raw)

    def store(self) -> Store:
        return open_store(self.data, create=False)

    def family(self) -> list[int]:
        """Return the processes of the service's session that still run, its readers among them."""
        return [number for number in map(_in_session(self.process.pid), _processes()) if number]

    def stop(self) -> int:
        """End it as `systemctl stop` and Ctrl-C do, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextmanager
def serving(settings: Path, name: str = "serve", **environment: str) -> Iterator[Serving]:
    """Run the service on `settings` and yield it once it serves; what is left of it at the end is killed."""
    with started(settings, name, **environment) as running:
        running.wait("serving")
        yield running


@contextmanager
def started(settings: Path, name: str = "serve", **environment: str) -> Iterator[Serving]:
    """Start the service on `settings`, which may end before it serves; what is left of it is killed."""
    log = settings.parent / f"{name}.log"
    command = [sys.executable, "-m", "shenbao", "serve", "--config", str(settings), "--log-json"]
    with (
        log.open("wb") as written,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stderr=written,
            env=os.environ | environment,
            start_new_session=True,
        ) as process,
    ):
        running = Serving(process, log, settings.parent / "data")
        try:
            yield running
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def letters(sink: Sink) -> list[EmailMessage]:
    return [message_from_bytes(mail.raw, policy=policy.default) for mail in list(sink.mails)]


def waited(ready: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Say whether `ready` came true in time."""
    until = time.monotonic() + seconds
    while not (done := ready()) and time.monotonic() < until:
        time.sleep(0.05)
    return done


def moments_ago(minutes: float) -> datetime:
    return now() - timedelta(minutes=minutes)


def _processes() -> list[Path]:
    return [path for path in Path("/proc").iterdir() if path.name.isdecimal()]


def _in_session(session: int) -> Callable[[Path], int]:
    def number(path: Path) -> int:
        """Return the process's number if it is of the session and no zombie, else 0 (see proc(5), stat)."""
        try:
            state, _, _, of = (path / "stat").read_text().rpartition(") ")[2].split()[:4]
        except OSError:
            return 0
        return int(path.name) if int(of) == session and state != "Z" else 0

    return number
