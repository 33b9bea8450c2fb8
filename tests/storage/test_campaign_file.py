import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import toml_lines
from storage.campaign import County, Days
from storage.campaign_file import CampaignError, load, loads, redated
from storage.model import Code, DocumentType, Kind, Outcome

FILE = Path(__file__).parents[2] / "intake" / "campaigns" / "bozhou-2022.toml"
TEXT = FILE.read_text(encoding="utf-8")

Found = list[tuple[int | None, str, str]]


def mistakes(text: str | bytes) -> Found:
    """Return the mistakes found in `text`; none if it is a campaign."""
    try:
        loads(text if isinstance(text, bytes) else text.encode())
    except CampaignError as error:
        return [(mistake.line, mistake.key, mistake.message) for mistake in error.mistakes]
    return []


def with_change(old: str, new: str) -> str:
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new)


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


def test_the_notice_of_2022() -> None:
    campaign = load(FILE)
    assert campaign.name == "bozhou-2022"
    assert campaign.receipt_prefix == "WM2022"
    assert campaign.dates.deadline.isoformat() == "2022-06-04T00:00:00+08:00"
    assert [county.name for county in campaign.counties] == ["谯城区", "涡阳县", "蒙城县", "利辛县"]
    assert campaign.counties[0] == County(name="谯城区", office="谯城区委网信办", aliases=("谯城",))
    assert (campaign.quota.direct, campaign.quota.county, campaign.quota.counts) == (
        1,
        3,
        frozenset({Kind.ACCOUNT}),
    )
    assert set(campaign.outcomes) == set(Code)
    assert campaign.outcomes[Code.LATE] is Outcome.REJECT
    assert "营业执照" in campaign.accepted_qualifications
    assert (campaign.drafted, campaign.senders) == (frozenset(), {})


def test_what_must_be_sent_by_kind() -> None:
    text = with_change('website = ["form", "work", "qualification"]', 'website = ["form", "qualification"]')
    campaign = loads(text.encode())
    asked = [campaign.asks(kind, DocumentType.WORK) for kind in (Kind.ACCOUNT, Kind.WEBSITE, None)]
    assert asked == [True, False, True]


def test_the_course_is_the_notice_s() -> None:
    stages = load(FILE).stages
    assert [one.name for one in stages] == ["申报", "初评", "评议", "推荐"]
    assert all(stage.days in stage.clause for stage in stages[:3])


def test_drafts_and_known_senders() -> None:
    text = with_change('late = "auto"', 'late = "draft"') + '"WXB@Example.cn" = "谯城区"\n'
    campaign = loads(text.encode())
    assert campaign.drafted == {Code.LATE}
    assert campaign.senders == {"wxb@example.cn": "谯城区"}


def test_the_notice_s_five_standards_weigh_alike() -> None:
    criteria = load(FILE).criteria
    assert [one.name for one in criteria] == [
        "政治导向正确",
        "运维健康有序",
        "服务内容优质",
        "文明创建突出",
        "舆论影响力强",
    ]
    assert {(one.weight, one.points) for one in criteria} == {(20, 100)}


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        pytest.param('name = "运维健康有序"', 'name = "政治导向正确"', "criteria.1.name", id="named twice"),
        pytest.param(
            'name = "运维健康有序"\nweight = 20',
            'name = "运维健康有序"\nweight = 0',
            "criteria.1.weight",
            id="of no weight",
        ),
    ],
)
def test_a_standard_that_cannot_be(old: str, new: str, key: str) -> None:
    ((line, found, _),) = mistakes(with_change(old, new))
    assert line is not None
    assert found == key


EXTENSION = """[[extensions]]
unit = "蒙城县"
deadline = 2022-06-07T00:00:00+08:00
deadline_text = "2022年6月6日"
reason = "因汛情，经市委网信办同意延期。"
"""


