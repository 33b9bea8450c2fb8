"""What kind of mail it is: strangers, robots, copies, wishes, and what nobody can read."""

import errno
import hashlib
import tracemalloc
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from intake import pipeline
from parsers.workers import Workers
from storage import messages
from storage.model import Code, LetterKind, LetterState, MailOutcome, State
from tests.build import archives, facts, mails
from tests.build.mails import Draft
from tests.story.office import LIBRARY, Office, codes, everything, form, licence, report

MINE = LIBRARY.fields.email or ""


def words(sender: str, subject: str, text: str = "您好", **more: object) -> bytes:
    return mails.post(Draft(sender=sender, subject=subject, text=text, **more)).raw  # type: ignore[arg-type]  # fields of Draft


def test_the_same_bytes_are_kept_once(office: Office) -> None:
    raw = mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw
    first, again = office.keep(raw), office.keep(raw)
    assert first.id == again.id
    assert len(list(pipeline.work_off(office.line))) == 1


def test_files_that_many_mails_bring_are_kept_and_read_once(office: Office) -> None:
    several = [facts.applicant(number, platform="wechat") for number in range(4)]
    same = (report(), ("说明.txt", "同一份说明".encode()))
    for who in several:
        office.take(mails.mail(who, attachments=(form(who), *same)).raw)
    assert len(office.all()) == len(several)
    assert len(list(office.store.blobs.every())) == 2 * len(several) + len(same)  # the mail and its form each
    assert office.store.db["facts"].count == len(several) + len(same)


def test_the_same_mail_by_another_door_is_a_duplicate(office: Office) -> None:
    raw = mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw
    office.take(raw)
    taken = office.take(b"Received: from elsewhere by us; Mon, 30 May 2022 09:00:00 +0800\r\n" + raw)
    assert (taken.outcome, taken.applications, taken.letter) == (MailOutcome.DUPLICATE, (), None)
    assert len(office.letters()) == 1


def test_a_mail_too_large_to_read_is_put_aside_unread(office: Office) -> None:
    kept = office.keep(words(MINE, "申报") + bytes(71 * 1024 * 1024))
    tracemalloc.start()
    taken = pipeline.take(office.line, kept)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (taken.outcome if taken else None) == MailOutcome.QUARANTINED
    assert peak < 1024 * 1024


def test_an_automatic_answer_is_ignored(office: Office) -> None:
    taken = office.take(b"Auto-Submitted: auto-replied\r\n" + words(MINE, "自动回复"))
    assert (taken.outcome, taken.letter) == (MailOutcome.IGNORED, None)


def test_a_scanners_form_is_taken_and_not_answered(office: Office) -> None:
    raw = mails.mail(LIBRARY, attachments=everything(LIBRARY), sender="noreply@scanner.example.cn").raw
    taken = office.take(raw)
    assert (taken.outcome, taken.letter) == (MailOutcome.APPLICATION, None)


def test_a_stranger_changes_nothing_and_learns_nothing(office: Office) -> None:
    office.take(mails.mail(LIBRARY, attachments=[form(LIBRARY)]).raw)
    before = office.now("WM2022-0001")
    raw = words("stranger@example.cn", "回复 WM2022-0001", files=(licence(LIBRARY),))
    taken = office.take(raw)
    assert taken.outcome is MailOutcome.INQUIRY
    assert office.now("WM2022-0001") == before
    assert taken.letter is not None
    assert taken.letter.kind is LetterKind.INQUIRY
    assert (LIBRARY.fields.name or "") not in taken.letter.body


def test_a_withdrawal_from_its_own_address(office: Office) -> None:
    office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw)
    taken = office.take(words(MINE, "撤回申报 WM2022-0001"))
    assert (taken.outcome, taken.letter and taken.letter.kind) == (
        MailOutcome.WITHDRAWAL,
        LetterKind.WITHDRAWAL,
    )
    assert office.now("WM2022-0001").state is State.WITHDRAWN
    again = office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY), subject="重新申报").raw)
    assert [(one.receipt, one.state) for one in again.applications] == [("WM2022-0002", State.ACCEPTED)]


