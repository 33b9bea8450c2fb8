"""What a call costs in a process of its own: the clock, the CPU of it and of the processes it started, its memory."""

import multiprocessing
import os
import re
import resource
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

TICKS = os.sysconf("SC_CLK_TCK")
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


class Cost(NamedTuple):
    """Seconds of the clock, of CPU here and in the processes below, their most memory in MB, and what was told."""

    wall: float
    own: float
    others: float
    own_mb: float
    others_mb: float
    told: tuple[float, ...] = ()

    @property
    def cpu(self) -> float:
        return self.own + self.others


class Meter:
    """Counts from `start`, or else from the beginning, to `stop`."""

    def __init__(self) -> None:
        self.cost = Cost(0, 0, 0, 0, 0)
        self.start()

    def start(self) -> None:
        """Begin anew: what came before was preparation."""
        self._began = (time.perf_counter(), own(), others())

    def stop(self, told: tuple[float, ...] = ()) -> None:
        """Note what was spent, and what the call has to tell; the processes below still live."""
        wall, cpu, below = self._began
        peak = max((_peak(number) for number in _below()), default=0.0)
        self.cost = Cost(
            time.perf_counter() - wall, own() - cpu, others() - below, _peak(os.getpid()), peak, told
        )


def apart(call: Callable[..., None], *arguments: object) -> Cost:
    """Return what `call`, given a `Meter` that it stops and `arguments`, cost in a process of its own."""
    here, there = multiprocessing.get_context("spawn").Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(there, call, arguments))
    process.start()
    there.close()
    cost: Cost = here.recv()
    process.join()
    return cost


def _run(there: Connection, call: Callable[..., None], arguments: tuple[object, ...]) -> None:
    meter = Meter()
    call(meter, *arguments)
    there.send(meter.cost)


def own() -> float:
    """Return the CPU seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def others() -> float:
    """Return the CPU seconds of the processes below this one, those that they have waited for included."""
    return sum(sum(map(int, fields[11:15])) for fields in map(_stat, _below()) if fields) / TICKS


def _below() -> Iterator[int]:
    """Yield the processes below this one."""
    folders = (int(folder.name) for folder in Path("/proc").glob("[0-9]*"))
    parents = {number: int(fields[1]) for number in folders if (fields := _stat(number))}
    for number in parents:
        above = number
        while above in parents and above != os.getpid():
            above = parents[above]
        if above == os.getpid() != number:
            yield number


def _stat(number: int) -> list[str]:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []  # it has just ended


def _peak(number: int) -> float:
    try:
        found = _PEAK.search(Path(f"/proc/{number}/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0
