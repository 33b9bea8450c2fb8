"""Mails that bring no application: robots, bounces, questions, thanks, and answers to our letters."""

from collections.abc import Callable, Mapping

import msgspec

from tests.build.facts import Applicant
from tests.build.mails import OURS, Draft, Posted, post

SUBJECT_OF_OURS = "【材料收讫】WM2022-0001 申报材料回执"
OUR_LETTER = "<ack.0001@shenbao.example.com>"


def _from(who: Applicant) -> Draft:
    return Draft(sender=who.fields.email or "someone@example.cn", sender_name=who.fields.organizer or "")


def _write(who: Applicant, subject: str, text: str, *extra: str) -> Posted:
    return post(msgspec.structs.replace(_from(who), subject=subject, text=text, extra=extra), "qq")


def auto_reply(who: Applicant) -> Posted:
    """Return an automatic answer to our letter (RFC 3834)."""
    draft = msgspec.structs.replace(
        _from(who),
        subject=f"自动回复：{SUBJECT_OF_OURS}",
        text="您好，您的邮件已收到，本人外出，将尽快回复。",
        reply_to=OUR_LETTER,
        extra=("Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All"),
    )
    return post(draft, "outlook")


def bounce(who: Applicant) -> Posted:
    """Return a delivery report (RFC 3464) from a null sender."""
    made = _write(who, "系统退信", "抱歉，您的邮件被退回来了。")
    head, _, _ = made.raw.partition(b"MIME-Version")
    report = (
        b'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="rep"\r\n\r\n'
        b"--rep\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        + made.envelope.text.encode()
        + b"\r\n--rep\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.cn\r\n\r\n"
        b"Final-Recipient: rfc822; nobody@example.cn\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        b"\r\n--rep\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: "
        + OUR_LETTER.encode()
        + b"\r\n\r\n--rep--\r\n"
    )
    return msgspec.structs.replace(made, raw=b"Return-Path: <>\r\n" + head + report)


def list_mail(who: Applicant) -> Posted:
    return _write(
        who, "每周资讯", "本周要闻……", "List-Unsubscribe: <mailto:quit@example.cn>", "Precedence: bulk"
    )


def advertisement(who: Applicant) -> Posted:
    return _write(who, "网站建设优惠", "专业网站建设、公众号代运营，欢迎来电咨询。")


def thanks(who: Applicant) -> Posted:
    return _write(who, f"回复：{SUBJECT_OF_OURS}", "收到，谢谢！辛苦了。", f"In-Reply-To: {OUR_LETTER}")


def inquiry(who: Applicant) -> Posted:
    return _write(who, "咨询", "您好，请问我单位有两个公众号，可以都申报吗？纸质材料送到哪里？谢谢。")


def empty(who: Applicant) -> Posted:
    return _write(who, "", "")


def withdrawal(who: Applicant, receipt: str = "WM2022-0001") -> Posted:
    return _write(who, f"撤回 {receipt}", f"因工作调整，申请撤回 {receipt}，请予办理。")


def query(who: Applicant, receipt: str = "WM2022-0001") -> Posted:
    return _write(who, f"查询 {receipt}", "查询")


def own_mail(who: Applicant) -> Posted:
    return post(Draft(sender=OURS, subject=SUBJECT_OF_OURS, text="（本办发出的邮件）"), "163")


def foreign_reply_to(who: Applicant) -> Posted:
    return _write(who, "咨询申报事宜", "请问截止时间是哪天？", "Reply-To: <collector@example.org>")


# Name -> (what makes it, the outcome that the contract gives it when nothing else is known).
ODD: Mapping[str, tuple[Callable[[Applicant], Posted], str]] = {
    "automatic answer": (auto_reply, "ignored"),
    "bounce": (bounce, "ignored"),
    "mailing list": (list_mail, "ignored"),
    "our own mail": (own_mail, "ignored"),
    "advertisement": (advertisement, "inquiry"),
    "thanks": (thanks, "inquiry"),
    "question": (inquiry, "inquiry"),
    "empty mail": (empty, "inquiry"),
    "withdrawal by a stranger": (withdrawal, "inquiry"),
    "query by a stranger": (query, "inquiry"),
    "question with a foreign Reply-To": (foreign_reply_to, "inquiry"),
}
