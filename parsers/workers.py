"""Reading in processes of their own, with limits: a hostile file harms itself and nothing else.

Each file has its time, its memory and its process; what hangs is killed, what grows or crashes ends
with its process, and the answer is a value (`Unreadable`) all the same. The processes start with the
first file, and are renewed now and then, since recognisers grow.
"""

import concurrent.futures
import dataclasses
import functools
import logging
import multiprocessing
import os
import resource
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from parsers import pace, reader, together
from parsers.containers import archive
from parsers.containers.archive import Opened
from parsers.documents import Facts, Unreadable, Why

if TYPE_CHECKING:
    from pebble import ProcessPool

T = TypeVar("T")

TASKS_OF_A_PROCESS = 100
TRIES = 2  # the process a file dies in may have been spoilt by the file before it
PATIENCE = 3  # times its CPU time that a file may take by the clock: others use the machine too
GRACE = 2  # seconds
BYTES_FOR_ONE_SHARE = 8 * 1024 * 1024  # a scan of twenty pages needs more time than one of a page
OUT_OF_MEMORY = 77  # the exit status by which a process tells that its file ate its memory
PAGE_SECONDS = 20  # of CPU
MOST_PAGES = 60  # of one document that are read
ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)
TOO_LONG = "读取此文件超过了时间限制"
TOO_BIG = "读取此文件超过了内存限制"
CRASHED = "读取此文件时程序异常退出，文件可能已损坏"
VERDICTS = {
    OUT_OF_MEMORY: (Why.TIMEOUT, TOO_BIG),
    -signal.SIGALRM: (Why.TIMEOUT, TOO_LONG),
    -signal.SIGXCPU: (Why.TIMEOUT, TOO_LONG),
}
"""What the exit status of a reading process says of its file."""

OVERSTAYED = frozenset({-signal.SIGALRM, -signal.SIGXCPU})  # would overstay again
log = logging.getLogger(__name__)


def refused(why: Why, note: str) -> Facts:
    """Return the facts of a file that the limits stopped."""
    return Facts(reader="limits", parts=(Unreadable(why=why, note=note),))


