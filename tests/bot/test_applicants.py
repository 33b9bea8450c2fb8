from collections.abc import Callable

import msgspec
import pytest

from bot.access import Desk, Role
from bot.commands import answer
from storage import applications, audit
from storage.database import Store, open_store
from storage.model import State
from tests.bot import made
from tests.bot.conftest import Clock, somebody

Ask = Callable[..., str]
WRONG = "口令不对，没有绑定。请把回执邮件里的“/start 口令”那一行原样复制发来。"
PAUSED = "输错的次数太多，请过一小时再试。"


def test_a_token_binds_and_the_answer_tells_what_to_mend(ask_as_applicant: Ask) -> None:
    assert ask_as_applicant(f"/start {made.token_of(2)}").splitlines() == [
        "绑定成功，以后发送 /status 即可查询进度。",
        "",
        "WM2022-0002 药都之声",
        "状态：待补正",
        "请在2022年6月3日24时前补正2项：",
        "1. “单位推荐意见”栏没有看到公章，请加盖公章后扫描发来。",
        "2. 请补正后重新发来。",
        "纸质件：未收到",
        "请直接回复回执邮件，附上补正后的材料。",
    ]


@pytest.mark.parametrize(
    "typed",
    ["/start {}", "/START {}", "／start　{}", "/start “{}”", "绑定 {}"],
    ids=["as printed", "capitals", "full width", "in quotes", "in Chinese, without its slash"],
)
def test_a_token_is_taken_as_people_paste_it(ask_as_applicant: Ask, typed: str) -> None:
    told = ask_as_applicant(typed.format(made.token_of(1)))
    assert told.startswith("绑定成功" if typed[0] in "/／" else "请以斜杠开头发送")


def test_what_is_bound_stays_bound_and_each_chat_has_its_own(ask_as_applicant: Ask) -> None:
    ask_as_applicant(f"/start {made.token_of(5)}", "谯城")
    ask_as_applicant(f"/start {made.token_of(6)}", "谯城")
    ask_as_applicant(f"/start {made.token_of(6)}", "谯城")
    ask_as_applicant(f"/start {made.token_of(1)}", "市直")
    both = [line for line in ask_as_applicant("/status", "谯城").splitlines() if line.startswith("WM")]
    assert both == ["WM2022-0005 谯城融媒", "WM2022-0006 谯城文旅"]
    assert "WM2022-0001 亳州发布" in ask_as_applicant("/status", "市直")
    assert ask_as_applicant("/status", "别人").startswith("本聊天还没有绑定申报。")


def test_one_of_several_can_be_asked_for(ask_as_applicant: Ask) -> None:
    ask_as_applicant(f"/start {made.token_of(5)}")
    ask_as_applicant(f"/start {made.token_of(6)}")
    for typed in ("/status 6", "wm2022-0006", "查询 6"):
        told = ask_as_applicant(typed)
        assert "WM2022-0006" in told
        assert "WM2022-0005" not in told


def test_a_county_s_many_applications_fit_a_screen_and_each_can_be_looked_at(desk: Desk) -> None:
    county = somebody(Role.APPLICANT, "谯城")
    for number in (2, 3, 4, 6, 9):
        answer(desk, county, f"/start {made.token_of(number)}")
    told = answer(desk, county, "/status")
    assert told.text.splitlines() == [
        "本聊天绑定了5件申报：",
        "WM2022-0002 药都之声",
        "　待补正2项，纸质件：未收到",
        "WM2022-0003 魏武故里",
        "　待核定，纸质件：未收到",
        "WM2022-0004 晚到的账号",
        "　不予受理",
        "WM2022-0006 谯城文旅",
        "　待补正1项，纸质件：未收到",
        "WM2022-0009 撤回的号",
        "　已撤回",
        "",
        "发送收件编号可以看一件的详细情况。",
        "联系电话：0558-5556782（中共亳州市委网信办网络新闻与传播科）",
    ]
    assert [len(row) for row in told.buttons] == [2, 2, 1]
    assert answer(desk, county, told.buttons[1][1].command).text.startswith(
        "WM2022-0006 谯城文旅\n状态：待补正"
    )


@pytest.mark.parametrize("typed", ["/status WM2022-0003", "/status 3", "3"])
def test_a_foreign_receipt_and_a_missing_one_get_the_same_answer(ask_as_applicant: Ask, typed: str) -> None:
    ask_as_applicant(f"/start {made.token_of(1)}")
    assert ask_as_applicant(typed) == ask_as_applicant(typed.replace("3", "7777"))
    assert "魏武故里" not in ask_as_applicant(typed)


