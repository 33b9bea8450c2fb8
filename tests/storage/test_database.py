import os
import resource
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlite_utils import Database

from storage import applications, marks, messages
from storage.database import FILE_NAME, Store, open_store, wal_is_safe
from storage.driver import sqlite3
from storage.errors import (
    NewerStore,
    NoStore,
    StoreBroken,
    StoreBusy,
    StoreError,
    StoreFull,
    StoreUnusable,
)
from tests.storage import made

ROOT = Path(__file__).parents[2]


def run(program: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a Python process of ours; its output is read as text."""
    command = [sys.executable, "-W", "error", "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_nobody_else_reads_the_store(store: Store) -> None:
    with store.transaction() as db:
        messages.keep(db, made.kept_mail(store))
    inside = [path for path in store.folder.rglob("*") if path.is_file()]
    assert mode(store.folder) == 0o700
    assert {mode(path) for path in inside} == {0o600}
    assert any(path.name == f"{FILE_NAME}-wal" for path in inside)


def test_the_connection_is_set_up(db: Database) -> None:
    pragmas = ("foreign_keys", "synchronous", "journal_mode", "busy_timeout")
    assert [db.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas] == [1, 2, "wal", 5000]


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        pytest.param((3, 40, 1), False, id="Debian 12"),
        pytest.param((3, 44, 5), False, id="before the mend of 3.44"),
        pytest.param((3, 44, 6), True, id="the mend of 3.44"),
        pytest.param((3, 46, 1), False, id="Debian 13"),
        pytest.param((3, 50, 6), False, id="before the mend of 3.50"),
        pytest.param((3, 50, 7), True, id="the mend of 3.50"),
        pytest.param((3, 51, 0), False, id="3.51 without it"),
        pytest.param((3, 51, 2), False, id="the last one without it"),
        pytest.param((3, 51, 3), True, id="the mend"),
        pytest.param((3, 53, 4), True, id="later"),
    ],
)
def test_wal_only_where_it_loses_nothing(version: tuple[int, int, int], safe: bool) -> None:
    assert wal_is_safe(version) is safe


def test_opening_again_finds_what_was_kept(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, store.transaction() as db:
        made.saved(db, made.application())
    with open_store(tmp_path, create=False) as store:
        assert applications.count(store.db) == 1


def test_a_transaction_that_fails_keeps_nothing(store: Store) -> None:
    def failing() -> None:
        with store.transaction() as db:
            made.saved(db, made.application())
            raise KeyError("half way")

    with pytest.raises(KeyError):
        failing()
    assert applications.count(store.db) == 0
    with store.transaction() as db:
        made.saved(db, made.application())
    assert applications.count(store.db) == 1


def test_no_transaction_inside_another(store: Store) -> None:
    def nested() -> None:
        with store.transaction():
            pass

    with store.transaction() as db:
        made.saved(db, made.application())
        with pytest.raises(RuntimeError, match="inside"):
            nested()
    assert applications.count(store.db) == 1


def test_a_reader_sees_the_last_commit_and_never_waits(store: Store) -> None:
    with open_store(store.folder, patience=0.1) as reader, store.transaction() as db:
        made.saved(db, made.application())
        assert list(applications.every(reader.db)) == []
    assert applications.count(store.db) == 1


def test_who_waits_too_long_for_the_lock_says_so(store: Store) -> None:
    with (
        open_store(store.folder, patience=0.1) as other,
        store.transaction(),
        pytest.raises(StoreBusy, match="占用"),
    ):
        other.transaction().__enter__()


def test_a_folder_without_a_store(tmp_path: Path) -> None:
    with pytest.raises(NoStore, match="还没有申报数据"):
        open_store(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()


def test_a_store_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.db.execute("PRAGMA user_version = 99")
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(NewerStore, match="升级"):
        open_store(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("这不是数据库。" * 200, id="text"),
        pytest.param("short", id="a few bytes"),
    ],
)
def test_a_file_that_is_no_database(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(StoreBroken, match="--data"):
        open_store(tmp_path)
    assert (tmp_path / FILE_NAME).read_text() == content


def test_the_database_of_another_program(tmp_path: Path) -> None:
    other = sqlite3.connect(str(tmp_path / FILE_NAME))
    other.execute("CREATE TABLE messages (id)")
    other.close()
    with pytest.raises(StoreBroken, match="不是申报系统"):
        open_store(tmp_path)


@pytest.mark.parametrize(
    "name",
    [pytest.param("file", id="a file"), pytest.param("file/data", id="below a file")],
)
def test_a_place_where_no_folder_can_be(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnusable, match="不能使用"):
        open_store(tmp_path / name)


def test_a_full_disk_keeps_nothing_of_the_transaction(store: Store) -> None:
    pages = store.db.execute("PRAGMA page_count").fetchone()[0]
    store.db.execute(f"PRAGMA max_page_count = {pages}")

    def too_much() -> None:
        with store.transaction() as db:
            for number in range(2000):
                marks.set(db, f"{number}", "x" * 1000, made.NOON)

    with pytest.raises(StoreFull, match="磁盘已满"):
        too_much()
    assert marks.get(store.db, "0") is None
    store.db.execute(f"PRAGMA max_page_count = {pages + 10000}")
    with store.transaction() as db:
        marks.set(db, "name", "value", made.NOON)
    assert marks.get(store.db, "name") is not None


def test_a_disk_that_refuses_to_write(store: Store) -> None:
    """A limit of the file's size is as near to a failing disk as a test gets without a file system."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    blob = b"x" * 1_000_000

    def too_much() -> None:
        with store.transaction() as db:
            marks.set(db, "big", "x" * 1_000_000, made.NOON)

    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
        with pytest.raises(OSError, match="too large"):
            store.blobs.keep(blob)
        with pytest.raises(StoreError, match="未保存"):
            too_much()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(store.blobs.every()) == []
    assert [path.name for path in store.blobs.folder.rglob("*") if path.is_file()] == []
    assert marks.get(store.db, "big") is None
    assert store.blobs.whole(store.blobs.keep(blob))


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from storage import applications, marks
from storage.database import open_store
with open_store(Path(sys.argv[1]), patience=30) as store:
    for number in range(int(sys.argv[3])):
        with store.transaction() as db:
            receipt = applications.issue(db, "WM2022")
            marks.set(db, receipt, sys.argv[2], datetime.now(UTC))
"""


def test_two_processes_write_and_no_number_is_given_twice(tmp_path: Path) -> None:
    writers = [run(WRITER, tmp_path, name, 60) for name in "ab"]
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert (writer.returncode, errors) == (0, "")
    with open_store(tmp_path) as store:
        counted = store.db.execute("SELECT value, count(*) FROM marks GROUP BY value").fetchall()
        assert counted == [("a", 60), ("b", 60)]
        assert applications.issue(store.db, "WM2022") == "WM2022-0121"


def test_many_threads_open_a_new_store_at_once(tmp_path: Path) -> None:
    failures: list[Exception] = []
    together = threading.Barrier(8)

    def opening() -> None:
        together.wait()
        try:
            with open_store(tmp_path / "new", patience=20) as store, store.transaction() as db:
                applications.issue(db, "WM2022")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(error)

    threads = [threading.Thread(target=opening) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with open_store(tmp_path / "new") as store:
        assert applications.issue(store.db, "WM2022") == "WM2022-0009"


KEEPER = """
import sys
from pathlib import Path
from storage import messages
from storage.database import open_store
from tests.storage import made
with open_store(Path(sys.argv[1])) as store:
    number = 0
    while True:
        number += 1
        arrival = made.kept_mail(store, f"{sys.argv[2]}-{number}")
        with store.transaction() as db:
            messages.keep(db, arrival)
        print(arrival.sha256, flush=True)
"""


def test_a_killed_writer_loses_nothing_it_answered_for(tmp_path: Path) -> None:
    answered: list[str] = []
    for life in range(3):
        keeper = run(KEEPER, tmp_path, life)
        assert keeper.stdout is not None
        answered += [keeper.stdout.readline().strip() for _ in range(5 + 7 * life)]
        os.kill(keeper.pid, signal.SIGKILL)
        rest, _ = keeper.communicate(timeout=20)
        answered += [line for line in rest.splitlines() if len(line) == 64]
    with open_store(tmp_path) as store:
        kept = {message.sha256 for message in messages.waiting(store.db)}
        assert set(answered) <= kept
        assert all(store.blobs.whole(sha256) for sha256 in kept)
        assert store.db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
