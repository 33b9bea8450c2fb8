"""The later stages: only allowed ways, all or none, places untouched, ranks with ties told, letters as drafts."""

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from msgspec.structs import replace

from intake import decisions, stages
from intake.decisions import Desk, NoSuchReceipt, NotPossible
from intake.office import results, staging
from parsers.containers.archive import Opened
from parsers.documents import Facts
from storage import applications, audit, outbox, scores
from storage.database import Store, open_store
from storage.model import Kind, LetterState, State
from storage.scores import Reviewer, Round, Score
from storage.tallies import quota
from tests.bot import made

R1, R2, R3 = ("WM2022-0001", "WM2022-0002", "WM2022-0003")
NAMES = [one.name for one in made.CAMPAIGN.criteria]
ALLOWED = {
    (State.ACCEPTED, State.SHORTLISTED),
    (State.ACCEPTED, State.ELIMINATED),
    (State.SHORTLISTED, State.AWARDED),
    (State.SHORTLISTED, State.ELIMINATED),
    (State.AWARDED, State.RECOMMENDED),
}
RETURNS = {
    (State.SHORTLISTED, State.ACCEPTED),
    (State.ELIMINATED, State.ACCEPTED),
    (State.ELIMINATED, State.SHORTLISTED),
    (State.AWARDED, State.SHORTLISTED),
    (State.RECOMMENDED, State.AWARDED),
}


class _NoReader:
    """Nothing is read again, so no reader is asked."""

    def read(self, data: bytes, name: str) -> Future[Facts]:
        raise AssertionError(f"{name}: {len(data)}")

    def unpack(self, data: bytes, name: str) -> Future[Opened]:
        raise AssertionError(f"{name}: {len(data)}")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_store(tmp_path / "data", patience=5) as store:
        made.keep(store, *(made.application(n, f"账号{n}", State.ACCEPTED) for n in (1, 2, 3)))
        made.keep(store, made.application(4, "没交齐", State.CORRECTING))
        yield Desk(store=store, campaign=made.CAMPAIGN, sender="bzscbk@163.com", by="王芳", now=made.NOW)


def state(store: Store, receipt: str) -> State:
    found = applications.get(store.db, receipt)
    assert found
    return found.state


def score(desk: Desk, round_: Round, **points: tuple[int, int, int]) -> None:
    with desk.store.transaction() as db:
        scores.appoint(db, "WM2022", round_, [Reviewer(name=name) for name in points])
        for name, given in points.items():
            rows = [
                Score(receipt=receipt, reviewer=name, points=dict.fromkeys(NAMES, value * 100))
                for receipt, value in zip((R1, R2, R3), given, strict=True)
            ]
            scores.replace(db, "WM2022", round_, name, rows)


@pytest.mark.parametrize("now", State)
@pytest.mark.parametrize("target", State)
def test_ways(now: State, target: State) -> None:
    freely, with_reason = (stages.refusal(now, target, reason) == "" for reason in (" ", "登记有误"))
    assert freely is ((now, target) in ALLOWED)
    assert with_reason is ((now, target) in ALLOWED | RETURNS)


def test_a_plan_changes_nothing(desk: Desk) -> None:
    moves = staging.planned(desk, [R1, "WM2022-0004", R1], State.SHORTLISTED, "")
    assert [(one.application.receipt, bool(one.refused)) for one in moves] == [
        (R1, False),
        ("WM2022-0004", True),
    ]
    assert state(desk.store, R1) is State.ACCEPTED


def test_all_move_or_none(desk: Desk) -> None:
    with pytest.raises(NotPossible, match="WM2022-0004：现在是“待补正”"):
        staging.apply(desk, [R1, "WM2022-0004"], State.SHORTLISTED, "")
    with pytest.raises(NoSuchReceipt):
        staging.apply(desk, [R1, "WM2022-0099"], State.SHORTLISTED, "")
    assert state(desk.store, R1) is State.ACCEPTED


def test_a_move_is_audited_once_and_takes_no_place(desk: Desk) -> None:
    places = quota(desk.store.db)
    for _ in range(2):
        staging.apply(desk, [R1, R2], State.SHORTLISTED, "")
    staging.apply(desk, [R3], State.ELIMINATED, "")
    events = [one for one in audit.history(desk.store.db, R1) if one.event == "stage"]
    assert [(one.actor, one.detail) for one in events] == [
        ("王芳", {"from": "accepted", "to": "shortlisted"})
    ]
    assert [line.used for line in quota(desk.store.db)] == [line.used for line in places]
    assert not [one for one in audit.history(desk.store.db, R3) if one.event == "place-free"]


def test_back_only_with_a_reason_and_never_by_reopening(desk: Desk) -> None:
    staging.apply(desk, [R1], State.SHORTLISTED, "")
    with pytest.raises(NotPossible, match="--reason"):
        staging.apply(desk, [R1], State.ACCEPTED, "")
    with pytest.raises(NotPossible, match="stage move"):
        decisions.reopen(desk, _NoReader(), R1)
    staging.apply(desk, [R1], State.ACCEPTED, "误点")
    assert state(desk.store, R1) is State.ACCEPTED
    assert audit.history(desk.store.db, R1)[-1].detail["reason"] == "误点"


