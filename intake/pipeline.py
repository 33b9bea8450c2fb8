"""The way of a mail: kept, opened, read, assembled, judged, answered. `take` is its story."""

import hashlib
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from intake import handling, reading, secret, stumbling, underway
from intake.ahead import Ahead, Begun, begin, marked
from intake.handling import Line, Taken
from intake.mail.envelope import Mail
from intake.readers import Beforehand, NotRead, Once
from intake.reading import File
from storage import documents, messages
from storage.database import Store
from storage.messages import Arrival, Position
from storage.model import Clock, Door, MailOutcome, Message

log = logging.getLogger("shenbao.pipeline")

FORWARDED = re.compile(r"^\s*(?:转发|fwd?|wg|tr)\s*[:：]", re.IGNORECASE)


class Raw(NamedTuple):
    """A mail at a door: its bytes, where it came from, and who says when it was received."""

    data: bytes
    door: Door
    origin: str
    received_at: datetime
    clock: Clock
    position: Position | None = None


class Read(NamedTuple):
    """A mail whose files are read and on the disk; `material` are those that count, with what its words hold."""

    begun: Begun
    files: tuple[File, ...] = ()
    material: tuple[File, ...] = ()


def keep(store: Store, raw: Raw, at: datetime) -> tuple[Message, bool]:
    """Make `raw` safe on disk, its place in the mailbox with it; say whether it is new."""
    return keep_all(store, [raw], at)[0]


def keep_all(store: Store, raws: Sequence[Raw], at: datetime) -> list[tuple[Message, bool]]:
    """Keep several mails as `keep` does one: all of them, or what is wrong with the machine rises."""
    begun = [store.blobs.keeping(raw.data) for raw in raws]
    for _, kept in begun:
        kept.result()
    with store.transaction():
        return [
            messages.keep(store.db, _arrival(raw, sha256, at))
            for raw, (sha256, _) in zip(raws, begun, strict=True)
        ]


def _arrival(raw: Raw, sha256: str, at: datetime) -> Arrival:
    return Arrival(
        sha256=sha256,
        size=len(raw.data),
        door=raw.door,
        origin=raw.origin,
        received_at=raw.received_at,
        clock=raw.clock,
        at=at,
        position=raw.position,
    )


def take(line: Line, message: Message) -> Taken | None:
    """Judge and answer one kept mail; None when it failed and will be tried again."""
    begun = begin(line, message, Once(line.reader))
    try:
        return next(settle(line, [begun]), None) if begun else None
    finally:
        underway.clear(line.store)


def work_off(line: Line, stop: Callable[[], bool] = lambda: False) -> Iterator[Taken]:
    """Take every waiting mail in order of receipt, reading ahead while the oldest is judged."""
    resume(line)
    ahead = Ahead(line, stop)
    try:
        while lot := ahead.next_lot():
            yield from settle(line, lot)
    finally:
        underway.clear(line.store)


def resume(line: Line) -> None:
    """Count a try against each mail that an earlier process died over; the third puts it aside."""
    for number in underway.left(line.store):
        message = messages.get(line.store.db, number)
        if message is not None and message.outcome is None:
            log.error("process-died", extra={"mail": number})
            stumbling.tried(line, message, stumbling.INTERRUPTED)


def settle(line: Line, lot: Sequence[Begun]) -> Iterator[Taken]:
    """Judge mails in their order, once their files are read; where one of several fails, each is taken alone."""
    try:
        yield from _judged(line, lot)
    except Exception as fault:  # noqa: BLE001 - as in begin: tried again, and quarantined with its reason in the end
        if len(lot) == 1:
            stumbling.stumbled(line, lot[0].message, fault)
            return
        for begun in lot:
            yield from settle(line, [begun])


def _judged(line: Line, lot: Sequence[Begun]) -> list[Taken]:
    """Judge mails together. No file is read while the store is held: others who write would wait for it."""
    read = [_read(line, begun) for begun in lot]
    beforehand = Beforehand(line.reader)
    holding = msgspec.structs.replace(line, reader=beforehand)
    while True:
        try:
            return _together(holding, read)
        except NotRead as missing:
            beforehand.prepare(missing)


def _read(line: Line, begun: Begun) -> Read:
    """Wait until the files are read and stored, and store what the mail's own words hold."""
    underway.note(line.store, begun.message)
    if begun.mail is None or begun.files is None:
        return Read(begun)
    files = begun.files.finished()
    typed = reading.typed_form(line.store, begun.mail.text) or _passed_on(line.store, begun.mail, files)
    material = tuple(filter(reading.is_material, files)) + ((typed,) if typed else ())
    return Read(begun, files, material + reading.linked(line.store, begun.mail))


def _together(line: Line, read: Sequence[Read]) -> list[Taken]:
    """Judge mails in one transaction: it holds their facts, judgements, audit and answers."""
    with line.store.transaction():
        return [_settled(line, one) for one in read]


def _settled(line: Line, one: Read) -> Taken:
    message, mail = one.begun.message, one.begun.mail
    underway.note(line.store, message)
    standing = messages.get(line.store.db, message.id)
    if standing is None or standing.outcome is not None:  # another process was quicker
        return Taken(message=message, outcome=MailOutcome.DUPLICATE)
    if one.begun.secret:
        return _put_aside(line, message, one.begun.secret)
    if mail is None:
        return stumbling.quarantine(line, message, one.begun.fault or "无法识别为邮件")
    if where := marked(line, message, secret.of_files((each.file, each.facts) for each in one.files)):
        return _put_aside(line, message, where)
    reading.remember(line.store, one.files, line.now())
    return _judge(line, message, mail, one)


def _judge(line: Line, message: Message, mail: Mail, read: Read) -> Taken:
    digest = digest_of(read.files)
    messages.describe(
        line.store.db,
        message.id,
        message_id=mail.message_id,
        sender=mail.sender,
        subject=mail.subject,
        attachments_digest=digest,
    )
    files = [(one.file, one.type, one.sha256) for one in read.material]
    ids = documents.add(line.store.db, message.id, files)
    numbers = dict(zip((one.file for one in read.material), ids, strict=True))
    came = handling.Came(message=message, mail=mail, files=read.material, numbers=numbers)
    taken = handling.handle(line, came, digest)
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


def _put_aside(line: Line, message: Message, where: str) -> Taken:
    reason = secret.put_aside(line.store, message, where, line.now())
    return Taken(message=message, outcome=MailOutcome.QUARANTINED, reason=reason)
