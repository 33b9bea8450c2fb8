"""What goes wrong around the service, each as a context in which it is wrong."""

import os
import resource
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from storage.database import open_store
from tests.conftest import SEARCHED
from tests.servers import HOST, Mailbox, wait_for_port
from tests.shenbao.serving import Serving, waited

LIBFIU = ("fiu_run_preload.so", "fiu_posix_preload.so")
LIBFAKETIME = "libfaketimeMT.so.1"
# failure points of libfiu, and the errno they fail with
DISK = {
    "EIO at fsync": ("posix/io/sync/fsync", 5),
    "EIO writing a file": ("posix/io/rw/write", 5),
    "ENOSPC writing a file": ("posix/io/rw/write", 28),
    "EIO writing the database": ("posix/io/rw/pwrite", 5),
    "ENOSPC writing the database": ("posix/io/rw/pwrite", 28),
    "EIO at rename": ("posix/io/dir/rename", 5),
    "ENOSPC opening a file": ("posix/io/oc/open", 28),
}


def breakable(folder: Path) -> dict[str, str]:
    """Return the environment of a process whose disk can be made to fail."""
    found = [str(next(Path("/usr/lib").rglob(f"fiu/{name}"))) for name in LIBFIU]
    return {"LD_PRELOAD": " ".join(found), "FIU_CTRL_FIFO": str(folder / "fiu")}


@contextmanager
def failing(serve: Serving, point: str, errno: int) -> Iterator[None]:
    """Let the system calls of `point` fail, all of them, in a process begun `breakable`."""
    _tell(serve, f"enable name={point},failinfo={errno}")
    try:
        yield
    finally:
        _tell(serve, f"disable name={point}")


def _tell(serve: Serving, command: str) -> None:
    pipes = str(serve.log.parent / "fiu")
    subprocess.run(["fiu-ctrl", "-f", pipes, "-c", command, str(serve.process.pid)], check=True, timeout=30)


@contextmanager
def locked(serve: Serving) -> Iterator[None]:
    """Hold the store as another process would that writes and does not end."""
    with open_store(serve.data, create=False) as store, store.transaction():
        yield


@contextmanager
def short_of_memory(serve: Serving, spare: int = 8 * 1024 * 1024) -> Iterator[None]:
    """Leave the service only `spare` bytes of address space more than it has."""
    (size, *_) = (Path("/proc") / str(serve.process.pid) / "statm").read_text().split()
    limit = int(size) * resource.getpagesize() + spare
    before = resource.prlimit(serve.process.pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(serve.process.pid, resource.RLIMIT_AS, before)


@contextmanager
def files_no_larger(serve: Serving, size: int) -> Iterator[None]:
    """Let no file of the service grow beyond `size` bytes, its database included (EFBIG)."""
    before = resource.prlimit(serve.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(serve.process.pid, resource.RLIMIT_FSIZE, before)


def jumping(folder: Path) -> dict[str, str]:
    """Return the environment of a process whose clock can be set by `set_clock`."""
    found = next(Path("/usr/lib").rglob(f"faketime/{LIBFAKETIME}"))
    set_clock(folder, "+40d")
    return {
        "LD_PRELOAD": str(found),
        "FAKETIME_TIMESTAMP_FILE": str(folder / "clock"),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


def set_clock(folder: Path, offset: str) -> None:
    (folder / "clock.new").write_text(offset)
    (folder / "clock.new").replace(folder / "clock")


@contextmanager
def stopped(mailbox: Mailbox) -> Iterator[None]:
    """End the IMAP server, and start it again on the same mails."""
    end(mailbox)
    try:
        yield
    finally:
        program = shutil.which("dovecot", path=SEARCHED)
        assert program
        subprocess.run(
            [program, "-c", str(mailbox.folder / "dovecot.conf")], check=True
        )  # a daemon of its own
        wait_for_port(mailbox.imap)


def end(mailbox: Mailbox) -> None:
    """End the IMAP server, whoever started it, and the sessions that it leaves open for half a minute."""
    with suppress(ProcessLookupError, FileNotFoundError):
        master = _master(mailbox)
        family = _children(master)
        os.kill(master, signal.SIGTERM)
        assert waited(lambda: not _listens(mailbox.imap), 20)
        _signal(family, signal.SIGKILL)


@contextmanager
def frozen(mailbox: Mailbox) -> Iterator[None]:
    """Stop every process of the IMAP server as SIGSTOP does: connections stay, nobody answers."""
    master = _master(mailbox)
    family = [master, *_children(master)]
    _signal(family, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(family, signal.SIGCONT)


def forget_uids(mailbox: Mailbox) -> None:
    """Let a stopped Dovecot number its mails anew, under a new UIDVALIDITY."""
    gone = [path for path in (mailbox.folder / "mail").rglob("dovecot*") if path.is_file()]
    assert any(path.name == "dovecot-uidlist" for path in gone)
    for path in gone:
        path.unlink()


def _master(mailbox: Mailbox) -> int:
    return int((mailbox.folder / "run" / "master.pid").read_text())


def _children(process: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _signal(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False
