"""What a torture has come to over all its runs, in a file, so that thousands of kills can be done a few at a time."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from tests.torture.ordeal import Figures

COUNTS = ("sent", "lost", "judged_twice", "answered", "answered_twice", "uncertain", "unanswered", "blamed")


class Tally(msgspec.Struct):
    """How often the service was killed at each point and hindered by each fault, and what became of the mails."""

    killed: dict[str, int] = {}
    faults: dict[str, int] = {}
    mails: dict[str, int] = {}
    found: list[str] = []

    def add(self, tried: Counter[str], figures: Figures, *, kills: bool) -> None:
        """Count what was tried and has been looked at since."""
        into = self.killed if kills else self.faults
        for name, count in tried.items():
            into[name] = into.get(name, 0) + count
        for name in COUNTS:
            self.mails[name] = self.mails.get(name, 0) + getattr(figures, name)
        self.found += figures.faults

    @property
    def good(self) -> bool:
        wrong = ("lost", "judged_twice", "answered_twice", "unanswered")
        return not (self.found or any(self.mails.get(name) for name in wrong))

    def left(self, points: Sequence[str], kills: int) -> list[list[str]]:
        """Return the rounds that are left, each with the points that have not been killed so often."""
        return [
            [point for point in points if self.killed.get(point, 0) < number]
            for number in range(1, kills + 1)
        ]

    def lines(self) -> Iterator[str]:
        """Yield the figures: faults tried, mails sent, lost, doubled."""
        yield f"faults tried: {sum(self.killed.values())} kills, {sum(self.faults.values())} others"
        yield from (f"  {count:>4}  {name}" for name, count in (self.killed | self.faults).items())
        yield from (f"mails {name.replace('_', ' ')}: {self.mails.get(name, 0)}" for name in COUNTS)
        yield f"mails doubled: {self.mails.get('judged_twice', 0) + self.mails.get('answered_twice', 0)}"
        yield from (f"found by verify: {one}" for one in self.found)


def load(path: Path | None) -> Tally:
    """Return the tally in `path`, a new one where there is none yet."""
    return msgspec.json.decode(path.read_bytes(), type=Tally) if path and path.exists() else Tally()


def save(path: Path | None, tally: Tally) -> None:
    if path:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(tally)))
