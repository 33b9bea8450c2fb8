"""How mails are brought: batches of 50 asked for ahead, big ones in parts, every byte straight to disk."""

import imaplib
import logging
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from imap_tools import BaseMailBox

from intake.doors.session import translated
from intake.doors.wire import Answer, Nowhere, Refused, answers, ask
from intake.mail.headers import when
from storage.blobs import Incoming

BATCH_MAILS = 50
BATCH_BYTES = 16 * 1024 * 1024
BIG = 8 * 1024 * 1024  # a mail from this size on is asked for in parts: no server has to send so much at once
PART = 1024 * 1024
SIZES = 500
AHEAD = 2
UID = re.compile(rb"\bUID (\d+)")
SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
DATE = re.compile(rb'\bINTERNALDATE "([^"]+)"')

log = logging.getLogger("shenbao.mailbox")

Begin = Callable[[], Incoming]


class Brought(NamedTuple):
    """A mail of the box on its way to the disk, and when the server received it."""

    uid: int
    internaldate: datetime
    incoming: Incoming


def uids_of(box: BaseMailBox) -> list[int]:
    """Return every UID of the open folder, ascending."""
    status, told = box.client.uid("SEARCH", "ALL")
    if status != "OK":
        raise imaplib.IMAP4.error("SEARCH failed")
    return sorted({int(word) for line in told if line for word in line.split()})


def fetch(box: BaseMailBox, host: str, uids: Sequence[int], begin: Begin) -> Iterator[Brought]:
    """Yield the mails of `uids`; one that the server does not give is left out.

    Each body is written to what `begin` returns. A mail that cannot be had never keeps the others back.
    """
    with translated(host):
        sizes = _sizes(box, uids)
    left: set[int] = set()
    waiting: deque[tuple[list[int], bytes]] = deque()
    for batch in _batches(uids, sizes):
        in_parts = sizes.get(batch[0], 0) >= BIG
        while waiting and (in_parts or len(waiting) >= AHEAD):
            yield from _received(box, host, *waiting.popleft(), begin, left)
        if in_parts:
            yield from _in_parts(box, host, (batch[0], sizes[batch[0]]), begin, left)
        else:
            with translated(host):
                waiting.append((batch, _ask(box, batch)))
    while waiting:
        yield from _received(box, host, *waiting.popleft(), begin, left)
    yield from _one_by_one(box, host, sorted(left), begin)


def _one_by_one(box: BaseMailBox, host: str, uids: Sequence[int], begin: Begin) -> Iterator[Brought]:
    """Ask once more for what did not come: one bad mail makes some servers refuse the whole batch."""
    for uid in uids:
        with translated(host):
            tag = _ask(box, [uid])
        left: set[int] = set()
        yield from _received(box, host, [uid], tag, begin, left)
        if left:
            log.warning("mail-not-fetched", extra={"uid": uid})


def _sizes(box: BaseMailBox, uids: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for place in range(0, len(uids), SIZES):
        listed = ",".join(map(str, uids[place : place + SIZES]))
        with suppress(Refused):  # then none of them is big, as far as anybody knows
            for answer in answers(box, ask(box, f"UID FETCH {listed} (UID RFC822.SIZE)"), Nowhere):
                uid, size = UID.search(answer.attributes), SIZE.search(answer.attributes)
                if uid and size:
                    found[int(uid[1])] = int(size[1])
    return found


def _batches(uids: Sequence[int], sizes: dict[int, int]) -> Iterator[list[int]]:
    """Cut `uids` into batches bounded by number and by bytes; a big mail is a batch of its own."""
    batch: list[int] = []
    weight = 0
    for uid in uids:
        size = sizes.get(uid, 0)
        if batch and (len(batch) >= BATCH_MAILS or weight + size > BATCH_BYTES):
            yield batch
            batch, weight = [], 0
        if size >= BIG:
            yield from [batch, [uid]] if batch else [[uid]]
            batch, weight = [], 0
        else:
            batch.append(uid)
            weight += size
    if batch:
        yield batch


def _ask(box: BaseMailBox, uids: Sequence[int]) -> bytes:
    return ask(box, f"UID FETCH {','.join(map(str, uids))} (UID INTERNALDATE BODY.PEEK[])")


def _received(
    box: BaseMailBox, host: str, batch: list[int], tag: bytes, begin: Begin, left: set[int]
) -> Iterator[Brought]:
    """Yield what comes of a batch, and add to `left` what does not."""
    missing = set(batch)
    for mail in map(_brought, _come(box, host, tag, begin)):
        if mail and mail.uid in missing:
            missing.discard(mail.uid)
            yield mail
    left |= missing


def _come(box: BaseMailBox, host: str, tag: bytes, begin: Begin) -> Iterator[Answer]:
    with translated(host), suppress(Refused):
        yield from answers(box, tag, begin)


def _brought(answer: Answer) -> Brought | None:
    """Return the mail of an answer; other clients' news, which hold no body, are among the answers."""
    uid, date = UID.search(answer.attributes), DATE.search(answer.attributes)
    moment = when(date[1].decode("ascii", "replace")) if date else None
    if not (uid and moment and isinstance(answer.body, Incoming)):
        return None
    return Brought(int(uid[1]), moment, answer.body)


def _in_parts(
    box: BaseMailBox, host: str, mail: tuple[int, int], begin: Begin, left: set[int]
) -> Iterator[Brought]:
    """Yield a big mail (UID, size) brought in parts; what a server cannot do so it gives whole in the end."""
    uid, size = mail
    incoming = begin()
    moment: datetime | None = None
    while part := _part(box, host, uid, incoming):
        moment = part.internaldate
        if incoming.size % PART:
            break
    if moment and incoming.size >= size:
        yield Brought(uid, moment, incoming)
    else:
        left.add(uid)


def _part(box: BaseMailBox, host: str, uid: int, incoming: Incoming) -> Brought | None:
    """Add the next part to `incoming`; None where there is none, or the server does not know of parts."""
    start = incoming.size
    with translated(host):
        tag = ask(box, f"UID FETCH {uid} (UID INTERNALDATE BODY.PEEK[]<{start}.{PART}>)")
    label = f"BODY[]<{start}>".encode()
    came = [
        answer for answer in _come(box, host, tag, lambda: incoming) if label in answer.attributes.upper()
    ]
    brought = next(filter(None, map(_brought, came)), None)
    return brought if brought and brought.uid == uid and incoming.size > start else None
