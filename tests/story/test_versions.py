"""Which application a mail belongs to: the same account again, corrected, completed, taken back, or a rival."""

from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from intake import decisions, pipeline
from storage.model import LetterKind, MailOutcome, State
from tests.build import archives, facts, mails, pictures, work
from tests.build.facts import Applicant
from tests.build.mails import Draft
from tests.story.office import (
    CAMPAIGN,
    LIBRARY,
    START,
    File,
    Office,
    codes,
    everything,
    form,
    licence,
    report,
)

MINE = LIBRARY.fields.email or ""


def apply(who: Applicant, subject: str, sender: str = MINE) -> bytes:
    """Return a mail of its own, not a reply, with all of `who`'s material."""
    files = [form(who), report(), licence(LIBRARY)]
    return mails.mail(who, attachments=files, subject=subject, sender=sender).raw


def answer(office: Office, text: str, *files: File, sender: str = MINE) -> bytes:
    """Return a reply to the office's last letter."""
    last = office.letters()[-1]
    draft = Draft(
        sender=sender, subject=f"回复：{last.subject}", text=text, files=files, reply_to=last.message_id
    )
    return mails.post(draft).raw


UNLABELLED = facts.applicant(0, platform="wechat", labelled=False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            facts.applicant(0, platform="wechat", organizer=None), LIBRARY, id="its organizer was missing"
        ),
        pytest.param(
            facts.applicant(0, platform="wechat", organizer="市图书馆"), LIBRARY, id="its organizer was short"
        ),
        pytest.param(UNLABELLED, LIBRARY, id="its platform was not stated"),
        pytest.param(LIBRARY, UNLABELLED, id="its platform is stated no more"),
        pytest.param(
            *[
                facts.applicant(
                    0,
                    platform="wechat",
                    county_opinion="同意推荐。",
                    organizer="某文化中心",
                    address="芍花路1号",
                )
            ]
            * 2,
            id="its county is unclear",
        ),
    ],
)
def test_the_same_account_from_the_same_address_is_a_new_version(
    office: Office, before: Applicant, after: Applicant
) -> None:
    office.take(apply(before, "报送"))
    again = office.take(apply(after, "重新报送"))
    assert [(one.receipt, one.version) for one in again.applications] == [("WM2022-0001", 2)]
    assert again.applications[0].state is not State.REJECTED


def test_a_countys_second_mail_that_says_nothing_of_the_county_keeps_it(office: Office) -> None:
    who = facts.applicant(
        3, platform="wechat", county="谯城区", county_opinion=None, county_opinion_date=None
    )
    office.take(
        mails.mail(
            who, attachments=everything(who), subject="谯城区委网信办报送", sender="wx@qc.example.cn"
        ).raw
    )
    raw = mails.mail(
        who, attachments=everything(who), subject="补报", text="请查收", sender="wx@qc.example.cn"
    ).raw
    (again,) = office.take(raw).applications
    assert (again.receipt, again.version, again.channel) == ("WM2022-0001", 2, "county")


def test_the_unit_itself_is_a_rival_of_its_county(office: Office) -> None:
    county = facts.applicant(3, platform="wechat", county="谯城区")
    office.take(mails.mail(county, attachments=everything(county), sender="wx@qc.example.cn").raw)
    direct = replace(
        county, county=None, fields=replace(county.fields, county_opinion=None, county_opinion_date=None)
    )
    (application,) = office.take(
        mails.mail(direct, attachments=everything(direct), subject="申报", text="见附件").raw
    ).applications
    assert (application.receipt, application.state) == ("WM2022-0002", State.REJECTED)
    assert "duplicate-account" in codes(application)


def test_an_identifier_mistyped_by_a_letter_is_for_a_person_to_compare(office: Office) -> None:
    office.take(apply(LIBRARY, "报送"))
    mended = facts.applicant(0, platform="wechat", identifier=f"{LIBRARY.fields.identifier}6")
    (application,) = office.take(apply(mended, "更正后重报")).applications
    assert application.state is State.REVIEWING
    assert {"quota-direct", "duplicate-operator"} == set(codes(application))


