"""The members of a 7z archive, unpacked by the standard library's own LZMA, bzip2 and zlib.

The format is 7-Zip's `7zFormat.txt`. PPMd, Deflate64 and the branch filters for programs are left out:
7-Zip, WinRAR's rivals and the Chinese ones pack documents with LZMA or LZMA2.
"""

import functools
import stat
import struct
import zlib
from collections.abc import Iterator

from parsers.containers.budget import BombError, Budget, Entry
from parsers.containers.sevencoders import Folder, unpacked
from parsers.containers.sevenheader import File, Header, read_header
from parsers.documents import Why
from parsers.kinds import SCRIPTS
from parsers.refusal import Refused
from parsers.sniff import suffix

SIGNATURE_HEADER = 32  # bytes
LARGEST_HEADER = 16 * 1024 * 1024
ENCODED = 0x17
PLAIN = 0x01
DIRECTORY = 0x10
REPARSE_POINT = 0x400
UNIX = 0x8000  # the upper half of the attributes is a Unix mode


def entries(data: bytes, _name: str, budget: Budget) -> Iterator[Entry]:
    """Yield the files in the 7z archive `data`; raises `Refused`, or ValueError and its like on damage."""
    header = _header(data)
    streams = [_Stream(data, folder, budget) for folder in header.folders]
    for file in header.files:
        if not file.attributes & DIRECTORY and not file.directory:
            yield Entry(file.name, functools.partial(_take, file, streams))


def _header(data: bytes) -> Header:
    offset, size, checksum = struct.unpack_from("<QQI", data, 12)
    block = data[SIGNATURE_HEADER + offset : SIGNATURE_HEADER + offset + size]
    if len(block) != size or zlib.crc32(block) != checksum:
        raise ValueError("the header is not there")
    for _ in range(4):  # an encoded header may hold another
        if not block or block[0] == PLAIN:
            return read_header(block)
        if block[0] != ENCODED:
            break
        block = _decoded(data, read_header(block).folders)
    raise ValueError("no header")


def _decoded(data: bytes, folders: list[Folder]) -> bytes:
    if len(folders) != 1:
        raise ValueError("an encoded header has one folder")
    if folders[0].size > LARGEST_HEADER:
        raise BombError("压缩包的目录过大，疑似压缩炸弹")
    return b"".join(unpacked(data, folders[0]))


class _Stream:
    """What one folder unpacks to, read forward; its members lie one after another."""

    def __init__(self, data: bytes, folder: Folder, budget: Budget) -> None:
        self._packed = (data, folder)
        self._budget = budget
        self._chunks: Iterator[bytes] | None = None
        self._buffer = bytearray()
        self._at = 0  # where the buffer begins

    def read(self, start: int, size: int) -> bytes:
        """Return the bytes from `start`, which is never before what was read last; raises `Refused`."""
        self._chunks = self._chunks or unpacked(*self._packed)
        while self._at + len(self._buffer) < start + size:
            chunk = next(self._chunks, None)
            if chunk is None:
                raise ValueError("the archive ends too early")
            self._budget.output(len(chunk))
            self._buffer += chunk
            self._forget(start)
        self._forget(start)
        return bytes(self._buffer[:size])

    def _forget(self, start: int) -> None:
        passed = min(max(0, start - self._at), len(self._buffer))
        del self._buffer[:passed]
        self._at += passed


def _take(file: File, streams: list[_Stream]) -> bytes:
    mode = file.attributes >> 16 if file.attributes & UNIX else 0
    if file.attributes & REPARSE_POINT or stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        raise Refused(Why.UNSAFE, "压缩包内有链接或设备文件")
    if file.folder is None:
        return b""
    try:
        content = streams[file.folder].read(file.start, file.size)
    except Refused as refused:
        # Filters made for programs are the usual reason why a member cannot be read here.
        if refused.why is Why.UNSUPPORTED and suffix(file.name) in SCRIPTS:
            raise Refused(Why.UNSAFE, "可执行程序或脚本，为安全起见不予打开") from refused
        raise
    except (ValueError, OSError, EOFError, zlib.error) as error:
        raise Refused(Why.CORRUPT, "压缩包内的这个文件已损坏") from error
    if file.checksum is not None and zlib.crc32(content) != file.checksum:
        raise Refused(Why.CORRUPT, "压缩包内的这个文件已损坏")
    return content