def allowance(seconds: float, data: bytes) -> float:
    """Return the seconds that reading `data` may take, if a small file may take `seconds`."""
    return seconds * (1 + len(data) // BYTES_FOR_ONE_SHARE)


def _none(_why: Why, _note: str) -> None:
    return None


def _nothing_opened(why: Why, note: str) -> Opened:
    return Opened(facts=refused(why, note))


@dataclasses.dataclass(slots=True, eq=False)
class _Task:
    """One call under way; `pool` is where it runs now, `tries` how often it was started."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    otherwise: Callable[[Why, str], Any]
    seconds: float
    pages: int
    future: Future[Any]
    tries: int = 0
    pool: "ProcessPool | None" = None


class Workers:
    """A pool of reading processes: `workers` of them (0 is one a core), each file within its limits.

    `memory_mb` is address space in MiB, `seconds` CPU time for each begun 8 MiB of a file, `page_seconds`
    for each page that is recognised; by the clock each may take three times as long as `seconds`.
    Leaving the context waits for what was asked; leaving it by an exception drops it.
    """

    def __init__(
        self, workers: int = 0, memory_mb: int = 2048, seconds: float = 60, page_seconds: int = PAGE_SECONDS
    ) -> None:
        self._workers = workers or len(os.sched_getaffinity(0))
        self._memory = memory_mb * 1024 * 1024
        self._seconds = seconds
        self._page_seconds = page_seconds
        self._lock = threading.RLock()
        self._pool: ProcessPool | None = None
        self._tasks: set[_Task] = set()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(wait=kind is None)

    def read(self, data: bytes, name: str) -> Future[Facts]:
        """Return the coming facts of the file `data` called `name`."""
        seconds = allowance(self._seconds, data)
        return self.run(reader.read, data, name, otherwise=refused, seconds=seconds, pages=MOST_PAGES)

    def unpack(self, data: bytes, name: str) -> Future[Opened]:
        """Return the coming facts of the file `data` called `name`, and its members if it is a container."""
        seconds = allowance(self._seconds, data)
        return self.run(archive.unpack, data, name, otherwise=_nothing_opened, seconds=seconds)

    def of_mail(self, *, stays: bool) -> AbstractContextManager[together.Together]:  # noqa: ARG002 - all stays
        """Return who reads the files of one mail, the small ones in one hop."""
        return together.together(together.Together(self.read, self.unpack), self._read_together)

    def _read_together(self, files: Sequence[together.Small]) -> None:
        """Read small files in one hop, and where that comes to no end, each of them alone."""
        seconds = self._seconds
        tasks = [
            _Task(reader.read, (each.data, each.name), refused, seconds, MOST_PAGES, each.future)
            for each in files
        ]
        if len(tasks) == 1:
            self._start(tasks[0])
            return
        named = [(each.data, each.name) for each in files]
        pages = MOST_PAGES * len(tasks)
        with self._lock:
            hop = self.run(together.read_each, named, otherwise=_none, seconds=seconds, pages=pages)
            self._tasks.update(tasks)
        hop.add_done_callback(functools.partial(self._part, tasks))

    def _part(self, tasks: list[_Task], hop: Future[list[Facts] | None]) -> None:
        found = None if hop.exception() else hop.result()
        if found is not None:
            for task, facts in zip(tasks, found, strict=True):
                self._finish(task, facts)
        elif not self._closed:  # else `close` tells whoever waits
            for task in tasks:
                self._start_again(task)

    def _start_again(self, task: _Task) -> None:
        try:
            self._start(task)
        except BrokenProcessPool as error:
            task.future.set_exception(error)
        except RuntimeError:  # closed this moment, so `close` has told whoever waits
            log.info("a file was not read alone, since the workers were closed")

    def run(
        self,
        function: Callable[..., T],
        *arguments: object,
        otherwise: Callable[[Why, str], T],
        seconds: float | None = None,
        pages: int = 1,
    ) -> Future[T]:
        """Return the coming `function(*arguments)`, or `otherwise(why, note)` if a limit stops it.

        It may take `seconds`, and a page's time for each page that it begins, `pages` at most.

        `function` is a module's own, its arguments and result can be pickled. The future raises
        `BrokenProcessPool` if no process can be had, `CancelledError` if the workers were closed first.
        """
        task = _Task(function, arguments, otherwise, seconds or self._seconds, pages, Future())
        task.future.set_running_or_notify_cancel()
        self._start(task)
        return task.future

    def close(self, *, wait: bool = True) -> None:
        """End the processes, after what was asked if `wait`, else at once."""
        if wait:
            concurrent.futures.wait([task.future for task in self._pending()])
        with self._lock:
            self._closed = True
            pool, self._pool = self._pool, None
        for task in self._pending():
            self._finish(task, error=concurrent.futures.CancelledError("the workers were closed"))
        if pool is not None:
            _end(pool)

    def _pending(self) -> list[_Task]:
        with self._lock:
            return list(self._tasks)

    def _start(self, task: _Task) -> None:
        with self._lock:
            if self._closed:
                raise RuntimeError("these workers are closed")
            self._tasks.add(task)
            task.tries += 1
            task.pool = self._living_pool()
            wall = task.seconds * PATIENCE
            limits = (self._memory, pace.Pace(task.seconds, self._page_seconds, wall))
            last = wall * task.pages + GRACE  # the process ends itself before
            try:
                inner = task.pool.schedule(
                    _within, args=[limits, task.function, task.arguments], timeout=last
                )
            except RuntimeError as error:  # a thread of the pool has died: that is no file's fault
                self._tasks.remove(task)
                raise BrokenProcessPool(str(error)) from error
        inner.add_done_callback(functools.partial(self._settle, task, task.pool))

    def _living_pool(self) -> "ProcessPool":
        if self._pool is not None and not self._pool.active:
            threading.Thread(target=_end, args=(self._pool,), daemon=True).start()
            self._pool = None
        if self._pool is None:
            self._pool = _new_pool(self._workers)
        return self._pool

    def _settle(self, task: _Task, pool: "ProcessPool", inner: Future[tuple[bool, Any]]) -> None:
        if task.pool is not pool:
            return  # it was started again elsewhere
        error = None if inner.cancelled() else inner.exception()
        if error is None:
            good, value = inner.result()
            self._finish(task, value if good else task.otherwise(Why.CORRUPT, value))
        elif isinstance(error, BrokenProcessPool):
            self._restart(pool, error)
        elif isinstance(error, TimeoutError):
            self._finish(task, task.otherwise(Why.TIMEOUT, TOO_LONG))
        elif task.tries < TRIES and not self._closed and getattr(error, "exitcode", None) not in OVERSTAYED:
            self._start(task)
        else:
            self._finish(task, task.otherwise(*_verdict(getattr(error, "exitcode", None))))

    def _restart(self, pool: "ProcessPool", error: BaseException) -> None:
        """Start again whatever `pool` left undone, for it forgets what it had only queued."""
        for task in [task for task in self._pending() if task.pool is pool]:
            if task.tries < TRIES and not self._closed:
                self._start(task)
            else:
                self._finish(task, error=error)

    def _finish(self, task: _Task, value: object = None, error: BaseException | None = None) -> None:
        with self._lock:
            if task not in self._tasks:
                return
            self._tasks.remove(task)
        if error is None:
            task.future.set_result(value)
        else:
            task.future.set_exception(error)


def _verdict(status: int | None) -> tuple[Why, str]:
    """Return why a process ended with exit `status` did not finish its file."""
    log.warning("a reading process ended", extra={"status": status})
    return VERDICTS.get(status or 0, (Why.CORRUPT, CRASHED))


def _new_pool(workers: int) -> "ProcessPool":
    from pebble import ProcessPool  # noqa: PLC0415  slow to import, and many commands read no file

    # Forked from a server that has neither our threads nor our open files.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["parsers.workers", "parsers.warm"])
    return ProcessPool(
        max_workers=workers, max_tasks=TASKS_OF_A_PROCESS, initializer=_settle_in, context=context
    )


def _end(pool: "ProcessPool") -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # pebble's own gap
    pool.join()


def _settle_in() -> None:
    """Make this process one that reads: one thread, no core file, no network."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    sys.addaudithook(_no_network)


def _no_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo" or (
        event in {"socket.connect", "socket.sendto"} and arguments[0].family != socket.AF_UNIX
    ):
        raise PermissionError("a reader asked for the network")


def _within(
    limits: tuple[int, pace.Pace], function: Callable[..., Any], arguments: tuple[Any, ...]
) -> tuple[bool, Any]:
    """Return (True, result) or (False, what went wrong), within bytes and the pace of `limits`.

    Only the call is limited: receiving a file and sending its facts must never fail half-way. Nothing
    but values goes back, since an exception that cannot be unpickled would break the whole pool.
    """
    memory, allowed = limits
    pace.limit(resource.RLIMIT_AS, memory)
    try:
        with pace.limited(allowed):
            return True, function(*arguments)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)  # what is left of this process would fail the next file too
    except (Exception, SystemExit) as error:  # noqa: BLE001  the reader's mistake must not stop the others
        return False, _told(error)
    finally:
        pace.limit(resource.RLIMIT_AS, resource.RLIM_INFINITY)


def _told(error: BaseException) -> str:
    """Return the place and kind of `error`, without its text, which may hold personal data."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"读取程序出错（{type(error).__name__}，{os.path.basename(frame.filename)}:{frame.lineno}），文件可能已损坏"  # noqa: PTH119
