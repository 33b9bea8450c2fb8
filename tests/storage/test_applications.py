from collections.abc import Callable
from datetime import UTC, date, datetime

import msgspec
import pytest
from sqlite_utils import Database

from storage import applications, documents, messages, outbox
from storage.database import Store
from storage.driver import sqlite3
from storage.model import Application, Channel, Code, Kind, Outcome, State
from tests.storage import made

NOW = datetime(2022, 6, 2, tzinfo=UTC)


def receipts(found: list[applications.Holder]) -> list[str]:
    return [holder.receipt for holder in found]


def test_a_receipt_is_four_digits_and_grows_wider(db: Database) -> None:
    assert applications.issue(db, "WM2022") == "WM2022-0001"
    db.execute("UPDATE receipts SET last = 9998")
    assert [applications.issue(db, "WM2022") for _ in range(2)] == ["WM2022-9999", "WM2022-10000"]
    assert applications.issue(db, "WM2023") == "WM2023-0001"


def test_a_rolled_back_receipt_is_given_again(store: Store) -> None:
    def judging_that_fails() -> None:
        with store.transaction() as db:
            applications.issue(db, "WM2022")
            raise KeyError("a document without a digest")

    with pytest.raises(KeyError):
        judging_that_fails()
    with store.transaction() as db:
        assert applications.issue(db, "WM2022") == "WM2022-0001"


def test_an_application_comes_back_as_it_was_saved(db: Database) -> None:
    mail, _ = messages.keep(db, made.arrival())
    ids = documents.add(db, mail.id, [made.file(), made.file("执照.jpg")])
    whole = made.application(
        problems=(made.problem(), made.problem(Code.LATE, Outcome.REJECT)),
        paper_received=date(2022, 6, 7),
        addresses=("a@example.cn", "b@example.cn"),
        county="谯城区",
        channel=Channel.COUNTY,
        decided=True,
        received_surely=False,
        operator_code="91341600MA2RAAAA0X",
    )
    applications.save(db, whole, message=mail.id, documents=ids)
    found = applications.get(db, whole.receipt)
    assert found is not None
    assert msgspec.structs.replace(found, documents=()) == whole
    assert [document.file for document in found.documents] == ["申报表.docx", "执照.jpg"]
    assert list(applications.every(db)) == [found]


def test_a_leading_zero_stays(db: Database) -> None:
    made.saved(db, made.application())
    found = applications.get(db, "WM2022-0001")
    assert found is not None
    assert found.fields.postcode == "0558"


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("wm2022-0001", id="lower case"),
        pytest.param("ＷＭ２０２２－０００１", id="full width"),
        pytest.param(" WM2022—0001 ", id="a dash of another length"),
    ],
)
def test_a_receipt_is_found_however_it_was_typed(db: Database, typed: str) -> None:
    made.saved(db, made.application())
    assert applications.get(db, typed) is not None


@pytest.mark.parametrize("typed", ["", "WM2022-0002", "'; DROP TABLE applications; --", "\0"])
def test_no_such_receipt(db: Database, typed: str) -> None:
    made.saved(db, made.application())
    assert applications.get(db, typed) is None


def test_a_new_version_replaces_what_was_judged_and_keeps_what_came(db: Database) -> None:
    first, _ = messages.keep(db, made.arrival("first"))
    second, _ = messages.keep(db, made.arrival("second"))
    old = documents.add(db, first.id, [made.file("旧.docx")])
    new = documents.add(db, second.id, [made.file("新.docx")])
    applications.save(
        db,
        made.application(state=State.CORRECTING, problems=(made.problem(),)),
        message=first.id,
        documents=old,
    )
    applications.save(
        db,
        made.application(version=2, addresses=("c@example.cn",)),
        message=second.id,
        documents=[*old, *new],
    )
    found = applications.get(db, "WM2022-0001")
    assert found is not None
    assert (found.version, found.state, found.problems) == (2, State.ACCEPTED, ())
    assert found.addresses == ("a@example.cn", "c@example.cn")
    assert [(held.file, held.version) for held in applications.holdings(db, "wm2022-0001")] == [
        ("旧.docx", 1),
        ("新.docx", 2),
    ]
    assert [
        (version.version, version.message) for version in applications.versions_of(db, "WM2022-0001")
    ] == [
        (1, first.id),
        (2, second.id),
    ]
    assert applications.by_message(db, first.id) == ["WM2022-0001"]
    assert applications.count(db) == 1


