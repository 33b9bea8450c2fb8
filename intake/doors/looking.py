"""One look through the open box: what is there and not yet kept is brought and kept, junk is told from mail."""

import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple, Protocol

from imap_tools import BaseMailBox

from intake.doors.fetching import BATCH_MAILS, Brought, fetch, uids_of
from intake.doors.session import MailboxRefused, select, translated
from storage.blobs import Incoming
from storage.messages import Position
from storage.model import Noun

SYNCERS = 8  # files that wait for the disk at once: they share its journal
JUNK_FLAG = "\\junk"  # RFC 6154
JUNK_NAMES = frozenset(
    {"junk", "junk e-mail", "junk email", "junk mail", "spam", "bulk mail", "垃圾邮件", "垃圾箱", "垃圾邮箱", "垃圾信箱"}
    | {"垃圾郵件", "广告邮件", "病毒邮件", "病毒文件夹"}
)  # fmt: skip

log = logging.getLogger("shenbao.mailbox")


class Fetched(Noun, frozen=True, kw_only=True):
    """A mail as it lies in the box, its bytes written; `internaldate` is when the server received it."""

    incoming: Incoming
    internaldate: datetime
    position: Position
    junk: bool = False


class Ledger(Protocol):
    """What knows which mails are kept, and keeps them; `keep` returns once all are safe on disk."""

    def known(self, account: str, folder: str, uidvalidity: int) -> set[int]: ...

    def incoming(self) -> Incoming: ...

    def keep(self, mails: Sequence[Fetched]) -> None: ...


class Folder(NamedTuple):
    """A folder of the box to look through; it is opened read-only unless mails are to be moved from it."""

    host: str
    account: str
    name: str
    junk: bool = False
    readonly: bool = True


class Seen(NamedTuple):
    """What a look through one folder found: the UIDs in it, how many were new, which the server does not give."""

    present: tuple[int, ...] = ()
    new: int = 0
    lacking: tuple[int, ...] = ()
    kept: tuple[int, ...] = ()


def junk_folders(box: BaseMailBox) -> list[str]:
    """Return the folders that hold what the server takes for junk: by their use (RFC 6154) or their name."""
    try:
        folders = box.folder.list()
    except UnicodeError:  # a name in no UTF-7 (RFC 3501, 5.1.3)
        return []
    found = []
    for folder in folders:
        flags = {flag.lower() for flag in folder.flags}
        last = folder.name.rpartition(folder.delim)[2] if folder.delim else folder.name
        if "\\noselect" not in flags and (JUNK_FLAG in flags or last.strip().lower() in JUNK_NAMES):
            found.append(folder.name)
    return found


def look_through(box: BaseMailBox, folder: Folder, ledger: Ledger, stop: threading.Event) -> Seen:
    """Open a folder and keep every mail of it that is not kept; the box's whole list is compared each time."""
    with translated(folder.host):
        uidvalidity = select(box, folder.name, readonly=folder.readonly)
        present = uids_of(box)
    known = ledger.known(folder.account, folder.name, uidvalidity)
    wanted = [uid for uid in present if uid not in known]
    came: set[int] = set()
    with _lots(box, folder, wanted, ledger) as lots:
        for lot in lots:
            came |= {mail.uid for mail in lot}
            ledger.keep([_fetched(mail, folder, uidvalidity) for mail in lot])
            if stop.is_set():
                raise Stopped
    lacking = set(wanted) - came
    if lacking:  # gone meanwhile, or the server keeps it back
        with translated(folder.host):
            lacking &= set(uids_of(box))
    kept = tuple(uid for uid in present if uid in known or uid in came)
    return Seen(tuple(present), len(came), tuple(sorted(lacking)), kept)


class Stopped(Exception):
    """The service ends in the middle of a look; the connection is not good for anything more."""


def look_aside(box: BaseMailBox, folder: Folder, ledger: Ledger, stop: threading.Event) -> Seen:
    """Look through a folder that may be closed to us, which must not keep us from the inbox."""
    try:
        return look_through(box, folder, ledger, stop)
    except MailboxRefused as refusal:
        log.warning("folder-not-opened", extra={"folder": folder.name, "fault": str(refusal)})
        return Seen()


def _fetched(mail: Brought, folder: Folder, uidvalidity: int) -> Fetched:
    position = Position(account=folder.account, folder=folder.name, uidvalidity=uidvalidity, uid=mail.uid)
    return Fetched(
        incoming=mail.incoming, internaldate=mail.internaldate, position=position, junk=folder.junk
    )


@contextmanager
def _lots(
    box: BaseMailBox, folder: Folder, uids: Sequence[int], ledger: Ledger
) -> Iterator[Iterator[list[Brought]]]:
    """Give mails in lots that are synced while the next ones come; what was not kept leaves nothing behind."""
    begun: set[Incoming] = set()

    def begin() -> Incoming:
        incoming = ledger.incoming()
        begun.add(incoming)
        return incoming

    def lots() -> Iterator[list[Brought]]:
        lot: list[tuple[Brought, Future[None]]] = []
        for mail in fetch(box, folder.host, uids, begin):
            lot.append((mail, pool.submit(mail.incoming.sync)))
            if len(lot) >= BATCH_MAILS:
                yield _synced(lot)
                begun.difference_update(one.incoming for one, _ in lot)
                lot = []
        if lot:
            yield _synced(lot)

    try:
        with ThreadPoolExecutor(SYNCERS, thread_name_prefix="sync") as pool:
            yield lots()
    finally:
        for one in begun:
            one.discard()


def _synced(lot: list[tuple[Brought, "Future[None]"]]) -> list[Brought]:
    for _, done in lot:
        done.result()
    return [mail for mail, _ in lot]
