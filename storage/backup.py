"""The whole store as one file, and back: a tar archive that plain tools can check (`sha256sum -c SHA256SUMS`).

It may be made while the service runs: SQLite copies the database as it stands at one moment, and blobs are
never changed. The list of digests comes last, so an archive without it was cut short.
"""

import hashlib
import io
import os
import re
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import IO, NamedTuple

from storage import audit, outbox
from storage.database import FILE_NAME, Store, open_store
from storage.driver import sqlite3
from storage.errors import translated
from storage.verify import referenced, unsound, verify

SUMS = "SHA256SUMS"
OURS = re.compile(rf"{re.escape(FILE_NAME)}|blobs/(?P<start>[0-9a-f]{{2}})/(?P=start)[0-9a-f]{{62}}")
PIECE = 1024 * 1024
MARKED = "SELECT id FROM messages WHERE secret = 'marked'"
UNCERTAIN = "从备份恢复：备份之后可能已经发出，请核对后放行或作废"


class BackupBroken(Exception):
    """The file is no whole backup of ours; the text says why, in Chinese."""


class Copied(NamedTuple):
    """What a backup holds, or what was restored from one; `findings` is what is wrong with it, in Chinese."""

    blobs: int
    findings: tuple[str, ...] = ()


def write(store: Store, file: IO[bytes]) -> Copied:
    """Write a backup of `store` into `file`; a lost or damaged blob is left out and told.

    A mail that bears a 密级 mark is left out without a trace: after a restore the mailbox brings it again.
    Raises OSError, StoreError, and `BackupBroken` where the database itself is damaged.
    """
    sums: dict[str, str] = {}
    findings = []
    with (
        tempfile.TemporaryDirectory(prefix=".backup-", dir=store.folder) as scratch,
        tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        database = Path(scratch) / FILE_NAME
        digests = _snapshot(store, database)
        sums[FILE_NAME] = _add(archive, FILE_NAME, database)
        for sha256 in digests:
            if finding := unsound(store, sha256):
                findings.append(f"{finding}备份里没有它。")
            else:
                name = f"blobs/{sha256[:2]}/{sha256}"
                sums[name] = _add(archive, name, store.blobs.path(sha256))
        listed = "".join(f"{digest}  {name}\n" for name, digest in sums.items()).encode()
        archive.addfile(_entry(SUMS, len(listed)), io.BytesIO(listed))
    return Copied(blobs=len(sums) - 1, findings=tuple(findings))


def restore(file: IO[bytes], folder: Path, at: datetime) -> Copied:
    """Put the backup in `file` into `folder`, which is empty; nothing is there unless all of it is whole.

    A letter that waited to be sent may have gone out after the backup was made, so it is `uncertain` now
    and waits for a person. Raises `BackupBroken`, OSError and StoreError.
    """
    folder = folder.absolute()
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=folder.parent) as scratch:
        unpacked = Path(scratch) / "data"
        unpacked.mkdir(mode=0o700)
        blobs = _unpack(file, unpacked)
        with open_store(unpacked, create=False) as store:
            with store.transaction():
                doubtful = outbox.doubt(store.db, UNCERTAIN)
                detail = {"letters": doubtful}
                audit.record(store.db, at=at, actor="system", event="restored", detail=detail)
            findings = verify(store)
        unpacked.replace(folder)  # onto nothing, or onto an empty folder
    return Copied(blobs=blobs, findings=tuple(findings))


def _snapshot(store: Store, path: Path) -> list[str]:
    """Copy the database to `path` as it stands now, check the copy, and return what blobs it speaks of."""
    path.touch(0o600)
    with translated(store.folder), closing(sqlite3.connect(str(path), isolation_level=None)) as copy:
        store.db.conn.backup(copy)
        for table in ("arrivals", "positions", "documents"):
            copy.execute(f"DELETE FROM {table} WHERE message IN ({MARKED})")  # noqa: S608 - words of our own
        if copy.execute(f"DELETE FROM messages WHERE id IN ({MARKED})").rowcount:  # noqa: S608 - as above
            copy.execute("VACUUM")  # what was deleted lies in the file's free pages else
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a WAL beside it
        wrong = [line for (line,) in copy.execute("PRAGMA integrity_check") if line != "ok"]
        if wrong:
            raise BackupBroken(f"数据文件自检发现问题，没有备份：{wrong[0]}")
        return referenced(copy)


def _add(archive: tarfile.TarFile, name: str, path: Path) -> str:
    """Add the file and return the digest of what was added."""
    with path.open("rb") as file:
        archive.addfile(_entry(name, path.stat().st_size, path.stat().st_mtime), file)
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()


def _entry(name: str, size: int, at: float = 0) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, int(at), 0o600
    return entry


def _unpack(file: IO[bytes], folder: Path) -> int:
    """Write what the archive holds into `folder`, check it against its list, and return how many blobs."""
    found: dict[str, str] = {}
    listed: bytes | None = None
    try:
        with tarfile.open(fileobj=file, mode="r|*") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isreg() else None
                if content is None or not (OURS.fullmatch(member.name) or member.name == SUMS):
                    raise BackupBroken(f"这不是申报系统的备份：里面有 {member.name!r}。")
                if member.name == SUMS:
                    listed = content.read()
                else:
                    found[member.name] = _written(content, folder / member.name)
    except (tarfile.TarError, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise BackupBroken(f"备份文件读不完整：{error}。") from error
    _compare(found, listed)
    return len(found) - 1


def _compare(found: dict[str, str], listed: bytes | None) -> None:
    if listed is None:
        raise BackupBroken("备份文件不完整：末尾的校验清单不在。")
    told = dict(_sums(listed))
    damaged = sorted(name for name in found.keys() | told.keys() if found.get(name) != told.get(name))
    if damaged or FILE_NAME not in found:
        raise BackupBroken(f"备份已损坏，与校验清单不符：{damaged[0] if damaged else FILE_NAME}")


def _sums(listed: bytes) -> Iterator[tuple[str, str]]:
    for line in listed.decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        yield name, digest


def _written(content: IO[bytes], path: Path) -> str:
    """Write `content` to `path`, safe on the disk, and return its digest."""
    for parent in (path.parent.parent, path.parent):
        parent.mkdir(mode=0o700, exist_ok=True)
    digest = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while piece := content.read(PIECE):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()