def test_every_filters_and_keeps_the_order_of_receipts(db: Database) -> None:
    made.saved(
        db,
        made.application(10000),
        made.application(2, county="谯城区", channel=Channel.COUNTY),
        made.application(9999, state=State.REJECTED),
    )
    assert [one.receipt for one in applications.every(db)] == ["WM2022-0002", "WM2022-9999", "WM2022-10000"]
    assert [one.receipt for one in applications.every(db, state=State.REJECTED)] == ["WM2022-9999"]
    assert [one.receipt for one in applications.every(db, county="谯城区")] == ["WM2022-0002"]
    assert list(applications.every(db, state=State.REJECTED, county="谯城区")) == []


def test_a_stream_gives_what_every_gives_few_at_a_time(db: Database) -> None:
    made.saved(
        db, *(made.application(number, problems=(made.problem(),)) for number in (3, 9999, 10000, 1, 2))
    )
    assert list(applications.stream(db, at_once=2)) == list(applications.every(db))
    assert list(applications.stream(db, at_once=5)) == list(applications.every(db))


def test_many_applications_take_no_more_queries_than_one(db: Database) -> None:
    made.saved(db, made.application(1, problems=(made.problem(),)))
    one = made.asked(db, lambda: list(applications.every(db)))
    made.saved(db, *(made.application(number, problems=(made.problem(),)) for number in range(2, 30)))
    assert len(made.asked(db, lambda: list(applications.every(db)))) == len(one)


@pytest.mark.parametrize(
    ("state", "account_key", "holds"),
    [
        pytest.param(State.CORRECTING, "wechat:x", True, id="to be mended"),
        pytest.param(State.REVIEWING, "wechat:x", True, id="to be looked at"),
        pytest.param(State.ACCEPTED, None, False, id="a form without an identifier"),
        pytest.param(State.REJECTED, "wechat:x", False, id="rejected"),
        pytest.param(State.WITHDRAWN, "wechat:x", False, id="withdrawn"),
        pytest.param(State.ELIMINATED, "wechat:x", True, id="not shortlisted"),
    ],
)
def test_who_holds_a_place(db: Database, state: State, account_key: str | None, holds: bool) -> None:
    made.saved(db, made.application(state=state, account_key=account_key))
    on_quota = applications.on_quota(db, Channel.DIRECT, None, "亳州市第1中学", None)
    assert receipts(on_quota) == (["WM2022-0001"] if holds else [])


def test_a_state_set_by_staff_frees_the_place(db: Database) -> None:
    made.saved(db, made.application())
    assert applications.set_state(db, "wm2022-0001", State.REJECTED)
    assert applications.same_account(db, "wechat:bz1", None) == []
    assert applications.set_state(db, "WM2022-0001", State.REVIEWING, decided=False)
    assert receipts(applications.same_account(db, "wechat:bz1", None)) == ["WM2022-0001"]
    found = applications.get(db, "WM2022-0001")
    assert found is not None
    assert (found.state, found.decided) == (State.REVIEWING, False)
    assert not applications.set_state(db, "WM2022-0002", State.REJECTED)


def county(number: int, **changes: object) -> Application:
    shared: dict[str, object] = {
        "channel": Channel.COUNTY,
        "county": "谯城区",
        "submitter_key": "谯城区委网信办",
    }
    return made.application(number, **(shared | changes))


def test_a_countys_quota_counts_its_accounts_only(db: Database) -> None:
    made.saved(
        db,
        county(1),
        county(2, kind=Kind.WEBSITE),
        county(3, county="涡阳县"),
        county(4, state=State.REJECTED),
        made.application(5),
        county(6),
    )
    assert receipts(applications.on_quota(db, Channel.COUNTY, "谯城区", None, "WM2022-0006")) == [
        "WM2022-0001"
    ]
    assert applications.on_quota(db, Channel.COUNTY, None, None, None) == []


def test_a_unit_without_a_name_has_no_quota(db: Database) -> None:
    made.saved(db, made.application(submitter_key=None))
    assert applications.on_quota(db, Channel.DIRECT, None, None, None) == []


def test_the_same_account_whichever_channel(db: Database) -> None:
    made.saved(
        db,
        made.application(1, account_key="site:bozhou.cn", kind=Kind.WEBSITE),
        county(2, account_key="site:bozhou.cn"),
    )
    assert receipts(applications.same_account(db, "site:bozhou.cn", "WM2022-0002")) == ["WM2022-0001"]
    assert applications.same_account(db, None, None) == []


