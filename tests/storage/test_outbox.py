from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlite_utils import Database

from storage import outbox
from storage.driver import sqlite3
from storage.model import LetterKind, LetterState
from tests.storage import made

SOON = made.NOON + timedelta(minutes=5)


def queued(db: Database, cause: str = "mail-1", **changes: object) -> int:
    assert outbox.queue(db, made.letter(cause, **changes))
    return outbox.every(db)[-1].id


def state(db: Database, letter: int) -> LetterState:
    found = outbox.get(db, letter)
    assert found is not None
    return found.state


def test_a_letter_comes_back_as_it_was_queued(db: Database) -> None:
    letter = made.letter(in_reply_to="<m@x>", references=("<a@x>", "<m@x>"), to=("a@example.cn",))
    queued(db, in_reply_to="<m@x>", references=("<a@x>", "<m@x>"))
    assert outbox.every(db) == [msgspec.structs.replace(letter, id=1)]


def test_a_mail_answered_once_stays_answered(db: Database) -> None:
    queued(db)
    assert not outbox.queue(db, made.letter(body="something else"))
    assert [letter.body for letter in outbox.every(db)] == ["您好：\n"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"kind": LetterKind.DECISION}, id="a decision after the acknowledgement"),
        pytest.param({"receipts": ("WM2022-0002",), "message_id": "<2@s>"}, id="another application"),
        pytest.param({"cause": "mail-2", "message_id": "<3@s>"}, id="another mail"),
    ],
)
def test_another_letter_is_not_swallowed(db: Database, changes: dict[str, object]) -> None:
    queued(db)
    assert outbox.queue(db, made.letter(**changes))  # type: ignore[arg-type]  # a letter's own words


def test_one_message_id_for_two_letters_is_a_mistake(db: Database) -> None:
    queued(db)
    with pytest.raises(sqlite3.IntegrityError, match="message_id"):
        outbox.queue(db, made.letter("mail-2", message_id=made.letter().message_id))


def test_a_letter_is_found_by_id_and_by_message_id(db: Database) -> None:
    queued(db, message_id="<a1@shenbao>")
    for key in (1, "1", "<a1@shenbao>", "a1@shenbao"):
        assert outbox.get(db, key) is not None
    for key in (2, "2", "", "<b@shenbao>"):
        assert outbox.get(db, key) is None


def test_what_asks_something_goes_first(db: Database) -> None:
    queued(db, "1")
    queued(db, "2", kind=LetterKind.STATUS)
    queued(db, "3", kind=LetterKind.REJECTION)
    queued(db, "4", kind=LetterKind.CORRECTION)
    queued(db, "5", kind=LetterKind.CORRECTION, due_at=SOON)
    queued(db, "6", kind=LetterKind.CORRECTION, state=LetterState.DRAFT)
    assert [letter.cause for letter in outbox.due(db, made.NOON, 9)] == ["3", "4", "1", "2"]
    assert [letter.cause for letter in outbox.due(db, made.NOON, 1)] == ["3"]
    assert "5" in [letter.cause for letter in outbox.due(db, SOON.astimezone(UTC), 9)]


def test_two_senders_do_not_take_the_same_letter(db: Database) -> None:
    letter = queued(db)
    assert outbox.sending(db, letter, made.NOON)
    assert not outbox.sending(db, letter, made.NOON)
    assert outbox.due(db, made.NOON, 9) == []


def test_a_letter_sent_stays_sent(db: Database) -> None:
    letter = queued(db)
    outbox.sending(db, letter, made.NOON)
    assert outbox.sent(db, letter, SOON)
    found = outbox.get(db, letter)
    assert found is not None
    assert (found.state, found.sent_at, found.tries) == (LetterState.SENT, SOON, 1)
    assert not outbox.release(db, letter, SOON)
    assert not outbox.drop(db, letter)
    assert not outbox.fail(db, letter, "too late")


def test_a_letter_put_off_is_due_later_and_counts_its_tries(db: Database) -> None:
    letter = queued(db)
    outbox.sending(db, letter, made.NOON)
    assert outbox.retry(db, letter, "451 稍后再试", SOON)
    assert outbox.due(db, made.NOON, 9) == []
    (found,) = outbox.due(db, SOON, 9)
    assert (found.tries, found.error, found.message_id) == (1, "451 稍后再试", made.letter().message_id)


def test_a_letter_interrupted_is_not_sent_again_blindly(db: Database) -> None:
    letter = queued(db)
    outbox.sending(db, letter, made.NOON)
    assert outbox.recover(db) == 1
    assert outbox.recover(db) == 0
    assert state(db, letter) is LetterState.UNCERTAIN
    assert outbox.due(db, SOON, 9) == []
    assert outbox.release(db, letter, SOON)
    assert [one.id for one in outbox.due(db, SOON, 9)] == [letter]


@pytest.mark.parametrize("before", [LetterState.DRAFT, LetterState.HELD])
def test_a_letter_that_waits_for_a_person_goes_when_released(db: Database, before: LetterState) -> None:
    letter = queued(db, state=before)
    assert not outbox.sending(db, letter, made.NOON)
    assert outbox.release(db, letter, SOON)
    assert [one.id for one in outbox.due(db, SOON, 9)] == [letter]


