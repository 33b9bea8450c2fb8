"""The material folder: what lies where, under which name, and what stays in the store."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from intake.office import filing, folders
from intake.office.stable_zip import replacing
from storage import applications, documents
from storage.database import Store, open_store
from storage.model import Application, Code, Outcome, Problem, State
from tests.bot import made

NAMES = st.text(min_size=1, max_size=400)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "data") as opened:
        yield opened


def keep(store: Store, one: Application, *files: tuple[str, str, bytes]) -> None:
    """Keep `one` as it is with `files` (path, type, bytes), brought by its version."""
    entries = [(file, kind, store.blobs.keep(data)) for file, kind, data in files]
    with store.transaction():
        numbers = documents.add(store.db, None, entries)
        applications.save(store.db, one, message=None, documents=numbers)


def paths(store: Store) -> list[str]:
    return [entry.path for entry in folders.entries(store, applications.every(store.db))]


def test_an_application_has_a_folder_and_its_documents_plain_names(store: Store) -> None:
    one = made.application(1, "亳州发布", State.ACCEPTED)
    keep(
        store,
        one,
        ("材料.zip", "archive", b"zip"),
        ("材料.zip/谯城/亳州发布 申报表.docx", "form", b"form"),
        ("材料.zip/谯城/案例.DOCX", "work", b"work"),
        ("执照.jpg", "qualification", b"scan"),
    )
    folder = folders.folder_of(one)
    assert folder == f"01_亳州发布_{one.fields.organizer}"
    assert paths(store) == [
        f"{folder}/申报表.docx",
        f"{folder}/工作材料_案例.docx",
        f"{folder}/资质证明_执照.jpg",
    ]


def test_what_came_later_lies_beside_what_it_may_replace(store: Store) -> None:
    one = made.application(1, "亳州发布", State.ACCEPTED)
    keep(store, one, ("申报表.docx", "form", b"first"), ("执照.jpg", "qualification", b"scan"))
    keep(store, replace(one, version=2), ("新申报表.docx", "form", b"second"))
    assert [path.rpartition("/")[2] for path in paths(store)] == [
        "申报表_第1次报送.docx",
        "资质证明_执照.jpg",
        "申报表.docx",
    ]


def test_two_files_of_one_name_are_both_there(store: Store) -> None:
    one = made.application(1, "亳州发布", State.ACCEPTED)
    keep(
        store,
        one,
        ("甲/图.JPG", "picture", b"1"),
        ("乙/图.jpg", "picture", b"2"),
        ("丙/图.jpg", "picture", b"3"),
    )
    assert [path.rpartition("/")[2] for path in paths(store)] == [
        "图片_图.jpg",
        "图片_图(2).jpg",
        "图片_图(3).jpg",
    ]


def test_what_is_unsafe_stays_in_the_store_and_is_listed(store: Store, tmp_path: Path) -> None:
    unsafe = Problem(
        code=Code.ATTACHMENT_UNSAFE, outcome=Outcome.CORRECT, message="请勿发送程序。", file="申报表.exe"
    )
    one = replace(made.application(1, "亳州发布", State.CORRECTING), problems=(unsafe,))
    keep(store, one, ("申报表.exe", "unreadable", b"MZ"), ("申报表.docx", "form", b"form"))
    listed = list(folders.entries(store, applications.every(store.db)))
    filing.write_folder(
        tmp_path / "out", listed, store.blobs, folders.index(listed, made.CAMPAIGN, now=made.NOW)
    )
    found = sorted(path.name for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert found == ["申报表.docx", folders.INDEX]
    sheet = openpyxl.load_workbook(tmp_path / "out" / folders.INDEX).worksheets[0]
    assert ["不安全，未导出", "申报表.exe"] in [[row[6], row[7]] for row in sheet.iter_rows(values_only=True)]


def test_the_same_material_gives_the_same_zip(store: Store, tmp_path: Path) -> None:
    keep(store, made.application(1, "亳州发布", State.ACCEPTED), ("申报表.docx", "form", b"form" * 100))
    for name in ("a.zip", "b.zip"):
        listed = list(folders.entries(store, applications.every(store.db)))
        index = folders.index(listed, made.CAMPAIGN, now=made.NOW)
        filing.write_zip(tmp_path / name, listed, store.blobs, index)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == folders.INDEX
        assert archive.read(archive.namelist()[1]) == b"form" * 100


def test_a_lost_original_leaves_no_half_made_file_behind(store: Store, tmp_path: Path) -> None:
    keep(store, made.application(1, "亳州发布", State.ACCEPTED), ("申报表.docx", "form", b"form"))
    listed = list(folders.entries(store, applications.every(store.db)))
    store.blobs.path(listed[0].document.sha256).unlink()
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(FileNotFoundError):
        filing.write_zip(out / "all.zip", listed, store.blobs, b"")
    with pytest.raises(FileNotFoundError):
        filing.write_folder(out / "all", listed, store.blobs, b"")
    assert not any(out.iterdir())


def test_a_file_that_is_there_is_replaced_only_when_told_to(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError), replacing(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"old"
    with replacing(path, force=True) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"


@given(name=NAMES, organizer=NAMES, file=NAMES)
def test_no_name_of_theirs_leads_out_of_the_folder_or_cannot_be_written(
    name: str, organizer: str, file: str
) -> None:
    one = made.application(1, "x", State.ACCEPTED)
    one = replace(one, fields=replace(one.fields, name=name, organizer=organizer))
    for part in (folders.folder_of(one), folders.safe(file)):
        assert part.strip(" .") == part
        assert not re.search(r'[\x00-\x1f\\/:*?"<>|]', part)
        part.encode()
        assert part.casefold().partition(".")[0] not in {"con", "nul", "prn", "aux", "com1", "lpt1"}
    assert len(folders.folder_of(one).encode()) <= folders.LONGEST_PART
    with zipfile.ZipFile(io.BytesIO(), "w") as archive:
        archive.writestr(f"{folders.folder_of(one)}/{folders.safe(file)}", b"")
