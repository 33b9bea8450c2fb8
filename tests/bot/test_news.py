"""What applicants are told of their own accord, and when: each thing once, nothing that is not settled yet."""

from datetime import date, datetime
from typing import Any

import msgspec
import pytest

from bot import news, telling
from bot.access import Desk, Role
from bot.commands import answer, pressed
from bot.hours import NoticeSettings
from intake import decisions
from intake.office import staging
from storage import applications, bindings, outbox
from storage.campaign import Extension
from storage.database import Store, open_store
from storage.model import Letter, LetterKind, LetterState, State
from tests.bot import made
from tests.bot.conftest import Clock, somebody
from tests.bot.test_telling import AGAIN, AT_ONCE, LATER, REFUSED, UNSURE, Chats

WHO = somebody(Role.APPLICANT, "9", channel="telegram")
CHANGED = "您的申报有新进展。"
REMINDED = "提醒：您的申报还有事项没有办完，请在期限前办理。"


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2022, month, day, hour, minute, tzinfo=made.BEIJING)


@pytest.fixture
def chats() -> Chats:
    return Chats(staff=())


def bind(desk: Desk, *numbers: int, chat: str = "9") -> None:
    for number in numbers:
        told = answer(
            desk, somebody(Role.APPLICANT, chat, channel="telegram"), f"/start {made.token_of(number)}"
        )
        assert told.text.startswith("绑定成功")


def tell(desk: Desk, chats: Chats, settings: NoticeSettings = AT_ONCE) -> list[str]:
    """Do a round and return what it sent, only the texts."""
    before = len(chats.got)
    telling.tell(desk, chats.outlet, settings, lambda: False)
    return [text for _, text in chats.got[before:]]


def stand(store: Store, number: int, **changes: Any) -> None:
    found = applications.get(store.db, f"WM2022-{number:04d}")
    assert found is not None
    with store.transaction() as db:
        applications.save(db, msgspec.structs.replace(found, **changes), message=None, documents=())


def test_a_new_state_is_told_once(desk: Desk, store: Store, chats: Chats) -> None:
    bind(desk, 2)
    assert tell(desk, chats) == []
    stand(store, 2, state=State.ACCEPTED, problems=())
    assert tell(desk, chats) == [
        f"{CHANGED}\n\nWM2022-0002 药都之声\n状态：电子材料齐全，待核纸质件\n纸质件：未收到"
    ]
    assert tell(desk, chats) == []


def test_nothing_is_told_of_what_others_have(desk: Desk, store: Store, chats: Chats) -> None:
    bind(desk, 2)
    stand(store, 3, state=State.ACCEPTED)
    assert tell(desk, chats) == []


def test_the_paper_s_arrival_is_told(desk: Desk, store: Store, chats: Chats, clock: Clock) -> None:
    bind(desk, 2)
    with store.transaction() as db:
        applications.mark_paper(db, "WM2022-0002", date(2022, 6, 1))
    assert "纸质件：6月1日已收到" in tell(desk, chats)[0]


def test_the_changes_of_a_county_come_together(desk: Desk, store: Store, chats: Chats) -> None:
    bind(desk, 5, 6, 7)
    stand(store, 5, state=State.CORRECTING)
    stand(store, 6, state=State.ACCEPTED)
    (told,) = tell(desk, chats)
    assert [line[:11] for line in told.splitlines() if line.startswith("WM")] == [
        "WM2022-0005",
        "WM2022-0006",
    ]
    assert tell(desk, chats) == []


def test_more_than_fits_comes_in_several_messages_each_whole(desk: Desk, store: Store, chats: Chats) -> None:
    numbers = range(10, 60)
    problems = (made.NO_SEAL,) * 3
    made.keep(store, *(made.application(n, f"账号{n}", State.REVIEWING) for n in numbers))
    bind(desk, *numbers)
    for number in numbers:
        stand(store, number, state=State.CORRECTING, problems=problems)
    told = [text for _ in range(9) for text in tell(desk, chats)]
    named = [line[:11] for text in told for line in text.splitlines() if line.startswith("WM")]
    assert named == [f"WM2022-{number:04d}" for number in numbers]
    assert 1 < len(told) < 9
    assert max(map(len, told)) < 4000


def test_a_decision_is_told_once_it_cannot_be_taken_back(
    desk: Desk, store: Store, chats: Chats, clock: Clock
) -> None:
    bind(desk, 3)
    decider = somebody(Role.DECIDER, "7", channel="telegram")
    answer(desk, decider, "/reject 3 注册地不在本市")
    assert tell(desk, chats) == []
    clock.pass_by(seconds=119)
    answer(desk, decider, "/undo 3")
    clock.pass_by(seconds=500)
    assert tell(desk, chats) == []
    answer(desk, decider, "/accept 3")
    clock.pass_by(seconds=119)
    assert tell(desk, chats) == []
    clock.pass_by(seconds=1)
    assert "电子材料齐全" in tell(desk, chats)[0]


