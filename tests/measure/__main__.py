"""Figures of the readers on material made from seeds: `python -m tests.measure PART [--seeds FIRST-LAST] [--tell]`.

Each part makes its own material, one piece a seed, reads it, and prints how much was right. Seeds under 1000
are for tuning; a figure that is reported as held out comes from seeds that nobody has looked at before.
`--tell` prints a line for each piece that was read otherwise than it was made.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence

from tests.measure import papers, seals
from tests.measure.tally import Tally

PARTS: Mapping[str, Callable[[Sequence[int]], Tally]] = {
    "seals": seals.run,
    "rings": seals.rings,
    "licences": papers.licences,
    "honours": papers.honours,
    "others": papers.others,
}


def main(arguments: Sequence[str]) -> None:
    """Measure one part and print its figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.measure", description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--seeds", type=_seeds, default=range(100), metavar="FIRST-LAST")
    parser.add_argument("--tell", action="store_true", help="tell what was read otherwise than it was made")
    given = parser.parse_args(arguments)
    tally = PARTS[given.part](given.seeds)
    for line in (*(tally.told if given.tell else ()), *tally.figures()):
        print(line)  # noqa: T201


def _seeds(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    main(sys.argv[1:])
