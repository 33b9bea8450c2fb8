"""A file laid out flat: archives and mails opened in each other, over one budget."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from typing import NamedTuple

from intake.mail import cloud
from intake.mail.envelope import DEEPEST_MAIL, Content, NotMail, forwarded, safe_name
from parsers.containers.archive import MOST_BYTES, MOST_DEPTH, OPENERS, Member, Opened
from parsers.containers.budget import MOST_MEMBERS
from parsers.documents import Archive, Facts, Link, Unreadable, Why, encode
from parsers.form import from_text
from parsers.kinds import Kind
from parsers.sniff import sniff, suffix

BODY = "邮件正文.txt"
MAIL = Facts(reader="mail", parts=(Archive(),))
Unpack = Callable[[bytes, str], Future[Opened]]


class Laid(NamedTuple):
    """A file by its path through what held it; `facts` where it needs no more reading."""

    path: str
    data: bytes
    facts: Facts | None = None
    inline: bool = False


Steps = Iterator[Laid | Future[Opened]]


class Known(NamedTuple):
    """A file made of what a mail said, whose facts are known."""

    path: str
    data: bytes
    facts: Facts


@dataclasses.dataclass(slots=True)
class _Spent:
    """What has come out of one file so far."""

    files: int = 0
    size: int = 0

    def holds(self, inside: Iterable[Laid]) -> bool:
        """Count what came out; say whether it is within the budgets of an archive."""
        for one in inside:
            self.files += 1
            self.size += len(one.data)
        return self.files <= MOST_MEMBERS and self.size <= MOST_BYTES


def laid_out(unpack: Unpack, name: str, data: bytes, *, inline: bool = False) -> Iterator[Laid]:
    """Yield the file and, if it is an archive or a mail, what it holds, each container before its members."""
    return (one for one in steps(unpack, name, data, inline=inline) if isinstance(one, Laid))


def steps(unpack: Unpack, name: str, data: bytes, *, inline: bool = False) -> Steps:
    """Yield what `laid_out` does, and before a container's members their future: who waits for it loses no time."""
    return _laid(unpack, Laid(name, data, inline=inline), 1, _Spent())


def typed(text: str) -> Known | None:
    """Return the form that was typed into a mail's body as a file of its own, if one was."""
    form = from_text(text)
    return Known(BODY, text.encode(), Facts(reader="body", parts=(form,))) if form else None


def linked(links: Sequence[Link]) -> list[Known]:
    """Return cloud links, each as a small text in place of its file."""
    names = distinct([safe_name(link.name) or f"超大附件{at}" for at, link in enumerate(links, 1)])
    return [
        Known(f"{name}{cloud.ENDING}", cloud.written(link).encode(), cloud.facts_of(link))
        for name, link in zip(names, links, strict=True)
    ]


def distinct(names: Iterable[str]) -> list[str]:
    """Return `names` with repeats numbered: `申报表.docx`, `申报表(2).docx`."""
    seen: Counter[str] = Counter()
    numbered = []
    for name in names:
        seen[name] += 1
        stem, dot, ending = name.rpartition(".")
        again = f"{stem}({seen[name]}){dot}{ending}" if dot else f"{name}({seen[name]})"
        numbered.append(name if seen[name] == 1 else again)
    return numbered


def _laid(unpack: Unpack, one: Laid, depth: int, spent: _Spent) -> Steps:
    facts, inside = (None, []) if one.facts else (yield from _opened(unpack, one))
    if facts is None:
        yield one
    elif depth > MOST_DEPTH:
        yield one._replace(facts=_unsafe(f"压缩包和邮件相互嵌套超过 {MOST_DEPTH} 层，请直接报送其中的文件"))
    elif not spent.holds(inside):
        yield one._replace(facts=_unsafe("压缩包和其中的邮件解开后文件过多或过大"))
    else:
        yield one._replace(facts=facts)
        for member in inside:
            yield from _laid(unpack, member, depth + 1, spent)


def _opened(unpack: Unpack, one: Laid) -> Generator[Future[Opened], None, tuple[Facts | None, list[Laid]]]:
    """Return the facts of a container and what it holds; None for any other file."""
    kind = sniff(one.data, one.path)
    if kind in OPENERS:
        coming = unpack(one.data, one.path)
        yield coming
        opened = coming.result()
        return opened.facts, [Laid(each.path, _kept_of(each), each.facts) for each in opened.members]
    if not _may_be_mail(one, kind):
        return None, []
    try:
        content = forwarded(one.data)
    except NotMail as error:
        return _unsafe(str(error)), []
    return (None, []) if content is None else (MAIL, _sent(one.path, content))


def _kept_of(member: Member) -> bytes:
    """Return a member's bytes; of one that was left closed a note, or it would pass for an empty file."""
    if member.data is not None:
        return member.data
    why = encode(member.facts).decode() if member.facts else ""
    return f"{member.path}：没有取出。{why}".encode(errors="backslashreplace")


def _may_be_mail(one: Laid, kind: Kind) -> bool:
    # What the mail around it left closed lies too deep.
    deep = one.path.lower().count(".eml/") >= DEEPEST_MAIL
    return not deep and (suffix(one.path) == ".eml" or kind is Kind.MAIL)


def _sent(path: str, content: Content) -> list[Laid]:
    """Return what came with a mail at `path`, the forwarded mails among it already opened."""
    names = distinct([each.name for each in content.attachments])
    files = [Laid(each.name, each.data, MAIL) for each in content.containers]
    files += [
        Laid(name, each.data, inline=each.inline)
        for name, each in zip(names, content.attachments, strict=True)
    ]
    form = typed(content.text)
    files += [Laid(*each) for each in (*linked(content.links), *([form] if form else []))]
    return [one._replace(path=f"{path}/{one.path}") for one in files]


def _unsafe(note: str) -> Facts:
    return Facts(reader="mail", parts=(Unreadable(why=Why.UNSAFE, note=note),))
