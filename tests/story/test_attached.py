"""Material that staff take in by hand, and what it settles."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
from msgspec.structs import replace

from bot.access import Desk as ChatDesk
from bot.access import Person, Role
from bot.commands import answer, pressed
from intake import attaching, undoing
from intake.decisions import NoSuchReceipt, NotPossible
from storage import applications, audit, outbox
from storage.model import LetterKind, LetterState, State
from storage.verify import verify
from tests.build import archives, facts, mails
from tests.build.mails import Draft
from tests.story.office import (
    CAMPAIGN,
    LATE,
    LIBRARY,
    File,
    Office,
    codes,
    desk,
    everything,
    form,
    licence,
    report,
)

QQ = """从QQ邮箱发来的超大附件

{name} (1.20G, 2022年06月24日 09:00 到期)进入下载页面：http://mail.qq.com/cgi-bin/ftnExs_download?k=1&code=2
"""


def test_what_came_on_a_stick_fills_what_was_missing_and_the_unit_is_told(office: Office) -> None:
    office.take(mails.mail(LIBRARY, attachments=[form(LIBRARY)]).raw)
    files = [("U盘/资质.zip", archives.zipped((licence(LIBRARY),))), report()]
    office.clock = LATE
    now = attaching.attach(desk(office), office.line.reader, "WM2022-0001", files)
    assert (now.version, now.state, codes(now)) == (2, State.ACCEPTED, [])
    assert office.now("WM2022-0001") == now
    assert [one.file for one in now.documents if one.version == 2] == [
        "U盘/资质.zip",
        f"U盘/资质.zip/{licence(LIBRARY)[0]}",
        "工作材料.docx",
    ]
    letter = office.letters()[-1]
    assert (letter.kind, letter.receipts, letter.in_reply_to) == (LetterKind.DECISION, ("WM2022-0001",), None)
    for said in ("工作材料已收到", "资质证明已收到", "电子材料没有发现需要补正的内容"):
        assert said in letter.body
    events = [(one.actor, one.event) for one in audit.history(office.store.db, "WM2022-0001")]
    assert ("王芳", "attached") in events
    assert verify(office.store) == []


def test_a_form_fills_an_application_that_had_none(office: Office) -> None:
    office.take(mails.mail(LIBRARY, attachments=[report(), licence(LIBRARY)]).raw)
    now = attaching.attach(desk(office), office.line.reader, "wm2022-0001", [form(LIBRARY)])
    assert (now.state, now.fields, now.submitter) == (
        State.ACCEPTED,
        LIBRARY.fields,
        LIBRARY.fields.organizer,
    )


def test_what_changes_nothing_is_not_written_about(office: Office) -> None:
    office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw)
    attaching.attach(desk(office), office.line.reader, "WM2022-0001", [report(seed=4)])
    assert [one.kind for one in office.letters()] == [LetterKind.ACKNOWLEDGEMENT]


def test_what_does_not_fit_is_refused_and_leaves_no_trace(office: Office) -> None:
    office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw)
    office.take(mails.mail(LIBRARY, attachments=[report(seed=7)], sender="other@example.cn").raw)
    before = office.all()
    stranger = facts.applicant(4, platform="wechat")
    reader = office.line.reader
    for receipt, files, why in (
        ("WM2022-0001", [form(stranger)], "不是同一个"),
        ("WM2022-0002", [form(LIBRARY)], "已由同一单位申报（WM2022-0001）"),
        ("WM2022-0001", [], "没有可以登记的文件"),
    ):
        with pytest.raises(NotPossible, match=why):
            attaching.attach(desk(office), reader, receipt, files)
    with pytest.raises(NoSuchReceipt):
        attaching.attach(desk(office), reader, "WM2022-0009", [report()])
    assert office.all() == before


@pytest.mark.parametrize(
    ("link", "file", "settled"),
    [
        pytest.param("工作材料.docx", report(), True, id="of the same name"),
        pytest.param("申报材料.zip", ("报告(1).docx", report()[1]), True, id="what was packed in it"),
        pytest.param("案例.docx", ("报告.docx", report()[1]), True, id="of the same kind"),
        pytest.param("展示视频.mp4", licence(LIBRARY), False, id="something else"),
    ],
)
def test_a_link_is_settled_by_the_file_that_staff_fetched(
    office: Office, link: str, file: File, settled: bool
) -> None:
    text = QQ.format(name=link)
    office.take(mails.mail(LIBRARY, attachments=[form(LIBRARY), licence(LIBRARY)], text=text).raw)
    assert "attachment-linked" in codes(office.now("WM2022-0001"))
    now = attaching.attach(desk(office), office.line.reader, "WM2022-0001", [file])
    assert ("attachment-linked" not in codes(now)) is settled
    assert now.state is (State.ACCEPTED if settled else State.REVIEWING)


def two_with_an_unknown_picture(office: Office) -> str:
    """Take a mail of two applications and a licence that names neither; return the licence's name."""
    first, second = (facts.applicant(number, county="涡阳县", platform="wechat") for number in (3, 4))
    nobody = facts.applicant(9, unit="company")
    inside = [
        (f"{who.fields.name}/{name}", data)
        for who in (first, second)
        for name, data in (form(who), report(seed=int(who.fields.mobile or "1") % 50))
    ]
    unknown = ("扫描件0007.pdf", licence(nobody)[1])
    files = [("涡阳县.zip", archives.zipped(tuple(inside))), unknown]
    office.take(mails.mail(first, attachments=files, subject="涡阳县委网信办报送").raw)
    return unknown[0]


