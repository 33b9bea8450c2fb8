"""Containers opened in memory, counted while they stream: every member by its path, none trusted.

Nothing is ever written under a member's name, so a path that escapes harms nobody here; it is refused
because whoever unpacks the file later might be harmed, and because no honest program makes such paths.
"""

import pkgutil
from collections.abc import Callable, Iterator

from parsers.containers.budget import MOST_BYTES, BombError, Budget, Entry
from parsers.containers.names import has_escape, is_volume, left_behind, tidy
from parsers.containers.zips import DAMAGED
from parsers.documents import Archive, Fact, Facts, Unreadable, Why
from parsers.kinds import Kind
from parsers.refusal import Refused
from parsers.sniff import sniff

__all__ = ["MOST_BYTES", "BombError", "Budget", "Member", "Opened", "is_container", "read_archive", "unpack"]

MOST_DEPTH = 3
OPENERS: dict[Kind, str] = {
    Kind.ZIP: "parsers.containers.zips:entries",
    Kind.TOO_MANY: "parsers.containers.zips:entries",
    Kind.SEVEN_ZIP: "parsers.containers.sevenzip:entries",
    Kind.RAR: "parsers.containers.rar:entries",
    Kind.TAR: "parsers.containers.tars:entries",
    Kind.PACKED: "parsers.containers.tars:entries",
    Kind.TNEF: "parsers.containers.tnef:entries",
}
"""Who yields the entries of which container, by where it lives."""

VOLUME = "这是分卷压缩包中的一卷，无法单独打开，请重新压缩成一个不分卷的 zip，或直接报送其中的文件（视频可单独发送）"

Entries = Callable[[bytes, str, Budget], Iterator[Entry]]


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


def is_container(data: bytes) -> bool:
    """Whether `data` is a file that `unpack` opens."""
    return sniff(data) in OPENERS


def unpack(data: bytes, name: str) -> Opened:
    """Return what the container `data` called `name` holds, or why it was refused as a whole."""
    try:
        members = tuple(_members(data, name, Budget(packed=len(data)), 1))
    except BombError as bomb:
        return Opened(facts=_refused(Why.UNSAFE, str(bomb)))
    except Refused as refused:
        return Opened(facts=_refused(refused.why, refused.note))
    except DAMAGED:
        note = VOLUME if is_volume(name) else "压缩包已损坏或不完整（也可能是分卷压缩包的一部分）"
        return Opened(facts=_refused(Why.CORRUPT, note))
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
    opener: Entries = pkgutil.resolve_name(OPENERS.get(sniff(data), OPENERS[Kind.ZIP]))
    for entry in opener(data, path.rpartition("/")[2], budget):
        inside = tidy(entry.path)
        if inside and not left_behind(inside):
            budget.member()
            yield from _member(entry, f"{path}/{inside}", budget, depth)


def _member(entry: Entry, path: str, budget: Budget, depth: int) -> Iterator[Member]:
    if has_escape(entry.path):
        yield Member(path=path, facts=_refused(Why.UNSAFE, "压缩包内的路径越出了压缩包"))
        return
    try:
        content = entry.take()
    except Refused as refused:
        yield Member(path=path, facts=_refused(refused.why, refused.note))
        return
    if is_container(content):
        yield from _container(content, path, budget, depth + 1)
    else:
        yield Member(path=path, data=content)


def _container(data: bytes, path: str, budget: Budget, depth: int) -> Iterator[Member]:
    if depth > MOST_DEPTH:
        yield Member(path=path, data=data, facts=_refused(Why.UNSAFE, f"压缩包嵌套超过 {MOST_DEPTH} 层"))
        return
    try:
        members = tuple(_members(data, path, budget, depth))
    except Refused as refused:
        yield Member(path=path, data=data, facts=_refused(refused.why, refused.note))
        return
    except DAMAGED:
        yield Member(path=path, data=data, facts=_refused(Why.CORRUPT, "压缩包内的压缩包已损坏"))
        return
    yield Member(path=path, data=data, facts=_archive(members))
    yield from members


def _refused(why: Why, note: str) -> Facts:
    return Facts(reader="archive", parts=(Unreadable(why=why, note=note),))
