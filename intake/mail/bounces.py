"""Mails that say a letter of ours did not arrive: delivery reports (RFC 3464), and 退信 in plain words.

A report is believed about the letter that it names by its Message-ID; one that names none, about the last
letter to the address it complains of. Either way the worst that a false one does is that a person is asked.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from intake.mail.envelope import Mail
from intake.mail.headers import parse
from storage import audit, outbox
from storage.database import Store
from storage.model import Letter, Noun

_STATUS = re.compile(r"(?<![\d.])([245])\.\d{1,3}\.\d{1,3}(?![\d.])")
_CODE = re.compile(r"(?<![\d.])([45])\d\d(?=[\s:：\-,，]|$)")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
_MESSAGE_ID = re.compile(r"<[^<>\s@]+@[^<>\s@]+>")
_SUBJECT = re.compile(
    r"(?i)退信|退回|投递失败|未送达|无法送达|undeliver|returned (?:mail|to sender)|delivery (?:status|fail)|mail failure|failure notice"
)
_SENDER = re.compile(r"(?i)^(?:mailer[-_.]?daemon|postmaster)@")
_FOR_GOOD = re.compile(
    r"(?i)不存在|无此(?:用户|账号|邮箱)|已(?:停用|注销|禁用|冻结)|user (?:unknown|not found)|no such user|does not exist"
)
_LATER = re.compile(r"(?i)延迟|稍后|仍在尝试|将继续|delayed|will (?:retry|keep trying)")
_EXPECTED = frozenset({"report", "null-sender", "robot-address", "subject", "auto-submitted"})
_TOLD = 200  # characters of the report's words that are kept


class Bounce(Noun, frozen=True, kw_only=True):
    """What a report says: of which letters (Message-IDs), of which addresses, and whether it is for good."""

    message_ids: tuple[str, ...]
    addresses: tuple[str, ...]
    permanent: bool
    told: str


def bounce_of(mail: Mail) -> Bounce | None:
    """Return what `mail` reports as not delivered; None where it reports nothing, or only a delay."""
    if mail.robot not in _EXPECTED:
        return None
    status = _report(mail)
    said = f"{mail.text}\n{mail.quoted}"
    if status is None and not (_SUBJECT.search(mail.subject) or _SENDER.match(mail.sender or "")):
        return None
    words = said if status is None else status
    if re.search(r"(?im)^action:\s*(?:delayed|delivered|relayed|expanded)", words) or (
        status is None and _LATER.search(said)
    ):
        return None
    return Bounce(
        message_ids=tuple(dict.fromkeys((*_originals(mail), *_MESSAGE_ID.findall(said)))),
        addresses=tuple(dict.fromkeys(found.lower() for found in _ADDRESS.findall(words))),
        permanent=_permanent(words, said),
        told=_why(words),
    )


def note(store: Store, mail: Mail, message: int, at: datetime) -> Letter | None:
    """Mark the letter that `mail` reports as failed and return it; the caller holds the transaction.

    After a bounce for good, whatever waits for that address is held for a person.
    """
    bounce = bounce_of(mail)
    letter = _letter(store, bounce) if bounce else None
    if bounce is None or letter is None:
        return None
    outbox.bounced(store.db, letter.id, f"被退回：{bounce.told}")
    if bounce.permanent:
        outbox.hold_for(store.db, letter.to[0], "这个地址退过信，请核对后再放行")
    detail = {"letter": letter.id, "to": letter.to[0], "permanent": bounce.permanent, "told": bounce.told}
    for receipt in letter.receipts or (None,):
        audit.record(
            store.db, at=at, actor="system", event="bounced", receipt=receipt, message=message, detail=detail
        )
    return letter


def _letter(store: Store, bounce: Bounce) -> Letter | None:
    for identity in bounce.message_ids:
        if found := outbox.get(store.db, identity):
            return found
    for address in bounce.addresses:
        if found := outbox.last_sent_to(store.db, address):
            return found
    return None


def _report(mail: Mail) -> str | None:
    """Return the fields of the message/delivery-status part, where there is one."""
    found = (one.data for one in mail.attachments if one.content_type == "message/delivery-status")
    return next((data.decode("utf-8", "replace") for data in found), None)


def _originals(mail: Mail) -> Iterator[str]:
    """Yield the Message-IDs of the mails, or of their headers, that came back with the report."""
    for one in (*mail.attachments, *mail.containers):
        if one.content_type in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers"):
            yield from _MESSAGE_ID.findall(parse(one.data[:65536]).text("message-id"))


def _permanent(words: str, said: str) -> bool:
    found = _STATUS.search(words) or _CODE.search(words)
    return found[1] == "5" if found else _FOR_GOOD.search(said) is not None


def _why(words: str) -> str:
    """Return the line that tells why: the diagnostic, else the one with a code, else the first."""
    lines = [" ".join(line.split()) for line in words.splitlines() if line.strip()]
    for test in (re.compile(r"(?i)^diagnostic-code:"), _STATUS, _CODE, _FOR_GOOD):
        if told := next((line for line in lines if test.search(line)), None):
            return told[:_TOLD]
    return (lines or ["原因不明"])[0][:_TOLD]
