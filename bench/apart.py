"""A measured job in a process of its own, so that its time and its memory are its own."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path


def apart(job: Callable[..., float], *arguments: object) -> tuple[float, float]:
    """Run `job` in a process of its own; return what it returned, and its most memory in MB."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_measured, args=(theirs, job, arguments))
    process.start()
    theirs.close()
    seconds, peak = ours.recv()
    process.join()
    return seconds, peak


def _measured(pipe: Connection, job: Callable[..., float], arguments: tuple[object, ...]) -> None:
    pipe.send((job(*arguments), peak_mb()))


def peak_mb() -> float:
    """Return this process's most memory; `getrusage` would tell its parent's too (see proc(5), VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
