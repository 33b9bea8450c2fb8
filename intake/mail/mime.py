"""A mail's tree of parts, split on its bytes without recursion and within budgets (RFC 2046)."""

import binascii
import re
from collections.abc import Iterator

from intake.mail.headers import Headers, file_name, from_base64, media_type, parameters, parse
from storage.model import Noun

LARGEST = 70 * 1024 * 1024
DEEPEST = 20
MOST_PARTS = 500
MOST_MARKS = 100_000  # lines that begin as a boundary does
LARGEST_HEADER = 256 * 1024
BLANK = re.compile(rb"\r\n\r\n|\n\n|\n\r\n|\r\r")
SOMETHING = re.compile(rb"\S")
MARK_END = re.compile(rb"(--)?[ \t]*+(?:\r\n|\n|\r|\Z)")
FILLED = re.compile(rb"[\r\n]*")
SENSIBLE = frozenset(
    # What a server puts before any bytes, Return-Path and Delivered-To, makes no mail of them.
    {"from", "to", "cc", "subject", "date", "message-id", "received", "sender", "reply-to"}
    | {"mime-version", "content-type", "content-transfer-encoding", "in-reply-to"}
)
REASONS = {
    "empty": "邮件是空文件",
    "no-header": "没有邮件头，不是邮件",
    "header-too-large": "邮件头过长",
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
    """A part of the tree: its headers, where its undecoded content lies, the multiparts around it.

    It points into the mail's bytes: a mail of 70 MB is not copied once a level.
    """

    headers: Headers
    raw: bytes
    start: int
    end: int
    around: tuple[str, ...] = ()
    type: str = "text/plain"

    def __len__(self) -> int:
        return self.end - self.start

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
            return from_base64(self.raw, self.start, self.end)
        content = self.raw[self.start : self.end]
        return binascii.a2b_qp(content) if encoding == "quoted-printable" else content


def head(raw: bytes) -> Headers:
    """Return the header block of a mail; raise `NotMail` where there is none."""
    return root(raw).headers


def root(raw: bytes) -> Part:
    """Return the whole mail as one part; raise `NotMail` where it has no header block."""
    if not SOMETHING.search(raw):
        raise NotMail("empty")
    part = _part(raw, 0, len(raw))
    if part.headers.names().isdisjoint(SENSIBLE):
        raise NotMail("no-header")
    return part


def leaves(raw: bytes) -> tuple[Part, ...]:
    """Return the parts of a mail that are no multipart, in order; raise `NotMail` over a budget."""
    if len(raw) > LARGEST:
        raise NotMail("too-large")
    waiting = [root(raw)]
    found: list[Part] = []
    seen = 0
    while waiting:
        part = waiting.pop()
        seen += 1
        _within(seen + len(waiting), len(part.around))
        pieces = _split(part)
        if pieces:
            waiting.extend(reversed(pieces))
        else:
            found.append(part)
    return tuple(found)


def _within(parts: int, depth: int) -> None:
    if depth > DEEPEST:
        raise NotMail("too-deep")
    if parts > MOST_PARTS:
        raise NotMail("too-many-parts")


def _split(part: Part) -> list[Part]:
    """Return the parts of a multipart; none for a leaf (or a multipart whose boundary never comes)."""
    if not part.type.startswith("multipart/"):
        return []
    boundary = parameters(part.headers.raw("content-type")).get("boundary", "")
    if not boundary:
        return []
    around = (*part.around, part.type)
    default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
    mark = b"--" + boundary.encode("utf-8", "surrogateescape")
    return [_part(part.raw, start, end, around, default) for start, end in _bounds(part, mark)]


def _part(
    raw: bytes, start: int, end: int, around: tuple[str, ...] = (), default: str = "text/plain"
) -> Part:
    """Return the part whose header block begins at `start`; one that begins with a line end has none."""
    first = start + 3 if raw.startswith(b"\xef\xbb\xbf", start, end) else start
    if raw.startswith((b"\r\n", b"\n"), first, end):
        filled = FILLED.match(raw, first, end)
        return Part(
            headers=Headers(),
            raw=raw,
            start=filled.end() if filled else end,
            end=end,
            around=around,
            type=default,
        )
    blank = BLANK.search(raw, first, min(end, first + LARGEST_HEADER))
    if blank is None and end - first > LARGEST_HEADER:
        raise NotMail("header-too-large")
    stop, after = (blank.start(), blank.end()) if blank else (end, end)
    headers = parse(raw[first:stop])
    return Part(
        headers=headers, raw=raw, start=after, end=end, around=around, type=media_type(headers, default)
    )


def _bounds(part: Part, mark: bytes) -> list[tuple[int, int]]:
    """Return where each part starts and ends; an unclosed last part ends with the content."""
    found: list[tuple[int, int]] = []
    start = -1
    for place, begins, closes in _marks(part, mark):
        if start >= 0:
            found.append((start, _without_line_end(part.raw, start, place)))
        start = -1 if closes else begins
        if closes or len(found) > MOST_PARTS:
            break
    if start >= 0:
        found.append((start, part.end))
    return found


def _marks(part: Part, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    """Yield each line that is a boundary: where it begins, where the next begins, whether it is the last."""
    line_end = b"\n" if part.raw.find(b"\n", part.start, part.end) >= 0 else b"\r"
    place = part.start
    for _ in range(MOST_MARKS):
        begins = part.raw.startswith(mark, place, part.end)
        if begins and (found := MARK_END.match(part.raw, place + len(mark), part.end)):
            yield place, found.end(), found[1] is not None
        place = part.raw.find(line_end + mark, place, part.end) + 1
        if not place:
            return
    raise NotMail("too-many-parts")


def _without_line_end(raw: bytes, start: int, end: int) -> int:
    """Return `end` before the line end that belongs to the boundary (RFC 2046, 5.1.1)."""
    for mark in (b"\r\n", b"\n", b"\r"):
        if raw.endswith(mark, start, end):
            return end - len(mark)
    return max(start, end)
