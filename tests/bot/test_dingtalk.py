import asyncio
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import msgspec
import pytest

from bot.access import Answer, Button, Desk, Role
from bot.dingtalk import DingtalkSettings, attempt, run
from bot.dingtalk_post import LONGEST, links
from storage import applications, bindings
from storage.database import Store, open_store
from storage.model import Code, Outcome, State
from tests.bot import made
from tests.bot.conftest import Clock
from tests.bot.dingtalk_emulator import CLIENT, SECRET, TICKET, TOKEN, TOO_FAST, DingTalk, running
from tests.bot.emulator import BAD_GATEWAY, DROP, Failure

STAFF, DECIDER, STRANGER = "manager01", "manager02", "user77"
OPEN, SESSION = "/v1.0/gateway/connections/open", "/robot/sendBySession"
Start = Callable[..., None]


@pytest.fixture
def service() -> Iterator[DingTalk]:
    with running() as emulator:
        yield emulator


def settings(service: DingTalk, **changes: Any) -> DingtalkSettings:
    usual = DingtalkSettings(
        client_id=CLIENT, client_secret=SECRET, base_url=service.base_url, staff=(STAFF,), deciders=(DECIDER,)
    )
    return msgspec.structs.replace(usual, **changes)


@pytest.fixture
def start(service: DingTalk, store: Store, clock: Clock) -> Iterator[Start]:
    """Run the bot against the emulator until the test ends."""
    stop, threads = threading.Event(), []

    @contextmanager
    def desks() -> Iterator[Desk]:
        with open_store(store.folder) as opened:
            yield Desk(store=opened, campaign=made.CAMPAIGN, now=clock)

    def begin(**changes: Any) -> None:
        threads.append(threading.Thread(target=run, args=(settings(service, **changes), desks, stop)))
        threads[-1].start()

    yield begin
    stop.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def nowhere() -> AbstractContextManager[Desk]:
    raise OSError("the disk is gone")


def known(store: Store, receipt: str) -> State | None:
    found = applications.get(store.db, receipt)
    return found.state if found else None


def test_staff_ask_and_are_answered_and_the_message_is_receipted(service: DingTalk, start: Start) -> None:
    start()
    number = service.say(STAFF, "/list 待核定")
    assert service.answers(1)[0].text.startswith("待核定 2件")
    service.wait(lambda: service.receipts == [number])


def test_a_table_takes_full_width_spaces(service: DingTalk, start: Start) -> None:
    start()
    service.say(STAFF, "/quota")
    assert (
        service.answers(1)[0].text.splitlines()[1]
        == "谯城区\u3000\u3000\u3000 3\u3000\u3000 2\u3000\u3000 1\u3000\u3000 1"
    )


@pytest.mark.parametrize(
    ("user", "corp", "state"),
    [
        pytest.param(DECIDER, "ding-corp", State.ACCEPTED, id="a decider"),
        pytest.param(STAFF, "ding-corp", State.REVIEWING, id="who only reads"),
        pytest.param(STRANGER, "ding-corp", State.REVIEWING, id="anybody else"),
        pytest.param(DECIDER, "ding-other", State.REVIEWING, id="the same id in another organisation"),
    ],
)
def test_who_may_decide(
    service: DingTalk, start: Start, store: Store, user: str, corp: str, state: State
) -> None:
    start()
    service.say(user, "/accept 3", corp=corp)
    service.answers(1)
    assert known(store, "WM2022-0003") is state


def test_an_applicant_binds_and_asks(service: DingTalk, start: Start, store: Store) -> None:
    start()
    service.say(STRANGER, f"/start {made.token_of(2)}")
    service.say(STRANGER, "/status")
    bound, asked = service.answers(2)
    assert bound.text.startswith("绑定成功")
    assert asked.text.startswith("WM2022-0002 药都之声")
    assert bindings.bound(store.db, f"dingtalk:{STRANGER}") == ["WM2022-0002"]


def test_nothing_is_told_in_a_group(service: DingTalk, start: Start) -> None:
    start()
    service.say(STRANGER, "/status 2", group=True)
    service.say(STAFF, "/status 2", group=True)
    assert [one.text for one in service.answers(1)] == [
        "申报信息不在群里发送。请点机器人的头像，单独和它对话。"
    ]
    service.wait(lambda: len(service.receipts) == 2)
    assert len(service.sent) == 1


