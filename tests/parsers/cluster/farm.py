"""A real cluster on loopback for tests: dask's own scheduler and workers, each a process that can be killed."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from parsers.cluster import task
from parsers.documents import Why
from tests.servers import HOST, free_port, wait_for_port

ROOT = Path(__file__).parents[3]
PATIENCE = 60.0


class Machine:
    """A process of the cluster."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process

    def kill(self) -> None:
        """Let it die as a machine does that loses its power; what it started dies with it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def kill_alone(self) -> None:
        """Kill it and not what it started."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def family(self) -> list[int]:
        """Return the processes that it started and that still run; a zombie has no command line."""
        numbers = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
        return [number for number in numbers if self._started(number)]

    def _started(self, number: int) -> bool:
        try:
            return os.getsid(number) == self.process.pid and bool(
                Path(f"/proc/{number}/cmdline").read_bytes()
            )
        except OSError:
            return False

    def send(self, number: signal.Signals) -> None:
        os.killpg(self.process.pid, number)


@contextmanager
def scheduler(port: int | None = None) -> Iterator[tuple[str, Machine]]:
    """Run a scheduler and yield its address."""
    port = port or free_port()
    with _run("scheduler", "--host", HOST, "--port", str(port), "--no-dashboard") as process:
        wait_for_port(port)
        yield f"tcp://{HOST}:{port}", process


@contextmanager
def worker(address: str, *more: str, code: Path = ROOT, threads: int = 1) -> Iterator[Machine]:
    """Run a worker that reads with the program in `code`."""
    options = ("--nthreads", str(threads), "--host", HOST, "--no-dashboard", "--death-timeout", "30")
    with _run("worker", address, *options, *(more or ("--no-nanny",)), code=code) as process:
        yield process


@contextmanager
def _run(what: str, *arguments: str, code: Path = ROOT) -> Iterator[Machine]:
    command = [sys.executable, "-m", "dask", what, *arguments]
    environment = os.environ | {"PYTHONPATH": str(code), "DASK_TEMPORARY_DIRECTORY": tempfile.gettempdir()}
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, env=environment, start_new_session=True, cwd=code
    )
    try:
        yield Machine(process)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)


def until(ready: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait for `ready`; raise TimeoutError if it does not come."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(ready)
        time.sleep(0.05)


def run_there(function: Callable[..., str], seconds: float, *arguments: object) -> bytes:
    """Run `function` in a reading process of the machine that this is called on; return what it said, or why not."""
    reading = task.pool(1024, seconds)
    return reading.run(function, *arguments, otherwise=_why, seconds=seconds).result().encode()


def _why(why: Why, _note: str) -> str:
    return why
