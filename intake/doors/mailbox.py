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
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Literal

from imap_tools import BaseMailBox

from intake.doors.fetching import uids_of
from intake.doors.looking import Fetched, Folder, Ledger, Stopped, junk_folders, look_aside, look_through
from intake.doors.moving import move
from intake.doors.session import (
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
from storage.model import Noun

__all__ = [
    "Fetched",
    "Ledger",
    "Look",
    "MailboxError",
    "MailboxRefused",
    "MailboxSettings",
    "MailboxUnreachable",
    "attempt",
    "look",
    "watch",
]

FIRST_PAUSE, LAST_PAUSE = 5.0, 300.0
SESSION_SECONDS = 3600.0

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
    timeout_seconds: float = 60
    after: str = "keep"

    def __repr__(self) -> str:
        return f"MailboxSettings({self.user} on {self.host}:{self.port})"

    @property
    def target(self) -> str | None:
        """Return the folder that mails are moved to once they are kept, if any."""
        action, _, folder = self.after.partition(":")
        return folder.strip() or None if action == "move" else None


class Look(Noun, frozen=True, kw_only=True):
    """What a look at the box found: new mails, all mails, those the server lists and does not give.

    `junk` counts the new ones among the junk; `not_moved` says in Chinese why kept mails stay where they are.
    """

    new: int = 0
    present: int = 0
    junk: int = 0
    lacking: tuple[int, ...] = ()
    not_moved: str = ""


def look(settings: MailboxSettings, ledger: Ledger) -> Look:
    """Take every mail not yet known, in the order of UIDs.

    Raises `MailboxRefused` and `MailboxUnreachable`; what the ledger raises rises too, and what it did
    not keep is unknown still, so the next look brings it again.
    """
    with _session(settings) as box:
        return _look(box, settings, _junk_folders(box, settings), ledger, threading.Event())


def attempt(settings: MailboxSettings) -> str:
    """Log in, open the folder, and say in Chinese what is there; for `shenbao check`."""
    with _session(settings) as box, translated(settings.host):
        select(box, settings.folder, readonly=True)
        return f"{settings.user} 登录正常，{settings.folder} 里有 {len(uids_of(box))} 封邮件"


def watch(
    settings: MailboxSettings,
    ledger: Ledger,
    after_look: Callable[[Look], None],
    stop: threading.Event,
    trouble: Callable[[Exception], None] = lambda _error: None,
) -> None:
    """Look again and again on one kept connection until `stop`; after trouble wait 5 s to 5 min.

    `after_look` gets what each good look found, `trouble` each failure once.
    """
    failures = 0

    def looked(found: Look) -> None:
        nonlocal failures
        failures = 0
        after_look(found)

    while not stop.is_set():
        try:
            _keep_looking(settings, ledger, looked, stop)
        except Stopped:
            return
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
    settings: MailboxSettings, ledger: Ledger, looked: Callable[[Look], None], stop: threading.Event
) -> None:
    """Look on one connection for an hour: then a new one counts the box afresh, whatever this one believes."""
    until = time.monotonic() + SESSION_SECONDS
    with _session(settings) as box:
        with translated(settings.host):
            idle = "IDLE" in able(box)
        junk = _junk_folders(box, settings)
        while not stop.is_set() and time.monotonic() < until:
            looked(_look(box, settings, junk, ledger, stop))
            if idle:
                with translated(settings.host):
                    _idle(box, settings.poll_seconds, stop)
            else:
                stop.wait(settings.poll_seconds)


def _session(settings: MailboxSettings) -> AbstractContextManager[BaseMailBox]:
    safety = Safety(tls=settings.tls, ca_file=settings.ca_file, seconds=settings.timeout_seconds)
    return session(settings.host, settings.port, (settings.user, settings.password), safety)


def _junk_folders(box: BaseMailBox, settings: MailboxSettings) -> list[str]:
    with translated(settings.host):
        return [folder for folder in junk_folders(box) if folder != settings.folder]


def _look(
    box: BaseMailBox, settings: MailboxSettings, junk: Sequence[str], ledger: Ledger, stop: threading.Event
) -> Look:
    """Look through the junk first: so the inbox is the open folder at the end, whose news are waited for."""
    host, account = settings.host, settings.user
    aside = [look_aside(box, Folder(host, account, name, junk=True), ledger, stop) for name in junk]
    inbox = Folder(host, account, settings.folder, readonly=settings.target is None)
    seen = look_through(box, inbox, ledger, stop)
    not_moved = ""
    if settings.target and seen.kept:
        with translated(host):
            not_moved = move(box, seen.kept, settings.target)
    return Look(
        new=seen.new,
        present=len(seen.present),
        junk=sum(one.new for one in aside),
        lacking=seen.lacking + tuple(uid for one in aside for uid in one.lacking),
        not_moved=not_moved,
    )


def _idle(box: BaseMailBox, seconds: float, stop: threading.Event) -> None:
    """Wait until the server has news, or `seconds` are over, or `stop` (RFC 2177)."""
    until = time.monotonic() + seconds
    box.idle.start()  # type: ignore[no-untyped-call]  # imap-tools leaves it untyped
    while not stop.is_set() and time.monotonic() < until:
        # Only looked at, not read: what imap-tools reads here it may lose in the middle of a line.
        if polling.select([box.client.sock], [], [], min(0.5, max(0.0, until - time.monotonic())))[0]:
            break
    box.idle.stop()  # type: ignore[no-untyped-call]  # imap-tools leaves it untyped