def test_a_strangers_withdrawal_is_an_inquiry(office: Office) -> None:
    office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw)
    taken = office.take(words("stranger@example.cn", "撤回申报 WM2022-0001"))
    assert taken.outcome is MailOutcome.INQUIRY
    assert office.now("WM2022-0001").state is State.ACCEPTED


def test_a_query_is_told_how_its_own_applications_stand(office: Office) -> None:
    office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw)
    taken = office.take(words(MINE, "查询"))
    assert (taken.outcome, taken.letter and taken.letter.kind) == (MailOutcome.QUERY, LetterKind.STATUS)
    assert taken.letter is not None
    assert "WM2022-0001" in taken.letter.body
    assert office.take(words("stranger@example.cn", "查询")).outcome is MailOutcome.INQUIRY


def test_a_question_is_passed_on(office: Office) -> None:
    taken = office.take(words("someone@example.cn", "请问", "两个账号都能报吗？"))
    assert taken.outcome is MailOutcome.INQUIRY
    assert office.all() == []


def test_who_applied_is_not_told_how_to_apply(office: Office) -> None:
    office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw)
    for sender, told in ((MINE, False), ("someone@example.cn", True)):
        letter = office.take(words(sender, "请问", "纸质材料送到哪里？")).letter
        assert letter is not None
        assert ("如需参加" in letter.body) is told


@pytest.mark.parametrize("reply_to", ["other@elsewhere.example", f"{MINE}, other@elsewhere.example"])
def test_a_foreign_reply_to_holds_the_letter(office: Office, reply_to: str) -> None:
    raw = mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw
    taken = office.take(f"Reply-To: {reply_to}\r\n".encode() + raw)
    assert taken.letter is not None
    assert (taken.letter.state, taken.letter.to) == (LetterState.HELD, (MINE,))


def test_an_empty_file_is_quarantined(office: Office) -> None:
    taken = office.take(b"")
    assert (taken.outcome, taken.letter) == (MailOutcome.QUARANTINED, None)


def test_a_county_sends_two_applications_in_one_archive(office: Office) -> None:
    first, second = (facts.applicant(number, county="涡阳县", platform="wechat") for number in (3, 4))
    inside = [
        (f"{who.fields.name}/{name}", data) for who in (first, second) for name, data in everything(who)
    ]
    raw = mails.mail(first, attachments=[("涡阳县.zip", archives.zipped(tuple(inside)))]).raw
    taken = office.take(raw)
    assert [(one.fields.name, one.county, one.state) for one in taken.applications] == [
        (first.fields.name, "涡阳县", State.ACCEPTED),
        (second.fields.name, "涡阳县", State.ACCEPTED),
    ]
    assert taken.letter is not None
    assert taken.letter.receipts == ("WM2022-0001", "WM2022-0002")
    assert "attachment-unassigned" not in codes(taken.applications[0])


def test_mails_taken_together_are_judged_in_order_of_receipt(office: Office) -> None:
    agent = facts.applicant(
        1, unit="company", platform="wechat", name=LIBRARY.fields.name, identifier=LIBRARY.fields.identifier
    )
    first = office.keep(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw)
    earlier = first.received_at.replace(hour=1)
    office.keep(mails.mail(agent, attachments=everything(agent)).raw, earlier)
    taken = list(pipeline.work_off(office.line))
    assert [one.applications[0].fields.organizer for one in taken] == [
        agent.fields.organizer,
        LIBRARY.fields.organizer,
    ]
    assert taken[1].applications[0].state is State.REJECTED


def test_what_was_kept_and_not_judged_is_judged_after_a_restart(office: Office) -> None:
    office.keep(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw)
    assert office.all() == []
    assert [one.outcome for one in pipeline.work_off(office.line)] == [MailOutcome.APPLICATION]
    assert list(pipeline.work_off(office.line)) == []


