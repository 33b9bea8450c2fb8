"""What a reader must never do, done in a process; imported there, so as light as can be."""

import ctypes
import os
import signal
import socket
import sys
import time

from parsers import pace


def loaded(*names: str) -> list[str]:
    return [name for name in names if name in sys.modules]


def hang(seconds: float) -> str:
    time.sleep(seconds)
    return "done"


def pages(count: int, seconds: float) -> str:
    """Take `seconds` for each of `count` pages."""
    for _ in range(count):
        pace.page()
        time.sleep(seconds)
    return "done"


def files(count: int, seconds: float) -> str:
    """Take `seconds` for each of `count` files."""
    for _ in range(count):
        pace.anew()
        time.sleep(seconds)
    return "done"


def spin_on_a_page() -> str:
    pace.page()
    return spin()


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


def stay_if_first(path: str) -> str:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return "second try"
    return hang(60)
