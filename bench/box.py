"""The mails of the part `line`: each with a form of its own facts, a work with photos, and a certificate.

What is costly to make is made a few times and told apart by a comment in the file, so that no two mails hold
the same bytes: nothing read in one is known of the next.
"""

import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import msgspec
from docx import Document
from docx.shared import Cm

from tests.build import facts, forms, licences, mails, pictures, work
from tests.build.facts import Applicant
from tests.build.scans import Scanner

KINDS = 20  # works and certificates that are made
PHOTO = (1280, 960)  # as Word shrinks a phone's photo when it is pasted
START = datetime(2022, 5, 23, 8, 0, tzinfo=mails.BEIJING)
SCANNER = Scanner(dpi=200, skew=0.6, quality=75, seed=7)


def fill(folder: Path, count: int, *, every: int = 0) -> None:
    """Make a Maildir of `count` mails in `folder`, `every` so manieth with a scan."""
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for number, raw in enumerate(raws(count, every=every)):
        (folder / "new" / f"{1653264000 + number}.M{number}.bench").write_bytes(raw)


def raws(count: int, *, every: int = 0) -> Iterator[bytes]:
    """Yield `count` mails, received one second after another."""
    for number in range(count):
        yield mail(number, scan=every > 0 and number % every == every - 1)


def mail(number: int, *, scan: bool = False) -> bytes:
    """Return mail `number`; with a `scan` its certificate is a picture that must be recognised."""
    who = applicant(number)
    at = START + timedelta(seconds=number)
    files = [
        ("申报表.docx", forms.docx(who).data),
        ("工作材料.docx", _marked_zip(_work(number % KINDS), number)),
        certificate(number) if scan else _text_certificate(number),
    ]
    return mails.mail(who, attachments=files, at=at).raw


def applicant(number: int) -> Applicant:
    """Return an applicant like no other; only the first `KINDS` bear the names of their certificates."""
    who = facts.applicant(number % KINDS, platform="wechat")
    if number < KINDS:
        return who
    fields = msgspec.structs.replace(
        who.fields,
        name=f"{who.fields.name}{number}",
        organizer=f"{who.fields.organizer}{number}队",
        identifier=f"bz{number:05d}x{number * 7919 % 99991}",
        email=f"u{number}@unit.example.cn",
    )
    return msgspec.structs.replace(who, fields=fields, written={})


def certificate(number: int) -> tuple[str, bytes]:
    """Return the certificate of mail `number` as a scan of its own."""
    made = licences.certificate(applicant(number), scanner=msgspec.structs.replace(SCANNER, seed=number))
    return (made.name, made.data)


def _text_certificate(number: int) -> tuple[str, bytes]:
    name, data = _certificate(number % KINDS)
    return (name, data + b"%% %d\n" % number)


@lru_cache(KINDS)
def _certificate(kind: int) -> tuple[str, bytes]:
    made = licences.as_text_pdf(facts.applicant(kind, platform="wechat"))
    return (made.name, made.data)


@lru_cache(KINDS)
def _work(kind: int) -> bytes:
    """Return a Word file of 600 字 and three photos."""
    document = Document()
    heading, paragraphs = work.parts(work.Work(words=600, seed=kind))
    for text in (heading, *paragraphs):
        document.add_paragraph(text)
    for number in range(3):
        photo = pictures.photo(kind * 10 + number, size=PHOTO, quality=80)
        document.add_picture(BytesIO(photo), width=Cm(11))
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _marked_zip(data: bytes, number: int) -> bytes:
    """Return a zip with a comment of its own, all else the same."""
    buffer = BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as opened:
        opened.comment = b"%d" % number
    return buffer.getvalue()
