"""What every letter must hold, which letter a mail gets, and that no text reaches a header."""

import email
import email.policy
import re
from collections.abc import Callable
from datetime import date, timedelta
from email.header import decode_header, make_header
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from intake.case import Standing
from intake.letters import replies
from intake.letters.replies import Incoming
from intake.mail.envelope import read
from intake.rules.wording import clean
from parsers.documents import Clip, Picture, Unreadable, Why
from storage.model import (
    Application,
    Channel,
    Code,
    Document,
    DocumentType,
    Fields,
    Kind,
    Letter,
    LetterKind,
    LetterState,
    Outcome,
    Platform,
    Problem,
    State,
)
from tests.intake.made import CAMPAIGN, DEADLINE, IN_TIME, application, case, form, formless, material, rival

SENDER = "bzscbk@163.com"
OFFICE = "中共亳州市委网信办网络新闻与传播科"
EVERY_LETTER = (OFFICE, "0558-5556782", "请勿通过本邮箱报送涉密、敏感材料")
NOW = IN_TIME + timedelta(minutes=1)


def incoming(*applications: Application, **changes: Any) -> Incoming:
    standard: dict[str, Any] = {
        "cause": "c" * 64,
        "message_id": "<mail-1@bz.example.cn>",
        "references": ("<mail-0@bz.example.cn>",),
        "to": "wenhuaguan@bz.example.cn",
        "held": False,
        "received_at": IN_TIME,
        "subject": "申报材料",
        "files": tuple(document for one in applications for document in one.documents),
    }
    return Incoming(**{**standard, **changes})


def answered(*applications: Application, **changes: Any) -> Letter:
    mail = incoming(*applications, **changes)
    return replies.answer(mail, applications, CAMPAIGN, now=NOW, sender=SENDER)


def in_order() -> Application:
    return application()


def to_mend() -> Application:
    return application(case(form(mobile="1380013800", email=None)), 2)


def to_review() -> Application:
    return application(case(form(organizer="陈思远"), sent=(material("案例.mp4", Clip(duration_s=9.0)),)), 3)


def turned_down() -> Application:
    judged = case(form(identifier="bzwhg"), standing=Standing(places=(rival(),), same_operator=(rival(),)))
    return application(judged, 4)


@pytest.mark.parametrize(
    ("applications", "kind", "subject"),
    [
        pytest.param([in_order()], LetterKind.ACKNOWLEDGEMENT, "【收到】", id="in order"),
        pytest.param([to_review()], LetterKind.ACKNOWLEDGEMENT, "【收到】", id="for a person"),
        pytest.param([to_mend()], LetterKind.CORRECTION, "【请补正】", id="to mend"),
        pytest.param([turned_down()], LetterKind.REJECTION, "【暂未纳入】", id="turned down"),
        pytest.param([in_order(), to_mend()], LetterKind.CORRECTION, "【请补正】", id="one of two to mend"),
        pytest.param(
            [to_mend(), turned_down(), in_order()],
            LetterKind.REJECTION,
            "【核对结果】",
            id="one of three down",
        ),
        pytest.param(
            [application(state=State.SHORTLISTED)], LetterKind.ACKNOWLEDGEMENT, "【收到】", id="later stages"
        ),
    ],
)
def test_the_gravest_kind_wins(applications: list[Application], kind: LetterKind, subject: str) -> None:
    letter = answered(*applications)
    assert letter.kind is kind
    assert letter.subject.startswith(subject)
    for one in applications:
        assert one.receipt in letter.subject
        assert f"收件编号：{one.receipt}" in letter.body


def test_an_acknowledgement_holds_what_the_contract_asks() -> None:
    body = answered(in_order()).body
    for part in (
        "亳州市文化馆：",
        "收件编号：WM2022-0001",
        "2022年5月31日 00:00",
        "申报表.docx —— 申报表",
        "工作材料.docx —— 工作材料",
        "法人证书.jpg —— 资质证明",
        "双面打印",
        "加盖公章",
        "复印件",
        "亳州市行政服务中心1308室",
        "回复“查询”即可查询进度",
        "本回执仅表示收到电子材料，不代表通过审核或入选",
        "2022年5月31日\n",
        *EVERY_LETTER,
    ):
        assert part in body
    assert "/start Zm9vYmFyYmF6cXV4" in body.splitlines()


@pytest.mark.parametrize(
    ("kind", "taken_for"),
    [
        (DocumentType.HONOUR, "荣誉证书"),
        (DocumentType.PICTURE, "图片"),
        (DocumentType.VIDEO, "视频"),
        (DocumentType.ARCHIVE, "压缩包"),
        (DocumentType.OTHER, "其他材料"),
        (DocumentType.UNREADABLE, "未能读取"),
    ],
)
def test_each_file_is_named_with_what_it_was_taken_for(kind: DocumentType, taken_for: str) -> None:
    files = (Document(file="谯城/某文件", type=kind, sha256="0" * 64),)
    assert f"谯城/某文件 —— {taken_for}" in answered(in_order(), files=files).body


