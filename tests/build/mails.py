"""Mails as the programs of Chinese offices write them, with what must be read in each."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import msgspec

from tests.build.facts import Applicant
from tests.build.pictures import logo
from tests.build.spellings import SPELLINGS, SUBJECTS

OURS = "bzscbk@163.com"
BEIJING = timezone(timedelta(hours=8))
IN_TIME = datetime(2022, 5, 30, 9, 30, tzinfo=BEIJING)
LATE = datetime(2022, 6, 4, 0, 0, 1, tzinfo=BEIJING)
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "mp4": "video/mp4",
    "zip": "application/x-zip-compressed",
}
File = tuple[str, bytes]


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """How a program writes: `agent` headers, spelling of headers and file names, charset of the text.

    `parts`: plain, alternative (plain and HTML) or related (the HTML shows an inline logo).
    """

    agent: tuple[bytes, ...]
    header: str
    file: str
    charset: str = "utf-8"
    parts: str = "alternative"


CLIENTS: Mapping[str, Client] = {
    "foxmail": Client(
        agent=(b"X-Mailer: Foxmail 7.2.23.116[cn]", b"X-Priority: 3", b"X-Has-Attach: yes"),
        header="gb2312 B",
        file="gb2312 B over gbk",
        charset="gb2312",
    ),
    "qq": Client(
        agent=(b"X-QQ-MIME: TCMime 1.0 by Tencent", b"X-Mailer: QQMail 2.x", b"X-QQ-Mailer: QQMail 2.x"),
        header="gb18030 B",
        file="gb18030 B",
        charset="gb18030",
    ),
    "outlook": Client(
        agent=(b"X-Mailer: Microsoft Outlook 16.0", b"Content-Language: zh-cn", b"Thread-Index: AQHYc2tg"),
        header="utf-8 B",
        file="utf-8 B",
        parts="related",
    ),
    "163": Client(
        agent=(b"X-Mailer: Coremail Webmail Server Version XT5.0.13", b"X-Originating-IP: [192.0.2.17]"),
        header="gbk Q",
        file="gbk Q",
        charset="GBK",
    ),
    "apple": Client(
        agent=(b"X-Mailer: Apple Mail (2.3654.120.0.1.13)",),
        header="utf-8 Q",
        file="RFC 2231 continued",
        parts="related",
    ),
    "python": Client(agent=(), header="utf-8 B", file="RFC 2231 utf-8", parts="plain"),
    "old webmail": Client(agent=(), header="raw gbk", file="raw gbk", charset="gbk", parts="plain"),
}


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What must be read of a mail: plain address, name, subject, text, files in order with their digests."""

    message_id: str
    sender: str
    sender_name: str
    subject: str
    received_at: datetime
    text: str
    files: tuple[tuple[str, str], ...]


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """A raw mail and its envelope."""

    raw: bytes
    envelope: Envelope


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A mail before a client writes it; `extra` are more header lines, `reply_to` the Message-ID answered."""

    sender: str
    sender_name: str = ""
    subject: str = ""
    text: str = ""
    files: tuple[File, ...] = ()
    at: datetime = IN_TIME
    to: str = OURS
    reply_to: str = ""
    extra: tuple[str, ...] = ()
    spelling: str = ""
    chain: bool = True


def mail(
    who: Applicant,
    *,
    client: str = "foxmail",
    attachments: Sequence[File] = (),
    subject: str | None = None,
    text: str | None = None,
    at: datetime = IN_TIME,
    sender: str | None = None,
    reply_to: str = "",
    spelling: str = "",
) -> Posted:
    """Return a mail in which `who` (a county's office for it) hands in `attachments`."""
    unit = f"{who.county}委网信办" if who.county else who.fields.organizer or ""
    draft = Draft(
        sender=sender or who.fields.email or "someone@example.cn",
        sender_name=unit,
        subject=subject if subject is not None else f"报送{who.fields.name}申报材料",
        text=text if text is not None else covering_letter(who, unit),
        files=tuple(attachments),
        at=at,
        reply_to=reply_to,
        spelling=spelling,
    )
    return post(draft, client)


def covering_letter(who: Applicant, unit: str) -> str:
    """Return the text that comes with the material, signature included."""
    return "\n".join(
        (
            "市委网信办网络新闻与传播科：",
            f"    现报送“{who.fields.name}”参加2022年亳州市文明网站平台、文明账号推选活动的申报材料，请查收。",
            "",
            "--",
            unit,
            f"联系人：{who.fields.contact}  电话：{who.fields.phone}",
        )
    )


def post(draft: Draft, client: str = "foxmail") -> Posted:
    """Return `draft` as `client` writes it and two servers pass it on."""
    style = CLIENTS[client]
    message_id = f"<{_mark(draft)}@{draft.sender.rpartition('@')[2]}>"
    body = _body(draft, style)
    head = [
        *(_received(draft) if draft.chain else ()),
        b"Date: " + format_datetime(draft.at - timedelta(seconds=5)).encode(),
        b"From: " + _person(draft, style),
        b"To: <" + draft.to.encode() + b">",
        b"Subject: " + (SUBJECTS[style.header](draft.subject) if draft.subject else b""),
        b"Message-ID: " + message_id.encode(),
        *(
            (f"In-Reply-To: {draft.reply_to}".encode(), f"References: {draft.reply_to}".encode())
            if draft.reply_to
            else ()
        ),
        *style.agent,
        *(line.encode() for line in draft.extra),
        b"MIME-Version: 1.0",
    ]
    envelope = Envelope(
        message_id=message_id,
        sender=draft.sender,
        sender_name=draft.sender_name,
        subject=draft.subject,
        received_at=draft.at,
        text=draft.text,
        files=tuple((name, hashlib.sha256(data).hexdigest()) for name, data in draft.files),
    )
    return Posted(raw=b"\r\n".join(head) + b"\r\n" + body, envelope=envelope)


def _mark(draft: Draft) -> str:
    names = [hashlib.sha256(data).hexdigest() for _, data in draft.files]
    said = (draft.sender, draft.subject, draft.text, draft.at.isoformat(), *names)
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:24]


