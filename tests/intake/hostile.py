"""Mails made to exhaust whoever reads them; run as a program, it reads each in a process of its own.

One line of JSON a mail: its name, its outcome, the seconds of CPU and the megabytes that reading it took.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping

from intake.mail.envelope import NotMail, read, received_at
from intake.mail.mime import LARGEST

HEAD = b"From: zs@unit.example.cn\r\nTo: bzscbk@163.com\r\nMessage-ID: <1@unit.example.cn>\r\n"
FULL = LARGEST - 4096  # a mail as large as we take
SMALL = 250_000  # a header as large as we take
TEXT = 2_000_000  # a text as large as we take


def field(value: bytes, name: bytes = b"Subject", size: int = 1_000_000) -> bytes:
    return HEAD + name + b": " + value * (size // len(value)) + b"\r\n\r\nx"


def parameter(value: bytes) -> bytes:
    return field(value, b"Content-Type: text/plain; name", SMALL)


def file(encoding: bytes, content: bytes) -> bytes:
    kind = b"application/pdf\r\nContent-Transfer-Encoding: " + encoding
    return wrapped(kind, content * (FULL // len(content)))


def wrapped(kind: bytes, content: bytes, boundary: bytes = b"X") -> bytes:
    begun = b"Content-Type: multipart/mixed; boundary=" + boundary + b"\r\n\r\n--" + boundary
    return (
        HEAD + begun + b"\r\nContent-Type: " + kind + b"\r\n\r\n" + content + b"\r\n--" + boundary + b"--\r\n"
    )


def words(kind: bytes, content: bytes, size: int = FULL) -> bytes:
    return HEAD + b"Content-Type: text/" + kind + b"\r\n\r\n" + content * (size // len(content))


def multipart(content: bytes, size: int = FULL) -> bytes:
    return HEAD + b"Content-Type: multipart/mixed; boundary=X\r\n\r\n" + content * (size // len(content))


def nested(depth: int) -> bytes:
    begun = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    return HEAD + b"".join(begun % (level, level) for level in range(depth)) + b"\r\nx"


def forwarded(depth: int, content: bytes) -> bytes:
    for level in range(depth):
        content = wrapped(b"message/rfc822", content, b"F%d" % level)
    return content


MAILS: Mapping[str, Callable[[], bytes]] = {
    "1,000 parts in each other": lambda: nested(1_000),
    "100,000 parts in each other": lambda: nested(100_000),
    "50,000 parts": lambda: multipart(b"--X\r\n\r\nx\r\n", 500_000),
    "a boundary in every word": lambda: multipart(b"--X"),
    "a boundary begun on every line": lambda: multipart(b"--Xa\n"),
    "mails in mails": lambda: forwarded(1_000, HEAD + b"\r\nx"),
    "a large mail in a mail in a mail": lambda: forwarded(5, file(b"8bit", b"%PDF")[: FULL - 2_000]),
    "100,000 headers": lambda: HEAD + b"X-A: b\r\n" * 100_000 + b"\r\nx",
    "nothing but a header": lambda: HEAD + b"X: " + b"a" * (FULL - len(HEAD)),
    "a subject of 1 MB": lambda: field(b"a"),
    "a subject of 1 MB in encoded words": lambda: field(b"=?utf-8?B?55Sz5oql?= "),
    "a subject on many lines": lambda: field(b"a\r\n ", size=SMALL),
    "a subject of words never ended": lambda: field(b"=?a?b?", size=SMALL),
    "a subject of answers": lambda: field(b"Re: ", size=SMALL),
    "a sender of angles": lambda: field(b"<a@b.cn ", b"To", SMALL),
    "a sender of quotes": lambda: field(b'"\\', b"Cc", SMALL),
    "a sender of parentheses": lambda: field(b"(\\", b"Reply-To", SMALL),
    "a date of parentheses": lambda: field(b"(", b"Date", SMALL),
    "a parameter of spaces": lambda: field(b" ", b"Content-Type: a/b;", SMALL),
    "a parameter of encoded words": lambda: parameter(b"=?a?b?"),
    "a parameter of quotes": lambda: parameter(b'="'),
    "many parameters": lambda: parameter(b"=b; a"),
    "a name of percent signs": lambda: parameter(b"*=utf-8''%E7"),
    "base64": lambda: file(b"base64", b"QUJD" * 19 + b"\r\n"),
    "base64 padded everywhere": lambda: file(b"base64", b"QQ=="),
    "base64 among rubbish": lambda: file(b"base64", b"Q!U*"),
    "quoted-printable": lambda: file(b"quoted-printable", b"=41"),
    "a text of lines": lambda: words(b"plain", b"From: abc\r\n"),
    "a text of quotes": lambda: words(b"plain", b"> abc\r\n", TEXT),
    "a text of announcements": lambda: words(b"plain", b"on 2022-01-01 a wrote:\r\n", TEXT),
    "a text of senders": lambda: words(b"plain", b"From: abc\r\n", TEXT),
    "HTML": lambda: words(b"html", b"<p>abc</p>"),
    "HTML of quotes": lambda: words(b"html", b"<blockquote>a</blockquote>", TEXT),
    "HTML in depth": lambda: words(b"html", b"<div>", TEXT),
    "HTML of brackets": lambda: words(b"html", b"<", TEXT),
    "HTML of scripts": lambda: words(b"html", b"QQMailBigAttach<script ", TEXT),
    "HTML of links": lambda: words(b"html", b"QQMailBigAttach https://", TEXT),
    "HTML of cloud links": lambda: words(
        b"html", b"QQMailBigAttach a.docx 3M https://mail.qq.com/cgi-bin/ftnExs_download?k=1 ", TEXT
    ),
    "HTML of names": lambda: words(b"html", b"QQMailBigAttach" + b"a." * 900, TEXT),
}


def outcome(raw: bytes) -> str:
    try:
        read(raw)
        received_at(raw)
    except NotMail as refusal:
        return refusal.reason
    return "mail"


def measure(name: str) -> None:
    raw = MAILS[name]()
    began = time.process_time()
    told = outcome(raw)
    seconds = time.process_time() - began
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps([name, told, seconds, megabytes]) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure every mail in a child, so that each has its own peak of memory."""
    for name in MAILS:
        child = os.fork()
        if not child:
            measure(name)
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
