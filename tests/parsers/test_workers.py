"""A hostile file costs its own answer and nobody else's; a broken pool is mended, never waited for."""

import ctypes
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future

import pytest

from parsers.documents import Why
from parsers.workers import Workers, allowance

TIMEOUT = 20


def told(why: Why, note: str) -> str:
    assert note
    return why


def hang(seconds: float) -> str:
    time.sleep(seconds)
    return "done"


def spin() -> str:
    while True:
        pass


def grow() -> str:
    return str(len(bytearray(4 * 1024**3)))


def leave(status: int) -> str:
    os._exit(status)


def segfault() -> str:
    return ctypes.string_at(0).decode()


def fail() -> str:
    raise KeyError("13800138000")


class UnpicklableError(Exception):
    def __init__(self, first: int, second: int) -> None:
        super().__init__(f"one argument of {first} and {second}")


def fail_oddly() -> str:
    raise UnpicklableError(1, 2)


def quit_politely() -> str:
    sys.exit(3)


def recurse(depth: int = 0) -> int:
    return recurse(depth + 1)


def connect() -> str:
    with socket.socket() as client:
        client.connect(("127.0.0.1", 9))
    return "connected"


def environment() -> tuple[str, bool]:
    return os.environ["OMP_NUM_THREADS"], signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def end_if_first(path: str) -> str:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return "second try"
    os._exit(1)


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(workers=2, memory_mb=1024, seconds=30) as pool:
        yield pool


def well(workers: Workers) -> bool:
    """Whether the pool still does honest work."""
    futures = [workers.run(abs, -7, otherwise=lambda *_: 0) for _ in range(4)]
    return [future.result(TIMEOUT) for future in futures] == [7, 7, 7, 7]


@pytest.mark.parametrize(
    ("function", "arguments", "why"),
    [
        pytest.param(hang, (60,), Why.TIMEOUT, id="sleeps for ever"),
        pytest.param(spin, (), Why.TIMEOUT, id="computes for ever"),
        pytest.param(grow, (), Why.TIMEOUT, id="wants more memory than it may have"),
        pytest.param(leave, (0,), Why.TIMEOUT, id="ends the process as if all were well"),
        pytest.param(leave, (9,), Why.CORRUPT, id="ends the process"),
        pytest.param(segfault, (), Why.CORRUPT, id="crashes in native code"),
        pytest.param(fail, (), Why.CORRUPT, id="a mistake of the reader"),
        pytest.param(fail_oddly, (), Why.CORRUPT, id="an exception that cannot come back"),
        pytest.param(quit_politely, (), Why.CORRUPT, id="sys.exit"),
        pytest.param(recurse, (), Why.CORRUPT, id="recurses without end"),
        pytest.param(connect, (), Why.CORRUPT, id="asks for the network"),
    ],
)
def test_only_the_hostile_file_suffers(
    workers: Workers, function: Callable[..., str], arguments: tuple[object, ...], why: Why
) -> None:
    future = workers.run(function, *arguments, otherwise=told, seconds=1)
    assert future.result(TIMEOUT) == why
    assert well(workers)


def test_note_tells_place_and_kind_but_no_personal_data(workers: Workers) -> None:
    note = workers.run(fail, otherwise=lambda _, note: note).result(TIMEOUT)
    assert "KeyError" in note
    assert "test_workers.py" in note
    assert "138" not in note


def test_a_process_that_died_of_another_cause_is_tried_again(workers: Workers, tmp_path: object) -> None:
    assert workers.run(end_if_first, f"{tmp_path}/once", otherwise=told).result(TIMEOUT) == "second try"


def test_processes_compute_with_one_thread_and_leave_ctrl_c_to_the_parent(workers: Workers) -> None:
    assert workers.run(environment, otherwise=lambda *_: ("", False)).result(TIMEOUT) == ("1", True)


def test_slow_but_honest_neighbours_are_not_hurt_by_a_crash(workers: Workers) -> None:
    slow = workers.run(hang, 1.0, otherwise=told)
    crashed = workers.run(segfault, otherwise=told)
    assert (slow.result(TIMEOUT), crashed.result(TIMEOUT)) == ("done", Why.CORRUPT)


def test_an_idle_process_killed_from_outside_is_replaced() -> None:
    with Workers(workers=1) as workers:
        process = workers.run(os.getpid, otherwise=lambda *_: 0).result(TIMEOUT)
        os.kill(process, signal.SIGKILL)
        time.sleep(0.5)
        assert well(workers)


def test_a_big_file_gets_more_time() -> None:
    assert allowance(10, b"") == 10
    assert allowance(10, bytes(17 * 1024**2)) == 30


def test_leaving_waits_for_what_was_asked() -> None:
    with Workers(workers=1) as workers:
        future = workers.run(hang, 0.5, otherwise=told)
    assert future.done()
    assert future.result(0) == "done"


def test_leaving_by_an_exception_drops_what_was_asked() -> None:
    futures: list[Future[str]] = []

    def interrupted() -> None:
        with Workers(workers=1) as workers:
            futures.extend(workers.run(hang, 30, otherwise=told) for _ in range(3))
            raise KeyboardInterrupt

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - begun < TIMEOUT
    for future in futures:
        with pytest.raises(CancelledError):
            future.result(TIMEOUT)


def test_no_process_starts_before_the_first_file() -> None:
    before = set(multiprocessing.active_children())
    with Workers() as workers:
        assert set(multiprocessing.active_children()) == before
        assert well(workers)
        assert set(multiprocessing.active_children()) > before


def test_closed_workers_take_nothing_more() -> None:
    workers = Workers(workers=1)
    workers.close()
    with pytest.raises(RuntimeError):
        workers.run(abs, 1, otherwise=lambda *_: 0)
