"""What comes from an address that an application does not know: kept beside it, told to staff, one action settles it."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from intake import attaching, decisions
from intake.decisions import NotPossible
from storage import audit, pending
from storage.model import LetterKind, MailOutcome, State
from storage.verify import verify
from tests.build import facts, mails
from tests.build.facts import Applicant
from tests.build.mails import Draft
from tests.story.office import LATE, LIBRARY, Office, codes, desk, everything, form, licence, report

MINE = LIBRARY.fields.email or ""
OTHER = "chen.private@mail.example.cn"
RENAMED = replace(LIBRARY, fields=replace(LIBRARY.fields, mobile="13800138000"))


def sent(who: Applicant, sender: str = OTHER, subject: str = "报送") -> bytes:
    files = [form(who), report(), licence(LIBRARY)]
    return mails.mail(who, attachments=files, subject=subject, sender=sender).raw


def events(office: Office, receipt: str | None = None) -> list[str]:
    return [one.event for one in audit.since(office.store.db, 0) if receipt in (None, one.receipt)]


def test_a_new_version_from_an_unknown_address_changes_nothing_until_staff_confirm_it(office: Office) -> None:
    office.take(sent(LIBRARY, sender=MINE))
    before = office.now("WM2022-0001")
    taken = office.take(sent(RENAMED))
    (told,) = taken.applications
    now = office.now("WM2022-0001")
    assert taken.outcome is MailOutcome.SUPPLEMENT
    assert (told.version, told.state, codes(told)) == (1, State.REVIEWING, ["version-unconfirmed"])
    assert (now.fields, now.documents, now.addresses) == (before.fields, before.documents, before.addresses)
    assert verify(office.store) == []

    confirmed = attaching.take(desk(office), office.line.reader, "WM2022-0001", taken.message.id)
    assert (confirmed.version, confirmed.state, codes(confirmed)) == (2, State.ACCEPTED, [])
    assert confirmed.fields.mobile == "13800138000"
    assert pending.every(office.store.db) == []
    again = office.take(sent(LIBRARY))
    assert (again.applications[0].version, codes(again.applications[0])) == (3, [])


def test_a_new_version_that_staff_refuse_leaves_everything_as_it_was(office: Office) -> None:
    office.take(sent(LIBRARY, sender=MINE))
    before = office.now("WM2022-0001")
    taken = office.take(sent(RENAMED))
    assert attaching.refuse(desk(office), "wm2022-0001", taken.message.id) == before
    assert office.now("WM2022-0001") == before
    with pytest.raises(NotPossible, match="没有在等待"):
        attaching.refuse(desk(office), "WM2022-0001", taken.message.id)
    assert office.letters()[-1].kind is LetterKind.INQUIRY


def test_who_sent_it_learns_nothing_of_the_application(office: Office) -> None:
    office.take(sent(LIBRARY, sender=MINE))
    letter = office.take(sent(RENAMED)).letter
    assert letter is not None
    assert (letter.kind, letter.receipts, letter.to) == (LetterKind.INQUIRY, (), (OTHER,))
    for secret in ("WM2022", "/start", LIBRARY.fields.contact or "", "版"):
        assert secret not in letter.body


@pytest.mark.parametrize(
    ("state", "decide"),
    [
        pytest.param(State.ACCEPTED, lambda at: decisions.accept(at, "WM2022-0001"), id="accepted"),
        pytest.param(State.REJECTED, lambda at: decisions.reject(at, "WM2022-0001", "停更"), id="rejected"),
    ],
)
def test_what_staff_decided_no_stranger_moves(office: Office, state: State, decide: object) -> None:
    office.take(mails.mail(LIBRARY, attachments=[form(LIBRARY)]).raw)
    decide(desk(office))  # type: ignore[operator]  # parametrized
    office.take(sent(RENAMED))
    assert office.now("WM2022-0001").state is state
    assert "version-unconfirmed" in events(office, "WM2022-0001")


def test_what_is_still_to_mend_stays_so(office: Office) -> None:
    office.take(mails.mail(LIBRARY, attachments=[form(LIBRARY), report()]).raw)
    office.take(sent(RENAMED))
    now = office.now("WM2022-0001")
    assert (now.state, codes(now)) == (State.CORRECTING, ["qualification-missing", "version-unconfirmed"])


def test_it_still_waits_after_a_supplement_of_the_owners(office: Office) -> None:
    office.take(mails.mail(LIBRARY, attachments=[form(LIBRARY), report()]).raw)
    taken = office.take(sent(RENAMED))
    (now,) = office.take(
        mails.mail(LIBRARY, attachments=[licence(LIBRARY)], subject="补正 WM2022-0001").raw
    ).applications
    assert (now.state, codes(now)) == (State.REVIEWING, ["version-unconfirmed"])
    confirmed = attaching.take(desk(office), office.line.reader, "WM2022-0001", taken.message.id)
    assert (confirmed.version, codes(confirmed)) == (3, [])


@pytest.mark.parametrize(
    ("sender", "senders"),
    [
        pytest.param("first@lib.example.cn", {}, id="the address it came from"),
        pytest.param("gy@lib.example.cn", {"gy@lib.example.cn": LIBRARY.fields.organizer}, id="known sender"),
        pytest.param(MINE, {}, id="the e-mail of its form"),
    ],
)
def test_an_address_that_the_application_knows_brings_a_new_version_at_once(
    office: Office, sender: str, senders: dict[str, str]
) -> None:
    office.take(sent(LIBRARY, sender="first@lib.example.cn"))
    office.line = replace(office.line, campaign=replace(office.line.campaign, senders=senders))
    (now,) = office.take(sent(RENAMED, sender=sender, subject="再报")).applications
    assert (now.version, now.fields.mobile, codes(now)) == (2, "13800138000", [])


def test_confirmed_after_the_deadline_it_counts_from_when_it_came(office: Office) -> None:
    office.take(sent(LIBRARY, sender=MINE))
    taken = office.take(sent(RENAMED))
    office.clock = LATE + timedelta(days=2)
    confirmed = attaching.take(desk(office), office.line.reader, "WM2022-0001", taken.message.id)
    assert (confirmed.version, codes(confirmed)) == (2, [])


def test_a_strangers_supplement_is_kept_and_staff_take_it_in(office: Office) -> None:
    office.take(mails.mail(LIBRARY, attachments=[form(LIBRARY), report()]).raw)
    draft = Draft(sender=OTHER, subject="补正 WM2022-0001", text="见附件", files=(licence(LIBRARY),))
    taken = office.take(mails.post(draft).raw)
    assert (taken.outcome, codes(office.now("WM2022-0001"))) == (
        MailOutcome.INQUIRY,
        ["qualification-missing"],
    )
    assert [(one.message, one.renews) for one in pending.offers(office.store.db, "WM2022-0001")] == [
        (taken.message.id, False)
    ]
    now = attaching.take(desk(office), office.line.reader, "WM2022-0001", taken.message.id)
    assert (now.version, now.state, codes(now)) == (2, State.ACCEPTED, [])
    letter = office.letters()[-1]
    assert (letter.kind, "资质证明已收到" in letter.body) == (LetterKind.DECISION, True)


def test_a_stranger_who_answers_our_letter_with_another_account_applies_himself(office: Office) -> None:
    office.take(sent(LIBRARY, sender=MINE))
    other = facts.applicant(4, platform="wechat")
    answered = office.letters()[-1]
    draft = Draft(
        sender=other.fields.email or "",
        subject=f"转发：{answered.subject}",
        text="我单位的申报材料",
        files=tuple(everything(other)),
        reply_to=answered.message_id,
    )
    taken = office.take(mails.post(draft).raw)
    assert [(one.receipt, one.version) for one in taken.applications] == [("WM2022-0002", 1)]
    assert office.now("WM2022-0001").version == 1


def test_a_stranger_who_answers_our_letter_with_its_own_form_changes_nothing(office: Office) -> None:
    office.take(sent(LIBRARY, sender=MINE))
    before = office.now("WM2022-0001")
    taken = office.take(sent(RENAMED, subject="更正 WM2022-0001"))
    assert (taken.outcome, office.now("WM2022-0001")) == (MailOutcome.INQUIRY, before)
    now = attaching.take(desk(office), office.line.reader, "WM2022-0001", taken.message.id)
    assert (now.version, now.fields.mobile) == (2, "13800138000")


def test_one_mail_with_a_strangers_version_and_a_new_account_is_answered_for_the_new_one_only(
    office: Office,
) -> None:
    office.take(sent(LIBRARY, sender=MINE))
    other = facts.applicant(4, platform="wechat")
    files = [form(RENAMED), form(other)]
    taken = office.take(mails.mail(other, attachments=files, sender=OTHER).raw)
    found: list[tuple[str, int, bool]] = [
        (one.receipt, one.version, "version-unconfirmed" in codes(one)) for one in taken.applications
    ]
    assert found == [("WM2022-0002", 1, False), ("WM2022-0001", 1, True)]
    assert taken.letter is not None
    assert taken.letter.receipts == ("WM2022-0002",)
    assert "WM2022-0001" not in taken.letter.body
