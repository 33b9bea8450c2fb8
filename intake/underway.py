"""Which mail the process is at, so that its next start knows what the last one died over.

A failure inside the process is caught and counted; a mail that takes the whole process with it (a kill for
its memory, a fault in a library) would be met again at every start, and the queue behind it would wait for ever.
"""

import os
from contextlib import suppress
from pathlib import Path

from storage.database import Store
from storage.model import Message

WIDTH = 20
NAME = "underway-{}"  # a file of the store's folder, named for the process; it need not outlive a power cut


def note(store: Store, message: Message) -> None:
    """Say that this process is at `message` now."""
    file = os.open(_file(store), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.write(file, f"{message.id:<{WIDTH}}".encode())  # over what stood there: cheaper than a new file
    finally:
        os.close(file)


def clear(store: Store) -> None:
    """Say that this process is at no mail any more: it ends, or waits for the next."""
    _file(store).unlink(missing_ok=True)


def left(store: Store) -> list[int]:
    """Return the ids of the mails that processes were at when they died, and forget them.

    Called when this process is at none: a note of its own number is one that an earlier process left.
    """
    found = []
    for path in sorted(store.folder.glob(NAME.format("*"))):
        if not _lives(path.name.rpartition("-")[2]):
            with suppress(FileNotFoundError, ValueError):
                found.append(int(path.read_text()))
            path.unlink(missing_ok=True)
    return found


def _lives(number: str) -> bool:
    """Say whether another process of this number runs: what it is at, it has not died over."""
    if not number.isdecimal() or int(number) == os.getpid():
        return False
    try:
        with suppress(PermissionError):  # another user's
            os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    return True


def _file(store: Store) -> Path:
    return store.folder / NAME.format(os.getpid())