def letter(kind: LetterKind, receipt: str) -> Letter:
    return Letter(
        kind=kind, receipts=(receipt,), cause="c", to=("zhang@example.cn",), subject="s", body="b",
        message_id="<1@example.cn>", state=LetterState.DRAFT, created_at=made.NOW, due_at=made.NOW,
    )  # fmt: skip


def test_a_rejection_whose_letter_waits_for_a_person_is_none_yet(
    desk: Desk, store: Store, chats: Chats
) -> None:
    with store.transaction() as db:
        outbox.queue(db, letter(LetterKind.REJECTION, "WM2022-0004"))
    bind(desk, 4)
    assert "状态：待核定" in answer(desk, WHO, "/status").text
    assert "暂未纳入" not in answer(desk, WHO, "/status 4").text
    assert tell(desk, chats) == []
    with store.transaction() as db:
        outbox.release(db, 1, made.NOW)
    assert "状态：暂未纳入本次推选" in tell(desk, chats)[0]
    assert "状态：暂未纳入本次推选" in answer(desk, WHO, "/status").text


def test_a_result_is_told_with_its_letter_and_not_before(
    desk: Desk, store: Store, chats: Chats, clock: Clock
) -> None:
    bind(desk, 1)
    office = decisions.Desk(
        store=store, campaign=made.CAMPAIGN, sender="office@example.cn", by="王", now=clock.at
    )
    staging.apply(office, ["WM2022-0001"], State.SHORTLISTED, "")
    assert tell(desk, chats) == []
    with store.transaction() as db:
        outbox.queue(db, letter(LetterKind.RESULT, "WM2022-0001"))
    assert tell(desk, chats) == []
    with store.transaction() as db:
        outbox.drop(db, 1)
    assert tell(desk, chats) == []
    with store.transaction() as db:
        outbox.release(db, 1, clock.at)
    assert "状态：入选" in tell(desk, chats)[0]


DAYS = [
    pytest.param(at(5, 30, 12), [], id="four days before"),
    pytest.param(at(5, 31, 8), [REMINDED], id="three days before"),
    pytest.param(at(6, 1, 12), [REMINDED], id="two days before, if it was missed"),
    pytest.param(at(6, 2, 9), [REMINDED], id="one day before"),
    pytest.param(at(6, 3, 23), [REMINDED], id="on the last day, if it was missed"),
    pytest.param(at(6, 4, 0), [], id="too late"),
]


@pytest.mark.parametrize(("moment", "heads"), DAYS)
def test_reminders_come_before_the_deadline(
    desk: Desk, chats: Chats, clock: Clock, moment: datetime, heads: list[str]
) -> None:
    clock.at = at(5, 29, 12)
    bind(desk, 2)
    clock.at = moment
    told = tell(desk, chats) + tell(desk, chats)
    assert [text.splitlines()[0] for text in told] == heads
    assert all(text.endswith("期限：2022年6月3日24时，纸质材料也请在此之前送到。") for text in told)


def test_each_reminder_comes_once_however_often_the_service_begins_anew(
    desk: Desk, store: Store, chats: Chats, clock: Clock
) -> None:
    clock.at = at(5, 28, 12)
    bind(desk, 2)
    days = []
    for _ in range(24 * 8):
        clock.pass_by(hours=1)
        with open_store(store.folder) as again:
            here = msgspec.structs.replace(desk, store=again)
            days += [clock.at.day for _ in tell(here, chats, NoticeSettings())]
    assert days == [31, 2]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        pytest.param(2, "前补正2项", id="something to mend"),
        pytest.param(5, "纸质材料也请在此之前送到", id="only the paper"),
        pytest.param(1, None, id="nothing, the paper came"),
        pytest.param(4, None, id="rejected"),
        pytest.param(9, None, id="withdrawn"),
    ],
)
def test_only_who_has_something_to_do_is_reminded(
    desk: Desk, chats: Chats, clock: Clock, number: int, text: str | None
) -> None:
    clock.at = at(5, 29, 12)
    bind(desk, number)
    clock.at = at(6, 2, 9)
    told = tell(desk, chats)
    assert bool(told) is bool(text)
    assert not text or text in told[0]


def test_who_binds_late_was_told_by_that(desk: Desk, chats: Chats, clock: Clock) -> None:
    clock.at = at(6, 1, 12)
    bind(desk, 2)
    assert tell(desk, chats) == []
    clock.at = at(6, 2, 12)
    assert len(tell(desk, chats)) == 1