def test_a_form_of_another_name_and_identifier_is_another_account(office: Office) -> None:
    office.take(apply(LIBRARY, "报送"))
    other = facts.applicant(0, platform="wechat", name="亳州少儿阅读", identifier="shaoer2022")
    (application,) = office.take(answer(office, "另报一个", form(other))).applications
    assert (application.receipt, application.state) == ("WM2022-0002", State.REJECTED)


def test_a_reply_with_a_changed_identifier_and_the_same_name_is_a_new_version(office: Office) -> None:
    office.take(apply(LIBRARY, "报送"))
    changed = facts.applicant(0, platform="wechat", identifier="quitebother")
    (application,) = office.take(answer(office, "账号ID有变", form(changed))).applications
    assert (application.receipt, application.version, application.fields.identifier) == (
        "WM2022-0001",
        2,
        "quitebother",
    )


def test_a_form_in_reply_to_a_withdrawal_applies_anew(office: Office) -> None:
    office.take(apply(LIBRARY, "报送"))
    office.take(mails.post(Draft(sender=MINE, subject="撤回申报 WM2022-0001", text="撤回")).raw)
    (application,) = office.take(answer(office, "重新申报", *everything(LIBRARY))).applications
    assert (application.receipt, application.state) == ("WM2022-0002", State.ACCEPTED)


def test_a_withdrawal_may_come_with_an_offices_letter(office: Office) -> None:
    office.take(apply(LIBRARY, "报送"))
    raw = mails.post(
        Draft(
            sender=MINE, subject="关于撤回申报的函", text="详见附件。", files=(("撤回函.docx", report()[1]),)
        )
    ).raw
    assert office.take(raw).outcome is MailOutcome.WITHDRAWAL
    assert office.now("WM2022-0001").state is State.WITHDRAWN


def test_a_withdrawal_takes_back_what_its_words_name(office: Office) -> None:
    office.take(apply(LIBRARY, "报送"))
    raw = mails.post(Draft(sender=MINE, subject="撤回申报", text="请撤回 WM2022-0007。")).raw
    assert office.take(raw).outcome is MailOutcome.INQUIRY
    assert office.now("WM2022-0001").state is State.ACCEPTED


def two_of_a_county(office: Office) -> tuple[Applicant, Applicant]:
    first, second = (facts.applicant(number, county="涡阳县", platform="wechat") for number in (3, 4))
    inside = [
        (f"{who.fields.name}/{name}", data)
        for who, files in ((first, everything(first)), (second, everything(second)[:2]))
        for name, data in files
    ]
    office.take(mails.mail(first, attachments=[("涡阳县.zip", archives.zipped(tuple(inside)))]).raw)
    assert [one.state for one in office.all()] == [State.ACCEPTED, State.CORRECTING]
    return first, second


def test_a_supplement_to_several_goes_to_the_one_that_it_names(office: Office) -> None:
    first, second = two_of_a_county(office)
    taken = office.take(answer(office, "补上", licence(second), sender=first.fields.email or ""))
    assert [(one.receipt, one.version, one.state) for one in taken.applications] == [
        ("WM2022-0002", 2, State.ACCEPTED)
    ]
    assert office.now("WM2022-0001").version == 1


def test_a_supplement_to_several_goes_to_the_one_that_was_asked(office: Office) -> None:
    first, _ = two_of_a_county(office)
    taken = office.take(answer(office, "补上", ("照片.docx", report()[1]), sender=first.fields.email or ""))
    assert [one.receipt for one in taken.applications] == ["WM2022-0002"]


def test_material_from_an_address_of_several_goes_to_the_one_that_it_names(office: Office) -> None:
    first, second = two_of_a_county(office)
    sender = first.fields.email or ""
    named = mails.post(Draft(sender=sender, subject="补材料", files=(licence(second),))).raw
    assert [(one.receipt, one.state) for one in office.take(named).applications] == [
        ("WM2022-0002", State.ACCEPTED)
    ]
    silent = mails.post(
        Draft(sender=sender, subject="补材料二", files=(("补充.docx", report(seed=8)[1]),))
    ).raw
    assert office.take(silent).outcome is MailOutcome.INQUIRY


