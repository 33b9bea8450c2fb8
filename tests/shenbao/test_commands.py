"""The commands as people script against them: their JSON, their exit status, their errors."""

import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from shenbao.__main__ import run
from tests.build import facts, mails, odd_mails
from tests.shenbao.conftest import Shenbao
from tests.story.office import LIBRARY, everything, form, licence, report

SECOND = facts.applicant(5, county="涡阳县", platform="toutiao")


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three mails: complete, incomplete, robot."""
    folder = tmp_path_factory.mktemp("mails")
    (folder / "1.eml").write_bytes(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw)
    (folder / "2.eml").write_bytes(mails.mail(SECOND, attachments=[form(SECOND)]).raw)
    build, _ = odd_mails.ODD["automatic answer"]
    (folder / "3.eml").write_bytes(build(LIBRARY).raw)
    return folder


@pytest.fixture(scope="session")
def ingested(tmp_path_factory: pytest.TempPathFactory, box: Path) -> Path:
    """A store that has taken the three mails; `data` is a copy for one test."""
    folder = tmp_path_factory.mktemp("ingested") / "data"
    assert run(["ingest", str(box), "--data", str(folder)]) == 0
    return folder


@pytest.fixture
def data(tmp_path: Path, ingested: Path) -> Path:
    return Path(shutil.copytree(ingested, tmp_path / "data"))


def test_ingest_prints_each_mail_as_the_contract_says(tmp_path: Path, box: Path, shenbao: Shenbao) -> None:
    lines = shenbao("ingest", box, "--data", tmp_path / "data", "--json").fits("ingest")
    told = {Path(line["path"]).name: line for line in lines}
    assert told["1.eml"]["outcome"] == "application"
    assert told["1.eml"]["applications"][0]["state"] == "accepted"
    assert told["2.eml"]["applications"][0]["state"] == "correcting"
    assert told["2.eml"]["replies"][0]["kind"] == "correction"
    assert (told["3.eml"]["outcome"], told["3.eml"]["replies"]) == ("ignored", [])


def test_ingest_again_finds_only_duplicates(box: Path, data: Path, shenbao: Shenbao) -> None:
    again = shenbao("ingest", box, "--data", data, "--json").fits("ingest")
    assert [line["outcome"] for line in again] == ["duplicate"] * 3
    assert len(shenbao("outbox", "--data", data, "--json").lines) == 2


def test_ingest_without_replies_queues_none(tmp_path: Path, box: Path, shenbao: Shenbao) -> None:
    lines = shenbao("ingest", box, "--no-replies", "--data", tmp_path / "d", "--json").fits("ingest")
    assert all(line["replies"] == [] for line in lines)
    assert shenbao("outbox", "--data", tmp_path / "d", "--json").out == ""


def test_a_date_in_the_future_rejects_nobody(tmp_path: Path, shenbao: Shenbao) -> None:
    raw = mails.post(
        mails.Draft(
            sender=LIBRARY.fields.email or "",
            files=tuple(everything(LIBRARY)),
            at=datetime(2099, 6, 4, tzinfo=UTC),
            chain=False,
        )
    ).raw
    (tmp_path / "1.eml").write_bytes(raw)
    (line,) = shenbao("ingest", tmp_path / "1.eml", "--data", tmp_path / "d", "--json").fits("ingest")
    assert line["applications"][0]["state"] == "reviewing"


def test_ingest_names_members_of_an_mbox(tmp_path: Path, box: Path, shenbao: Shenbao) -> None:
    file = tmp_path / "all.mbox"
    file.write_bytes(
        b"".join(
            b"From a@b Mon May 30 09:00:00 2022\n" + one.read_bytes() + b"\n" for one in sorted(box.iterdir())
        )
    )
    lines = shenbao("ingest", file, "--data", tmp_path / "d", "--json").fits("ingest")
    assert sorted(Path(line["path"]).name for line in lines) == ["all.mbox#1", "all.mbox#2", "all.mbox#3"]


@pytest.mark.parametrize(
    ("name", "make", "kind"),
    [
        pytest.param("申报表.docx", lambda: form(LIBRARY)[1], "form", id="form"),
        pytest.param("材料.docx", lambda: report()[1], "work", id="work"),
        pytest.param("证书.pdf", lambda: licence(LIBRARY)[1], "qualification", id="qualification"),
        pytest.param("空.docx", lambda: b"", "unreadable", id="empty"),
    ],
)
def test_parse(tmp_path: Path, shenbao: Shenbao, name: str, make: object, kind: str) -> None:
    file = tmp_path / name
    file.write_bytes(make())  # type: ignore[operator]  # parametrized
    (line,) = shenbao("parse", file, "--json").fits("parse")
    assert (line["path"], line["type"]) == (str(file), kind)


def test_parse_draws_what_it_read(tmp_path: Path, shenbao: Shenbao) -> None:
    file, target = tmp_path / "证书.pdf", tmp_path / "看.png"
    file.write_bytes(licence(LIBRARY)[1])
    ran = shenbao("parse", file, "--picture", target, "--json")
    assert ran.fits("parse")[0]["qualification"]["name"] == LIBRARY.fields.organizer
    assert target.read_bytes().startswith(b"\x89PNG")
    again = shenbao("parse", file, "--picture", target)
    assert (again.status, again.out) == (2, "")
    assert "--force" in again.err
    assert shenbao("parse", file, "--picture", target, "--force").status == 0


def test_a_file_without_pages_is_told_and_not_drawn(tmp_path: Path, shenbao: Shenbao) -> None:
    file = tmp_path / "申报表.docx"
    file.write_bytes(form(LIBRARY)[1])
    ran = shenbao("parse", file, "--picture", tmp_path / "看.png", "--json")
    assert (ran.status, ran.fits("parse")[0]["type"]) == (1, "form")
    assert "PDF" in ran.err
    assert not (tmp_path / "看.png").exists()
    assert shenbao("parse", file, file, "--picture", tmp_path / "看.png").status == 2


def test_parse_of_a_form_gives_its_fields(tmp_path: Path, shenbao: Shenbao) -> None:
    file = tmp_path / "申报表.docx"
    file.write_bytes(form(LIBRARY)[1])
    (line,) = shenbao("parse", file, "--json").fits("parse")
    assert {key: line["form"][key] for key in ("name", "identifier", "organizer", "mobile")} == {
        key: getattr(LIBRARY.fields, key) for key in ("name", "identifier", "organizer", "mobile")
    }
    assert (line["form"]["kind"], line["form"]["platform"]) == ("account", "wechat")
    assert line["form"]["seals"]["recommendation"] is None


def test_list_show_search_and_outbox(data: Path, shenbao: Shenbao) -> None:
    assert [one["receipt"] for one in shenbao("list", "--data", data, "--json").fits("list")] == [
        "WM2022-0001",
        "WM2022-0002",
    ]
    (one,) = shenbao("list", "--state", "correcting", "--data", data, "--json").fits("list")
    assert (one["channel"], one["county"]) == ("county", "涡阳县")
    (shown,) = shenbao("show", "wm2022-0001", "--data", data, "--json").fits("show")
    assert [event["event"] for event in shown["history"]] == ["judged", "letter"]
    assert [hit["receipt"] for hit in shenbao("search", "涡阳", "--data", data, "--json").fits("list")] == [
        "WM2022-0002"
    ]
    letters = shenbao("outbox", "--data", data, "--json").fits("outbox")
    assert [(letter["kind"], letter["state"]) for letter in letters] == [
        ("acknowledgement", "queued"),
        ("correction", "queued"),
    ]


def test_decisions_are_audited_and_write_one_letter_each(data: Path, shenbao: Shenbao) -> None:
    (accepted,) = shenbao("accept", "WM2022-0002", "--by", "王敏", "--data", data, "--json").fits("list")
    assert accepted["state"] == "accepted"
    (rejected,) = shenbao("reject", "WM2022-0001", "材料不实", "--by", "王敏", "--data", data, "--json").fits(
        "list"
    )
    assert rejected["state"] == "rejected"
    (shown,) = shenbao("show", "WM2022-0001", "--data", data, "--json").fits("show")
    decision = next(event for event in shown["history"] if event["event"] == "rejected")
    assert (decision["actor"], decision["detail"]["reason"]) == ("王敏", "材料不实")
    letters = shenbao("outbox", "--data", data, "--json").fits("outbox")
    assert [letter["kind"] for letter in letters[2:]] == ["decision", "decision"]
    assert "材料不实" in letters[3]["body"]
    (again,) = shenbao("reopen", "WM2022-0001", "--data", data, "--json").fits("list")
    assert again["state"] == "accepted"
    overtaken = shenbao("outbox", "--data", data, "--json").fits("outbox")[3]
    assert (overtaken["kind"], overtaken["state"]) == ("decision", "failed")


def test_a_field_that_the_form_has_not_is_wrong_usage(data: Path, shenbao: Shenbao) -> None:
    ran = shenbao("set", "WM2022-0001", "fax", "1", "--data", data)
    assert ran.status == 2
    assert "没有这个栏目：fax" in ran.err


def test_a_value_set_by_hand_stands_over_the_form(data: Path, shenbao: Shenbao) -> None:
    (one,) = shenbao("set", "WM2022-0001", "mobile", "13900139000", "--data", data, "--json").fits("list")
    assert one["fields"]["mobile"] == "13900139000"
    (one,) = shenbao("set", "WM2022-0001", "email", "", "--data", data, "--json").fits("list")
    assert (one["state"], [problem["field"] for problem in one["problems"]]) == (
        "correcting",
        ["email", "recommendation"],  # the second is the note that a Word file shows no seal
    )


def test_paper_is_noted(data: Path, shenbao: Shenbao) -> None:
    (one,) = shenbao("paper", "WM2022-0001", "--day", "2022-06-02", "--data", data, "--json").fits("list")
    assert one["paper_received"] == "2022-06-02"


def test_chat_answers_a_command_a_line(
    data: Path, shenbao: Shenbao, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commands = tmp_path / "commands"
    commands.write_text("/quota\n/status WM2022-0001\n", "utf-8")
    with commands.open(encoding="utf-8") as typed:
        monkeypatch.setattr("sys.stdin", typed)
        told = shenbao("chat", "--as", "staff", "--data", data, "--json").fits("chat")
    assert [one["command"] for one in told] == ["/quota", "/status WM2022-0001"]
    assert "涡阳县" in told[0]["text"]


def test_export_and_form_never_overwrite_unasked(data: Path, tmp_path: Path, shenbao: Shenbao) -> None:
    for command, file in (("export", tmp_path / "汇总表.xlsx"), ("form", tmp_path / "空表.docx")):
        options = ["--data", data] if command == "export" else []
        assert shenbao(command, file, *options).status == 0
        assert shenbao(command, file, *options).status == 2
        assert shenbao(command, file, *options, "--force").status == 0
    book = openpyxl.load_workbook(tmp_path / "汇总表.xlsx")
    assert any(
        str(LIBRARY.fields.name) in map(str, row)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
    )


def test_files_writes_a_folder_or_a_zip_and_never_over_others_unasked(
    data: Path, tmp_path: Path, shenbao: Shenbao
) -> None:
    for target in (tmp_path / "材料", tmp_path / "材料.zip"):
        assert shenbao("files", target, "--data", data).status == 0
        assert shenbao("files", target, "--data", data).status == 2
        assert shenbao("files", target, "--data", data, "--force").status == 0
    lying = {path.relative_to(tmp_path / "材料").as_posix() for path in (tmp_path / "材料").rglob("*.*")}
    with zipfile.ZipFile(tmp_path / "材料.zip") as archive:
        assert set(archive.namelist()) == lying
    assert any(
        path.startswith(f"01_{LIBRARY.fields.name}_") and path.endswith("/申报表.docx") for path in lying
    )


def test_verify_and_health_of_a_good_store(data: Path, shenbao: Shenbao) -> None:
    assert shenbao("verify", "--data", data, "--json").lines == [
        {"good": True, "messages": 3, "findings": []}
    ]
    (health,) = shenbao("health", "--data", data, "--json").lines
    assert (health["mails_waiting"], health["letters"]["queued"]) == (0, 2)


def test_verify_finds_a_lost_blob(data: Path, shenbao: Shenbao) -> None:
    next(path for path in (data / "blobs").rglob("*") if path.is_file()).unlink()
    ran = shenbao("verify", "--data", data)
    assert ran.status == 1
    assert ran.out != ""


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        pytest.param(["list", "--data", "nowhere"], 2, "没有这个数据文件夹", id="no data folder"),
        pytest.param(["ingest", "nowhere.eml"], 2, "nowhere.eml", id="no such mail"),
        pytest.param(["parse", "nowhere.docx"], 2, "nowhere.docx", id="no such file"),
        pytest.param(["serve", "--config", "nowhere.toml"], 2, "nowhere.toml", id="no such settings"),
        pytest.param(["form", "x.docx", "--campaign", "nowhere"], 2, "nowhere", id="no such campaign"),
        pytest.param(["list", "--state", "lost"], 2, "lost", id="no such state"),
        pytest.param(["nothing"], 2, "nothing", id="no such command"),
    ],
)
def test_wrong_usage(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    shenbao: Shenbao,
    arguments: list[str],
    status: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = shenbao(*arguments)
    assert (ran.status, ran.out) == (status, "")
    assert said in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["show", "WM2022-9999"], id="show"),
        pytest.param(["accept", "WM2022-9999"], id="accept"),
        pytest.param(["release", "99"], id="release"),
    ],
)
def test_no_such_receipt_is_a_failure(data: Path, shenbao: Shenbao, arguments: list[str]) -> None:
    ran = shenbao(*arguments, "--data", data)
    assert (ran.status, ran.out) == (1, "")
    assert "99" in ran.err


def test_a_wrong_campaign_file_is_told_with_all_its_mistakes(tmp_path: Path, shenbao: Shenbao) -> None:
    file = tmp_path / "错.toml"
    file.write_text('[campaign]\nname = "x"\nreceipt_prefix = 5\n[quota]\ndirect = -1\n', "utf-8")
    ran = shenbao("campaign", "check", file)
    assert ran.status == 1
    assert "第 3 行" in ran.err
    assert "第 5 行" in ran.err
    assert "counties" in ran.err


def test_a_store_of_a_newer_version_is_left_alone(data: Path, shenbao: Shenbao) -> None:
    from storage.driver import sqlite3

    with sqlite3.connect(str(data / "store.sqlite3")) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    ran = shenbao("list", "--data", data)
    assert ran.status == 1
    assert "更新版本" in ran.err


def test_a_draft_is_released_or_dropped(tmp_path: Path, shenbao: Shenbao) -> None:
    rules = (
        (Path("intake/campaigns/bozhou-2022.toml"))
        .read_text("utf-8")
        .replace('late = "auto"', 'late = "draft"')
    )
    campaign = tmp_path / "draft.toml"
    campaign.write_text(rules, "utf-8")
    (tmp_path / "late.eml").write_bytes(
        mails.mail(LIBRARY, attachments=everything(LIBRARY), at=mails.LATE).raw
    )
    data = tmp_path / "data"
    (line,) = shenbao("ingest", tmp_path / "late.eml", "--campaign", campaign, "--data", data, "--json").fits(
        "ingest"
    )
    assert line["applications"][0]["state"] == "rejected"
    (letter,) = shenbao("outbox", "--data", data, "--json").fits("outbox")
    assert letter["state"] == "draft"
    assert shenbao("release", letter["id"], "--data", data).status == 0
    assert shenbao("outbox", "--data", data, "--json").lines[0]["state"] == "queued"
    assert shenbao("drop", letter["message_id"], "--data", data).status == 0
    assert shenbao("outbox", "--data", data, "--json").lines[0]["state"] == "failed"
