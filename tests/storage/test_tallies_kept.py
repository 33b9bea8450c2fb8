"""The counts that are kept with every change say what counting anew would."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from storage import applications, tallies
from storage.database import open_store
from storage.model import Channel, Code, Kind, Outcome, State
from tests.storage import made

PROBLEMS = [
    made.problem(),
    made.problem(Code.LATE, Outcome.REVIEW),
    made.problem(Code.LATE, Outcome.REJECT),
]
STATES = [State.CORRECTING, State.REVIEWING, State.ACCEPTED, State.REJECTED, State.WITHDRAWN]
COUNTED = {
    "standing": "SELECT ifnull(county, ''), state, count(*) FROM applications GROUP BY 1, 2",
    "taken": """SELECT channel, ifnull(iif(channel = 'county', county, submitter_key), ''), count(*),
                sum(state IN ('correcting', 'reviewing')) FROM applications
                WHERE holds_place = 1 AND kind = 'account' GROUP BY 1, 2""",
    "takers": """SELECT channel, count(DISTINCT iif(channel = 'county', ifnull(county, ''), submitter_key)), count(*)
                 FROM applications WHERE holds_place = 1 AND kind = 'account' GROUP BY 1""",
    "waiting_numbers": """SELECT problems.outcome, code, count(DISTINCT receipt) FROM problems
                          JOIN applications USING (receipt) WHERE problems.outcome IN ('correct', 'review')
                          AND state IN ('correcting', 'reviewing') GROUP BY 1, 2""",
}
change = st.fixed_dictionaries(
    {
        "number": st.integers(1, 4),
        "state": st.sampled_from(STATES),
        "county": st.sampled_from(["谯城区", "涡阳县", None]),
        "channel": st.sampled_from(list(Channel)),
        "kind": st.sampled_from([*Kind, None]),
        "account_key": st.sampled_from([None, "wechat:a"]),
        "submitter_key": st.sampled_from(["甲", "乙"]),
        "problems": st.lists(st.sampled_from(PROBLEMS), max_size=3).map(tuple),
    }
)


def differing(db: Database) -> list[str]:
    """Return the tables that do not say what counting anew says."""
    return [
        name
        for name, sql in COUNTED.items()
        if {row for row in map(tuple, db.execute(f"SELECT * FROM {name}")) if row[2]}  # noqa: S608 - our names
        != set(map(tuple, db.execute(sql)))
    ]


@settings(max_examples=10, deadline=None)
@given(
    changes=st.lists(change, min_size=1, max_size=8), decided=st.lists(st.sampled_from(STATES), max_size=3)
)
def test_counts_follow_every_change(
    tmp_path_factory: pytest.TempPathFactory, changes: list[dict[str, object]], decided: list[State]
) -> None:
    with open_store(tmp_path_factory.mktemp("counted")) as store, store.rehearsal() as db:
        for one in changes:
            number = one.pop("number")
            assert isinstance(number, int)
            made.saved(db, made.application(number, **one))
        for state in decided:
            applications.set_state(db, made.application(1).receipt, state)
        assert differing(db) == []


def test_the_first_of_those_that_wait_are_named_in_order_of_receipt(db: Database) -> None:
    made.saved(
        db, *(made.application(n, state=State.CORRECTING, problems=(made.problem(),)) for n in range(1, 5))
    )
    (told,) = tallies.waiting_for(db, 2)
    assert (told.number, told.receipts) == (4, ("WM2022-0001", "WM2022-0002"))


def test_a_page_of_a_list(db: Database) -> None:
    made.saved(db, *(made.application(n, county="谯城区" if n % 2 else None) for n in range(1, 8)))
    shown = applications.page(db, 2, 1, county="谯城区", state=State.ACCEPTED)
    assert [one.receipt for one in shown] == ["WM2022-0003", "WM2022-0005"]
    assert tallies.standing(db, State.ACCEPTED, "谯城区") == 4