def test_periods_and_extensions() -> None:
    text = with_change('days = "calendar"', 'days = "working"') + EXTENSION
    campaign = loads(text.encode())
    assert (campaign.periods.grace_days, campaign.periods.objection_days) == (3, 5)
    assert campaign.periods.days is Days.WORKING
    (extension,) = campaign.extensions
    assert (extension.unit, extension.deadline.isoformat()) == ("蒙城县", "2022-06-07T00:00:00+08:00")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ufeff" + TEXT, id="with the mark some editors put at the start"),
        pytest.param(TEXT.replace("\n", "\r\n"), id="with the ends of line of Windows"),
        pytest.param(re.sub(r"\[letters\].*?(?=\n#)", "", TEXT, flags=re.DOTALL), id="without letters"),
        pytest.param(TEXT.replace("[senders]", ""), id="without senders"),
        pytest.param(re.sub(r"\[periods\]\n(?:\w.*\n)*", "", TEXT), id="without periods"),
        pytest.param(re.sub(r"aliases = .*\n", "", TEXT), id="without short names"),
        pytest.param(
            "counties = []\n" + re.sub(r"\[\[counties\]\]\n(?:\w.*\n)*", "", TEXT), id="without counties"
        ),
    ],
)
def test_also_a_campaign(text: str) -> None:
    assert mistakes(text) == []


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        pytest.param(
            'account = ["form", "work", "qualification"]',
            'account = ["work"]',
            "material.account",
            "申报表（form）总是要的",
            id="no form asked for",
        ),
        pytest.param(
            'account = ["form", "work", "qualification"]',
            'account = ["form", "honours"]',
            "material.account",
            "form、qualification、work",
            id="unknown material",
        ),
        pytest.param(
            'states = ["awarded"]', 'states = ["award"]', "stages.2.states", "awarded", id="unknown state"
        ),
        pytest.param('name = "评议"', "", "stages.2.name", "缺少", id="a stage without its name"),
        pytest.param('telephone = "0558-5556782"', "", "office.telephone", "缺少", id="missing"),
        pytest.param('telephone = "', 'telefone = "', "office.telefone", "是不是 telephone", id="misspelt"),
        pytest.param("pictures = 3", 'pictures = "3"', "limits.pictures", "整数", id="a text for a number"),
        pytest.param(
            "pictures = 3", "pictures = true", "limits.pictures", "真假值", id="a truth for a number"
        ),
        pytest.param("direct = 1", "direct = -1", "quota.direct", "负数", id="a negative quota"),
        pytest.param(
            "work_words = 1500", "work_words = 0", "limits.work_words", "大于 0", id="no words at all"
        ),
        pytest.param('city = "亳州"', "city = 1", "campaign.city", "文字", id="a number for a text"),
        pytest.param('city = "亳州"', 'city = "  "', "campaign.city", "不能为空", id="an empty text"),
        pytest.param('"account"', '"akkount"', "quota.counts", "website、account", id="an unknown kind"),
        pytest.param(
            'late = "reject"',
            'late = "rejct"',
            "outcomes.late",
            "correct、review、reject、note",
            id="outcome",
        ),
        pytest.param('late = "reject"\n', "", "outcomes.late", "缺少", id="a code without its outcome"),
        pytest.param(
            'late = "reject"',
            'late = "reject"\nlatte = "note"',
            "outcomes.latte",
            "是不是 late",
            id="unknown code",
        ),
        pytest.param(
            'late = "auto"',
            'late = "maybe"',
            "letters.late",
            "auto、draft",
            id="letters neither auto nor draft",
        ),
        pytest.param(
            'late = "auto"',
            'work-missing = "auto"',
            "letters.work-missing",
            "只有后果为 reject",
            id="no rejection",
        ),
        pytest.param(
            "deadline = 2022-06-04T00:00:00+08:00",
            "deadline = 2022-05-04T00:00:00+08:00",
            "dates.deadline",
            "晚于开始",
            id="over before it begins",
        ),
        pytest.param(
            "deadline = 2022-06-04T00:00:00+08:00",
            "deadline = 2022-06-04T00:00:00",
            "dates.deadline",
            "时区",
            id="no time zone",
        ),
        pytest.param(
            "deadline = 2022-06-04T00:00:00+08:00",
            "deadline = 2022-06-04",
            "dates.deadline",
            "时间",
            id="a day",
        ),
        pytest.param("Asia/Shanghai", "Asia/Bozhou", "campaign.timezone", "Asia/Shanghai", id="time zone"),
        pytest.param("Asia/Shanghai", "../etc/passwd", "campaign.timezone", "没有", id="no name of a zone"),
        pytest.param('"WM2022"', '"WM-2022"', "campaign.receipt_prefix", "WM2022", id="prefix"),
        pytest.param('"bzscbk@163.com"', '"bzscbk"', "office.email", "邮箱", id="no address"),
        pytest.param('"3416"', '"341"', "region.uscc_division", "行政区划", id="division"),
        pytest.param('name = "涡阳县"', 'name = "谯城区"', "counties.1.name", "重复", id="a county twice"),
        pytest.param('["涡阳"]', '["谯城"]', "counties.1.aliases", "重复", id="a short name twice"),
        pytest.param('["涡阳"]', '"涡阳"', "counties.1.aliases", "列表", id="a text for a list"),
        pytest.param('office = "利辛县委网信办"\n', "", "counties.3.office", "缺少", id="a county's office"),
        pytest.param("[senders]", '[senders]\n"wang" = "谯城区"', "senders.wang", "邮箱", id="sender"),
        pytest.param("[senders]", '[senders]\n"a.b@c.cn" = 1', "senders.a.b@c.cn", "文字", id="sender of"),
        pytest.param(
            "[qualification]", "[qualifications]", "qualifications", "没有这一项", id="a section misspelt"
        ),
        pytest.param("grace_days = 3", "grace_days = 0", "periods.grace_days", "大于 0", id="no grace"),
        pytest.param('days = "calendar"', 'days = "lunar"', "periods.days", "calendar、working", id="days"),
        pytest.param(
            "[senders]",
            EXTENSION.replace("2022-06-07", "2022-06-03") + "[senders]",
            "extensions.0.deadline",
            "晚于",
            id="an extension that gives no time",
        ),
        pytest.param(
            "[senders]",
            EXTENSION.replace("reason", "reasons") + "[senders]",
            "extensions.0.reason",
            "缺少",
            id="an extension without its reason",
        ),
        pytest.param(
            "[senders]",
            "[extensions]\n[senders]",
            "extensions",
            "每个延期的单位",
            id="extensions as one section",
        ),
        pytest.param("[office]", "[[office]]", "office", "应为 [office] 一节", id="a section twice over"),
    ],
)
def test_a_mistake_is_named_with_its_key(old: str, new: str, key: str, words: str) -> None:
    text = with_change(old, new)
    found = mistakes(text)
    assert [(named, said) for _, named, said in found if named == key and words in said], found
    assert [line for line, named, _ in found if named == key and line is None] == []


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        pytest.param("direct = 1", "direct = -1", "direct = -1", id="the key's own line"),
        pytest.param('telephone = "0558-5556782"\n', "", "[office]", id="the section of a missing key"),
        pytest.param(
            'office = "利辛县委网信办"\n', "", '[[counties]]\nname = "利辛县"', id="one county of four"
        ),
        pytest.param("[senders]", '[senders]\n"w" = "x"', '"w"', id="a quoted key"),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, at: str) -> None:
    text = with_change(old, new)
    assert [line for line, _, _ in mistakes(text)] == [line_of(text, at)]


