from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from bot.access import Desk, Role
from bot.commands import answer, pressed
from bot.keyboard import LONGEST, Keys
from storage import applications, audit, outbox
from storage.database import Store
from storage.model import Document, DocumentType, Letter, LetterKind, LetterState, State
from tests.bot.conftest import Clock, somebody

Ask = Callable[[str], str]
ABROAD = somebody(Role.DECIDER, "7", channel="telegram")
READER = somebody(Role.STAFF, "8", channel="telegram")


def state(store: Store, number: int) -> State:
    found = applications.get(store.db, f"WM2022-{number:04d}")
    assert found
    return found.state


def letters(store: Store) -> list[LetterState]:
    return [one.state for one in outbox.every(store.db)]


def test_the_letter_of_a_decision_waits_as_long_as_it_can_be_undone(desk: Desk, store: Store) -> None:
    answer(desk, ABROAD, "/accept 3")
    (letter,) = outbox.every(store.db)
    assert letter.due_at - letter.created_at == timedelta(seconds=120)


def test_what_is_typed_at_a_terminal_goes_with_the_next_delivery(ask: Ask, store: Store, desk: Desk) -> None:
    ask("/accept 3")
    assert len(outbox.due(store.db, desk.now(), 9)) == 1


@pytest.mark.parametrize("command", ["/accept 3", "/reject 3 late", "/accept 2"])
def test_undo_brings_the_state_back_and_drops_the_letter(desk: Desk, store: Store, command: str) -> None:
    number = int(command.split()[1])
    before = applications.get(store.db, f"WM2022-{number:04d}")
    answer(desk, ABROAD, command)
    assert answer(desk, ABROAD, f"/undo {number}").text.startswith("已办理。")
    assert applications.get(store.db, f"WM2022-{number:04d}") == before
    assert letters(store) == [LetterState.FAILED]
    events = [(one.event, one.actor) for one in audit.history(store.db, f"WM2022-{number:04d}")]
    assert events[-1] == ("undone", "telegram:7")


def test_undo_of_paper_brings_the_day_before_back(ask: Ask, store: Store) -> None:
    ask("/paper 1 6月1日")
    ask("/undo 1")
    found = applications.get(store.db, "WM2022-0001")
    assert found
    assert str(found.paper_received) == "2022-05-31"


@pytest.mark.parametrize(
    ("seconds", "sent", "told"),
    [
        pytest.param(121, False, "已过可撤销的时间", id="too late"),
        pytest.param(60, True, "信已经寄出，不能撤销", id="the letter is gone"),
    ],
)
def test_what_is_over_is_not_undone(
    desk: Desk, store: Store, clock: Clock, seconds: int, sent: bool, told: str
) -> None:
    answer(desk, ABROAD, "/accept 3")
    clock.pass_by(seconds=seconds)
    if sent:
        outbox.sending(store.db, 1, clock())
    assert told in answer(desk, ABROAD, "/undo 3").text
    assert state(store, 3) is State.ACCEPTED


def test_who_only_reads_undoes_paper_and_no_decision(desk: Desk, store: Store) -> None:
    answer(desk, ABROAD, "/accept 3")
    assert "不能撤销核定结论" in answer(desk, READER, "/undo 3").text
    answer(desk, READER, "/paper 2")
    assert answer(desk, READER, "/undo 2").text.startswith("已办理。")
    assert state(store, 3) is State.ACCEPTED


def test_nothing_to_undo(ask: Ask) -> None:
    assert ask("/undo 3") == "WM2022-0003 最近没有可以撤销的操作。"


def test_a_pressed_button_asks_and_a_confirmation_of_what_has_changed_does_nothing(
    desk: Desk, store: Store
) -> None:
    asked = pressed(desk, ABROAD, "/accept WM2022-0003")
    sure = asked.buttons[0][0].command
    assert asked.text.startswith("认定电子材料齐全？\nWM2022-0003 魏武故里")
    assert state(store, 3) is State.REVIEWING
    answer(desk, ABROAD, "/reject 3 late")
    assert pressed(desk, ABROAD, sure).text.startswith("情况刚有变化")
    assert state(store, 3) is State.REJECTED


def test_a_picked_reason_stands_in_the_letter_as_a_sentence(ask: Ask, store: Store) -> None:
    ask("/reject 3 逾期")
    assert "申报材料收到时已超过规定的申报时间" in outbox.every(store.db)[0].body


def test_a_letter_taken_back_is_not_shown_as_one_that_goes(desk: Desk) -> None:
    answer(desk, ABROAD, "/accept 3")
    told = answer(desk, ABROAD, "/reject 3 账号停更半年").text
    assert told.count("核定结果：") == 1
    assert "原因：账号停更半年" in told


def draft(desk: Desk) -> Letter:
    return Letter(
        kind=LetterKind.REJECTION,
        receipts=("WM2022-0004",),
        cause="mail:4",
        to=("zhang@example.cn",),
        subject="关于申报材料的复函",
        body="某某单位：\n请致电。\n",
        message_id="<4@example.cn>",
        state=LetterState.DRAFT,
        created_at=desk.now(),
        due_at=desk.now(),
    )


