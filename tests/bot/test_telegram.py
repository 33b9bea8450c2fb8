import asyncio
import io
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import msgspec
import pytest
from openpyxl import load_workbook

from bot.access import Desk, Role
from bot.keyboard import Keys
from bot.telegram import TelegramSettings, api, attempt, person, run
from storage import applications
from storage.database import Store, open_store
from storage.model import Code, Outcome, State
from tests.bot import made
from tests.bot.conftest import Clock
from tests.bot.emulator import BAD_GATEWAY, CONFLICT, DROP, SLOW_DOWN, TOKEN, Emulator, Sent, running

STAFF, DECIDER, STRANGER, GROUP = 7001, 7002, 9009, -100500
Start = Callable[..., None]


@pytest.fixture
def service() -> Iterator[Emulator]:
    with running() as emulator:
        yield emulator


@pytest.fixture
def start(service: Emulator, store: Store, clock: Clock) -> Iterator[Start]:
    """Run the bot against the emulator, with other settings where given, until the test ends."""
    stop, threads = threading.Event(), []

    def begin(**changes: Any) -> None:
        settings = msgspec.structs.replace(
            TelegramSettings(
                token=TOKEN, base_url=service.base_url, staff=(STAFF,), deciders=(DECIDER,), staff_group=GROUP
            ),
            **changes,
        )

        @contextmanager
        def desks() -> Iterator[Desk]:
            with open_store(store.folder) as opened:
                yield Desk(store=opened, campaign=made.CAMPAIGN, now=clock, details=settings.details)

        threads.append(threading.Thread(target=run, args=(settings, desks, stop)))
        threads[-1].start()

    yield begin
    stop.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def until(ready: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until `ready` says so; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.02)


def nowhere() -> AbstractContextManager[Desk]:
    raise OSError("the disk is gone")


def known(store: Store, receipt: str) -> State | None:
    found = applications.get(store.db, receipt)
    return found.state if found else None


def test_staff_ask_and_are_answered(service: Emulator, start: Start) -> None:
    start()
    service.say(STAFF, "/quota")
    service.say(STAFF, "/list 待核定")
    table, listed = service.answers(2)
    assert table.text.splitlines()[1] == "谯城区       3     2     1     1"
    assert [(one["type"], one["offset"]) for one in table.entities] == [("pre", 0)]
    assert listed == Sent(STAFF, listed.text)
    assert listed.text.startswith("待核定 2件")


def test_an_update_is_confirmed_once_it_was_answered(service: Emulator, start: Start) -> None:
    start()
    service.say(STAFF, "/help")
    service.answers(1)
    service.wait(lambda: service.confirmed == 1001)


@pytest.mark.parametrize(
    ("user", "state"),
    [
        pytest.param(DECIDER, State.ACCEPTED, id="a decider"),
        pytest.param(STAFF, State.REVIEWING, id="who only reads"),
        pytest.param(STRANGER, State.REVIEWING, id="anybody else"),
    ],
)
def test_who_may_decide(service: Emulator, start: Start, store: Store, user: int, state: State) -> None:
    start()
    service.say(user, "/accept 3")
    service.answers(1)
    assert known(store, "WM2022-0003") is state


def test_a_name_like_a_staff_s_id_makes_nobody_staff(service: Emulator, start: Start) -> None:
    start()
    service.say(STRANGER, "/today", called=str(STAFF))
    assert service.answers(1)[0].text.startswith("这条命令只供工作人员使用。")


def test_an_applicant_binds_and_asks(service: Emulator, start: Start) -> None:
    start()
    service.say(STRANGER, f"/start {made.token_of(2)}")
    service.say(STRANGER, "/status")
    bound, told = service.answers(2)
    assert bound.text.startswith("绑定成功")
    assert told.text.startswith("WM2022-0002 药都之声\n状态：待补正")


@pytest.mark.parametrize(
    ("user", "text", "chat", "answered"),
    [
        pytest.param(STAFF, "/status 2", GROUP, True, id="staff in their group"),
        pytest.param(STAFF, "/status@Shenbao_Bot 2", GROUP, True, id="addressed to us"),
        pytest.param(STAFF, "/status@other_bot 2", GROUP, False, id="addressed to another bot"),
        pytest.param(STAFF, "今天吃什么", GROUP, False, id="talk"),
        pytest.param(STRANGER, "/status 2", GROUP, False, id="a stranger in the group"),
        pytest.param(STAFF, "/status 2", -7, False, id="staff in another group"),
    ],
)
def test_who_is_answered_in_groups(
    service: Emulator, start: Start, user: int, text: str, chat: int, answered: bool
) -> None:
    start(details="full")
    service.say(user, text, chat=chat, kind="supergroup")
    service.say(STAFF, "/help")
    sent = service.answers(1 + answered)
    assert [one.chat for one in sent] == ([GROUP] if answered else []) + [STAFF]
    assert "13800138000" not in sent[0].text
    assert ("138****8000" in sent[0].text) is answered


