"""Which mail the process is at, so that its next start knows what the last one died over.

A failure inside the process is caught and counted; a mail that takes the whole process with it (a kill for
its memory, a fault in a library) would be met again at every start, and the queue behind it would wait for ever.
"""

import os
from contextlib import suppress
from pathlib import Path

from storage.database import Store
from storage.model import Message

NAME = "underway"  # a file of the store's folder; it need not outlive a power cut


def note(store: Store, message: Message) -> None:
    """Say that the process is at `message` now."""
    file = os.open(_file(store), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(file, str(message.id).encode())
    finally:
        os.close(file)


def clear(store: Store) -> None:
    """Say that the process is at no mail any more: it ends, or waits for the next."""
    _file(store).unlink(missing_ok=True)


def left(store: Store) -> int | None:
    """Return the id of the mail that a process was at when it died; None where none did."""
    with suppress(FileNotFoundError, ValueError):
        return int(_file(store).read_text())
    return None


def _file(store: Store) -> Path:
    return store.folder / NAME
