"""The pictures in the streams of a Word 97 document: the blips of [MS-ODRAW], found by their headers."""

import re
import struct
from collections.abc import Iterator, Mapping

MAGIC = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|II\*\0|MM\0\*")
PIXELS = frozenset({0xF01D, 0xF01E, 0xF029, 0xF02A})  # records of JPEG, PNG and TIFF pictures
BEFORE = (17, 33)  # bytes of a record before its picture: one digest or two, and a mark
INLINE, FLOATING = "Data", "WordDocument"
MOST_PICTURES = 500


def pictures(streams: Mapping[str, bytes]) -> tuple[list[bytes], list[bytes]]:
    """Return the pictures that stand in the text, and those that float beside it, each in their order."""
    inline, floating = (list(_found(streams.get(name, b""))) for name in (INLINE, FLOATING))
    return inline, floating


def _found(stream: bytes) -> Iterator[bytes]:
    end = count = 0
    for match in MAGIC.finditer(stream):
        size = _size(stream, match.start()) if match.start() >= end else 0
        if size and count < MOST_PICTURES:
            count += 1
            end = match.start() + size
            yield stream[match.start() : end]


def _size(stream: bytes, at: int) -> int:
    """Return how many bytes the picture at `at` has by the header of its record, 0 if it has none."""
    for before in BEFORE:
        if at >= before + 8:
            _, kind, length = struct.unpack_from("<HHI", stream, at - before - 8)
            if kind in PIXELS and before < length <= len(stream) - at + before:
                return int(length) - before
    return 0
