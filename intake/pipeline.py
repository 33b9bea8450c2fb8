"""The way of a mail: kept, opened, read, assembled, judged, answered. `take` is its story."""

import errno
import hashlib
import logging
import os
import re
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from typing import NamedTuple

from intake import handling, reading, secret, underway
from intake.handling import Line, Taken
from intake.mail import envelope
from intake.mail.envelope import Mail, NotMail
from intake.mail.mime import LARGEST
from intake.reading import File, Pending
from storage import audit, documents, messages
from storage.database import Store
from storage.errors import StoreError
from storage.messages import Arrival, Position
from storage.model import Clock, Door, MailOutcome, Message

log = logging.getLogger("shenbao.pipeline")

TRIES = 3
FAILED = "处理三次都没有成功："
INTERRUPTED = "处理时程序意外中断"
FORWARDED = re.compile(r"^\s*(?:转发|fwd?|wg|tr)\s*[:：]", re.IGNORECASE)
# A held store, readers that cannot start, a full disk: every mail would fail, and none is to blame.
MACHINE = (StoreError, BrokenProcessPool)
FULL = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
)
SPARE = 64 * 1024 * 1024  # bytes of memory that a machine in order has left
AHEAD = 8  # mails that may be read in workers before the oldest of them is judged


class Raw(NamedTuple):
    """A mail at a door: its bytes, where it came from, and who says when it was received."""

    data: bytes
    door: Door
    origin: str
    received_at: datetime
    clock: Clock
    position: Position | None = None


class Begun(NamedTuple):
    """A mail whose files are being read, or the reason why it is no mail."""

    message: Message
    mail: Mail | None
    files: list[Pending]
    fault: str | None = None
    secret: str | None = None


def keep(store: Store, raw: Raw, at: datetime) -> tuple[Message, bool]:
    """Make `raw` safe on disk, its place in the mailbox with it; say whether it is new."""
    sha256 = store.blobs.keep(raw.data)
    with store.transaction():
        return messages.keep(
            store.db,
            Arrival(
                sha256=sha256,
                size=len(raw.data),
                door=raw.door,
                origin=raw.origin,
                received_at=raw.received_at,
                clock=raw.clock,
                at=at,
                position=raw.position,
            ),
        )


def take(line: Line, message: Message) -> Taken | None:
    """Judge and answer one kept mail; None when it failed and will be tried again."""
    begun = begin(line, message)
    return settle(line, begun) if begun else None


def work_off(line: Line, stop: Callable[[], bool] = lambda: False) -> Iterator[Taken]:
    """Take every waiting mail in order of receipt, reading ahead while the oldest is judged."""
    ahead: deque[Begun] = deque()
    resume(line)
    try:
        for message in messages.waiting(line.store.db):
            if stop():
                break
            underway.note(line.store, message)
            if begun := begin(line, message):
                ahead.append(begun)
            if len(ahead) >= AHEAD:
                yield from _settled(line, ahead.popleft())
        while ahead and not stop():
            yield from _settled(line, ahead.popleft())
    finally:
        underway.clear(line.store)


def resume(line: Line) -> None:
    """Count a try against the mail that an earlier process died over, if one did; the third puts it aside."""
    if (number := underway.left(line.store)) is None:
        return
    underway.clear(line.store)
    message = messages.get(line.store.db, number)
    if message is not None and message.outcome is None:
        log.error("process-died", extra={"mail": number})
        _tried(line, message, INTERRUPTED)


def begin(line: Line, message: Message) -> Begun | None:
    """Open a kept mail and start reading its files; a broken machine raises, and is no fault of the mail."""
    try:
        ours = line.ours | {line.sender.lower()}
        mail = envelope.read(_original(line.store, message), ours, line.trusted)
        if where := _secret(line, message, secret.of_mail(mail)):
            return Begun(message, None, [], secret=where)
        return Begun(message, mail, reading.begin(line.store, line.reader, mail))
    except NotMail as fault:
        return Begun(message, None, [], str(fault))
    except Exception as fault:  # noqa: BLE001 - one mail's trouble must not stop the queue; it is counted and told
        _stumbled(line, message, fault)
        return None


def _original(store: Store, message: Message) -> bytes:
    """Return the bytes of a kept mail; raise `NotMail` for one that is too large to be read at all."""
    if message.size > LARGEST:
        raise NotMail("too-large")
    return store.blobs.read(message.sha256)


