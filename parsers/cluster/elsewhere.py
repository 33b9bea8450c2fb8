"""A reader whose scans are read by the machines of a cluster, and at home whenever it has none to offer."""

import concurrent.futures
import dataclasses
import functools
import hashlib
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

import parsers
from parsers.cluster import door, task
from parsers.cluster.door import Failed, Link, Task, Unusable
from parsers.cluster.members import Members
from parsers.cluster.of_mail import OfMail, Scan, at_home
from parsers.cluster.task import Answer, Order
from parsers.containers.archive import Opened
from parsers.documents import Facts
from parsers.workers import Workers

PAUSES = (5.0, 300.0)  # seconds between two tries to join: the first, and the longest that it doubles to
LOOK_SECONDS = 5.0
FIRST_SECONDS = 5.0  # that the first files wait for the cluster
SENDINGS = 3
UNSEEN = 3  # files in a row that lay elsewhere: then the machines see another folder, and are sent the bytes

log = logging.getLogger(__name__)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What the office says of its cluster: where it is, what a file may take there, where files lie here."""

    address: str
    memory_mb: int = 2048
    seconds: float = 60
    path_of: Callable[[str], Path] | None = None
    pauses: tuple[float, float] = PAUSES


@dataclasses.dataclass(slots=True, eq=False)
class _Sent:
    """A scan that is read there: `afar` is its task, on one of `machines`."""

    scan: Scan
    sha256: str
    afar: Task | None = None
    machines: frozenset[str] = frozenset()
    sendings: int = 0
    with_bytes: bool = False


class Cluster:
    """Reads as `Workers` does. `tell` hears why the cluster is not used, in Chinese, and '' once all of it is.

    What a lost cluster was reading is read at home; it is joined again when it can be. Leaving the
    context waits for what was asked; leaving it by an exception drops it. `home` stays open.
    """

    def __init__(self, terms: Terms, home: Workers, tell: Callable[[str], None]) -> None:
        self._terms = terms
        self._home = home
        self._tell = tell
        self._lock = threading.RLock()
        self._link: Link | None = None
        self._members = Members()
        self._sent: set[_Sent] = set()
        self._unseen = 0
        self._closing = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="cluster", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(FIRST_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(wait=kind is None)

    def of_mail(self, *, stays: bool) -> OfMail:
        """Return who reads the files of one mail; with `stays` none of them leaves this machine."""
        return OfMail(self._home, self._send, stays=stays)

    def read(self, data: bytes, name: str) -> Future[Facts]:
        """Return the coming facts of a file that came alone."""
        with self.of_mail(stays=False) as one:
            return one.read(data, name)

    def unpack(self, data: bytes, name: str) -> Future[Opened]:
        return self._home.unpack(data, name)

    def close(self, *, wait: bool = True) -> None:
        """Leave the cluster, after what was asked of it if `wait`, else at once."""
        if wait:
            concurrent.futures.wait([sent.scan.future for sent in self._pending()])
        self._closing.set()
        self._thread.join()
        for sent in self._pending():
            self._finish(sent, concurrent.futures.CancelledError("the cluster was left"))

    def _pending(self) -> list[_Sent]:
        with self._lock:
            return list(self._sent)

    def _send(self, scan: Scan) -> None:
        sent = _Sent(scan, hashlib.sha256(scan.data).hexdigest())
        with self._lock:
            self._sent.add(sent)
        self._forward(sent)

    def _forward(self, sent: _Sent) -> None:
        """Have it read there, or at home where there is none to read it or it was sent often enough."""
        with self._lock:
            link, machines = self._link, self._members.good
            if link is None or not machines or sent.sendings >= SENDINGS or self._closing.is_set():
                self._take_home(sent)
                return
            sent.sendings, sent.machines = sent.sendings + 1, machines
            order, data = self._order(sent)
            try:
                sent.afar = link.submit(task.read, order, data, machines=machines)
            except Unusable:
                self._take_home(sent)
                return
        sent.afar.then(functools.partial(self._settle, sent))

    def _order(self, sent: _Sent) -> tuple[bytes, bytes | None]:
        """Return what a machine is asked, and the bytes if it cannot read them where they lie."""
        path = self._terms.path_of(sent.sha256).absolute() if self._terms.path_of else None
        lies = path is not None and self._unseen < UNSEEN and not sent.with_bytes and path.is_file()
        order = Order(
            sha256=sent.sha256,
            name=sent.scan.name,
            version=parsers.VERSION,
            memory_mb=self._terms.memory_mb,
            seconds=self._terms.seconds,
            path=str(path) if lies else None,
        )
        return msgspec.json.encode(order), None if lies else sent.scan.data

    def _settle(self, sent: _Sent, afar: Task) -> None:
        if sent.afar is not afar:
            return  # it is read elsewhere by now
        try:
            answer = msgspec.json.decode(afar.outcome(), type=Answer)
        except (Unusable, Failed, msgspec.DecodeError) as error:
            log.warning("cluster-task-failed", extra={"fault": str(error) or type(error).__name__})
            self._take_home(sent)
            return
        if answer.facts is not None:
            self._unseen = 0 if not sent.with_bytes else self._unseen
            self._finish(sent, answer.facts)
        elif answer.version:  # the machine was another when it was asked
            self._members.forget(sent.machines)
            self._take_home(sent)
        else:
            self._unseen, sent.with_bytes = self._unseen + 1, True
            self._forward(sent)

    def _take_home(self, sent: _Sent) -> None:
        with self._lock:
            sent.afar = None
            if sent not in self._sent:
                return
            self._sent.remove(sent)
        at_home(self._home, sent.scan)

    def _finish(self, sent: _Sent, result: Facts | BaseException) -> None:
        with self._lock:
            if sent not in self._sent:
                return
            self._sent.remove(sent)
        if isinstance(result, Facts):
            sent.scan.future.set_result(result)
        else:
            sent.scan.future.set_exception(result)

    def _watch(self) -> None:
        """Join the cluster, look after it until it is lost, and again, with longer and longer pauses."""
        pause, longest = self._terms.pauses
        while not self._closing.is_set():
            try:
                link = door.join(self._terms.address)
            except Unusable as error:
                self._told(str(error))
                self._ready.set()
                self._closing.wait(pause)
                pause = min(2 * pause, longest)
                continue
            pause = self._terms.pauses[0]
            self._look_after(link)

    def _look_after(self, link: Link) -> None:
        with self._lock:
            self._link, self._members, self._unseen = link, Members(), 0
        try:
            while not self._closing.is_set():
                self._members.look(link, self._joined)
                self._told(self._members.told())
                self._bring_home_stranded()
                self._closing.wait(LOOK_SECONDS)
        except Unusable as error:
            self._told(f"{error}，暂在本机读取，恢复后自动使用")
        finally:
            with self._lock:
                self._link = None
            self._ready.set()
            if not self._closing.is_set():
                for sent in self._pending():
                    self._take_home(sent)
            link.close()

    def _joined(self) -> None:
        """Use the machine that has just said who it is."""
        self._told(self._members.told())
        self._ready.set()

    def _bring_home_stranded(self) -> None:
        """Send again what was sent to machines that are all gone."""
        for sent in self._pending():
            afar = sent.afar
            if afar is not None and not sent.machines & self._members.good:
                sent.afar = None
                afar.drop()
                self._forward(sent)

    def _told(self, text: str | None) -> None:
        """Tell how it stands; who listens must not stop the watch."""
        if text is None:
            return
        try:
            self._tell(text)
        except Exception:
            log.exception("cluster-not-told")
