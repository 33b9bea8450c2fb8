"""From a kept mail to its files and what each of them holds: opened, stored by digest, read in workers."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable

import parsers
from intake import opening, secret
from intake.mail import cloud
from intake.mail.envelope import Mail, safe_name
from parsers.containers.archive import Opened, is_container
from parsers.documents import Facts, Picture, Unreadable, Why, decode, encode
from parsers.kinds import Kind
from parsers.sniff import suffix
from storage import facts as remembered
from storage.database import Store
from storage.model import Document, DocumentType, Noun

LIMITS = "limits"  # the reader's name when a file used up its time or memory: not a lasting fact
LEAST_PHOTO = 480  # pixels of the shorter side; logos and square codes of signatures have fewer
ADDED = frozenset({f"sniff:{Kind.SIGNATURE}", f"sniff:{Kind.CARD}"})


class Reader(Protocol):
    """Whoever reads files within limits: `parsers.workers.Workers`, here or before a cluster."""

    def read(self, data: bytes, name: str) -> Future[Facts]: ...

    def unpack(self, data: bytes, name: str) -> Future[Opened]: ...


@runtime_checkable
class ByMail(Protocol):
    """A reader that must know which files came together; with `stays` none of them may leave this machine."""

    def of_mail(self, *, stays: bool) -> AbstractContextManager[Reader]: ...


class _Once:
    """A reader that reads the same bytes once, however often one mail holds them."""

    def __init__(self, reader: Reader) -> None:
        self.unpack = reader.unpack
        self._reader = reader
        self._begun: dict[tuple[bytes, str], Future[Facts]] = {}

    def read(self, data: bytes, name: str) -> Future[Facts]:
        key = (hashlib.sha256(data).digest(), suffix(name))
        if key not in self._begun:
            self._begun[key] = self._reader.read(data, name)
        return self._begun[key]


class File(Noun, frozen=True, kw_only=True):
    """One file of a mail, by its path through containers; `inline` for a signature's picture."""

    file: str
    sha256: str
    facts: Facts
    inline: bool = False

    @property
    def type(self) -> DocumentType:
        return DocumentType(self.facts.type)

    @property
    def folder(self) -> str:
        return self.file.rpartition("/")[0]


class Pending(NamedTuple):
    """A file that is stored, whose facts may still be on their way."""

    file: str
    sha256: str
    inline: bool
    facts: Future[Facts]


def begin(store: Store, reader: Reader, mail: Mail) -> list[Pending]:
    """Store every file of `mail`, open its containers, start reading what was never read before."""
    names = opening.distinct([attachment.name for attachment in mail.attachments])
    pending = [
        Pending(each.name, store.blobs.keep(each.data), inline=False, facts=_settled(opening.MAIL))
        for each in mail.containers
    ]
    with _together(reader, stays=secret.of_mail(mail) is not None) as one:
        once = _Once(one)
        for name, attachment in zip(names, mail.attachments, strict=True):
            pending += _begun(store, once, name, attachment.data, inline=attachment.inline)
    return pending


def begin_files(store: Store, reader: Reader, files: Sequence[tuple[str, bytes]]) -> list[Pending]:
    """Store `files` (path, bytes) that came by no mail, open containers, start reading."""
    names = opening.distinct(["/".join(filter(None, map(safe_name, path.split("/")))) for path, _ in files])
    with _together(reader, stays=False) as one:
        named = zip(names, files, strict=True)
        return [each for name, (_, data) in named for each in _begun(store, one, name, data)]


def _together(reader: Reader, *, stays: bool) -> AbstractContextManager[Reader]:
    """Return who reads files that came together; those with a 密级 mark in what is known of them stay here."""
    return reader.of_mail(stays=stays) if isinstance(reader, ByMail) else nullcontext(reader)


