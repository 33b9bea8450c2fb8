"""The files of one mail: scans go to the cluster once nothing that was read at home bears a 密级 mark."""

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from types import TracebackType
from typing import NamedTuple, Self

from parsers import secrecy
from parsers.containers.archive import Opened
from parsers.documents import Facts, Why
from parsers.kinds import Kind
from parsers.sniff import sniff
from parsers.workers import Workers

PICTURES = frozenset({Kind.PNG, Kind.JPEG, Kind.GIF, Kind.BMP, Kind.TIFF, Kind.WEBP})
SCANS = PICTURES | {Kind.PDF}
"""What takes seconds to read. Everything else is read at home in no time, and is seen to bear a mark or not."""


class Scan(NamedTuple):
    """A file that may go to the cluster, and its coming facts."""

    data: bytes
    name: str
    future: Future[Facts]


class OfMail:
    """Reads the files of one mail; leaving the context says that all of them were named.

    `stays` says that the mail's own words bear a mark: then nothing of it leaves this machine.
    """

    def __init__(self, home: Workers, send: Callable[[Scan], None], *, stays: bool) -> None:
        self._home = home
        self._send = send
        self._stays = stays
        self._scans: list[Scan] = []
        self._looks: list[Future[bool] | Future[Facts]] = []
        self._left = 1
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:  # the mail was given up: nobody waits for the rest of it
            for scan in self._scans:
                scan.future.set_exception(CancelledError("the mail was given up"))
            return
        self._left += len(self._looks)
        for look in self._looks:
            look.add_done_callback(self._looked)
        self._looked(None)

    def unpack(self, data: bytes, name: str) -> Future[Opened]:
        """Return the coming members of a container; they would cross the wire twice for nothing."""
        return self._home.unpack(data, name)

    def read(self, data: bytes, name: str) -> Future[Facts]:
        """Return the coming facts of one file of the mail."""
        self._stays = self._stays or secrecy.marked_path(name)
        kind = sniff(data, name)
        if kind not in SCANS:
            facts = self._home.read(data, name)
            self._looks.append(facts)
            return facts
        if kind is Kind.PDF:
            self._looks.append(self._home.run(_bears_mark, data, otherwise=_perhaps))
        scan = Scan(data, name, Future())
        scan.future.set_running_or_notify_cancel()
        self._scans.append(scan)
        return scan.future

    def _looked(self, look: Future[bool] | Future[Facts] | None) -> None:
        """Count one look; after the last of them let the scans go, or keep them here."""
        with self._lock:
            self._stays = self._stays or (look is not None and _marked(look))
            self._left -= 1
            if self._left:
                return
        for scan in self._scans:
            if self._stays:
                at_home(self._home, scan)
            else:
                self._send(scan)


def at_home(home: Workers, scan: Scan) -> None:
    """Read a scan on this machine, whatever became of it elsewhere."""

    def done(inner: Future[Facts]) -> None:
        if error := inner.exception():
            scan.future.set_exception(error)
        else:
            scan.future.set_result(inner.result())

    try:
        home.read(scan.data, scan.name).add_done_callback(done)
    except Exception as error:  # noqa: BLE001 - who waits for the facts is told, as by the workers themselves
        scan.future.set_exception(error)


def _marked(look: Future[bool] | Future[Facts]) -> bool:
    """Say whether a look found a mark, or did not come to an end."""
    if look.exception():
        return True
    found = look.result()
    return found if isinstance(found, bool) else secrecy.in_facts(found)


def _bears_mark(data: bytes) -> bool:
    from parsers import pdf  # noqa: PLC0415 - needed in the reading process only

    return pdf.bears_mark(data)


def _perhaps(_why: Why, _note: str) -> bool:
    return True
