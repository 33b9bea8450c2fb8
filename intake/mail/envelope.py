"""A mail as it matters to an office: who wrote what about which application, with which files."""

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec

from intake.mail.authentication import failed
from intake.mail.body import pictures_named, split_reply, text_of
from intake.mail.charsets import decode
from intake.mail.cloud import links
from intake.mail.headers import Headers, addresses, one_address, one_line, when
from intake.mail.mime import MOST_PARTS, NotMail, Part, head, leaves
from intake.mail.robots import robot
from parsers.documents import Link
from storage.model import Clock, Noun

__all__ = ["Attachment", "Content", "Mail", "NotMail", "forwarded", "read", "received_at"]

MOST_ATTACHMENTS = 100
DEEPEST_MAIL = 5
MOST_BYTES = 128 * 1024 * 1024  # of all files of a mail, a forwarded mail and the files in it both counted
LONGEST_TEXT = 2 * 1024 * 1024  # bytes of a mail's own words, HTML and plain together
EXTENSIONS = {
    "application/pdf": ".pdf",
    "application/msword": ".doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/tiff": ".tif",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "text/plain": ".txt",
    "text/html": ".html",
    "message/rfc822": ".eml",
}
MAGIC = ((b"%PDF", ".pdf"), (b"\xff\xd8\xff", ".jpg"), (b"\x89PNG", ".png"), (b"\xd0\xcf\x11\xe0", ".doc"))


_FORWARDS = re.compile(r"^\s*(?:转发|fwd?)\s*[:：]", re.IGNORECASE)


class Attachment(Noun, frozen=True, kw_only=True):
    """A file that came with a mail.

    `name` is decoded, safe to show, never empty, and holds the path through a forwarded mail
    (`原邮件主题.eml/申报表.docx`). `inline` is a picture that belongs to the mail's text, such as a
    signature's logo.
    """

    name: str
    data: bytes
    content_type: str = "application/octet-stream"
    inline: bool = False


class Mail(Noun, frozen=True, kw_only=True):
    """A mail, read. `sender` is None unless From is exactly one plain address; its domain is lower-case.

    `reply_to` is None where there is none, and empty where it is not one plain address.
    `text` is what the sender wrote now, `quoted` the mails it answers or forwards. `robot` says in an
    English code why it must not be answered, `forged` that a server of ours found the sender not genuine.
    `containers` are the forwarded mails whose files are
    among `attachments`.
    """

    message_id: str | None = None
    sender: str | None = None
    sender_name: str = ""
    reply_to: str | None = None
    recipients: tuple[str, ...] = ()
    subject: str = ""
    date: datetime | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    text: str = ""
    quoted: str = ""
    attachments: tuple[Attachment, ...] = ()
    containers: tuple[Attachment, ...] = ()
    links: tuple[Link, ...] = ()
    robot: str | None = None
    forged: bool = False


class Content(Noun, frozen=True, kw_only=True):
    """What the parts of one mail add up to, its forwarded mails opened."""

    text: str
    quoted: str
    attachments: tuple[Attachment, ...]
    containers: tuple[Attachment, ...]
    links: tuple[Link, ...]
    parts: int
    size: int


def read(raw: bytes, ours: frozenset[str] = frozenset(), trusted: frozenset[str] = frozenset()) -> Mail:
    """Read a mail; raise `NotMail` where it cannot be understood or is over a budget.

    `ours` are our own addresses in lower case: their mails are a robot's (`own-mail`). `trusted` are the
    authserv-ids under which our own servers write Authentication-Results.
    """
    parts = leaves(raw)
    headers = head(raw)
    content = _content(parts, 1, MOST_BYTES)
    sender, name = one_address(headers, "from")
    return Mail(
        message_id=next(iter(_ids(headers, "message-id")), None),
        sender=sender,
        sender_name=name,
        reply_to=_reply_to(headers),
        recipients=tuple(dict.fromkeys(addresses(headers.raw("to")) + addresses(headers.raw("cc")))),
        subject=headers.text("subject"),
        date=when(headers.text("date")),
        in_reply_to=_ids(headers, "in-reply-to"),
        references=_ids(headers, "references"),
        robot=robot(headers, ours),
        forged=failed(headers, trusted),
        text=content.text,
        quoted=content.quoted,
        attachments=content.attachments,
        containers=content.containers,
        links=_own_links(content, headers),
    )


def forwarded(data: bytes) -> Content | None:
    """Return what a mail that came as a file holds, None where it is no mail; raise `NotMail` over a budget."""
    return _opened(data, 1, MOST_BYTES)


def _own_links(content: Content, headers: Headers) -> tuple[Link, ...]:
    """Return the links that this mail brings; what an answer only quotes came before."""
    if not _ids(headers, "in-reply-to") or _FORWARDS.match(headers.text("subject")):
        return content.links
    return tuple(
        link for link in content.links if _said(link) in content.text or _said(link) not in content.quoted
    )


def _said(link: Link) -> str:
    return link.name or link.url


def _reply_to(headers: Headers) -> str | None:
    address, _ = one_address(headers, "reply-to")
    return address or ("" if "@" in headers.text("reply-to") else None)


def received_at(raw: bytes) -> tuple[datetime, Clock] | None:
    """Return when a filed mail was received: by its topmost Received, else by its Date, else None."""
    try:
        headers = head(raw[: 1024 * 1024])
    except NotMail:
        return None
    for value in headers.all("received"):
        if moment := when(value.rpartition(";")[2]):
            return moment, Clock.RECEIVED
    moment = when(headers.text("date"))
    return (moment, Clock.DATE) if moment else None


