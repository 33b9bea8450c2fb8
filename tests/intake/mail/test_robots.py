"""REALITIES 10 as a table: one mail a row, with those that a person wrote and that must be answered."""

import pytest

from intake.mail.headers import parse
from intake.mail.robots import robot

PERSON = "From: 张三 <zhangsan@unit.gov.cn>\nTo: bzscbk@163.com\nSubject: 申报材料\n"
OURS = frozenset({"bzscbk@163.com"})


def mail(*lines: str) -> bytes:
    """A person's mail; a line of a field already there stands in its place."""
    names = {line.split(":")[0].lower() for line in lines}
    kept = [line for line in PERSON.splitlines() if line.split(":")[0].lower() not in names]
    return "\n".join([*kept, *lines]).encode()


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("auto-submitted", "Auto-Submitted: auto-replied"),
        ("auto-submitted", "Auto-Submitted: auto-generated (rejected)"),
        ("auto-submitted", "auto-submitted: AUTO-NOTIFIED; owner-email=x@y.cn"),
        ("null-sender", "Return-Path: <>"),
        ("null-sender", "Return-Path: < >"),
        ("precedence", "Precedence: bulk"),
        ("precedence", "Precedence: List"),
        ("precedence", "Precedence: junk"),
        ("precedence", "Precedence: auto_reply"),
        ("list", "List-Id: <news.x.cn>"),
        ("list", "List-Unsubscribe: <mailto:u@x.cn>"),
        ("auto-response-suppress", "X-Auto-Response-Suppress: All"),
        ("auto-response-suppress", "X-Auto-Response-Suppress: OOF, AutoReply"),
        ("auto-response-suppress", "X-Auto-Response-Suppress: DR"),
        ("auto-response-suppress", "X-Auto-Response-Suppress: RN"),
        ("auto-response-suppress", "X-Auto-Response-Suppress: NRN"),
        ("auto-reply", "X-Autoreply: yes"),
        ("auto-reply", "X-Autorespond: 申报材料"),
        ("loop", "X-Loop: shenbao"),
        ("report", "Content-Type: multipart/report; report-type=delivery-status; boundary=x"),
        ("report", "Content-Type: multipart/report;\n boundary=x; report-type=disposition-notification"),
        ("robot-address", "From: MAILER-DAEMON@unit.gov.cn"),
        ("robot-address", "From: Mail Delivery System <MAILER-DAEMON>"),
        ("robot-address", "From: 邮件系统 <postmaster@unit.gov.cn>"),
        ("robot-address", "From: no-reply@unit.gov.cn"),
        ("robot-address", "From: noreply-service@unit.gov.cn"),
        ("robot-address", "From: owner-news@unit.gov.cn"),
        ("robot-address", "From: news-request@unit.gov.cn"),
        ("own-mail", "From: BZSCBK@163.com"),
        ("subject", "Subject: 自动回复: 申报材料"),
        ("subject", "Subject: 自动回复：申报材料"),
        ("subject", "Subject: [自动回复]申报材料"),
        ("subject", "Subject: 回复：自动回复"),
        ("subject", "Subject: =?utf-8?B?6Ieq5Yqo5Zue5aSNOiDmgqjlpb0=?="),
        ("subject", "Subject: 系统退信/Mail delivery failed"),
        ("subject", "Subject: 系统退信"),
        ("subject", "Subject: 已读: 申报材料"),
        ("subject", "Subject: 已读：申报材料"),
        ("subject", "Subject: Automatic reply: 申报材料"),
        ("subject", "Subject: Undeliverable: 申报材料"),
        ("subject", "Subject: Out of Office Re: 申报"),
    ],
)
def test_a_robot_is_not_answered(code: str, line: str) -> None:
    assert robot(parse(mail(line)), OURS) == code


@pytest.mark.parametrize(
    "line",
    [
        "Auto-Submitted: no",
        "Auto-Submitted: No (sent by a person)",
        "Return-Path: <zhangsan@unit.gov.cn>",
        "Precedence: first-class",
        "X-Auto-Response-Suppress: None",
        "X-Autoreply: no",
        "X-Loop: someone-else@x.cn",
        "X-Priority: 1",
        "Disposition-Notification-To: zhangsan@unit.gov.cn",
        "Content-Type: multipart/mixed; boundary=report",
        "From: noreplysmith@unit.gov.cn",
        "From: requester@unit.gov.cn",
        "From: 自动回复 <zhangsan@unit.gov.cn>",
        "From: postmasters@unit.gov.cn",
        "Subject: 关于自动回复功能的账号申报",
        "Subject: 自动回复机器人公众号申报表",
        "Subject: 已读通知，现报送申报表",
        "Subject: 已读贵办通知：报送申报材料",
        "Subject: Re: 系统退信了，重新报送申报表",
        "Subject: 退信后重发：申报材料",
        "Subject: ",
        "In-Reply-To: <a@shenbao>",
    ],
)
def test_a_person_is_answered(line: str) -> None:
    assert robot(parse(mail(line)), OURS) is None
