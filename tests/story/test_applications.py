"""What becomes of applications: from the bytes of a mail to the letter in the outbox."""

from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta, timezone

import pytest

from storage.model import Clock, LetterKind, MailOutcome, State
from tests.build import facts, mails
from tests.story.office import (
    LATE,
    LIBRARY,
    START,
    Office,
    codes,
    everything,
    form,
    licence,
    report,
)


def test_a_complete_application_is_acknowledged(office: Office) -> None:
    taken = office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw)
    (application,) = taken.applications
    assert taken.outcome is MailOutcome.APPLICATION
    assert (application.receipt, application.version, application.state) == ("WM2022-0001", 1, State.ACCEPTED)
    assert application.fields == LIBRARY.fields
    assert application.operator_code == LIBRARY.uscc
    assert taken.letter is not None
    assert taken.letter.kind is LetterKind.ACKNOWLEDGEMENT
    assert taken.letter.to == (LIBRARY.fields.email,)
    assert f"/start {application.token}" in taken.letter.body
    assert office.now("WM2022-0001") == application


def test_every_application_has_a_token_of_its_own_that_nobody_can_guess(office: Office) -> None:
    units = [LIBRARY, *(facts.applicant(number, platform="weibo") for number in (4, 5))]
    tokens = [
        office.take(mails.mail(one, attachments=[form(one)]).raw).applications[0].token for one in units
    ]
    bits = [8 * len(urlsafe_b64decode(token + "=" * (-len(token) % 4))) for token in tokens]
    assert min(bits) >= 60
    assert len({token[:4] for token in tokens}) == len(tokens)


def test_what_is_missing_is_asked_for_once_and_a_reply_mends_it(office: Office) -> None:
    first = office.take(mails.mail(LIBRARY, attachments=[form(LIBRARY)]).raw)
    assert first.letter is not None
    assert first.letter.kind is LetterKind.CORRECTION
    assert codes(first.applications[0]) == ["work-missing", "qualification-missing"]
    reply = mails.post(
        mails.Draft(
            sender=LIBRARY.fields.email or "",
            subject=f"回复：{first.letter.subject}",
            text="材料补上了。",
            files=(report(), licence(LIBRARY)),
            reply_to=first.letter.message_id,
        )
    )
    second = office.take(reply.raw)
    (mended,) = second.applications
    assert second.outcome is MailOutcome.SUPPLEMENT
    assert (mended.receipt, mended.version, mended.state) == ("WM2022-0001", 2, State.ACCEPTED)
    assert mended.fields == LIBRARY.fields
    assert [one.version for one in mended.documents] == [1, 2, 2]
    assert len(office.all()) == 1


def test_the_same_account_sent_again_is_a_new_version_never_a_rival(office: Office) -> None:
    office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw)
    again = office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY), subject="重新报送").raw)
    assert again.outcome is MailOutcome.SUPPLEMENT
    assert [(one.receipt, one.version, one.state) for one in again.applications] == [
        ("WM2022-0001", 2, State.ACCEPTED)
    ]


def test_the_same_account_by_another_submitter_is_rejected(office: Office) -> None:
    office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw)
    agent = facts.applicant(
        1, unit="company", platform="wechat", name=LIBRARY.fields.name, identifier=LIBRARY.fields.identifier
    )
    taken = office.take(mails.mail(agent, attachments=everything(agent)).raw)
    (application,) = taken.applications
    assert (application.state, codes(application)) == (State.REJECTED, ["duplicate-account"])
    assert taken.letter is not None
    assert taken.letter.kind is LetterKind.REJECTION
    assert office.now("WM2022-0001").state is State.ACCEPTED


def test_a_second_account_of_a_direct_unit_is_over_its_quota(office: Office) -> None:
    other = facts.applicant(0, platform="douyin", organizer=LIBRARY.fields.organizer)
    office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw)
    (application,) = office.take(mails.mail(other, attachments=everything(other)).raw).applications
    assert application.state is State.REJECTED
    assert {"quota-direct", "duplicate-operator"} <= set(codes(application))


