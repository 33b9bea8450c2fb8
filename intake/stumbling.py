"""What becomes of a mail that fails: tried again, put aside the third time; the machine's trouble is no mail's fault."""

import errno
import logging
import os
import tempfile
from concurrent.futures.process import BrokenProcessPool

from intake.came import Line, Taken
from storage import audit, messages
from storage.database import Store
from storage.errors import StoreError
from storage.model import MailOutcome, Message

log = logging.getLogger("shenbao.pipeline")

TRIES = 3
FAILED = "处理三次都没有成功："
INTERRUPTED = "处理时程序意外中断"
# A held store, readers that cannot start, a full disk: every mail would fail, and none is to blame.
MACHINE = (StoreError, BrokenProcessPool)
FULL = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
)
SPARE = 64 * 1024 * 1024  # bytes of memory that a machine in order has left


def stumbled(line: Line, message: Message, fault: Exception) -> None:
    """Count a failed try; the third puts the mail aside for a person, its bytes kept.

    What the machine is to blame for rises instead: it is no mail's fault, and all of them wait.
    """
    if _machines(line, fault):
        raise fault
    log.error("mail-failed", extra={"mail": message.id, "fault": type(fault).__name__}, exc_info=fault)
    tried(line, message, f"{type(fault).__name__}: {fault}")


def tried(line: Line, message: Message, why: str) -> None:
    with line.store.transaction():
        if messages.failed(line.store.db, message.id, why) >= TRIES:
            quarantine(line, message, f"{FAILED}{why.partition(':')[0]}")


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


def quarantine(line: Line, message: Message, reason: str) -> Taken:
    """Put a mail aside for a person; the caller holds the transaction."""
    at = line.now()
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
