"""One folder that holds everything: the SQLite file, the blobs, and how they are opened.

A connection belongs to one thread, so each thread and each process opens the store for itself.
Readers never wait for a writer (with WAL); writers wait for each other.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlite_utils import Database

from storage.blobs import Blobs
from storage.driver import sqlite3
from storage.errors import NewerStore, NoStore, StoreBroken, StoreUnusable, translated

FILE_NAME = "store.sqlite3"
APPLICATION_ID = 0x5368_656E  # "Shen": tells our file from another program's
MIGRATIONS = Path(__file__).parent / "migrations"


class Store:
    """The open store of one thread; a context manager that closes it.

    `transaction` is the only way to write what must hold together.
    """

    def __init__(self, folder: Path, db: Database) -> None:
        self.folder = folder
        self.db = db
        self.blobs = Blobs(folder / "blobs")

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """Hold the write lock: everything inside is kept together at the end, or nothing is.

        Raises StoreBusy when the lock is not had in time, StoreFull, StoreBroken or StoreUnusable
        when the machine fails, and RuntimeError inside another transaction of this store.
        """
        if self.db.conn.in_transaction:
            raise RuntimeError("a transaction inside a transaction")
        with translated(self.folder):
            self.db.conn.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
                self.db.conn.execute("COMMIT")
            except BaseException:
                self.db.conn.rollback()
                raise

    @contextmanager
    def rehearsal(self) -> Iterator[Database]:
        """Hold the write lock as `transaction` does, and keep nothing of what is done inside."""
        with translated(self.folder):
            self.db.conn.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
            finally:
                self.db.conn.rollback()

    def close(self) -> None:
        self.blobs.close()
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(folder: Path, *, create: bool = True, patience: float = 60.0) -> Store:
    """Open the store in `folder`, made (0700, files 0600) and brought up to date as needed.

    Writers wait for each other up to `patience` seconds. Raises NoStore when there is none and
    `create` is false, NewerStore, StoreBusy, StoreBroken, StoreFull and StoreUnusable.
    """
    path = folder / FILE_NAME
    if not create and not path.is_file():
        raise NoStore(f"这个文件夹里还没有申报数据：{folder}。请先运行 shenbao ingest 或 shenbao serve。")
    _make_file(folder, path)
    with translated(folder):
        store = Store(folder, Database(_connect(path, patience), execute_plugins=False))
    try:
        with translated(folder):
            _prepare(store, patience)
    except BaseException:
        store.close()
        raise
    return store


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Say whether this SQLite can use WAL: 3.7.0 to 3.51.2 may lose a commit at a checkpoint.

    The mend was brought back to 3.50.7 and 3.44.6 (https://sqlite.org/wal.html#walresetbug).
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def _make_file(folder: Path, path: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives its journal and WAL the permissions of this file.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except (FileExistsError, NotADirectoryError, IsADirectoryError, PermissionError) as error:
        raise StoreUnusable(f"数据文件夹不能使用：{folder}。请确认它是一个可以读写的文件夹。") from error


def _connect(path: Path, patience: float) -> sqlite3.Connection:
    return sqlite3.connect(str(path), timeout=patience, isolation_level=None)


def _prepare(store: Store, patience: float) -> None:
    """Set the connection up and bring the store's schema up to date."""
    conn = store.db.conn
    _check_owner(store)
    conn.execute("PRAGMA foreign_keys = ON")
    conn.execute("PRAGMA synchronous = FULL")
    _migrate(store)
    wanted = "wal" if wal_is_safe(sqlite3.sqlite_version_info) else "delete"
    if conn.execute("PRAGMA journal_mode").fetchone()[0] != wanted:
        _set_journal(conn, wanted, patience)


def _set_journal(conn: sqlite3.Connection, wanted: str, patience: float) -> None:
    """Change the journal; SQLite itself does not wait for others here, so we do."""
    until = time.monotonic() + patience
    while True:
        try:
            conn.execute(f"PRAGMA journal_mode = {wanted}")
        except sqlite3.OperationalError:
            if time.monotonic() >= until:
                raise
            time.sleep(0.02)
        else:
            return


def _number(store: Store, pragma: str) -> int:
    return int(store.db.conn.execute(f"PRAGMA {pragma}").fetchone()[0])


def _check_owner(store: Store) -> None:
    """Leave alone what another program, or a newer version of this one, wrote."""
    owner = _number(store, "application_id")
    empty = _number(store, "schema_version") == 0
    if owner != APPLICATION_ID and not (owner == 0 and empty):
        raise StoreBroken(
            f"这不是申报系统的数据文件：{store.folder / FILE_NAME}。请检查 --data 指向的文件夹。"
        )
    if _number(store, "user_version") > len(_migrations()):
        raise NewerStore(
            f"数据由更新版本的 shenbao 写成：{store.folder}。请升级本程序后再打开，数据没有改动。"
        )


def _migrations() -> list[Path]:
    return sorted(MIGRATIONS.glob("[0-9]*.sql"))


def _migrate(store: Store) -> None:
    """Run the migrations that the store lacks, each in a transaction of its own."""
    have = _number(store, "user_version")
    for number, path in enumerate(_migrations()[have:], start=have + 1):
        with store.transaction():
            # Read again under the lock: another process may have been here meanwhile.
            if _number(store, "user_version") >= number:
                continue
            for statement in _statements(path.read_text(encoding="utf-8")):
                store.db.conn.execute(statement)
            store.db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            store.db.conn.execute(f"PRAGMA user_version = {number}")


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of `script` one by one; a trigger is one statement."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