def test_a_form_in_reply_to_several_is_of_its_own_account(office: Office) -> None:
    first, second = two_of_a_county(office)
    mended = replace(second, fields=replace(second.fields, mobile="13800138000"))
    (taken,) = office.take(answer(office, "更正", form(mended), sender=first.fields.email or "")).applications
    assert (taken.receipt, taken.version, taken.fields.mobile) == ("WM2022-0002", 2, "13800138000")


def test_a_supplement_leaves_the_channel_in_doubt(office: Office) -> None:
    who = facts.applicant(
        0, platform="wechat", county_opinion="同意推荐。", organizer="某文化中心", address="芍花路1号"
    )
    office.take(mails.mail(who, attachments=[form(who), report()]).raw)
    (application,) = office.take(
        answer(office, "补上", licence(who), sender=who.fields.email or "")
    ).applications
    assert codes(application) == ["channel-unclear"]


def test_a_mail_whose_server_wants_no_automatic_answer_is_taken_and_not_answered(office: Office) -> None:
    office.take(apply(LIBRARY, "报送"))
    raw = mails.post(
        Draft(sender=MINE, subject="撤回申报", text="撤回申报", extra=("X-Auto-Response-Suppress: DR, OOF",))
    ).raw
    taken = office.take(raw)
    assert (taken.outcome, taken.letter) == (MailOutcome.WITHDRAWAL, None)


def test_what_a_scanner_sends_is_never_ignored(office: Office) -> None:
    raw = mails.post(
        Draft(sender="noreply@scanner.example.cn", subject="扫描", files=(licence(LIBRARY),))
    ).raw
    taken = office.take(raw)
    assert (taken.outcome, taken.letter) == (MailOutcome.APPLICATION, None)
    assert "form-missing" in codes(taken.applications[0])


def test_an_earlier_version_is_not_late_by_a_later_one(office: Office) -> None:
    office.take(apply(LIBRARY, "报送"))
    taken = office.take(apply(LIBRARY, "再次报送"), START + timedelta(days=30))
    assert taken.letter is not None
    assert (taken.applications[0].state, taken.letter.kind) == (State.REVIEWING, LetterKind.ACKNOWLEDGEMENT)


def test_pictures_that_were_missing_are_added_to_the_case(office: Office) -> None:
    case = ("工作材料.docx", work.docx(work.Work(words=600, pictures=2)))
    office.take(mails.mail(LIBRARY, attachments=[form(LIBRARY), case, licence(LIBRARY)]).raw)
    captions = ("补充图片.docx", work.docx(work.Work(words=20, pictures=1, seed=9)))
    (application,) = office.take(answer(office, "补图", captions)).applications
    assert (application.version, application.state, codes(application)) == (2, State.ACCEPTED, [])


def test_a_case_told_again_replaces_the_one_that_was_too_long(office: Office) -> None:
    long = ("工作材料.docx", work.docx(work.Work(words=1501, pictures=3)))
    office.take(mails.mail(LIBRARY, attachments=[form(LIBRARY), long, licence(LIBRARY)]).raw)
    (application,) = office.take(answer(office, "改短了", report())).applications
    assert (application.version, application.state, codes(application)) == (2, State.ACCEPTED, [])


def test_the_attached_page_is_the_summary(office: Office) -> None:
    who = facts.with_written(facts.applicant(0, platform="wechat", summary=None), summary="见附页")
    page = ("附页（主要情况）.docx", work.docx(work.Work(words=500, pictures=0, seed=5)))
    raw = mails.mail(who, attachments=[form(who), page, report(), licence(who)]).raw
    (application,) = office.take(raw).applications
    assert codes(application) == []
    assert application.fields.summary is not None
    assert application.fields.summary.startswith("网络文明建设工作材料\n")


