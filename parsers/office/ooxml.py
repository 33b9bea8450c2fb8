"""Office packages (ECMA-376) opened within bounds, before anything in them is believed."""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from lxml import etree

from parsers.documents import Why
from parsers.refusal import Refused

MAX_ENTRIES = 4000
MAX_XML = 50 * 2**20  # bytes of one XML part
MAX_TOTAL = 300 * 2**20  # bytes of all parts
MAX_RATIO = 100
_RATIO_MATTERS = 2 * 2**20  # bytes; smaller parts cannot hurt
_COMPOUND = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_RELATIONSHIPS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def is_encrypted_office(data: bytes) -> bool:
    """Tell whether `data` is an Office document under a password (MS-OFFCRYPTO: a compound file)."""
    return data.startswith(_COMPOUND) and _ENCRYPTED_STREAM in data


class Package:
    """The parts of an Office package; raises `Refused` where it is broken, locked or dangerous."""

    def __init__(self, data: bytes) -> None:
        if is_encrypted_office(data):
            raise Refused(Why.ENCRYPTED, "文档设有打开密码")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, OSError) as error:
            raise Refused(Why.CORRUPT, "不是完整的Word文档") from error
        self._names = {info.filename.lstrip("/").lower(): info for info in self._zip.infolist()}
        _check(self._zip.infolist(), len(data))
        self._refuse_macros()
        self.main = self._main()

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._names

    def has_folder(self, start: str) -> bool:
        """Tell whether any part lies in the folder `start`, given in lower case with its /."""
        return any(name.startswith(start) for name in self._names)

    def size(self, name: str) -> int:
        """Return the length of the part in bytes, as its entry declares."""
        return self._names[name.lower()].file_size

    def read(self, name: str) -> bytes:
        """Return the bytes of the part `name`."""
        info = self._names.get(name.lower())
        if info is None:
            raise Refused(Why.CORRUPT, f"文档缺少{name}")
        try:
            return self._zip.read(info)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            ValueError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise Refused(Why.CORRUPT, f"文档里的{name}已损坏") from error

    def xml(self, name: str) -> etree._Element:
        """Return the root of the XML part `name`, which must not declare entities."""
        if name.lower() in self._names and self.size(name) > MAX_XML:
            raise Refused(Why.UNSAFE, f"{name}过大")
        data = self.read(name)
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
        )
        try:
            root = etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            if b"<!DOCTYPE" in data:
                raise Refused(Why.UNSAFE, "文档含有实体声明") from error
            raise Refused(Why.CORRUPT, f"文档里的{name}已损坏") from error
        declared: Any = root.getroottree().docinfo
        if declared.doctype:
            raise Refused(Why.UNSAFE, "文档含有实体声明")
        return root

    def targets(self, name: str) -> Mapping[str, str]:
        """Return the internal parts that the part `name` refers to, by relationship id."""
        folder, _, base = name.rpartition("/")
        rels = posixpath.join(folder, "_rels", f"{base}.rels")
        if rels not in self:
            return {}
        return {
            each.get("Id", ""): _resolved(folder, each.get("Target", ""))
            for each in self.xml(rels).iter(_RELATIONSHIPS)
            if each.get("TargetMode") != "External"
        }

    def _refuse_macros(self) -> None:
        types = self.read("[Content_Types].xml") if "[Content_Types].xml" in self else b""
        if any(name.endswith("vbaproject.bin") for name in self._names) or b"macroEnabled" in types:
            raise Refused(Why.UNSAFE, "含有宏的文档")

    def _main(self) -> str:
        if "_rels/.rels" in self:
            for each in self.xml("_rels/.rels").iter(_RELATIONSHIPS):
                if each.get("Type", "").endswith("/officeDocument"):
                    return _resolved("", each.get("Target", ""))
        return "word/document.xml"


def _resolved(folder: str, target: str) -> str:
    joined = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
    return posixpath.normpath(joined)


def _check(entries: list[zipfile.ZipInfo], length: int) -> None:
    """Refuse what would grow beyond measure, overlaps itself, is locked, or climbs out of its folder."""
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_TOTAL:
        raise Refused(Why.UNSAFE, "解压后过大")
    if sum(entry.compress_size for entry in entries) > length:
        raise Refused(Why.UNSAFE, "压缩内容互相重叠")
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise Refused(Why.ENCRYPTED, "文档设有密码")
        if entry.file_size > max(_RATIO_MATTERS, MAX_RATIO * entry.compress_size):
            raise Refused(Why.UNSAFE, "压缩比异常")
        if re.search(r"(^|[\\/])\.\.([\\/]|$)", entry.filename):
            raise Refused(Why.UNSAFE, "文档内路径异常")
