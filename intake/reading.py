"""From a kept mail to its files and what each of them holds: opened, stored by digest, read in workers."""

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import Any, NamedTuple, Protocol, runtime_checkable
from weakref import WeakValueDictionary

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


Readings = WeakValueDictionary[tuple[bytes, str], Future[Facts]]


class Once:
    """A reader that reads the same bytes once, however often they are asked for while they are being read."""

    def __init__(self, reader: Reader, begun: Readings | None = None) -> None:
        self.unpack = reader.unpack
        self._reader = reader
        self._begun: Readings = WeakValueDictionary() if begun is None else begun

    def read(self, data: bytes, name: str) -> Future[Facts]:
        key = (hashlib.sha256(data).digest(), suffix(name))
        begun = self._begun.get(key)
        if begun is None:
            begun = self._begun[key] = self._reader.read(data, name)
        return begun

    @contextmanager
    def of_mail(self, *, stays: bool) -> Iterator[Reader]:
        """Yield who reads the files of one mail, and what other mails have begun is not read again."""
        reader = self._reader
        with reader.of_mail(stays=stays) if isinstance(reader, ByMail) else nullcontext(reader) as own:
            yield Once(own, self._begun)


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
    """A file on its way to the disk, as `kept` tells, whose facts may be on their way too."""

    file: str
    sha256: str
    kept: Future[None]
    facts: Future[Facts]
    inline: bool = False


class Underway:
    """The files of one mail on their way, more of them known with each container that is opened.

    For the thread of its store only. `advance` never waits and never fails: what fails is raised by `finished`.
    """

    def __init__(self, steps: Iterator[Pending | Future[Opened]]) -> None:
        self._steps = steps
        self._awaited: Future[Opened] | None = None
        self._fault: Exception | None = None
        self._all = False
        self._files: list[Pending] = []

    def advance(self) -> bool:
        """Go on until a container is waited for; say whether all files are known, read and on the disk."""
        while not self._all and (self._awaited is None or self._awaited.done()):
            self._go_on()
        return self._all and all(one.kept.done() and one.facts.done() for one in self._files)

    def is_empty(self) -> bool:
        """Say whether the mail surely has no files."""
        return self._all and not self._files and self._fault is None

    def opening(self) -> tuple[Future[Opened], ...]:
        """Return the container that is waited for, if one is."""
        return (self._awaited,) if self._awaited and not self._awaited.done() else ()

    def awaited(self) -> list[Future[Any]]:
        """Return what is still to come before it can be told that all is there."""
        under_way = [each for one in self._files for each in (one.kept, one.facts) if not each.done()]
        return [*self.opening(), *under_way]

    def finished(self) -> tuple[File, ...]:
        """Wait until every file is on the disk and for its facts; raises OSError if the disk refuses."""
        while not self._all:
            self._go_on()
        for one in self._files:
            one.kept.result()
        if self._fault:
            raise self._fault
        return tuple(
            File(file=one.file, sha256=one.sha256, facts=one.facts.result(), inline=one.inline)
            for one in self._files
        )

    def _go_on(self) -> None:
        try:
            step = next(self._steps, None)  # waits for the container before it
        except Exception as fault:  # noqa: BLE001 - kept for whoever asks for this mail's files
            step, self._fault = None, fault
        self._awaited = step if isinstance(step, Future) else None
        self._all = step is None
        self._files += [step] if isinstance(step, Pending) else []


def begin(store: Store, reader: Reader, mail: Mail) -> Underway:
    """Begin to store every file of `mail`, open its containers, start reading what was never read before."""
    names = opening.distinct([attachment.name for attachment in mail.attachments])
    shells = (_known(store, each.name, each.data, opening.MAIL) for each in mail.containers)
    named = zip(names, mail.attachments, strict=True)
    files = ((name, attachment.data, attachment.inline) for name, attachment in named)
    stays = secret.of_mail(mail) is not None
    return _under_way(itertools.chain(shells, _together(store, reader, files, stays=stays)))


def begin_files(store: Store, reader: Reader, files: Sequence[tuple[str, bytes]]) -> Underway:
    """Begin to store `files` (path, bytes) that came by no mail, open containers, start reading."""
    names = opening.distinct(["/".join(filter(None, map(safe_name, path.split("/")))) for path, _ in files])
    named = ((name, data, False) for name, (_, data) in zip(names, files, strict=True))
    return _under_way(_together(store, reader, named, stays=False))


def _under_way(steps: Iterator[Pending | Future[Opened]]) -> Underway:
    begun = Underway(steps)
    begun.advance()
    return begun


def _together(
    store: Store, reader: Reader, files: Iterable[tuple[str, bytes, bool]], *, stays: bool
) -> Iterator[Pending | Future[Opened]]:
    """Begin files (path, bytes, inline) that came together; with `stays` none of them leaves this machine."""
    with Once(reader).of_mail(stays=stays) as own:
        for name, data, inline in files:
            yield from _begun(store, own, name, data, inline=inline)


def _begun(
    store: Store, reader: Reader, name: str, data: bytes, *, inline: bool = False
) -> Iterator[Pending | Future[Opened]]:
    for one in opening.steps(reader.unpack, name, data, inline=inline):
        if isinstance(one, Future):
            yield one
        elif one.facts is None:
            yield _start(store, reader, one.path, one.data, inline=one.inline)
        else:
            yield _known(store, one.path, one.data, one.facts)


def _start(store: Store, reader: Reader, name: str, data: bytes, *, inline: bool) -> Pending:
    """Begin to store one file, and recall its facts or have it read."""
    sha256, kept = store.blobs.keeping(data)
    known = recall(store, sha256, name)
    return Pending(name, sha256, kept, _settled(known) if known else reader.read(data, name), inline)


def _known(store: Store, name: str, data: bytes, facts: Facts) -> Pending:
    """Begin to store one file that needs no reading."""
    return Pending(name, *store.blobs.keeping(data), _settled(facts))


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


def finish(store: Store, begun: Underway, at: datetime) -> tuple[File, ...]:
    """Wait for the facts of every file and remember them under its digest."""
    files = begun.finished()
    with store.transaction():
        remember(store, files, at)
    return files


def remember(store: Store, files: Iterable[File], at: datetime) -> None:
    """Keep the facts of every file under its digest; the caller holds the transaction."""
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
