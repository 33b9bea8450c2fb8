"""Word documents (docx): the form, the work material, certificates, or several of them."""

import re
from collections.abc import Iterator

from parsers import contents, secrecy
from parsers.documents import Facts, Part, Unreadable, Why
from parsers.flow import Block, Paragraph
from parsers.office.ooxml import Package, is_encrypted_office
from parsers.office.wordflow import blocks
from parsers.office.wordrun import attribute, child
from parsers.refusal import Refused

__all__ = ["images", "is_encrypted_office", "read_docx"]

_NOTES = re.compile(r"(?:^|/)(?:foot|end)notes\.xml$")
_HEADER = re.compile(r"(?:^|/)header\d*\.xml$")


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
    return contents.pictures(document.blocks, document.picture)


class _Document:
    """A docx within bounds, its blocks in reading order."""

    def __init__(self, data: bytes) -> None:
        self.package = Package(data)
        self.targets = self.package.targets(self.package.main)
        body = child(self.package.xml(self.package.main), "body")
        if body is None:
            raise Refused(Why.CORRUPT, "文档没有正文")
        self.blocks = [*blocks(body), *self._notes()]

    def parts(self) -> tuple[Part, ...]:
        return (*contents.parts(self.blocks, self.picture), *secrecy.found(self._headers()))

    def _notes(self) -> Iterator[Block]:
        """Yield the text of the foot and end notes, which Word counts too."""
        for name in self.targets.values():
            for note in self.package.xml(name) if _NOTES.search(name) and name in self.package else ():
                if attribute(note, "type") in (None, "normal"):
                    yield from (Paragraph(block.text) for block in blocks(note))

    def _headers(self) -> Iterator[list[str]]:
        """Yield the lines of each page header."""
        for name in self.targets.values():
            if _HEADER.search(name) and name in self.package:
                yield [line for block in blocks(self.package.xml(name)) for line in block.text.split("\n")]

    def picture(self, identity: str) -> bytes | None:
        """Return the picture of a relationship's `identity`."""
        name = self.targets.get(identity)
        return self.package.read(name) if name and name in self.package else None
