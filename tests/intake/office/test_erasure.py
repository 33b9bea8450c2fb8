"""Erasing: the bytes are gone from the database and the blobs, what others need stays, and it is proved."""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from intake.decisions import Desk
from intake.office import erasure
from storage import (
    applications,
    audit,
    bindings,
    documents,
    facts,
    listeners,
    messages,
    outbox,
    search,
)
from storage.database import Store, open_store
from storage.driver import sqlite3
from storage.erasure import GONE
from storage.messages import Arrival
from storage.model import Clock, Door, LetterState, MailOutcome, State
from storage.verify import verify
from tests.bot import made
from tests.storage.made import letter

SECRETS = ("13812345678", "0558-5551234", "sunruoxi@example.cn", "孙若溪", "bzsrx_private", "借阅大厅三楼")
OTHER = "13998765432"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "data", patience=5) as opened:
        yield opened


def desk(store: Store) -> Desk:
    return Desk(store=store, campaign=made.CAMPAIGN, sender="bzscbk@163.com", by="王芳", now=made.NOW)


def keep(store: Store, text: str, sender: str, outcome: MailOutcome, days: int = 0) -> int:
    raw = text.encode()
    arrival = Arrival(
        sha256=store.blobs.keep(raw),
        size=len(raw),
        door=Door.FILE,
        origin=f"{text[:6]}.eml",
        received_at=made.NOW + timedelta(days=days),
        clock=Clock.RECEIVED,
        at=made.NOW,
    )
    with store.transaction() as db:
        number = messages.keep(db, arrival)[0].id
        messages.describe(
            db, number, message_id=f"<{number}@x>", sender=sender, subject=text, attachments_digest=None
        )
        messages.finish(db, number, outcome, None, made.NOW)
    return number


def applied(store: Store, number: int, mail: int, *told: str) -> None:
    """Keep an application that `mail` brought, with every trace that a real one leaves."""
    mobile, phone, email, contact, identifier, address = told
    one = made.application(number, "亳州图书馆发布", State.ACCEPTED)
    more = {"mobile": mobile, "phone": phone, "email": email, "contact": contact}
    fields = replace(one.fields, identifier=identifier, address=address, **more)
    one = replace(one, fields=fields, account_key=f"wechat:{identifier}", addresses=(email,))
    note = replace(made.NO_SEAL, fact=f"联系人{contact}", where=f"{contact}.docx")
    with store.transaction() as db:
        sha256 = store.blobs.keep(" ".join(told).encode())
        held = documents.add(db, mail, [(f"{contact}申报表.docx", "form", sha256)])
        facts.put(db, sha256, "1", json.dumps(told, ensure_ascii=False), made.NOW)
        applications.issue(db, "WM2022")
        applications.save(db, replace(one, problems=(note,)), message=mail, documents=held)
        applications.settle(db, one.receipt, "mobile", mobile, "王芳", made.NOW)
        audit.record(
            db,
            at=made.NOW,
            actor="王芳",
            event="set",
            receipt=one.receipt,
            detail={"field": "mobile", "from": None, "to": mobile, "problems": [f"seal-missing: {contact}"]},
        )
        audit.record(db, at=made.NOW, actor="sender", event="letter-refused", detail={"told": f"550 {email}"})
        outbox.queue(
            db,
            letter(f"mail-{number}", receipts=(one.receipt,), to=(email,), body=f"{contact}：\n{mobile}\n"),
        )


def campaign(store: Store) -> None:
    """Keep two applications, each of a mail of its own."""
    applied(store, 1, keep(store, " ".join(SECRETS), SECRETS[2], MailOutcome.APPLICATION), *SECRETS)
    other = (OTHER, "0558-5550000", "chen@example.cn", "陈晓", "bz_other", "芍花路1号")
    applied(store, 2, keep(store, " ".join(other), other[2], MailOutcome.APPLICATION), *other)


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def erased(store: Store, *receipts: str) -> tuple[erasure.Proof, bytes]:
    written: list[bytes] = []

    def keep_proof(text: bytes) -> str:
        written.append(text)
        return hashlib.sha256(text).hexdigest()

    here = desk(store)
    return erasure.erase(here, lambda: erasure.of_receipts(here, receipts), keep_proof), written[0]


def test_the_bytes_are_gone_and_what_is_public_or_anothers_stays(store: Store) -> None:
    campaign(store)
    keep(store, f"我的电话 {SECRETS[0]}", SECRETS[2], MailOutcome.QUERY)
    before = bytes_of(store.folder)
    assert all(one.encode() in before for one in SECRETS)
    proof, written = erased(store, "wm2022-0001")
    left = bytes_of(store.folder)
    assert [one for one in SECRETS if one.encode() in left] == []
    assert OTHER.encode() in left
    assert [one for one in SECRETS if one.encode() in written] == []
    one = applications.get(store.db, "WM2022-0001")
    assert one is not None
    assert (one.state, one.fields.name, one.fields.organizer) == (
        State.ACCEPTED,
        "亳州图书馆发布",
        "亳州市第1实验单位",
    )
    assert (one.fields.mobile, one.documents, one.addresses, one.decided) == (None, (), (), True)
    assert [problem.code for problem in one.problems] == ["seal-missing"]
    assert verify(store) == []
    assert search.find(store.db, "图书馆") == ["WM2022-0001", "WM2022-0002"]
    assert search.find(store.db, SECRETS[0]) == []
    assert (len(proof.mails), proof.documents, proof.letters, len(proof.blobs)) == (2, 1, 1, 2)


