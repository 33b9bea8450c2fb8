"""Scores and earlier works: what a reviewer gives replaces what the same one gave before, and nothing else."""

import pytest
from sqlite_utils import Database

from storage import applications, earlier, scores
from storage.driver import sqlite3
from storage.earlier import Work
from storage.scores import Reviewer, Round, Score
from tests.storage import made

FIRST, SECOND = "WM2022-0001", "WM2022-0002"


@pytest.fixture
def filled(db: Database) -> Database:
    for number in (1, 2):
        applications.save(db, made.application(number), message=None, documents=())
    return db


def given(receipt: str, reviewer: str, points: int = 9000) -> Score:
    return Score(receipt=receipt, reviewer=reviewer, points={"政治导向正确": points})


def test_a_reviewer_s_new_scores_replace_only_that_one_s(filled: Database) -> None:
    scores.replace(filled, "WM2022", Round.PRELIMINARY, "张三", [given(FIRST, "张三"), given(SECOND, "张三")])
    scores.replace(filled, "WM2022", Round.PRELIMINARY, "李四", [given(FIRST, "李四")])
    scores.replace(filled, "WM2022", Round.EXPERT, "张三", [given(FIRST, "张三", 8000)])
    aside = Score(receipt=SECOND, reviewer="张三", aside="评委所在单位即申报单位")
    scores.replace(filled, "WM2022", Round.PRELIMINARY, "张三", [aside])
    assert scores.of_round(filled, "WM2022", Round.PRELIMINARY) == [given(FIRST, "李四"), aside]
    assert scores.of_round(filled, "WM2022", Round.EXPERT) == [given(FIRST, "张三", 8000)]
    assert scores.of_round(filled, "WM2023", Round.EXPERT) == []


def test_a_score_says_points_or_why_none(filled: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        scores.replace(filled, "WM2022", Round.EXPERT, "张三", [Score(receipt=FIRST, reviewer="张三")])


def test_reviewers_belong_to_a_round_of_a_campaign(filled: Database) -> None:
    scores.appoint(filled, "WM2022", Round.EXPERT, [Reviewer(name="张三", unit="亳州市图书馆")])
    scores.appoint(filled, "WM2022", Round.EXPERT, [Reviewer(name="张三")])
    assert scores.reviewers(filled, "WM2022", Round.EXPERT) == [Reviewer(name="张三", unit="亳州市图书馆")]
    assert scores.reviewers(filled, "WM2022", Round.PRELIMINARY) == []
    assert scores.reviewers(filled, "WM2023", Round.EXPERT) == []


def test_who_is_dismissed_is_forgotten_with_the_scores_of_that_round(filled: Database) -> None:
    for round_ in Round:
        scores.appoint(filled, "WM2022", round_, [Reviewer(name="张三")])
        scores.replace(filled, "WM2022", round_, "张三", [given(FIRST, "张三")])
    scores.dismiss(filled, "WM2022", Round.PRELIMINARY, "张三")
    assert scores.reviewers(filled, "WM2022", Round.PRELIMINARY) == []
    assert scores.of_round(filled, "WM2022", Round.PRELIMINARY) == []
    assert scores.of_round(filled, "WM2022", Round.EXPERT) == [given(FIRST, "张三")]


def work(year: int, result: str = "获评") -> Work:
    return Work(year=year, name="亳州发布", organizer="亳州市图书馆", result=result, name_key="亳州发布")


def test_an_earlier_work_is_kept_once_with_its_latest_result(db: Database) -> None:
    assert [earlier.put(db, one) for one in (work(2020), work(2021), work(2021))] == [True, True, False]
    assert earlier.put(db, work(2021, "推荐省级"))
    assert earlier.alike(db, "亳州发布", None) == [work(2021, "推荐省级"), work(2020)]
    assert earlier.alike(db, "别的", None) == []