def test_all_mistakes_come_at_once_in_the_files_order() -> None:
    text = with_change("direct = 1", "direct = -1").replace("pictures = 3", 'pictures = "x"')
    text = text.replace('city = "亳州"\n', "").replace('late = "reject"', 'late = "x"')
    found = mistakes(text)
    assert [key for _, key, _ in found] == [
        "campaign.city",
        "quota.direct",
        "limits.pictures",
        "outcomes.late",
    ]


def test_an_empty_file_lacks_every_section() -> None:
    keys = {key for _, key, _ in mistakes("")}
    assert {"campaign", "office", "dates", "counties", "quota", "outcomes", "clauses"} <= keys
    assert "letters" not in keys


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        pytest.param("[campaign]\nname = “x”\n", 2, "半角引号", id="the quotes of a Chinese keyboard"),
        pytest.param('[campaign]\nname＝"x"\n', 2, "半角等号", id="its equals sign"),
        pytest.param("[campaign]\nname\n", 2, "等号", id="no value"),
        pytest.param("[campaign\n", 1, "右方括号", id="a bracket open"),
        pytest.param('a = "x\n', 1, "引号没有成对", id="a quote open"),
        pytest.param('a = ["x"\n\n', 1, "]", id="a list open at the end"),
        pytest.param("a = 1\na = 2\n", 2, "两次", id="a key twice"),
        pytest.param("[a]\n[a]\n", 2, "两次", id="a section twice"),
        pytest.param("a = 1 2\n", 1, "一行只能写一项", id="two values"),
        pytest.param("a = 1\n# 亳州\n".encode("gb18030"), 2, "UTF-8", id="another encoding"),
    ],
)
def test_a_text_that_is_no_toml(text: str | bytes, line: int, words: str) -> None:
    ((found, _, message),) = mistakes(text)
    assert found == line
    assert words in message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.toml")