def test_chats_are_forgotten_unless_something_else_is_bound_to_them(store: Store) -> None:
    campaign(store)
    with store.transaction() as db:
        for chat, receipts in (("telegram:1", "1"), ("telegram:2", "12"), ("telegram:3", "")):
            listeners.trying(db, chat)
            for number in receipts:
                bindings.bind(db, chat, f"WM2022-000{number}", made.NOW)
        listeners.begin(db, "telegram:3", made.NOW.date())
    erased(store, "WM2022-0001")
    left = [row["chat"] for row in store.db["listeners"].rows]
    assert left == ["telegram:2", "telegram:3"]
    assert bindings.chats(store.db, "WM2022-0001") == []


def test_it_is_audited_with_the_digest_of_its_proof(store: Store) -> None:
    campaign(store)
    proof, written = erased(store, "WM2022-0001")
    assert json.loads(written)["receipts"] == list(proof.receipts) == ["WM2022-0001"]
    trail = audit.history(store.db, "WM2022-0001")
    assert trail[0].detail == {
        "field": "mobile",
        "from": None,
        "to": GONE,
        "problems": [f"seal-missing: {GONE}"],
        "erased": True,
    }
    assert (trail[-1].actor, trail[-1].event) == ("王芳", "erased")
    assert trail[-1].detail == {"proof": hashlib.sha256(written).hexdigest()}
    assert audit.history(store.db, "WM2022-0002")[0].detail["to"] == OTHER


def test_a_letter_to_them_goes_no_more(store: Store) -> None:
    campaign(store)
    erased(store, "WM2022-0001")
    first, second = outbox.every(store.db)
    assert (first.state, first.to, first.body) == (LetterState.FAILED, (), GONE)
    assert second.state is LetterState.QUEUED


def test_the_same_mail_is_not_taken_in_anew(store: Store) -> None:
    campaign(store)
    erased(store, "WM2022-0001")
    again = keep(store, " ".join(SECRETS), SECRETS[2], MailOutcome.APPLICATION)
    assert again == 1
    assert messages.count(store.db) == 2


def test_a_mail_that_brought_another_too_stays_until_that_is_erased(store: Store) -> None:
    mail = keep(store, " ".join((*SECRETS, OTHER)), "county@example.cn", MailOutcome.APPLICATION)
    applied(store, 1, mail, *SECRETS)
    applied(store, 2, mail, OTHER, "0558-5550000", "chen@example.cn", "陈晓", "bz_other", "芍花路1号")
    proof, _ = erased(store, "WM2022-0001")
    assert (proof.mails, proof.shared, proof.documents) == ((), (mail,), 1)
    assert verify(store) == []
    proof, _ = erased(store, "WM2022-0001", "WM2022-0002")
    assert (len(proof.mails), proof.shared) == (1, ())
    assert SECRETS[0].encode() not in bytes_of(store.folder)


def test_before_a_day_takes_what_waits_for_nobody(store: Store) -> None:
    campaign(store)
    old = keep(store, "旧的咨询", "who@example.cn", MailOutcome.INQUIRY, days=-30)
    late = keep(store, "新的咨询", "who@example.cn", MailOutcome.INQUIRY, days=30)
    waiting = keep(store, "隔离待查", "who@example.cn", MailOutcome.QUARANTINED, days=-30)
    found = erasure.before(desk(store), made.NOW + timedelta(days=1))
    assert (found.receipts, set(found.mails)) == (("WM2022-0001", "WM2022-0002"), {1, 2, old})
    assert {late, waiting}.isdisjoint(found.mails)
    assert erasure.before(desk(store), made.NOW - timedelta(days=5)).mails == (old,)
    assert erasure.proof_of(desk(store), found).waiting == 1


def test_the_trail_stays_append_only_for_all_else(store: Store) -> None:
    campaign(store)
    for change in (
        "UPDATE audit SET detail = '{}'",
        "UPDATE audit SET actor = 'x', detail = '{\"erased\":true}'",
        "DELETE FROM audit",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            store.db.execute(change)


def test_nothing_is_gone_where_the_proof_cannot_be_written(store: Store) -> None:
    campaign(store)
    here = desk(store)

    def full(_: bytes) -> str:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        erasure.erase(here, lambda: erasure.of_receipts(here, ("WM2022-0001",)), full)
    assert verify(store) == []
    assert SECRETS[0].encode() in bytes_of(store.folder)