def _ids(headers: Headers, name: str) -> tuple[str, ...]:
    """Return the message ids of a field with their angle brackets (a bare one gets them)."""
    value = headers.text(name)
    found = re.findall(r"<[^<>\s]+>", value)
    bare = [f"<{word}>" for word in value.split() if "@" in word and not re.search(r"[<>]", word)]
    return tuple(found or bare)


def _content(parts: tuple[Part, ...], depth: int, room: int) -> Content:
    said, files = _said_and_sent(parts)
    plain = [_decoded(part) for part in said if part.type == "text/plain"]
    html = [_decoded(part) for part in said if part.type == "text/html"]
    text, quoted, seen = _words("\n".join(plain), "\n".join(html))
    named = pictures_named("\n".join(html))
    attachments: list[Attachment] = []
    containers: list[Attachment] = []
    linked = list(links("\n".join(html), seen))
    spent, size = len(parts), 0
    for part in files:
        size += len(part)
        _within_budget(spent, len(attachments), room - size)
        made = _attachment(part, len(attachments) + len(containers) + 1, named)
        inner = _opened(made.data, depth, room - size) if made.name.endswith(".eml") else None
        if inner is None:
            attachments.append(made)
            continue
        containers += [made, *(_within(made, each) for each in inner.containers)]
        attachments += [_within(made, each) for each in inner.attachments]
        quoted = "\n\n".join(filter(None, [quoted, inner.text, inner.quoted]))
        linked += inner.links
        spent += inner.parts
        size += inner.size
    _within_budget(spent, len(attachments), room - size)
    return Content(
        text=text,
        quoted=quoted,
        attachments=tuple(attachments),
        containers=tuple(containers),
        links=tuple(dict.fromkeys(linked)),
        parts=spent,
        size=size,
    )


def _within_budget(parts: int, attachments: int, room: int) -> None:
    if room < 0:
        raise NotMail("too-large")
    if parts > MOST_PARTS:
        raise NotMail("too-many-parts")
    if attachments > MOST_ATTACHMENTS:
        raise NotMail("too-many-attachments")


def _words(plain: str, html: str) -> tuple[str, str, str]:
    """Return new words, quoted words, and all words; a table is better read in HTML than in plain text."""
    marked, apart = text_of(html)
    body = marked if html and (not plain.strip() or "<table" in html.lower()) else plain.replace("\r\n", "\n")
    apart = apart if body is marked else ""
    new, quoted = split_reply(body)
    return new, "\n\n".join(filter(None, [quoted, apart])), marked + "\n" + plain


def _said_and_sent(parts: Iterable[Part]) -> tuple[list[Part], list[Part]]:
    """Tell the parts that are the mail's words from its files; words beyond any letter's length are a file."""
    said: list[Part] = []
    sent: list[Part] = []
    room = LONGEST_TEXT
    for part in parts:
        if _is_text(part) and len(part) <= room:
            room -= len(part)
            said.append(part)
        else:
            sent.append(part)
    return said, sent


def _is_text(part: Part) -> bool:
    return part.type in ("text/plain", "text/html") and part.disposition != "attachment" and not part.name


def _decoded(part: Part) -> str:
    data = part.data()
    label = part.charset
    if label is None and part.type == "text/html":
        found = re.search(rb"(?i)<meta[^>]+charset\s*=\s*[\"']?([\w-]+)", data[:4096])
        label = found[1].decode("ascii") if found else None
    return decode(data, label)


def _attachment(part: Part, number: int, named: frozenset[str]) -> Attachment:
    data = part.data()
    name = safe_name(part.name)
    if part.type == "message/rfc822" and not name.lower().endswith(".eml"):
        name = f"{safe_name(_subject(data)) or name or f'转发邮件{number}'}.eml"
    name = name or f"附件{number}{_extension(part.type, data)}"
    name = name[:-4] + ".eml" if name.lower().endswith(".eml") else name
    return Attachment(name=name, data=data, content_type=part.type, inline=_inline(part, named))


def _inline(part: Part, named: frozenset[str]) -> bool:
    if not part.type.startswith("image/") and part.type != "application/octet-stream":
        return False
    content_id = part.headers.text("content-id").strip("<> ")
    related = "multipart/related" in part.around and part.disposition == "inline"
    return bool(content_id) and (content_id in named or related)


def safe_name(name: str) -> str:
    """Return a file's name without path, control characters or surrounding space; empty if none is left."""
    last = re.sub(r"^[A-Za-z]:[\\/](?:.*[\\/])?", "", one_line(name))
    shown = re.sub(r"\\x([0-9a-f]{2})", r"%\1", last)  # a backslash would be a path on some machines
    flat = re.sub(r"[/\\\x00]", "_", shown).strip()
    return "" if set(flat) <= {".", "_", " "} else flat


def _extension(kind: str, data: bytes) -> str:
    sniffed = next((extension for magic, extension in MAGIC if data.startswith(magic)), "")
    if data.startswith(b"PK\x03\x04"):
        sniffed = ".docx" if b"word/" in data[:4096] or b"word/document" in data[-8192:] else ".zip"
    return EXTENSIONS.get(kind) or sniffed or ".bin"


def _subject(data: bytes) -> str:
    try:
        return head(data).text("subject")
    except NotMail:
        return ""


def _opened(data: bytes, depth: int, room: int) -> Content | None:
    """Return what a forwarded mail holds, or None to keep it as a file: no mail, or too deep.

    A forwarded mail spends the budget of the one around it, so `NotMail` for a budget rises.
    """
    if depth > DEEPEST_MAIL:
        return None
    try:
        return _content(leaves(data), depth + 1, room)
    except NotMail as error:
        if error.reason in ("empty", "no-header", "header-too-large"):
            return None
        raise


def _within(container: Attachment, inner: Attachment) -> Attachment:
    return msgspec.structs.replace(inner, name=f"{container.name}/{inner.name}")
