"""Mails that are read ahead of their judgement, and which of them is judged next: the oldest, with two exceptions."""

import time
from collections import deque
from collections.abc import Callable
from concurrent import futures
from typing import NamedTuple

import msgspec

from intake import opening, reading, secret, stumbling, underway
from intake.came import Line
from intake.mail import envelope
from intake.mail.envelope import Mail, NotMail
from intake.mail.mime import LARGEST
from intake.mail.wishes import Wish, wish_of
from intake.reading import Underway
from storage import messages
from storage.database import Store
from storage.model import Message

AHEAD = 64  # mails that may be read in workers before the oldest of them is judged
AHEAD_BYTES = 64 * 1024 * 1024  # and how much they may weigh together
MOST_WAIT = 1.0  # seconds until it is asked again whether to stop, and whether patience has ended
TOGETHER = 8  # mails that are judged in one transaction, if they are read


class Begun(NamedTuple):
    """A mail whose files are being read, or the reason why it is no mail."""

    message: Message
    mail: Mail | None = None
    files: Underway | None = None
    fault: str | None = None
    secret: str | None = None

    def is_read(self) -> bool:
        """Say whether it can be judged without waiting."""
        return self.files is None or self.files.advance()


class Ahead:
    """The mails that are being read, the earliest received first.

    They are judged in this order, which decides who is first where places are few. Two kinds may pass one
    that is still being read, though never a mail of their own sender: words alone that change no application,
    and anything once the oldest has held up the line for longer than its `patience`.
    """

    def __init__(self, line: Line, stop: Callable[[], bool]) -> None:
        self._line = msgspec.structs.replace(line, reader=reading.Once(line.reader))
        self._stop = stop
        self._waiting = messages.each_waiting(line.store.db)
        self._mails: deque[Begun] = deque()
        self._oldest: tuple[int, float] = (0, 0.0)  # and since when the line waits for it

    def next_lot(self) -> list[Begun]:
        """Return what is judged next, once it is read; nothing when nothing waits or we are to stop."""
        self._read_on()
        while self._mails and not self._stop():
            if self._mails[0].is_read():
                return self._first()
            if passing := self._passing():
                self._mails.remove(passing)
                return [passing]
            self._wait()
        return []

    def _read_on(self) -> None:
        """Begin mails until no more wait, or enough are ahead."""
        weight = sum(one.message.size for one in self._mails)
        while len(self._mails) < AHEAD and weight < AHEAD_BYTES and not self._stop():
            if (message := next(self._waiting, None)) is None:
                return
            underway.note(self._line.store, message)
            weight += message.size
            if begun := begin(self._line, message):
                self._mails.append(begun)

    def _first(self) -> list[Begun]:
        """Take the oldest, and the next ones that are read."""
        lot = [self._mails.popleft()]
        while self._mails and len(lot) < TOGETHER and self._mails[0].is_read():
            lot.append(self._mails.popleft())
        return lot

    def _passing(self) -> Begun | None:
        """Return the first that is read and may pass all that were received before it."""
        overdue = self._held() >= self._line.patience
        senders: set[str | None] = {None}
        for one in self._mails:
            sender = one.mail.sender if one.mail else None
            if sender not in senders and one.is_read() and (overdue or self._mere_words(one)):
                return one
            senders.add(sender)
        return None

    def _held(self) -> float:
        """Return for how many seconds the line has waited for the oldest."""
        number = self._mails[0].message.id
        if self._oldest[0] != number:
            self._oldest = (number, time.monotonic())
        return time.monotonic() - self._oldest[1]

    def _mere_words(self, one: Begun) -> bool:
        """Say whether a mail holds no material and no wish that would change an application."""
        mail, files = one.mail, one.files
        if mail is None or files is None or mail.robot or mail.links or not files.is_empty():
            return False
        typed = opening.typed(mail.text) or opening.typed(mail.quoted)
        return typed is None and wish_of(mail, self._line.campaign.receipt_prefix) is not Wish.WITHDRAW

    def _wait(self) -> None:
        """Wait until the oldest may be read, or a container of a later one is open and its files can be begun."""
        first, *others = (one.files for one in self._mails)
        awaited = [
            *(first.awaited() if first else ()),
            *(each for one in others if one for each in one.opening()),
        ]
        futures.wait(awaited, MOST_WAIT, futures.FIRST_COMPLETED)


def begin(line: Line, message: Message) -> Begun | None:
    """Open a kept mail and start reading its files; a broken machine raises, and is no fault of the mail."""
    try:
        ours = line.ours | {line.sender.lower()}
        mail = envelope.read(_original(line.store, message), ours, line.trusted)
        if where := marked(line, message, secret.of_mail(mail)):
            return Begun(message, secret=where)
        return Begun(message, _light(mail), reading.begin(line.store, line.reader, mail))
    except NotMail as fault:
        return Begun(message, fault=str(fault))
    except Exception as fault:  # noqa: BLE001 - one mail's trouble must not stop the queue; it is counted and told
        stumbling.stumbled(line, message, fault)
        return None


def _light(mail: Mail) -> Mail:
    """Return `mail` without the bytes of its files, which the store and the reader have; a bounce is its files."""
    if mail.robot:
        return mail
    shells = tuple(msgspec.structs.replace(one, data=b"") for one in mail.containers)
    return msgspec.structs.replace(mail, attachments=(), containers=shells)


def _original(store: Store, message: Message) -> bytes:
    """Return the bytes of a kept mail; raise `NotMail` for one that is too large to be read at all."""
    if message.size > LARGEST:
        raise NotMail("too-large")
    return store.blobs.read(message.sha256)


def marked(line: Line, message: Message, where: str | None) -> str | None:
    """Return `where` a mark was found, unless a person has cleared the mail."""
    return where if where and not messages.is_cleared(line.store.db, message.id) else None
