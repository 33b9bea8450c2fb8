"""Figures of the readers on material made from seeds: `make measure ARGS="PART --seeds FIRST-LAST --tell"`.

Each part makes its own material, one piece a seed, reads it, and prints how much was right. Seeds under 1000
are for tuning; a figure that is reported as held out comes from seeds that nobody has looked at before.
`--tell` prints a line for each piece that was read otherwise than it was made.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence

from tests.build import faces
from tests.measure import forms, papers, seals
from tests.measure.tally import Tally

PARTS: Mapping[str, Callable[[Sequence[int]], Tally]] = {
    "forms": forms.run,
    "seals": seals.run,
    "rings": seals.rings,
    "licences": papers.licences,
    "honours": papers.honours,
    "others": papers.others,
}


def main(arguments: Sequence[str]) -> None:
    """Measure one part and print its figures."""
    parser = argparse.ArgumentParser(prog="make measure", description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--seeds", type=_seeds, default=range(100), metavar="FIRST-LAST")
    parser.add_argument("--tell", action="store_true", help="tell what was read otherwise than it was made")
    given = parser.parse_args(arguments)
    if lacking := faces.lacking():
        sys.stderr.write(f"not on this machine, so that figures are not comparable: {', '.join(lacking)}\n")
    tally = PARTS[given.part](given.seeds)
    for line in (*(tally.told if given.tell else ()), *tally.figures()):
        print(line)  # noqa: T201


def _seeds(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    main(sys.argv[1:])