def test_what_a_person_must_look_at_is_told() -> None:
    one = to_review()
    body = answered(one).body
    for problem in one.problems:
        assert problem.outcome in {Outcome.REVIEW, Outcome.NOTE}
        assert problem.message in body


def test_a_correction_tells_everything_at_once() -> None:
    one = application(
        case(form(mobile="1", email=None, category=None), material("坏.docx", Unreadable(why=Why.CORRUPT))), 2
    )
    body = answered(one).body
    for number, problem in enumerate(one.problems, 1):
        assert f"{number}. {problem.message}" in body
        assert f"位置：{problem.where}" in body
        assert f"依据：{problem.clause}" in body
    for part in ("一次性告知", "请于2022年6月3日24时前", "直接回复本邮件", "收件编号", *EVERY_LETTER):
        assert part in body


def test_a_correction_after_the_deadline_gives_time_and_promises_nothing() -> None:
    one = to_mend()
    letter = replies.answer(incoming(one), [one], CAMPAIGN, now=DEADLINE, sender=SENDER)
    assert "最迟请于2022年6月7日24时前发来" in letter.body
    assert "由工作人员核定" in letter.body
    assert "24时前一次补齐" not in letter.body


@pytest.mark.parametrize(
    "write",
    [pytest.param(replies.inquiry, id="inquiry"), pytest.param(replies.withdrawal, id="withdrawal")],
)
def test_nobody_is_asked_to_apply_before_a_day_that_is_past(write: Callable[..., Letter]) -> None:
    one = replace(in_order(), state=State.WITHDRAWN)
    body = write(incoming(one), [one], CAMPAIGN, now=NOW, sender=SENDER).body
    assert "请于2022年6月3日24时前" in body
    late = write(incoming(one), [one], CAMPAIGN, now=DEADLINE, sender=SENDER).body
    assert "已于2022年6月3日24时截止" in late
    assert "请于2022年6月3日24时前" not in late


def test_a_rejection_gives_clause_fact_place_and_whom_to_call() -> None:
    one = turned_down()
    body = answered(one).body
    for problem in one.problems:
        for part in (problem.message, problem.told, problem.where, problem.clause):
            assert part
            assert part in body
        assert "WM2022-0001" in problem.fact
    assert (
        "WM2022-0001" not in body
    )  # staff find the other application by it; its rival has no business with it
    for part in ("暂未纳入本次推选", "异议", "2022年6月5日前（含当日）致电0558-5556782", *EVERY_LETTER):
        assert part in body
    assert "不予受理" not in body
    assert "/start" not in body


def test_several_applications_are_treated_one_by_one() -> None:
    applications = [in_order(), to_mend(), turned_down()]
    stray = Document(file="不知谁的.xlsx", type=DocumentType.OTHER, sha256="0" * 64)
    files = (*incoming(*applications).files, stray)
    body = answered(*applications, files=files).body
    first, second, third = re.split(r"———— 第\d份，共3份 ————", body)[1:]
    assert "电子材料齐全" in first
    assert "1380013800" in second
    assert "补正期限" in second
    assert "暂未纳入本次推选" in third
    assert "异议" in third
    assert "不知谁的.xlsx —— 其他材料" in third.partition("未归入")[2]


def test_a_letter_of_a_held_mail_waits() -> None:
    assert answered(in_order()).state is LetterState.QUEUED
    assert answered(in_order(), held=True).state is LetterState.HELD


def test_a_drafted_code_waits_for_a_person() -> None:
    careful = replace(CAMPAIGN, drafted=frozenset({Code.QUOTA_DIRECT}))
    one, other = turned_down(), in_order()
    letter = replies.answer(incoming(one), [one], careful, now=NOW, sender=SENDER)
    assert letter.state is LetterState.DRAFT
    assert (
        replies.answer(incoming(other), [other], careful, now=NOW, sender=SENDER).state is LetterState.QUEUED
    )
    kept = replace(one, state=State.ACCEPTED, decided=True)
    assert replies.answer(incoming(one), [kept], careful, now=NOW, sender=SENDER).state is LetterState.QUEUED
    held = incoming(one, held=True)
    assert replies.answer(held, [one], careful, now=NOW, sender=SENDER).state is LetterState.HELD


def test_a_supplement_is_called_one() -> None:
    assert "补充材料已收到" in answered(application(version=2)).body
    assert "（第2版）" in answered(application(version=2)).body
    assert "电子申报材料已收到" in answered(in_order()).body


