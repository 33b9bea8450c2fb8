"""What holds in a reading process: one thread, no network, and limits round each call."""

import os
import resource
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

from parsers import pace

OUT_OF_MEMORY = 77  # the exit status by which a process tells that its file ate its memory
ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)


def settle_in() -> None:
    """Make this process one that reads: one thread, no core file, no network."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    sys.addaudithook(_no_network)


def _no_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo" or (
        event in {"socket.connect", "socket.sendto"} and arguments[0].family != socket.AF_UNIX
    ):
        raise PermissionError("a reader asked for the network")


def within(
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