def test_the_error_reads_as_a_list() -> None:
    with pytest.raises(CampaignError, match=r"^第 \d+ 行 quota.direct：不能是负数：-1$"):
        loads(with_change("direct = 1", "direct = -1").encode())


DELETIONS = st.sets(st.integers(0, TEXT.count("\n")), min_size=1, max_size=6)


@given(lines=DELETIONS)
def test_lines_left_out_give_mistakes_or_a_campaign(lines: set[int]) -> None:
    kept = [line for number, line in enumerate(TEXT.split("\n")) if number not in lines]
    for line, key, message in mistakes("\n".join(kept)):
        assert message
        assert key or line
        assert line is None or 1 <= line <= len(kept)


@given(data=st.binary(max_size=60), at=st.integers(0, len(TEXT.encode())))
def test_any_bytes_give_mistakes_or_a_campaign(data: bytes, at: int) -> None:
    whole = TEXT.encode()
    assert isinstance(mistakes(whole[:at] + data + whole[at:]), list)


def test_lines_are_found_past_texts_of_several_lines() -> None:
    text = '[a]\nb = """\n[c]\nd = 1\n"""\ne = [\n  1,\n]\n"f.g" = 2 # x\n[[h]]\n[[h]]\ni = 3\n'
    assert toml_lines.positions(text) == {
        "a": 1, "a.b": 2, "a.e": 6, "a.f.g": 9, "h.0": 10, "h.1": 11, "h.1.i": 12,
    }  # fmt: skip


OPENS = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("deadline", "last", "period"),
    [
        pytest.param(
            "2026-12-01T00:00:00+08:00", "2026年11月30日", "11月20日至11月30日", id="the end of a day"
        ),
        pytest.param("2026-11-30T16:00:00+00:00", "2026年11月30日", "11月20日至11月30日", id="in UTC"),
        pytest.param(
            "2026-11-30T15:05:00+08:00", "2026年11月30日15时05分", "11月20日至11月30日", id="an hour"
        ),
    ],
)
def test_the_same_campaign_at_another_time(deadline: str, last: str, period: str) -> None:
    campaign = load(FILE)
    end = datetime.fromisoformat(deadline)
    moved = loads(redated(TEXT, opens=OPENS, deadline=end, name="demo").encode())
    assert (moved.name, moved.dates.opens, moved.dates.deadline) == ("demo", OPENS, end)
    assert moved.dates.deadline_text == last
    assert f"五、推选安排 1：{period}。各地各单位" in moved.dates.clause
    assert period in moved.stages[0].days
    same = {"name": campaign.name, "dates": campaign.dates, "stages": (campaign.stages[0], *moved.stages[1:])}
    assert msgspec.structs.replace(moved, **same) == campaign


def test_moving_a_campaign_onto_itself_changes_nothing() -> None:
    campaign = load(FILE)
    dates = campaign.dates
    same = redated(TEXT, opens=dates.opens, deadline=dates.deadline, name=campaign.name)
    assert loads(same.encode()) == campaign
    later = redated(TEXT, opens=dates.opens, deadline=dates.deadline + timedelta(days=1), name="x")
    assert loads(later.encode()).dates.deadline_text == "2022年6月4日"
