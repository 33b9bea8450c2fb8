"""`make torture`: the service killed at every point of a mail's way and hindered in every way, for long.

    make torture ARGS="[--kills 50] [--point NAME ...] [--seconds N] [--tally FILE] [--seed N] [--forked]"

Each point is killed `--kills` times, in an order of its own each round; then come the faults; and the figures are
printed. With `--tally` a later run goes on where this one stopped, and the figures are those of all runs. `--point`
without a name leaves the kills out, `--no-faults` the faults. Ends with 1 if a mail was lost, judged or answered
twice, or the store is not sound.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from tests.shenbao.serving import Serving, started
from tests.torture import faults, forked
from tests.torture.faults import DISK
from tests.torture.ordeal import Figures, Ordeal, ordeal
from tests.torture.points import POINTS
from tests.torture.tally import load, save

ROUND = 40  # kills on one data folder, before it is looked at and a new one is begun


class Torture(NamedTuple):
    """Until when, with what chance, and by which start the service is killed."""

    until: float
    rng: random.Random
    started: Callable[..., AbstractContextManager[Serving]]

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.until


def main() -> int:
    asked = _arguments()
    rng = random.Random(asked.seed)
    torture = Torture(time.monotonic() + asked.seconds, rng, forked.started if asked.forked else started)
    tally = load(asked.tally)
    plan = [point for left in tally.left(asked.point, asked.kills) for point in rng.sample(left, len(left))]
    for start in range(0, len(plan), ROUND):
        if not torture.over:
            tally.add(*_kills(plan[start : start + ROUND], torture), kills=True)
            save(asked.tally, tally)
    if asked.faults and not tally.faults and not torture.over:
        tally.add(*_faults(), kills=False)
        save(asked.tally, tally)
    for line in tally.lines():
        _say(line)
    return 0 if tally.good else 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make torture")
    parser.add_argument("--kills", type=int, default=50, help="times each point is killed")
    parser.add_argument("--point", nargs="*", choices=[*POINTS, "anywhere"], default=[*POINTS, "anywhere"])
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no kill after that time")
    parser.add_argument("--tally", type=Path, help="a file to go on from, and to keep the figures in")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--forked", action="store_true", help="start the service by fork, ten times as fast")
    parser.add_argument("--no-faults", dest="faults", action="store_false")
    return parser.parse_args()


def _kills(plan: Sequence[str], torture: Torture) -> tuple[Counter[str], Figures]:
    killed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="torture-") as name, ordeal(Path(name)) as ordeals:
        ordeals.started = torture.started
        for point in plan:
            if not torture.over:
                _kill(ordeals, point, torture.rng)
                killed[point] += 1
        return killed, _told(f"after {killed.total()} kills", ordeals.settle())


def _kill(ordeals: Ordeal, point: str, rng: random.Random) -> None:
    if point == "anywhere":
        ordeals.killed_after(rng.uniform(0.1, 5))
    else:
        ordeals.killed_at(point, spared=rng.choice((0, 0, 1)))


def _faults() -> tuple[Counter[str], Figures]:
    tried: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="torture-") as name, ordeal(Path(name)) as ordeals:
        for fault, times in _each_fault(ordeals, Path(name)):
            tried[fault] += times
            _say(f"  {times} × {fault}: {_answers(ordeals)}")
        return tried, _told("faults", ordeals.settle())


def _each_fault(ordeals: Ordeal, folder: Path) -> Iterator[tuple[str, int]]:
    """Let every fault last while mails come by both doors, and yield its name and how often it was tried when it is over."""
    with ordeals.serving(**faults.breakable(folder)) as serve:
        hurts = {
            **{name: faults.failing(serve, *at) for name, at in DISK.items()},
            "no file may grow": faults.files_no_larger(serve, 0),
            "no memory": faults.short_of_memory(serve),
            "store held for 70 s": faults.locked(serve),
            "IMAP server stopped": faults.stopped(ordeals.mailbox),
            "IMAP server frozen for 70 s": faults.frozen(ordeals.mailbox),
        }
        for name, hurt in hurts.items():
            with hurt:
                for _ in range(3):
                    ordeals.senders.send(ordeals.mail())
                time.sleep(70 if name.endswith("70 s") else 5)
            ordeals.mailbox.append(ordeals.mail(), ordeals.mail())
            serve.until(lambda: ordeals.quiet(serve))
            yield name, 1
        for number in range(20):
            ordeals.wire.cuts = [500 * number]
            with faults.stopped(ordeals.mailbox):
                pass
            ordeals.mailbox.append(ordeals.mail() + b"x" * 20_000, ordeals.mail())
        serve.until(lambda: ordeals.quiet(serve))
        yield "connection cut", 20
        for _ in range(5):
            with faults.stopped(ordeals.mailbox):
                faults.forget_uids(ordeals.mailbox)
            ordeals.mailbox.append(ordeals.mail())
            serve.until(lambda: ordeals.quiet(serve))
        yield "new UIDVALIDITY", 5
        serve.stop()


def _answers(ordeals: Ordeal) -> str:
    """Return how senders were answered since the last time."""
    told = ", ".join(f"{status or 'no answer'} {count}" for status, count in ordeals.senders.answers.items())
    ordeals.senders.answers.clear()
    return told


def _told(what: str, figures: Figures) -> Figures:
    _say(f"{what}: {figures}")
    return figures


if __name__ == "__main__":
    sys.exit(main())