def test_a_file_nobody_can_assign_stays_so_until_one_answer_settles_it(office: Office) -> None:
    unknown = two_with_an_unknown_picture(office)
    receipts = ("WM2022-0001", "WM2022-0002")
    for receipt in receipts:
        assert "attachment-unassigned" in codes(office.now(receipt))
    attaching.attach(desk(office), office.line.reader, receipts[1], [report(seed=60)])
    assert "attachment-unassigned" in codes(office.now(receipts[1]))

    now = attaching.take(desk(office), office.line.reader, receipts[1], 1, [unknown])
    other = office.now(receipts[0])
    assert "attachment-unassigned" not in codes(now)
    assert "attachment-unassigned" not in codes(other)
    assert unknown in [one.file for one in now.documents]
    assert unknown not in [one.file for one in other.documents]
    assert "qualification-missing" in codes(other)
    assert "qualification-missing" not in codes(now)


def test_an_assignment_is_undone_with_the_letters_it_wrote(office: Office) -> None:
    unknown, reader, within = two_with_an_unknown_picture(office), office.line.reader, timedelta(minutes=2)
    before = office.all()
    here = replace(desk(office), wait=within)
    attaching.take(here, reader, "WM2022-0002", 1, [unknown])
    written = [one for one in office.letters() if one.kind is LetterKind.DECISION]
    assert [one.receipts for one in written] == [("WM2022-0001",)]
    assert {one.due_at for one in written} == {here.now + within}
    undoing.undo(here, "WM2022-0002", within, reader=reader)
    standing = [replace(one, version=1) for one in office.all()]
    assert [(one.state, codes(one)) for one in standing] == [(one.state, codes(one)) for one in before]
    assert [[(file.file, file.version, file.unassigned) for file in one.documents] for one in standing] == [
        [(file.file, file.version, file.unassigned) for file in one.documents] for one in before
    ]
    assert {one.state for one in office.letters() if one.kind is LetterKind.DECISION} == {LetterState.FAILED}
    attaching.take(here, reader, "WM2022-0001", 1, [unknown])
    assert "attachment-unassigned" not in codes(office.now("WM2022-0001"))
    assert verify(office.store) == []


