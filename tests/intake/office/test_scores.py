"""The ranking: weighted means over those who may judge, equal totals share a place, who is missing is named."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.office.scores import conflict, missing, ranking, shown
from storage.campaign import Criterion
from storage.model import State
from storage.scores import Reviewer, Score
from tests.bot import made

CRITERIA = (Criterion(name="导向", weight=60), Criterion(name="影响", weight=40, points=50))
ZHANG, LI = Reviewer(name="张三"), Reviewer(name="李四", unit="亳州市第2实验单位")
ONE, TWO, THREE = (made.application(n, f"账号{n}", State.ACCEPTED) for n in (1, 2, 3))


def score(receipt: str, reviewer: str, **points: int) -> Score:
    return Score(receipt=receipt, reviewer=reviewer, points={k: v * 100 for k, v in points.items()})


def places(*scores: Score) -> Mapping[str, tuple[int | None, bool, str]]:
    return {
        rank.application.receipt[-1]: (rank.place, rank.tied, shown(rank.total))
        for rank in ranking((ONE, TWO, THREE), (ZHANG, LI), scores, CRITERIA)
    }


def test_a_total_is_the_weighted_mean_of_all_reviewers() -> None:
    found = places(
        score(ONE.receipt, "张三", 导向=90, 影响=40),
        score(ONE.receipt, "李四", 导向=80, 影响=45),
        score(THREE.receipt, "张三", 导向=100, 影响=50),
    )
    assert found == {"3": (1, False, "100.00"), "1": (2, False, "85.00"), "2": (None, False, "")}


def test_equal_totals_share_a_place_and_the_next_is_left_out() -> None:
    found = places(
        score(ONE.receipt, "张三", 导向=90, 影响=40),
        score(TWO.receipt, "张三", 导向=90, 影响=40),
        score(THREE.receipt, "张三", 导向=50, 影响=40),
    )
    assert [found[n][:2] for n in "123"] == [(1, True), (1, True), (3, False)]


@pytest.mark.parametrize(
    "left_out",
    [
        pytest.param(score(TWO.receipt, "李四", 导向=0, 影响=0), id="the reviewer's own unit"),
        pytest.param(Score(receipt=TWO.receipt, reviewer="李四", aside="回避"), id="stood aside"),
        pytest.param(score(TWO.receipt, "李四", 导向=0), id="not all standards"),
        pytest.param(score(TWO.receipt, "王五", 导向=0, 影响=0), id="nobody appointed"),
    ],
)
def test_what_counts_for_nothing(left_out: Score) -> None:
    assert places(score(TWO.receipt, "张三", 导向=90, 影响=45), left_out)["2"] == (1, False, "90.00")


def test_a_unit_is_known_in_another_spelling_and_as_the_submitter() -> None:
    county = made.county(5, "谯城融媒", State.ACCEPTED, "谯城区")
    assert conflict(Reviewer(name="甲", unit="亳州市第2实验单位 "), TWO)
    assert conflict(Reviewer(name="乙", unit="谯城区委网信办"), county)
    assert not conflict(Reviewer(name="丙"), TWO)


def test_who_and_what_is_missing() -> None:
    scores = (
        score(ONE.receipt, "张三", 导向=90, 影响=40),
        score(TWO.receipt, "张三", 导向=90),
        Score(receipt=THREE.receipt, reviewer="张三", aside="回避"),
    )
    assert missing((ONE, TWO, THREE), (ZHANG, LI), scores, CRITERIA) == {
        "张三": (TWO.receipt,),
        "李四": (ONE.receipt, THREE.receipt),  # the second is of 李四's own unit
    }


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 5_000)), min_size=1, max_size=6))
def test_a_mean_lies_between_the_lowest_and_the_highest(given_points: list[tuple[int, int]]) -> None:
    reviewers = [Reviewer(name=str(number)) for number in range(len(given_points))]
    scores = [
        Score(receipt=ONE.receipt, reviewer=str(n), points={"导向": a, "影响": b})
        for n, (a, b) in enumerate(given_points)
    ]
    (rank,) = ranking((ONE,), reviewers, scores, CRITERIA)
    totals = [(a * 60 + b * 2 * 40) / 100 for a, b in given_points]
    assert rank.total is not None
    assert min(totals) - 1 <= rank.total <= max(totals) + 1
    assert 0 <= rank.total <= 10_000
