"""The raw IMAP commands that bring mails: batched FETCH of bytes, parsed by hand, and the safe ways to move.

imap-tools parses each mail with the standard library as it fetches it, ten times slower, and loses what it
cannot parse; an office wants the bytes.
"""

import imaplib
import logging
import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from imap_tools import BaseMailBox
from imap_tools.imap_utf7 import utf7_encode

from intake.headers import when
from intake.session import able, translated

BATCH_MAILS = 50
BATCH_BYTES = 16 * 1024 * 1024
SIZES = 500
UID = re.compile(rb"\bUID (\d+)")
SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
DATE = re.compile(rb'\bINTERNALDATE "([^"]+)"')

log = logging.getLogger("shenbao.mailbox")


def uids_of(box: BaseMailBox) -> list[int]:
    """Return every UID of the open folder, ascending."""
    status, told = box.client.uid("SEARCH", "ALL")
    if status != "OK":
        raise imaplib.IMAP4.error("SEARCH failed")
    return sorted({int(word) for line in told if line for word in line.split()})


def fetch(box: BaseMailBox, host: str, uids: Sequence[int]) -> Iterator[tuple[int, datetime, bytes]]:
    """Yield UID, time of receipt and bytes of each mail; one that is gone meanwhile is left out."""
    for batch in _batches(box, host, uids):
        with translated(host):
            found = _fetch_batch(box, batch)
        for uid in batch:
            if uid in found:
                yield uid, *found.pop(uid)
            else:
                log.warning("mail-not-fetched", extra={"uid": uid})


def _batches(box: BaseMailBox, host: str, uids: Sequence[int]) -> Iterator[list[int]]:
    """Cut `uids` into batches bounded by number and by bytes."""
    for place in range(0, len(uids), SIZES):
        chunk = uids[place : place + SIZES]
        with translated(host):
            sizes = dict(_items(box, chunk, "(UID RFC822.SIZE)", SIZE))
        batch: list[int] = []
        weight = 0
        for uid in chunk:
            size = int(sizes.get(uid, b"0"))
            if batch and (len(batch) >= BATCH_MAILS or weight + size > BATCH_BYTES):
                yield batch
                batch, weight = [], 0
            batch.append(uid)
            weight += size
        if batch:
            yield batch


def _items(
    box: BaseMailBox, uids: Sequence[int], items: str, pattern: re.Pattern[bytes]
) -> Iterator[tuple[int, bytes]]:
    for attributes, _ in _answers(box, uids, items):
        uid, found = UID.search(attributes), pattern.search(attributes)
        if uid and found:
            yield int(uid[1]), found[1]


def _fetch_batch(box: BaseMailBox, uids: Sequence[int]) -> dict[int, tuple[datetime, bytes]]:
    found = {}
    for attributes, raw in _answers(box, uids, "(UID INTERNALDATE BODY.PEEK[])"):
        uid, date = UID.search(attributes), DATE.search(attributes)
        if uid and date and b"BODY[]" in attributes:
            found[int(uid[1])] = (_moment(date[1]), raw)
    return found


def _answers(box: BaseMailBox, uids: Sequence[int], items: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield the attributes and the literal of each FETCH answer; other clients' news are among them."""
    status, told = box.client.uid("FETCH", ",".join(map(str, uids)), items)
    if status != "OK":
        raise imaplib.IMAP4.error("FETCH failed")
    waiting: tuple[bytes, bytes] | None = None
    for part in told:
        if isinstance(part, tuple):
            if waiting:
                yield waiting
            waiting = (part[0], part[1])
        elif waiting and part and not re.match(rb"\d+ \(", part):
            yield waiting[0] + part, waiting[1]
            waiting = None
        elif part:
            yield part, b""
    if waiting:
        yield waiting


def _moment(text: bytes) -> datetime:
    """Return an INTERNALDATE as an aware moment, its own zone kept (RFC 3501, date-time)."""
    moment = when(text.decode("ascii", "replace"))
    if moment is None:
        raise imaplib.IMAP4.error("no time in INTERNALDATE")
    return moment


def move(box: BaseMailBox, uids: list[int], target: str) -> None:
    """Move kept mails where the server can do it safely; whatever goes wrong harms nothing."""
    if not uids:
        return
    name = utf7_encode(target).decode("ascii").replace("\\", "\\\\").replace('"', '\\"')
    folder = f'"{name}"'
    listed = ",".join(map(str, uids))
    try:
        offered = able(box)
        box.client.create(folder)
        if "MOVE" in offered:
            status, _ = box.client.uid("MOVE", listed, folder)
        elif "UIDPLUS" in offered:
            status, _ = box.client.uid("COPY", listed, folder)
            if status == "OK":
                box.client.uid("STORE", listed, "+FLAGS.SILENT", r"(\Deleted)")
                status, _ = box.client.uid("EXPUNGE", listed)
        else:
            status = "neither MOVE nor UIDPLUS"
        if status != "OK":
            log.warning("mail-not-moved", extra={"fault": status})
    except (imaplib.IMAP4.error, OSError) as error:
        log.warning("mail-not-moved", extra={"fault": str(error)})
