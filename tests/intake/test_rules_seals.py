"""Seals asked for where a picture surely lacks them, and only noted where nobody can tell."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import rules
from intake.case import Case
from parsers.documents import Facts, Seals
from storage.model import Channel, Code, Outcome, State
from tests.intake.made import CAMPAIGN, case, examined, form

COUNTY: dict[str, Any] = {"channel": Channel.COUNTY, "county": "谯城区", "submitter": "谯城区委网信办"}
BOTH = ("recommendation", "county_opinion")


def scan(recommendation: int | None, county: int | None = None, **seals: Any) -> Any:
    seen = Seals(recommendation=recommendation, county_opinion=county, **seals)
    return form(
        scanned=True, seals=seen, recommendation="同意推荐", county_opinion="同意" if county else None
    )


def told(judged: Case) -> list[tuple[str, str | None]]:
    """Return the seal problems of a case with their cells."""
    found = rules.examine(judged, CAMPAIGN)
    return [(str(one.code), one.field) for one in found if one.code in {Code.SEAL_MISSING, Code.SEAL_UNSEEN}]


@pytest.mark.parametrize(
    ("judged", "expected"),
    [
        pytest.param(case(scan(1)), [], id="the unit's seal"),
        pytest.param(case(scan(2)), [], id="more than asked for"),
        pytest.param(case(scan(0)), [("seal-missing", "recommendation")], id="no seal"),
        pytest.param(case(scan(1, 0)), [], id="direct: no county's seal is asked for"),
        pytest.param(case(scan(1, 2), **COUNTY), [], id="county: both offices"),
        pytest.param(case(scan(1, 1), **COUNTY), [("seal-missing", "county_opinion")], id="one office only"),
        pytest.param(case(scan(1, 0), **COUNTY), [("seal-missing", "county_opinion")], id="neither office"),
        pytest.param(
            case(scan(0, 0), **COUNTY),
            [("seal-missing", "recommendation"), ("seal-missing", "county_opinion")],
            id="none at all",
        ),
        pytest.param(case(form(seals=Seals())), [("seal-unseen", "recommendation")], id="a Word file"),
        pytest.param(
            case(form(seals=Seals()), **COUNTY), [("seal-unseen", None)], id="a Word file of a county"
        ),
        pytest.param(
            case(scan(0, grey=True, unsure=BOTH)), [("seal-unseen", "recommendation")], id="a grey copy"
        ),
        pytest.param(case(scan(0, grey=True)), [("seal-missing", "recommendation")], id="grey, but no rim"),
        pytest.param(
            case(scan(0, unsure=("recommendation",))), [("seal-unseen", "recommendation")], id="faint traces"
        ),
        pytest.param(case(scan(1, 1, unsure=BOTH), **COUNTY), [("seal-unseen", "county_opinion")], id="half"),
        pytest.param(
            case(scan(0, None), **COUNTY),
            [("seal-missing", "recommendation"), ("seal-unseen", "county_opinion")],
            id="the second page did not come",
        ),
        pytest.param(
            case(scan(1, None), **COUNTY), [("seal-unseen", "county_opinion")], id="first page only"
        ),
    ],
)
def test_seals(judged: Case, expected: list[tuple[str, str | None]]) -> None:
    assert told(judged) == expected


@pytest.mark.parametrize(
    "organizer", [pytest.param("张三丰", id="a name"), pytest.param("李明（个人）", id="says so")]
)
def test_an_individual_has_no_seal(organizer: str) -> None:
    read = form(scanned=True, seals=Seals(recommendation=0), organizer=organizer)
    assert told(case(read)) == []


@pytest.mark.parametrize(
    ("judged", "outcome"),
    [
        pytest.param(case(scan(0)), Outcome.CORRECT, id="a unit's"),
        pytest.param(
            case(form(scanned=True, seals=Seals(recommendation=0), unsure=("organizer",))),
            Outcome.REVIEW,
            id="an organizer badly read may be a person",
        ),
        pytest.param(
            case(form(scanned=True, seals=Seals(recommendation=0), organizer=None)),
            Outcome.REVIEW,
            id="no organizer read",
        ),
    ],
)
def test_what_a_missing_seal_leads_to(judged: Case, outcome: Outcome) -> None:
    assert examined(judged)["seal-missing"].outcome is outcome


def test_a_seal_that_nobody_could_see_changes_no_state() -> None:
    assert rules.state_of(rules.examine(case(form(seals=Seals())), CAMPAIGN)) is State.ACCEPTED


@pytest.mark.parametrize(
    ("judged", "code", "words"),
    [
        pytest.param(case(scan(1, 1), **COUNTY), "seal-missing", "只见到1枚，还缺一枚", id="how many"),
        pytest.param(case(scan(1, 0), **COUNTY), "seal-missing", "缺两枚", id="both"),
        pytest.param(case(scan(0)), "seal-missing", "主办单位公章", id="whose"),
        pytest.param(case(scan(0, grey=True, unsure=BOTH)), "seal-unseen", "黑白", id="grey"),
        pytest.param(case(scan(0, unsure=BOTH)), "seal-unseen", "较淡", id="faint"),
        pytest.param(case(form(seals=Seals())), "seal-unseen", "电子文档", id="a Word file"),
        pytest.param(case(scan(None)), "seal-unseen", "没有拍到", id="cut off"),
    ],
)
def test_the_message_says_why(judged: Case, code: str, words: str) -> None:
    assert words in examined(judged)[code].message


def test_a_document_shows_its_missing_seal_by_itself() -> None:
    facts = Facts(reader="made", parts=(scan(0),))
    assert [str(one.code) for one in rules.examine_document(facts, "表.jpg", CAMPAIGN)] == ["seal-missing"]


def test_traces_in_an_empty_county_cell_are_no_empty_cell() -> None:
    found = examined(case(scan(1, 0, unsure=("county_opinion",)), **COUNTY))
    assert Code.COUNTY_REVIEW_MISSING not in found


counts = st.none() | st.integers(0, 4)


@given(
    seals=st.builds(
        Seals,
        recommendation=counts,
        county_opinion=counts,
        grey=st.booleans(),
        unsure=st.lists(st.sampled_from(BOTH), unique=True).map(tuple),
    ),
    county=st.booleans(),
    person=st.booleans(),
)
def test_a_seal_is_missing_only_where_a_plain_picture_lacks_it(
    seals: Seals, county: bool, person: bool
) -> None:
    cells: dict[str, Any] = {"organizer": "张三丰"} if person else {}
    found = told(case(form(scanned=True, seals=seals, **cells), **(COUNTY if county else {})))
    missing = {field for code, field in found if code == "seal-missing"}
    for key in missing:
        assert key is not None
        assert key not in seals.unsure
        assert getattr(seals, key) in range(1 if key == "recommendation" else 2)
    assert not (person and "recommendation" in missing)
    assert county or "county_opinion" not in missing
    assert sum(code == "seal-unseen" for code, _ in found) <= 1
