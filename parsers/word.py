"""Word documents (docx): the form, the work material, certificates, or several of them."""

import hashlib
from collections.abc import Sequence

from parsers import licence, material, pasted
from parsers.documents import Facts, Part, Unreadable, Why
from parsers.form import find_forms, from_text
from parsers.ooxml import Package, is_encrypted_office
from parsers.refusal import Refused
from parsers.text import count_words
from parsers.wordflow import Block, Tabular, blocks
from parsers.wordrun import child

__all__ = ["images", "is_encrypted_office", "read_docx"]

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
            return (typed, *pasted.merged(pasted.read(self.pictures(self.blocks))))
        return self._unlabelled()

    def pictures(self, shown: Sequence[Block]) -> list[bytes]:
        """Return the distinct pictures of `shown`, ornaments left out."""
        found: dict[str, bytes] = {}
        for identity in (one for block in shown for one in block.pictures):
            name = self.targets.get(identity)
            if name and name in self.package:
                data = self.package.read(name)
                found.setdefault(hashlib.sha256(data).hexdigest(), data)
        return [data for data in found.values() if pasted.shorter_side(data) >= pasted.ORNAMENT]

    def _rest(self, taken: set[int]) -> tuple[Part, ...]:
        """Return what stands around the forms, if it is more than their title and notes."""
        first = next(index for index, block in enumerate(self.blocks) if id(block) in taken)
        rest = [block for block in self.blocks if id(block) not in taken]
        after = [block for block in self.blocks[first:] if id(block) not in taken]
        lines = material.cover(_text(self.blocks[:first]).split("\n"))
        lines += material.besides_form(_text(after).split("\n"))
        pictures = self.pictures(rest)
        work = material.work(lines, len(pictures))
        if not material.is_little(work):
            return (work,)
        return pasted.merged(pasted.read(pictures)) if pictures else ()

    def _unlabelled(self) -> tuple[Part, ...]:
        text = _text(self.blocks)
        pictures = self.pictures(self.blocks)
        words = count_words(text)
        if words < _ALMOST_NO_TEXT and pictures:
            said = (material.work(text.split("\n"), 0),) if words else ()
            return pasted.merged([*said, *pasted.read(pictures)])
        certificate = licence.from_lines(text.split("\n")) if words < _CERTIFICATE_TEXT else None
        work = material.work(text.split("\n"), len(pictures))
        return (certificate,) if certificate else (work,)


def _text(shown: Sequence[Block]) -> str:
    return "\n".join(block.text for block in shown)
