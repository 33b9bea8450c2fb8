"""The measurements run: a figure for each thing counted, the same for the same seeds."""

import subprocess
import sys

import pytest

from tests.measure.__main__ import PARTS
from tests.measure.tally import Tally


def test_a_tally_counts_and_tells_what_was_not_right() -> None:
    tally = Tally()
    tally.count("names", right=True)
    tally.count("names", right=False, otherwise="7: 甲 for 乙")
    tally.spend("CPU", 30)
    tally.spend("CPU", 50)
    assert tally.told == ["names: 7: 甲 for 乙"]
    assert [line.split() for line in tally.figures()] == [
        ["names", "1", "of", "2", "50.0", "%"],
        ["CPU", "40", "ms"],
    ]


@pytest.mark.parametrize("part", PARTS)
def test_every_part_counts_something(part: str) -> None:
    command = [sys.executable, "-m", "tests.measure", part, "--seeds", "3-3"]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    assert " of " in told.stdout
