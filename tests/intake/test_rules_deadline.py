"""A deadline is the campaign's, or the unit's own where it was given more time; nobody is rejected in doubt."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from intake import rules
from intake.case import Case
from storage.campaign import Extension
from storage.model import Channel, Code, Outcome
from tests.intake.made import CAMPAIGN, DEADLINE, case, form

MORE = DEADLINE + timedelta(days=3)
AFTER = DEADLINE + timedelta(days=1)


def extended(*units: str) -> Any:
    own = tuple(
        Extension(unit=unit, deadline=MORE, deadline_text="2022年6月6日", reason="因汛情同意延期。")
        for unit in units
    )
    return replace(CAMPAIGN, extensions=own)


def late_of(told: Case, *units: str) -> list[Outcome]:
    found = rules.examine(told, extended(*units))
    return [one.outcome for one in found if one.code in (Code.LATE, Code.LATE_SUPPLEMENT)]


COUNTY: dict[str, Any] = {"channel": Channel.COUNTY, "county": "蒙城县"}
TOWN = form(organizer="蒙城县教育局", address="蒙城县政通路1号", county_opinion="蒙城县委网信办同意推荐")


@pytest.mark.parametrize(
    ("told", "units", "outcomes"),
    [
        pytest.param(case(received_at=AFTER), ("亳州市文化馆",), [], id="the unit itself"),
        pytest.param(case(received_at=AFTER), ("亳州市 文化馆",), [], id="its name written with a space"),
        pytest.param(
            case(received_at=MORE), ("亳州市文化馆",), [Outcome.REJECT], id="later than its own deadline"
        ),
        pytest.param(
            case(received_at=AFTER), ("亳州市博物馆",), [Outcome.REJECT], id="another unit's extension"
        ),
        pytest.param(case(TOWN, received_at=AFTER, **COUNTY), ("蒙城县",), [], id="its county"),
        pytest.param(
            case(TOWN, received_at=AFTER, **COUNTY), ("利辛县",), [Outcome.REJECT], id="another county"
        ),
        pytest.param(
            case(TOWN, received_at=AFTER), ("蒙城县",), [Outcome.REVIEW], id="of the county, sent directly"
        ),
        pytest.param(
            case(form(organizer="市文化馆"), received_at=AFTER),
            ("亳州市文化馆",),
            [Outcome.REVIEW],
            id="perhaps the unit, its name in short",
        ),
        pytest.param(
            case(form(unsure=("organizer",), organizer="亳州市文北馆"), received_at=AFTER),
            ("亳州市文化馆",),
            [Outcome.REVIEW],
            id="a name read unsurely",
        ),
        pytest.param(
            case(received_at=DEADLINE - timedelta(days=1), changed_at=AFTER),
            ("亳州市文化馆",),
            [],
            id="a supplement within its own time",
        ),
        pytest.param(
            case(received_at=AFTER, changed_at=MORE),
            ("亳州市文化馆",),
            [Outcome.REVIEW],
            id="a supplement after its own time",
        ),
    ],
)
def test_more_time_for_a_unit(told: Case, units: tuple[str, ...], outcomes: list[Outcome]) -> None:
    assert late_of(told, *units) == outcomes


def test_a_unit_without_a_name_may_be_any_that_has_more_time() -> None:
    nameless = case(form(organizer=None), received_at=AFTER)
    assert late_of(nameless, "亳州市文化馆") == [Outcome.REVIEW]
    assert late_of(nameless) == [Outcome.REJECT]


def test_the_own_deadline_and_its_leave_are_told() -> None:
    (problem,) = (
        one
        for one in rules.examine(case(received_at=MORE), extended("亳州市文化馆"))
        if one.code is Code.LATE
    )
    assert "2022年6月6日" in problem.message
    assert problem.clause == f"{CAMPAIGN.dates.clause}因汛情同意延期。"
