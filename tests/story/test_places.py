"""Places given back, used by another, and told to staff when they become free. Files are facts here: quick."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from intake import decisions
from intake.handling import Taken
from storage import audit
from storage.model import MailOutcome, State
from storage.verify import verify
from tests.build import mails
from tests.build.mails import Draft
from tests.story.campaigns import Entry, Lookup, posted
from tests.story.office import Office, codes, desk

OLD, NEW = Entry(unit=0, account=0, county=0), Entry(unit=0, account=1, county=0)
COUNTY = [Entry(unit=number, account=number, county=1) for number in range(4)]


@pytest.fixture
def desk_office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path / "data", Lookup()) as made:
        yield made


def bring(office: Office, entry: Entry, text: str, subject: str = "报送申报材料", answers: str = "") -> Taken:
    return office.take(posted(entry, subject, answers, text=text))


def free(office: Office) -> list[dict[str, object]]:
    return [one.detail for one in audit.since(office.store.db, 0) if one.event == "place-free"]


def states(office: Office) -> dict[str, State]:
    return {one.receipt[-1]: one.state for one in office.all()}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("现申请撤回“账号0号”的申报，改报“账号1号”，申报表见附件。", id="by name"),
        pytest.param("您好！\n请撤回WM2022-0001，另报一个账号，材料附后。", id="by receipt"),
        pytest.param("因工作调整，我单位撤回原申报，改报附件中的账号。", id="the only one there is"),
        pytest.param("我单位放弃账号0号的申报资格；现报送账号1号。", id="given up"),
    ],
)
def test_one_mail_takes_one_account_back_and_brings_another(desk_office: Office, text: str) -> None:
    bring(desk_office, OLD, "请查收。")
    taken = bring(desk_office, NEW, text)
    assert [(one.receipt, one.state) for one in taken.applications] == [
        ("WM2022-0002", State.ACCEPTED),
        ("WM2022-0001", State.WITHDRAWN),
    ]
    assert taken.outcome is MailOutcome.APPLICATION
    assert taken.letter is not None
    assert taken.letter.receipts == ("WM2022-0002", "WM2022-0001")
    assert "按您的来信，该申报已撤回" in taken.letter.body
    assert desk_office.now("WM2022-0001").token not in taken.letter.body
    assert verify(desk_office.store) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("能否撤回“账号0号”，改报“账号1号”？", id="a question"),
        pytest.param("请查收。", id="not a word of it"),
        pytest.param("前次申报不撤回，另报账号1号。", id="it stays"),
        pytest.param("“账号0号”的照片已替换。", id="a file replaced"),
        pytest.param("撤回“账号7号”的申报，改报“账号1号”。", id="what nobody applied for"),
    ],
)
def test_what_only_sounds_like_it_takes_nothing_back(desk_office: Office, text: str) -> None:
    bring(desk_office, OLD, "请查收。")
    bring(desk_office, NEW, text)
    assert states(desk_office)["1"] is State.ACCEPTED
    assert states(desk_office)["2"] in {State.REJECTED, State.REVIEWING}


def test_an_exchange_that_does_not_say_which_is_for_a_person_not_a_rejection(desk_office: Office) -> None:
    for entry in COUNTY[:3]:
        bring(desk_office, entry, "请查收。")
    (application,) = bring(desk_office, COUNTY[3], "我办撤回一个账号，改报账号3号。").applications
    assert (application.state, codes(application)) == (State.REVIEWING, ["quota-county"])
    assert set(states(desk_office).values()) == {State.ACCEPTED, State.REVIEWING}


def test_a_new_version_with_the_word_takes_back_nothing(desk_office: Office) -> None:
    bring(desk_office, OLD, "请查收。")
    site = bring(desk_office, OLD, "申请撤回前次材料，以本次申报为准。", subject="重新报送")
    assert [(one.receipt, one.version, one.state) for one in site.applications] == [
        ("WM2022-0001", 2, State.ACCEPTED)
    ]


def test_a_stranger_gives_nothing_back(desk_office: Office) -> None:
    bring(desk_office, OLD, "请查收。")
    other = Entry(unit=1, account=1, county=0)
    bring(desk_office, other, "撤回WM2022-0001，改报账号1号。")
    assert states(desk_office) == {"1": State.ACCEPTED, "2": State.ACCEPTED}


def test_two_mails_do_the_same(desk_office: Office) -> None:
    bring(desk_office, OLD, "请查收。")
    desk_office.take(mails.post(Draft(sender=OLD.sender, subject="撤回申报", text="撤回")).raw)
    bring(desk_office, NEW, "改报这个账号。")
    assert states(desk_office) == {"1": State.WITHDRAWN, "2": State.ACCEPTED}


def test_staff_are_told_of_a_free_place_and_who_waits_for_it(desk_office: Office) -> None:
    for entry in COUNTY:
        desk_office.take(posted(entry, "报送"))
    assert free(desk_office) == []
    desk_office.take(
        mails.post(Draft(sender=COUNTY[0].sender, subject="撤回申报 WM2022-0002", text="撤回")).raw
    )
    assert free(desk_office) == [{"submitter": "谯城区", "left": 1, "waiting": ["WM2022-0004"]}]
    assert states(desk_office)["4"] is State.REJECTED
    (again,) = desk_office.take(posted(COUNTY[3], "再报")).applications
    assert (again.receipt, again.state) == ("WM2022-0004", State.ACCEPTED)


def test_a_rejection_by_staff_frees_a_place_and_a_correction_none(desk_office: Office) -> None:
    desk_office.take(posted(OLD, "报送"))
    desk_office.take(posted(OLD, "更正"))
    assert free(desk_office) == []
    decisions.reject(desk(desk_office), "WM2022-0001", "停止更新")
    assert [(one["left"], one["waiting"]) for one in free(desk_office)] == [(1, [])]


def test_who_wanted_the_same_account_is_told_of_too(desk_office: Office) -> None:
    desk_office.take(posted(OLD, "报送"))
    desk_office.take(posted(Entry(unit=3, account=0, county=0), "报送"))
    decisions.withdraw(desk(desk_office), "WM2022-0001")
    assert [one["waiting"] for one in free(desk_office)] == [["WM2022-0002"]]


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        pytest.param("现申请撤回“账号1号”的申报，其余不变。", ["2"], id="by name"),
        pytest.param("现申请撤回WM2022-0001、WM2022-0003两项申报。", ["1", "3"], id="two by receipt"),
        pytest.param("撤回WM2022-0003的申报，保留WM2022-0002。", ["3"], id="one of two that it speaks of"),
        pytest.param("现申请撤回申报。", [], id="not told which"),
        pytest.param("现申请撤回“账号5号”的申报。", [], id="none of theirs"),
    ],
)
def test_a_county_takes_back_what_it_names(desk_office: Office, text: str, gone: list[str]) -> None:
    for entry in COUNTY[:3]:
        desk_office.take(posted(entry, "报送"))
    taken = desk_office.take(mails.post(Draft(sender=COUNTY[0].sender, subject="撤回申报", text=text)).raw)
    assert [key for key, state in states(desk_office).items() if state is State.WITHDRAWN] == gone
    assert taken.outcome is (MailOutcome.WITHDRAWAL if gone else MailOutcome.INQUIRY)


def test_a_question_is_passed_on_with_what_is_known_of_who_asks(desk_office: Office) -> None:
    desk_office.take(posted(OLD, "报送"))
    for sender in (OLD.sender, "stranger@example.cn"):
        desk_office.take(mails.post(Draft(sender=sender, subject="请问", text="纸质件送到哪里？")).raw)
    asked = [one.detail for one in audit.since(desk_office.store.db, 0) if one.event == "inquiry"]
    assert [one["known"] for one in asked] == [
        ["WM2022-0001账号0号（电子材料齐全，待核纸质件）"],
        ["该邮箱没有申报记录"],
    ]
