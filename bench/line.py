"""Part `line`: mails without OCR from raw bytes to the letter in the outbox, beside the bare libraries' sum."""

import email
import email.policy
import hashlib
import io
import os
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lxml import etree
from rich.table import Table

import intake
from intake import pipeline
from intake.handling import Line
from intake.pipeline import Raw
from parsers.workers import Workers
from storage.campaign_file import load
from storage.database import open_store
from storage.driver import sqlite3
from storage.model import Clock, Door
from tests.build import facts, forms, licences, mails, work

MAILS = 60
CAMPAIGN = load(Path(intake.__file__).parent / "campaigns" / "bozhou-2022.toml")
START = datetime(2022, 5, 30, tzinfo=UTC)


def run() -> Table:
    """Return the table of this part."""
    raws = [_mail(number) for number in range(MAILS)]
    with tempfile.TemporaryDirectory() as folder:
        ours = _timed(lambda: _ours(raws, Path(folder) / "data"))
        bare = _timed(lambda: _bare(raws, Path(folder)))
    table = Table(
        title=f"line: {MAILS} mails of {sum(map(len, raws)) // MAILS // 1024} KB, form + work + licence (text PDF)"
    )
    for head in ("what", "mails/s", "seconds", "ratio"):
        table.add_column(head, justify="right")
    for name, wall in (("shenbao, raw bytes to outbox", ours), ("bare libraries, one process", bare)):
        table.add_row(name, f"{MAILS / wall:.1f}", f"{wall:.2f}", f"{wall / bare:.2f}")
    return table


def _mail(number: int) -> bytes:
    who = facts.applicant(number, platform="wechat")
    made = licences.as_text_pdf(who)
    files = [
        ("申报表.docx", forms.docx(who).data),
        ("工作材料.docx", work.docx(work.Work(words=600, pictures=3, seed=number))),
        (made.name, made.data),
    ]
    return mails.mail(who, attachments=files).raw


def _timed(call: Callable[[], None]) -> float:
    """Return the seconds of the clock: the workers' CPU is not ours to count."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _ours(raws: list[bytes], folder: Path) -> None:
    with open_store(folder) as store, Workers() as workers:
        line = Line(
            store=store, reader=workers, campaign=CAMPAIGN, sender="office@example.cn", now=lambda: START
        )
        for number, raw in enumerate(raws):
            at = START + timedelta(seconds=number)
            pipeline.keep(store, Raw(raw, Door.IMAP, "bench", at, Clock.INTERNALDATE), at)
        done = sum(1 for _ in pipeline.work_off(line))
    assert done == len(raws)


def _bare(raws: list[bytes], folder: Path) -> None:
    """Do what cannot be left out: parse MIME, hash and sync each mail, read the docx XML, commit once a mail."""
    db = sqlite3.connect(str(folder / "bare.sqlite3"), isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE mails (sha256 TEXT, subject TEXT)")
    for raw in raws:
        parsed = email.message_from_bytes(raw, policy=email.policy.compat32)
        for part in parsed.walk():
            data = part.get_payload(decode=True)
            if isinstance(data, bytes):
                hashlib.sha256(data).hexdigest()
                if data.startswith(b"PK"):
                    etree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml"))
        digest = hashlib.sha256(raw).hexdigest()
        with (folder / digest).open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        db.execute("INSERT INTO mails VALUES (?, ?)", (digest, str(parsed["Subject"])))
    db.close()