def test_a_link_asks_and_its_confirmation_acts_and_can_be_undone(
    service: DingTalk, start: Start, store: Store
) -> None:
    start()
    service.say(DECIDER, "/status 3")
    service.say(DECIDER, service.answers(2)[-1].links["不予受理"])
    service.say(DECIDER, service.answers(4)[-1].links["资质与主办单位不一致"])
    asked, card = service.answers(6)[-2:]
    assert "资质证明与主办单位不一致，且未作说明。" in asked.text
    assert "收信人：zhang@example.cn" in asked.text
    assert known(store, "WM2022-0003") is State.REVIEWING
    service.say(DECIDER, card.links["确认"])
    done = service.answers(8)[-1]
    assert known(store, "WM2022-0003") is State.REJECTED
    service.say(DECIDER, done.links["撤销"])
    service.say(DECIDER, service.answers(10)[-1].links["确认"])
    assert service.answers(11)[10].text.startswith("已办理。")
    assert known(store, "WM2022-0003") is State.REVIEWING


def test_labels_hold_no_marks() -> None:
    told = links([[Button("归入：_a_[b](c)*.pdf", "/assign WM2022-0003 0123456789")]])
    assert told.startswith("[归入：＿a＿［b］（c）＊.pdf](dtmd://")


def test_a_long_answer_comes_in_pieces(service: DingTalk, start: Start, store: Store) -> None:
    problems = tuple(
        made.problem(Code.FIELD_INVALID, Outcome.CORRECT, field="mobile", fact="一" * 50) for _ in range(70)
    )
    made.keep(store, made.application(10, "问题很多", State.CORRECTING, problems=problems))
    start()
    service.say(STAFF, "/status 10")
    service.wait(lambda: any(one.links for one in service.sent))
    pieces = [one.text for one in service.sent if one.text]
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= LONGEST
    assert "".join(pieces).count("填写有误") == 70


def test_the_summary_table_comes_as_a_file(service: DingTalk, start: Start) -> None:
    start()
    service.say(STAFF, "/export")
    text, file = service.answers(2)
    assert text.text.startswith("申报汇总表，")
    assert (file.to, file.name, file.file[:2]) == (STAFF, "申报汇总表20220601.xlsx", b"PK")


@pytest.mark.parametrize(
    ("name", "size", "told"),
    [
        pytest.param("执照.JPG", 10, None, id="a picture"),
        pytest.param("材料.zip", 10, None, id="an archive"),
        pytest.param("视频.mp4", 10, "“视频.mp4”没有发送：钉钉机器人不能发送这种格式。", id="a video"),
        pytest.param("表.xlsx", 20_000_001, "“表.xlsx”没有发送：超过20MB。", id="too large"),
    ],
)
def test_files_that_dingtalk_takes(service: DingTalk, name: str, size: int, told: str | None) -> None:
    from bot.dingtalk_post import Robot, tell  # what a store would hold need not be made

    asyncio.run(_told(service, Answer(text="", file=b"x" * size, name=name), Robot, tell))
    assert [bool(one.file) for one in service.sent] == [told is None]
    assert service.sent[0].text.startswith(told or "")


async def _told(service: DingTalk, told: Answer, robot: Any, tell: Any) -> None:
    import httpx
    from dingtalk_stream import ChatbotMessage

    message = ChatbotMessage.from_dict(
        {
            "senderStaffId": STAFF,
            "sessionWebhook": f"{service.base_url}{SESSION}?session=secret-{STAFF}",
        }
    )
    async with httpx.AsyncClient() as http:
        await tell(robot(http, service.base_url, CLIENT, SECRET), message, told)


def test_a_file_that_is_refused_is_said(service: DingTalk, start: Start) -> None:
    service.fail("/media/upload", (200, {"errcode": 60011, "errmsg": "no permission"}))
    start()
    service.say(STAFF, "/export")
    assert "“上传媒体文件”" in service.answers(2)[1].text


@pytest.mark.parametrize(
    ("path", "failures"),
    [
        pytest.param(OPEN, [BAD_GATEWAY], id="not reached at the start"),
        pytest.param(OPEN, [DROP], id="cut at the start"),
        pytest.param(OPEN, [(200, {"nothing": "here"})], id="nonsense for a ticket"),
        pytest.param(
            OPEN, [(200, {"endpoint": "http://no", "ticket": "secret"})], id="no address to connect to"
        ),
        pytest.param(SESSION, [BAD_GATEWAY], id="sending fails"),
        pytest.param(SESSION, [TOO_FAST], id="sending too fast"),
        pytest.param(SESSION, [DROP], id="cut while sending"),
    ],
)
def test_a_failing_network_delays_and_loses_nothing(
    service: DingTalk, start: Start, path: str, failures: list[Failure]
) -> None:
    service.fail(path, *failures)
    start()
    service.say(STAFF, "/help")
    assert service.answers(1)[0].text.startswith("您可以发送：")