@pytest.mark.parametrize(
    "token",
    ["", "x" * 20, made.token_of(1)[:-1], made.token_of(1).swapcase(), "' OR 1=1 --", "令牌" * 8, "%"],
    ids=["none", "another", "cut short", "other case", "SQL", "Chinese", "a wildcard"],
)
def test_a_wrong_token_binds_nothing(ask_as_applicant: Ask, token: str) -> None:
    assert "WM2022" not in ask_as_applicant(f"/start {token}")
    assert ask_as_applicant("/status").startswith("本聊天还没有绑定申报。")


def test_a_token_too_short_to_be_unguessable_is_no_token(ask_as_applicant: Ask, store: Store) -> None:
    made.keep(store, made.application(10, "短口令", State.ACCEPTED, token="a" * 10))
    assert ask_as_applicant(f"/start {'a' * 10}") == WRONG


def test_five_wrong_tries_then_a_pause_even_for_the_right_token(ask_as_applicant: Ask, clock: Clock) -> None:
    for _ in range(5):
        assert ask_as_applicant("/start wrong-wrong-wrong") == WRONG
        clock.pass_by(minutes=1)
    assert ask_as_applicant(f"/start {made.token_of(1)}").startswith(PAUSED)
    assert ask_as_applicant(f"/start {made.token_of(1)}", "another chat").startswith("绑定成功")
    clock.pass_by(minutes=54)
    assert ask_as_applicant(f"/start {made.token_of(1)}").startswith(PAUSED)
    clock.pass_by(minutes=1)
    assert ask_as_applicant(f"/start {made.token_of(1)}").startswith("绑定成功")


def test_the_pause_outlasts_a_restart(desk: Desk, store: Store) -> None:
    person = somebody(Role.APPLICANT)
    for _ in range(5):
        answer(desk, person, "/start wrong-wrong-wrong")
    with open_store(store.folder) as again:
        told = answer(msgspec.structs.replace(desk, store=again), person, f"/start {made.token_of(1)}")
    assert told.text.startswith(PAUSED)


def test_tokens_are_never_written_down(ask_as_applicant: Ask, store: Store) -> None:
    ask_as_applicant("/start wrong-wrong-wrong")
    ask_as_applicant(f"/start {made.token_of(1)}")
    events = audit.since(store.db, 0)
    assert [(event.actor, event.event) for event in events] == [
        ("terminal:terminal", "token-refused"),
        ("terminal:terminal", "bound"),
    ]
    assert not [event for event in events if "wrong" in str(event) or made.TOKEN in str(event)]


@pytest.mark.parametrize(
    ("number", "lines"),
    [
        pytest.param(1, ["状态：电子材料齐全，待核纸质件", "纸质件：5月31日已收到"], id="paper came"),
        pytest.param(
            3, ["状态：待核定", "纸质件：未收到", "工作人员正在核定，请留意邮件通知。"], id="waiting"
        ),
        pytest.param(
            4,
            ["状态：暂未纳入本次推选", "理由见我们发给您的邮件；如有异议，请回复那封邮件或来电说明。"],
            id="rejected",
        ),
        pytest.param(9, ["状态：已撤回"], id="withdrawn"),
    ],
)
def test_each_state_says_what_follows(ask_as_applicant: Ask, number: int, lines: list[str]) -> None:
    told = ask_as_applicant(f"/start {made.token_of(number)}").splitlines()
    assert told[3:] == lines


def test_after_the_deadline_nobody_is_told_to_send_by_then(ask_as_applicant: Ask, clock: Clock) -> None:
    clock.pass_by(days=5)
    told = ask_as_applicant(f"/start {made.token_of(2)}")
    assert "还有2项待补正，但申报已截止，请先电话联系：" in told
    assert "6月3日" not in told


def test_little_goes_through_a_foreign_service(desk: Desk) -> None:
    least = msgspec.structs.replace(desk, details="minimal")
    told = answer(least, somebody(Role.APPLICANT), f"/start {made.token_of(2)}").text
    assert "1. 缺公章（单位推荐意见）\n2. 图片不足三张\n" in told
    assert "example.cn" not in told


def test_nothing_of_others_is_ever_shown(ask_as_applicant: Ask, store: Store) -> None:
    ask_as_applicant(f"/start {made.token_of(1)}")
    typed = [
        "/status",
        "/status 2",
        "/list",
        "/search 谯城",
        "/quota",
        "/today",
        "2",
        "/help",
        "谯城",
        "/start",
    ]
    told = "\n".join(map(ask_as_applicant, typed))
    others = [one for one in applications.every(store.db) if one.receipt != "WM2022-0001"]
    assert not [one.receipt for one in others if one.receipt in told or str(one.fields.name) in told]
