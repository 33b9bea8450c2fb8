"""Every rule where it is due and where it nearly is, and what no case may ever lead to."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from intake import rules
from intake.case import Case, Rival, Standing
from intake.rules.finding import unsure
from intake.rules.wording import clean
from parsers.documents import (
    FIELDS,
    Archive,
    Clip,
    Facts,
    Form,
    Honour,
    Other,
    Picture,
    Qualification,
    Reading,
    Seals,
    Unreadable,
    Why,
    Work,
)
from storage.model import (
    Channel,
    Code,
    Document,
    DocumentType,
    Fields,
    Kind,
    Outcome,
    Platform,
    Problem,
    State,
)
from tests.intake.made import (
    CAMPAIGN,
    CODE,
    DEADLINE,
    FILLED,
    LICENCE,
    QUALIFICATION,
    WORK,
    case,
    examined,
    form,
    formless,
    material,
    rival,
    website,
)

SECOND = timedelta(seconds=1)
SEALED = Seals(recommendation=1, county_opinion=2)
COUNTY: dict[str, Any] = {
    "channel": Channel.COUNTY,
    "county": "谯城区",
    "submitter": "谯城区委网信办",
}


def codes(judged: Case) -> list[str]:
    return [str(problem.code) for problem in rules.examine(judged, CAMPAIGN)]


def test_an_application_in_order_has_no_problems() -> None:
    assert rules.examine(case(), CAMPAIGN) == ()
    assert rules.examine(case(website()), CAMPAIGN) == ()


def work(**facts: Any) -> tuple[Any, ...]:
    standard = {"words": 1200, "pictures": 3, "text": "亮点"}
    return (material("工作材料.docx", Work(**{**standard, **facts})), QUALIFICATION)


def clip(**facts: Any) -> tuple[Any, ...]:
    standard = {"container": "MPEG-4", "codec": "AVC", "duration_s": 120.0, "width": 1280, "height": 720}
    return (material("案例.mp4", Clip(**{**standard, **facts})), QUALIFICATION)


def licence(**facts: Any) -> tuple[Any, ...]:
    return (WORK, material("证书.jpg", replace(LICENCE, **facts)))


def closed(why: Why) -> Any:
    return material("材料.rar", Unreadable(why=why))


CASES = [
    pytest.param(formless(WORK, QUALIFICATION), ["form-missing"], id="no form"),
    pytest.param(case(form(name=None)), ["field-missing"], id="no name"),
    pytest.param(case(form(identifier=None, kind=None)), ["field-missing"], id="no identifier"),
    pytest.param(case(form(organizer=None)), ["field-missing"], id="no organizer"),
    pytest.param(case(form(address=None)), ["field-missing"], id="no address"),
    pytest.param(case(form(contact=None)), ["field-missing"], id="no contact"),
    pytest.param(case(form(email=None)), ["field-missing"], id="no e-mail"),
    pytest.param(case(form(summary=None)), ["field-missing"], id="no summary"),
    pytest.param(case(form(mobile=None, phone=None)), ["field-missing"], id="neither mobile nor phone"),
    pytest.param(case(form(mobile=None)), [], id="phone is enough"),
    pytest.param(case(form(phone=None)), [], id="mobile is enough"),
    pytest.param(case(form(postcode=None)), [], id="no postcode"),
    pytest.param(case(form(recommendation=None)), [], id="no recommendation text"),
    pytest.param(case(website(icp_number=None)), ["field-missing"], id="website without 备案号"),
    pytest.param(case(form(icp_number=None)), [], id="account without 备案号"),
    pytest.param(case(website(license_number=None)), [], id="website without 许可证号"),
    pytest.param(case(form(mobile="1380013800")), ["field-invalid"], id="mobile of ten digits"),
    pytest.param(case(form(phone="5512345a")), ["field-invalid"], id="phone with a letter"),
    pytest.param(case(form(phone="13800138000")), [], id="mobile in the phone cell"),
    pytest.param(case(form(email="a.bz.example.cn")), ["field-invalid"], id="e-mail without @"),
    pytest.param(case(form(postcode="23680")), ["field-invalid"], id="postcode of five digits"),
    pytest.param(case(website(identifier="亳州文化")), ["field-invalid"], id="website without a domain"),
    pytest.param(case(website(icp_number="皖ICP备号")), ["field-invalid"], id="备案号 without digits"),
    pytest.param(
        case(form(raw={"recommendation_date": "2022年2月30日"})), ["field-invalid"], id="no such day"
    ),
    pytest.param(case(form(raw={"recommendation_date": "2022年 月 日"})), [], id="date left to the pen"),
    pytest.param(case(form(category=None)), ["category-unclear"], id="nothing ticked"),
    pytest.param(
        case(form(category=None, ticked=("commercial", "other"))), ["category-unclear"], id="two ticked"
    ),
    pytest.param(case(form(category="other")), ["category-unclear"], id="其他 without its type"),
    pytest.param(case(form(category="other", category_other="科普类")), [], id="其他 with its type"),
    pytest.param(case(form(icp_number="皖ICP备12345678号")), ["account-has-icp"], id="account with 备案号"),
    pytest.param(case(form(license_number="皖B2-20200001")), ["account-has-icp"], id="account with 许可证号"),
    pytest.param(case(form(summary_words=1500)), [], id="1500 字"),
    pytest.param(case(form(summary_words=1501)), ["summary-too-long"], id="1501 字"),
    pytest.param(case(form(summary=None, attached_page=True)), [], id="summary on an attached page"),
    pytest.param(
        case(form(summary=None, attached_page=True), sent=(*clip(),)),
        ["field-missing"],
        id="见附页 without any page",
    ),
    pytest.param(
        case(form(summary=None, attached_page=True), material("附页.docx", Work(words=1501, pictures=0))),
        ["summary-too-long"],
        id="attached page of 1501 字",
    ),
    pytest.param(
        case(
            form(summary=None, attached_page=True),
            sent=(material("附页.docx", Work(words=900, pictures=0)), QUALIFICATION),
        ),
        ["work-missing"],
        id="attached page is no work",
    ),
    pytest.param(case(form(), **COUNTY), ["county-review-missing", "seal-unseen"], id="county cell empty"),
    pytest.param(case(form(county_opinion="同意推荐", seals=SEALED), **COUNTY), [], id="county cell filled"),
    pytest.param(case(form(scanned=True, seals=SEALED), **COUNTY), [], id="county cell sealed only"),
    pytest.param(case(sent=(QUALIFICATION,)), ["work-missing"], id="no work"),
    pytest.param(
        case(sent=(material("一.jpg", Picture(width=9, height=9)), QUALIFICATION)),
        ["work-missing"],
        id="pictures without text",
    ),
    pytest.param(case(sent=work(words=1500)), [], id="work of 1500 字"),
    pytest.param(case(sent=work(words=1501)), ["work-too-long"], id="work of 1501 字"),
    pytest.param(
        case(sent=(*work(words=900), material("工作材料.pdf", Work(words=900, pictures=3, text="亮点")))),
        [],
        id="docx and its PDF are one work",
    ),
    pytest.param(
        case(sent=work(words=1501, pictures=0), unassigned=("工作材料.docx",)),
        ["attachment-unassigned"],
        id="nobody mends what may be another's work",
    ),
    pytest.param(case(sent=work(pictures=2)), ["pictures-too-few"], id="two pictures"),
    pytest.param(
        case(sent=(*work(pictures=2), material("三.jpg", Picture(width=9, height=9)))),
        [],
        id="a loose picture makes three",
    ),
    pytest.param(
        case(sent=(*work(pictures=2), material("荣誉.jpg", Honour(title="先进单位")))),
        ["pictures-too-few"],
        id="an honour is no picture",
    ),
    pytest.param(
        case(
            sent=(
                *work(pictures=1),
                material("二.jpg", Picture(width=9, height=9), sha256="2" * 64),
                material("二（1）.jpg", Picture(width=9, height=9), sha256="2" * 64),
            )
        ),
        ["pictures-too-few"],
        id="one picture twice is one",
    ),
    pytest.param(
        case(sent=(*work(pictures=2), material("工作材料.pdf", Work(words=1200, pictures=2, text="亮点")))),
        ["pictures-too-few"],
        id="the PDF copy adds no pictures",
    ),
    pytest.param(case(sent=(*work(pictures=0), *clip())), [], id="a video needs no pictures"),
    pytest.param(case(sent=clip()), [], id="a video is work"),
    pytest.param(case(sent=clip(duration_s=300.9)), [], id="five minutes and a few frames"),
    pytest.param(case(sent=clip(duration_s=301.0)), ["video-too-long"], id="five minutes and a second"),
    pytest.param(case(sent=clip(duration_s=None)), ["attachment-unreadable"], id="a video without length"),
    pytest.param(case(sent=clip(container="AVI")), ["video-format"], id="AVI"),
    pytest.param(case(sent=clip(width=480, height=854)), [], id="upright, 480 lines"),
    pytest.param(case(sent=clip(width=640, height=360)), ["video-resolution"], id="360 lines"),
    pytest.param(case(sent=(WORK,)), ["qualification-missing"], id="no certificate"),
    pytest.param(
        case(sent=(WORK, material("奖.jpg", Honour()))), ["qualification-missing"], id="an honour is none"
    ),
    pytest.param(case(form(organizer="张三丰"), sent=(WORK,)), ["qualification-missing"], id="a person's"),
    pytest.param(
        case(sent=licence(recognised=False, document="食品经营许可证", name="张记")),
        ["qualification-unclear"],
        id="another kind of certificate",
    ),
    pytest.param(
        case(sent=licence(name=None)), ["qualification-unclear"], id="a certificate whose name is illegible"
    ),
    pytest.param(
        case(None, material("副本.jpg", replace(LICENCE, name=None))), [], id="illegible beside a legible one"
    ),
    pytest.param(
        case(sent=licence(name="亳州市文化馆（谯城分馆）")),
        ["qualification-mismatch"],
        id="the name of a branch is not the unit's",
    ),
    pytest.param(
        case(None, material("许可.jpg", Qualification(recognised=False, document="食品经营许可证"))),
        [],
        id="another kind beside the right one",
    ),
    pytest.param(
        case(sent=licence(recognised=False, document="社会组织登记证（副本）")),
        [],
        id="a kind the campaign lists",
    ),
    pytest.param(
        case(sent=licence(name="亳州市图书馆")), ["qualification-mismatch"], id="another name on it"
    ),
    pytest.param(case(sent=licence(name="亳州市 文化馆")), [], id="the name with a space"),
    pytest.param(
        case(None, material("上级.jpg", replace(LICENCE, name="亳州市文旅局"))),
        [],
        id="one of two names fits",
    ),
    pytest.param(
        case(sent=licence(name="亳州市图书馆"), unassigned=("证书.jpg",)),
        ["attachment-unassigned"],
        id="a certificate that may be another's is not compared",
    ),
    pytest.param(case(sent=licence(uscc_valid=False)), ["uscc-invalid"], id="wrong check digit"),
    pytest.param(case(sent=licence(uscc=None, uscc_valid=None)), [], id="no code read"),
    pytest.param(case(None, closed(Why.CORRUPT)), ["attachment-unreadable"], id="corrupt"),
    pytest.param(case(None, closed(Why.ENCRYPTED)), ["attachment-unreadable"], id="encrypted"),
    pytest.param(case(None, closed(Why.TIMEOUT)), ["attachment-unreadable"], id="over its limits"),
    pytest.param(case(None, closed(Why.UNSUPPORTED)), ["attachment-unsupported"], id="unsupported"),
    pytest.param(case(None, closed(Why.UNSAFE)), ["attachment-unsafe"], id="unsafe"),
    pytest.param(case(None, material("表.xlsx", Other())), [], id="an unneeded spreadsheet"),
    pytest.param(
        case(received_at=DEADLINE - SECOND, changed_at=DEADLINE - SECOND), [], id="a second in time"
    ),
    pytest.param(case(received_at=DEADLINE, changed_at=DEADLINE), ["late"], id="the first moment late"),
    pytest.param(case(changed_at=DEADLINE), ["late-supplement"], id="only the supplement late"),
    pytest.param(case(changed_at=DEADLINE - SECOND), [], id="the supplement in time"),
    pytest.param(case(received_at=CAMPAIGN.dates.opens - SECOND), [], id="before the opening"),
    pytest.param(case(form(unsure=("contact",))), ["reading-unsure"], id="a field read badly"),
    pytest.param(case(form(unsure=("county_opinion_date",))), [], id="no date beside an empty opinion"),
    pytest.param(
        case(form(unsure=("county_opinion_date",), county_opinion_date="2022-05-30")),
        ["reading-unsure"],
        id="a date read badly",
    ),
    pytest.param(case(form(unsure=("city_opinion",))), [], id="the city's own cell read badly"),
    pytest.param(
        case(form(unsure=("contact",)), settled=frozenset({"contact"})), [], id="read badly, settled by staff"
    ),
    pytest.param(
        case(form(unsure=("mobile",), mobile="138O")), ["reading-unsure"], id="misread is not called invalid"
    ),
    pytest.param(
        case(form(unsure=("email",), email=None)), ["reading-unsure"], id="unread is not called missing"
    ),
    pytest.param(case(standing=Standing(places=(rival(),))), ["quota-direct"], id="a unit's second account"),
    pytest.param(case(website(), standing=Standing(places=(rival(),))), [], id="a website takes no place"),
    pytest.param(
        case(
            form(county_opinion="同意", seals=SEALED),
            standing=Standing(places=(rival(1), rival(2))),
            **COUNTY,
        ),
        [],
        id="a county's third account",
    ),
    pytest.param(
        case(
            form(county_opinion="同意", seals=SEALED),
            standing=Standing(places=(rival(1), rival(2), rival(3))),
            **COUNTY,
        ),
        ["quota-county"],
        id="a county's fourth account",
    ),
    pytest.param(case(standing=Standing(same_account=(rival(),))), ["duplicate-account"], id="same account"),
    pytest.param(
        case(website(), standing=Standing(same_account=(rival(),))), ["duplicate-account"], id="same website"
    ),
    pytest.param(
        case(standing=Standing(same_operator=(rival(),))), ["duplicate-operator"], id="same operator"
    ),
    pytest.param(
        case(website(), standing=Standing(same_operator=(rival(),))), [], id="the operator's website"
    ),
    pytest.param(
        case(form(address="合肥市庐阳区亳州路1号")), ["out-of-region"], id="address in another city"
    ),
    pytest.param(case(form(address="北京路12号")), [], id="a street named after a city"),
    pytest.param(
        case(website(icp_number="京ICP备12345678号")), ["out-of-region"], id="备案号 of another province"
    ),
    pytest.param(
        case(website(icp_number="ICP备案号:沪ICP备12345678号")),
        ["out-of-region"],
        id="the sign after a label",
    ),
    pytest.param(case(website(icp_number="皖公网安备34160202000123号")), [], id="公安备案 of the province"),
    pytest.param(case(sent=licence(uscc="12340100486358000X")), ["out-of-region"], id="code of another city"),
    pytest.param(case(sent=licence(uscc="12340000486358000X")), [], id="code of the province: 省驻亳单位"),
    pytest.param(case(sent=licence(uscc="12100000486358000X")), [], id="code of the nation: 中央驻亳单位"),
    pytest.param(case(sent=licence(address="安徽省阜阳市太和县")), ["out-of-region"], id="seat elsewhere"),
    pytest.param(
        case(form(organizer="谯城区图书馆"), sent=licence(name="谯城区图书馆")),
        ["county-route-expected"],
        id="a county's unit, direct",
    ),
    pytest.param(
        case(form(organizer="古井镇人民政府"), sent=licence(name="古井镇人民政府")),
        ["county-route-expected"],
        id="a town, direct",
    ),
    pytest.param(
        case(form(organizer="蒙城县漆园药业有限公司"), sent=licence(name="蒙城县漆园药业有限公司")),
        [],
        id="a company is no county's unit",
    ),
    pytest.param(
        case(form(organizer="亳州市公安局谯城分局"), sent=licence(name="亳州市公安局谯城分局")),
        [],
        id="the city's unit in a district",
    ),
    pytest.param(case(channel_conflict="甲；但乙"), ["channel-unclear"], id="channels contradict"),
    pytest.param(case(unassigned=("照片.jpg",)), ["attachment-unassigned"], id="a file of no known owner"),
]


@pytest.mark.parametrize(("judged", "expected"), CASES)
def test_rule(judged: Case, expected: list[str]) -> None:
    assert codes(judged) == expected


REVIEWED = [
    pytest.param(case(received_at=DEADLINE, surely=False), "late", id="late by an import's clock"),
    pytest.param(
        case(standing=Standing(places=(rival(later=True),))), "quota-direct", id="quota answered out of order"
    ),
    pytest.param(
        case(standing=Standing(same_account=(rival(later=True),))),
        "duplicate-account",
        id="duplicate answered out of order",
    ),
    pytest.param(
        case(standing=Standing(same_account=(rival(unsure=True),))),
        "duplicate-account",
        id="the rival was read badly",
    ),
    pytest.param(
        case(form(unsure=("identifier",)), standing=Standing(same_account=(rival(),))),
        "duplicate-account",
        id="identifier read badly",
    ),
    pytest.param(
        case(form(unsure=("organizer",)), standing=Standing(same_operator=(rival(),))),
        "duplicate-operator",
        id="organizer read badly",
    ),
    pytest.param(
        case(form(unsure=("organizer",)), standing=Standing(places=(rival(),))),
        "quota-direct",
        id="unit read badly",
    ),
    pytest.param(
        case(form(organizer="县教育局"), standing=Standing(same_operator=(rival(),))),
        "duplicate-operator",
        id="a name many units bear",
    ),
    pytest.param(
        case(form(organizer="张三丰"), standing=Standing(same_operator=(rival(),))),
        "duplicate-operator",
        id="a name many people bear",
    ),
    pytest.param(
        case(operator_code=CODE, standing=Standing(same_operator=(rival(operator_code="1" * 18),))),
        "duplicate-operator",
        id="one name, two credit codes",
    ),
    pytest.param(
        case(channel_conflict="甲；但乙", standing=Standing(places=(rival(),))),
        "quota-direct",
        id="channel unclear, so the quota is",
    ),
    pytest.param(
        case(form(organizer="张三丰"), sent=(WORK,)), "qualification-missing", id="a person's account"
    ),
]


@pytest.mark.parametrize(("judged", "code"), REVIEWED)
def test_what_is_not_certain_is_for_a_person(judged: Case, code: str) -> None:
    problems = examined(judged)
    assert problems[code].outcome is Outcome.REVIEW
    assert State.REJECTED is not rules.state_of(problems.values())


@pytest.mark.parametrize(
    ("judged", "code"),
    [
        pytest.param(case(received_at=DEADLINE), "late", id="late"),
        pytest.param(case(standing=Standing(places=(rival(),))), "quota-direct", id="quota"),
        pytest.param(case(standing=Standing(same_account=(rival(),))), "duplicate-account", id="account"),
        pytest.param(case(standing=Standing(same_operator=(rival(),))), "duplicate-operator", id="operator"),
        pytest.param(
            case(
                form(organizer="第一中学"),
                operator_code=CODE,
                standing=Standing(same_operator=(rival(operator_code=CODE),)),
            ),
            "duplicate-operator",
            id="operator by credit code",
        ),
        pytest.param(
            case(form(unsure=("contact",)), standing=Standing(same_account=(rival(),))),
            "duplicate-account",
            id="what is unsure is not what the rule rests on",
        ),
        pytest.param(
            case(
                form(unsure=("identifier",)),
                settled=frozenset({"identifier"}),
                standing=Standing(same_account=(rival(),)),
            ),
            "duplicate-account",
            id="settled by staff",
        ),
    ],
)
def test_what_is_certain_is_rejected(judged: Case, code: str) -> None:
    assert examined(judged)[code].outcome is Outcome.REJECT


def test_the_outcome_is_the_campaigns_word() -> None:
    lenient = replace(CAMPAIGN, outcomes={**CAMPAIGN.outcomes, Code.LATE: Outcome.NOTE})
    (problem,) = rules.examine(case(received_at=DEADLINE, changed_at=DEADLINE), lenient)
    assert problem.outcome is Outcome.NOTE


def test_a_problem_says_where_and_by_which_clause() -> None:
    problem = examined(case(form(mobile="1380013800")))["field-invalid"]
    assert (problem.field, problem.file) == ("mobile", "申报表.docx")
    assert "手机号码" in problem.message
    assert "1380013800" in problem.message
    assert problem.clause == CAMPAIGN.clauses.form
    assert "申报表.docx" in problem.where


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        pytest.param([], State.ACCEPTED, id="nothing"),
        pytest.param(["note"], State.ACCEPTED, id="only a note"),
        pytest.param(["note", "review"], State.REVIEWING, id="a review"),
        pytest.param(["review", "correct"], State.CORRECTING, id="a correction before a review"),
        pytest.param(["correct", "review", "reject"], State.REJECTED, id="a rejection before all"),
    ],
)
def test_state_is_the_first_that_applies(outcomes: list[str], state: State) -> None:
    problems = [Problem(code=Code.LATE, outcome=Outcome(outcome), message="x") for outcome in outcomes]
    assert rules.state_of(problems) is state


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param((form(),), [], id="a form in order, whatever else the mail lacks"),
        pytest.param((form(mobile="1380013800"),), ["field-invalid"], id="a form with a wrong number"),
        pytest.param((form(summary=None, attached_page=True),), [], id="the attached page may still come"),
        pytest.param((form(organizer="谯城区图书馆"),), [], id="the channel is the mail's matter"),
        pytest.param((Work(words=1501, pictures=0),), ["work-too-long"], id="pictures may lie beside it"),
        pytest.param((LICENCE,), [], id="a certificate"),
        pytest.param((replace(LICENCE, uscc_valid=False),), ["uscc-invalid"], id="a wrong code"),
        pytest.param(
            (form(), replace(LICENCE, name="别家")), ["qualification-mismatch"], id="both in one file"
        ),
        pytest.param((Clip(duration_s=400.0),), ["video-too-long"], id="a long video"),
        pytest.param((Unreadable(why=Why.UNSAFE),), ["attachment-unsafe"], id="an unsafe file"),
    ],
)
def test_a_document_shows_its_own_problems(parts: tuple[Any, ...], expected: list[str]) -> None:
    found = rules.examine_document(Facts(reader="made", parts=parts), "文件", CAMPAIGN)
    assert [str(problem.code) for problem in found] == expected


texts = (
    st.none()
    | st.text(max_size=30)
    | st.sampled_from(["个人", "亳州市文化馆", "县教育局", "www.a.cn", "0558"])
)
confidences = st.floats(0, 1)
readings = st.builds(Reading, value=texts, raw=st.text(max_size=20), confidence=confidences)
forms = st.builds(
    lambda changed, **shape: Form(readings={**form().readings, **changed}, **shape),
    st.dictionaries(st.sampled_from(FIELDS), readings, max_size=4),
    ticked=st.lists(st.sampled_from(["government_news", "commercial", "other"]), max_size=3).map(tuple),
    kind=st.sampled_from([None, "website", "account"]),
    summary_words=st.integers(0, 5000),
    attached_page=st.booleans(),
    seals=st.builds(
        Seals,
        recommendation=st.none() | st.integers(0, 2),
        county_opinion=st.none() | st.integers(0, 3),
        grey=st.booleans(),
        unsure=st.lists(st.sampled_from(["recommendation", "county_opinion"]), max_size=2).map(tuple),
    ),
)
counts = st.integers(0, 5000)
parts_of_files = st.one_of(
    forms,
    st.builds(Work, words=counts, pictures=counts, text=st.text(max_size=5)),
    st.builds(
        Qualification,
        document=texts,
        name=texts,
        uscc=texts,
        address=texts,
        uscc_valid=st.none() | st.booleans(),
        recognised=st.booleans(),
        confidence=confidences,
    ),
    st.builds(Honour),
    st.builds(Picture, width=counts, height=counts),
    st.builds(
        Clip,
        container=texts,
        duration_s=st.none() | st.floats(0, 10**6),
        width=st.none() | counts,
        height=st.none() | counts,
    ),
    st.builds(Archive),
    st.builds(Other),
    st.builds(Unreadable, why=st.sampled_from(list(Why)), note=st.text(max_size=5)),
)
facts_of_files = st.builds(
    Facts, reader=st.just("made"), parts=st.lists(parts_of_files, min_size=1, max_size=3).map(tuple)
)
names_of_files = st.text(max_size=12)
materials = st.builds(
    lambda file, facts: replace(
        WORK,
        document=Document(file=file, type=DocumentType(facts.type), sha256="0" * 64),
        facts=facts,
    ),
    names_of_files,
    facts_of_files,
)
moments = st.integers(-(10**8), 10**8).map(lambda seconds: DEADLINE + seconds * SECOND) | st.just(DEADLINE)
rivals = st.lists(
    st.builds(
        Rival,
        receipt=st.just("WM2022-0009"),
        name=texts,
        submitter=texts,
        received_at=moments,
        later=st.booleans(),
        operator_code=st.sampled_from([None, CODE]),
        unsure=st.booleans(),
    ),
    max_size=4,
).map(tuple)
cases = st.builds(
    Case,
    kind=st.sampled_from([None, *Kind]),
    platform=st.sampled_from([None, *Platform]),
    channel=st.sampled_from(list(Channel)),
    county=st.sampled_from([None, "谯城区"]),
    submitter=texts,
    fields=st.dictionaries(st.sampled_from(FIELDS), texts, max_size=5).map(
        lambda changed: Fields(**{**FILLED, **changed})
    ),
    form=st.none() | forms,
    form_file=st.none() | names_of_files,
    material=st.lists(materials, max_size=4).map(tuple),
    received_at=moments,
    changed_at=moments,
    surely=st.booleans(),
    standing=st.builds(Standing, places=rivals, same_account=rivals, same_operator=rivals),
    settled=st.frozensets(st.sampled_from(FIELDS), max_size=3),
    unassigned=st.lists(names_of_files, max_size=2).map(tuple),
    channel_conflict=st.none() | st.text(max_size=10),
    operator_code=st.sampled_from([None, CODE]),
)
RESTS_ON = {
    Code.DUPLICATE_ACCOUNT: ("identifier",),
    Code.DUPLICATE_OPERATOR: ("identifier", "organizer"),
    Code.QUOTA_DIRECT: ("identifier", "organizer"),
    Code.QUOTA_COUNTY: ("identifier", "county_opinion"),
}


@given(judged=cases)
def test_any_case_is_judged_and_every_problem_can_be_told(judged: Case) -> None:
    problems = rules.examine(judged, CAMPAIGN)
    for problem in problems:
        assert problem.message
        assert problem.clause
        for told in (problem.message, problem.fact, problem.where):
            assert told == clean(told)
    worst = {problem.outcome for problem in problems}
    assert (rules.state_of(problems) is State.REJECTED) == (Outcome.REJECT in worst)
    assert (rules.state_of(problems) is State.ACCEPTED) == (worst <= {Outcome.NOTE})


@given(judged=cases)
def test_nothing_is_rejected_on_unsure_evidence(judged: Case) -> None:
    strict = replace(CAMPAIGN, outcomes=dict.fromkeys(CAMPAIGN.outcomes, Outcome.REJECT))
    for problem in rules.examine(judged, strict):
        if problem.outcome is Outcome.REJECT:
            assert not any(unsure(judged, key) for key in RESTS_ON.get(problem.code, ()))
            assert problem.code is not Code.LATE or judged.surely
            assert problem.field is None or not unsure(judged, problem.field)


@given(facts=facts_of_files, file=names_of_files)
def test_any_document_is_judged_alone(facts: Facts, file: str) -> None:
    for problem in rules.examine_document(facts, file, CAMPAIGN):
        assert problem.code not in {
            Code.FORM_MISSING,
            Code.WORK_MISSING,
            Code.LATE,
            Code.QUALIFICATION_MISSING,
        }
