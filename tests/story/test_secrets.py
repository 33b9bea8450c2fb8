"""A mail that bears a 密级 mark: put aside at once, told to staff, its content told to nobody."""

import logging

import pytest

from storage import messages, search
from storage.model import MailOutcome
from tests.build import mails
from tests.build.mails import Draft
from tests.parsers.test_secrecy import document
from tests.story.office import LIBRARY, Office, everything

MINE = LIBRARY.fields.email or ""
TOLD = "某某工作方案"


def post(subject: str = "报送材料", text: str = "您好", files: tuple[tuple[str, bytes], ...] = ()) -> bytes:
    return mails.post(Draft(sender=MINE, subject=subject, text=text, files=files)).raw


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        pytest.param(post(f"【机密】{TOLD}"), "邮件主题", id="subject"),
        pytest.param(post(text=f"秘密★1年\n{TOLD}"), "邮件正文", id="body"),
        pytest.param(post(files=((f"{TOLD}（秘密）.docx", b"x"),)), "附件名称", id="name"),
        pytest.param(post(files=((f"{TOLD}.docx", document("机密★10年")),)), "附件", id="document"),
    ],
)
def test_it_is_put_aside_and_its_content_told_to_nobody(
    office: Office, raw: bytes, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        taken = office.take(raw)
    assert (taken.outcome, taken.letter, taken.applications) == (MailOutcome.QUARANTINED, None, ())
    assert [one.id for one in messages.secrets(office.store.db)] == [taken.message.id]
    (event,) = [row for row in office.store.db["audit"].rows if row["event"] == "secret-suspected"]
    assert where in event["detail"]
    kept = office.message(taken.message.id)
    assert (kept.subject, kept.sender) == (None, None)
    written = str([list(table.rows) for table in office.store.db.tables if table.name != "search"])
    assert TOLD not in written + caplog.text
    assert search.find(office.store.db, TOLD) == []


def test_once_a_person_cleared_it_it_is_judged_as_any_other(office: Office) -> None:
    raw = mails.mail(LIBRARY, attachments=everything(LIBRARY), subject="【秘密】申报材料").raw
    taken = office.take(raw)
    assert taken.outcome is MailOutcome.QUARANTINED
    with office.store.transaction():
        messages.clear_secret(office.store.db, taken.message.id)
        messages.reopen(office.store.db, taken.message.id, tries=0)
    assert office.take(raw).outcome is MailOutcome.APPLICATION


def test_facts_of_a_marked_file_are_not_kept(office: Office) -> None:
    taken = office.take(post(files=((f"{TOLD}.docx", document("绝密")),)))
    assert taken.outcome is MailOutcome.QUARANTINED
    assert office.store.db["facts"].count == 0