def _received(draft: Draft) -> tuple[bytes, ...]:
    domain = draft.sender.rpartition("@")[2]
    hops = (("mx1.mail.example.com", f"smtp.{domain}", 0), (f"smtp.{domain}", "DESKTOP-BZ01", 3))
    return tuple(
        f"Received: from {there} (unknown [192.0.2.{20 + back}])\r\n\tby {here} (Coremail) with SMTP id sCowAAB{back};\r\n\t"
        f"{format_datetime(draft.at - timedelta(seconds=back))} (CST)".encode()
        for here, there, back in hops
    )


def _person(draft: Draft, style: Client) -> bytes:
    address = b"<" + draft.sender.encode() + b">"
    return (
        b'"' + SUBJECTS[style.header](draft.sender_name) + b'" ' + address if draft.sender_name else address
    )


def _body(draft: Draft, style: Client) -> bytes:
    """Return the rest of the mail from its Content-Type on."""
    text = _text(draft, style)
    if not draft.files:
        return text
    parts = [text, *(_attachment(file, draft.spelling or style.file) for file in draft.files)]
    return _multipart("mixed", parts, "mixed")


def _text(draft: Draft, style: Client) -> bytes:
    plain = _leaf("plain", draft.text, style.charset)
    if style.parts == "plain":
        return plain
    lines = "".join(f"<div>{line.replace('<', '&lt;') or '<br>'}</div>" for line in draft.text.split("\n"))
    sign = '<img src="cid:logo@shenbao" width="48">' if style.parts == "related" else ""
    html = _leaf("html", f"<html><body>{lines}{sign}</body></html>", style.charset)
    both = _multipart("alternative", [plain, html], "alt")
    if style.parts != "related":
        return both
    image = (
        b'Content-Type: image/png; name="image001.png"\r\nContent-Transfer-Encoding: base64\r\n'
        b'Content-ID: <logo@shenbao>\r\nContent-Disposition: inline; filename="image001.png"\r\n\r\n'
        + _base64(logo())
    )
    return _multipart("related", [both, image], "rel")


def _leaf(kind: str, text: str, charset: str) -> bytes:
    codec = (
        "gb18030" if charset.lower().startswith("gb") else charset
    )  # a gb2312 label stands over gbk as well
    head = f"Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + _base64(text.replace("\n", "\r\n").encode(codec))


def _attachment(file: File, spelling: str) -> bytes:
    name, data = file
    typed, disposed = SPELLINGS[spelling](name)
    kind = TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream").encode()
    head = (
        b"Content-Type: " + kind + typed,
        b"Content-Transfer-Encoding: base64",
        b"Content-Disposition: attachment" + disposed,
    )
    return b"\r\n".join(head) + b"\r\n\r\n" + _base64(data)


def pasted(who: Applicant, photos: Sequence[bytes], *, attachments: Sequence[File] = ()) -> bytes:
    """Return a mail in whose text `photos` are pasted between the words, as Foxmail and Outlook do."""
    shown = "".join(f'<p><img src="cid:p{number}@shenbao"></p>' for number in range(len(photos)))
    html = _leaf("html", f"<html><body><p>材料见附件，图片如下</p>{shown}</body></html>", "utf-8")
    images = [
        f'Content-Type: image/jpeg; name="p{number}.jpg"\r\nContent-Transfer-Encoding: base64\r\n'
        f"Content-ID: <p{number}@shenbao>\r\nContent-Disposition: inline\r\n\r\n".encode()
        + _base64(photo)
        for number, photo in enumerate(photos)
    ]
    parts = [
        _multipart("related", [html, *images], "rel"),
        *(_attachment(file, "utf-8 B") for file in attachments),
    ]
    head = f"From: <{who.fields.email}>\r\nTo: <{OURS}>\r\nSubject: shenbao\r\nMIME-Version: 1.0\r\n"
    return head.encode() + _multipart("mixed", parts, "mixed")


def _multipart(kind: str, parts: Sequence[bytes], mark: str) -> bytes:
    boundary = f"----=_NextPart_{mark}_{hashlib.sha256(b''.join(parts)).hexdigest()[:12]}".encode()
    inner = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    head = b"Content-Type: multipart/" + kind.encode() + b';\r\n\tboundary="' + boundary + b'"\r\n\r\n'
    return (
        head + b"This is a multi-part message in MIME format.\r\n\r\n" + inner + b"--" + boundary + b"--\r\n"
    )


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")
