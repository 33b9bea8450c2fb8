"""The members of a tar, and of what gzip, bzip2 or xz packed: a tar, or one file alone."""

import bz2
import functools
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from parsers.containers.budget import CHUNK, Budget, Entry
from parsers.containers.names import decoded
from parsers.documents import Why
from parsers.refusal import Refused

XZ = b"\xfd7zXZ\0"
MAGIC = slice(257, 262)
SHORT = {".tgz": ".tar", ".tbz": ".tar", ".tbz2": ".tar", ".txz": ".tar"}
PACKERS: dict[bytes, Callable[[io.BytesIO], BinaryIO]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),  # type: ignore[dict-item, return-value]  # BinaryIO in all but name
    b"BZh": bz2.BZ2File,  # type: ignore[dict-item]
    XZ: lzma.LZMAFile,  # type: ignore[dict-item]
}


def entries(data: bytes, name: str, budget: Budget) -> Iterator[Entry]:
    """Yield the files in the tar or packed file `data` called `name`; raises ValueError and its like on damage."""
    packer = next((packer for start, packer in PACKERS.items() if data.startswith(start)), None)
    if packer:
        packed = data.rstrip(b"\0") if data.startswith(XZ) else data  # padding, which Python takes amiss
        with packer(io.BytesIO(packed)) as file:
            data = budget.collect(iter(lambda: file.read(CHUNK), b""))
    if data[MAGIC] == b"ustar":
        yield from _members(data)
    elif packer:
        yield Entry(_inner_name(name), lambda: data)
    else:
        raise ValueError("no tar")


def _members(data: bytes) -> Iterator[Entry]:
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:", errors="surrogateescape") as opened:
            for member in opened:
                if not member.isdir():
                    yield Entry(_name(member.name), functools.partial(_content, opened, member))
    except tarfile.TarError as error:
        raise ValueError("a damaged tar") from error


def _inner_name(name: str) -> str:
    path = PurePosixPath(name)
    return (path.stem + SHORT.get(path.suffix.lower(), "")) or "file"


def _name(name: str) -> str:
    raw = name.encode("utf-8", "surrogateescape")
    return decoded(raw) if raw != name.encode("utf-8", "replace") else name


def _content(opened: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if not member.isreg():
        raise Refused(Why.UNSAFE, "压缩包内有链接或设备文件")
    if member.issparse():
        raise Refused(Why.UNSUPPORTED, "压缩包使用了少见的压缩方式，请用普通 zip 方式重新压缩")
    try:
        file = opened.extractfile(member)
        content = file.read() if file else b""
    except (tarfile.TarError, OSError) as error:
        raise Refused(Why.CORRUPT, "压缩包内的这个文件已损坏") from error
    if len(content) != member.size:
        raise Refused(Why.CORRUPT, "压缩包内的这个文件已损坏")
    return content
