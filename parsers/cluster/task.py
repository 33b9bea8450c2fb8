"""What runs on a machine of the cluster: one file, read in a process of its own that its limits can end.

Only JSON and bytes cross the wire, since another version of this program may stand on the other side.
"""

import atexit
import hashlib
import multiprocessing
import threading
from pathlib import Path

import msgspec

import parsers
from parsers.cluster import door
from parsers.documents import Fact, Facts
from parsers.workers import Workers


class Greeting(Fact, frozen=True, kw_only=True):
    """What a machine says of itself; one whose processes are `daemonic` may start none that reads."""

    version: str
    daemonic: bool


class Order(Fact, frozen=True, kw_only=True):
    """The file to be read, by its digest, and by whom: `path` is where it lies if both see the same folder."""

    sha256: str
    name: str
    version: str
    memory_mb: int
    seconds: float
    path: str | None = None


class Answer(Fact, frozen=True, kw_only=True):
    """The facts; or none, because the readers here are of another `version`, or the file is not here."""

    facts: Facts | None = None
    version: str = ""


_pools: dict[tuple[int, float], Workers] = {}
_lock = threading.Lock()


def greet() -> bytes:
    """Say who reads here."""
    daemonic = multiprocessing.current_process().daemon
    return msgspec.json.encode(Greeting(version=parsers.VERSION, daemonic=daemonic))


def read(ordered: bytes, data: bytes | None) -> bytes:
    """Read one file as it was ordered: from `data`, or without them from where it lies."""
    order = msgspec.json.decode(ordered, type=Order)
    if order.version != parsers.VERSION:
        return msgspec.json.encode(Answer(version=parsers.VERSION))
    content = data if data is not None else _found(order)
    if content is None:
        return msgspec.json.encode(Answer())
    facts = pool(order.memory_mb, order.seconds).read(content, order.name).result()
    return msgspec.json.encode(Answer(facts=facts))


def _found(order: Order) -> bytes | None:
    """Return the bytes that lie where the order says, if they are there and have its digest."""
    try:
        content = Path(order.path or "").read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == order.sha256 else None


def pool(memory_mb: int, seconds: float) -> Workers:
    """Return the reading processes of this machine with these limits, started with their first file."""
    with _lock:
        limits = (memory_mb, seconds)
        if limits not in _pools:
            _pools[limits] = Workers(door.threads(), memory_mb, seconds)
            atexit.register(_pools[limits].close, wait=False)
        return _pools[limits]