def unreadable(path: Path) -> None:
    """As on a bad sector: reading raises OSError, and everything else on the disk is well."""
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "harm", [pytest.param(Path.unlink, id="lost"), pytest.param(unreadable, id="unreadable")]
)
def test_a_mail_that_fails_three_times_is_put_aside_and_the_queue_goes_on(
    office: Office, harm: Callable[[Path], None]
) -> None:
    broken = office.keep(mails.mail(LIBRARY, attachments=[report()]).raw)
    harm(office.store.blobs.path(broken.sha256))
    good = office.keep(words("someone@example.cn", "请问"))
    assert [one.message.id for one in pipeline.work_off(office.line)] == [good.id]
    for _ in range(2):
        list(pipeline.work_off(office.line))
    put_aside = office.message(broken.id)
    assert (put_aside.outcome, put_aside.tries) == (MailOutcome.QUARANTINED, 3)
    assert messages.waiting(office.store.db) == []


def test_no_letter_is_queued_when_none_is_wanted(office: Office) -> None:
    quiet = type(office.line)(
        store=office.store,
        reader=office.line.reader,
        campaign=office.line.campaign,
        sender=office.line.sender,
        now=office.line.now,
        replies=False,
    )
    office.keep(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw)
    (taken,) = pipeline.work_off(quiet)
    assert taken.letter is None
    assert office.letters() == []


def test_a_file_that_uses_up_its_time_is_asked_for_again_and_read_when_it_comes_again(
    tmp_path: Path, workers: Workers
) -> None:
    raw = mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw
    with Workers(1, seconds=0.001) as hurried, Office(tmp_path / "data", hurried) as office:
        (application,) = office.take(raw).applications
        assert set(codes(application)) >= {"form-missing", "attachment-unreadable"}
        assert application.state is State.CORRECTING
    with Office(tmp_path / "data", workers) as office:
        again = mails.mail(LIBRARY, attachments=everything(LIBRARY), subject="再发一次").raw
        (application,) = office.take(again).applications
        assert (application.version, application.state) == (2, State.ACCEPTED)


class Full:
    """A disk that takes no more: the outermost door, faked; the real one is tried in tests/storage."""

    def keeping(self, data: bytes) -> tuple[str, Future[None]]:
        refused: Future[None] = Future()
        refused.set_exception(OSError(errno.ENOSPC, "No space left on device"))
        return hashlib.sha256(data).hexdigest(), refused

    def read(self, _sha256: str) -> bytes:
        return mails.mail(LIBRARY, attachments=[report()]).raw


def test_a_full_disk_is_not_held_against_the_mail(office: Office) -> None:
    message = office.keep(mails.mail(LIBRARY, attachments=[report()]).raw)
    whole, office.store.blobs = office.store.blobs, Full()  # type: ignore[assignment]  # a fake at the door
    for _ in range(4):
        with pytest.raises(OSError, match="No space"):
            list(pipeline.work_off(office.line))
    office.store.blobs = whole
    assert (office.message(message.id).outcome, office.message(message.id).tries) == (None, 0)
    assert [one.outcome for one in pipeline.work_off(office.line)] == [MailOutcome.APPLICATION]


@pytest.mark.parametrize("first", ["爬.zip", "空.docx"])
def test_a_refused_member_and_an_empty_file_do_not_pass_for_each_other(office: Office, first: str) -> None:
    files = {"爬.zip": archives.climbing(), "空.docx": b""}
    ordered = sorted(files.items(), key=lambda one: one[0] != first)
    raw = mails.mail(LIBRARY, attachments=[*everything(LIBRARY), *ordered]).raw
    (application,) = office.take(raw).applications
    found = {problem.code: problem.file or "" for problem in application.problems}
    assert found[Code.ATTACHMENT_UNREADABLE] == "空.docx"
    assert found[Code.ATTACHMENT_UNSAFE].startswith("爬.zip")
