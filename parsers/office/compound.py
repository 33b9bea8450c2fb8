"""The streams of a compound file ([MS-CFB]), which Word 97 documents and their like are."""

import struct
from collections.abc import Mapping, Sequence

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENTRY = 128  # bytes of a directory entry
STREAM, ROOT = 2, 5
LAST_SECTOR = 0xFFFFFFFA  # what is larger is no sector but a mark
MOST_ENTRIES = 10_000


def streams(data: bytes) -> Mapping[str, bytes]:
    """Return the streams of the compound file `data` by name; raises ValueError or struct.error on damage.

    Of several streams of one name, in different storages, the first is returned.
    """
    if not data.startswith(SIGNATURE):
        raise ValueError("no compound file")
    return _File(data).streams()


def is_whole(data: bytes) -> bool:
    """Tell whether the directory of the compound file `data` is there; one that was cut off has lost it."""
    try:
        return any(entry[66] == ROOT for entry in _File(data).entries)
    except (ValueError, struct.error):
        return False


class _File:
    def __init__(self, data: bytes) -> None:
        self._data = data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in {9, 12} or mini_shift != 6:
            raise ValueError("sectors of no known size")
        self._size, self._mini_size = 1 << shift, 1 << mini_shift
        tables, directory, _, self._cutoff = struct.unpack_from("<IIII", data, 44)
        mini_table, _, double, _ = struct.unpack_from("<IIII", data, 60)
        self._next = self._table(self._table_sectors(double)[:tables])
        self._mini_next = _numbers(self._chain(mini_table))
        entries = self._chain(directory)
        self.entries = [entries[at : at + ENTRY] for at in range(0, len(entries) - ENTRY + 1, ENTRY)]
        self._mini = b""

    def streams(self) -> Mapping[str, bytes]:
        root = next((entry for entry in self.entries if entry[66] == ROOT), None)
        if root is not None:
            self._mini = self._chain(struct.unpack_from("<I", root, 116)[0])
        found: dict[str, bytes] = {}
        for entry in self.entries[:MOST_ENTRIES]:
            length = min(struct.unpack_from("<H", entry, 64)[0], 64)
            name = entry[: max(0, length - 2)].decode("utf-16-le", "replace")
            if entry[66] == STREAM and name not in found:
                found[name] = self._stream(*struct.unpack_from("<II", entry, 116))
        return found

    def _stream(self, start: int, size: int) -> bytes:
        if size >= self._cutoff:
            return self._chain(start)[:size]
        return _followed(self._mini, start, self._mini_next, self._mini_size)[:size]

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        return self._data[at : at + self._size]

    def _table_sectors(self, double: int) -> list[int]:
        """Return where the allocation table lies: 109 places in the header, more in a chain."""
        listed = list(_numbers(self._data[76:512]))
        seen: set[int] = set()
        while double < LAST_SECTOR and double not in seen and (sector := self._sector(double)):
            seen.add(double)
            *more, double = _numbers(sector)
            listed += more
        return [number for number in listed if number < LAST_SECTOR]

    def _table(self, sectors: Sequence[int]) -> Sequence[int]:
        return _numbers(b"".join(self._sector(number) for number in sectors))

    def _chain(self, start: int) -> bytes:
        return _followed(self._data[self._size :], start, self._next, self._size)


def _numbers(data: bytes) -> Sequence[int]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])


def _followed(data: bytes, start: int, following: Sequence[int], size: int) -> bytes:
    """Return the sectors of `data` that are linked from `start` on, a ring once."""
    pieces: list[bytes] = []
    seen: set[int] = set()
    while start < len(following) and start not in seen:
        seen.add(start)
        pieces.append(data[start * size : (start + 1) * size])
        start = following[start]
    return b"".join(pieces)
