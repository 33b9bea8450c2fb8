from collections.abc import Callable
from datetime import date

import msgspec
import pytest

from bot.access import Desk, Person, Role
from bot.commands import COMMANDS, answer
from storage import applications, audit, outbox
from storage.database import Store
from storage.model import Application, LetterKind, State
from tests.bot import made
from tests.bot.conftest import Clock, somebody

Ask = Callable[[str], str]
READING = {
    "/today", "/status", "/list", "/problems", "/quota", "/search", "/paper", "/undo", "/export",
    "/explain", "/files", "/drafts", "/letter", "/help",
}  # fmt: skip


def known(store: Store, receipt: str) -> Application:
    found = applications.get(store.db, receipt)
    assert found
    return found


def test_status_of_everything(ask: Ask) -> None:
    assert ask("/status").splitlines() == [
        "共9件申报",
        "待补正 2件",
        "待核定 2件",
        "不予受理 1件",
        "电子材料齐全，待核纸质件 3件",
        "已撤回 1件",
    ]


@pytest.mark.parametrize(
    "typed",
    [
        "/status WM2022-0002",
        "/status 2",
        "/STATUS wm2022－0002",
        "／status 0002",
        "2",
        "状态 2",
        "/status@our_bot 2",
    ],
)
def test_status_of_one(ask: Ask, typed: str) -> None:
    assert ask(typed).splitlines() == [
        "WM2022-0002 待补正",
        "药都之声（微信账号）",
        "域名或ID：bz2",
        "主办单位：亳州市第2实验单位",
        "途径：市直申报",
        "收到：5月30日 11:00",
        "联系人：张晓明，13800138000，zhang@example.cn",
        "材料：0个文件",
        "【待补正】2项",
        "1. 缺公章（单位推荐意见）",
        "2. 图片不足三张（工作材料.docx）：2张图片",
        "【提示】1项",
        "1. 公章待看纸质件",
        "纸质件：未收到",
    ]


def test_little_goes_through_a_foreign_service(desk: Desk) -> None:
    told = answer(msgspec.structs.replace(desk, details="minimal"), somebody(Role.STAFF), "/status 3").text
    assert told.splitlines() == [
        "WM2022-0003 待核定",
        "魏武故里（微信账号）",
        "【待核定】1项",
        "1. 资质与主办单位不一致",
        "纸质件：未收到",
    ]


def test_in_a_group_contact_data_is_masked(desk: Desk) -> None:
    told = answer(desk, somebody(Role.STAFF, group=True), "/status 2").text
    assert "联系人：张晓明，138****8000，z***@example.cn" in told


def test_today(ask: Ask, clock: Clock) -> None:
    assert ask("/today").splitlines() == [
        "6月1日 周三，距申报截止还有3天（含今天）",
        "今天：来信0封，新申报0件，发信0封",
        "待核定 2件",
        "待补正 2件",
        "电子材料齐全，待核纸质件 3件",
        "不予受理 1件",
        "累计 9件",
        "县区剩余名额：谯城区1、涡阳县2、蒙城县3、利辛县3",
    ]
    clock.pass_by(days=-2)
    assert "今天：来信0封，新申报9件，发信0封" in ask("/today")


@pytest.mark.parametrize(
    ("typed", "head", "numbers"),
    [
        pytest.param("/list", "全部 9件", [1, 2, 3, 4, 5, 6, 7, 8, 9], id="all"),
        pytest.param("/list 待补正", "待补正 2件", [2, 6], id="a state"),
        pytest.param("/list accepted", "电子材料齐全，待核纸质件 3件", [1, 5, 8], id="a code"),
        pytest.param("/list 谯城", "谯城区 2件", [5, 6], id="a county"),
        pytest.param("/list 谯城 待补正", "谯城区 待补正 1件", [6], id="both"),
        pytest.param("/list 获评", "获评 0件", [], id="nobody yet"),
    ],
)
def test_list(ask: Ask, typed: str, head: str, numbers: list[int]) -> None:
    first, *lines = ask(typed).splitlines()
    assert first == head
    assert [line.split()[0] for line in lines if line.startswith("WM")] == [
        f"WM2022-{n:04d}" for n in numbers
    ]


def test_a_list_names_state_and_work_to_do(ask: Ask) -> None:
    assert ask("/list 待核定").splitlines()[1:] == [
        "WM2022-0003 魏武故里",
        "　待核定，1项待办",
        "WM2022-0007 涡阳在线",
        "　待核定，1项待办",
    ]


