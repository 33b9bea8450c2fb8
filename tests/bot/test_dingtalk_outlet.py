"""News over DingTalk's wire: what of its answers means that a message went, did not, may have, or never will."""

import logging
import socket
from collections.abc import Iterator

import msgspec
import pytest

from bot import dingtalk_outlet, telling
from bot.access import Answer, Button, Desk
from bot.dingtalk import DingtalkSettings
from bot.outward import Delivery, Fate
from storage import audit, listeners
from storage.database import Store
from tests.bot import made
from tests.bot.conftest import Clock
from tests.bot.dingtalk_emulator import CLIENT, SECRET, TOO_FAST, DingTalk, running
from tests.bot.emulator import BAD_GATEWAY, DROP, Failure
from tests.bot.test_telling import AT_ONCE

ASK, SEND = "/v1.0/oauth2/accessToken", "/v1.0/robot/oToMessages/batchSend"
NEWS = Answer(text="【等人核定】1件", buttons=((Button("看 WM2022-0003", "/status WM2022-0003"),),))
NOBODY: Failure = (400, {"code": "staffId.notExisted", "message": "invalid"})


@pytest.fixture
def service() -> Iterator[DingTalk]:
    with running() as emulator:
        yield emulator


def settings_of(service: DingTalk) -> DingtalkSettings:
    return DingtalkSettings(
        client_id=CLIENT,
        client_secret=SECRET,
        base_url=service.base_url,
        deciders=("head",),
        staff=("clerk", "head"),
    )


def sent(settings: DingtalkSettings, told: Answer = NEWS) -> Delivery:
    with dingtalk_outlet.outlet(settings) as outlet:
        return outlet.send("head", told)


def test_a_message_goes_to_the_person_with_what_one_may_do_next(service: DingTalk) -> None:
    assert sent(settings_of(service)).fate is Fate.SENT
    assert [(one.to, one.text) for one in service.sent] == [
        ("head", "【等人核定】1件\n看 WM2022-0003：/status WM2022-0003")
    ]


def test_what_is_long_goes_in_pieces_and_what_broke_off_has_partly_gone(service: DingTalk) -> None:
    long = Answer(text="\n".join(["长" * 100] * 30))
    assert sent(settings_of(service), long).fate is Fate.SENT
    assert "\n".join(one.text for one in service.sent) == long.text
    service.fail(SEND, None, BAD_GATEWAY)
    assert sent(settings_of(service), long) == Delivery(fate=Fate.UNSURE, why="Refused 502")


@pytest.mark.parametrize(
    ("path", "failure", "delivery"),
    [
        pytest.param(SEND, TOO_FAST, Delivery(fate=Fate.LATER, why="Refused 130101"), id="too fast"),
        pytest.param(SEND, BAD_GATEWAY, Delivery(fate=Fate.LATER, why="Refused 502"), id="a bad gateway"),
        pytest.param(
            SEND, DROP, Delivery(fate=Fate.UNSURE, why="RemoteProtocolError"), id="cut in the middle"
        ),
        pytest.param(SEND, NOBODY, Delivery(fate=Fate.REFUSED, why="Refused 400"), id="nobody of that id"),
        pytest.param(
            ASK, DROP, Delivery(fate=Fate.LATER, why="RemoteProtocolError"), id="cut before anything went"
        ),
        pytest.param(ASK, (200, {}), Delivery(fate=Fate.LATER, why="KeyError"), id="no token in the answer"),
        pytest.param(
            ASK, (200, ["x"]), Delivery(fate=Fate.LATER, why="KeyError"), id="nonsense for an answer"
        ),
    ],
)
def test_each_failure_is_what_it_is(
    service: DingTalk, path: str, failure: Failure, delivery: Delivery
) -> None:
    service.fail(path, failure)
    assert sent(settings_of(service)) == delivery
    assert service.sent == []


def test_a_person_of_another_organisation_refuses_and_one_who_got_too_much_waits(service: DingTalk) -> None:
    service.strangers.add("head")
    assert sent(settings_of(service)) == Delivery(fate=Fate.REFUSED, why="invalidStaffId")
    service.strangers.clear()
    service.flooded.add("head")
    assert sent(settings_of(service)) == Delivery(fate=Fate.LATER, why="flowControlled", wait=60.0)


def test_a_service_that_is_not_there_took_nothing_and_no_secret_is_logged(
    service: DingTalk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}"
    gone = msgspec.structs.replace(settings_of(service), base_url=closed)
    assert sent(gone) == Delivery(fate=Fate.LATER, why="ConnectError")
    wrong = msgspec.structs.replace(settings_of(service), client_secret=f"{SECRET}x")
    assert sent(wrong) == Delivery(fate=Fate.LATER, why="Refused 401")
    assert not [one for one in caplog.records if SECRET in f"{one.getMessage()} {one.__dict__}"]


def test_whoever_is_no_member_holds_up_nobody(service: DingTalk, store: Store, clock: Clock) -> None:
    service.strangers.add("head")
    settings = settings_of(service)
    desk = Desk(store=store, campaign=made.CAMPAIGN, now=clock)
    telling.begin(desk, "dingtalk", dingtalk_outlet.staff_of(settings), AT_ONCE)
    with store.transaction() as db:
        audit.record(
            db, at=clock(), actor="system", event="judged", receipt="WM2022-0001", message=1,
            detail={"version": 1},
        )  # fmt: skip
    with dingtalk_outlet.outlet(settings) as outlet:
        for _ in range(3):
            telling.tell(desk, outlet, AT_ONCE, lambda: False)
    assert [(one.to, one.text.splitlines()[0]) for one in service.sent] == [("clerk", "【新申报】1件")]
    assert [one.chat for one in listeners.unreached(store.db)] == ["dingtalk:head"]