@pytest.mark.parametrize("how", ["cut", "disconnect"])
def test_it_connects_again(service: DingTalk, start: Start, how: str) -> None:
    start()
    service.say(STAFF, "/help")
    service.answers(1)
    if how == "cut":
        service.cut()
    else:
        service.system("disconnect")
    service.wait(lambda: service.calls.count("/connect") == 2)
    service.say(STAFF, "/help")
    service.answers(2)


def test_a_ping_is_answered(service: DingTalk, start: Start) -> None:
    start()
    service.system("ping")
    service.wait(lambda: any(one.startswith("ping") for one in service.receipts))


def test_a_message_that_comes_twice_is_answered_once(service: DingTalk, start: Start) -> None:
    start()
    number = service.say(STAFF, "/help")
    service.wait(lambda: number in service.receipts)
    again = {"msgId": number, "conversationType": "1", "senderStaffId": STAFF, "msgtype": "text", "text": {}}
    service.bring(f"{number}-again", again)
    service.wait(lambda: f"{number}-again" in service.receipts)
    assert len(service.sent) == 1


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({"msgId": "1", "msgtype": "text"}, id="without its text"),
        pytest.param({"msgId": "1", "msgtype": "text", "text": {"content": "/help"}}, id="without a session"),
        pytest.param({}, id="nothing at all"),
    ],
)
def test_a_broken_message_does_not_stop_the_next(
    service: DingTalk, start: Start, message: dict[str, Any]
) -> None:
    start()
    service.bring("broken", message | {"conversationType": "1"})
    service.say(STAFF, "/help")
    assert service.answers(1)[0].to == STAFF


def test_a_picture_is_answered_with_what_can_be_sent(service: DingTalk, start: Start) -> None:
    start()
    service.say(STRANGER, "", kind="picture")
    assert service.answers(1)[0].text.startswith("您可以发送：")


def test_a_store_that_fails_is_said_and_it_stops_at_once(service: DingTalk) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(settings(service), nowhere, stop))
    thread.start()
    service.say(STAFF, "/today")
    assert service.answers(1)[0].text == "系统暂时没有办成，已收到的材料不受影响。请稍后再试。"
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


@pytest.mark.parametrize("broken", ["works", "wrong secret", "no address"])
def test_no_secret_is_in_a_log(
    service: DingTalk, start: Start, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    caplog.set_level(logging.DEBUG)
    if broken == "no address":
        service.fail(OPEN, (200, {"endpoint": f"http://x/{TICKET}", "ticket": TICKET}))
    start(**{"client_secret": f"{SECRET}x"} if broken == "wrong secret" else {})
    service.say(STAFF, "/export")
    if broken == "wrong secret":
        service.wait(lambda: service.calls.count(OPEN) > 1)
    else:
        service.answers(2)
    written = [f"{one.getMessage()} {one.__dict__}" for one in caplog.records]
    assert not [one for one in written if any(each in one for each in (SECRET, TICKET, TOKEN, "secret-"))]


@pytest.mark.parametrize(
    ("changes", "failures", "told"),
    [
        pytest.param({}, [], True, id="right"),
        pytest.param({"client_secret": "wrong"}, [], False, id="refused"),
        pytest.param({}, [DROP] * 4, None, id="not reached"),
    ],
)
def test_the_secret_can_be_tried_without_a_connection(
    service: DingTalk, changes: dict[str, str], failures: list[Failure], told: bool | None
) -> None:
    service.fail(OPEN, *failures)
    assert asyncio.run(attempt(settings(service, **changes))) is told
    assert "/connect" not in service.calls


def test_the_endpoint_may_come_from_the_environment(service: DingTalk) -> None:
    code = (
        "import asyncio; from bot.dingtalk import DingtalkSettings, attempt\n"
        f"print(asyncio.run(attempt(DingtalkSettings(client_id={CLIENT!r}, client_secret={SECRET!r}))))"
    )
    environment = {**os.environ, "DINGTALK_OPENAPI_ENDPOINT": service.base_url}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True"


def test_settings_never_show_their_secret(service: DingTalk) -> None:
    assert SECRET not in f"{settings(service)} {settings(service)!r}"


def test_a_decider_is_one_even_when_listed_as_staff_too(service: DingTalk) -> None:
    from dingtalk_stream import ChatbotMessage

    from bot.dingtalk import person

    whose = settings(service, staff=("1", "2"), deciders=("2",))
    roles = [person(whose, ChatbotMessage.from_dict({"senderStaffId": one})).role for one in "123"]
    assert roles == [Role.STAFF, Role.DECIDER, Role.APPLICANT]
