"""Mails made safe: all of a lot or none, junk kept aside and told, a mail seen twice kept once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from smtplib import SMTP, SMTPDataError

import pytest

from intake.doors.keeping import IN_JUNK, Keeper, Landed, keep_all
from intake.doors.listener import Limits, Listener
from storage import messages
from storage.database import Store, open_store
from storage.messages import Position
from storage.model import Clock, Door, MailOutcome
from tests.servers import HOST

AT = datetime(2022, 5, 30, tzinfo=UTC)
MAIL = "From: 甲 <a@unit.gov.cn>\r\nSubject: 申报\r\nMessage-ID: <1@x>\r\n\r\n正文\r\n".encode()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def landed(store: Store, raw: bytes, uid: int = 1, *, folder: str = "INBOX", validity: int = 1) -> Landed:
    incoming = store.blobs.incoming()
    incoming.write(raw[:10])
    incoming.write(raw[10:])
    place = Position(account="office", folder=folder, uidvalidity=validity, uid=uid)
    return Landed(
        incoming, Door.IMAP, f"imap:{folder}/{uid}", AT, Clock.INTERNALDATE, place, junk=folder == "Junk"
    )


def events(store: Store) -> list[str]:
    return [row["event"] for row in store.db["audit"].rows]


def test_a_lot_is_kept_with_its_places(store: Store) -> None:
    assert keep_all(store, [landed(store, MAIL + b"%d" % uid, uid) for uid in range(1, 4)], AT) == 3
    assert messages.known_uids(store.db, "office", "INBOX", 1) == {1, 2, 3}
    kept = [store.blobs.read(one.sha256) for one in messages.waiting(store.db)]
    assert kept == [MAIL + b"%d" % uid for uid in range(1, 4)]
    assert not list(store.folder.glob("blobs/**/.new-*"))


@pytest.mark.parametrize(
    "again",
    [
        pytest.param({"uid": 2}, id="copied within the folder"),
        pytest.param({"folder": "已处理"}, id="moved to another folder"),
        pytest.param({"validity": 2}, id="a new UIDVALIDITY"),
        pytest.param({"folder": "Junk"}, id="moved to the junk"),
    ],
)
def test_the_same_mail_elsewhere_is_the_same_mail(store: Store, again: dict[str, int]) -> None:
    assert keep_all(store, [landed(store, MAIL)], AT) == 1
    assert keep_all(store, [landed(store, MAIL, **again)], AT) == 0  # type: ignore[arg-type]  # a table of changes
    (only,) = messages.waiting(store.db)
    assert only.size == len(MAIL)
    assert events(store) == []


def test_two_copies_in_one_lot_are_one_mail(store: Store) -> None:
    assert keep_all(store, [landed(store, MAIL, 1), landed(store, MAIL, 2)], AT) == 1
    assert messages.known_uids(store.db, "office", "INBOX", 1) == {1, 2}


def test_junk_is_kept_aside_and_told_once(store: Store) -> None:
    for uid in (1, 2):
        keep_all(store, [landed(store, MAIL, uid, folder="Junk")], AT)
    assert messages.waiting(store.db) == []
    (aside,) = messages.quarantined_for(store.db, IN_JUNK)
    assert (aside.sender, aside.subject, aside.outcome) == ("a@unit.gov.cn", "申报", MailOutcome.QUARANTINED)
    assert events(store) == ["junk-mail"]


def test_junk_that_staff_move_to_the_inbox_is_judged(store: Store) -> None:
    keep_all(store, [landed(store, MAIL, folder="Junk")], AT)
    keep_all(store, [landed(store, MAIL, 8)], AT)
    (waiting,) = messages.waiting(store.db)
    assert waiting.reason is None
    assert events(store) == ["junk-mail", "junk-rescued"]


def test_a_mail_quarantined_for_another_reason_stays_so(store: Store) -> None:
    keep_all(store, [landed(store, MAIL)], AT)
    messages.finish(store.db, 1, MailOutcome.QUARANTINED, "处理三次都没有成功", AT)
    keep_all(store, [landed(store, MAIL, 8)], AT)
    assert messages.waiting(store.db) == []


@pytest.mark.parametrize(
    "raw", [b"", b"\x00\xff" * 100, b"Subject: " + b"x" * 400_000], ids=["nothing", "noise", "a long header"]
)
def test_junk_that_is_no_mail_is_told_too(store: Store, raw: bytes) -> None:
    keep_all(store, [landed(store, raw, folder="Junk")], AT)
    assert len(messages.quarantined_for(store.db, IN_JUNK)) == 1


def test_a_lot_that_fails_leaves_nothing_known(store: Store) -> None:
    with store.transaction():
        store.db.execute(
            "CREATE TRIGGER full BEFORE INSERT ON positions WHEN new.uid = 2 BEGIN SELECT RAISE(ABORT, 'x'); END"
        )
    with pytest.raises(Exception, match="x"):
        keep_all(store, [landed(store, MAIL + b"1", 1), landed(store, MAIL + b"2", 2)], AT)
    assert messages.count(store.db) == 0


class TestKeeper:
    """Many senders share a transaction."""

    def test_each_is_told_once_its_mail_is_safe(self, store: Store) -> None:
        lots: list[int] = []
        keeper = Keeper(store.folder, store.blobs, lambda: AT, lambda: lots.append(messages.count(store.db)))
        keeper.kept = lambda: lots.append(1)
        waiting = [keeper.keep(landed(store, MAIL + b"%d" % number, number)) for number in range(150)]
        with keeper:
            for one in waiting:
                one.result(30)
        assert messages.count(store.db) == 150
        assert len(lots) < 10

    def test_what_fails_is_told_and_the_next_is_kept(self, store: Store) -> None:
        good, bad = landed(store, MAIL), landed(store, MAIL + b"x", 2)
        bad.incoming.path.unlink()
        with Keeper(store.folder, store.blobs, lambda: AT, lambda: None) as keeper:
            with pytest.raises(FileNotFoundError):
                keeper.keep(bad).result(30)
            assert keeper.keep(good).result(30) is None
        assert messages.count(store.db) == 1

    def test_a_store_held_too_long_asks_the_sender_to_come_again(self, store: Store) -> None:
        """As `serve` has it, but for the seconds: the real listener, the real keeper, another process' lock."""
        keeper = Keeper(store.folder, store.blobs, lambda: AT, lambda: None, patience=0.2)
        with keeper, Listener(HOST, 0, ("office@163.com",), Limits(max_bytes=10_000), keeper) as listener:
            with (
                open_store(store.folder) as other,
                other.transaction(),
                SMTP(HOST, listener.port, timeout=60) as client,
                pytest.raises(SMTPDataError) as caught,
            ):
                client.sendmail("a@unit.gov.cn", "office@163.com", MAIL)
            assert (caught.value.smtp_code, messages.count(store.db)) == (451, 0)
            with SMTP(HOST, listener.port, timeout=60) as client:
                client.sendmail("a@unit.gov.cn", "office@163.com", MAIL)
        assert messages.count(store.db) == 1

    def test_who_gave_up_waiting_harms_nobody(self, store: Store) -> None:
        keeper = Keeper(store.folder, store.blobs, lambda: AT, lambda: None)
        gone, there = keeper.keep(landed(store, MAIL, 1)), keeper.keep(landed(store, MAIL + b"x", 2))
        assert gone.cancel()
        with keeper:
            there.result(30)
        assert messages.count(store.db) == 2
