"""IMAP FETCH on the bare wire: commands sent ahead, literals streamed to where they belong, never held whole.

imaplib reads a command's whole answer into memory before anybody sees a byte of it; between its own commands
the connection is quiet, and its public `send`, `read` and `readline` serve here (RFC 3501, 7.4.2 and 9).
"""

import imaplib
import itertools
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from imap_tools import BaseMailBox

PIECE = 256 * 1024
MOST_LINE = 1024 * 1024
LITERAL = re.compile(rb"\{(\d+)\}\r?\n$")
FETCHED = re.compile(rb"\* \d+ FETCH \(", re.IGNORECASE)
ITS_BODY = re.compile(rb"\bBODY\[\](?:<\d+>)? $", re.IGNORECASE)
BODY = re.compile(rb'\bBODY\[\](?:<\d+>)? (?:"((?:[^"\\]|\\.)*)"|NIL)', re.IGNORECASE)
_numbers = itertools.count(1)


class Sink(Protocol):
    """Where the bytes of a literal go."""

    def write(self, data: bytes) -> None: ...


class Nowhere:
    """A sink for what nobody asked for."""

    def write(self, data: bytes) -> None:
        pass


class Refused(Exception):
    """The server said NO or BAD to a FETCH; the connection is good."""


class Answer(NamedTuple):
    """One FETCH answer: all of it but the body, and where that went (None: the answer holds no body)."""

    attributes: bytes
    body: Sink | None


def ask(box: BaseMailBox, command: str) -> bytes:
    """Send a command and return its tag; its answer is read by `answers`, in the order of asking."""
    tag = b"SB%d" % next(_numbers)
    box.client.send(tag + b" " + command.encode("ascii") + b"\r\n")
    return tag


def answers(box: BaseMailBox, tag: bytes, sink: Callable[[], Sink]) -> Iterator[Answer]:
    """Yield the FETCH answers to `tag`, each body written to a sink of its own; raise `Refused` at a NO."""
    while True:
        line = _line(box)
        if line.startswith(tag + b" "):
            _check(line[len(tag) + 1 :])
            return
        body: Sink | None = None
        attributes = line
        while found := LITERAL.search(attributes):
            wanted = body is None and ITS_BODY.search(attributes, 0, found.start())
            into = sink() if wanted else Nowhere()
            _pour(box, int(found[1]), into)
            body = into if wanted else body
            attributes = attributes[: found.start()] + b'""' + _line(box)
        if FETCHED.match(attributes):
            yield Answer(attributes, body or _short_body(attributes, sink))


def _short_body(attributes: bytes, sink: Callable[[], Sink]) -> Sink | None:
    """Return a body that came as a quoted string, or as NIL where the mail is empty."""
    found = BODY.search(attributes)
    if found is None:
        return None
    into = sink()
    into.write(re.sub(rb"\\(.)", rb"\1", found[1] or b""))
    return into


def _pour(box: BaseMailBox, size: int, into: Sink) -> None:
    while size:
        piece = box.client.read(min(PIECE, size))
        if not piece:
            raise imaplib.IMAP4.abort("connection closed in the middle of a mail")
        into.write(piece)
        size -= len(piece)


def _line(box: BaseMailBox) -> bytes:
    line = box.client.readline()
    if not line.endswith(b"\n"):
        raise imaplib.IMAP4.abort("connection closed" if len(line) < MOST_LINE else "endless line")
    if line.upper().startswith(b"* BYE"):
        raise imaplib.IMAP4.abort(line[5:].decode("utf-8", "replace").strip())
    return bytes(line)


def _check(status: bytes) -> None:
    if not status.upper().startswith(b"OK"):
        raise Refused(status.decode("utf-8", "replace").strip())
