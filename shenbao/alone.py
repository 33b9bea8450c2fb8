"""One service a data folder: two would each send the letters that the other is sending."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from shenbao.options import Failure

NAME = "serve.lock"
PATIENCE = 2.0  # seconds; a service that is just ending still holds it


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold `folder` for this service; raise `Failure` where another has it.

    The kernel lets go when the process ends, however it ends: the file that stays behind means nothing.
    """
    with os.fdopen(os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8") as file:
        if not _locked(file):
            raise Failure(
                f"另一个 shenbao serve 正在使用这个数据文件夹：{folder}（进程 {file.read().strip() or '不明'}）。"
                "同一份数据只能有一个服务，请先结束它，或换一个数据文件夹。"
            )
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


def _locked(file: TextIO) -> bool:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.05)
        else:
            return True
