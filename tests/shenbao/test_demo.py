"""The demo as a visitor runs it: it ends as announced, leaves what it promises, and nothing else."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shenbao.alone import alone
from shenbao.demo import mails
from shenbao.settings import load
from storage import applications, outbox
from storage.campaign_file import load as load_campaign
from storage.database import open_store
from storage.model import LetterState, MailOutcome
from storage.verify import verify
from tests.build.mails import Draft, post
from tests.shenbao.conftest import Shenbao
from tests.shenbao.serving import serving, waited

SHENBAO = [sys.executable, "-m", "shenbao"]
LONGEST = 240  # seconds on a loaded machine; alone it takes half a minute


def environment() -> dict[str, str]:
    return os.environ | {
        "COLUMNS": "120",
        "SHENBAO_MAILBOX__PASSWORD": "a visitor's own",
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that a demo left, which stood over an earlier one's, and what it printed."""
    folder = tmp_path_factory.mktemp("visitor") / "demo-data"
    (folder / "data").mkdir(parents=True)
    (folder / ".shenbao-demo").write_text("an earlier one")
    (folder / "data" / "store.sqlite3").write_text("an earlier one")
    ran = subprocess.run(
        [*SHENBAO, "demo", "--data", str(folder)],
        check=False,
        capture_output=True,
        text=True,
        env=environment(),
        timeout=LONGEST,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return folder, ran.stdout


def test_every_mail_ends_as_expected(shown: tuple[Path, str]) -> None:
    _, told = shown
    assert told.count("✓") == len(mails.parts())
    assert "✗" not in told


def test_it_shows_what_staff_want_to_see(shown: tuple[Path, str]) -> None:
    _, told = shown
    for part in ("申报一览", "账号名额", "与机器人的对话", "数据检查（shenbao verify）：完好", "自己试一试"):
        assert part in told
    for letter in ("【收到】", "【请补正】", "【暂未纳入】"):
        assert f"主　题：{letter}" in told
    assert "待补正" in told
    assert "Traceback" not in told


def test_no_line_is_wider_than_the_terminal(shown: tuple[Path, str]) -> None:
    from intake.width import width

    story, _, commands = shown[1].partition("用时")
    assert max(map(width, story.splitlines())) <= 120
    assert commands


def test_what_it_leaves_is_sound(shown: tuple[Path, str]) -> None:
    folder, _ = shown
    with open_store(folder / "data", create=False) as store:
        assert verify(store) == []
        assert len(list(applications.every(store.db))) >= 10
        letters = outbox.every(store.db)
        assert {letter.state for letter in letters} == {LetterState.SENT}
    answered = [part for part in mails.parts() if part.outcome != MailOutcome.IGNORED]
    assert len(letters) == len(answered)
    assert oct((folder / "mailbox-code").stat().st_mode)[-3:] == "600"
    assert "Traceback" not in (folder / "serve.log").read_text("utf-8")


def test_its_settings_can_be_tried(shown: tuple[Path, str]) -> None:
    folder, _ = shown
    settings = load(folder / "try.toml", {})
    assert settings.listener
    assert (settings.listener.port, settings.notes) == (8025, ())
    assert load_campaign(Path(settings.campaign)).name == "demo"
    with serving(folder / "try.toml", SHENBAO_LISTENER__PORT="0") as serve:
        serve.send(post(Draft(sender="visitor@example.cn", subject="请问", text="怎样申报？")).raw)
        assert serve.wait("mail-judged")[0]["outcome"] == "inquiry"
        assert serve.stop() == 0
    with open_store(folder / "data") as store:
        assert outbox.every(store.db)[-1].to == ("visitor@example.cn",)


def test_a_foreign_folder_is_left_alone(tmp_path: Path, shenbao: Shenbao) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    ran = shenbao("demo", "--data", tmp_path)
    assert ran.status == 2
    assert "不是演示留下的" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_demos_folder_in_use_is_left_alone(tmp_path: Path, shenbao: Shenbao) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / ".shenbao-demo").touch()
    with alone(tmp_path / "data"):
        ran = shenbao("demo", "--data", tmp_path)
    assert ran.status == 1
    assert "另一个 shenbao serve 正在使用" in ran.err
    assert (tmp_path / ".shenbao-demo").exists()


def test_without_the_embedded_mailboxes_it_says_so(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['mail_devel'] = None; from shenbao.__main__ import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", hidden, "demo", "--data", str(tmp_path / "demo")],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 1
    assert "mail-devel 没有安装" in ran.stderr
    assert not (tmp_path / "demo").exists()


def test_stopped_in_the_middle_it_leaves_no_process(tmp_path: Path) -> None:
    command = [*SHENBAO, "demo", "--data", str(tmp_path / "demo")]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment()
    ) as process:
        # Two mailboxes, the service, its two helpers and a reader.
        assert waited(lambda: len(family(process.pid)) >= 6)
        beside = family(process.pid)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
    assert (process.returncode, told.decode().strip()) == (1, "已中断。")
    assert waited(lambda: not [number for number in beside if Path(f"/proc/{number}").exists()], 20)


def family(parent: int) -> set[int]:
    """Return the processes below `parent`."""
    below = {number for number, of in parents().items() if of == parent}
    return below.union(*(family(number) for number in below))


def parents() -> dict[int, int]:
    """Return each process's parent (proc(5), stat)."""
    found = {}
    for path in Path("/proc").iterdir():
        if path.name.isdecimal():
            try:
                found[int(path.name)] = int((path / "stat").read_text().rpartition(") ")[2].split()[1])
            except OSError:
                continue
    return found