def test_the_table_is_sent_as_a_file_only_with_full_details(service: Emulator, start: Start) -> None:
    start(details="full")
    service.say(STAFF, "/export")
    text, file = service.answers(2)
    assert text.text.startswith("申报汇总表")
    assert file.name == "申报汇总表20220601.xlsx"
    assert load_workbook(io.BytesIO(file.file)).sheetnames[0] == "账号"


def test_little_is_told_by_default(service: Emulator, start: Start) -> None:
    start()
    service.say(STAFF, "/export")
    service.say(STAFF, "/status 2")
    refused, card = service.answers(2)
    assert (refused.file, "shenbao export" in refused.text) == (b"", True)
    assert "张晓明" not in card.text


def test_what_other_formats_read_as_marks_arrives_as_it_is(
    service: Emulator, start: Start, store: Store
) -> None:
    hostile = "<b>&_*[亳](tg://x)`"
    made.keep(store, made.application(10, hostile, State.REVIEWING))
    start()
    service.say(STAFF, "/status 10")
    told = service.answers(1)[0]
    assert hostile in told.text
    assert (told.parse_mode, told.entities) == (None, ())


def test_a_long_answer_comes_in_pieces_none_lost(service: Emulator, start: Start, store: Store) -> None:
    problems = tuple(made.problem(Code.FIELD_INVALID, Outcome.CORRECT, fact="𠮷" * 60) for _ in range(70))
    made.keep(store, made.application(10, "很多问题", State.CORRECTING, problems=problems))
    start(details="full")
    service.say(STAFF, "/status 10")
    service.wait(lambda: any("纸质件" in one.text for one in service.sent))
    assert len(service.sent) > 1
    assert sum(one.text.count("填写有误") for one in service.sent) == 70


@pytest.mark.parametrize(
    ("method", "failures"),
    [
        pytest.param("getMe", [BAD_GATEWAY], id="not reached at the start"),
        pytest.param("getUpdates", [BAD_GATEWAY], id="a bad gateway"),
        pytest.param("getUpdates", [DROP], id="a cut connection"),
        pytest.param("getUpdates", [CONFLICT], id="another poller"),
        pytest.param("getUpdates", [SLOW_DOWN], id="polled too fast"),
        pytest.param("getUpdates", [(200, {"ok": True, "result": [{"no": "update"}]})], id="nonsense"),
        pytest.param("sendMessage", [BAD_GATEWAY], id="sending fails"),
        pytest.param("sendMessage", [SLOW_DOWN], id="sending too fast"),
        pytest.param("sendMessage", [DROP], id="cut while sending"),
    ],
)
def test_a_failing_network_delays_and_loses_nothing(
    service: Emulator, start: Start, method: str, failures: list[Any]
) -> None:
    service.fail(method, *failures)
    start()
    service.say(STAFF, "/help")
    assert service.answers(1)[0].text.startswith("您可以发送：")


def test_an_answer_that_is_refused_does_not_stop_the_next(service: Emulator, start: Start) -> None:
    service.fail("sendMessage", (403, {"ok": False, "error_code": 403, "description": "Forbidden: blocked"}))
    start()
    service.say(STRANGER, "/help")
    service.say(STAFF, "/help")
    assert [one.chat for one in service.answers(1)] == [STAFF]


def test_a_store_that_fails_is_said_and_the_bot_goes_on(service: Emulator) -> None:
    stop = threading.Event()

    settings = TelegramSettings(token=TOKEN, base_url=service.base_url, staff=(STAFF,))
    thread = threading.Thread(target=run, args=(settings, nowhere, stop))
    thread.start()
    service.say(STAFF, "/today")
    service.say(STAFF, "/quota")
    told = {one.text for one in service.answers(2)}
    stop.set()
    thread.join(10)
    assert told == {"系统暂时没有办成，已收到的材料不受影响。请稍后再试。"}


