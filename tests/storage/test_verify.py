from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from storage import applications, documents, messages, outbox
from storage.database import FILE_NAME, Store, open_store
from storage.errors import StoreBroken
from storage.model import LetterKind, MailOutcome
from storage.verify import verify
from tests.storage import made

NOW = datetime(2022, 6, 2, tzinfo=UTC)


def fill(store: Store) -> None:
    """One mail judged, with its form, and one that waits."""
    with store.transaction() as db:
        mail, _ = messages.keep(db, made.kept_mail(store))
        form = ("申报表.docx", "form", store.blobs.keep(b"form"))
        ids = documents.add(db, mail.id, [form])
        receipt = applications.issue(db, made.PREFIX)
        applications.save(db, made.application(receipt=receipt), message=mail.id, documents=ids)
        messages.finish(db, mail.id, MailOutcome.APPLICATION, None, NOW)
        messages.keep(db, made.kept_mail(store, "waiting"))


def run(sql: str) -> Callable[[Store], object]:
    def change(store: Store) -> None:
        store.db.execute("PRAGMA foreign_keys = OFF")
        store.db.execute(sql)

    return change


def spoil(store: Store) -> None:
    store.blobs.path(made.digest("form")).write_bytes(b"worm")


def lose(store: Store) -> None:
    store.blobs.path(made.digest("mail")).unlink()


def damage(store: Store) -> None:
    """As on a bad sector: reading raises OSError."""
    lose(store)
    store.blobs.path(made.digest("mail")).mkdir()


def answer_twice(store: Store) -> None:
    for kind in (LetterKind.ACKNOWLEDGEMENT, LetterKind.CORRECTION):
        letter = msgspec.structs.replace(made.letter(), kind=kind, cause=made.digest("mail"))
        outbox.queue(store.db, msgspec.structs.replace(letter, message_id=f"<{kind}@x>"))


def tire(store: Store) -> None:
    for _ in range(3):
        messages.failed(store.db, 2, "内存不足")


def test_a_store_in_order(store: Store) -> None:
    assert verify(store) == []
    fill(store)
    assert verify(store) == []


@pytest.mark.parametrize(
    ("harm", "finding"),
    [
        pytest.param(spoil, "内容已损坏", id="a blob that changed"),
        pytest.param(lose, "文件不见了", id="a blob that is gone"),
        pytest.param(damage, "读不出来", id="a blob on a bad sector"),
        pytest.param(answer_twice, "第 1 号邮件有 2 封自动回信", id="a mail answered twice"),
        pytest.param(tire, "第 2 号邮件处理失败 3 次", id="a mail nobody finished"),
        pytest.param(
            run("DELETE FROM messages WHERE id = 1"), "指向的 messages 记录不存在", id="a mail gone"
        ),
        pytest.param(run("DELETE FROM documents"), "指向的 documents 记录不存在", id="a document gone"),
        pytest.param(run("DELETE FROM versions"), "却没有对应的申报", id="no trace of the application"),
        pytest.param(run("DELETE FROM versions"), "WM2022-0001 的当前版本没有留存", id="a version gone"),
        pytest.param(run("UPDATE receipts SET last = 3"), "回执号不连续", id="a receipt given and gone"),
        pytest.param(run("UPDATE applications SET number = 2"), "回执号不连续", id="a gap"),
    ],
)
def test_what_is_wrong_is_named(store: Store, harm: Callable[[Store], object], finding: str) -> None:
    fill(store)
    harm(store)
    assert any(finding in line for line in verify(store)), verify(store)


def test_a_damaged_page_is_a_finding(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fill(store)
        (page,) = store.db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'messages'").fetchone()
        (size,) = store.db.execute("PRAGMA page_size").fetchone()
    with (tmp_path / FILE_NAME).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    with open_store(tmp_path) as store:
        assert any("数据文件" in line for line in verify(store))


def test_a_damaged_schema_is_said_at_opening(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fill(store)
    with (tmp_path / FILE_NAME).open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 2000)
    with pytest.raises(StoreBroken, match="备份"):
        open_store(tmp_path)
