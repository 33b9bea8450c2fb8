"""The bare libraries doing the work that cannot be left out of a mail: what `shenbao` is measured against.

For each mail, with nothing checked and nothing understood: read its bytes, hash and sync them, parse MIME by
the standard library, hash and sync each file in it (as ours are, so that a power cut loses none), one hop to
a process with limits (pebble, a renewed process every hundred tasks, as ours) and back, there the docx XML
through lxml, the text of a PDF through pdfium and, in a mail with a scan, rapidocr; one durable commit of a row.
"""

import email
import email.policy
import hashlib
import io
import multiprocessing
import os
import resource
import zipfile
from collections import deque
from concurrent.futures import Future
from functools import lru_cache
from pathlib import Path
from typing import Any

import pypdfium2
from lxml import etree
from pebble import ProcessPool

from bench.cost import Meter
from storage.driver import sqlite3

AHEAD = 64
MEMORY = 2048 * 1024 * 1024
SECONDS = 180.0
Files = list[bytes]


def run(meter: Meter, maildir: Path, folder: Path) -> None:
    """Work off the mails of `maildir` into `folder`."""
    mails = sorted((maildir / "new").iterdir())
    context = multiprocessing.get_context("forkserver")
    db = _database(folder)
    with ProcessPool(max_workers=len(os.sched_getaffinity(0)), max_tasks=100, context=context) as pool:
        for started in [pool.schedule(read, args=[[b""]]) for _ in range(4)]:
            started.result()
        meter.start()
        ahead: deque[tuple[str, str, Future[Any]]] = deque()
        for path in mails:
            ahead.append(_begun(pool, path.read_bytes(), folder))
            if len(ahead) == AHEAD:
                _settle(db, ahead.popleft())
        while ahead:
            _settle(db, ahead.popleft())
        meter.stop()
    db.close()


def read(files: Files) -> list[str]:
    """Return the texts of `files`, within a limit of memory."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.RLIM_INFINITY))
    try:
        return [_text(data) for data in files]
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _database(folder: Path) -> sqlite3.Connection:
    folder.mkdir(parents=True)
    db = sqlite3.connect(str(folder / "bare.sqlite3"), isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE mails (sha256 TEXT, subject TEXT, texts TEXT)")
    return db


def _begun(pool: ProcessPool, raw: bytes, folder: Path) -> tuple[str, str, Future[Any]]:
    sha256 = _kept(folder, raw)
    parsed = email.message_from_bytes(raw, policy=email.policy.compat32)
    files = [data for part in parsed.walk() if isinstance(data := part.get_payload(decode=True), bytes)]
    for data in files:
        _kept(folder, data)
    return sha256, str(parsed["Subject"]), pool.schedule(read, args=[files], timeout=SECONDS)


def _settle(db: sqlite3.Connection, one: tuple[str, str, Future[Any]]) -> None:
    sha256, subject, texts = one
    db.execute("INSERT INTO mails VALUES (?, ?, ?)", (sha256, subject, "\n".join(texts.result())))


def _kept(folder: Path, data: bytes) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    with (folder / sha256).open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return sha256


def _text(data: bytes) -> str:
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            return "".join(map(str, etree.fromstring(opened.read("word/document.xml")).itertext()))
    if data.startswith(b"%PDF"):
        with pypdfium2.PdfDocument(data) as document:
            return "".join(page.get_textpage().get_text_range() for page in document)
    if data.startswith(b"\xff\xd8"):
        return " ".join(_rapidocr()(data).txts or ())
    return ""


@lru_cache(1)
def _rapidocr() -> Any:
    from bench.reading import rapidocr  # noqa: PLC0415  only mails with scans need it

    return rapidocr()
