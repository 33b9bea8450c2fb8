"""Who reads files for a mail: within limits, each file once, and never while the store is held."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol, runtime_checkable
from weakref import WeakValueDictionary

from parsers.containers.archive import Opened
from parsers.documents import Facts
from parsers.sniff import suffix


class Reader(Protocol):
    """Whoever reads files within limits: `parsers.workers.Workers`, here or before a cluster."""

    def read(self, data: bytes, name: str) -> Future[Facts]: ...

    def unpack(self, data: bytes, name: str) -> Future[Opened]: ...


@runtime_checkable
class ByMail(Protocol):
    """A reader that must know which files came together; with `stays` none of them may leave this machine."""

    def of_mail(self, *, stays: bool) -> AbstractContextManager[Reader]: ...


Readings = WeakValueDictionary[tuple[bytes, str], Future[Facts]]


class Once:
    """A reader that reads the same bytes once, however often they are asked for while they are being read."""

    def __init__(self, reader: Reader, begun: Readings | None = None) -> None:
        self.unpack = reader.unpack
        self._reader = reader
        self._begun: Readings = WeakValueDictionary() if begun is None else begun

    def read(self, data: bytes, name: str) -> Future[Facts]:
        key = (hashlib.sha256(data).digest(), suffix(name))
        begun = self._begun.get(key)
        if begun is None:
            begun = self._begun[key] = self._reader.read(data, name)
        return begun

    @contextmanager
    def of_mail(self, *, stays: bool) -> Iterator[Reader]:
        """Yield who reads the files of one mail, and what other mails have begun is not read again."""
        reader = self._reader
        with reader.of_mail(stays=stays) if isinstance(reader, ByMail) else nullcontext(reader) as own:
            yield Once(own, self._begun)


class NotRead(Exception):
    """A kept file must be read anew, and the store is held: whoever holds it lets go and has it read first."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(name)
        self.data = data
        self.name = name


class Beforehand:
    """A reader for while the store is held: it knows what was read before, and waits for nothing else."""

    def __init__(self, reader: Reader) -> None:
        self.unpack = reader.unpack
        self._reader = reader
        self._facts: dict[tuple[bytes, str], Facts] = {}

    def read(self, data: bytes, name: str) -> Future[Facts]:
        if facts := self._facts.get((data, name)):
            return settled(facts)
        raise NotRead(data, name)

    def prepare(self, missing: NotRead) -> None:
        """Read what was missing."""
        self._facts[missing.data, missing.name] = self._reader.read(missing.data, missing.name).result()


def settled(facts: Facts) -> Future[Facts]:
    """Return a future of facts that are known."""
    future: Future[Facts] = Future()
    future.set_result(facts)
    return future
