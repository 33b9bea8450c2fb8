"""The archive of a campaign: what is in it, what stays out, and that a check finds what was changed."""

import io
import json
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from intake.office import archive
from storage import applications, documents, messages
from storage.database import Store, open_store
from storage.messages import Arrival
from storage.model import Clock, Door, State
from tests.bot import made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return a store with an application of one mail, and a mail that bears a 密级 mark."""
    with open_store(tmp_path / "data", patience=5) as opened:
        kept = [keep(opened, text) for text in (b"From: a@example.cn\n\nmail", b"top secret mail")]
        with opened.transaction() as db:
            messages.mark_secret(db, kept[1])
            form = ("申报表.docx", "form", opened.blobs.keep(b"form"))
            held = documents.add(db, kept[0], [form])
            documents.add(db, kept[1], [("机密.docx", "form", opened.blobs.keep(b"secret form"))])
            one = made.application(1, "亳州发布", State.ACCEPTED)
            applications.save(db, one, message=kept[0], documents=held)
        yield opened


def keep(store: Store, raw: bytes) -> int:
    arrival = Arrival(
        sha256=store.blobs.keep(raw),
        size=len(raw),
        door=Door.FILE,
        origin="信件.eml",
        received_at=made.NOW,
        clock=Clock.RECEIVED,
        at=made.NOW,
    )
    with store.transaction() as db:
        return messages.keep(db, arrival)[0].id


def archived(store: Store) -> bytes:
    out = io.BytesIO()
    archive.write(store, made.CAMPAIGN, out, now=made.NOW)
    return out.getvalue()


def changed(data: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    """Return the zip with its members changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        members = {name: source.read(name) for name in source.namelist()}
    change(members)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, content in members.items():
            target.writestr(name, content)
    return out.getvalue()


def test_everything_is_in_it_and_plain_tools_can_check_it(store: Store, tmp_path: Path) -> None:
    data = archived(store)
    checked = archive.check(io.BytesIO(data))
    assert checked.findings == ()
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        opened.extractall(tmp_path / "out")
        assert len(opened.namelist()) == checked.members + 1
    found = tmp_path / "out"
    assert (found / "邮件" / "000001.eml").read_bytes() == b"From: a@example.cn\n\nmail"
    assert [path.read_bytes() for path in found.glob("申报材料/01_*/申报表.docx")] == [b"form"]
    assert json.loads((found / "申报.jsonl").read_text("utf-8"))["receipt"] == "WM2022-0001"
    assert made.token_of(1) not in (found / "申报.jsonl").read_text("utf-8")
    ran = subprocess.run(["sha256sum", "-c", archive.SUMS], cwd=found, capture_output=True, check=False)
    assert ran.returncode == 0


def test_a_mail_with_a_mark_of_secrecy_stays_out_and_is_listed(store: Store) -> None:
    with zipfile.ZipFile(io.BytesIO(archived(store))) as opened:
        assert not any(b"secret" in opened.read(name) for name in opened.namelist())
        (line,) = opened.read(archive.LEFT_OUT).splitlines()
    assert json.loads(line) == {
        "mail": 2,
        "received_at": made.NOW.isoformat(),
        "size": 15,
        "why": archive.SECRET,
    }


def test_a_lost_original_is_listed_and_the_rest_is_there(store: Store) -> None:
    mail = messages.get(store.db, 1)
    assert mail is not None
    store.blobs.path(mail.sha256).write_bytes(b"damaged")
    data = archived(store)
    assert archive.check(io.BytesIO(data)).findings == ()
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert [json.loads(line)["why"] for line in opened.read(archive.LEFT_OUT).splitlines()] == [
            archive.LOST,
            archive.SECRET,
        ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(lambda found: found.update({"申报.jsonl": b"{}"}), "内容与清单不符", id="changed"),
        pytest.param(lambda found: found.pop("邮件/000001.eml"), "缺少文件", id="taken out"),
        pytest.param(lambda found: found.update({"新.txt": b"x"}), "清单里没有", id="put in"),
        pytest.param(lambda found: found.pop(archive.SUMS), "没有校验清单", id="no list"),
    ],
)
def test_a_check_finds_what_was_changed(
    store: Store, change: Callable[[dict[str, bytes]], object], said: str
) -> None:
    findings = archive.check(io.BytesIO(changed(archived(store), change))).findings
    assert len(findings) == 1
    assert said in findings[0]


def test_a_check_of_a_torn_file_is_told(store: Store) -> None:
    data = archived(store)
    assert archive.check(io.BytesIO(data[: len(data) // 2])).findings
    assert archive.check(io.BytesIO(b"no zip")).findings
