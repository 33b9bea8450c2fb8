"""`shenbao check`: each part tried for real, and what is wrong said so that an office can mend it."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from shenbao.service import Service
from shenbao.settings import load
from storage.campaign_file import load as load_campaign
from storage.database import FILE_NAME, open_store
from storage.driver import sqlite3
from tests.bot.dingtalk_emulator import CLIENT, SECRET
from tests.bot.dingtalk_emulator import running as dingtalk_running
from tests.bot.emulator import TOKEN
from tests.bot.emulator import running as telegram_running
from tests.servers import (
    HOST,
    PASSWORD,
    USER,
    authority,
    free_port,
    like_163,
    mail_devel,
    smtp_sink,
    wait_for_port,
)
from tests.shenbao.conftest import Ran, Shenbao
from tests.shenbao.serving import config, dated
from tests.shenbao.test_service import in_a_thread

SECRETS = {
    "MAILBOX__PASSWORD": PASSWORD,
    "OUTGOING__PASSWORD": PASSWORD,
    "TELEGRAM__TOKEN": TOKEN,
    "DINGTALK__CLIENT_SECRET": SECRET,
}
Sections = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sections]:
    """Sections in which everything is right, around real servers."""
    tls = authority(tmp_path_factory.mktemp("authority"))
    with (
        mail_devel() as mailbox,
        smtp_sink(tls, "starttls", login=True) as sink,
        telegram_running() as telegram,
        dingtalk_running() as dingtalk,
    ):
        yield {
            "mailbox": {"host": HOST, "port": mailbox.imap, "user": USER, "tls": "none"},
            "outgoing": {
                "host": "localhost",
                "port": sink.port,
                "tls": "starttls",
                "ca_file": str(tls.ca),
                "user": USER,
            },
            "telegram": {"base_url": telegram.base_url},
            "dingtalk": {"base_url": dingtalk.base_url, "client_id": CLIENT},
        }


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(f"SHENBAO_{name}", value)


def checked(
    shenbao: Shenbao, folder: Path, sections: Mapping[str, Mapping[str, Any]]
) -> tuple[Ran, dict[str, Any]]:
    ran = shenbao("check", "--config", config(folder, **sections), "--json")
    return ran, {line["part"]: (line["good"], line["message"]) for line in ran.lines}


@pytest.mark.usefixtures("codes")
def test_everything_right(tmp_path: Path, right: Sections, shenbao: Shenbao) -> None:
    open_store(tmp_path / "data").close()
    ran, told = checked(shenbao, tmp_path, right)
    assert {part: good for part, (good, _) in told.items() if part not in ("转换程序", "集群")} == {
        "活动文件": True,
        "数据": True,
        "文字识别": True,
        "邮箱": True,
        "接收投递": True,
        "发信": True,
        "机器人": True,
        "钉钉": True,
    }
    assert ran.status == 0
    assert "0 封邮件" in told["邮箱"][1]
    assert "shenbao_bot" in told["机器人"][1]
    assert not any(secret in ran.out + ran.err for secret in SECRETS.values())


@pytest.mark.parametrize(
    ("there", "said"),
    [
        pytest.param((), "没有安装 antiword、LibreOffice", id="neither"),
        pytest.param(("antiword",), "没有安装 LibreOffice；", id="antiword alone"),
        pytest.param(("soffice",), "没有安装 antiword；", id="LibreOffice alone"),
        pytest.param(("antiword", "soffice"), "都在", id="both"),
    ],
)
def test_missing_converters_are_told(
    tmp_path: Path, shenbao: Shenbao, monkeypatch: pytest.MonkeyPatch, there: Sequence[str], said: str
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in there:
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    ran, told = checked(shenbao, tmp_path, {})
    good, message = told["转换程序"]
    assert good is (True if len(there) == 2 else None)
    assert said in message
    assert ("请对方改发 docx 或 PDF" in message) is (not there)
    assert ran.status == 0


WRONG = [
    pytest.param("mailbox", {"port": "closed"}, "邮箱", "连不上 127.0.0.1", id="mailbox not there"),
    pytest.param("mailbox", {"folder": "没有"}, "邮箱", "没有这个文件夹", id="mailbox folder"),
    pytest.param("mailbox", {"tls": "tls"}, "邮箱", "连不上 127.0.0.1", id="no TLS there"),
    pytest.param("outgoing", {"port": "closed"}, "发信", "连不上发信服务器 localhost", id="SMTP not there"),
    pytest.param("outgoing", {"ca_file": None}, "发信", "证书不可信", id="SMTP's certificate"),
    pytest.param("telegram", {"base_url": "closed"}, "机器人", "连不上 Telegram", id="Telegram not there"),
    pytest.param("dingtalk", {"base_url": "closed"}, "钉钉", "连不上钉钉", id="DingTalk not there"),
    pytest.param("dingtalk", {"client_id": "x"}, "钉钉", "钉钉不认 client_id", id="DingTalk refuses"),
    pytest.param("listener", {"port": "taken"}, "接收投递", "端口已被别的程序占用", id="listener's port"),
    pytest.param("listener", {"host": "192.0.2.1"}, "接收投递", "本机没有这个地址", id="listener's host"),
]


@pytest.mark.usefixtures("codes")
@pytest.mark.parametrize(("section", "change", "part", "said"), WRONG)
def test_one_part_wrong(
    tmp_path: Path,
    right: Sections,
    shenbao: Shenbao,
    section: str,
    change: dict[str, Any],
    part: str,
    said: str,
) -> None:
    with socket.create_server((HOST, 0)) as taken:
        values = {
            "closed": f"http://{HOST}:{free_port()}" if section in ("telegram", "dingtalk") else free_port(),
            "taken": taken.getsockname()[1],
        }
        changed = {key: values.get(str(value), value) for key, value in change.items()}
        whole = {**right, section: {**right.get(section, {}), **changed}}
        whole[section] = {key: value for key, value in whole[section].items() if value is not None}
        ran, told = checked(shenbao, tmp_path, whole)
    assert ran.status == 1
    assert [one for one, (good, _) in told.items() if good is False] == [part]
    assert said in told[part][1]


@pytest.mark.usefixtures("codes")
@pytest.mark.parametrize(
    ("name", "part", "said"),
    [
        pytest.param("MAILBOX__PASSWORD", "邮箱", "账号或授权码不对", id="mailbox"),
        pytest.param("OUTGOING__PASSWORD", "发信", "账号或授权码不对", id="SMTP"),
        pytest.param("TELEGRAM__TOKEN", "机器人", "令牌不对", id="Telegram"),
        pytest.param("DINGTALK__CLIENT_SECRET", "钉钉", "钉钉不认", id="DingTalk"),
    ],
)
def test_a_wrong_secret(
    tmp_path: Path,
    right: Sections,
    shenbao: Shenbao,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    part: str,
    said: str,
) -> None:
    monkeypatch.setenv(f"SHENBAO_{name}", "123456:AAF-another")
    ran, told = checked(shenbao, tmp_path, right)
    assert ran.status == 1
    assert [one for one, (good, _) in told.items() if good is False] == [part]
    assert said in told[part][1]
    assert "another" not in ran.out + ran.err


@pytest.mark.usefixtures("codes")
def test_an_extra_that_is_not_installed(tmp_path: Path, right: Sections) -> None:
    settings = config(tmp_path, **right)
    hidden = "import sys; sys.modules['dingtalk_stream'] = None; from shenbao.__main__ import run; run(sys.argv[1:])"
    command = [sys.executable, "-c", hidden, "check", "--config", str(settings), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    (found,) = [one for one in told if one["part"] == "钉钉"]
    assert found["good"] is False
    assert found["message"].endswith(".venv/bin/pip install dingtalk-stream")
    assert any(one["part"] == "设置" and "没有安装钉钉的组件" in one["message"] for one in told)


@pytest.mark.usefixtures("codes")
def test_the_manners_of_163(tmp_path: Path, right: Sections, shenbao: Shenbao) -> None:
    with like_163(right["mailbox"]["port"]) as proxy:
        port = proxy.server_address[1]
        _, told = checked(shenbao, tmp_path, {**right, "mailbox": {**right["mailbox"], "port": port}})
    assert told["邮箱"][0] is True


def store_told(shenbao: Shenbao, folder: Path) -> tuple[int, bool | None, str]:
    ran, told = checked(shenbao, folder, {"listener": {}})
    return ran.status, *told["数据"]


def test_what_is_left_out_is_not_wrong(tmp_path: Path, shenbao: Shenbao) -> None:
    ran, told = checked(shenbao, tmp_path, {"listener": {}})
    assert ran.status == 0
    assert {part for part, (good, _) in told.items() if good is None} >= {
        "邮箱",
        "接收投递",
        "发信",
        "机器人",
        "数据",
    }


def test_a_store_in_each_condition(tmp_path: Path, shenbao: Shenbao) -> None:
    data = tmp_path / "data"
    assert "首次运行时建立" in store_told(shenbao, tmp_path)[2]
    data.mkdir()
    assert store_told(shenbao, tmp_path)[:2] == (0, None)
    open_store(data).close()
    assert store_told(shenbao, tmp_path)[:2] == (0, True)
    with sqlite3.connect(str(data / FILE_NAME)) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    status, good, said = store_told(shenbao, tmp_path)
    assert (status, good) == (1, False)
    assert "更新版本" in said
    (data / FILE_NAME).write_bytes(b"no database at all" * 100)
    assert store_told(shenbao, tmp_path)[:2] == (1, False)


def test_a_data_folder_that_is_a_file(tmp_path: Path, shenbao: Shenbao) -> None:
    (tmp_path / "data").write_text("x")
    status, good, said = store_told(shenbao, tmp_path)
    assert (status, good) == (1, False)
    assert "不能在" in said


def test_a_wrong_campaign_file(tmp_path: Path, shenbao: Shenbao) -> None:
    settings = config(tmp_path, listener={})
    dated(tmp_path).write_text('[campaign]\nname = "x"\n', "utf-8")
    ran = shenbao("check", "--config", settings, "--json")
    told = next(line for line in ran.lines if line["part"] == "活动文件")
    assert (ran.status, told["good"]) == (1, False)
    assert "counties" in told["message"]


def test_settings_that_do_not_load(tmp_path: Path, shenbao: Shenbao) -> None:
    settings = config(tmp_path, mailbox={"host": HOST, "prot": 993})
    ran = shenbao("check", "--config", settings)
    assert (ran.status, ran.out) == (1, "")
    for key in ("prot", "user", "password"):
        assert f"错误：[mailbox] {key}" in ran.err


def test_what_is_unwise_is_shown_to_a_person(tmp_path: Path, shenbao: Shenbao) -> None:
    box = {"host": HOST, "port": free_port(), "user": USER, "password": "in the file", "tls": "none"}
    ran = shenbao("check", "--config", config(tmp_path, mailbox=box))
    assert "[mailbox] password 写在了设置文件里" in ran.out
    assert "正常 文字识别" in ran.out


def test_a_service_that_runs_is_no_fault(tmp_path: Path, shenbao: Shenbao) -> None:
    settings = config(tmp_path, listener={"port": free_port()})
    whole = load(settings, {})
    with in_a_thread(Service(whole, load_campaign(dated(tmp_path)))):
        assert whole.listener
        wait_for_port(whole.listener.port)
        ran = shenbao("check", "--config", settings, "--json")
    told = {line["part"]: line for line in ran.lines}
    assert told["接收投递"]["good"] is True
    assert "正在" in told["接收投递"]["message"]
    assert ran.status == 0


def test_without_a_file_the_environment_and_the_options_count(
    tmp_path: Path, shenbao: Shenbao, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHENBAO_STORE__DATA", str(tmp_path / "of the environment"))
    ran = shenbao("check", "--json")
    assert "of the environment" in json.dumps(ran.lines)
    ran = shenbao("check", "--data", tmp_path / "of the option", "--json")
    assert "of the option" in json.dumps(ran.lines)