def test_after_a_decision_the_rules_findings_are_no_longer_open() -> None:
    one = replace(to_mend(), state=State.ACCEPTED, decided=True)
    letter = answered(one)
    assert letter.kind is LetterKind.ACKNOWLEDGEMENT
    assert "1380013800" not in letter.body


def test_staffs_rejection_has_no_findings_to_list() -> None:
    letter = answered(replace(in_order(), state=State.REJECTED, decided=True))
    assert letter.kind is LetterKind.REJECTION
    assert "经工作人员核定，您的申报暂未纳入本次推选" in letter.body
    assert "原因如下" not in letter.body


def test_a_mail_without_a_form_is_answered_without_names() -> None:
    one = application(formless(material("照片.jpg", Picture(width=9, height=9))))
    letter = answered(one)
    assert letter.body.startswith("申报单位（申报人）：\n")
    assert "申报对象：（名称待补）" in letter.body


def test_a_mail_without_files_says_so() -> None:
    assert "本次来信没有附件" in answered(in_order(), files=()).body


def test_status_tells_how_things_stand() -> None:
    applications = [replace(in_order(), paper_received=date(2022, 6, 1)), to_mend(), turned_down()]
    letter = replies.status(incoming(), applications, CAMPAIGN, now=NOW, sender=SENDER)
    assert letter.kind is LetterKind.STATUS
    for part in (
        "电子材料齐全，待核纸质件",
        "已于2022年6月1日收到",
        "待补正",
        "1380013800",
        "暂未纳入本次推选",
        *EVERY_LETTER,
    ):
        assert part in letter.body


def test_withdrawal_confirms_and_inquiry_tells_nothing() -> None:
    gone = replace(in_order(), state=State.WITHDRAWN, decided=True)
    letter = replies.withdrawal(incoming(), [gone], CAMPAIGN, now=NOW, sender=SENDER)
    assert letter.kind is LetterKind.WITHDRAWAL
    assert "已撤回" in letter.body
    told = replies.inquiry(incoming(in_order()), [in_order()], CAMPAIGN, now=NOW, sender=SENDER)
    assert told.kind is LetterKind.INQUIRY
    assert told.receipts == ()
    assert "WM2022" not in told.body + told.subject
    assert "亳州市文化馆" not in told.body
    for part in EVERY_LETTER:
        assert part in letter.body
        assert part in told.body


@pytest.mark.parametrize(
    ("accepted", "parts"),
    [
        pytest.param(
            True, ("电子材料齐全，待核对纸质材料", "双面打印", "不代表通过审核或入选"), id="accepted"
        ),
        pytest.param(False, ("暂未纳入本次推选", "账号停更半年", "异议", "0558-5556782"), id="turned down"),
    ],
)
def test_a_decision_answers_no_mail(accepted: bool, parts: tuple[str, ...]) -> None:
    letter = replies.decision(
        in_order(),
        accepted,
        "账号停更半年",
        cause="decision-1",
        to="wenhuaguan@bz.example.cn",
        campaign=CAMPAIGN,
        now=NOW,
        sender=SENDER,
    )
    assert letter.in_reply_to is None
    for part in (*parts, *EVERY_LETTER, "收件编号：WM2022-0001"):
        assert part in letter.body
    assert as_mail(letter)["Auto-Submitted"] == "auto-generated"


def as_mail(letter: Letter) -> Any:
    made = replies.as_mail(letter, sender=SENDER, office=OFFICE, at=NOW)
    return email.message_from_bytes(made.as_bytes(), policy=email.policy.default)


def test_the_same_letter_has_the_same_id_and_another_has_another() -> None:
    first, again = answered(in_order()), answered(in_order())
    assert first.message_id == again.message_id
    assert first.message_id.endswith("@163.com>")
    assert answered(in_order(), cause="d" * 64).message_id != first.message_id
    assert answered(application(number=2)).message_id != first.message_id
    assert answered(to_mend()).message_id != answered(application(number=2)).message_id


def test_a_mail_has_the_headers_of_an_automatic_answer() -> None:
    letter = answered(in_order())
    mail = as_mail(letter)
    raw = email.message_from_bytes(replies.as_mail(letter, sender=SENDER, office=OFFICE, at=NOW).as_bytes())
    assert mail["To"] == "wenhuaguan@bz.example.cn"
    assert mail["From"].addresses[0].addr_spec == SENDER
    # The standard parser of addresses puts a space between encoded words (RFC 2047 has none there).
    assert str(make_header(decode_header(raw["From"]))) == f"{OFFICE} <{SENDER}>"
    assert mail["Subject"] == letter.subject
    assert mail["Message-ID"] == letter.message_id
    assert mail["In-Reply-To"] == "<mail-1@bz.example.cn>"
    assert mail["References"] == "<mail-0@bz.example.cn> <mail-1@bz.example.cn>"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Date"].datetime == NOW
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n") == letter.body