def typed(who: Applicant) -> str:
    fields = who.fields
    return (
        f"网站平台或账号名称：{fields.name}\n网站平台域名或账号ID：微信号：{fields.identifier}\n"
        f"类别：政府、新闻类（√）\n主办单位：{fields.organizer}\n通信地址：{fields.address}\n"
        f"负责人（联系人）：{fields.contact}\n手机号码：{fields.mobile}\n电子邮箱：{fields.email}\n"
    )


def test_a_form_typed_into_a_mail_that_was_passed_on_counts(office: Office) -> None:
    before = "-----原始邮件-----\n发件人: tsg@bz.example.cn\n发送时间: 2022年5月30日\n主题: 申报\n\n"
    draft = Draft(sender="wx@qc.example.cn", subject="转发：申报", text=f"请查收\n\n{before}{typed(LIBRARY)}")
    taken = office.take(mails.post(draft).raw)
    assert (taken.outcome, taken.applications[0].fields.name) == (
        MailOutcome.APPLICATION,
        LIBRARY.fields.name,
    )


def test_photos_pasted_into_the_text_are_pictures_of_the_case(office: Office) -> None:
    text_only = ("工作材料.docx", work.docx(work.Work(words=600, pictures=0)))
    photos = [pictures.photo(seed) for seed in range(3)]
    raw = mails.pasted(LIBRARY, photos, attachments=[form(LIBRARY), text_only, licence(LIBRARY)])
    (application,) = office.take(raw).applications
    assert (application.state, codes(application)) == (State.ACCEPTED, [])


def test_what_a_mail_program_adds_is_no_material(office: Office) -> None:
    card = ("名片.vcf", "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:张三\r\nEND:VCARD\r\n".encode())
    raw = mails.post(Draft(sender="someone@example.cn", subject="谢谢", text="谢谢", files=(card,))).raw
    assert office.take(raw).outcome is MailOutcome.INQUIRY


def test_cells_that_name_no_account_make_no_rivals(office: Office) -> None:
    for number in (0, 1):
        who = facts.with_written(facts.applicant(number, platform="wechat"), identifier="微信公众号")
        (application,) = office.take(mails.mail(who, attachments=everything(who)).raw).applications
        assert (application.state, codes(application)) == (State.CORRECTING, ["field-invalid"])


def desk(office: Office) -> decisions.Desk:
    return decisions.Desk(
        store=office.store, campaign=CAMPAIGN, sender="bzscbk@163.com", by="王芳", now=office.clock
    )


def test_what_staff_rejected_stays_so_and_they_write_to_who_sent_it(office: Office) -> None:
    office.take(apply(LIBRARY, "报送", sender="zz@other.example.cn"))
    decisions.reject(desk(office), "WM2022-0001", "账号已停止更新")
    assert office.letters()[-1].to == ("zz@other.example.cn",)
    taken = office.take(apply(LIBRARY, "再报", sender="zz@other.example.cn"))
    assert (taken.applications[0].version, taken.applications[0].state) == (2, State.REJECTED)
    assert taken.letter is not None
    assert taken.letter.kind is LetterKind.REJECTION


def test_what_staff_accepted_stays_so_when_more_comes_without_a_form(office: Office) -> None:
    office.take(mails.mail(LIBRARY, attachments=[form(LIBRARY), report()]).raw)
    decisions.accept(desk(office), "WM2022-0001")
    (application,) = office.take(answer(office, "补一份", report(seed=2))).applications
    assert (application.version, application.state) == (2, State.ACCEPTED)


def test_a_known_sender_of_the_same_county_may_supplement(office: Office) -> None:
    first, second = two_of_a_county(office)
    line = msgspec.structs.replace(
        office.line, campaign=replace(CAMPAIGN, senders={"gy@wx.example.cn": "涡阳县"})
    )
    message = office.keep(answer(office, "补上", licence(second), sender="GY@wx.example.cn"))
    taken = pipeline.take(line, message)
    assert taken is not None
    assert [(one.receipt, one.state) for one in taken.applications] == [("WM2022-0002", State.ACCEPTED)]
    assert first.fields.email
