r"""The door for a mailbox (IMAP, RFC 3501): every UID fetched once, nothing in the box changed.

`\Seen` means nothing here and is never set: staff read the box too. What was fetched is known by
(account, folder, UIDVALIDITY, UID), and a new UIDVALIDITY is a new beginning that harms nothing,
since a mail kept before is recognised by its bytes.
"""

import logging
import random
import select as polling
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Literal

from imap_tools import BaseMailBox

from intake.fetching import fetch, move, uids_of
from intake.session import (
    MailboxError,
    MailboxRefused,
    MailboxUnreachable,
    Safety,
    able,
    select,
    session,
    translated,
)
from storage.errors import StoreError
from storage.messages import Position
from storage.model import Noun

__all__ = [
    "Fetched",
    "MailboxError",
    "MailboxRefused",
    "MailboxSettings",
    "MailboxUnreachable",
    "attempt",
    "look",
    "watch",
]

FIRST_PAUSE, LAST_PAUSE = 5.0, 300.0

log = logging.getLogger("shenbao.mailbox")


class MailboxSettings(Noun, frozen=True, kw_only=True):
    """The section `[mailbox]`; `after` is `keep` or `move:FOLDER`."""

    host: str
    user: str
    password: str
    port: int = 993
    folder: str = "INBOX"
    tls: Literal["tls", "starttls", "none"] = "tls"
    ca_file: str | None = None
    poll_seconds: float = 30
    after: str = "keep"

    def __repr__(self) -> str:
        return f"MailboxSettings({self.user} on {self.host}:{self.port})"

    @property
    def target(self) -> str | None:
        """Return the folder that mails are moved to once they are kept, if any."""
        action, _, folder = self.after.partition(":")
        return folder.strip() or None if action == "move" else None


class Fetched(Noun, frozen=True, kw_only=True):
    """A mail as it lies in the box; `internaldate` is when the server received it."""

    raw: bytes
    internaldate: datetime
    position: Position


Known = Callable[[str, str, int], set[int]]
Take = Callable[[Fetched], None]


def look(settings: MailboxSettings, known: Known, take: Take) -> int:
    """Take every mail not yet known, in the order of UIDs, and return how many those were.

    Raises `MailboxRefused` and `MailboxUnreachable`; what `take` raises rises too, and the mail is
    unknown still, so the next look brings it again.
    """
    with _session(settings) as box:
        return _look(box, settings, known, take, threading.Event())


def attempt(settings: MailboxSettings) -> str:
    """Log in, open the folder, and say in Chinese what is there; for `shenbao check`."""
    with _session(settings) as box, translated(settings.host):
        select(box, settings.folder, readonly=True)
        return f"{settings.user} 登录正常，{settings.folder} 里有 {len(uids_of(box))} 封邮件"


def watch(
    settings: MailboxSettings,
    known: Known,
    take: Take,
    after_look: Callable[[int], None],
    stop: threading.Event,
    trouble: Callable[[Exception], None] = lambda _error: None,
) -> None:
    """Look again and again on one kept connection until `stop`; after trouble wait 5 s to 5 min.

    `after_look` gets the number of new mails of each good look, `trouble` each failure once.
    """
    failures = 0

    def looked(count: int) -> None:
        nonlocal failures
        failures = 0
        after_look(count)

    while not stop.is_set():
        try:
            _keep_looking(settings, known, take, looked, stop)
        except (MailboxError, StoreError, OSError) as error:
            failures += 1
            wait = pause(failures, random.random())  # noqa: S311 - spreads logins, guards nothing
            log.warning(
                "mailbox-trouble", extra={"fault": str(error), "failures": failures, "wait_s": round(wait)}
            )
            trouble(error)
            stop.wait(wait)


def pause(failures: int, spread: float) -> float:
    """Return the seconds to wait after so many failures; `spread` from 0 to 1 sets clients apart."""
    doubled = min(LAST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures - 1, 10))
    return max(FIRST_PAUSE, doubled * (0.75 + 0.25 * spread))


def _keep_looking(
    settings: MailboxSettings, known: Known, take: Take, looked: Callable[[int], None], stop: threading.Event
) -> None:
    with _session(settings) as box:
        with translated(settings.host):
            idle = "IDLE" in able(box)
        while not stop.is_set():
            looked(_look(box, settings, known, take, stop))
            if idle:
                with translated(settings.host):
                    _idle(box, settings.poll_seconds, stop)
            else:
                stop.wait(settings.poll_seconds)


def _session(settings: MailboxSettings) -> AbstractContextManager[BaseMailBox]:
    safety = Safety(tls=settings.tls, ca_file=settings.ca_file)
    return session(settings.host, settings.port, (settings.user, settings.password), safety)


def _look(
    box: BaseMailBox, settings: MailboxSettings, known: Known, take: Take, stop: threading.Event
) -> int:
    with translated(settings.host):
        uidvalidity = select(box, settings.folder, readonly=settings.target is None)
        present = uids_of(box)
    done = known(settings.user, settings.folder, uidvalidity)
    count = 0
    for uid, internaldate, raw in fetch(box, settings.host, [uid for uid in present if uid not in done]):
        position = Position(account=settings.user, folder=settings.folder, uidvalidity=uidvalidity, uid=uid)
        take(Fetched(raw=raw, internaldate=internaldate, position=position))
        count += 1
        if stop.is_set():
            return count
    if settings.target:
        kept = known(settings.user, settings.folder, uidvalidity) & set(present)
        move(box, sorted(kept), settings.target)
    return count


def _idle(box: BaseMailBox, seconds: float, stop: threading.Event) -> None:
    """Wait until the server has news, or `seconds` are over, or `stop` (RFC 2177)."""
    until = time.monotonic() + seconds
    box.idle.start()  # type: ignore[no-untyped-call]  # imap-tools leaves it untyped
    while not stop.is_set() and time.monotonic() < until:
        # Only looked at, not read: what imap-tools reads here it may lose in the middle of a line.
        if polling.select([box.client.sock], [], [], min(0.5, max(0.0, until - time.monotonic())))[0]:
            break
    box.idle.stop()  # type: ignore[no-untyped-call]  # imap-tools leaves it untyped
