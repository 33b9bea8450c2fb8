"""Everything of a campaign in one zip for the years to come: readable without this program, each file with its digest.

Mails that bear a 密级 mark stay out of it and are listed as such. The list of digests comes last and is
what `sha256sum -c SHA256SUMS` reads.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, NamedTuple

import msgspec
from msgspec.structs import replace

from intake.labels import LETTER_STATES
from intake.office import export, filing, folders
from intake.rules.wording import moment
from storage import applications, audit, documents, erasure, messages, outbox
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Letter, Message
from storage.rows import snapshot

SUMS = "SHA256SUMS"
LEFT_OUT = "未收入.jsonl"
SECRET, ERASED, LOST = "带密级标志，不收入", "已按规定删除", "原件丢失或损坏"
README = """{title}归档

归档时间：{at}
归档单位：{office}

申报汇总表.xlsx　全部申报
申报材料/　　　　一件申报一个文件夹，目录.xlsx 是清单
邮件/　　　　　　收到的每封邮件的原件（.eml），邮件.jsonl 是清单
信件/　　　　　　发出和拟出的每封信，信件.jsonl 是清单和投递情况
申报.jsonl　　　 每件申报的各栏、问题和各版本
审计记录.jsonl　 谁在什么时候做了什么
未收入.jsonl　　 没有收入的邮件和文件，以及原因
活动.json　　　　活动的各项规定
SHA256SUMS　　　 每个文件的 SHA-256；解开后可用 sha256sum -c SHA256SUMS 核对，
　　　　　　　　 或用 shenbao archive --check 核对整个压缩包
"""


class Archived(NamedTuple):
    """What an archive holds: its files, what was left out, and the digest of its list of digests."""

    members: int
    left_out: int
    digest: str


class Checked(NamedTuple):
    """What a check found: how many files are as listed, and what is wrong, in Chinese."""

    members: int
    findings: tuple[str, ...]


class _Zip:
    """A zip that notes the digest of each member."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.sums: dict[str, str] = {}

    def add(self, name: str, data: bytes) -> None:
        self.archive.writestr(filing.member(name), data)
        self.sums[name] = hashlib.sha256(data).hexdigest()

    def lines(self, name: str, values: Iterable[object]) -> None:
        """Add `values` as JSON, one a line."""
        with self.archive.open(filing.member(name), "w", force_zip64=True) as file:
            digest = hashlib.sha256()
            for value in values:
                line = msgspec.json.encode(value) + b"\n"
                file.write(line)
                digest.update(line)
        self.sums[name] = digest.hexdigest()

    def blob(self, name: str, store: Store, sha256: str) -> bool:
        """Add a kept original and say whether it was there and whole."""
        if not store.blobs.whole(sha256):
            return False
        filing.pack(self.archive, name, store.blobs.path(sha256))
        self.sums[name] = sha256
        return True


def write(store: Store, campaign: Campaign, file: IO[bytes], *, now: datetime) -> Archived:
    """Write the archive of everything in `store`, as it stands at one moment, into `file`."""
    left_out: list[dict[str, object]] = []
    with snapshot(store.db), zipfile.ZipFile(file, "w") as opened:
        made = _Zip(opened)
        told = README.format(title=campaign.title, at=moment(now, campaign), office=campaign.office.name)
        made.add("说明.txt", told.encode("utf-8-sig"))
        made.add("活动.json", msgspec.json.format(msgspec.json.encode(campaign)))
        made.add("申报汇总表.xlsx", export.export(store, campaign, now=now))
        made.lines("申报.jsonl", _applications(store))
        left_out += _material(made, store, campaign, now)
        left_out += _mails(made, store)
        _letters(made, outbox.every(store.db))
        made.lines("审计记录.jsonl", audit.since(store.db, 0))
        made.lines(LEFT_OUT, left_out)
        listed = "".join(f"{digest}  {name}\n" for name, digest in made.sums.items()).encode()
        opened.writestr(filing.member(SUMS), listed)
    return Archived(len(made.sums), len(left_out), hashlib.sha256(listed).hexdigest())


def check(file: IO[bytes]) -> Checked:
    """Compare every file of an archive with its list."""
    try:
        with zipfile.ZipFile(file) as opened:
            return _compared(opened)
    except zipfile.BadZipFile as error:
        return Checked(0, (f"这不是完整的压缩包：{error}。",))


def _compared(opened: zipfile.ZipFile) -> Checked:
    names = opened.namelist()
    if SUMS not in names:
        return Checked(0, (f"里面没有校验清单 {SUMS}，不是申报系统的归档，或已不完整。",))
    lines = (line.partition("  ") for line in opened.read(SUMS).decode("utf-8", "replace").splitlines())
    told = {name: digest for digest, _, name in lines}
    findings = [f"清单里没有这个文件：{name}" for name in names if name not in told and name != SUMS]
    findings += [f"有两个同名的文件：{name}" for name in sorted({n for n in names if names.count(n) > 1})]
    for name, digest in told.items():
        if name not in names:
            findings.append(f"缺少文件：{name}")
        elif _digest(opened, name) != digest:
            findings.append(f"内容与清单不符：{name}")
    return Checked(len(told), tuple(findings))


def _digest(opened: zipfile.ZipFile, name: str) -> str | None:
    """Return the digest of a member; None where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with opened.open(name) as member:
            while piece := member.read(1 << 20):
                digest.update(piece)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, zlib.error):
        return None
    return digest.hexdigest()


def _applications(store: Store) -> Iterator[dict[str, object]]:
    for one in applications.every(store.db):
        versions = applications.versions_of(store.db, one.receipt)
        yield {**msgspec.to_builtins(replace(one, token="")), "versions": msgspec.to_builtins(versions)}


def _material(made: _Zip, store: Store, campaign: Campaign, now: datetime) -> Iterator[dict[str, object]]:
    """Add the documents by folder; yield what had to stay out."""
    secret = {
        document.sha256
        for mail in messages.secrets(store.db)
        for _, document in documents.of_message(store.db, mail.id)
    }
    listed = [
        one
        for one in folders.entries(store, applications.every(store.db))
        if one.document.sha256 not in secret
    ]
    made.add(f"申报材料/{folders.INDEX}", folders.index(listed, campaign, now=now))
    for entry in listed:
        if entry.path and not made.blob(f"申报材料/{entry.path}", store, entry.document.sha256):
            yield {"file": entry.path, "sha256": entry.document.sha256, "why": LOST}


def _mails(made: _Zip, store: Store) -> Iterator[dict[str, object]]:
    """Add every mail as it came; yield those that had to stay out, of which nothing more is told."""
    secret = {mail.id for mail in messages.secrets(store.db)}
    erased = erasure.erased(store.db)
    kept: list[Message] = []
    for mail in messages.every(store.db):
        told = {"mail": mail.id, "received_at": mail.received_at, "size": mail.size}
        if mail.id in secret:
            yield {**told, "why": SECRET}
        elif mail.id in erased:
            yield {**told, "why": ERASED}
        else:
            kept.append(mail)
            if not made.blob(f"邮件/{mail.id:06d}.eml", store, mail.sha256):
                yield {**told, "sha256": mail.sha256, "why": LOST}
    made.lines("邮件.jsonl", kept)


def _letters(made: _Zip, letters: list[Letter]) -> None:
    for one in letters:
        head = f"收件人：{'、'.join(one.to)}\n主题：{one.subject}\n投递：{LETTER_STATES[one.state]}\n\n"
        made.add(f"信件/{one.id:06d}.txt", (head + one.body).encode("utf-8-sig"))
    made.lines("信件.jsonl", letters)