def test_a_unit_with_more_time_is_reminded_of_its_own_deadline(
    desk: Desk, chats: Chats, clock: Clock
) -> None:
    later = Extension(
        unit="亳州市第2实验单位",
        deadline=at(6, 11, 0),
        deadline_text="2022年6月10日",
        reason="经批准延期。",
    )
    longer = msgspec.structs.replace(
        desk, campaign=msgspec.structs.replace(made.CAMPAIGN, extensions=(later,))
    )
    clock.at = at(5, 29, 12)
    bind(longer, 2)
    clock.at = at(6, 2, 12)
    assert tell(longer, chats) == []
    clock.at = at(6, 7, 12)
    (told,) = tell(longer, chats)
    assert "请在2022年6月10日24时前补正2项" in told


def test_nobody_is_woken(desk: Desk, store: Store, chats: Chats, clock: Clock) -> None:
    bind(desk, 2)
    stand(store, 2, state=State.ACCEPTED)
    clock.at = at(6, 1, 23)
    assert tell(desk, chats, NoticeSettings()) == []
    clock.at = at(6, 2, 7, 30)
    assert len(tell(desk, chats, NoticeSettings())) == 1


@pytest.mark.parametrize("failure", [LATER, REFUSED, UNSURE], ids=["later", "blocked", "nobody knows"])
def test_a_failure_delays_and_loses_nothing(
    desk: Desk, store: Store, chats: Chats, clock: Clock, failure: Any
) -> None:
    bind(desk, 2)
    bind(desk, 3, chat="8")
    stand(store, 2, state=State.ACCEPTED)
    stand(store, 3, state=State.ACCEPTED)
    chats.fates["9"] = [failure]
    for _ in range(3):
        tell(desk, chats)
        clock.pass_by(hours=1)
    of_nine = [text for to, text in chats.got if to == "9"]
    assert [text.startswith(AGAIN) for text in of_nine] == ([False, True] if failure is UNSURE else [False])
    assert len([to for to, _ in chats.got if to == "8"]) == 1


def test_terminals_and_other_channels_are_not_written_to(desk: Desk, store: Store, chats: Chats) -> None:
    answer(desk, somebody(Role.APPLICANT), f"/start {made.token_of(2)}")
    bind(desk, 2, chat="9")
    stand(store, 2, state=State.ACCEPTED)
    tell(desk, chats)
    assert [to for to, _ in chats.got] == ["9"]


def test_what_was_bound_before_this_version_is_told_from_now_on(desk: Desk, store: Store) -> None:
    with store.transaction() as db:
        bindings.bind(db, "telegram:9", "WM2022-0001", made.NOW)
        db.execute("UPDATE bindings SET told = 'accepted paper'")
    assert list(news.due(desk, "telegram")) == []


class TestUnbinding:
    def test_the_only_one_goes_at_once(self, desk: Desk, store: Store, chats: Chats) -> None:
        bind(desk, 2)
        assert answer(desk, WHO, "/unbind").text.startswith("已解除绑定：WM2022-0002。")
        assert answer(desk, WHO, "/status").text.startswith("本聊天还没有绑定申报。")
        stand(store, 2, state=State.ACCEPTED)
        assert tell(desk, chats) == []
        assert answer(desk, WHO, "/unbind").text.startswith("本聊天还没有绑定申报。")

    def test_of_several_one_is_named_or_picked(self, desk: Desk) -> None:
        bind(desk, 5, 6, 7)
        told = answer(desk, WHO, "/解绑")
        assert told.text.splitlines()[0] == "本聊天绑定了3件申报，请写明要解除哪一件："
        question = pressed(desk, WHO, told.buttons[1][0].command)
        assert question.text.startswith("解除绑定 WM2022-0006？")
        assert bindings.bound(desk.store.db, WHO.chat) == ["WM2022-0005", "WM2022-0006", "WM2022-0007"]
        pressed(desk, WHO, question.buttons[0][0].command)
        answer(desk, WHO, "/unbind 7")
        assert bindings.bound(desk.store.db, WHO.chat) == ["WM2022-0005"]

    def test_all_at_once(self, desk: Desk) -> None:
        bind(desk, 5, 6)
        assert answer(desk, WHO, "/unbind 全部").text.startswith("已解除绑定：WM2022-0005、WM2022-0006。")
        assert bindings.bound(desk.store.db, WHO.chat) == []

    def test_a_foreign_receipt_and_a_missing_one_get_the_same_answer(self, desk: Desk) -> None:
        bind(desk, 5)
        bind(desk, 3, chat="8")
        told = {answer(desk, WHO, f"/unbind {which}").text for which in ("3", "7777", "谯城")}
        assert len(told) == 1
        assert bindings.bound(desk.store.db, "telegram:8") == ["WM2022-0003"]

    def test_it_can_be_bound_again(self, desk: Desk) -> None:
        bind(desk, 2)
        answer(desk, WHO, "/unbind 2")
        bind(desk, 2)
        assert bindings.bound(desk.store.db, WHO.chat) == ["WM2022-0002"]
