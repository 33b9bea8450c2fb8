from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from storage import messages, outbox
from storage.database import open_store
from storage.driver import sqlite3
from storage.model import Clock, Door, MailOutcome
from tests.storage import made

NOW = datetime(2022, 6, 2, tzinfo=UTC)


def described(db: Database, text: str, message_id: str = "<m@x>", attachments: str = "none") -> int:
    message, _ = messages.keep(db, made.arrival(text))
    messages.describe(
        db,
        message.id,
        message_id=message_id,
        sender="a@example.cn",
        subject="申报",
        attachments_digest=attachments,
    )
    return message.id


def test_a_mail_comes_back_as_it_arrived(db: Database) -> None:
    seen = made.arrival()
    message, new = messages.keep(db, seen)
    assert new
    assert (message.sha256, message.size, message.origin) == (seen.sha256, 4, "信件.eml")
    assert (message.door, message.clock) == (Door.FILE, Clock.RECEIVED)
    assert message.received_at == seen.received_at
    assert message.received_at.isoformat() == "2022-06-01T12:00:00+08:00"
    assert (message.outcome, message.tries) == (None, 0)
    assert messages.get(db, message.id) == message
    assert messages.get(db, 99) is None
    assert messages.by_sha256(db, made.digest("other")) is None


def test_a_known_mail_is_only_seen_again(db: Database) -> None:
    first, _ = messages.keep(db, made.arrival())
    again, new = messages.keep(
        db, msgspec.structs.replace(made.arrival(minutes=9, position=made.position()), door=Door.IMAP)
    )
    assert not new
    assert again == first
    assert [row["door"] for row in db["arrivals"].rows] == ["file", "imap"]
    assert messages.known_uids(db, "bzscbk@163.com", "INBOX", 7) == {1}


def test_a_time_without_a_zone_is_refused(db: Database) -> None:
    naive = msgspec.structs.replace(made.arrival(), received_at=made.NOON.replace(tzinfo=None))
    with pytest.raises(ValueError, match="without a time zone"):
        messages.keep(db, naive)


def test_mails_wait_in_order_of_receipt_not_of_keeping(db: Database) -> None:
    kept = [messages.keep(db, made.arrival(str(minutes), minutes=minutes))[0].id for minutes in (5, 1, 3)]
    assert [message.id for message in messages.waiting(db)] == [kept[1], kept[2], kept[0]]
    assert [message.id for message in messages.recent(db, 2)] == [kept[2], kept[1]]


@given(
    minutes=st.lists(st.integers(min_value=0, max_value=5), max_size=12),
    at_once=st.integers(min_value=1, max_value=4),
)
def test_few_at_a_time_they_wait_in_the_same_order(minutes: list[int], at_once: int) -> None:
    with TemporaryDirectory() as folder, open_store(Path(folder)) as store:
        for number, minute in enumerate(minutes):
            messages.keep(store.db, made.arrival(str(number), minutes=minute))
        expected = messages.waiting(store.db)
        assert list(messages.each_waiting(store.db, at_once)) == expected


def test_what_comes_meanwhile_or_is_finished_meanwhile_is_left_to_the_next_round(db: Database) -> None:
    kept = [messages.keep(db, made.arrival(str(minutes), minutes=minutes))[0].id for minutes in (1, 2, 3)]
    waiting = messages.each_waiting(db, 1)
    assert next(waiting).id == kept[0]
    messages.keep(db, made.arrival("new", minutes=2))
    messages.finish(db, kept[1], MailOutcome.IGNORED, None, NOW)
    assert [message.id for message in waiting] == [kept[2]]


def test_what_waits_is_found_and_ordered_by_its_index(db: Database) -> None:
    *_, sql = made.asked(db, lambda: list(messages.each_waiting(db)))
    (plan,) = db.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
    assert plan[3] == "SEARCH messages USING INDEX messages_waiting (received_unix>?)"


def test_order_of_receipt_holds_across_time_zones(db: Database) -> None:
    later = messages.keep(db, made.arrival("a"))[0].id
    earlier_in_utc = msgspec.structs.replace(
        made.arrival("b"), received_at=made.NOON.astimezone(UTC) - timedelta(minutes=1)
    )
    earlier = messages.keep(db, earlier_in_utc)[0].id
    assert [message.id for message in messages.waiting(db)] == [earlier, later]


def test_a_finished_mail_stays_finished(db: Database) -> None:
    message, _ = messages.keep(db, made.arrival())
    assert messages.finish(db, message.id, MailOutcome.APPLICATION, None, NOW)
    assert not messages.finish(db, message.id, MailOutcome.QUARANTINED, "三次失败", NOW)
    found = messages.get(db, message.id)
    assert found is not None
    assert (found.outcome, found.reason) == (MailOutcome.APPLICATION, None)
    assert messages.waiting(db) == []
    assert messages.failed(db, message.id, "late trouble") == 0


