"""How much a container may hold: members, bytes and growth, counted over the whole tree of containers."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import NamedTuple

MOST_MEMBERS = 1_000
MOST_BYTES = 300 * 1024 * 1024
MOST_RATIO = 100
RATIO_COUNTS_FROM = 10 * 1024 * 1024  # a blank page as BMP shrinks five hundred times and is honest
CHUNK = 256 * 1024
TOO_MANY = f"压缩包内文件超过 {MOST_MEMBERS} 个"


class BombError(Exception):
    """The container as a whole exceeds a budget."""


class Entry(NamedTuple):
    """A file in a container: its path as it was meant, and how to take it out.

    `take` returns its bytes or raises `parsers.refusal.Refused`; it is called in the order of the
    entries, once, or not at all.
    """

    path: str
    take: Callable[[], bytes]


@dataclasses.dataclass(slots=True)
class Budget:
    """What one tree of containers has used up so far, of the `packed` bytes that came in."""

    packed: int
    members: int = 0
    unpacked: int = 0

    def member(self) -> None:
        self.members += 1
        if self.members > MOST_MEMBERS:
            raise BombError(TOO_MANY)

    def left(self) -> int:
        """Return how many bytes may still come out."""
        return min(MOST_BYTES, max(RATIO_COUNTS_FROM, MOST_RATIO * self.packed)) - self.unpacked

    def output(self, size: int) -> None:
        self.unpacked += size
        if self.unpacked > MOST_BYTES:
            raise BombError(f"压缩包解开后超过 {MOST_BYTES // 1024**2} MB")
        if self.left() < 0:
            raise BombError(f"压缩包解开后膨胀超过 {MOST_RATIO} 倍，疑似压缩炸弹")

    def collect(self, chunks: Iterable[bytes]) -> bytes:
        """Return `chunks` as one, each counted as it comes."""
        kept = []
        for chunk in chunks:
            self.output(len(chunk))
            kept.append(chunk)
        return b"".join(kept)
