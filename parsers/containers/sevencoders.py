"""How the streams of a 7z archive were packed, and how they come out again."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from parsers.containers.budget import CHUNK
from parsers.documents import Why
from parsers.refusal import Refused

AES = b"\x06\xf1\x07\x01"
COPY = b"\x00"
LZMA = b"\x03\x01\x01"
LZMA2 = b"\x21"
DELTA = b"\x03"
DEFLATE = b"\x04\x01\x08"
BZIP2 = b"\x04\x02\x02"
LEAST_DICTIONARY = 4096
RARE = "压缩包使用了少见的压缩方式，请改用 zip 格式压缩，或直接报送其中的文件"


class Coder(NamedTuple):
    """One method of a chain with its settings."""

    method: bytes
    properties: bytes
    simple: bool  # one stream in, one stream out


class Folder(NamedTuple):
    """Streams packed together: `coders` in the order in which packing applied them last to first.

    `start` and `packed` tell where the packed bytes lie in the file, `sizes` what each coder puts out,
    `order` which coder undoes what comes before the next one.
    """

    coders: tuple[Coder, ...]
    order: tuple[int, ...]
    sizes: tuple[int, ...]
    start: int
    packed: int

    @property
    def size(self) -> int:
        return self.sizes[self.order[-1]] if self.order else 0


def unpacked(data: bytes, folder: Folder) -> Iterator[bytes]:
    """Yield what `folder` unpacks to; raises `Refused`, or `lzma.LZMAError` and its like on damage."""
    if any(coder.method == AES for coder in folder.coders):
        raise Refused(Why.ENCRYPTED, "压缩包设有密码，请去掉密码后重新压缩")
    if not folder.order or not all(coder.simple for coder in folder.coders):
        raise Refused(Why.UNSUPPORTED, RARE)
    stream = _pieces(data[folder.start : folder.start + folder.packed])
    for index in folder.order:
        stream = _undone(stream, folder.coders[index], folder.sizes[index])
    return stream


def _pieces(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), CHUNK):
        yield data[at : at + CHUNK]


def _undone(stream: Iterator[bytes], coder: Coder, size: int) -> Iterator[bytes]:
    if coder.method == COPY:
        return _cut(stream, size)
    if coder.method not in DECODERS:
        raise Refused(Why.UNSUPPORTED, RARE)
    decoder = DECODERS[coder.method](coder.properties, size)
    return _cut(_flate(stream, decoder) if coder.method == DEFLATE else _paced(stream, decoder), size)


def _cut(stream: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yield the first `size` bytes of `stream`, for nobody asks for more."""
    left = size
    for chunk in stream:
        if chunk[:left]:
            yield chunk[:left]
        left -= len(chunk)
        if left <= 0:
            return


def _paced(stream: Iterator[bytes], decoder: Any) -> Iterator[bytes]:
    try:
        for piece in stream:
            yield decoder.decompress(piece, CHUNK)
            while not decoder.needs_input and not decoder.eof:
                yield decoder.decompress(b"", CHUNK)
            if decoder.eof:
                return
    except (lzma.LZMAError, EOFError) as error:
        raise ValueError("damaged") from error


def _flate(stream: Iterator[bytes], decoder: Any) -> Iterator[bytes]:
    for piece in stream:
        waiting = piece
        while waiting:
            yield decoder.decompress(waiting, CHUNK)
            waiting = decoder.unconsumed_tail


def _lzma(properties: bytes, size: int) -> lzma.LZMADecompressor:
    first, dictionary = properties[0], int.from_bytes(properties[1:5], "little")
    if len(properties) < 5 or first >= 9 * 5 * 5:
        raise ValueError("no settings of LZMA")
    return _raw(
        {
            "id": lzma.FILTER_LZMA1,
            "dict_size": _enough(dictionary, size),
            "lc": first % 9,
            "lp": first // 9 % 5,
            "pb": first // 45,
        }
    )


def _lzma2(properties: bytes, size: int) -> lzma.LZMADecompressor:
    bits = properties[0]
    dictionary = (2 | bits & 1) << (bits // 2 + 11)
    return _raw({"id": lzma.FILTER_LZMA2, "dict_size": _enough(dictionary, size)})


def _enough(dictionary: int, size: int) -> int:
    """Return the dictionary that `size` bytes can use: a header may claim four gigabytes."""
    return max(LEAST_DICTIONARY, min(dictionary, size))


def _raw(settings: dict[str, int]) -> lzma.LZMADecompressor:
    try:
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[settings])
    except lzma.LZMAError as error:
        raise ValueError("no settings of LZMA") from error


DECODERS: dict[bytes, Callable[[bytes, int], Any]] = {
    LZMA: _lzma,
    LZMA2: _lzma2,
    BZIP2: lambda _properties, _size: bz2.BZ2Decompressor(),
    DEFLATE: lambda _properties, _size: zlib.decompressobj(-15),
}
