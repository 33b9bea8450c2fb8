"""The commands about paper, letters that wait, the archive and erasing, as people type them."""

import json
import zipfile
from pathlib import Path

import pytest

from storage.database import open_store
from tests.bot import made
from tests.shenbao.conftest import Shenbao


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with open_store(tmp_path / "data", patience=5) as store:
        made.keep(store, *made.office())
    return tmp_path / "data"


def test_a_cover_sheet_is_written_once(data: Path, tmp_path: Path, shenbao: Shenbao) -> None:
    file = tmp_path / "封面.docx"
    assert shenbao("cover", "wm2022-0005", file, "--data", data).status == 0
    assert zipfile.is_zipfile(file)
    assert shenbao("cover", "WM2022-0005", file, "--data", data).status == 2
    assert shenbao("cover", "WM2022-0005", tmp_path / "封面.txt", "--data", data).status == 2
    assert shenbao("cover", "WM2022-0099", tmp_path / "x.docx", "--data", data).status == 1


def test_scanned_lines_are_ticked_and_what_is_wrong_is_told(
    data: Path, tmp_path: Path, shenbao: Shenbao
) -> None:
    lines = tmp_path / "扫码.txt"
    lines.write_text("WM2022-0002\nWM2022-0003\nWM2022-0009\n不是编号\n", "utf-8")
    ran = shenbao("paper", "--scan", lines, "--day", "2022-06-02", "--data", data, "--json")
    assert ran.status == 1
    assert [(one["receipt"], one["paper_received"]) for one in ran.fits("list")] == [
        ("WM2022-0002", "2022-06-02"),
        ("WM2022-0003", "2022-06-02"),
    ]
    assert "WM2022-0009 已撤回" in ran.err
    assert "不是编号" in ran.err
    listed = shenbao("paper", "--list", "only-paper", "--data", data, "--json").fits("list")
    assert [one["receipt"] for one in listed] == ["WM2022-0002", "WM2022-0003"]
    assert shenbao("paper", "--data", data).status == 2
    assert shenbao("paper", "--scan", tmp_path / "没有.jpg", "--data", data).status == 2


def test_reminders_are_drafts_that_are_edited_and_released_together(
    data: Path, tmp_path: Path, shenbao: Shenbao
) -> None:
    (letter,) = shenbao("remind", "--data", data, "--json").fits("outbox")
    assert (letter["kind"], letter["state"]) == ("reminder", "draft")
    text = tmp_path / "信.txt"
    text.write_text("请尽快补正。\n", "utf-8")
    assert shenbao("edit", "1", "--body-file", text, "--data", data).status == 0
    assert shenbao("release", "1", "--all", "--data", data).status == 2
    assert shenbao("release", "--kind", "rejection", "--data", data).status == 0
    assert shenbao("release", "--all", "--by", "王芳", "--data", data).status == 0
    (letter,) = shenbao("outbox", "--data", data, "--json").fits("outbox")
    assert (letter["state"], letter["body"]) == ("queued", "请尽快补正。\n")
    assert (
        shenbao("edit", "1", "--body-file", text, "--data", data).status == 0
    )  # the same text: nothing to do
    assert shenbao("drop", "1", "--data", data).status == 0


def test_an_archive_is_made_and_checked(data: Path, tmp_path: Path, shenbao: Shenbao) -> None:
    file = tmp_path / "归档.zip"
    (made_one,) = shenbao("archive", file, "--data", data, "--json").lines
    assert len(made_one["digest"]) == 64
    (checked,) = shenbao("archive", file, "--check", "--json").lines
    assert (checked["members"], checked["findings"]) == (made_one["members"], [])
    file.write_bytes(file.read_bytes()[:-40])
    assert shenbao("archive", file, "--check").status == 1
    assert shenbao("archive", tmp_path / "没有.zip", "--check").status == 2


def test_nothing_is_erased_without_yes(data: Path, tmp_path: Path, shenbao: Shenbao) -> None:
    proof = tmp_path / "证明.json"
    options = ("--proof", proof, "--data", data)
    assert shenbao("erase", "WM2022-0001", *options).status == 0
    assert not proof.exists()
    (one, *_) = shenbao("list", "--data", data, "--json").fits("list")
    assert one["fields"]["mobile"] == "13800138000"
    assert shenbao("erase", "WM2022-0001", "--yes", *options).status == 0
    assert json.loads(proof.read_text("utf-8"))["receipts"] == ["WM2022-0001"]
    (one, *_) = shenbao("list", "--data", data, "--json").fits("list")
    assert (one["fields"]["mobile"], one["fields"]["name"]) == (None, "亳州发布")
    assert shenbao("erase", "WM2022-0002", "--yes", *options).status == 2  # the proof is not overwritten
    assert shenbao("erase", "--data", data).status == 2
    assert shenbao("erase", "WM2022-0099", "--data", data).status == 1
