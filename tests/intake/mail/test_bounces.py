"""Bounces find the letter they are about, whoever wrote them; what is only late is none."""

import pytest

from intake.mail.bounces import bounce_of
from intake.mail.envelope import read

LETTER = "<ack.0001@shenbao.example.com>"


def report(status: str = "5.1.1", action: str = "failed", back: str = "text/rfc822-headers") -> bytes:
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.cn\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is the mail system.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.cn\r\n\r\n"
        f"Final-Recipient: rfc822; zs@unit.example.cn\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} User unknown\r\n\r\n"
        f"--b\r\nContent-Type: {back}\r\n\r\nFrom: bzscbk@163.com\r\nMessage-ID: {LETTER}\r\nSubject: x\r\n\r\nbody\r\n--b--\r\n"
    ).encode()


def words(subject: str, text: str, sender: str = "postmaster@163.com") -> bytes:
    head = f"From: {sender}\r\nSubject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return head.encode() + text.encode()


@pytest.mark.parametrize(
    ("raw", "message_id", "address", "permanent"),
    [
        pytest.param(report(), LETTER, "zs@unit.example.cn", True, id="RFC 3464, headers back"),
        pytest.param(report(back="message/rfc822"), LETTER, "zs@unit.example.cn", True, id="RFC 3464, mail back"),
        pytest.param(report("4.4.7"), LETTER, "zs@unit.example.cn", False, id="given up after days"),
        pytest.param(
            words("系统退信", "抱歉，您的邮件被退回来了。\n收件人：zs@unit.example.cn\n退信原因：550 User not found"),
            None, "zs@unit.example.cn", True, id="163, in words",
        ),
        pytest.param(
            words("系统退信/Systems bounce", "收件人邮件地址（zs@unit.example.cn）不存在，邮件无法送达。", "PostMaster@qq.com"),
            None, "zs@unit.example.cn", True, id="QQ, in words",
        ),
        pytest.param(
            words("退信通知", f"zs@unit.example.cn 邮箱空间已满，452 Mailbox full\nMessage-ID: {LETTER}"),
            LETTER, "zs@unit.example.cn", False, id="full, naming the letter",
        ),
    ],
)  # fmt: skip
def test_a_bounce_is_read(raw: bytes, message_id: str | None, address: str, *, permanent: bool) -> None:
    bounce = bounce_of(read(raw))
    assert bounce is not None
    assert message_id is None or message_id in bounce.message_ids
    assert address in bounce.addresses
    assert bounce.permanent is permanent
    assert bounce.told


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(report("4.4.1", "delayed"), id="only late"),
        pytest.param(report("2.0.0", "delivered"), id="delivered"),
        pytest.param(
            words("系统退信", "邮件投递延迟，系统将继续尝试。zs@unit.example.cn"), id="late, in words"
        ),
        pytest.param(
            words("自动回复：外出", "zs@unit.example.cn", "zs@unit.example.cn"), id="an automatic answer"
        ),
        pytest.param(
            words("系统退信了，重新报送", "550 zs@unit.example.cn", "li@unit.example.cn"),
            id="a person about a bounce",
        ),
    ],
)
def test_no_bounce(raw: bytes) -> None:
    assert bounce_of(read(raw)) is None
