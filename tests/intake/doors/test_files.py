"""Filed mail: every mail once, in order, by its content; a bad path stops everything before it begins."""

import mailbox
import os
from pathlib import Path

import pytest

from intake.doors.files import PathError, mails

MAIL = b"From: a@unit.gov.cn\nSubject: %d\n\nbody\n"


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def origins(*paths: Path) -> list[str]:
    return [Path(one.origin).name for one in mails(paths).found]


def mbox(*raws: bytes) -> bytes:
    return b"".join(b"From a@b Mon May 23 10:00:00 2022\n" + raw + b"\n" for raw in raws)


def test_one_file_is_one_mail(tmp_path: Path) -> None:
    path = write(tmp_path / "a.eml", MAIL % 1)
    (found,) = mails([path]).found
    assert (found.origin, found.read()) == (str(path), MAIL % 1)


def test_a_file_named_directly_is_a_mail_whatever_it_is(tmp_path: Path) -> None:
    assert origins(write(tmp_path / "letter.txt", MAIL % 1), write(tmp_path / "empty", b"")) == [
        "letter.txt",
        "empty",
    ]


def test_a_folder_is_searched_in_sorted_order(tmp_path: Path) -> None:
    for name in ("b.eml", "a/z.EML", "a/empty.eml", "notes.txt", ".DS_Store", "a/form.docx"):
        write(tmp_path / name, b"" if "empty" in name else MAIL % 1)
    listed = mails([tmp_path])
    assert [Path(one.origin).name for one in listed.found] == ["empty.eml", "z.EML", "b.eml"]
    assert {path.name for path in listed.skipped} == {"notes.txt", ".DS_Store", "form.docx"}


def test_a_path_named_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.eml", MAIL % 1)
    assert origins(tmp_path, path) == ["a.eml"]


@pytest.mark.parametrize("name", ["archive.mbox", "archive", "已发送.txt"])
def test_an_mbox_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, mbox(MAIL % 1, MAIL % 2, MAIL % 3))
    assert origins(tmp_path) == [f"{name}#1", f"{name}#2", f"{name}#3"]
    assert [one.read() for one in mails([path]).found] == [MAIL % 1, MAIL % 2, MAIL % 3]


def test_an_mbox_written_by_python_reads_back(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "box")
    raws = [b"Subject: x\n\nFrom here on\n\nFrom the mayor\n", b"Subject: y\n\n"]
    for raw in raws:
        box.add(raw)
    box.close()
    assert [one.read().rstrip(b"\n") for one in mails([tmp_path / "box"]).found] == [
        raw.rstrip(b"\n") for raw in raws
    ]


def test_an_mbox_with_crlf(tmp_path: Path) -> None:
    raw = MAIL.replace(b"\n", b"\r\n") % 1
    path = write(tmp_path / "box", mbox(raw).replace(b"2022\n", b"2022\r\n").removesuffix(b"\n") + b"\r\n")
    assert [one.read() for one in mails([path]).found] == [raw]


def test_a_letter_that_begins_with_from_is_no_mbox(tmp_path: Path) -> None:
    write(tmp_path / "letter.txt", b"From Mr Li\nwith regards to all of you\n")
    assert mails([tmp_path]).found == ()


def test_a_maildir_is_read_whatever_its_flags(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "Maildir", create=True)
    box.add(MAIL % 1)
    write(tmp_path / "Maildir/cur/1653271200.M1.host:2,ST", MAIL % 2)
    write(tmp_path / "Maildir/tmp/half", MAIL % 3)
    write(tmp_path / "Maildir/.Junk/cur/1653271200.M2.host:2,", MAIL % 4)
    write(tmp_path / "Maildir/.Junk/new/1653271200.M3.host", MAIL % 5)
    write(tmp_path / "Maildir/dovecot-uidlist", b"3 V1")
    listed = mails([tmp_path])
    assert sorted(one.read() for one in listed.found) == [MAIL % number for number in (1, 2, 4, 5)]
    assert [path.name for path in listed.skipped] == ["dovecot-uidlist"]


def test_every_bad_path_is_told_at_once(tmp_path: Path) -> None:
    good = write(tmp_path / "a.eml", MAIL % 1)
    with pytest.raises(PathError) as caught:
        mails([tmp_path / "甲", good, tmp_path / "乙.eml"])
    assert caught.value.paths == (tmp_path / "甲", tmp_path / "乙.eml")
    assert str(caught.value) == f"路径不存在：{tmp_path / '甲'}；路径不存在：{tmp_path / '乙.eml'}"


def test_a_pipe_is_no_mail(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PathError, match="不是普通文件"):
        mails([tmp_path / "pipe"])


def test_what_is_no_file_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    write(tmp_path / "tmp/a.eml", MAIL % 1)
    assert origins(tmp_path) == ["a.eml"]


def test_an_eml_with_a_from_line_is_one_mail(tmp_path: Path) -> None:
    path = write(tmp_path / "a.eml", mbox(MAIL % 1, MAIL % 2))
    assert origins(path) == ["a.eml"]


def test_a_link_back_to_its_folder_ends(tmp_path: Path) -> None:
    write(tmp_path / "a.eml", MAIL % 1)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert origins(tmp_path) == ["a.eml"]


def test_mails_are_read_only_when_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "a.eml", MAIL % 1)
    (found,) = mails([path]).found
    path.write_bytes(MAIL % 2)
    assert found.read() == MAIL % 2
