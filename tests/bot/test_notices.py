"""What staff are told of each event: pure, from events to a text."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import happenings
from bot.access import Answer
from bot.chunks import LIMIT, units
from bot.happenings import ENDS, RULES, URGENT, View
from bot.notices import are_urgent, news
from storage.erasure import GONE
from storage.model import Event, State
from tests.bot import made

KNOWN = {one.receipt: one for one in made.office()}
R1, R3, R9 = "WM2022-0001", "WM2022-0003", "WM2022-0009"


def event(name: str, receipt: str | None = None, message: int | None = 7, **detail: Any) -> Event:
    actor = detail.pop("actor", "system")
    return Event(at=made.NOW, actor=actor, event=name, receipt=receipt, message=message, detail=detail)


def told(*events: Event, full: bool = True) -> str:
    answer = news(events, View(known=KNOWN, full=full))
    return answer.text if answer else ""


ASKED: dict[str, Any] = {"actor": "li@example.cn", "subject": "咨询 13800138000", "files": []}
EACH = [
    pytest.param(
        event("judged", R1, version=1),
        "【新申报】1件\nWM2022-0001 亳州发布：电子材料齐全，待核纸质件",
        id="an application",
    ),
    pytest.param(
        event("judged", "WM2022-0002", version=2),
        "【补正和补充材料】1件\nWM2022-0002 药都之声：待补正",
        id="a new version",
    ),
    pytest.param(
        event("judged", R3, version=1),
        "【等人核定】1件\nWM2022-0003 魏武故里（新申报）\n　资质与主办单位不一致\n发送 /status 收件编号 办理",
        id="a decision",
    ),
    pytest.param(event("withdrawn", R9), "【申报单位撤回】1件\nWM2022-0009 撤回的号", id="given back"),
    pytest.param(
        event("letter", R1, kind="rejection", state="draft"),
        "【有信等人放行】1封\nWM2022-0001 亳州发布：不予纳入通知\n发送 /drafts 查看",
        id="a draft",
    ),
    pytest.param(
        event("letter-held", None, to="li@example.cn", why="sender-cap"),
        "【有信等人放行】1封\n第7号来信的回信：当天发给同一地址的信已到上限\n发送 /drafts 查看",
        id="an answer held back",
    ),
    pytest.param(
        event("secret-suspected"),
        "【疑似涉密的邮件】1封\n第7号来信带有密级标志字样\n已停止处理，请马上按保密规定处置：shenbao quarantine",
        id="a secret",
    ),
    pytest.param(
        event("mailbox-unreached", None, None, fault="6月1日 08:00"),
        "【连不上邮箱】\n已有十分钟没有连上，上次连上：6月1日 08:00\n"
        "来信不会丢，恢复后自动补收。请检查网络和授权码：shenbao check",
        id="the mailbox",
    ),
    pytest.param(
        event("place-free", R9, left=1, submitter="谯城区", waiting=["WM2022-0004"]),
        "【名额空出】1个\nWM2022-0009 撤回的号，谯城区，现空余1个，可递补：WM2022-0004",
        id="a place",
    ),
    pytest.param(
        event("bounced", R1, letter=3, to="zhang@example.cn", permanent=True),
        "【信没有送到】1封\nWM2022-0001 亳州发布：zhang@example.cn（被退回）\n请打电话核对邮箱，再看 shenbao outbox",
        id="a letter that came back",
    ),
    pytest.param(
        event("link-expiring", R1, file="视频.mp4", expires="2022年6月3日"),
        "【附件链接快要失效】1个\nWM2022-0001 亳州发布：视频.mp4，2022年6月3日失效\n"
        "请在网页邮箱里下载，再用 shenbao attach 补入",
        id="a link",
    ),
    pytest.param(
        event("inquiry", None, **ASKED),
        "【来信待人处理】1封\n第7号来信：li@example.cn《咨询 13800138000》\n"
        "请在邮箱里查看；要采用：shenbao attach 收件编号 --message 来信号",
        id="a question",
    ),
    pytest.param(
        event("quarantined", reason="处理三次都没有成功：ValueError"),
        "【邮件隔离待查】1封\n第7号来信：处理三次都没有成功：ValueError\n原件都在，请看 shenbao quarantine",
        id="quarantine",
    ),
    pytest.param(
        event("junk-mail", sender="a@example.cn", subject="申报材料"),
        "【邮件隔离待查】1封\n第7号来信在垃圾邮件文件夹：a@example.cn《申报材料》\n原件都在，请看 shenbao quarantine",
        id="junk",
    ),
]


@pytest.mark.parametrize(("happened", "text"), EACH)
def test_each_event_is_told_in_a_line(happened: Event, text: str) -> None:
    assert told(happened) == text


@pytest.mark.parametrize(("happened", "text"), EACH)
def test_little_is_told_where_little_may_be(happened: Event, text: str) -> None:
    said = told(happened, full=False)
    assert said.splitlines()[0] == text.splitlines()[0]
    assert not re.search(r"@|138|咨询 |申报材料》|视频", said)


@pytest.mark.parametrize(
    "happened",
    [
        pytest.param(event("judged", R1, None, version=2), id="staff attached something"),
        pytest.param(event("withdrawn", R9, None), id="staff withdrew it"),
        pytest.param(event("letter", R1, kind="acknowledgement", state="queued"), id="a letter that goes"),
        pytest.param(event("letter", R1, None, kind="decision"), id="a decision's letter"),
        pytest.param(event("judged", "WM2022-0999", version=1), id="erased since"),
        pytest.param(event("paper", R1), id="of no concern"),
    ],
)
def test_what_staff_do_themselves_or_need_not_know_is_not_told(happened: Event) -> None:
    assert told(happened) == ""


def test_what_a_colleague_settled_meanwhile_asks_nobody_any_more() -> None:
    judged = event("judged", R3, version=1, state="reviewing")
    settled = made.application(3, "魏武故里", State.ACCEPTED)
    answer = news([judged], View(known={R3: settled}))
    assert answer is not None
    assert answer.text == "【新申报】1件\nWM2022-0003 魏武故里：电子材料齐全，待核纸质件"


@pytest.mark.parametrize(("over", "begun"), ENDS.items())
def test_trouble_that_is_over_before_it_was_told_is_not_told(over: str, begun: str) -> None:
    both = [event(begun, None, None, fault="…"), event(over, None, None)]
    assert told(*both) == ""
    assert not are_urgent(both)
    assert told(both[0])
    assert told(both[1]).startswith("【系统情况】\n")


def test_a_held_letter_is_told_once() -> None:
    pair = [event("letter", R1, kind="correction", state="held"), event("letter-held", why="bounced-before")]
    assert told(*pair).count("【有信等人放行】1封") == 1


def test_the_same_thing_twice_is_one_line() -> None:
    assert told(event("judged", R1, version=1), event("judged", R1, version=1)).startswith("【新申报】1件\n")


def test_the_gravest_comes_first_and_one_may_go_on_with_a_button() -> None:
    answer = news(
        [
            event("judged", R1, version=1),
            event("letter", R1, kind="rejection", state="draft"),
            event("judged", R3, version=1),
            event("sending-stopped", R1, letter=3),
        ],
        View(known=KNOWN),
    )
    assert isinstance(answer, Answer)
    heads = [line for line in answer.text.splitlines() if line.startswith("【")]
    assert heads == ["【发信已全部停下】", "【等人核定】1件", "【有信等人放行】1封", "【新申报】1件"]
    assert [button.command for row in answer.buttons for button in row] == ["/status WM2022-0003", "/drafts"]


def test_many_are_bundled_with_their_number() -> None:
    many = {f"WM2022-{n:04d}": made.application(n, f"账号{n}", State.ACCEPTED) for n in range(1, 301)}
    answer = news([event("judged", one, version=1) for one in many], View(known=many))
    assert answer is not None
    lines = answer.text.splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("【新申报】300件", "……等共300件", 10)


@given(
    st.lists(
        st.builds(
            event,
            st.sampled_from(sorted(RULES)),
            st.sampled_from([None, *KNOWN]),
            st.sampled_from([None, 7]),
            kind=st.sampled_from(["rejection", "correction", GONE]),
            state=st.sampled_from(["draft", "queued"]),
            version=st.sampled_from([1, 2, GONE]),
            reason=st.text(max_size=300),
            subject=st.text(max_size=300),
            fault=st.text(max_size=300),
            file=st.text(max_size=300),
            waiting=st.one_of(st.just(GONE), st.lists(st.sampled_from(sorted(KNOWN)), max_size=40)),
        ),
        max_size=60,
    ),
    st.booleans(),
)
def test_whatever_comes_together_fits_into_one_message(events: list[Event], full: bool) -> None:
    answer = news(events, View(known=KNOWN, full=full))
    assert answer is None or 0 < units(answer.text) <= LIMIT
    assert answer is None or answer.text.strip() == answer.text


def test_no_rule_waits_for_an_event_that_nobody_records() -> None:
    root = Path(happenings.__file__).parents[1]
    code = "\n".join(
        path.read_text("utf-8")
        for package in ("intake", "shenbao", "storage")
        for path in (root / package).rglob("*.py")
        if path.name != "words.py"
    )
    named = {word for word in RULES if f'"{word}"' in code}
    built = {"letter-refused", "letter-uncertain"}  # f"letter-{fate}" of the sender
    assert set(RULES) - named - built == set()
    assert set(RULES) >= URGENT | set(ENDS) | set(ENDS.values())
