"""`shenbao attach` as people type it: files, folders, kept mails; its JSON, its exit status, its errors."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from shenbao.__main__ import run
from tests.build import mails
from tests.shenbao.conftest import Shenbao
from tests.story.office import LIBRARY, START, form, licence, report

OTHER = "chen.private@mail.example.cn"


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with an application that lacks its licence, and a new version of it from a stranger."""
    renamed = replace(LIBRARY, fields=replace(LIBRARY.fields, mobile="13800138000"))
    box, store = tmp_path_factory.mktemp("box"), tmp_path_factory.mktemp("store") / "data"
    (box / "1.eml").write_bytes(mails.mail(LIBRARY, attachments=[form(LIBRARY), report()], at=START).raw)
    later = START + timedelta(minutes=5)
    stranger = mails.mail(renamed, attachments=[form(renamed)], sender=OTHER, at=later)
    (box / "2.eml").write_bytes(stranger.raw)
    assert run(["ingest", str(box), "--data", str(store)]) == 0
    return store


@pytest.fixture
def data(tmp_path: Path, ingested: Path) -> Path:
    return Path(shutil.copytree(ingested, tmp_path / "data"))


def test_a_folder_from_a_stick_then_a_strangers_version(tmp_path: Path, data: Path, shenbao: Shenbao) -> None:
    stick = tmp_path / "U盘" / "资质"
    stick.mkdir(parents=True)
    (stick / "证书.pdf").write_bytes(licence(LIBRARY)[1])
    options = ("--data", data, "--by", "王芳", "--json")
    (now,) = shenbao("attach", "wm2022-0001", stick.parent, *options).fits("application")
    assert [one["code"] for one in now["problems"] if one["outcome"] == "review"] == ["version-unconfirmed"]
    assert now["documents"][-1]["file"] == "U盘/资质/证书.pdf"

    (shown,) = shenbao("show", "WM2022-0001", "--data", data, "--json").fits("show")
    assert [(one["mail"], one["sender"], one["new_version"]) for one in shown["pending"]] == [
        (2, OTHER, True)
    ]
    assert "等人确认的邮件：1封" in shenbao("health", "--data", data).out
    (confirmed,) = shenbao("attach", "WM2022-0001", "--message", "2", *options).fits("application")
    assert (confirmed["state"], confirmed["fields"]["mobile"]) == ("accepted", "13800138000")
    (shown,) = shenbao("show", "WM2022-0001", "--data", data, "--json").fits("show")
    assert shown["pending"] == []
    assert "等人确认的邮件" not in shenbao("health", "--data", data).out
    assert [one["fields"] for one in shown["changes"]] == [
        {},
        {"mobile": {"from": LIBRARY.fields.mobile, "to": "13800138000"}},
    ]
    assert "各版改动" in shenbao("show", "WM2022-0001", "--data", data).out


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        pytest.param(["WM2022-0001", "没有.pdf"], 2, id="a path that is not there"),
        pytest.param(["WM2022-0001"], 2, id="nothing to attach"),
        pytest.param(["WM2022-0001", __file__, "--message", "2"], 2, id="both at once"),
        pytest.param(["WM2022-0001", __file__, "--refuse"], 2, id="refusing a file"),
        pytest.param(["WM2022-0009", __file__], 1, id="no such receipt"),
        pytest.param(["WM2022-0001", "--message", "9"], 1, id="no such mail"),
        pytest.param(["WM2022-0001", "--message", "2", "--only", "没有.pdf"], 1, id="no such file in it"),
        pytest.param(["WM2022-0001", "--message", "1", "--refuse"], 1, id="a mail that does not wait"),
        pytest.param(["WM2022-0001", "--message", "2", "--refuse"], 0, id="refused"),
    ],
)
def test_the_exit_status_of_attach(data: Path, arguments: list[str], status: int) -> None:
    assert run(["attach", *arguments, "--data", str(data)]) == status