def settle(line: Line, begun: Begun) -> Taken | None:
    """Judge a mail whose files are read: one transaction holds facts, judgement, audit and answer."""
    try:
        at = line.now()
        if begun.secret:
            return _put_aside(line, begun.message, begun.secret)
        if begun.mail is None:
            return _quarantine(line, begun.message, begun.fault or "无法识别为邮件")
        files = reading.finished(begun.files)
        if where := _secret(line, begun.message, secret.of_files((one.file, one.facts) for one in files)):
            return _put_aside(line, begun.message, where)
        reading.remember(line.store, files, at)
        return _judge(line, begun.message, begun.mail, files)
    except Exception as fault:  # noqa: BLE001 - as in begin: tried again, and quarantined with its reason in the end
        _stumbled(line, begun.message, fault)
        return None


def _settled(line: Line, begun: Begun) -> Iterator[Taken]:
    underway.note(line.store, begun.message)
    taken = settle(line, begun)
    if taken is not None:
        yield taken


def _judge(line: Line, message: Message, mail: Mail, files: tuple[File, ...]) -> Taken:
    typed = reading.typed_form(line.store, mail.text) or _passed_on(line.store, mail, files)
    material = tuple(filter(reading.is_material, files)) + ((typed,) if typed else ())
    material += reading.linked(line.store, mail)
    with line.store.transaction():
        standing = messages.get(line.store.db, message.id)
        if standing is None or standing.outcome is not None:  # another process was quicker
            return Taken(message=message, outcome=MailOutcome.DUPLICATE)
        digest = digest_of(files)
        messages.describe(
            line.store.db,
            message.id,
            message_id=mail.message_id,
            sender=mail.sender,
            subject=mail.subject,
            attachments_digest=digest,
        )
        ids = documents.add(line.store.db, message.id, [(one.file, one.type, one.sha256) for one in material])
        numbers = dict(zip((one.file for one in material), ids, strict=True))
        taken = handling.handle(
            line, handling.Came(message=message, mail=mail, files=material, numbers=numbers), digest
        )
        messages.finish(line.store.db, message.id, taken.outcome, taken.reason, line.now())
    return taken


def _passed_on(store: Store, mail: Mail, files: Iterable[File]) -> File | None:
    """Return the form typed into a mail that this one passes on; in an answer it would be an old one."""
    forwards = bool(mail.containers) or FORWARDED.match(mail.subject)
    if not forwards or any(file.type == "form" for file in files):
        return None
    return reading.typed_form(store, mail.quoted)


def digest_of(files: Iterable[File]) -> str:
    """Return one digest over a mail's attachments, in their order."""
    return hashlib.sha256("\n".join(file.sha256 for file in files).encode()).hexdigest()


def _secret(line: Line, message: Message, where: str | None) -> str | None:
    """Return `where` a mark was found, unless a person has cleared the mail."""
    return where if where and not messages.is_cleared(line.store.db, message.id) else None


def _put_aside(line: Line, message: Message, where: str) -> Taken:
    with line.store.transaction():
        reason = secret.put_aside(line.store, message, where, line.now())
    return Taken(message=message, outcome=MailOutcome.QUARANTINED, reason=reason)


def _quarantine(line: Line, message: Message, reason: str) -> Taken:
    at = line.now()
    with line.store.transaction():
        messages.finish(line.store.db, message.id, MailOutcome.QUARANTINED, reason, at)
        audit.record(
            line.store.db,
            at=at,
            actor="system",
            event="quarantined",
            message=message.id,
            detail={"reason": reason},
        )
    return Taken(message=message, outcome=MailOutcome.QUARANTINED, reason=reason)


def _stumbled(line: Line, message: Message, fault: Exception) -> None:
    """Count a failed try; the third puts the mail aside for a person, its bytes kept.

    What the machine is to blame for rises instead: it is no mail's fault, and all of them wait.
    """
    if _machines(line, fault):
        raise fault
    log.error("mail-failed", extra={"mail": message.id, "fault": type(fault).__name__}, exc_info=fault)
    _tried(line, message, f"{type(fault).__name__}: {fault}")


def _tried(line: Line, message: Message, why: str) -> None:
    with line.store.transaction():
        tries = messages.failed(line.store.db, message.id, why)
    if tries >= TRIES:
        _quarantine(line, message, f"{FAILED}{why.partition(':')[0]}")


def _machines(line: Line, fault: Exception) -> bool:
    """Say whether the machine is to blame. One unreadable sector, or one mail too big, is that mail's own trouble."""
    if isinstance(fault, MACHINE) or (isinstance(fault, OSError) and fault.errno in FULL):
        return True
    return isinstance(fault, OSError | MemoryError) and not _in_order(line.store)


def _in_order(store: Store) -> bool:
    """Say whether there is memory to be had and the disk takes a file."""
    try:
        bytearray(SPARE)
        with tempfile.TemporaryFile(dir=store.folder) as file:
            file.write(b"shenbao")
            file.flush()
            os.fsync(file.fileno())
    except (OSError, MemoryError):
        return False
    return True
