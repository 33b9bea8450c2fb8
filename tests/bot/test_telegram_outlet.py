"""News over the wire: what of Telegram's answers means that a message went, did not, may have, or never will."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest

from bot import telegram_outlet, telling
from bot.access import Answer, Button, Desk
from bot.keyboard import Keys
from bot.outward import Delivery, Fate
from bot.telegram import TelegramSettings
from storage import audit, listeners
from storage.database import Store
from tests.bot import made
from tests.bot.conftest import Clock
from tests.bot.emulator import BAD_GATEWAY, DROP, SLOW_DOWN, TOKEN, Emulator, Failure, running
from tests.bot.test_telling import AT_ONCE

CHAT = 7001
NEWS = Answer(text="【新申报】1件", buttons=((Button("看 WM2022-0001", "/status WM2022-0001"),),))
BLOCKED: Failure = (
    403,
    {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"},
)
NO_CHAT: Failure = (400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"})
MOVED: Failure = (
    400,
    {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded",
        "parameters": {"migrate_to_chat_id": -1001},
    },
)
BROKEN: Failure = (500, {"ok": False, "error_code": 500, "description": "Internal Server Error"})


@pytest.fixture
def service() -> Iterator[Emulator]:
    with running() as emulator:
        yield emulator


def settings_of(service: Emulator) -> TelegramSettings:
    return TelegramSettings(token=TOKEN, base_url=service.base_url, deciders=(CHAT,), staff=(CHAT, 7002))


def sent(settings: TelegramSettings, chat: int = CHAT) -> Delivery:
    with telegram_outlet.outlet(settings) as outlet:
        return outlet.send(str(chat), NEWS)


def test_a_message_goes_with_its_buttons(service: Emulator) -> None:
    assert sent(settings_of(service)).fate is Fate.SENT
    (told,) = service.sent
    assert (told.chat, told.text, told.parse_mode) == (CHAT, NEWS.text, None)
    carried = told.carried("看 WM2022-0001")
    assert Keys(secret=TOKEN).read(CHAT, carried) == "/status WM2022-0001"


@pytest.mark.parametrize(
    ("failure", "delivery"),
    [
        pytest.param(SLOW_DOWN, Delivery(fate=Fate.LATER, why="RetryAfter", wait=1.0), id="too fast"),
        pytest.param(BAD_GATEWAY, Delivery(fate=Fate.LATER, why="NetworkError"), id="a bad gateway"),
        pytest.param(BROKEN, Delivery(fate=Fate.LATER, why="NetworkError"), id="a broken server"),
        pytest.param(DROP, Delivery(fate=Fate.UNSURE, why="NetworkError"), id="cut in the middle"),
        pytest.param(BLOCKED, Delivery(fate=Fate.REFUSED, why="Forbidden"), id="blocked"),
        pytest.param(NO_CHAT, Delivery(fate=Fate.REFUSED, why="BadRequest"), id="never opened"),
        pytest.param(MOVED, Delivery(fate=Fate.REFUSED, why="ChatMigrated"), id="a group that moved"),
    ],
)
def test_each_failure_is_what_it_is(service: Emulator, failure: Failure, delivery: Delivery) -> None:
    service.fail("sendMessage", failure)
    assert sent(settings_of(service)) == delivery
    assert service.sent == []


def test_what_broke_off_between_its_pieces_has_partly_gone(service: Emulator) -> None:
    long = Answer(text="\n".join(["长" * 100] * 60))
    with telegram_outlet.outlet(settings_of(service)) as outlet:
        assert outlet.send(str(CHAT), long).fate is Fate.SENT
        assert len(service.sent) == 2
        service.fail("sendMessage", None, SLOW_DOWN)
        assert outlet.send(str(CHAT), long) == Delivery(fate=Fate.UNSURE, why="RetryAfter", wait=1.0)
    assert len(service.sent) == 3


def test_a_telegram_that_is_not_there_surely_took_nothing() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}"
    settings = TelegramSettings(token=TOKEN, base_url=closed)
    assert sent(settings) == Delivery(fate=Fate.LATER, why="NetworkError")


def test_a_token_that_is_refused_is_tried_again_and_in_no_log(
    service: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    refused = msgspec.structs.replace(settings_of(service), token=f"{TOKEN}x")
    assert sent(refused) == Delivery(fate=Fate.LATER, why="InvalidToken")
    secret = TOKEN.partition(":")[2]
    assert not [one for one in caplog.records if secret in f"{one.getMessage()} {one.__dict__}"]


@pytest.mark.parametrize(
    ("group", "staff"), [(None, ("7001", "7002")), (-100500, ("-100500",))], ids=["each", "their group"]
)
def test_news_goes_to_the_group_where_there_is_one(group: int | None, staff: tuple[str, ...]) -> None:
    settings = TelegramSettings(token=TOKEN, deciders=(7001,), staff=(7001, 7002), staff_group=group)
    assert telegram_outlet.staff_of(settings) == staff


@contextmanager
def round_of(service: Emulator, store: Store, clock: Clock) -> Iterator[None]:
    """Happen one thing and tell it, round by round, after what the caller arranged."""
    desk = Desk(store=store, campaign=made.CAMPAIGN, now=clock, details="minimal")
    settings = settings_of(service)
    telling.begin(desk, "telegram", telegram_outlet.staff_of(settings), AT_ONCE)
    with store.transaction() as db:
        audit.record(db, at=clock(), actor="system", event="judged", receipt="WM2022-0001", message=1,
                     detail={"version": 1})  # fmt: skip
    yield
    with telegram_outlet.outlet(settings) as outlet:
        for _ in range(4):
            telling.tell(desk, outlet, AT_ONCE, lambda: False)
            clock.pass_by(seconds=10)


@pytest.mark.parametrize("failure", [SLOW_DOWN, BAD_GATEWAY, BROKEN], ids=["429", "502", "500"])
def test_a_failing_service_delays_and_loses_nothing_and_tells_nothing_twice(
    service: Emulator, store: Store, clock: Clock, failure: Failure
) -> None:
    with round_of(service, store, clock):
        service.fail("sendMessage", failure)
    told = sorted((one.chat, one.text.splitlines()[0]) for one in service.sent)
    assert told == [(7001, "【新申报】1件"), (7002, "【新申报】1件")]


def test_who_blocked_the_bot_holds_up_nobody(service: Emulator, store: Store, clock: Clock) -> None:
    with round_of(service, store, clock):
        service.fail("sendMessage", BLOCKED)
    assert [one.chat for one in service.sent] == [7002]
    assert [(one.chat, one.fault) for one in listeners.unreached(store.db)] == [
        ("telegram:7001", "Forbidden")
    ]