def test_a_long_list_has_pages(ask: Ask, store: Store) -> None:
    made.keep(store, *(made.application(n, f"第{n}号", State.WITHDRAWN) for n in range(10, 22)))
    first = ask("/list 已撤回").splitlines()
    assert (first[0], first[-1]) == ("已撤回 13件，第1/2页", "下一页：/list withdrawn 2")
    assert ask(first[-1].removeprefix("下一页：")).splitlines()[1:] == ["WM2022-0021 第21号", "　已撤回"]
    assert ask("/list 已撤回 3") == "已撤回只有2页。"


def test_a_list_of_nothing_known_says_what_there_is(ask: Ask) -> None:
    assert "县区：谯城区、涡阳县、蒙城县、利辛县" in ask("/list 合肥")


def test_problems_begin_with_what_staff_must_decide(ask: Ask) -> None:
    assert ask("/problems").splitlines() == [
        "【核对证照与公章】",
        "资质与主办单位不一致 2件：0003、0007",
        "【待补正，等申报单位】",
        "缺公章 2件：0002、0006",
        "图片不足三张 1件：0002",
    ]


def test_no_problems(ask: Ask, store: Store) -> None:
    for number in (2, 3, 6, 7):
        applications.set_state(store.db, f"WM2022-{number:04d}", State.ACCEPTED)
    assert ask("/problems") == "目前没有待办的问题。"


def test_quota_is_an_aligned_table(desk: Desk) -> None:
    told = answer(desk, somebody(Role.STAFF), "/quota")
    assert told.table
    assert told.text.splitlines()[:5] == [
        "县区账号  名额  已占  剩余  未定",
        "谯城区       3     2     1     1",
        "涡阳县       3     1     2     1",
        "蒙城县       3     0     3     0",
        "利辛县       3     0     3     0",
    ]
    assert "市直单位每家1个：3家已占3个" in told.text


def test_many_direct_units_are_counted_and_only_those_over_are_named(ask: Ask, store: Store) -> None:
    made.keep(store, *(made.application(n, f"第{n}号", State.ACCEPTED) for n in range(10, 30)))
    over = {"submitter_key": "亳州市第10实验单位", "submitter": "亳州市第10实验单位"}
    made.keep(store, made.application(30, "再一个", State.ACCEPTED, **over))
    told = ask("/quota").split("\n\n")[1].splitlines()
    assert told[0] == "市直单位每家1个：23家已占24个"
    assert [line.split() for line in told[1:]] == [["单位", "已占"], ["亳州市第10实验单位", "2"]]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        pytest.param("谯城", [5, 6], id="two characters"),
        pytest.param("WM2022-0003", [3], id="a receipt"),
        pytest.param("bzjy", [8], id="the beginning of a domain"),
    ],
)
def test_search(ask: Ask, text: str, numbers: list[int]) -> None:
    found = [line.split()[0] for line in ask(f"/search {text}").splitlines() if line.startswith("WM")]
    assert sorted(found) == [f"WM2022-{n:04d}" for n in numbers]


def test_search_finds_nothing_or_is_asked_nothing(ask: Ask) -> None:
    assert ask("/search 合肥").startswith("没有找到“合肥”。")
    assert ask("/search") == "请写上要找的文字，例如：/search 谯城"


def test_accept_acts_at_once_and_queues_a_letter(ask: Ask, store: Store) -> None:
    assert ask("/accept 3").splitlines() == [
        "已办理。WM2022-0003 魏武故里",
        "　电子材料齐全，待核纸质件",
        "　纸质件：未收到",
        "2分钟内、信寄出之前可以撤销：/undo WM2022-0003",
    ]
    assert known(store, "WM2022-0003").state is State.ACCEPTED
    assert [letter.kind for letter in outbox.every(store.db)] == [LetterKind.DECISION]
    assert {event.actor for event in audit.history(store.db, "WM2022-0003")} == {"terminal:terminal"}


