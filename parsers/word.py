"""Word documents (docx): the form, the work material, certificates, or several of them."""

from parsers import contents
from parsers.documents import Facts, Part, Unreadable, Why
from parsers.ooxml import Package, is_encrypted_office
from parsers.refusal import Refused
from parsers.wordflow import blocks
from parsers.wordrun import child

__all__ = ["images", "is_encrypted_office", "read_docx"]


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
    def __init__(self, data: bytes) -> None:
        self.package = Package(data)
        root = self.package.xml(self.package.main)
        body = child(root, "body")
        if body is None:
            raise Refused(Why.CORRUPT, "文档没有正文")
        self.targets = self.package.targets(self.package.main)
        self.blocks = blocks(body)

    def parts(self) -> tuple[Part, ...]:
        return contents.parts(self.blocks, self.picture)

    def picture(self, identity: str) -> bytes | None:
        """Return the picture of a relationship's `identity`."""
        name = self.targets.get(identity)
        return self.package.read(name) if name and name in self.package else None
