"""Cloud links in place of files: kept and told, never fetched, and the file itself settles it."""

import email
import email.policy

from intake import decisions
from storage.model import LetterKind, MailOutcome, State
from tests.build import facts, mails
from tests.build.facts import Applicant
from tests.build.mails import Draft
from tests.story.office import CAMPAIGN, LIBRARY, File, Office, codes, form, licence, report

MINE = LIBRARY.fields.email or ""
QQ = """您好，材料请见超大附件。

从QQ邮箱发来的超大附件

{name} (1.20G, 2022年06月24日 09:00 到期)进入下载页面：http://mail.qq.com/cgi-bin/ftnExs_download?k=1&code=2
"""


def linking(name: str, *files: File, who: Applicant = LIBRARY, subject: str = "报送") -> bytes:
    return mails.mail(who, attachments=files, subject=subject, text=QQ.format(name=name)).raw


def test_a_mail_with_only_a_link_is_an_application_whose_material_staff_fetch(office: Office) -> None:
    taken = office.take(linking("申报材料.zip"))
    (application,) = taken.applications
    assert (taken.outcome, application.state) == (MailOutcome.APPLICATION, State.CORRECTING)
    assert codes(application) == ["form-missing", "attachment-linked"]
    assert [one.file for one in application.documents] == ["申报材料.zip.链接.txt"]
    kept = office.store.blobs.read(application.documents[0].sha256).decode()
    assert "ftnExs_download?k=1&code=2" in kept
    assert taken.letter is not None
    assert "申报材料.zip —— 超大附件链接（文件本身没有随邮件发来）" in taken.letter.body
    assert "链接2022年6月24日 09:00到期" in taken.letter.body
    assert "http" not in taken.letter.body


def test_the_work_only_linked_waits_for_staff_also_when_judged_anew(office: Office) -> None:
    taken = office.take(linking("展示视频.mp4", form(LIBRARY), licence(LIBRARY)))
    assert [(one.state, codes(one)) for one in taken.applications] == [
        (State.REVIEWING, ["attachment-linked"])
    ]
    desk = decisions.Desk(
        store=office.store, campaign=CAMPAIGN, sender="bzscbk@163.com", by="王芳", now=office.clock
    )
    again = decisions.reopen(desk, office.line.reader, "WM2022-0001")
    assert (again.state, codes(again)) == (State.REVIEWING, ["attachment-linked"])


def test_the_applicant_sends_the_file_instead(office: Office) -> None:
    taken = office.take(linking("工作材料.docx", form(LIBRARY), licence(LIBRARY)))
    assert taken.letter is not None
    draft = Draft(
        sender=MINE,
        subject=f"回复：{taken.letter.subject}",
        text="直接发来",
        files=(report(),),
        reply_to=taken.letter.message_id,
    )
    (application,) = office.take(mails.post(draft).raw).applications
    assert (application.version, application.state, codes(application)) == (2, State.ACCEPTED, [])


def test_an_answer_that_only_quotes_a_link_brings_nothing(office: Office) -> None:
    taken = office.take(linking("展示视频.mp4", form(LIBRARY), licence(LIBRARY)))
    assert taken.letter is not None
    quoted = QQ.format(name="展示视频.mp4").replace("\n", "\n> ")
    draft = Draft(
        sender=MINE,
        subject=f"回复：{taken.letter.subject}",
        text=f"查询\n\n在 2022年5月30日 09:00，我写道：\n> {quoted}",
        reply_to=taken.letter.message_id,
    )
    again = office.take(mails.post(draft).raw)
    assert (again.outcome, again.letter and again.letter.kind) == (MailOutcome.QUERY, LetterKind.STATUS)


def test_a_link_in_a_forwarded_mail_counts(office: Office) -> None:
    inner = email.message_from_bytes(linking("申报材料.zip"), policy=email.policy.default)
    outer = email.message.EmailMessage()
    outer["From"], outer["To"], outer["Subject"] = MINE, "bzscbk@163.com", "转发：报送"
    outer.set_content("见转发的邮件")
    outer.add_attachment(inner)
    (application,) = office.take(outer.as_bytes()).applications
    assert codes(application) == ["form-missing", "attachment-linked"]


def test_one_mail_of_two_applications_names_a_link_that_nobody_owns(office: Office) -> None:
    other = facts.applicant(4, platform="wechat")
    taken = office.take(linking("材料.zip", form(LIBRARY), form(other)))
    assert all(
        {"attachment-linked", "attachment-unassigned"} <= set(codes(one)) for one in taken.applications
    )
