"""The header of a 7z archive: which files lie where in which packed stream."""

import itertools
import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from parsers.containers.budget import MOST_MEMBERS, TOO_MANY, BombError
from parsers.containers.sevencoders import Coder, Folder

SIGNATURE_HEADER = 32  # bytes
MOST_STREAMS = MOST_MEMBERS * 10
MOST_CODERS = 32
END, FILES = 0x00, 0x05
PACK_INFO, UNPACK_INFO, SUBSTREAMS_INFO = 0x06, 0x07, 0x08
SIZE, CHECKSUM, FOLDER, UNPACK_SIZE, UNPACK_COUNT = 0x09, 0x0A, 0x0B, 0x0C, 0x0D
EMPTY_STREAM, EMPTY_FILE, NAMES, ATTRIBUTES = 0x0E, 0x0F, 0x11, 0x15
ARCHIVE_PROPERTIES, ADDITIONAL_STREAMS, MAIN_STREAMS = 0x02, 0x03, 0x04


class File(NamedTuple):
    """A file by its name, its place in the stream of `folder` (None where it is empty), its checksum."""

    name: str
    folder: int | None
    start: int
    size: int
    checksum: int | None
    attributes: int
    directory: bool


class Header(NamedTuple):
    """The packed streams and the files in them."""

    folders: list[Folder]
    files: list[File]


class _Piece(NamedTuple):
    """A file's bytes in the stream of a folder."""

    folder: int
    start: int
    size: int
    checksum: int | None


