"""One file that holds everything: what goes in comes back, and nothing that is not whole takes its place."""

import io
import sqlite3
import subprocess
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from storage import audit, backup, messages, outbox
from storage.backup import BackupBroken
from storage.database import FILE_NAME, Store, open_store
from storage.model import LetterState
from tests.storage import made
from tests.storage.test_verify import fill

NOW = datetime(2022, 6, 2, tzinfo=UTC)


def written(store: Store) -> bytes:
    file = io.BytesIO()
    assert backup.write(store, file).findings == ()
    return file.getvalue()


def members(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        return {one.name: content.read() for one in opened if (content := opened.extractfile(one))}


def packed(found: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in found.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return file.getvalue()


def test_what_was_backed_up_comes_back(store: Store, tmp_path: Path) -> None:
    fill(store)
    archive = written(store)
    store.db.execute("DELETE FROM arrivals")  # later than the backup
    restored = backup.restore(io.BytesIO(archive), tmp_path / "new", NOW)
    assert restored == (3, ())
    with open_store(tmp_path / "new", create=False) as back:
        assert [one.sha256 for one in messages.recent(back.db, 9)] == [
            one.sha256 for one in messages.recent(store.db, 9)
        ]
        assert sorted(back.blobs.every()) == sorted(store.blobs.every())
        assert back.db["arrivals"].count == 2
        assert [event.event for event in audit.since(back.db, 0)] == ["restored"]
    rights = {path.name: oct(path.stat().st_mode)[-3:] for path in (tmp_path / "new").rglob("*")}
    assert {rights[made.digest("mail")], rights[FILE_NAME], rights["blobs"]} == {"600", "700"}


def test_a_letter_on_its_way_is_uncertain_after_a_restore(store: Store, tmp_path: Path) -> None:
    for number, state in enumerate((LetterState.QUEUED, LetterState.HELD, LetterState.QUEUED)):
        outbox.queue(store.db, made.letter(str(number), state=state))
    outbox.sending(store.db, 3, NOW)
    backup.restore(io.BytesIO(written(store)), tmp_path / "new", NOW)
    with open_store(tmp_path / "new", create=False) as back:
        states = [letter.state for letter in outbox.every(back.db)]
    assert states == [LetterState.UNCERTAIN, LetterState.HELD, LetterState.UNCERTAIN]


def test_a_mail_with_a_secrecy_mark_is_nowhere_in_it(store: Store, tmp_path: Path) -> None:
    fill(store)
    secret = made.arrival("绝密★10年", position=made.position(9))
    with store.transaction() as db:
        mail, _ = messages.keep(db, msgspec.structs.replace(secret, sha256=store.blobs.keep(b"top secret")))
        messages.describe(
            db, mail.id, message_id="<s@x>", sender="a@x", subject="unspeakable", attachments_digest=None
        )
        messages.mark_secret(db, mail.id)
    archive = written(store)
    assert b"top secret" not in archive
    assert b"unspeakable" not in archive
    assert backup.restore(io.BytesIO(archive), tmp_path / "new", NOW) == (3, ())
    with open_store(tmp_path / "new", create=False) as back:
        assert messages.count(back.db) == messages.count(store.db) - 1
        assert messages.known_uids(back.db, "bzscbk@163.com", "INBOX", 7) == set()


def test_plain_tools_can_check_it(store: Store, tmp_path: Path) -> None:
    fill(store)
    with tarfile.open(fileobj=io.BytesIO(written(store))) as archive:
        archive.extractall(tmp_path, filter="data")
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=tmp_path, check=True)
    (mode,) = sqlite3.connect(tmp_path / FILE_NAME).execute("PRAGMA journal_mode").fetchone()
    assert mode == "delete"


def test_a_lost_original_is_told_and_the_rest_is_there(store: Store, tmp_path: Path) -> None:
    fill(store)
    store.blobs.path(made.digest("mail")).unlink()
    file = io.BytesIO()
    (finding,) = backup.write(store, file).findings
    assert made.digest("mail") in finding
    restored = backup.restore(io.BytesIO(file.getvalue()), tmp_path / "new", NOW)
    assert (restored.blobs, len(restored.findings)) == (2, 1)


def test_writers_wait_for_no_backup(store: Store, tmp_path: Path) -> None:
    fill(store)
    with open_store(store.folder, patience=0) as other, other.transaction() as db:
        messages.keep(db, made.arrival("not yet committed"))
        archive = written(store)
    backup.restore(io.BytesIO(archive), tmp_path / "new", NOW)
    with open_store(tmp_path / "new", create=False) as back:
        assert messages.count(back.db) == 2


def cut(archive: bytes) -> bytes:
    return archive[: len(archive) // 2]


def without_sums(archive: bytes) -> bytes:
    return packed({name: content for name, content in members(archive).items() if name != "SHA256SUMS"})


def with_other_bytes(archive: bytes) -> bytes:
    found = members(archive)
    name = next(name for name in found if name.startswith("blobs/"))
    return packed(found | {name: b"worm"})


def without_a_blob(archive: bytes) -> bytes:
    found = members(archive)
    return packed({name: found[name] for name in found if made.digest("mail") not in name})


def with_a_way_out(archive: bytes) -> bytes:
    return packed({"../outside": b"x"} | members(archive))


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(cut, id="cut short"),
        pytest.param(without_sums, id="no list"),
        pytest.param(with_other_bytes, id="other bytes"),
        pytest.param(without_a_blob, id="a blob left out"),
        pytest.param(with_a_way_out, id="a path that leads out"),
        pytest.param(lambda _: b"PK\x03\x04 something else", id="no archive"),
        pytest.param(lambda _: b"", id="empty"),
    ],
)
def test_what_is_not_whole_is_refused(store: Store, tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    fill(store)
    with pytest.raises(BackupBroken):
        backup.restore(io.BytesIO(harm(written(store))), tmp_path / "deep" / "new", NOW)
    assert list((tmp_path / "deep").iterdir()) == []


def test_nothing_is_overwritten(store: Store, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "mine").touch()
    with pytest.raises(OSError, match="not empty"):
        backup.restore(io.BytesIO(written(store)), tmp_path / "new", NOW)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["mine"]