def test_failures_are_counted_with_the_last_reason(db: Database) -> None:
    message, _ = messages.keep(db, made.arrival())
    assert [messages.failed(db, message.id, f"try {number}") for number in (1, 2, 3)] == [1, 2, 3]
    messages.finish(db, message.id, MailOutcome.QUARANTINED, "try 3", NOW)
    assert [(one.id, one.tries, one.reason) for one in messages.quarantined(db)] == [(message.id, 3, "try 3")]
    assert messages.failed(db, 99, "nobody") == 0


def test_headers_no_database_can_hold_are_kept_escaped(db: Database) -> None:
    odd = msgspec.structs.replace(made.arrival(), origin="\udcc9\udcea.eml")
    message, _ = messages.keep(db, odd)
    messages.describe(
        db, message.id, message_id="<\udcff@x>", sender=None, subject="a\0b", attachments_digest="d"
    )
    found = messages.get(db, message.id)
    assert found is not None
    assert (found.origin, found.message_id, found.subject) == (
        "\\udcc9\\udcea.eml",
        "<\\udcff@x>",
        "a\\x00b",
    )
    messages.finish(db, message.id, MailOutcome.INQUIRY, None, NOW)
    assert messages.twin(db, "<\udcff@x>", "d", 99) == messages.get(db, message.id)


def test_the_same_mail_by_another_way_is_a_twin(db: Database) -> None:
    first, second = described(db, "by imap"), described(db, "by smtp")
    messages.finish(db, first, MailOutcome.APPLICATION, None, NOW)
    found = messages.twin(db, "<m@x>", "none", second)
    assert found is not None
    assert found.id == first


@pytest.mark.parametrize(
    ("outcome", "message_id", "attachments"),
    [
        pytest.param(None, "<m@x>", "none", id="one that still waits"),
        pytest.param(MailOutcome.DUPLICATE, "<m@x>", "none", id="one that was itself a copy"),
        pytest.param(MailOutcome.QUARANTINED, "<m@x>", "none", id="one nobody understood"),
        pytest.param(MailOutcome.APPLICATION, "<other@x>", "none", id="another Message-ID"),
        pytest.param(MailOutcome.APPLICATION, "<m@x>", "one", id="other attachments"),
    ],
)
def test_no_twin(db: Database, outcome: MailOutcome | None, message_id: str, attachments: str) -> None:
    first, second = described(db, "first", message_id, attachments), described(db, "second")
    if outcome is not None:
        messages.finish(db, first, outcome, None, NOW)
    assert messages.twin(db, "<m@x>", "none", second) is None


def test_mails_without_a_message_id_are_no_twins(db: Database) -> None:
    assert messages.twin(db, None, "none", 1) is None


def test_positions_are_of_one_folder_and_one_uidvalidity(db: Database) -> None:
    places = (made.position(1), made.position(2, folder="垃圾邮件"), made.position(3, uidvalidity=8))
    for number, place in enumerate(places):
        messages.keep(db, made.arrival(str(number), position=place))
    assert messages.known_uids(db, "bzscbk@163.com", "INBOX", 7) == {1}
    assert messages.known_uids(db, "bzscbk@163.com", "垃圾邮件", 7) == {2}
    assert messages.known_uids(db, "other@163.com", "INBOX", 7) == set()


def test_a_position_seen_again_is_no_trouble(db: Database) -> None:
    for text in ("a", "a", "b"):
        messages.keep(db, made.arrival(text, position=made.position(1)))
    assert messages.known_uids(db, "bzscbk@163.com", "INBOX", 7) == {1}
    assert len(messages.waiting(db)) == 2


def test_the_mail_our_letter_answered(db: Database) -> None:
    message = described(db, "mail")
    outbox.queue(db, made.letter(in_reply_to="<m@x>"))
    found = messages.answered_by(db, made.letter().message_id)
    assert found is not None
    assert found.id == message
    assert messages.answered_by(db, "<stranger@x>") is None


@pytest.mark.parametrize(
    "update",
    [
        pytest.param("UPDATE messages SET size = 'many'", id="a word for a number"),
        pytest.param("UPDATE messages SET outcome = 'lost', finished_at = 'now'", id="an unknown outcome"),
        pytest.param("UPDATE messages SET outcome = 'ignored'", id="an outcome at no time"),
        pytest.param("UPDATE messages SET sha256 = 'abc'", id="no digest"),
    ],
)
def test_the_table_refuses_what_makes_no_sense(db: Database, update: str) -> None:
    messages.keep(db, made.arrival())
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(update)
