"""Mails made safe at the doors: those that come together share one sync of the folders and one transaction.

What lies in the mailbox's junk folder is kept too, for its server deletes it after some days, but it is put
aside and told of instead of judged: a robot that answers spam confirms the address to whoever sent it. Staff
who find an application there move it to the inbox, or retry it, and it is judged as any other.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from intake.doors.looking import Fetched
from intake.mail.headers import one_address
from intake.mail.mime import NotMail, head
from storage import audit, messages
from storage.blobs import Blobs, Incoming
from storage.database import Store, open_store
from storage.messages import Arrival, Position
from storage.model import Clock, Door, MailOutcome, Message

MOST_AT_ONCE = 100
HEAD_BYTES = 256 * 1024
PATIENCE = 60.0  # seconds; a sender waits ten minutes for its 250 (RFC 5321, 4.5.3.2.6)
IN_JUNK = "在邮箱的垃圾邮件文件夹里，没有自动处理"


class Landed(NamedTuple):
    """A mail at a door, its bytes written: where it came from, and who says when it was received."""

    incoming: Incoming
    door: Door
    origin: str
    received_at: datetime
    clock: Clock
    position: Position | None = None
    junk: bool = False


def keep_all(store: Store, landed: Sequence[Landed], at: datetime) -> int:
    """Make all of `landed` safe on disk, their places in the mailbox with them; return how many are new.

    All of them are kept, or what is wrong with the machine rises and none is known.
    """
    store.blobs.settle(one.incoming for one in landed)
    with store.transaction():
        return sum(_keep(store, one, at) for one in landed)


def _keep(store: Store, one: Landed, at: datetime) -> bool:
    arrival = Arrival(
        sha256=one.incoming.sha256,
        size=one.incoming.size,
        door=one.door,
        origin=one.origin,
        received_at=one.received_at,
        clock=one.clock,
        at=at,
        position=one.position,
    )
    message, new = messages.keep(store.db, arrival)
    if one.junk and new:
        _tell_of_junk(store, message, at)
    if not one.junk and message.outcome is MailOutcome.QUARANTINED and message.reason == IN_JUNK:
        messages.reopen(store.db, message.id)
        audit.record(store.db, at=at, actor="system", event="junk-rescued", message=message.id)
    return new


def _tell_of_junk(store: Store, message: Message, at: datetime) -> None:
    """Keep a junk mail from being judged, and tell staff whose it is."""
    sender, subject = _whose(store.blobs, message.sha256)
    messages.describe(
        store.db, message.id, message_id=None, sender=sender, subject=subject, attachments_digest=None
    )
    messages.finish(store.db, message.id, MailOutcome.QUARANTINED, IN_JUNK, at)
    audit.record(
        store.db,
        at=at,
        actor="system",
        event="junk-mail",
        message=message.id,
        detail={"sender": sender, "subject": subject, "received_at": message.received_at.isoformat()},
    )


def _whose(blobs: Blobs, sha256: str) -> tuple[str | None, str]:
    with blobs.path(sha256).open("rb") as file:
        start = file.read(HEAD_BYTES)
    try:
        headers = head(start)
    except NotMail:
        return None, ""
    return one_address(headers, "from")[0], headers.text("subject")


class StoreLedger:
    """The mailbox's ledger in an open store; `reached` is called whenever the box has just answered."""

    def __init__(self, store: Store, now: Callable[[], datetime], reached: Callable[[], None]) -> None:
        self.store = store
        self.incoming = store.blobs.incoming
        self.now = now
        self.reached = reached

    def known(self, account: str, folder: str, uidvalidity: int) -> set[int]:
        self.reached()
        return messages.known_uids(self.store.db, account, folder, uidvalidity)

    def keep(self, mails: Sequence[Fetched]) -> None:
        keep_all(self.store, [_landed(mail) for mail in mails], self.now())
        self.reached()


def _landed(mail: Fetched) -> Landed:
    origin = f"imap:{mail.position.folder}/{mail.position.uid}"
    return Landed(
        mail.incoming, Door.IMAP, origin, mail.internaldate, Clock.INTERNALDATE, mail.position, mail.junk
    )


Waiting = tuple[Landed, Future[None]]


class Keeper:
    """A thread that keeps the mails of many senders; a context manager that keeps what waits before it ends.

    While one lot is being kept the next gathers: under load many mails share the price of one. `kept` is
    called after each lot. A store that another process holds is waited for `patience` seconds.
    """

    def __init__(
        self,
        folder: Path,
        blobs: Blobs,
        now: Callable[[], datetime],
        kept: Callable[[], None],
        patience: float = PATIENCE,
    ) -> None:
        self.folder = folder
        self.patience = patience
        self.incoming = blobs.incoming
        self.now = now
        self.kept = kept
        self._waiting: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def keep(self, mail: Landed) -> Future[None]:
        """Return what is done once the mail is safe on disk, or fails as the machine did."""
        done: Future[None] = Future()
        self._waiting.put((mail, done))
        return done

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while lot := self._lot():
            try:
                # Opened for each lot: a store that failed once is not asked again through what broke.
                with open_store(self.folder, patience=self.patience) as store:
                    keep_all(store, [mail for mail, _ in lot], self.now())
            except Exception as error:  # noqa: BLE001 - told to every sender, who will try again
                _tell(lot, error)
            else:
                _tell(lot, None)
                self.kept()

    def _lot(self) -> list[Waiting]:
        """Return all that waits now, at least one; nothing at the end."""
        lot: list[Waiting] = []
        while len(lot) < MOST_AT_ONCE and (not lot or not self._waiting.empty()):
            one = self._waiting.get()
            if one is None:
                self._waiting.put(None)
                break
            lot.append(one)
        return lot


def _tell(lot: list[Waiting], error: Exception | None) -> None:
    for _, done in lot:
        if not done.set_running_or_notify_cancel():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
