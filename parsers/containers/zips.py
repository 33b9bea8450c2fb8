"""The members of a zip, by the standard library's reader."""

import functools
import io
import itertools
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator

from parsers.containers.budget import CHUNK, MOST_MEMBERS, TOO_MANY, BombError, Budget, Entry
from parsers.containers.names import LOCAL_HEADER, forget_flags, restore_names
from parsers.documents import Why
from parsers.refusal import Refused

ENCRYPTED = 0x1
DOS_FOLDER = 0x10
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
    KeyError,
    OverflowError,
    NotImplementedError,
)
"""What the standard library raises on damaged archives; OSError is bzip2's, for there is no file here, and
NotImplementedError speaks of a version of the format that never was."""


def entries(data: bytes, _name: str, budget: Budget) -> Iterator[Entry]:
    """Yield the files in the zip `data`; raises one of `DAMAGED` where there is no telling."""
    if data.count(b"PK\x01\x02") > MOST_MEMBERS * 10:
        raise BombError(TOO_MANY)
    file = io.BytesIO(data)
    with _open(file) as opened:
        listed = opened.infolist()
        _refuse_overlap(listed)
        for entry in restore_names(listed, file):
            if not _is_folder(entry):
                yield Entry(entry.filename, functools.partial(_content, opened, entry, budget))


def _open(file: io.BytesIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except UnicodeDecodeError:
        # Some programs set the UTF-8 flag over GBK names; without the flag the bytes are told by content.
        forget_flags(file)
        return zipfile.ZipFile(file)


def _is_folder(entry: zipfile.ZipInfo) -> bool:
    marked = bool(entry.external_attr & DOS_FOLDER) and not entry.file_size
    return marked or entry.filename.endswith(("/", "\\"))


def _refuse_overlap(listed: list[zipfile.ZipInfo]) -> None:
    """Raise `BombError` where members share their bytes, as only a bomb's do (Fifield, WOOT 2019)."""
    placed = sorted(listed, key=lambda entry: entry.header_offset)
    for entry, following in itertools.pairwise(placed):
        if entry.header_offset + LOCAL_HEADER + entry.compress_size > following.header_offset:
            raise BombError("压缩包内文件互相重叠，疑似压缩炸弹")


def _content(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget) -> bytes:
    if stat.S_IFMT(entry.external_attr >> 16) not in REGULAR:
        raise Refused(Why.UNSAFE, "压缩包内有链接或设备文件")
    if entry.flag_bits & ENCRYPTED:
        raise Refused(Why.ENCRYPTED, "压缩包设有密码，请去掉密码后重新压缩")
    try:
        with opened.open(entry) as stream:
            return budget.collect(iter(lambda: stream.read(CHUNK), b""))
    except NotImplementedError as error:
        raise Refused(Why.UNSUPPORTED, "压缩包使用了少见的压缩方式，请用普通 zip 方式重新压缩") from error
    except DAMAGED as error:
        raise Refused(Why.CORRUPT, "压缩包内的这个文件已损坏") from error
    except RuntimeError as error:  # zipfile's answer to a locked member whose directory entry says nothing
        raise Refused(Why.ENCRYPTED, "压缩包设有密码，请去掉密码后重新压缩") from error
