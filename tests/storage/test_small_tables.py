"""Facts, documents, the audit trail, bindings and marks: a few rows each, the same few promises."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from storage import applications, audit, bindings, documents, facts, marks, messages
from storage.database import APPLICATION_ID, FILE_NAME, MIGRATIONS, open_store
from storage.driver import sqlite3
from storage.model import Document, DocumentType
from tests.storage import made

NOW = datetime(2022, 6, 2, tzinfo=UTC)


def test_facts_belong_to_bytes_and_parsers(db: Database) -> None:
    name = made.digest("form")
    facts.put(db, name, "1", '{"reader":"word"}', NOW)
    facts.put(db, name, "1", '{"reader":"other"}', NOW)
    assert facts.get(db, name, "1") == '{"reader":"word"}'
    assert facts.get(db, name, "2") is None
    assert facts.get(db, made.digest("other"), "1") is None


def test_documents_keep_the_mails_order(db: Database) -> None:
    mail, _ = messages.keep(db, made.arrival())
    first = documents.add(
        db, mail.id, [made.file("乙.zip", DocumentType.ARCHIVE), made.file("乙.zip/甲.docx")]
    )
    second = documents.add(db, mail.id, [("\udcd5.docx", "form", made.digest("x"))])
    found = documents.of_message(db, mail.id)
    assert [number for number, _ in found] == first + second
    assert [document.file for _, document in found] == ["乙.zip", "乙.zip/甲.docx", "\\udcd5.docx"]
    assert found[0][1] == Document(file="乙.zip", type=DocumentType.ARCHIVE, sha256=made.digest("乙.zip"))


def test_documents_that_staff_brought_belong_to_no_mail(db: Database) -> None:
    assert documents.add(db, None, [made.file("U盘.docx")]) == [1]
    assert documents.of_message(db, 1) == []


def test_a_document_of_no_known_type_is_a_mistake(db: Database) -> None:
    with pytest.raises(ValueError, match="poem"):
        documents.add(db, None, [("诗.txt", "poem", made.digest("x"))])


def test_the_audit_trail_tells_who_did_what(db: Database) -> None:
    made.saved(db, made.application())
    audit.record(db, at=made.NOON, actor="pipeline", event="judged", receipt="WM2022-0001", message=1)
    audit.record(
        db, at=made.NOON, actor="王", event="accepted", receipt="WM2022-0001", detail={"原因": "已核", "n": 1}
    )
    audit.record(db, at=made.NOON, actor="sender", event="sent")
    first, second = audit.history(db, "WM2022-0001")
    assert (first.actor, first.event, first.message, first.at) == ("pipeline", "judged", 1, made.NOON)
    assert (second.actor, second.detail) == ("王", {"原因": "已核", "n": 1})
    assert [event.event for event in audit.since(db, first.id)] == ["accepted", "sent"]


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = '李'", "DELETE FROM audit"])
def test_the_audit_trail_is_never_changed(db: Database, change: str) -> None:
    audit.record(db, at=NOW, actor="王", event="accepted")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(change)


def test_a_chat_asks_about_what_is_bound_to_it(db: Database) -> None:
    made.saved(db, made.application(1), made.application(2))
    assert bindings.bind(db, "telegram:1", "WM2022-0002", NOW)
    assert bindings.bind(db, "telegram:1", "WM2022-0001", NOW)
    assert not bindings.bind(db, "telegram:1", "WM2022-0001", NOW)
    assert bindings.bound(db, "telegram:1") == ["WM2022-0001", "WM2022-0002"]
    assert bindings.chats(db, "WM2022-0001") == ["telegram:1"]
    assert bindings.unbind(db, "telegram:1", "WM2022-0001")
    assert not bindings.unbind(db, "telegram:1", "WM2022-0001")
    assert bindings.bound(db, "telegram:2") == []


def test_nothing_is_bound_to_an_application_that_is_not_there(db: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        bindings.bind(db, "telegram:1", "WM2022-0009", NOW)


def test_a_mark_is_replaced_and_says_when(db: Database) -> None:
    assert marks.get(db, "mailbox") is None
    marks.set(db, "mailbox", "3 new", NOW)
    marks.set(db, "mailbox", "ok", NOW + timedelta(minutes=1))
    assert marks.get(db, "mailbox") == marks.Mark(value="ok", at=NOW + timedelta(minutes=1))


def test_what_was_bound_before_anybody_was_told_anything_counts_as_told(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (ours,) = MIGRATIONS.glob("*_listeners.sql")
    with closing(sqlite3.connect(folder / FILE_NAME)) as old:
        for path in sorted(path for path in MIGRATIONS.glob("*.sql") if path < ours):
            old.executescript(path.read_text("utf-8"))
        for number, paper in ((1, "2022-06-01"), (2, None)):
            old.execute(
                """INSERT INTO applications (receipt, prefix, number, version, state, channel, fields, received_at,
                       received_unix, changed_at, token, paper_received)
                   VALUES (?1, 'WM2022', ?2, 1, 'accepted', 'direct', '{}', '', 0, '', ?1, ?3)""",
                (f"WM2022-{number:04d}", number, paper),
            )
            old.execute("INSERT INTO bindings VALUES ('telegram:1', ?, '')", (f"WM2022-{number:04d}",))
        old.execute(f"PRAGMA user_version = {int(ours.name[:4]) - 1}")
        old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        old.commit()
    with open_store(folder) as store:
        assert bindings.bound(store.db, "telegram:1") == ["WM2022-0001", "WM2022-0002"]
        assert bindings.changed(store.db, "telegram") == []
        with store.transaction() as db:
            applications.mark_paper(db, "WM2022-0002", NOW.date())
        assert [one.receipt for one in bindings.changed(store.db, "telegram")] == ["WM2022-0002"]