def test_it_stops_at_once_in_the_middle_of_a_poll(service: Emulator) -> None:
    stop = threading.Event()
    settings = TelegramSettings(token=TOKEN, base_url=service.base_url)
    thread = threading.Thread(target=run, args=(settings, nowhere, stop))
    thread.start()
    service.wait(lambda: "getUpdates" in service.calls)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param("nobody listens", id="nobody listens"),
        pytest.param("wrong token", id="a token that is refused"),
        pytest.param("works", id="all is well"),
    ],
)
def test_the_token_is_in_no_log(
    service: Emulator, start: Start, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    caplog.set_level(logging.DEBUG)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}"
    refused = f"{TOKEN}x"
    start(**{"nobody listens": {"base_url": closed}, "wrong token": {"token": refused}, "works": {}}[broken])
    service.say(STAFF, "/help")
    if broken == "works":
        service.answers(1)
    else:
        until(lambda: "telegram not reached" in caplog.messages)
    secret = TOKEN.partition(":")[2]
    texts = [f"{record.getMessage()} {record.__dict__}" for record in caplog.records]
    assert not [text for text in texts if secret in text]


@pytest.mark.parametrize(
    ("token", "name"),
    [pytest.param(TOKEN, "shenbao_bot", id="right"), pytest.param(f"{TOKEN}x", None, id="refused")],
)
def test_a_token_can_be_tried(service: Emulator, token: str, name: str | None) -> None:
    settings = TelegramSettings(token=token, base_url=service.base_url)
    assert asyncio.run(attempt(settings)) == name


def test_settings_never_show_their_token() -> None:
    assert TOKEN not in f"{TelegramSettings(token=TOKEN)} {TelegramSettings(token=TOKEN)!r}"


@pytest.mark.parametrize(
    ("base_url", "address"),
    [
        ("https://api.telegram.org", "https://api.telegram.org/bot"),
        ("https://api.telegram.org/bot", "https://api.telegram.org/bot"),
        ("http://127.0.0.1:8081/", "http://127.0.0.1:8081/bot"),
        ("https://x.example.cn/bot{token}/test", "https://x.example.cn/bot{token}/test"),
    ],
)
def test_the_address_may_be_given_with_or_without_bot(base_url: str, address: str) -> None:
    assert api(base_url) == address


def test_a_decider_is_one_even_when_listed_as_staff_too() -> None:
    settings = TelegramSettings(token=TOKEN, staff=(1, 2), deciders=(2,))
    assert [person(settings, user, group=False).role for user in (1, 2, 3)] == [
        Role.STAFF,
        Role.DECIDER,
        Role.APPLICANT,
    ]


def test_a_button_asks_and_its_confirmation_acts_and_can_be_undone(
    service: Emulator, start: Start, store: Store
) -> None:
    start(details="full")
    service.say(DECIDER, "/status 3")
    service.press(DECIDER, service.answers(1)[-1].carried("不予受理"))
    service.press(DECIDER, service.answers(2)[-1].carried("资质与主办单位不一致"))
    asked = service.answers(3)[-1]
    assert "资质证明与主办单位不一致，且未作说明。" in asked.text
    assert "收信人：zhang@example.cn" in asked.text
    assert known(store, "WM2022-0003") is State.REVIEWING
    service.press(DECIDER, asked.carried("确认"))
    done = service.answers(4)[-1]
    assert service.sent[2].keyboard == ()  # the question is answered
    assert known(store, "WM2022-0003") is State.REJECTED
    service.press(DECIDER, done.carried("撤销"))
    service.press(DECIDER, service.answers(5)[-1].carried("确认"))
    assert service.answers(6)[-1].text.startswith("已办理。")
    assert known(store, "WM2022-0003") is State.REVIEWING
    assert service.calls.count("answerCallbackQuery") == 5


@pytest.mark.parametrize(
    ("user", "chat", "told"),
    [
        pytest.param(DECIDER, 1, "这个按钮已经失效", id="of another chat"),
        pytest.param(STAFF, STAFF, "您的权限可以查询", id="who only reads"),
        pytest.param(STRANGER, STRANGER, "这条命令只供工作人员", id="a stranger"),
    ],
)
def test_a_button_gives_nobody_more_than_the_command_does(
    service: Emulator, start: Start, store: Store, user: int, chat: int, told: str
) -> None:
    start()
    service.press(user, Keys(secret=TOKEN).data(chat, "!1rev/accept WM2022-0003"))
    assert service.answers(1)[0].text.startswith(told)
    assert known(store, "WM2022-0003") is State.REVIEWING
