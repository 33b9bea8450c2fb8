"""Word documents (docx): the form, the work material, certificates, or several of them."""

import hashlib
import io
from collections.abc import Sequence

from PIL import Image

from parsers import licence, material, picture
from parsers.documents import Facts, Form, Honour, Part, Qualification, Unreadable, Why, Work
from parsers.form import find_forms, from_text
from parsers.ooxml import Package, Refused, is_encrypted_office
from parsers.text import count_words
from parsers.wordflow import Block, Tabular, blocks
from parsers.wordrun import child

__all__ = ["images", "is_encrypted_office", "read_docx"]

_ORNAMENT = 64  # pixels; a picture smaller than this either way decorates
_READABLE = 400  # pixels; a picture with a shorter side cannot be a scanned document
_SCANS = 12  # pictures of one document that are read
_ALMOST_NO_TEXT = 30  # 字
_CERTIFICATE_TEXT = 600  # 字; a longer text is no certificate


def read_docx(data: bytes) -> Facts:
    """Return what a docx holds: forms first, then certificates, then the rest as work material."""
    try:
        document = _Document(data)
    except Refused as refused:
        return Facts(reader="docx", parts=(Unreadable(why=refused.why, note=refused.note),))
    except RecursionError:
        return Facts(reader="docx", parts=(Unreadable(why=Why.UNSAFE, note="文档嵌套过深"),))
    return Facts(reader="docx", parts=document.parts())


def images(data: bytes) -> list[bytes]:
    """Return the distinct pictures of a docx in their order, ornaments left out; raises `Refused`."""
    document = _Document(data)
    return document.pictures(document.blocks)


class _Document:
    def __init__(self, data: bytes) -> None:
        self.package = Package(data)
        root = self.package.xml(self.package.main)
        body = child(root, "body")
        if body is None:
            raise Refused(Why.CORRUPT, "文档没有正文")
        self.targets = self.package.targets(self.package.main)
        self.blocks = blocks(body)

    def parts(self) -> tuple[Part, ...]:
        tables = [block for block in self.blocks if isinstance(block, Tabular)]
        found = find_forms([table.cells for table in tables])
        if found:
            taken = {id(tables[index]) for form in found for index in form.tables}
            return (*(form.form for form in found), *self._rest(taken))
        typed = from_text(_text(self.blocks))
        if typed is not None:
            return (typed, *self._scans(self.pictures(self.blocks)))
        return self._unlabelled()

    def pictures(self, shown: Sequence[Block]) -> list[bytes]:
        """Return the distinct pictures of `shown`, ornaments left out."""
        found: dict[str, bytes] = {}
        for identity in (one for block in shown for one in block.pictures):
            name = self.targets.get(identity)
            if name and name in self.package:
                data = self.package.read(name)
                found.setdefault(hashlib.sha256(data).hexdigest(), data)
        return [data for data in found.values() if _shorter_side(data) >= _ORNAMENT]

    def _rest(self, taken: set[int]) -> tuple[Part, ...]:
        """Return what stands around the forms, if it is more than their title and notes."""
        rest = [block for block in self.blocks if id(block) not in taken]
        lines = material.besides_form([], _text(rest).split("\n"))
        pictures = self.pictures(rest)
        work = material.work(lines, len(pictures))
        if not material.is_little(work):
            return (work,)
        return self._scans(pictures, work.words)

    def _unlabelled(self) -> tuple[Part, ...]:
        text = _text(self.blocks)
        pictures = self.pictures(self.blocks)
        words = count_words(text)
        if words < _ALMOST_NO_TEXT and pictures:
            return self._scans(pictures, words)
        certificate = licence.from_lines(text.split("\n")) if words < _CERTIFICATE_TEXT else None
        work = material.work(text.split("\n"), len(pictures))
        return (certificate,) if certificate else (work,)

    def _scans(self, pictures: Sequence[bytes], words: int = 0) -> tuple[Part, ...]:
        """Return the documents that pasted pictures show, and the other pictures as work material."""
        known: list[Part] = []
        plain = 0
        for number, data in enumerate(pictures):
            readable = number < _SCANS and _shorter_side(data) >= _READABLE
            read = picture.read_image(data).parts if readable else ()
            documents = [part for part in read if isinstance(part, Form | Qualification | Honour)]
            known.extend(part for part in documents if part not in known)
            plain += not documents
        return (*known, Work(words=words, pictures=plain)) if plain else tuple(known)


def _text(shown: Sequence[Block]) -> str:
    return "\n".join(block.text for block in shown)


def _shorter_side(data: bytes) -> int:
    """Return the shorter side in pixels; drawings (EMF, WMF) that cannot be measured count as large."""
    try:
        with Image.open(io.BytesIO(data)) as opened:
            return min(opened.size)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return _ORNAMENT