@pytest.mark.parametrize("before", [LetterState.DRAFT, LetterState.HELD, LetterState.QUEUED])
def test_a_dropped_letter_stays_on_record(db: Database, before: LetterState) -> None:
    letter = queued(db, state=before)
    assert outbox.drop(db, letter, by="王")
    found = outbox.get(db, letter)
    assert found is not None
    assert (found.state, found.error) == (LetterState.FAILED, "已由王撤下，不再发送")
    assert outbox.due(db, SOON, 9) == []


def test_refused_and_uncertain_letters_say_why(db: Database) -> None:
    refused, unknown = queued(db, "1"), queued(db, "2")
    for letter in (refused, unknown):
        outbox.sending(db, letter, made.NOON)
    assert outbox.fail(db, refused, "550 no such user")
    assert outbox.uncertain(db, unknown, "connection lost after DATA")
    assert [(one.state, one.error) for one in outbox.every(db)] == [
        (LetterState.FAILED, "550 no such user"),
        (LetterState.UNCERTAIN, "connection lost after DATA"),
    ]
    assert outbox.sent(db, unknown, SOON)


def test_the_hours_limit_counts_what_may_have_left(db: Database) -> None:
    for cause in "1234":
        outbox.sending(db, queued(db, cause), made.NOON)
    outbox.sent(db, 1, made.NOON)
    outbox.uncertain(db, 2, "?")
    outbox.retry(db, 3, "451", SOON)
    outbox.fail(db, 4, "550")
    assert outbox.sent_since(db, made.NOON) == 2
    assert outbox.sent_since(db, made.NOON.astimezone(UTC)) == 2
    assert outbox.sent_since(db, SOON) == 0


def test_the_limit_of_an_address_counts_what_still_waits(db: Database) -> None:
    queued(db, "1", to=("Robot@Example.cn",))
    queued(db, "2", to=("robot@example.cn",))
    queued(db, "3", to=("robot@example.cn",), state=LetterState.HELD)
    queued(db, "4")
    assert outbox.sent_to_since(db, "robot@example.cn", made.NOON) == 2
    assert outbox.sent_to_since(db, "robot@example.cn", SOON) == 0


def test_what_an_address_got_is_found_by_an_index(db: Database) -> None:
    def ask() -> None:
        outbox.sent_to_since(db, "robot@example.cn", made.NOON)
        outbox.is_dead(db, "robot@example.cn")
        outbox.last_sent_to(db, "robot@example.cn")

    for sql in made.asked(db, ask):
        plan = [str(row[3]) for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")]
        assert any("outbox_by_addressee" in step for step in plan), sql
        assert not any(step.startswith("SCAN outbox") for step in plan), sql


def test_counts_name_every_state(db: Database) -> None:
    queued(db)
    counts = outbox.counts(db)
    assert set(counts) == set(LetterState)
    assert {state: number for state, number in counts.items() if number} == {LetterState.QUEUED: 1}


def test_moments_are_kept_to_the_microsecond(db: Database) -> None:
    moment = datetime(2022, 6, 1, 12, 0, 0, 123456, tzinfo=made.BEIJING)
    queued(db, due_at=moment)
    assert outbox.due(db, moment - timedelta(microseconds=1), 9) == []
    assert len(outbox.due(db, moment, 9)) == 1


def test_a_letter_written_under_a_wrong_clock_is_not_stuck_for_years(db: Database) -> None:
    outbox.queue(db, made.letter("soon", due_at=SOON + timedelta(hours=4)))
    outbox.queue(db, made.letter("years ahead", due_at=SOON + timedelta(days=3650)))
    assert [letter.cause for letter in outbox.due(db, SOON, 9)] == ["years ahead"]


def test_only_drafts_of_its_kind_and_application_wait_for_a_person(db: Database) -> None:
    queued(db, kind=LetterKind.REJECTION, receipts=("WM2022-0001", "WM2022-0002"), state=LetterState.DRAFT)
    assert outbox.drafted(db, "WM2022-0002", LetterKind.REJECTION)
    assert not outbox.drafted(db, "WM2022-0002", LetterKind.CORRECTION)
    assert not outbox.drafted(db, "WM2022-0003", LetterKind.REJECTION)
    outbox.release(db, 1, made.NOON)
    assert not outbox.drafted(db, "WM2022-0002", LetterKind.REJECTION)


def test_a_letter_that_a_person_took_back_did_not_go_astray(db: Database) -> None:
    for number, end in enumerate((outbox.drop, lambda *_: outbox.fail(db, 2, "550 no such user")), 1):
        queued(db, f"mail-{number}", message_id=f"<{number}@example.cn>")
        end(db, number)
    assert outbox.astray(db) == 1


def test_letters_are_found_by_each_application_they_are_about(db: Database) -> None:
    both = queued(db, receipts=("WM2022-0001", "WM2022-0002"), message_id="<1@s>")
    later = queued(db, "mail-2", receipts=("WM2022-0002",), message_id="<2@s>", created_at=SOON)
    outbox.queue(db, made.letter("mail-2", receipts=("WM2022-0002",), message_id="<2@s>"))  # known already

    def about(receipt: str, since: datetime) -> list[int]:
        return [letter.id for letter in outbox.about(db, receipt, since)]

    assert about("WM2022-0001", made.NOON) == [both]
    assert about("WM2022-0002", made.NOON) == [both, later]
    assert about("WM2022-0002", SOON) == [later]
    assert about("WM2022-0003", made.NOON) == []
