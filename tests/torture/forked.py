"""`shenbao serve` forked from a process that has imported it: a start costs a tenth, for thousands of kills."""

import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from tests.shenbao.serving import Serving

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["shenbao.service", "shenbao.commands.run", "parsers.workers"])


class Forked:
    """What `Serving` needs of a `Popen`."""

    def __init__(self, process: ForkServerProcess) -> None:
        self.process = process
        self.pid = process.pid or 0

    @property
    def returncode(self) -> int | None:
        return self.process.exitcode

    def poll(self) -> int | None:
        return self.process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        self.process.join(timeout)
        return self.process.exitcode

    def kill(self) -> None:
        self.process.kill()

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)


@contextmanager
def started(settings: Path, name: str = "serve", **environment: str) -> Iterator[Serving]:
    """Do as `tests.shenbao.serving.started`, in less time."""
    log = settings.parent / f"{name}.log"
    log.touch()
    process = CONTEXT.Process(target=_serve, args=(str(settings), str(log), environment))
    process.start()
    forked: Any = Forked(process)
    try:
        yield Serving(forked, log, settings.parent / "data")
    finally:
        with suppress(ProcessLookupError):
            os.killpg(forked.pid, signal.SIGKILL)
        process.join()


def _serve(settings: str, log: str, environment: Mapping[str, str]) -> None:
    os.setsid()
    os.environ.update(environment)
    os.dup2(os.open(log, os.O_WRONLY | os.O_APPEND), 2)
    sys.orig_argv = sys.argv = ["shenbao", "serve", "--config", settings, "--log-json"]
    if hook := environment.get("PYTHONPATH"):
        runpy.run_path(f"{hook}/sitecustomize.py")
    sys.stderr = os.fdopen(2, "w", buffering=1)
    from shenbao.__main__ import main

    main(sys.argv[1:])