def test_the_same_operator_by_name_or_code_once(db: Database) -> None:
    made.saved(
        db,
        made.application(1, operator_key="甲公司", operator_code="CODE"),
        made.application(2, operator_key="乙公司", operator_code="CODE"),
        made.application(3, operator_key="甲公司", operator_code=None),
        made.application(4, operator_key="甲公司", kind=Kind.WEBSITE),
        made.application(5, operator_key=None),
    )
    found = applications.same_operator(db, "甲公司", "CODE", None)
    assert sorted(receipts(found)) == ["WM2022-0001", "WM2022-0002", "WM2022-0003"]
    assert applications.same_operator(db, None, None, None) == []
    assert found[0].name == "亳州文明"


@pytest.mark.parametrize(
    ("look", "index"),
    [
        pytest.param(
            lambda db: applications.on_quota(db, Channel.DIRECT, None, "u", None),
            "applications_by_place",
            id="unit",
        ),
        pytest.param(
            lambda db: applications.on_quota(db, Channel.COUNTY, "谯城区", None, None),
            "applications_by_county_place",
            id="county",
        ),
        pytest.param(
            lambda db: applications.same_account(db, "a", None), "applications_by_account", id="account"
        ),
        pytest.param(
            lambda db: applications.same_operator(db, "o", "c", None),
            "applications_by_operator",
            id="operator's name",
        ),
        pytest.param(
            lambda db: applications.same_operator(db, "o", "c", None),
            "applications_by_code",
            id="operator's code",
        ),
    ],
)
def test_places_are_looked_up_by_index(db: Database, look: Callable[[Database], object], index: str) -> None:
    plans = [
        " ".join(str(row[3]) for row in db.execute(f"EXPLAIN QUERY PLAN {sql}"))
        for sql in made.asked(db, lambda: look(db))
    ]
    assert any(f"SEARCH applications USING INDEX {index} (" in plan for plan in plans)
    assert not any("SCAN" in plan for plan in plans)


def test_identity_is_submitter_and_account(db: Database) -> None:
    made.saved(
        db,
        made.application(1, submitter_key="u", account_key="a"),
        made.application(2, submitter_key="u", account_key="a", state=State.REJECTED),
        made.application(3, submitter_key="u", account_key="a", state=State.WITHDRAWN),
        made.application(4, submitter_key="v", account_key="a"),
    )
    found = applications.of_submitter(db, "u", "a")
    assert found is not None
    assert found.receipt == "WM2022-0002"
    assert applications.of_submitter(db, "u", "b") is None
    assert applications.of_submitter(db, None, "a") is None


def test_looking_up_by_address_token_and_letter(db: Database) -> None:
    made.saved(db, made.application(1), made.application(2, addresses=("B@Example.cn",)))
    outbox.queue(db, made.letter(receipts=("WM2022-0002", "WM2022-0001")))
    assert applications.by_address(db, "b@example.CN ") == ["WM2022-0002"]
    assert applications.by_address(db, "nobody@example.cn") == []
    by_token = applications.by_token(db, "token-2")
    assert by_token is not None
    assert by_token.receipt == "WM2022-0002"
    assert applications.by_token(db, "") is None
    assert applications.by_letter(db, made.letter().message_id) == ["WM2022-0001", "WM2022-0002"]
    assert applications.by_letter(db, "<other@shenbao>") == []


def test_what_staff_settled_stands_until_they_change_it(db: Database) -> None:
    made.saved(db, made.application())
    applications.settle(db, "WM2022-0001", "mobile", "13800138000", "王", NOW)
    applications.settle(db, "WM2022-0001", "mobile", "13800138001", "李", NOW)
    applications.settle(db, "WM2022-0001", "phone", None, "李", NOW)
    assert applications.settled(db, "wm2022-0001") == {"mobile": "13800138001", "phone": None}


def test_paper_is_noted_and_taken_back(db: Database) -> None:
    made.saved(db, made.application())
    assert applications.mark_paper(db, "WM2022-0001", date(2022, 6, 3))
    assert [one.paper_received for one in applications.every(db)] == [date(2022, 6, 3)]
    assert applications.mark_paper(db, "WM2022-0001", None)
    assert [one.paper_received for one in applications.every(db)] == [None]
    assert not applications.mark_paper(db, "WM2022-0009", None)


def test_a_token_belongs_to_one_application(db: Database) -> None:
    made.saved(db, made.application(1, token="t"))
    with pytest.raises(sqlite3.IntegrityError):
        made.saved(db, made.application(2, token="t"))


def test_a_strict_table_refuses_another_type(db: Database) -> None:
    made.saved(db, made.application())
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value in INTEGER column"):
        db.execute("UPDATE applications SET version = 'two'")


def test_no_document_without_its_row(db: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        applications.save(db, made.application(), message=None, documents=[99])
