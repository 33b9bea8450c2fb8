"""Part `parse`: raw mails into their parts and into all that an office needs, beside two other parsers.

Every mail of a shape is another one, so that nothing is remembered from the one before.
"""

import email
import email.policy
import os
import time
from collections.abc import Callable
from typing import NamedTuple

import fast_mail_parser
from rich.table import Table

from intake.mail import envelope
from intake.mail.mime import leaves
from tests.build import facts, mails

ROUNDS = 5
ZIP = b"PK\x03\x04"


class Shape(NamedTuple):
    """Some mails of one kind: how many, how many files each, and how large a file is."""

    name: str
    mails: int
    files: int
    size: int


SHAPES = (
    Shape("a question, no file", 200, 0, 0),
    Shape("three files, 320 KB", 60, 3, 78 * 1024),
    Shape("forty small files", 30, 40, 2 * 1024),
    Shape("a video, 24 MB", 3, 1, 18 * 1024 * 1024),
)


def run() -> Table:
    """Return the table of this part."""
    table = Table(title="parse: ms of CPU a mail, the best of five rounds; ratios to the standard library")
    table.add_column("mails")
    for name in WAYS:
        table.add_column(name, justify="right")
    for shape in SHAPES:
        raws = [_mail(shape, number) for number in range(shape.mails)]
        spent = {name: _spent(way, raws) for name, way in WAYS.items()}
        table.add_row(shape.name, *(_cell(spent[name], spent[STANDARD]) for name in WAYS))
    return table


def _mail(shape: Shape, number: int) -> bytes:
    who = facts.applicant(number, platform="wechat")
    files = [
        (f"申报材料{number}之{place}.docx", ZIP + os.urandom(shape.size)) for place in range(shape.files)
    ]
    client = list(mails.CLIENTS)[number % len(mails.CLIENTS)]
    return mails.mail(who, client=client, attachments=files).raw


def _spent(way: Callable[[bytes], object], raws: list[bytes]) -> float:
    """Return the milliseconds of CPU a mail."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for raw in raws:
            way(raw)
        rounds.append(1000 * (time.process_time() - start) / len(raws))
    return min(rounds)


def _cell(spent: float, beside: float) -> str:
    return f"{spent:.3f} ({spent / beside:.2f})"


def _parts(raw: bytes) -> list[tuple[str, bytes]]:
    """Do what the two others do: parts, names and contents."""
    return [(part.name, part.data()) for part in leaves(raw)]


def _standard(raw: bytes) -> list[tuple[str | None, object]]:
    parts = email.message_from_bytes(raw, policy=email.policy.compat32).walk()
    return [(part.get_filename(), part.get_payload(decode=True)) for part in parts]


STANDARD = "standard library"
WAYS: dict[str, Callable[[bytes], object]] = {
    "shenbao, parts": _parts,
    "shenbao, the whole mail": envelope.read,
    "fast-mail-parser": fast_mail_parser.parse_email,
    STANDARD: _standard,
}
