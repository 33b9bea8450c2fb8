"""Bytes kept by their digest: every mail and every file in it, once, whatever it was called."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNFINISHED = ".new-"
SYNCERS = 8  # files or folders that wait for the disk at once: they share its journal, so all cost about one


class Incoming:
    """Bytes that come in pieces, on their way to the disk: written, synced, then settled or discarded."""

    def __init__(self, folder: Path) -> None:
        _make(folder)
        handle, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=folder)  # 0600 by itself
        self.path = Path(name)
        self.size = 0
        self._file = os.fdopen(handle, "wb")
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        """Add `data`; raises OSError if the disk refuses."""
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    def sync(self) -> None:
        """Wait until all that was written is on the disk; nothing can be added any more."""
        if not self._file.closed:
            with self._file:
                _flush(self._file)

    def discard(self) -> None:
        """Forget what came, if it was not settled."""
        with suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)


class Blobs:
    """A folder of files named by their SHA-256, in folders named by its first two digits."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._syncers = ThreadPoolExecutor(SYNCERS, thread_name_prefix="syncer")  # none started yet
        self._known: set[Path] = set()  # folders that surely are on the disk themselves

    def keep(self, data: bytes) -> str:
        """Keep `data` and return its SHA-256 once it is on the disk; the same bytes are kept once.

        A kept file that lost bytes is written anew. Raises OSError if the disk refuses.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        self._put(sha256, data)
        return sha256

    def keeping(self, data: bytes) -> tuple[str, Future[None]]:
        """Return the SHA-256 of `data` at once, and what is done when `data` is kept or fails as `keep` does."""
        sha256 = hashlib.sha256(data).hexdigest()
        return sha256, self._syncers.submit(self._put, sha256, data)

    def close(self) -> None:
        """End what keeps bytes in the background, after what it has begun."""
        self._syncers.shutdown()

    def _put(self, sha256: str, data: bytes) -> None:
        path = self.path(sha256)
        self._make(path.parent)
        if not _has_size(path, len(data)):
            _write(path, data)
        # Also for a file that was there: who renamed it may not have lived to do this.
        _settle(path.parent)

    def _make(self, folder: Path) -> None:
        """Make one of our folders, on the disk before this process puts something in it."""
        if folder in self._known:
            return
        _make(folder)
        _settle(self.folder)  # whoever made it may not have done this yet
        self._known.add(folder)

    def incoming(self) -> Incoming:
        """Begin to keep bytes that come in pieces."""
        return Incoming(self.folder)

    def settle(self, incoming: Iterable[Incoming]) -> None:
        """Put each under its digest, all of them on the disk at the return; raises OSError."""
        arrived = list(incoming)
        folders = {self.path(one.sha256).parent for one in arrived}
        unknown = folders - self._known
        for folder in unknown:
            folder.mkdir(mode=0o700, exist_ok=True)
        list(self._syncers.map(self._land, arrived))
        # A new folder is on the disk once its own folder is, whoever made it.
        list(self._syncers.map(_settle, [*folders, self.folder] if unknown else folders))
        self._known |= unknown

    def _land(self, one: Incoming) -> None:
        one.sync()
        one.path.replace(self.path(one.sha256))

    def sweep(self, before: float) -> None:
        """Remove what was last written before that second of the epoch and never settled: its process died."""
        for path in self.folder.glob(f"**/{_UNFINISHED}*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()

    def read(self, sha256: str) -> bytes:
        """Return the bytes kept under `sha256`; raises FileNotFoundError if there are none."""
        return self.path(sha256).read_bytes()

    def path(self, sha256: str) -> Path:
        """Return where `sha256` is kept; raises ValueError if it is no digest."""
        if not _DIGEST.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self.folder / sha256[:2] / sha256

    def remove(self, sha256: str) -> None:
        """Remove the bytes of `sha256` for good, where they are; raises OSError if the disk refuses."""
        self.path(sha256).unlink(missing_ok=True)

    def whole(self, sha256: str) -> bool:
        """Say whether the bytes of `sha256` are there and still have that digest."""
        try:
            with self.path(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except FileNotFoundError:
            return False

    def every(self) -> Iterator[str]:
        """Yield the digests of everything kept, in order."""
        for path in sorted(self.folder.glob("??/*")):
            if _DIGEST.fullmatch(path.name):
                yield path.name


def _has_size(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _write(path: Path, data: bytes) -> None:
    """Put `data` at `path` whole or not at all, even if the power fails."""
    handle, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=path.parent)  # 0600 by itself
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            _flush(file)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _make(folder: Path) -> None:
    """Make `folder` and those above it, each on the disk before something is put in it."""
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _settle(folder.parent)


def _settle(folder: Path) -> None:
    """Wait until the names in `folder` are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
