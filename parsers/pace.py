"""How long one page may take: a reader says when it begins one, so a long document has time and a stuck page none.

Nothing is limited until a reading process calls `begin`. What overstays is ended by the kernel, in
whatever code it is: by SIGALRM for the clock, by SIGXCPU for CPU time.
"""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class Pace(NamedTuple):
    """Seconds: of CPU for what is no page and for each page, and `wall` by the clock for either."""

    cpu: float
    page: int
    wall: float


_pace: ContextVar[Pace | None] = ContextVar("pace", default=None)


@contextmanager
def limited(pace: Pace) -> Iterator[None]:
    """End this process if what happens inside takes longer than `pace` allows; only in a main thread."""
    told = _pace.set(pace)
    _allow(pace.wall, int(pace.cpu))
    try:
        yield
    finally:
        _pace.reset(told)
        signal.setitimer(signal.ITIMER_REAL, 0)
        limit(resource.RLIMIT_CPU, resource.RLIM_INFINITY)


def page() -> None:
    """Begin a page: it has its own time."""
    if pace := _pace.get():
        _allow(pace.wall, pace.page)


def anew() -> None:
    """Begin the next of several files: it has its own time, as if it came alone."""
    if pace := _pace.get():
        _allow(pace.wall, int(pace.cpu))


def limit(what: int, soft: int) -> None:
    """Set the soft limit of the resource `what`, within the hard one."""
    hard = resource.getrlimit(what)[1]
    within = soft if hard == resource.RLIM_INFINITY else hard if soft < 0 else min(soft, hard)
    resource.setrlimit(what, (within, hard))


def _allow(wall: float, cpu: int) -> None:
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    signal.setitimer(signal.ITIMER_REAL, wall)
    limit(resource.RLIMIT_CPU, int(used) + cpu + 1)