def test_reject_needs_a_reason_which_the_letter_holds(ask: Ask, store: Store) -> None:
    assert "请写全或选一个理由：/reject 收件编号 理由" in ask("/reject 3")
    assert known(store, "WM2022-0003").state is State.REVIEWING
    assert ask("/reject WM2022-0003 注册地 不在亳州").startswith("已办理。")
    assert known(store, "WM2022-0003").state is State.REJECTED
    assert "注册地 不在亳州" in outbox.every(store.db)[0].body


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        pytest.param("/paper 2", date(2022, 6, 1), id="today"),
        pytest.param("/paper 2 5月31日", date(2022, 5, 31), id="a day in Chinese"),
        pytest.param("/paper WM2022-0002 2022-05-30", date(2022, 5, 30), id="an ISO day"),
        pytest.param("/paper 2 2月30日", None, id="no such day"),
        pytest.param("/paper 2 昨天", None, id="no day at all"),
        pytest.param("/paper 2 6月2日", None, id="tomorrow"),
        pytest.param("/paper", None, id="no receipt"),
        pytest.param("paper 2", None, id="without its slash nothing is changed"),
    ],
)
def test_paper(ask: Ask, store: Store, typed: str, day: date | None) -> None:
    told = ask(typed)
    assert told.startswith("已办理。") is (day is not None)
    assert known(store, "WM2022-0002").paper_received == day


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        pytest.param("/accept 77", "没有查到这件申报", id="no such receipt"),
        pytest.param("/accept 9", "WM2022-0009 目前不在审核阶段", id="withdrawn"),
        pytest.param("/accept", "请写全：/accept 收件编号", id="no receipt"),
        pytest.param("/paper 第二个", "请写全：/paper 收件编号", id="no number"),
        pytest.param("/status 77", "没有查到这件申报", id="no such application"),
        pytest.param("/stauts", "没有看懂这条消息。您是不是想发 /status？", id="a slip of the finger"),
        pytest.param("你好", "没有看懂这条消息。发送 /help", id="small talk"),
        pytest.param("/", "您可以发送：", id="a lone slash"),
    ],
)
def test_what_cannot_be_done_is_said(ask: Ask, typed: str, told: str) -> None:
    assert ask(typed).startswith(told)


@pytest.mark.parametrize("typed", ["/accept 3", "/reject 3 理由"])
def test_those_who_only_read_cannot_decide(desk: Desk, store: Store, typed: str) -> None:
    assert answer(desk, somebody(Role.STAFF), typed).text.startswith("您的权限可以查询，不能作决定。")
    assert known(store, "WM2022-0003").state is State.REVIEWING


@pytest.mark.parametrize(
    "word", sorted({one.word for one in COMMANDS if Role.APPLICANT not in one.roles} - {"start", "status"})
)
def test_applicants_have_none_of_staff_s_commands(ask_as_applicant: Ask, word: str) -> None:
    assert (
        ask_as_applicant(f"/{word} 3 理由") == "这条命令只供工作人员使用。发送 /help 可以看到您能用的命令。"
    )


@pytest.mark.parametrize(
    ("role", "words"),
    [
        (Role.APPLICANT, {"/start", "/status", "/unbind", "/help"}),
        (
            Role.STAFF,
            READING,
        ),
        (
            Role.DECIDER,
            READING | {"/accept", "/reject", "/assign", "/release", "/drop"},
        ),
    ],
)
def test_help_names_what_one_may_do(desk: Desk, role: Role, words: set[str]) -> None:
    lines = answer(desk, somebody(role), "/help").text.splitlines()[1:]
    assert {line.replace("　", " ").split()[0] for line in lines} == words


@pytest.mark.parametrize(
    ("person", "details", "sent"),
    [
        pytest.param(somebody(Role.STAFF, "7", channel="telegram"), "full", True, id="full, in private"),
        pytest.param(somebody(Role.STAFF, "7", channel="telegram"), "minimal", False, id="minimal"),
        pytest.param(somebody(Role.STAFF, "7", channel="telegram", group=True), "full", False, id="a group"),
        pytest.param(somebody(Role.STAFF), "full", False, id="a terminal"),
    ],
)
def test_the_table_goes_only_where_contact_data_may(
    desk: Desk, person: Person, details: str, sent: bool
) -> None:
    told = answer(msgspec.structs.replace(desk, details=details), person, "/export")
    assert (told.later is not None) is sent
    if told.later:
        made_later = told.later(desk)
        assert (made_later.name, bool(made_later.file)) == ("申报汇总表20220601.xlsx", True)
    assert ("shenbao export" in told.text) is not sent


def test_an_empty_store_is_answered_too(ask: Ask, store: Store) -> None:
    for table in ("problems", "search", "addresses", "versions", "applications"):
        store.db.execute(f"DELETE FROM {table}")  # noqa: S608 - words of our own
    assert [ask(f"/{word}") for word in ("status", "list", "problems")] == [
        "共0件申报",
        "全部 0件",
        "目前没有待办的问题。",
    ]
    assert "累计 0件" in ask("/today")
    assert "市直单位每家1个：0家已占0个" in ask("/quota")
