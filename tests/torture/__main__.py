"""`make torture`: the service killed at every point of a mail's way and hindered in every way, for long.

    python -m tests.torture [--kills 50] [--point NAME ...] [--seconds N] [--seed N]

Each point is killed `--kills` times, in an order of its own each round; then the faults; and the figures are
printed. Ends with 1 if a mail was lost, judged or answered twice, or the store is not sound.
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

ROUND = 40  # kills on one data folder, before it is looked at and a new one is begun


class Torture(NamedTuple):
    """Until when, with what chance, and by which start the service is killed; and where it was so far."""

    until: float
    rng: random.Random
    killed: Counter[str]
    started: Callable[..., AbstractContextManager[Serving]]


def main() -> int:
    asked = _arguments()
    until = time.monotonic() + asked.seconds
    rng = random.Random(asked.seed)
    plan = [point for _ in range(asked.kills) for point in rng.sample(asked.point, len(asked.point))]
    killed: Counter[str] = Counter()
    tortures = Torture(until, rng, killed, forked.started if asked.forked else started)
    rounds = [plan[start : start + ROUND] for start in range(0, len(plan), ROUND)]
    every = [_kills(some, tortures) for some in rounds if time.monotonic() < until]
    every += [_faults()] if asked.faults else []
    _say(f"kills: {killed.total()}, at " + ", ".join(f"{point} {count}" for point, count in killed.items()))
    for name in ("sent", "lost", "judged_twice", "answered", "answered_twice", "uncertain", "unanswered"):
        _say(f"{name.replace('_', ' ')}: {sum(getattr(one, name) for one in every)}")
    return 0 if all(one.good for one in every) else 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make torture")
    parser.add_argument("--kills", type=int, default=50, help="times each point is killed")
    parser.add_argument("--point", nargs="*", choices=[*POINTS, "anywhere"], default=[*POINTS, "anywhere"])
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no kill after that time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--forked", action="store_true", help="start the service by fork, ten times as fast")
    parser.add_argument("--no-faults", dest="faults", action="store_false")
    return parser.parse_args()


def _kills(plan: Sequence[str], tortures: Torture) -> Figures:
    with tempfile.TemporaryDirectory(prefix="torture-") as name, ordeal(Path(name)) as ordeals:
        ordeals.started = tortures.started
        for point in plan:
            if time.monotonic() < tortures.until:
                _kill(ordeals, point, tortures.rng)
                tortures.killed[point] += 1
        return _told(f"after {tortures.killed.total()} kills", ordeals.settle())


def _kill(ordeals: Ordeal, point: str, rng: random.Random) -> None:
    if point == "anywhere":
        ordeals.killed_after(rng.uniform(0.1, 5))
    else:
        ordeals.killed_at(point, spared=rng.choice((0, 0, 1)))


def _faults() -> Figures:
    with tempfile.TemporaryDirectory(prefix="torture-") as name, ordeal(Path(name)) as ordeals:
        for fault in _each_fault(ordeals, Path(name)):
            _say(f"  {fault}: {_answers(ordeals)}")
        return _told("faults", ordeals.settle())


def _each_fault(ordeals: Ordeal, folder: Path) -> Iterator[str]:
    """Let every fault last while mails come by both doors, and yield its name when it is over."""
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
            yield name
        for number in range(20):
            ordeals.wire.cuts = [500 * number]
            with faults.stopped(ordeals.mailbox):
                pass
            ordeals.mailbox.append(ordeals.mail() + b"x" * 20_000, ordeals.mail())
        serve.until(lambda: ordeals.quiet(serve))
        yield "20 connections cut"
        for _ in range(5):
            with faults.stopped(ordeals.mailbox):
                faults.forget_uids(ordeals.mailbox)
            ordeals.mailbox.append(ordeals.mail())
            serve.until(lambda: ordeals.quiet(serve))
        yield "5 times a new UIDVALIDITY"
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
