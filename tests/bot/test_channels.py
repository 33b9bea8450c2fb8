"""One command, one answer: Telegram, DingTalk and the terminal say the same."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from bot import dingtalk, telegram
from bot.access import Desk, Role
from bot.commands import COMMANDS
from bot.dingtalk import DingtalkSettings
from bot.telegram import TelegramSettings
from bot.terminal import chat
from storage.database import Store, open_store
from tests.bot import dingtalk_emulator, emulator, made
from tests.bot.conftest import Clock, somebody

ASKED = (
    "/today", "/status", "/status 2", "/list", "/list 待补正", "/problems", "/quota", "/search 谯城", "/explain 3",
    "/drafts", "/letter 1", "/reject 3", "/accept 99", "/help", "3", "乱写",
)  # fmt: skip


@contextmanager
def in_threads(*jobs: tuple[object, ...]) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=run, args=(*given, stop)) for run, *given in jobs]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def everywhere(store: Store, clock: Clock) -> Iterator[tuple[emulator.Emulator, dingtalk_emulator.DingTalk]]:
    @contextmanager
    def desks() -> Iterator[Desk]:
        with open_store(store.folder) as opened:
            yield Desk(store=opened, campaign=made.CAMPAIGN, now=clock)

    with emulator.running() as tele, dingtalk_emulator.running() as ding:
        one = TelegramSettings(token=emulator.TOKEN, base_url=tele.base_url, deciders=(7,), details="full")
        other = DingtalkSettings(
            client_id=dingtalk_emulator.CLIENT,
            client_secret=dingtalk_emulator.SECRET,
            base_url=ding.base_url,
            deciders=("seven",),
        )
        with in_threads((telegram.run, one, desks), (dingtalk.run, other, desks)):
            yield tele, ding


def test_each_channel_gives_the_same_answer(
    desk: Desk, everywhere: tuple[emulator.Emulator, dingtalk_emulator.DingTalk]
) -> None:
    tele, ding = everywhere
    here: list[str] = []
    for number, command in enumerate(ASKED, 1):
        chat(desk, somebody(Role.DECIDER), [command], here.append)
        tele.say(7, command)
        tele.answers(number)
        ding.say("seven", command)
        ding.wait(partial(_has_answered, ding, number))
    plain = [one.partition("\n\n可以接着发送：")[0] for one in here]
    assert [one.text for one in tele.sent] == plain
    assert [_packed(one.text) for one in ding.sent if one.text] == [_packed(one) for one in plain]


def _has_answered(ding: dingtalk_emulator.DingTalk, number: int) -> bool:
    return sum(bool(one.text) for one in ding.sent) >= number


def _packed(text: str) -> str:
    return text.replace("\u3000", "").replace(" ", "")


def test_no_command_is_forgotten_above() -> None:
    """What sends files cannot be the same in a terminal."""
    staff = {one.word for one in COMMANDS if Role.DECIDER in one.roles and not one.changes}
    assert staff - {"start", "export", "files"} <= {words.strip("/").split()[0] for words in ASKED}
