"""Quarantine, retry, backup and restore as staff use them."""

import hashlib
from pathlib import Path

import pytest

from intake import pipeline
from intake.pipeline import Raw
from shenbao.options import now
from storage import audit, messages
from storage.database import open_store
from storage.model import Clock, Door, MailOutcome
from tests.build import mails
from tests.shenbao.conftest import Shenbao
from tests.storage.test_backup import cut

QUESTION = mails.post(mails.Draft(sender="a@unit.example.cn", subject="请问", text="怎样申报？"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A store with an empty file in quarantine (1) and a good mail that failed three times (2)."""
    folder = tmp_path / "data"
    with open_store(folder) as store:
        for number, content in enumerate((b"", QUESTION.raw), 1):
            pipeline.keep(store, Raw(content, Door.FILE, f"{number}.eml", now(), Clock.RECEIVED), now())
            for _ in range(3):
                messages.failed(store.db, number, "磁盘坏了")
            messages.finish(store.db, number, MailOutcome.QUARANTINED, f"理由{number}", now())
    return folder


def test_the_quarantine_is_listed_with_reasons(data: Path, shenbao: Shenbao) -> None:
    listed = shenbao("quarantine", "--data", data, "--json").lines
    assert [(one["id"], one["reason"], one["size"]) for one in listed] == [
        (1, "理由1", 0),
        (2, "理由2", len(QUESTION.raw)),
    ]
    assert "理由2" in shenbao("quarantine", "--data", data).out
    (only,) = shenbao("quarantine", 2, "--data", data, "--json").lines
    assert only["id"] == 2


def test_the_original_is_saved_and_nothing_overwritten(data: Path, tmp_path: Path, shenbao: Shenbao) -> None:
    file = tmp_path / "2.eml"
    assert shenbao("quarantine", 2, "--save", file, "--data", data).status == 0
    assert file.read_bytes() == QUESTION.raw
    assert shenbao("quarantine", 1, "--save", file, "--data", data).status == 2
    assert file.read_bytes() == QUESTION.raw


def test_a_good_mail_is_judged_again_and_answered(data: Path, shenbao: Shenbao) -> None:
    (told,) = shenbao("retry", 2, "--by", "王", "--data", data, "--json").fits("ingest")
    assert (told["outcome"], told["sender"]) == ("inquiry", "a@unit.example.cn")
    assert [one["kind"] for one in told["replies"]] == ["inquiry"]
    assert [one["id"] for one in shenbao("quarantine", "--data", data, "--json").lines] == [1]
    with open_store(data) as store:
        assert next((one.actor, one.event) for one in audit.since(store.db, 0)) == ("王", "retried")
    assert shenbao("retry", 2, "--data", data).status == 1
    assert len(shenbao("outbox", "--data", data, "--json").lines) == 1


def test_retry_of_all_quarantines_anew_what_fails_again(data: Path, shenbao: Shenbao) -> None:
    with open_store(data) as store:
        store.blobs.path(hashlib.sha256(QUESTION.raw).hexdigest()).unlink()
    ran = shenbao("retry", "--all", "--data", data, "--json")
    assert ran.status == 1
    assert "FileNotFoundError" in ran.err
    listed = shenbao("quarantine", "--data", data, "--json").lines
    assert [one["id"] for one in listed] == [1, 2]
    assert shenbao("verify", "--data", data).status == 1  # the lost original


def test_what_staff_dealt_with_is_put_aside_and_kept(data: Path, shenbao: Shenbao) -> None:
    assert shenbao("quarantine", 1, "--aside", "空文件，已电话联系", "--by", "李", "--data", data).status == 0
    assert [one["id"] for one in shenbao("quarantine", "--data", data, "--json").lines] == [2]
    (health,) = shenbao("health", "--data", data, "--json").lines
    assert health["for_a_person"]["quarantined"] == 1
    with open_store(data) as store:
        (event,) = audit.since(store.db, 0)
        assert (event.actor, event.event, event.detail) == (
            "李",
            "put-aside",
            {"reason": "空文件，已电话联系"},
        )
        assert messages.count(store.db) == 2
    assert shenbao("quarantine", 1, "--aside", "又一次", "--data", data).status == 1
    assert shenbao("retry", 1, "--data", data).status == 0
    assert shenbao("verify", "--data", data).status == 0
    assert [one["id"] for one in shenbao("quarantine", "--data", data, "--json").lines] == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        pytest.param(("quarantine", 99), 1, id="no such mail"),
        pytest.param(("quarantine", "--save", "x.eml"), 2, id="save which"),
        pytest.param(("quarantine", 1, "--aside", " "), 2, id="no reason"),
        pytest.param(("retry",), 2, id="retry what"),
        pytest.param(("retry", 1, "--all"), 2, id="one or all"),
        pytest.param(("retry", 99), 1, id="retry no such mail"),
        pytest.param(("restore", "no-such-file"), 2, id="no such backup"),
    ],
)
def test_wrong_usage(data: Path, shenbao: Shenbao, arguments: tuple[object, ...], status: int) -> None:
    ran = shenbao(*arguments, "--data", data)
    assert ran.status == status
    assert ran.err.startswith("错误：")


def test_backup_and_restore(data: Path, tmp_path: Path, shenbao: Shenbao) -> None:
    file, new = tmp_path / "backup.tar", tmp_path / "new"
    (told,) = shenbao("backup", file, "--data", data, "--json").lines
    assert told == {"file": str(file), "data": str(data), "blobs": 2, "findings": []}
    assert oct(file.stat().st_mode)[-3:] == "600"
    assert shenbao("backup", file, "--data", data).status == 2
    assert shenbao("restore", file, "--data", data).status == 2
    restored = shenbao("restore", file, "--data", new)
    assert (restored.status, "[outgoing]" in restored.out) == (0, True)
    assert shenbao("verify", "--data", new).status == 0
    before, after = (shenbao("quarantine", "--data", one, "--json").lines for one in (data, new))
    assert before == after
    file.write_bytes(cut(file.read_bytes()))
    ran = shenbao("restore", file, "--data", tmp_path / "third")
    assert (ran.status, (tmp_path / "third").exists()) == (1, False)
    assert "不完整" in ran.err