def _begun(
    store: Store, reader: Reader, name: str, data: bytes, *, inline: bool = False
) -> Iterator[Pending]:
    for one in opening.laid_out(reader.unpack, name, data, inline=inline):
        if one.facts is None:
            yield start(store, reader, one.path, one.data, inline=one.inline)
        else:
            yield Pending(one.path, store.blobs.keep(one.data), inline=False, facts=_settled(one.facts))


def start(store: Store, reader: Reader, name: str, data: bytes, *, inline: bool = False) -> Pending:
    """Store one file and recall its facts, or have it read."""
    sha256 = store.blobs.keep(data)
    known = recall(store, sha256, name)
    return Pending(name, sha256, inline, _settled(known) if known else reader.read(data, name))


def recall(store: Store, sha256: str, name: str) -> Facts | None:
    """Return the facts that today's parsers once read in these bytes under a name of this ending."""
    known = remembered.get(store.db, sha256, _parsers(name))
    return decode(known) if known else None


def facts_of(store: Store, reader: Reader, document: Document) -> Facts:
    """Return the facts of a stored file, reading it again when the parsers have changed since.

    What used up its limits once is not tried again here, with the store held: sending it anew tries it.
    """
    if document.file.endswith(cloud.ENDING) and (link := cloud.facts_in(store.blobs.read(document.sha256))):
        return link
    if known := recall(store, document.sha256, document.file):
        return known
    if document.type is DocumentType.UNREADABLE:
        return Facts(reader=LIMITS, parts=(Unreadable(why=Why.TIMEOUT),))
    data = store.blobs.read(document.sha256)
    if document.type is DocumentType.ARCHIVE and not is_container(data):
        return opening.MAIL  # no parser opens a mail
    return reader.read(data, document.file).result()


def finish(store: Store, pending: Iterable[Pending], at: datetime) -> tuple[File, ...]:
    """Wait for the facts of every file and remember them under its digest."""
    files = finished(pending)
    remember(store, files, at)
    return files


def finished(pending: Iterable[Pending]) -> tuple[File, ...]:
    """Wait for the facts of every file."""
    return tuple(
        File(file=one.file, sha256=one.sha256, facts=one.facts.result(), inline=one.inline) for one in pending
    )


def remember(store: Store, files: Iterable[File], at: datetime) -> None:
    """Keep the facts of every file under its digest."""
    with store.transaction():
        for file in files:
            if file.facts.reader != LIMITS:
                remembered.put(store.db, file.sha256, _parsers(file.file), encode(file.facts).decode(), at)


def _parsers(name: str) -> str:
    """Return who read: the parsers' version, and the ending, which tells a script from a text."""
    return f"{parsers.VERSION}{suffix(name)}"


def typed_form(store: Store, text: str) -> File | None:
    """Return the form that was typed into a mail's body as a file of its own, if one was."""
    form = opening.typed(text)
    return _kept(store, form) if form else None


def linked(store: Store, mail: Mail) -> tuple[File, ...]:
    """Return the cloud links of a mail, each as a small text kept in place of its file."""
    return tuple(_kept(store, each) for each in opening.linked(mail.links))


def is_material(file: File) -> bool:
    """Say whether `file` can be material: all but the small inline pictures of a signature."""
    return not file.inline or any(not isinstance(part, Picture) or _photo(part) for part in file.facts.parts)


def tells(file: File) -> bool:
    """Say whether `file` is more than what a mail program adds: a signed mail's signature, a visiting card."""
    return file.facts.reader not in ADDED


def _photo(picture: Picture) -> bool:
    """Say whether an inline picture is one of the case: pasted into the text, and larger than any logo."""
    return min(picture.width, picture.height) >= LEAST_PHOTO


def _kept(store: Store, one: opening.Known) -> File:
    return File(file=one.path, sha256=store.blobs.keep(one.data), facts=one.facts)


def _settled(facts: Facts) -> Future[Facts]:
    future: Future[Facts] = Future()
    future.set_result(facts)
    return future
