"""Mails that may hold a state secret: found by their marks, put aside at once, of whose content nothing is told."""

from collections.abc import Iterable
from datetime import datetime

from intake.mail.envelope import Mail
from parsers.documents import Facts
from parsers.secrecy import in_facts, marked, marked_path, marked_title
from storage import audit, messages
from storage.database import Store
from storage.model import MailOutcome, Message

REASON = "疑似涉密：{where}带有密级标志。请勿转发、打印或联网处理，立即按保密规定处置，并告知发件单位"


def of_mail(mail: Mail) -> str | None:
    """Return which part of `mail` itself bears a mark, in Chinese: its subject, its words, a file's name."""
    if marked_title(mail.subject):
        return "邮件主题"
    if marked(mail.text.splitlines()) or marked(mail.quoted.splitlines(), top=0):
        return "邮件正文"
    names = (each.name for each in (*mail.attachments, *mail.containers))
    return "附件名称" if any(map(marked_path, names)) else None


def of_files(files: Iterable[tuple[str, Facts]]) -> str | None:
    """Return that a file, or the name of one in an archive, bears a mark; None where none does."""
    for name, facts in files:
        if marked_path(name):
            return "附件名称"
        if in_facts(facts):
            return "附件"
    return None


def put_aside(store: Store, message: Message, where: str, at: datetime) -> str:
    """Quarantine the mail, call staff, and return the reason; the caller holds the transaction."""
    reason = REASON.format(where=where)
    messages.mark_secret(store.db, message.id)
    messages.finish(store.db, message.id, MailOutcome.QUARANTINED, reason, at)
    audit.record(
        store.db,
        at=at,
        actor="system",
        event="secret-suspected",
        message=message.id,
        detail={"where": where},
    )
    return reason