class _Reader:
    """The bytes of a header, read forward; raises ValueError where they end too early."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) != size:
            raise ValueError("the header ends too early")
        self._at += size
        return taken

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        """Return a NUMBER: the leading ones of its first byte count the bytes that follow."""
        first = self.byte()
        extra = next((count for count in range(8) if not first & (0x80 >> count)), 8)
        low = int.from_bytes(self.take(extra), "little")
        high = first & ((0x80 >> extra) - 1) if extra < 8 else 0
        return low | high << (8 * extra)

    def count(self) -> int:
        """Return a number of things, none of which is without end."""
        number = self.number()
        if number > MOST_STREAMS:
            raise BombError(TOO_MANY)
        return number

    def bits(self, count: int) -> list[bool]:
        held = self.take((count + 7) // 8)
        return [bool(held[index // 8] & (0x80 >> index % 8)) for index in range(count)]

    def flags(self, count: int) -> list[bool]:
        """Return which of `count` things are defined: all, or as the bits say."""
        return [True] * count if self.byte() else self.bits(count)

    def checksums(self, count: int) -> list[int | None]:
        return [struct.unpack("<I", self.take(4))[0] if known else None for known in self.flags(count)]


def read_header(data: bytes) -> Header:
    """Return the folders and files of a header, plain or encoded; raises ValueError or struct.error."""
    reader = _Reader(data)
    reader.byte()
    if data[:1] != b"\x01":
        folders, _ = _streams(reader)
        return Header(folders, [])
    folders, pieces, files = [], list[_Piece](), list[File]()
    while (kind := reader.byte()) != END:
        if kind == MAIN_STREAMS:
            folders, pieces = _streams(reader)
        elif kind == FILES:
            files = _files(reader, pieces)
        elif kind == ARCHIVE_PROPERTIES:
            _skip_properties(reader)
        elif kind == ADDITIONAL_STREAMS:
            _streams(reader)
        else:
            raise ValueError("an unknown part of the header")
    return Header(folders, files)


def _skip_properties(reader: _Reader) -> None:
    while reader.byte() != END:
        reader.take(reader.number())


def _streams(reader: _Reader) -> tuple[list[Folder], list[_Piece]]:
    position, packed = 0, list[int]()
    folders = list[Folder]()
    known = list[int | None]()
    pieces = None
    while (kind := reader.byte()) != END:
        if kind == PACK_INFO:
            position, packed = _pack_info(reader)
        elif kind == UNPACK_INFO:
            folders, known = _folders(reader, position, packed)
        elif kind == SUBSTREAMS_INFO:
            pieces = _pieces(reader, folders, known)
        else:
            raise ValueError("an unknown part of the streams")
    if pieces is None:
        pieces = [_Piece(index, 0, folder.size, known[index]) for index, folder in enumerate(folders)]
    return folders, pieces


def _pack_info(reader: _Reader) -> tuple[int, list[int]]:
    position, count = reader.number(), reader.count()
    sizes = list[int]()
    while (kind := reader.byte()) != END:
        if kind == SIZE:
            sizes = [reader.number() for _ in range(count)]
        elif kind == CHECKSUM:
            reader.checksums(count)
        else:
            raise ValueError("an unknown part of the packed streams")
    return SIGNATURE_HEADER + position, sizes


class _Plan(NamedTuple):
    coders: tuple[Coder, ...]
    order: tuple[int, ...]
    packed_streams: int


def _folders(reader: _Reader, position: int, packed: Sequence[int]) -> tuple[list[Folder], list[int | None]]:
    if reader.byte() != FOLDER:
        raise ValueError("folders expected")
    count = reader.count()
    if reader.byte():
        raise ValueError("folders elsewhere")
    plans = [_plan(reader) for _ in range(count)]
    if reader.byte() != UNPACK_SIZE:
        raise ValueError("sizes expected")
    sizes = [tuple(reader.number() for _ in plan.coders) for plan in plans]
    known: list[int | None] = [None] * count
    while (kind := reader.byte()) != END:
        if kind != CHECKSUM:
            raise ValueError("an unknown part of the folders")
        known = reader.checksums(count)
    return list(_placed(plans, sizes, position, packed)), known


def _placed(
    plans: Iterable[_Plan], sizes: Iterable[tuple[int, ...]], position: int, packed: Sequence[int]
) -> Iterable[Folder]:
    waiting = iter(packed)
    for plan, put_out in zip(plans, sizes, strict=True):
        own = list(itertools.islice(waiting, plan.packed_streams))
        if len(own) != plan.packed_streams:
            raise ValueError("a packed stream is missing")
        yield Folder(plan.coders, plan.order, put_out, position, own[0] if own else 0)
        position += sum(own)


def _plan(reader: _Reader) -> _Plan:
    """Return the coders of a folder and the order to undo them in; none for a net of many streams."""
    count = reader.number()
    if not 0 < count <= MOST_CODERS:
        raise ValueError("no coders")
    coders, inputs, outputs = list[Coder](), 0, 0
    for _ in range(count):
        flags = reader.byte()
        method = reader.take(flags & 0x0F)
        many = (reader.number(), reader.number()) if flags & 0x10 else (1, 1)
        properties = reader.take(reader.number()) if flags & 0x20 else b""
        coders.append(Coder(method, properties, many == (1, 1)))
        inputs, outputs = inputs + many[0], outputs + many[1]
    if max(inputs, outputs) > MOST_CODERS:
        raise ValueError("too many streams in a folder")
    feeds = {reader.number(): reader.number() for _ in range(outputs - 1)}  # input -> the output it is fed by
    packed_streams = inputs - (outputs - 1)
    if packed_streams > 1:
        for _ in range(packed_streams):
            reader.number()
    simple = all(coder.simple for coder in coders)
    return _Plan(tuple(coders), _order(len(coders), feeds) if simple else (), packed_streams)


def _order(count: int, feeds: dict[int, int]) -> tuple[int, ...]:
    """Return the coders from the one that takes the packed stream on."""
    takers = {output: taker for taker, output in feeds.items()}
    order = [next((index for index in range(count) if index not in feeds), 0)]
    while len(order) < count and order[-1] in takers:
        order.append(takers[order[-1]])
    if sorted(order) != list(range(count)):
        raise ValueError("the coders are no chain")
    return tuple(order)


def _pieces(reader: _Reader, folders: Sequence[Folder], known: Sequence[int | None]) -> list[_Piece]:
    counts = [1] * len(folders)
    kind = reader.byte()
    if kind == UNPACK_COUNT:
        counts = [reader.count() for _ in folders]
        kind = reader.byte()
    if sum(counts) > MOST_STREAMS:
        raise BombError(TOO_MANY)
    sizes = [[reader.number() if kind == SIZE else 0 for _ in range(count - 1)] for count in counts]
    kind = reader.byte() if kind == SIZE else kind
    placed = list[_Piece]()
    for index, folder in enumerate(folders):
        if counts[index]:
            own = [*sizes[index], folder.size - sum(sizes[index])]
            sure = known[index] if counts[index] == 1 else None
            starts = itertools.accumulate(own[:-1], initial=0)
            placed += [_Piece(index, start, size, sure) for start, size in zip(starts, own, strict=True)]
    while kind != END:
        if kind != CHECKSUM:
            raise ValueError("an unknown part of the substreams")
        placed = _checked(reader, placed)
        kind = reader.byte()
    if any(piece.size < 0 for piece in placed):
        raise ValueError("a negative size")
    return placed


def _checked(reader: _Reader, pieces: Sequence[_Piece]) -> list[_Piece]:
    unknown = [piece for piece in pieces if piece.checksum is None]
    told = dict(zip(map(id, unknown), reader.checksums(len(unknown)), strict=True))
    return [piece._replace(checksum=told.get(id(piece), piece.checksum)) for piece in pieces]


def _files(reader: _Reader, pieces: Sequence[_Piece]) -> list[File]:
    count = reader.count()
    names: list[str] = [""] * count
    attributes = [0] * count
    empty = [False] * count
    empty_files = list[bool]()
    while (kind := reader.byte()) != END:
        inner = _Reader(reader.take(reader.number()))
        if kind == EMPTY_STREAM:
            empty = inner.bits(count)
        elif kind == EMPTY_FILE:
            empty_files = inner.bits(sum(empty))
        elif kind == NAMES:
            names = _names(inner, count)
        elif kind == ATTRIBUTES:
            attributes = _attributes(inner, count)
    if empty.count(False) > len(pieces):
        raise ValueError("files without their bytes")
    waiting, kinds = iter(pieces), iter(empty_files)
    return [
        _file(names[index], attributes[index], None if empty[index] else next(waiting), kinds)
        for index in range(count)
    ]


def _file(name: str, attributes: int, piece: _Piece | None, kinds: Iterable[bool]) -> File:
    if piece is None:
        return File(name, None, 0, 0, None, attributes, directory=not next(iter(kinds), False))
    return File(name, piece.folder, piece.start, piece.size, piece.checksum, attributes, directory=False)


def _names(reader: _Reader, count: int) -> list[str]:
    if reader.byte():
        raise ValueError("names elsewhere")
    names = list[str]()
    for _ in range(count):
        units = bytearray()
        while (unit := reader.take(2)) != b"\0\0":
            units += unit
        names.append(units.decode("utf-16-le", "replace"))
    return names


def _attributes(reader: _Reader, count: int) -> list[int]:
    known = reader.flags(count)
    if reader.byte():
        raise ValueError("attributes elsewhere")
    return [struct.unpack("<I", reader.take(4))[0] if one else 0 for one in known]
