"""A winmail.dat as Outlook makes one ([MS-OXTNEF])."""

import struct
from collections.abc import Sequence
from typing import NamedTuple

RENDER_DATA, TITLE, DATA, PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005


class Attached(NamedTuple):
    """An attachment by its short name's bytes, and its long name in UTF-16 if it has one."""

    title: bytes
    data: bytes
    long_name: str = ""


def winmail(attached: Sequence[Attached], body: bytes = b"") -> bytes:
    """Return a TNEF stream that holds `attached`."""
    made = [struct.pack("<IH", 0x223E9F78, 1), _attribute(1, 0x00089006, struct.pack("<I", 0x10000))]
    if body:
        made.append(_attribute(1, 0x0002800C, body + b"\0"))
    for one in attached:
        made.append(_attribute(2, RENDER_DATA, bytes(14)))
        made.append(_attribute(2, TITLE, one.title + b"\0"))
        made.append(_attribute(2, DATA, one.data))
        if one.long_name:
            made.append(_attribute(2, PROPERTIES, _properties(one.long_name)))
    return b"".join(made)


def _attribute(level: int, identity: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, identity, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def _properties(long_name: str) -> bytes:
    named = struct.pack("<HH", 0x03, 0x8001) + bytes(16) + struct.pack("<II", 0, 7) + struct.pack("<I", 5)
    text = long_name.encode("utf-16-le") + b"\0\0"
    padded = text + bytes(-len(text) % 4)
    name = struct.pack("<HHII", 0x1F, 0x3707, 1, len(text)) + padded
    return struct.pack("<I", 2) + named + name
