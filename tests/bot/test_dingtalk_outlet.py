"""News over DingTalk: what of its answers means that a message went, did not, may have, or never will."""

from collections.abc import Iterator

import pytest

from bot import dingtalk_outlet, telling
from bot.access import Answer, Button, Desk
from bot.dingtalk import DingtalkSettings
from bot.outward import Delivery, Fate
from storage import audit
from tests.bot.conftest import Clock
from tests.bot.dingtalk_emulator import CLIENT, SECRET, DingTalk, running
from tests.bot.emulator import BAD_GATEWAY, DROP, Failure
from tests.bot.test_telling import AT_ONCE

WHO = "manager01"
NEWS = Answer(text="【新申报】1件", buttons=((Button("看 WM2022-0001", "/status WM2022-0001"),),))
TOKEN_PATH, SEND = "/v1.0/oauth2/accessToken", "/v1.0/robot/oToMessages/batchSend"


@pytest.fixture
def service() -> Iterator[DingTalk]:
    with running() as emulator:
        yield emulator


def settings_of(service: DingTalk, secret: str = SECRET) -> DingtalkSettings:
    return DingtalkSettings(
        client_id=CLIENT,
        client_secret=secret,
        base_url=service.base_url,
        deciders=(WHO,),
        staff=(WHO, "manager02"),
    )


def sent(settings: DingtalkSettings, *chats: str) -> list[Delivery]:
    with dingtalk_outlet.outlet(settings) as outlet:
        return [outlet.send(chat, NEWS) for chat in chats or (WHO,)]


def test_a_message_goes_with_its_links_under_one_token(service: DingTalk) -> None:
    assert [one.fate for one in sent(settings_of(service), WHO, "manager02")] == [Fate.SENT] * 2
    text, links = service.sent[:2]
    assert (text.to, text.text) == (WHO, NEWS.text)
    assert links.links == {"看 WM2022-0001": "（按钮）/status WM2022-0001"}
    assert service.calls.count(TOKEN_PATH) == 1


@pytest.mark.parametrize(
    ("path", "failure", "delivery"),
    [
        pytest.param(SEND, BAD_GATEWAY, Delivery(fate=Fate.LATER, why="Refused 502"), id="a bad gateway"),
        pytest.param(SEND, DROP, Delivery(fate=Fate.UNSURE, why="RemoteProtocolError"), id="cut in the middle"),
        pytest.param(SEND, (403, {"code": "Forbidden"}), Delivery(fate=Fate.LATER, why="Refused 403"), id="not allowed"),
        pytest.param(SEND, (400, {"code": "staffId.notExisted"}), Delivery(fate=Fate.REFUSED, why="Refused 400"), id="nobody"),
        pytest.param(
            SEND,
            (200, {"flowControlledStaffIdList": [WHO]}),
            Delivery(fate=Fate.LATER, why="Refused too fast"),
            id="too much for one person",
        ),
        pytest.param(TOKEN_PATH, (200, {"nothing": 1}), Delivery(fate=Fate.LATER, why="Refused no token"), id="no token"),
    ],
)  # fmt: skip
def test_each_failure_is_what_it_is(
    service: DingTalk, path: str, failure: Failure, delivery: Delivery
) -> None:
    service.fail(path, failure)
    assert sent(settings_of(service)) == [delivery]
    assert service.sent == []


def test_who_is_none_of_the_organisation_is_refused(service: DingTalk) -> None:
    assert sent(settings_of(service), "$:LWCP_v1:$x") == [Delivery(fate=Fate.REFUSED, why="Refused invalid")]


def test_a_text_that_went_without_its_links_may_have_gone(service: DingTalk) -> None:
    told = Answer(text="一" * 3000)
    with dingtalk_outlet.outlet(settings_of(service)) as outlet:
        service.fail(SEND, (200, {}), BAD_GATEWAY)
        assert outlet.send(WHO, told).fate is Fate.UNSURE


def test_a_token_that_is_refused_is_asked_for_anew(service: DingTalk) -> None:
    service.fail(SEND, (401, {"code": "InvalidAuthentication"}))
    assert [one.fate for one in sent(settings_of(service), WHO, WHO)] == [Fate.LATER, Fate.SENT]
    assert service.calls.count(TOKEN_PATH) == 2


def test_staff_are_told_over_dingtalk_once(service: DingTalk, desk: Desk, clock: Clock) -> None:
    settings = settings_of(service)
    telling.begin(desk, "dingtalk", dingtalk_outlet.staff_of(settings), AT_ONCE)
    with desk.store.transaction() as db:
        audit.record(db, at=clock(), actor="system", event="judged", receipt="WM2022-0001", message=1,
                     detail={"version": 1})  # fmt: skip
    with dingtalk_outlet.outlet(settings) as outlet:
        for _ in range(3):
            telling.tell(desk, outlet, AT_ONCE, lambda: False)
            clock.pass_by(seconds=10)
    told = sorted((one.to, one.text.splitlines()[0]) for one in service.sent if one.text)
    assert told == [(WHO, "【新申报】1件"), ("manager02", "【新申报】1件")]
