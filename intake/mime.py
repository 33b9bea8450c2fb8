"""A mail's tree of parts, split on its bytes without recursion and within budgets (RFC 2046)."""

import binascii
import re

from intake.headers import Headers, file_name, from_base64, media_type, parameters, parse
from storage.model import Noun

LARGEST = 70 * 1024 * 1024
DEEPEST = 20
MOST_PARTS = 500
BLANK = re.compile(rb"\r\n\r\n|\n\n|\n\r\n|\r\r")
SENSIBLE = frozenset(
    {"from", "to", "cc", "subject", "date", "message-id", "received", "return-path", "sender", "reply-to"}
    | {"mime-version", "content-type", "content-transfer-encoding", "delivered-to", "in-reply-to"}
)
REASONS = {
    "empty": "邮件是空文件",
    "no-header": "没有邮件头，不是邮件",
    "too-large": "邮件超过70兆字节",
    "too-deep": "邮件的部分嵌套过深",
    "too-many-parts": "邮件的部分过多",
    "too-many-attachments": "邮件的附件过多",
}


class NotMail(Exception):
    """The bytes cannot be understood as a mail; `reason` is a key of `REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(REASONS[reason])
        self.reason = reason


class Part(Noun, frozen=True, kw_only=True):
    """A leaf of the tree: its headers, its undecoded content, the types of the multiparts around it."""

    headers: Headers
    content: bytes
    around: tuple[str, ...] = ()
    default: str = "text/plain"

    @property
    def type(self) -> str:
        return media_type(self.headers, self.default)

    @property
    def name(self) -> str:
        return file_name(self.headers)

    @property
    def disposition(self) -> str:
        return self.headers.text("content-disposition").split(";")[0].strip().lower()

    @property
    def charset(self) -> str | None:
        return parameters(self.headers.raw("content-type")).get("charset")

    def data(self) -> bytes:
        """Return the content with its transfer encoding undone; an unknown one is left as it is."""
        encoding = self.headers.text("content-transfer-encoding").strip().strip('"').lower()
        if encoding == "base64":
            return from_base64(self.content)
        if encoding == "quoted-printable":
            return binascii.a2b_qp(self.content)
        return self.content


def head(raw: bytes) -> Headers:
    """Return the header block of a mail; raise `NotMail` where there is none."""
    if not raw.strip():
        raise NotMail("empty")
    headers = parse(_halves(raw)[0])
    if not headers.names() & SENSIBLE:
        raise NotMail("no-header")
    return headers


def leaves(raw: bytes) -> tuple[Part, ...]:
    """Return the parts of a mail that are no multipart, in order; raise `NotMail` over a budget."""
    if len(raw) > LARGEST:
        raise NotMail("too-large")
    head(raw)
    block, content = _halves(raw)
    waiting = [Part(headers=parse(block), content=content)]
    found: list[Part] = []
    seen = 0
    while waiting:
        part = waiting.pop()
        seen += 1
        _within(seen + len(waiting), len(part.around))
        pieces = _split(part)
        if pieces is None:
            found.append(part)
        else:
            waiting.extend(reversed(pieces))
    return tuple(found)


def _within(parts: int, depth: int) -> None:
    if depth > DEEPEST:
        raise NotMail("too-deep")
    if parts > MOST_PARTS:
        raise NotMail("too-many-parts")


def _split(part: Part) -> list[Part] | None:
    """Return the parts of a multipart, or None for a leaf (or a multipart whose boundary never comes)."""
    boundary = parameters(part.headers.raw("content-type")).get("boundary", "")
    if not part.type.startswith("multipart/") or not boundary:
        return None
    bounds = _bounds(part.content, b"--" + boundary.encode("utf-8", "surrogateescape"))
    around = (*part.around, part.type)
    default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
    pieces = []
    for start, end in bounds:
        block, content = _halves(part.content[start:end])
        pieces.append(Part(headers=parse(block), content=content, around=around, default=default))
    return pieces or None


def _bounds(content: bytes, mark: bytes) -> list[tuple[int, int]]:
    """Return where each part starts and ends; an unclosed last part ends with the content."""
    found: list[tuple[int, int]] = []
    start, place = -1, 0
    while (place := content.find(mark, place)) >= 0:
        line_end = content.find(b"\n", place)
        line_end = len(content) if line_end < 0 else line_end + 1
        rest = content[place + len(mark) : line_end].strip()
        if (place == 0 or content[place - 1 : place] in (b"\n", b"\r")) and rest in (b"", b"--"):
            if start >= 0:
                found.append((start, _without_line_end(content, start, place)))
            start = -1 if rest else line_end
            if rest or len(found) > MOST_PARTS:
                break
        place += len(mark)
    if start >= 0:
        found.append((start, len(content)))
    return found


def _without_line_end(content: bytes, start: int, end: int) -> int:
    """Return `end` before the line end that belongs to the boundary (RFC 2046, 5.1.1)."""
    for mark in (b"\r\n", b"\n", b"\r"):
        if content.endswith(mark, start, end):
            return end - len(mark)
    return max(start, end)


def _halves(raw: bytes) -> tuple[bytes, bytes]:
    """Return header block and content; a part that starts with a line end has no headers."""
    start = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    if not raw.startswith((b"\r\n", b"\n"), start):
        blank = BLANK.search(raw, start)
        return (raw[start : blank.start()], raw[blank.end() :]) if blank else (raw[start:], b"")
    return b"", raw[start:].lstrip(b"\r\n")