def test_a_clerk_assigns_a_file_by_a_button_and_takes_it_back_by_another(office: Office) -> None:
    two_with_an_unknown_picture(office)
    clerk = Person(channel="telegram", id="7", role=Role.DECIDER)
    chat = ChatDesk(
        store=office.store,
        campaign=CAMPAIGN,
        now=lambda: office.clock,
        reader=lambda: nullcontext(office.line.reader),
    )
    card = answer(chat, clerk, "/status 2")
    (assign,) = (button for row in card.buttons for button in row if button.label.startswith("归入本件"))
    asked = pressed(chat, clerk, assign.command)
    assert asked.text.startswith("把这个文件归入本件？\nWM2022-0002")
    done = pressed(chat, clerk, asked.buttons[0][0].command)
    assert done.text.startswith("已办理。WM2022-0002")
    assert "attachment-unassigned" not in codes(office.now("WM2022-0001"))
    back = pressed(chat, clerk, done.buttons[0][0].command)
    assert pressed(chat, clerk, back.buttons[0][0].command).text.startswith("已办理。WM2022-0002")
    for receipt in ("WM2022-0001", "WM2022-0002"):
        assert "attachment-unassigned" in codes(office.now(receipt))
        assert audit.history(office.store.db, receipt)[-1].actor == "telegram:7"


def test_what_else_was_attached_or_came_since_is_not_undone(office: Office) -> None:
    unknown, reader, within = two_with_an_unknown_picture(office), office.line.reader, timedelta(minutes=2)
    attaching.attach(desk(office), reader, "WM2022-0001", [report(seed=60)])
    with pytest.raises(NotPossible, match="没有可以撤销"):
        undoing.undo(desk(office), "WM2022-0001", within, reader=reader)
    attaching.take(desk(office), reader, "WM2022-0002", 1, [unknown])
    with pytest.raises(NotPossible, match="在办公电脑上"):
        undoing.undo(desk(office), "WM2022-0002", within)
    with office.store.transaction() as db:
        letter = next(one for one in reversed(office.letters()) if "WM2022-0001" in one.receipts)
        outbox.sending(db, letter.id, office.clock)
    with pytest.raises(NotPossible, match="信已经寄出"):
        undoing.undo(desk(office), "WM2022-0002", within, reader=reader)
    assert "attachment-unassigned" not in codes(office.now("WM2022-0002"))


def test_the_same_file_from_the_disk_settles_it_too(office: Office) -> None:
    unknown = two_with_an_unknown_picture(office)
    found = next(
        one for one in applications.holdings(office.store.db, "WM2022-0001") if one.file.endswith(unknown)
    )
    data = office.store.blobs.read(found.sha256)
    attaching.attach(desk(office), office.line.reader, "WM2022-0001", [(unknown, data)])
    for receipt in ("WM2022-0001", "WM2022-0002"):
        assert "attachment-unassigned" not in codes(office.now(receipt))


def test_the_unit_settles_it_by_sending_the_file_again(office: Office) -> None:
    unknown = two_with_an_unknown_picture(office)
    who = office.now("WM2022-0001")
    again = next(one for one in who.documents if one.file.endswith(unknown))
    files = ((unknown, office.store.blobs.read(again.sha256)),)
    draft = Draft(sender=who.addresses[0], subject="补正 WM2022-0001", text="是这一件的", files=files)
    (now,) = office.take(mails.post(draft).raw).applications
    assert "attachment-unassigned" not in codes(now)


def test_a_withdrawn_application_takes_nothing_more(office: Office) -> None:
    office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw)
    office.take(mails.post(Draft(sender=LIBRARY.fields.email or "", subject="撤回申报", text="撤回")).raw)
    with pytest.raises(NotPossible, match="已经撤回"):
        attaching.attach(desk(office), office.line.reader, "WM2022-0001", [report()])
    assert replace(office.now("WM2022-0001")).version == 1