@pytest.mark.parametrize(("word", "after"), [("release", LetterState.QUEUED), ("drop", LetterState.FAILED)])
def test_drafts_are_seen_and_settled(
    desk: Desk, store: Store, ask: Ask, word: str, after: LetterState
) -> None:
    outbox.queue(store.db, draft(desk))
    assert "1 草稿　关于申报材料的复函" in ask("/drafts")
    assert "请致电。" in ask("/letter 1")
    assert "待放行的信 1封：/drafts" in ask("/problems")
    asked = pressed(desk, ABROAD, f"/{word} 1")
    assert letters(store) == [LetterState.DRAFT]
    pressed(desk, ABROAD, asked.buttons[0][0].command)
    assert letters(store) == [after]
    assert ask("/drafts") == "没有待放行的信。"


@pytest.mark.parametrize("word", ["release", "drop"])
@pytest.mark.parametrize("before", [LetterState.DRAFT, LetterState.HELD, LetterState.UNCERTAIN])
def test_what_was_done_to_a_letter_is_taken_back(
    desk: Desk, store: Store, word: str, before: LetterState
) -> None:
    outbox.queue(store.db, msgspec.structs.replace(draft(desk), state=before))
    done = answer(desk, ABROAD, f"/{word} 1")
    assert outbox.due(store.db, desk.now(), 9) == []
    asked = pressed(desk, ABROAD, done.buttons[0][0].command)
    assert asked.text.startswith("撤销刚才对这封信的操作？")
    assert letters(store) != [before]
    assert answer(desk, READER, "/undo 信1").text.startswith("您的权限可以查询")
    assert pressed(desk, ABROAD, asked.buttons[0][0].command).text == "已撤销，第1号信仍在等候处理。"
    assert letters(store) == [before]
    assert answer(desk, ABROAD, "/undo 信1").text == "第1号信最近没有可以撤销的操作。"
    trail = [(one.event, one.actor) for one in audit.history(store.db, "WM2022-0004")][-2:]
    assert trail == [
        (f"letter-{'released' if word == 'release' else 'dropped'}", "telegram:7"),
        ("letter-restored", "telegram:7"),
    ]


@pytest.mark.parametrize(
    ("seconds", "sent", "told"),
    [
        pytest.param(120, False, "第1号信的操作已过可撤销的时间。", id="too late"),
        pytest.param(119, True, "第1号信已经寄出，不能撤销。", id="it is gone"),
        pytest.param(119, False, "已撤销，第1号信仍在等候处理。", id="just in time"),
    ],
)
def test_a_letter_is_taken_back_only_in_time(
    desk: Desk, store: Store, clock: Clock, seconds: int, sent: bool, told: str
) -> None:
    outbox.queue(store.db, draft(desk))
    answer(desk, ABROAD, "/release 1")
    clock.pass_by(seconds=seconds)
    if sent:
        outbox.sending(store.db, 1, clock())
    assert answer(desk, ABROAD, "/undo 信 1").text == told


def test_a_letter_released_at_a_terminal_goes_with_the_next_delivery(
    ask: Ask, desk: Desk, store: Store
) -> None:
    outbox.queue(store.db, draft(desk))
    ask("/release 1")
    assert len(outbox.due(store.db, desk.now(), 9)) == 1


@pytest.mark.parametrize("command", ["/letter 9", "/release 9", "/drop x", "/letter"])
def test_no_such_letter(ask: Ask, command: str) -> None:
    assert ask(command).startswith("没有这封信。")


def test_explain_says_what_would_change_it(ask: Ask) -> None:
    told = ask("/explain 2")
    assert "依据：五、推选安排 1" in told
    assert told.count("怎样改变：") == 3


def with_file(store: Store) -> Document:
    sha = store.blobs.keep(b"%PDF-1.4")
    with store.transaction() as db:
        store.db.execute(
            "INSERT INTO documents (position, file, type, sha256) VALUES (0, '包/申报表.pdf', 'form', ?)",
            (sha,),
        )
        found = applications.get(db, "WM2022-0003")
        assert found
        applications.save(db, found, message=None, documents=[1])
    return Document(file="包/申报表.pdf", type=DocumentType.FORM, sha256=sha)


def test_a_file_is_sent_where_files_may_go_and_that_is_on_the_trail(desk: Desk, store: Store) -> None:
    file = with_file(store)
    told = answer(desk, ABROAD, f"/files 3 {file.sha256[:10]}")
    assert told.later
    sent = told.later(desk)
    assert (sent.name, sent.file) == ("申报表.pdf", b"%PDF-1.4")
    assert audit.history(store.db, "WM2022-0003")[-1].event == "seen"


def test_every_button_fits_telegram(desk: Desk, store: Store) -> None:
    with_file(store)
    keys = Keys(secret="123:abc")
    told = [answer(desk, ABROAD, one) for one in ("/status 3", "/reject 3", "/files 3", "/list", "/problems")]
    told += [
        pressed(desk, ABROAD, one)
        for one in ("/reject WM2022-99999 late", "/reject WM2022-0003 duplicate-operator")
    ]
    commands = [button.command for one in told for row in one.buttons for button in row]
    assert len(commands) > 10
    for command in commands:
        assert len(keys.data(-1001234567890, command).encode()) <= LONGEST
        assert keys.read(-1001234567890, keys.data(-1001234567890, command)) == command
        assert keys.read(5, keys.data(-1001234567890, command)) is None
