"""The small files of one mail go to a reading process in one hop; each is limited there as if it came alone."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import NamedTuple

from parsers import pace, reader
from parsers.containers.archive import Opened
from parsers.documents import Facts

MOST_FILES = 8
MOST_BYTES = 1024 * 1024  # of a document; those of a hop take no more together than has one share of time
MOST_BYTES_OF_PDF = 128 * 1024  # a page scanned takes more; one that does not is read after its neighbours


class Small(NamedTuple):
    """A file that waits for others of its mail, and its coming facts."""

    data: bytes
    name: str
    future: Future[Facts]


Send = Callable[[Sequence[Small]], None]


class Together:
    """Reads the files of one mail: small documents when all are named, all else at once."""

    def __init__(
        self, read: Callable[[bytes, str], Future[Facts]], unpack: Callable[[bytes, str], Future[Opened]]
    ) -> None:
        self.unpack = unpack
        self._read = read
        self.waiting: list[Small] = []

    def read(self, data: bytes, name: str) -> Future[Facts]:
        """Return the coming facts of one file of the mail."""
        if not _is_small(data):
            return self._read(data, name)
        future: Future[Facts] = Future()
        future.set_running_or_notify_cancel()
        self.waiting.append(Small(data, name, future))
        return future


@contextmanager
def together(one: Together, send: Send) -> Iterator[Together]:
    """Send what waits once all files are named; a mail that is given up may share them with one that is not."""
    try:
        yield one
    finally:
        for first in range(0, len(one.waiting), MOST_FILES):
            lot = one.waiting[first : first + MOST_FILES]
            try:
                send(lot)
            except RuntimeError as error:  # who waits for the facts is told
                for each in lot:
                    each.future.set_exception(error)


def read_each(files: Sequence[tuple[bytes, str]]) -> list[Facts]:
    """Return the facts of each file (bytes, name), for each of which time begins anew."""
    return [_read_one(data, name) for data, name in files]


def _read_one(data: bytes, name: str) -> Facts:
    pace.anew()
    return reader.read(data, name)


def _is_small(data: bytes) -> bool:
    most = MOST_BYTES if data.startswith(b"PK\x03\x04") else MOST_BYTES_OF_PDF
    return data.startswith((b"PK\x03\x04", b"%PDF")) and len(data) <= most
