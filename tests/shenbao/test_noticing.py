"""The service as a process of its own, killed and begun again: staff and applicants are told, each thing once."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from email.message import EmailMessage
from pathlib import Path

import msgspec
import pytest

from shenbao import condition
from storage import applications, listeners
from storage.database import open_store
from storage.model import State
from tests.bot import made
from tests.bot.emulator import BAD_GATEWAY, TOKEN, Emulator, running
from tests.servers import USER
from tests.shenbao.serving import Serving, config, serving

STAFF, APPLICANT = 42, 9009
PROMPT = {"quiet": "", "digest": "", "gather_seconds": 0, "between_seconds": 0}


@pytest.fixture
def telegram() -> Iterator[Emulator]:
    with running() as emulator:
        yield emulator


def settings_of(folder: Path, telegram: Emulator) -> Path:
    section = {"base_url": telegram.base_url, "staff": [STAFF], "details": "full", "undo_seconds": 0}
    return config(folder, telegram=section, notices=PROMPT)


def begun(settings: Path, name: str) -> AbstractContextManager[Serving]:
    return serving(settings, name, SHENBAO_TELEGRAM__TOKEN=TOKEN)


def question(about: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "li@example.cn", USER, about
    mail["Message-ID"] = f"<{len(about)}.{about.encode().hex()}@example.cn>"
    mail.set_content("请问申报表在哪里下载？")
    return mail.as_bytes()


def heard(telegram: Emulator, chat: int, word: str) -> list[str]:
    """Return what the chat was told that holds `word`."""
    return [one.text for one in list(telegram.sent) if one.chat == chat and word in one.text]


def asked(serve: Serving, telegram: Emulator, about: str) -> None:
    serve.send(question(about))
    serve.until(lambda: bool(heard(telegram, STAFF, about)))


def test_staff_are_told_once_over_kills_and_failures(tmp_path: Path, telegram: Emulator) -> None:
    settings = settings_of(tmp_path, telegram)
    with begun(settings, "first") as serve:
        asked(serve, telegram, "咨询甲")
        serve.until(lambda: bool(serve.events("notice")))
        telegram.fail("sendMessage", *[BAD_GATEWAY] * 3)
        serve.send(question("咨询乙"))
        serve.until(lambda: telegram.failures["sendMessage"] == [])
        serve.process.kill()
        serve.process.wait()
    with begun(settings, "second") as serve:
        serve.until(lambda: bool(heard(telegram, STAFF, "咨询乙")))
        asked(serve, telegram, "咨询丙")
        assert serve.stop() == 0
    assert [len(heard(telegram, STAFF, word)) for word in ("咨询甲", "咨询乙", "咨询丙")] == [1, 1, 1]


def test_an_applicant_is_told_of_what_happened_while_the_service_was_down(
    tmp_path: Path, telegram: Emulator
) -> None:
    settings = settings_of(tmp_path, telegram)
    one = made.application(2, "药都之声", State.REVIEWING)
    with begun(settings, "first") as serve:
        with serve.store() as store:
            made.keep(store, one)
        telegram.say(APPLICANT, f"/start {one.token}")
        serve.until(lambda: bool(heard(telegram, APPLICANT, "绑定成功")))
        serve.process.kill()
        serve.process.wait()
        with serve.store() as store, store.transaction() as db:
            accepted = msgspec.structs.replace(one, state=State.ACCEPTED)
            applications.save(db, accepted, message=None, documents=())
    with begun(settings, "second") as serve:
        serve.until(lambda: bool(heard(telegram, APPLICANT, "您的申报有新进展。")))
        serve.until(lambda: bool(serve.events("notice")))
    with begun(settings, "third") as serve:
        telegram.say(APPLICANT, "/help")
        serve.until(lambda: bool(heard(telegram, APPLICANT, "您可以发送")))
        serve.stop()
    (told,) = heard(telegram, APPLICANT, "您的申报有新进展。")
    assert "状态：电子材料齐全，待核纸质件" in told


def test_health_names_whom_nothing_reaches(tmp_path: Path) -> None:
    with open_store(tmp_path / "data") as store:
        with store.transaction() as db:
            for chat in ("telegram:42", "telegram:43"):
                listeners.begin(db, chat, made.NOW.date())
                listeners.failed(db, chat, "Forbidden", made.NOW, unsure=False)
            listeners.reached(db, "telegram:43")
            listeners.trying(db, "telegram:9009")
            listeners.failed(db, "telegram:9009", "Forbidden", made.NOW, unsure=False)
        report = condition.report(store, made.NOW)
    told = [line for line in condition.told(report) if line.startswith("通知")]
    assert told == [
        "通知没有送到：telegram:42（Forbidden）。会自动再试；对方可能没有打开过机器人，或已把它屏蔽。"
    ]