def test_the_best_of_a_round(desk: Desk) -> None:
    score(desk, Round.PRELIMINARY, 张三=(80, 95, 70), 李四=(90, 85, 70))
    assert staging.best(desk.store, desk.campaign, State.SHORTLISTED, 2, None, incomplete=False) == (R2, R1)
    staging.apply(desk, [R2, R1], State.SHORTLISTED, "")
    ranked, missing = staging.standing(desk.store, desk.campaign, Round.PRELIMINARY)
    assert [(one.application.receipt, one.place) for one in ranked] == [(R2, 1), (R1, 2), (R3, 3)]
    assert missing == {}
    assert [one.receipt for one in staging.field(desk.store, desk.campaign, Round.EXPERT)] == [R1, R2]


@pytest.mark.parametrize(
    ("count", "points", "said"),
    [
        pytest.param(1, (80, 80, 70), "并列：WM2022-0001、WM2022-0002", id="a tie across the line"),
        pytest.param(4, (80, 70, 60), "只有3件", id="more than there are"),
    ],
)
def test_what_cannot_be_taken_by_rank(
    desk: Desk, count: int, points: tuple[int, int, int], said: str
) -> None:
    score(desk, Round.PRELIMINARY, 张三=points)
    with pytest.raises(NotPossible, match=said):
        staging.best(desk.store, desk.campaign, State.SHORTLISTED, count, None, incomplete=False)


def test_a_tie_within_the_line_is_taken_whole(desk: Desk) -> None:
    score(desk, Round.PRELIMINARY, 张三=(80, 80, 70))
    best = staging.best(desk.store, desk.campaign, State.SHORTLISTED, 2, Kind.ACCOUNT, incomplete=False)
    assert best == (R1, R2)


def test_missing_scores_stop_a_ranking_until_told_otherwise(desk: Desk) -> None:
    score(desk, Round.PRELIMINARY, 张三=(80, 90, 70))
    with desk.store.transaction() as db:
        scores.appoint(db, "WM2022", Round.PRELIMINARY, [Reviewer(name="李四")])
    with pytest.raises(NotPossible, match="李四缺3件"):
        staging.best(desk.store, desk.campaign, State.SHORTLISTED, 1, None, incomplete=False)
    assert staging.best(desk.store, desk.campaign, State.SHORTLISTED, 1, None, incomplete=True) == (R2,)


def test_another_year_s_applications_are_left_alone(desk: Desk) -> None:
    other = replace(desk.campaign, receipt_prefix="WM2023")
    assert staging.of_campaign(desk.store, other) == []
    assert len(staging.of_campaign(desk.store, desk.campaign)) == 4


def test_a_result_is_a_draft_once_for_each_time_it_was_reached(desk: Desk) -> None:
    staging.apply(desk, [R1], State.SHORTLISTED, "")
    (letter,) = results.draft(desk, State.SHORTLISTED, ()).letters
    assert (letter.kind, letter.receipts, letter.to) == ("result", (R1,), ("zhang@example.cn",))
    assert "入选展播" in letter.body
    assert [one.receipt for one in results.draft(desk, State.SHORTLISTED, [R1]).known] == [R1]
    assert [one.state for one in outbox.every(desk.store.db)] == [LetterState.DRAFT]
    staging.apply(desk, [R1], State.ACCEPTED, "误点")
    assert [one.state for one in outbox.every(desk.store.db)] == [LetterState.FAILED]
    staging.apply(desk, [R1], State.SHORTLISTED, "")
    assert len(results.draft(desk, State.SHORTLISTED, ()).letters) == 1


@pytest.mark.parametrize(
    ("way", "said"),
    [
        pytest.param([State.SHORTLISTED, State.AWARDED], "获评“亳州市文明账号”", id="awarded"),
        pytest.param([State.SHORTLISTED, State.AWARDED, State.RECOMMENDED], "推荐参加全省", id="recommended"),
        pytest.param([State.ELIMINATED], "未入选", id="eliminated"),
    ],
)
def test_what_a_result_says(desk: Desk, way: list[State], said: str) -> None:
    for step in way:
        staging.apply(desk, [R1], step, "")
    (letter,) = results.draft(desk, way[-1], ()).letters
    assert said in letter.body
    assert "请勿通过本邮箱报送涉密、敏感材料" in letter.body
    assert letter.subject.startswith("【推选结果】")


def test_who_has_no_address_is_told_and_others_are_refused(desk: Desk) -> None:
    with desk.store.transaction() as db:
        db.execute("DELETE FROM addresses WHERE receipt = ?", (R1,))
    staging.apply(desk, [R1], State.ELIMINATED, "")
    assert [one.receipt for one in results.draft(desk, State.ELIMINATED, ()).unreachable] == [R1]
    with pytest.raises(NotPossible, match=R2):
        results.draft(desk, State.ELIMINATED, [R2])
    with pytest.raises(NotPossible):
        results.draft(desk, State.ACCEPTED, [])
