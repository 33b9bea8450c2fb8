"""The demo's mails: read from the committed manifest, composed by the standard library, sent by real clients."""

import smtplib
import time
import tomllib
from collections.abc import Callable
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from mimetypes import guess_type
from pathlib import Path

import msgspec

from shenbao.demo.embedded import HOST, Mailserver

MATERIAL = Path(__file__).parent / "material"


class Attached(msgspec.Struct, frozen=True):
    """A committed file and the name it is sent under."""

    file: str
    name: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One mail of the campaign in miniature, and what is expected of it."""

    id: str
    sender: str
    sender_name: str
    subject: str
    text: str
    expect: str
    door: str = "smtp"
    answers: str = ""
    outcome: str = "application"
    states: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    attachments: tuple[Attached, ...] = ()


def parts() -> list[Part]:
    """Return the demo's mails in the order in which they are sent."""
    raw = tomllib.loads((MATERIAL / "campaign.toml").read_text(encoding="utf-8"))
    return msgspec.convert(raw["mail"], list[Part])


def composed(part: Part, to: str, at: datetime, answered: EmailMessage | None = None) -> EmailMessage:
    """Return `part` as a mail sent `at`, as a reply to `answered` if it is one."""
    mail = EmailMessage()
    user, _, domain = part.sender.partition("@")
    mail["From"] = Address(part.sender_name, user, domain)
    mail["To"] = to
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = make_msgid(part.id, domain)
    mail["Subject"] = f"回复：{answered['Subject']}" if answered else part.subject
    if answered:
        mail["In-Reply-To"] = mail["References"] = str(answered["Message-ID"])
    for name, value in part.headers.items():
        mail[name] = value
    mail.set_content(part.text.replace("{date}", f"{at.year}年{at.month}月{at.day}日"))
    for one in part.attachments:
        main, _, sub = (guess_type(one.file)[0] or "application/octet-stream").partition("/")
        mail.add_attachment((MATERIAL / one.file).read_bytes(), main, sub, filename=one.name)
    return mail


def send(mail: EmailMessage, port: int) -> None:
    """Hand `mail` to the service's own listener, as a scanner or a forwarding server would."""
    with smtplib.SMTP(HOST, port, timeout=30) as client:
        client.send_message(mail)


def append(mail: EmailMessage, office: Mailserver, now: Callable[[], datetime]) -> None:
    """Put `mail` into the office's mailbox.

    A mailbox counts whole seconds: the next one is awaited, so that the order of receipt is the order of sending.
    """
    time.sleep(1 - now().microsecond / 1_000_000)
    office.append(mail.as_bytes(), now())