def test_our_own_letter_is_never_answered() -> None:
    made = replies.as_mail(answered(in_order()), sender=SENDER, office=OFFICE, at=NOW)
    assert read(made.as_bytes()).robot == "loop"


def test_a_long_message_id_is_neither_cut_nor_encoded() -> None:
    long = f"<{'A1' * 60}@{'b' * 40}.prod.exchangelabs.com>"
    mail = as_mail(answered(in_order(), message_id=long, references=(long.replace("A1", "C2"),)))
    assert mail["In-Reply-To"] == long
    assert mail["References"].split() == [long.replace("A1", "C2"), long]


@pytest.mark.parametrize(
    "to",
    [
        pytest.param(("a@b.cn", "c@d.cn"), id="two"),
        pytest.param((), id="none"),
        pytest.param(("a@b.cn\r\nBcc: c@d.cn",), id="a header in it"),
        pytest.param(("甲 <a@b.cn>",), id="not plain"),
        pytest.param(("a@b.cn, c@d.cn",), id="two in one"),
    ],
)
def test_a_letter_goes_to_exactly_one_plain_address(to: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="single plain address"):
        replies.as_mail(replace(answered(in_order()), to=to), sender=SENDER, office=OFFICE, at=NOW)


def test_a_file_name_cannot_write_a_line_of_the_letter() -> None:
    nasty = "申报表\r\n/start EVIL\r\n\u202exfdp.\u2028结束\ud83d.docx"
    body = answered(in_order(), files=(Document(file=nasty, type=DocumentType.FORM, sha256="0" * 64),)).body
    assert "/start EVIL" not in body.splitlines()
    assert "申报表 /start EVIL xfdp. 结束.docx —— 申报表" in body


Writer = Callable[..., Letter]
hostile = st.text(max_size=40) | st.sampled_from(
    [
        "主题\r\nBcc: evil@example.com",
        "\nTo: evil@example.com\n\n正文",
        "=?utf-8?B?DQpCY2M6IGV2aWxAZXhhbXBsZS5jb20=?=",
        "{{ 7 * 7 }}{% raw %}",
        "\x85X-Evil: 1\u2028\u2029",
        "\ud800<script>",
    ]
)
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "X-Loop",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
]
problems = st.builds(
    Problem,
    code=st.sampled_from(list(Code)),
    outcome=st.sampled_from(list(Outcome)),
    message=hostile,
    where=hostile,
    fact=hostile,
    told=hostile,
    clause=hostile,
)
documents = st.builds(
    Document, file=hostile, type=st.sampled_from(list(DocumentType)), sha256=st.just("0" * 64)
)
applications_at_random = st.builds(
    Application,
    receipt=st.integers(1, 99999).map(lambda number: f"WM2022-{number:04d}"),
    state=st.sampled_from(list(State)),
    kind=st.sampled_from([None, *Kind]),
    platform=st.sampled_from([None, *Platform]),
    channel=st.sampled_from(list(Channel)),
    submitter=st.none() | hostile,
    fields=st.builds(Fields, name=st.none() | hostile, organizer=st.none() | hostile),
    documents=st.lists(documents, max_size=2).map(tuple),
    problems=st.lists(problems, max_size=4).map(tuple),
    received_at=st.just(IN_TIME),
    changed_at=st.just(DEADLINE),
    version=st.integers(1, 3),
    token=st.sampled_from(["", "Zm9vYmFyYmF6cXV4"]),
    decided=st.booleans(),
)


@given(
    applications=st.lists(applications_at_random, min_size=1, max_size=3),
    files=st.lists(documents, max_size=3).map(tuple),
    subject=hostile,
    message_id=st.none() | hostile,
    references=st.lists(hostile, max_size=3).map(tuple),
    write=st.sampled_from([replies.answer, replies.status, replies.withdrawal, replies.inquiry]),
)
def test_whatever_came_the_letter_is_whole_and_no_header_is_added(
    applications: list[Application],
    files: tuple[Document, ...],
    subject: str,
    message_id: str | None,
    references: tuple[str, ...],
    write: Writer,
) -> None:
    mail = incoming(files=files, subject=subject, message_id=message_id, references=references)
    letter = write(mail, applications, CAMPAIGN, now=NOW, sender=SENDER)
    for part in (*EVERY_LETTER, "2022年5月31日"):
        assert part in letter.body
    for receipt in letter.receipts:
        assert f"收件编号：{receipt}" in letter.body
    for line in letter.body.splitlines():
        assert line == line.rstrip()
        assert clean(line) == " ".join(line.split())
    made = as_mail(letter)
    assert [name for name in made.keys() if name not in {"In-Reply-To", "References"}] == HEADERS  # noqa: SIM118
    assert [address.addr_spec for address in made["To"].addresses] == ["wenhuaguan@bz.example.cn"]
    assert made.get_content().replace("\r\n", "\n") == letter.body
