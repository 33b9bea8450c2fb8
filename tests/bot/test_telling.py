"""Who is told when: never twice, never lost, whatever the channel does and however often the service begins anew."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import telling
from bot.access import Answer, Desk, Role
from bot.commands import answer
from bot.hours import NoticeSettings
from bot.outward import Delivery, Fate, Outlet
from storage import audit, listeners
from storage.database import open_store
from storage.model import State
from tests.bot import made
from tests.bot.conftest import Clock, somebody

SENT = Delivery(fate=Fate.SENT)
LATER = Delivery(fate=Fate.LATER, why="NetworkError")
UNSURE = Delivery(fate=Fate.UNSURE, why="TimedOut")
REFUSED = Delivery(fate=Fate.REFUSED, why="Forbidden")
AT_ONCE = NoticeSettings(quiet="", digest="", gather_seconds=0, between_seconds=0)
AGAIN = "（刚才的发送中断过，以下内容可能重复）\n"


class Chats:
    """A channel that takes what it is told to: the next deliveries of each chat, else all arrives."""

    def __init__(self, staff: tuple[str, ...] = ("1",), groups: frozenset[str] = frozenset()) -> None:
        self.got: list[tuple[str, str]] = []
        self.fates: dict[str, list[Delivery]] = {}
        self.outlet = Outlet(channel="telegram", staff=staff, groups=groups, send=self.send)

    def send(self, chat: str, told: Answer) -> Delivery:
        fate = (self.fates.get(chat) or [SENT]).pop(0)
        if fate.fate in (Fate.SENT, Fate.UNSURE):
            self.got.append((chat, told.text))
        return fate

    def heads(self, chat: str = "1") -> list[str]:
        return [text.splitlines()[0] for to, text in self.got if to == chat]


Round = Callable[..., float]


@pytest.fixture
def chats() -> Chats:
    return Chats()


@pytest.fixture
def tell(desk: Desk) -> Round:
    """Begin where that is new, and do one round."""

    def one_round(chats: Chats, settings: NoticeSettings = AT_ONCE, desk: Desk = desk) -> float:
        telling.begin(desk, "telegram", chats.outlet.staff, settings)
        return telling.tell(desk, chats.outlet, settings, lambda: False)

    return one_round


def happen(desk: Desk, event: str = "judged", receipt: str | None = "WM2022-0001", **detail: Any) -> None:
    with desk.store.transaction() as db:
        audit.record(
            db, at=desk.now(), actor="system", event=event, receipt=receipt, message=1, detail={"version": 1} | detail
        )  # fmt: skip


def test_what_happens_is_told_once(desk: Desk, tell: Round, chats: Chats) -> None:
    happen(desk)
    tell(chats)
    assert chats.got == []
    happen(desk)
    for _ in range(3):
        tell(chats)
    assert chats.heads() == ["【新申报】1件"]
    happen(desk, receipt="WM2022-0005")
    tell(chats)
    assert chats.heads() == ["【新申报】1件"] * 2


def test_each_of_staff_is_told(desk: Desk, tell: Round) -> None:
    chats = Chats(staff=("1", "2"))
    tell(chats)
    happen(desk)
    tell(chats)
    assert [to for to, _ in chats.got] == ["1", "2"]


def test_a_failure_is_tried_again_with_longer_and_longer_pauses(
    desk: Desk, tell: Round, chats: Chats, clock: Clock
) -> None:
    tell(chats)
    happen(desk)
    chats.fates["1"] = [LATER, LATER, LATER]
    for seconds, failures in ((0, 1), (1, 1), (1, 2), (2, 2), (2, 3), (8, 0)):
        clock.pass_by(seconds=seconds)
        tell(chats)
        assert listeners.get(desk.store.db, "telegram:1").failures == failures
    assert chats.heads() == ["【新申报】1件"]


def test_a_channel_that_asks_to_wait_is_left_alone_so_long(
    desk: Desk, tell: Round, chats: Chats, clock: Clock
) -> None:
    tell(chats)
    happen(desk)
    chats.fates["1"] = [Delivery(fate=Fate.LATER, why="RetryAfter", wait=60.0)]
    assert tell(chats) == 60.0
    clock.pass_by(seconds=59)
    tell(chats)
    assert chats.got == []
    clock.pass_by(seconds=1)
    tell(chats)
    assert chats.heads() == ["【新申报】1件"]


def test_who_blocked_the_bot_holds_up_nobody_and_loses_nothing(desk: Desk, tell: Round, clock: Clock) -> None:
    chats = Chats(staff=("1", "2"))
    tell(chats)
    chats.fates["1"] = [REFUSED]
    happen(desk)
    tell(chats)
    happen(desk, receipt="WM2022-0005")
    tell(chats)
    assert (chats.heads("1"), chats.heads("2")) == ([], ["【新申报】1件"] * 2)
    assert [one.chat for one in listeners.unreached(desk.store.db)] == ["telegram:1"]
    clock.pass_by(hours=1)
    tell(chats)
    assert chats.heads("1") == ["【新申报】2件"]
    assert listeners.unreached(desk.store.db) == []


def test_who_goes_on_refusing_is_asked_ever_more_rarely(
    desk: Desk, tell: Round, chats: Chats, clock: Clock
) -> None:
    tell(chats)
    happen(desk)
    chats.fates["1"] = [REFUSED] * 99
    asked: list[int] = []
    for hour in range(96):
        tell(chats)
        asked += [hour] * (99 - len(chats.fates["1"]) - len(asked))
        clock.pass_by(hours=1)
    assert asked == [0, 1, 3, 7, 15, 31, 55, 79]


def test_who_opens_the_bot_again_gets_at_once_what_waited(desk: Desk, tell: Round, chats: Chats) -> None:
    tell(chats)
    chats.fates["1"] = [REFUSED]
    happen(desk)
    tell(chats)
    tell(chats)
    assert chats.got == []
    answer(desk, somebody(Role.STAFF, "1", channel="telegram"), "/start")
    tell(chats)
    assert chats.heads() == ["【新申报】1件"]


def test_a_channel_that_fails_is_asked_once_a_round_and_each_chat_has_its_turn(
    desk: Desk, tell: Round, clock: Clock
) -> None:
    chats = Chats(staff=("1", "2", "3"))
    tell(chats)
    happen(desk)
    chats.fates = {"1": [LATER] * 20}
    tell(chats)
    assert chats.got == []
    tell(chats)
    assert [to for to, _ in chats.got] == ["2", "3"]


def test_what_may_have_gone_goes_again_and_says_so(
    desk: Desk, tell: Round, chats: Chats, clock: Clock
) -> None:
    tell(chats)
    happen(desk)
    chats.fates["1"] = [UNSURE]
    tell(chats)
    clock.pass_by(seconds=59)
    tell(chats)
    assert len(chats.got) == 1
    clock.pass_by(seconds=1)
    tell(chats)
    happen(desk)
    tell(chats)
    assert [text.startswith(AGAIN) for _, text in chats.got] == [False, True, False]


class Died(BaseException):
    """The process ends."""


@pytest.mark.parametrize("arrived", [True, False], ids=["after it arrived", "before it went"])
def test_a_death_in_the_middle_loses_nothing_and_what_comes_twice_says_so(
    desk: Desk, tell: Round, chats: Chats, arrived: bool
) -> None:
    tell(chats)
    happen(desk)

    def dying(chat: str, told: Answer) -> Delivery:
        if arrived:
            chats.send(chat, told)
        raise Died

    with pytest.raises(Died):
        telling.tell(desk, msgspec.structs.replace(chats.outlet, send=dying), AT_ONCE, lambda: False)
    with open_store(desk.store.folder) as again:
        tell(chats, desk=msgspec.structs.replace(desk, store=again))
        tell(chats, desk=msgspec.structs.replace(desk, store=again))
    assert chats.got[-1][1].startswith(f"{AGAIN}【新申报】1件")
    assert len(chats.got) == 1 + arrived


def test_where_it_was_told_to_outlasts_a_restart(desk: Desk, tell: Round, chats: Chats) -> None:
    tell(chats)
    happen(desk)
    tell(chats)
    happen(desk, receipt="WM2022-0005")
    with open_store(desk.store.folder) as again:
        tell(chats, desk=msgspec.structs.replace(desk, store=again))
    assert [text.splitlines()[1][:11] for _, text in chats.got] == ["WM2022-0001", "WM2022-0005"]


def test_nothing_goes_once_the_service_stops(desk: Desk, tell: Round, chats: Chats) -> None:
    tell(chats)
    happen(desk)
    telling.tell(desk, chats.outlet, AT_ONCE, lambda: True)
    assert chats.got == []


def test_news_gathers_and_urgent_news_takes_it_along(
    desk: Desk, tell: Round, chats: Chats, clock: Clock
) -> None:
    usual = NoticeSettings(digest="", between_seconds=300)
    tell(chats, usual)
    happen(desk)
    tell(chats, usual)
    assert chats.got == []
    happen(desk, "secret-suspected")
    tell(chats, usual)
    assert [line for line in chats.got[0][1].splitlines() if line[0] == "【"] == [
        "【疑似涉密的邮件】1封",
        "【新申报】1件",
    ]
    happen(desk)
    clock.pass_by(seconds=299)
    tell(chats, usual)
    assert len(chats.got) == 1
    happen(desk, receipt="WM2022-0005")
    clock.pass_by(seconds=1)
    tell(chats, usual)
    assert chats.heads()[1:] == ["【新申报】2件"]


def test_the_night_is_quiet_but_for_what_is_urgent(
    desk: Desk, tell: Round, chats: Chats, clock: Clock
) -> None:
    usual = NoticeSettings()
    clock.at = datetime(2022, 6, 1, 23, 0, tzinfo=made.BEIJING)
    tell(chats, usual)
    happen(desk)
    clock.pass_by(hours=2)
    tell(chats, usual)
    assert chats.got == []
    happen(desk, "mailbox-unreached", None)
    tell(chats, usual)
    assert chats.heads() == ["【连不上邮箱】"]
    happen(desk, receipt="WM2022-0005")
    clock.at = datetime(2022, 6, 2, 7, 30, tzinfo=made.BEIJING)
    tell(chats, usual)
    assert chats.heads()[1:] == ["【新申报】1件"]


def test_the_digest_comes_once_a_working_morning(desk: Desk, tell: Round, chats: Chats, clock: Clock) -> None:
    usual = NoticeSettings()
    seen: list[str] = []
    for hours in range(24 * 5):
        clock.at = made.NOW + timedelta(hours=hours)
        tell(chats, usual)
        seen += [f"{clock.at:%d %H}"] * (len(chats.got) - len(seen))
    assert seen == ["02 08", "06 08"]
    assert [text.splitlines()[:2] for _, text in chats.got] == [
        ["早上好！今天是6月2日 周四，距申报截止还有2天（含今天）。", "昨天：来信0封，新申报0件，发信0封"],
        ["早上好！今天是6月6日 周一，申报已截止。", "6月2日到昨天：来信0封，新申报0件，发信0封"],
    ]


def test_a_digest_that_could_not_go_goes_later_that_day(
    desk: Desk, tell: Round, chats: Chats, clock: Clock
) -> None:
    usual = NoticeSettings()
    tell(chats, usual)
    clock.at = datetime(2022, 6, 2, 8, 30, tzinfo=made.BEIJING)
    chats.fates["1"] = [LATER]
    tell(chats, usual)
    assert chats.got == []
    clock.pass_by(minutes=10)
    tell(chats, usual)
    tell(chats, usual)
    assert len(chats.got) == 1


def test_a_digest_says_what_waits_and_what_is_free(
    desk: Desk, tell: Round, chats: Chats, clock: Clock
) -> None:
    tell(chats, NoticeSettings())
    clock.at = datetime(2022, 6, 2, 9, 0, tzinfo=made.BEIJING)
    tell(chats, NoticeSettings())
    assert chats.got[0][1].splitlines() == [
        "早上好！今天是6月2日 周四，距申报截止还有2天（含今天）。",
        "昨天：来信0封，新申报0件，发信0封",
        "需要人办的：",
        "待核定 2件：/list 待核定",
        "县区剩余名额：谯城区1、涡阳县2、蒙城县3、利辛县3",
    ]


def test_contact_data_is_masked_in_a_group_and_absent_where_little_may_be_told(
    desk: Desk, tell: Round
) -> None:
    chats = Chats(staff=("-5",), groups=frozenset({"-5"}))
    tell(chats)
    happen(desk, "bounced", to="zhang@example.cn")
    tell(chats)
    happen(desk, "bounced", to="zhang@example.cn")
    tell(chats, desk=msgspec.structs.replace(desk, details="minimal"))
    full, least = (text.splitlines()[1] for _, text in chats.got)
    assert full == "WM2022-0001 亳州发布：z***@example.cn（被退回）"
    assert least == "WM2022-0001 亳州发布（被退回）"


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.one_of(st.just("happens"), st.just("restart"), st.sampled_from([LATER, REFUSED, SENT])),
        max_size=25,
    )
)
def test_whatever_fails_and_in_whatever_order_each_thing_is_told_exactly_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Any]
) -> None:
    folder, clock, chats = tmp_path_factory.mktemp("any") / "data", Clock(), Chats()
    happened = 0
    with open_store(folder) as store:
        desk = Desk(store=store, campaign=made.CAMPAIGN, now=clock)
        telling.begin(desk, "telegram", ("1",), AT_ONCE)
        for step in [*steps, SENT]:
            if step == "happens":
                happened += 1
                one = made.application(happened, f"账号{happened}", State.ACCEPTED)
                made.keep(store, one)
                happen(desk, receipt=one.receipt)
            elif step == "restart":
                telling.begin(desk, "telegram", ("1",), AT_ONCE)
            else:
                chats.fates["1"] = [step]
                clock.pass_by(days=1)
                telling.tell(desk, chats.outlet, AT_ONCE, lambda: False)
    assert sum(int(head.removeprefix("【新申报】").removesuffix("件")) for head in chats.heads()) == happened
