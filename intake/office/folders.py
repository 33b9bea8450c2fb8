"""The material as a person files it: a folder an application, its documents under plain names, an index beside them.

What came later lies beside what it may replace: the newest file of each kind has the plain name, an
older one says with which version it came. Nothing that was found unsafe leaves the store.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from intake import labels
from intake.office.workbook import Column, Paper, Sheet, workbook
from storage import applications
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Application, Code, Document, DocumentType, Noun

INDEX = "目录.xlsx"
LONGEST_PART = 150  # bytes of a folder's or file's name in UTF-8; every file system takes 255
LONGEST_NAME = 60  # bytes of an account's or unit's name in a folder's name
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f\\/:*?"<>|\u202a-\u202e\u2066-\u2069\ud800-\udfff]+')
# Windows opens a device, whatever the ending.
RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)")
ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")
TYPES = {
    DocumentType.FORM: "申报表",
    DocumentType.WORK: "工作材料",
    DocumentType.QUALIFICATION: "资质证明",
    DocumentType.HONOUR: "荣誉证书",
    DocumentType.PICTURE: "图片",
    DocumentType.VIDEO: "视频",
    DocumentType.OTHER: "其他材料",
    DocumentType.UNREADABLE: "打不开的文件",
}
COLUMNS = (
    Column(head="序号", width=5, look="number"),
    Column(head="收件编号", width=13, look="centre"),
    Column(head="网站平台或账号名称", width=20),
    Column(head="主办单位", width=22),
    Column(head="状态", width=11, look="centre"),
    Column(head="类型", width=10, look="centre"),
    Column(head="文件", width=44),
    Column(head="原文件名", width=34),
    Column(head="第几次报送", width=7, look="centre"),
)
HELD_BACK = "不安全，未导出"


class Entry(Noun, frozen=True, kw_only=True):
    """One document of an application and its place in the folder; `path` is empty for what stays in the store."""

    application: Application
    document: Document
    path: str


def entries(store: Store, chosen: Iterable[Application]) -> Iterator[Entry]:
    """Yield every document of the applications `chosen` with the path where a person finds it."""
    for one in chosen:
        folder = folder_of(one)
        taken: set[str] = set()
        held = applications.holdings(store.db, one.receipt)
        newest = _newest(held)
        unsafe = {problem.file for problem in one.problems if problem.code is Code.ATTACHMENT_UNSAFE}
        for document in held:
            if document.type not in TYPES:
                continue  # a container: its members stand for it
            if document.file in unsafe:
                yield Entry(application=one, document=document, path="")
                continue
            name = _free(_name(document, newest[document.type], held), taken)
            yield Entry(application=one, document=document, path=f"{folder}/{name}")


def folder_of(one: Application) -> str:
    """Return the application's folder: `01_账号名称_主办单位`, its number the receipt's own."""
    number = int(one.receipt.rpartition("-")[2])
    names = (one.fields.name or "名称未填", one.fields.organizer or one.submitter or "单位未填")
    return "_".join([f"{number:02d}", *(_shortened(safe(name), LONGEST_NAME) for name in names)])


def index(listed: Sequence[Entry], campaign: Campaign, *, now: datetime) -> bytes:
    """Return the list of every document and where it lies, as the bytes of an xlsx.

    It is dated by the newest change, and by `now` only where there is none.
    """
    as_of = max((entry.application.changed_at for entry in listed), default=now)
    rows = tuple(
        (
            number,
            entry.application.receipt,
            entry.application.fields.name,
            entry.application.fields.organizer,
            labels.STATES[entry.application.state],
            TYPES[entry.document.type],
            entry.path or HELD_BACK,
            entry.document.file,
            f"第{entry.document.version}次",
        )
        for number, entry in enumerate(listed, 1)
    )
    paper = Paper(
        title=f"{campaign.title}申报材料目录",
        unit=campaign.office.name,
        as_of=as_of.astimezone(ZoneInfo(campaign.timezone)),
    )
    return workbook([Sheet(name="材料目录", columns=COLUMNS, rows=rows)], paper)


def safe(name: str) -> str:
    """Return `name` as every file system takes it: no separators, no devices, no hidden or trailing dots."""
    plain = re.sub(r"\s+", " ", FORBIDDEN.sub(" ", name)).strip(" .") or "未命名"
    return f"_{plain}" if RESERVED.match(plain) else plain


def _newest(held: Sequence[Document]) -> dict[DocumentType, int]:
    """Return for each type the version that last brought one."""
    return {document.type: document.version for document in sorted(held, key=lambda one: one.version)}


def _name(document: Document, newest: int, held: Sequence[Document]) -> str:
    """Return what the file is called: `申报表.docx`; `申报表_第1次报送.docx` once a later one came."""
    original = safe(Path(document.file).name)
    found = ENDING.search(original)
    ending = found.group().lower() if found else ""
    parts = [TYPES[document.type]]
    alike = [one for one in held if (one.type, one.version) == (document.type, document.version)]
    if document.type is not DocumentType.FORM or len(alike) > 1:
        parts.append(_shortened(original.removesuffix(found.group() if found else ""), LONGEST_PART - 40))
    if document.version < newest:
        parts.append(f"第{document.version}次报送")
    return "_".join(parts) + ending


def _shortened(name: str, longest: int) -> str:
    """Return `name` in at most `longest` bytes of UTF-8, cut between characters."""
    return name.encode()[:longest].decode(errors="ignore").rstrip(" .")


def _free(name: str, taken: set[str]) -> str:
    """Return `name`, numbered if a file of that name is there already, in whatever case; note it in `taken`."""
    stem, dot, ending = name.rpartition(".") if ENDING.search(name) else (name, "", "")
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{stem}({number}){dot}{ending}"
    taken.add(free.casefold())
    return free
