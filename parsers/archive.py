"""Containers opened in memory, counted while they stream: every member by its path, none trusted.

Nothing is ever written under a member's name, so a path that escapes harms nobody here; it is refused
because whoever unpacks the file later might be harmed, and because no honest program makes such paths.
"""

import dataclasses
import io
import itertools
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator

from parsers.documents import Archive, Fact, Facts, Unreadable, Why
from parsers.kinds import Kind
from parsers.names import LOCAL_HEADER, drop_noise, forget_flags, has_escape, restore_names
from parsers.sniff import sniff

MOST_MEMBERS = 1_000
MOST_BYTES = 300 * 1024 * 1024
MOST_RATIO = 100
RATIO_COUNTS_FROM = 10 * 1024 * 1024  # a blank page as BMP shrinks five hundred times and is honest
MOST_DEPTH = 3
CHUNK = 256 * 1024
ENCRYPTED = 0x1
REGULAR = frozenset({0, stat.S_IFREG, stat.S_IFDIR})
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    struct.error,
    IndexError,
    NotImplementedError,
)
"""What the standard library raises on damaged archives; OSError is bzip2's, for there is no file here, and
NotImplementedError speaks of a version of the format that never was."""


class Member(Fact, frozen=True, kw_only=True):
    """A file inside a container: `path` leads through the containers (`材料.zip/谯城/申报表.docx`).

    `facts` are given for what needs no more reading: containers and refused members. `data` is None
    where nothing could be taken out: links, escaping paths, encrypted and damaged members.
    """

    path: str
    data: bytes | None = None
    facts: Facts | None = None


class Opened(Fact, frozen=True, kw_only=True):
    """A container's own facts, and its members in their order, those of inner containers after these."""

    facts: Facts
    members: tuple[Member, ...] = ()


class BombError(Exception):
    """The container as a whole exceeds a budget."""


@dataclasses.dataclass(slots=True)
class Budget:
    """What one tree of containers has used up so far, of the `packed` bytes that came in."""

    packed: int
    members: int = 0
    unpacked: int = 0

    def member(self) -> None:
        self.members += 1
        if self.members > MOST_MEMBERS:
            raise BombError(f"压缩包内文件超过 {MOST_MEMBERS} 个")

    def output(self, size: int) -> None:
        self.unpacked += size
        if self.unpacked > MOST_BYTES:
            raise BombError(f"压缩包解开后超过 {MOST_BYTES // 1024**2} MB")
        if self.unpacked > max(RATIO_COUNTS_FROM, MOST_RATIO * self.packed):
            raise BombError(f"压缩包解开后膨胀超过 {MOST_RATIO} 倍，疑似压缩炸弹")


def is_container(data: bytes) -> bool:
    """Whether `data` is a file that `unpack` opens."""
    return sniff(data) in {Kind.ZIP, Kind.TOO_MANY}


def unpack(data: bytes, name: str) -> Opened:
    """Return what the container `data` called `name` holds, or why it was refused as a whole."""
    try:
        members = tuple(_members(data, name, Budget(packed=len(data)), 1))
    except BombError as bomb:
        return Opened(facts=_refused(Why.UNSAFE, str(bomb)))
    except DAMAGED:
        return Opened(facts=_refused(Why.CORRUPT, "压缩包已损坏或不完整（也可能是分卷压缩包的一部分）"))
    return Opened(facts=_archive(members), members=members)


def read_archive(data: bytes) -> Facts:
    """Return the facts of the container itself."""
    return unpack(data, "").facts


def _archive(members: tuple[Member, ...]) -> Facts:
    """Return the facts of the container that holds `members`, of which only its own are counted."""
    inner = tuple(f"{member.path}/" for member in members if member.facts and member.facts.type == "archive")
    own = [member for member in members if not member.path.startswith(inner)]
    return Facts(reader="archive", parts=(Archive(members=len(own)),))


def _members(data: bytes, path: str, budget: Budget, depth: int) -> Iterator[Member]:
    if data.count(b"PK\x01\x02") > MOST_MEMBERS * 10:
        raise BombError(f"压缩包内文件超过 {MOST_MEMBERS} 个")
    file = io.BytesIO(data)
    with _open(file) as opened:
        entries = opened.infolist()
        _refuse_overlap(entries)
        for entry, inside in drop_noise(restore_names(entries, file)):
            budget.member()
            yield from _member(opened, entry, f"{path}/{inside}", budget, depth)


def _open(file: io.BytesIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except UnicodeDecodeError:
        # Some programs set the UTF-8 flag over GBK names; without the flag the bytes are told by content.
        forget_flags(file)
        return zipfile.ZipFile(file)


def _refuse_overlap(entries: list[zipfile.ZipInfo]) -> None:
    """Raise `BombError` where members share their bytes, as only a bomb's do (Fifield, WOOT 2019)."""
    placed = sorted(entries, key=lambda entry: entry.header_offset)
    for entry, following in itertools.pairwise(placed):
        if entry.header_offset + LOCAL_HEADER + entry.compress_size > following.header_offset:
            raise BombError("压缩包内文件互相重叠，疑似压缩炸弹")


def _member(
    opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str, budget: Budget, depth: int
) -> Iterator[Member]:
    refusal = _refusal(entry)
    content = refusal or _content(opened, entry, budget)
    if isinstance(content, Facts):
        yield Member(path=path, facts=content)
    elif not is_container(content):
        yield Member(path=path, data=content)
    else:
        yield from _container(content, path, budget, depth + 1)


def _refusal(entry: zipfile.ZipInfo) -> Facts | None:
    """Return why `entry` must not be taken out, or None."""
    if has_escape(entry.filename):
        return _refused(Why.UNSAFE, "压缩包内的路径越出了压缩包")
    if stat.S_IFMT(entry.external_attr >> 16) not in REGULAR:
        return _refused(Why.UNSAFE, "压缩包内有链接或设备文件")
    if entry.flag_bits & ENCRYPTED:
        return _refused(Why.ENCRYPTED, "压缩包设有密码，请去掉密码后重新压缩")
    return None


def _content(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget) -> bytes | Facts:
    chunks = []
    try:
        with opened.open(entry) as stream:
            while chunk := stream.read(CHUNK):
                budget.output(len(chunk))
                chunks.append(chunk)
    except NotImplementedError:
        return _refused(Why.UNSUPPORTED, "压缩包使用了少见的压缩方式，请用普通 zip 方式重新压缩")
    except DAMAGED:
        return _refused(Why.CORRUPT, "压缩包内的这个文件已损坏")
    except RuntimeError:  # zipfile's answer to an encrypted member whose directory entry does not say so
        return _refused(Why.ENCRYPTED, "压缩包设有密码，请去掉密码后重新压缩")
    return b"".join(chunks)


def _container(data: bytes, path: str, budget: Budget, depth: int) -> Iterator[Member]:
    if depth > MOST_DEPTH:
        yield Member(path=path, data=data, facts=_refused(Why.UNSAFE, f"压缩包嵌套超过 {MOST_DEPTH} 层"))
        return
    try:
        members = tuple(_members(data, path, budget, depth))
    except DAMAGED:
        yield Member(path=path, data=data, facts=_refused(Why.CORRUPT, "压缩包内的压缩包已损坏"))
        return
    yield Member(path=path, data=data, facts=_archive(members))
    yield from members


def _refused(why: Why, note: str) -> Facts:
    return Facts(reader="archive", parts=(Unreadable(why=why, note=note),))
