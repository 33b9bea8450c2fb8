"""The attachments in a winmail.dat, Outlook's own wrapping ([MS-OXTNEF]), under the names they were given.

The title of an attachment is in the sender's code page, GBK nearly always; its MAPI properties hold a
longer name, often in UTF-16, which is preferred.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from parsers.containers.budget import Budget, Entry
from parsers.containers.names import decoded

SIGNATURE_AND_KEY = 6  # bytes
ATTACHMENT_LEVEL = 2
RENDER_DATA, TITLE, DATA, PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
DATA_PROPERTY, SHORT_NAME, LONG_NAME = 0x3701, 0x3704, 0x3707
STRING, UNICODE, BINARY, OBJECT = 0x1E, 0x1F, 0x102, 0x0D
MANY = 0x1000
SIZES = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}  # of fixed values
VARIABLE = frozenset({STRING, UNICODE, BINARY, OBJECT})
OBJECT_ID = 16  # bytes before an embedded object
MOST_VALUES = 10_000


class _Attribute(NamedTuple):
    level: int
    identity: int
    data: bytes


def entries(data: bytes, _name: str, budget: Budget) -> Iterator[Entry]:
    """Yield the attachments in the TNEF stream `data`; raises ValueError or struct.error where it is damaged."""
    for number, group in enumerate(_attachments(data), 1):
        properties = _properties(group.get(PROPERTIES, b""))
        content = group.get(DATA) or properties.get(DATA_PROPERTY, b"")
        name = _name_in(properties) or decoded(group.get(TITLE, b"").split(b"\0")[0]) or f"附件{number}"
        budget.output(len(content))
        yield Entry(name, lambda content=content: content)  # type: ignore[misc]  # mypy cannot infer a default's type here


def _attachments(data: bytes) -> Iterator[dict[int, bytes]]:
    """Yield the attributes of each attachment."""
    group: dict[int, bytes] | None = None
    for attribute in _attributes(data):
        if attribute.level != ATTACHMENT_LEVEL:
            continue
        if attribute.identity == RENDER_DATA:
            if group is not None:
                yield group
            group = {}
        elif group is not None:
            group.setdefault(attribute.identity, attribute.data)
    if group is not None:
        yield group


def _attributes(data: bytes) -> Iterator[_Attribute]:
    """Yield the attributes of the stream, garbage behind them left out."""
    at = SIGNATURE_AND_KEY
    while at + 11 <= len(data) and data[at] in {1, 2}:
        level, identity, size = struct.unpack_from("<BII", data, at)
        if at + 9 + size > len(data):
            raise ValueError("the stream ends too early")
        yield _Attribute(level, identity & 0xFFFF, data[at + 9 : at + 9 + size])
        at += 9 + size + 2


def _name_in(properties: dict[int, bytes]) -> str:
    for identity in (LONG_NAME, SHORT_NAME):
        if name := properties.get(identity, b"").decode("utf-8").split("\0")[0]:
            return name
    return ""


def _properties(data: bytes) -> dict[int, bytes]:
    """Return the MAPI properties of an attachment that have one value, text as UTF-8."""
    found: dict[int, bytes] = {}
    if not data:
        return found
    cursor = _Cursor(data)
    for _ in range(min(cursor.number(), MOST_VALUES)):
        kind, identity = struct.unpack("<HH", cursor.take(4))
        if identity & 0x8000:
            cursor.skip_name()
        values = list(cursor.values(kind))
        if len(values) == 1:
            found.setdefault(identity, _text(kind, values[0]))
    return found


def _text(kind: int, value: bytes) -> bytes:
    if kind == UNICODE:
        return value.decode("utf-16-le", "replace").encode("utf-8", "replace")
    if kind == STRING:
        return decoded(value.rstrip(b"\0")).encode("utf-8", "replace")
    return value[OBJECT_ID:] if kind == OBJECT else value


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) != size:
            raise ValueError("a property ends too early")
        self._at += size
        return taken

    def number(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def padded(self) -> bytes:
        size = self.number()
        value = self.take(size)
        self.take(-size % 4)
        return value

    def skip_name(self) -> None:
        """Skip the name of a named property: its set, its kind, its number or text."""
        self.take(16)
        if self.number():
            self.padded()
        else:
            self.take(4)

    def values(self, kind: int) -> Iterator[bytes]:
        base, many = kind & ~MANY, bool(kind & MANY)
        count = self.number() if many or base in VARIABLE else 1
        for _ in range(min(count, MOST_VALUES)):
            yield self.padded() if base in VARIABLE else self._fixed(base)

    def _fixed(self, base: int) -> bytes:
        if base not in SIZES:
            raise ValueError("an unknown type of property")
        return self.take(SIZES[base])