def test_a_countys_fourth_account_is_over_its_quota(office: Office) -> None:
    states = []
    for number in (3, 4, 12, 14):
        who = facts.applicant(number, county="谯城区", platform="wechat")
        (application,) = office.take(mails.mail(who, attachments=everything(who)).raw).applications
        assert (application.channel, application.county) == ("county", "谯城区")
        states.append(application.state)
    assert states == [State.ACCEPTED] * 3 + [State.REJECTED]


def test_a_website_takes_no_place_of_its_operators_account(office: Office) -> None:
    site = facts.applicant(0, kind="website", organizer=LIBRARY.fields.organizer)
    office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw)
    (application,) = office.take(mails.mail(site, attachments=everything(site)).raw).applications
    assert "quota-direct" not in codes(application)
    assert "duplicate-operator" not in codes(application)


def test_what_was_answered_is_not_overturned_by_an_earlier_mail_judged_later(office: Office) -> None:
    office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw)
    agent = facts.applicant(
        1, unit="company", platform="wechat", name=LIBRARY.fields.name, identifier=LIBRARY.fields.identifier
    )
    earlier = START - timedelta(days=1)
    (application,) = office.take(mails.mail(agent, attachments=everything(agent)).raw, earlier).applications
    assert (application.state, codes(application)) == (State.REVIEWING, ["duplicate-account"])


@pytest.mark.parametrize(
    ("at", "clock", "state"),
    [
        pytest.param(LATE - timedelta(seconds=1), Clock.INTERNALDATE, State.ACCEPTED, id="the last second"),
        pytest.param(LATE, Clock.INTERNALDATE, State.REJECTED, id="the first moment that is late"),
        pytest.param(
            datetime(2022, 6, 3, 15, 59, 59, tzinfo=UTC), Clock.RECEIVED, State.ACCEPTED, id="in time by UTC"
        ),
        pytest.param(
            datetime(2022, 6, 3, 23, 0, tzinfo=timezone(timedelta(hours=7))),
            Clock.DATE,
            State.REJECTED,
            id="late from another zone",
        ),
        pytest.param(LATE, Clock.IMPORT, State.REVIEWING, id="late only by an import's clock"),
    ],
)
def test_the_deadline(office: Office, at: object, clock: Clock, state: State) -> None:
    office.clock = LATE
    raw = mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw
    (application,) = office.take(raw, at, clock).applications  # type: ignore[arg-type]  # parametrized
    assert application.state is state


def test_a_late_supplement_waits_for_a_person(office: Office) -> None:
    first = office.take(mails.mail(LIBRARY, attachments=[form(LIBRARY), report()]).raw)
    assert first.letter is not None
    supplement = mails.mail(
        LIBRARY, attachments=[licence(LIBRARY)], subject=f"补正 {first.letter.receipts[0]}"
    ).raw
    (application,) = office.take(supplement, LATE).applications
    assert (application.state, codes(application)) == (State.REVIEWING, ["late-supplement"])


def test_material_without_a_form_is_joined_by_its_form(office: Office) -> None:
    first = office.take(mails.mail(LIBRARY, attachments=[report(), licence(LIBRARY)]).raw)
    assert codes(first.applications[0]) == ["form-missing"]
    second = office.take(mails.mail(LIBRARY, attachments=[form(LIBRARY)], subject="申报表").raw)
    (application,) = second.applications
    assert (application.receipt, application.version, application.state) == ("WM2022-0001", 2, State.ACCEPTED)


def test_a_form_typed_into_the_body_counts(office: Office) -> None:
    fields = LIBRARY.fields
    text = (
        f"网站平台或账号名称：{fields.name}\n网站平台域名或账号ID：微信号：{fields.identifier}\n"
        f"类别：政府、新闻类（√）\n主办单位：{fields.organizer}\n通信地址：{fields.address}\n"
        f"负责人（联系人）：{fields.contact}\n手机号码：{fields.mobile}\n电子邮箱：{fields.email}\n"
    )
    (application,) = office.take(mails.mail(LIBRARY, text=text).raw).applications
    assert application.fields.name == fields.name
    assert application.fields.mobile == fields.mobile
    assert "form-missing" not in codes(application)
