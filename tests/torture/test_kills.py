"""SIGKILL at named points of a mail's way: a few of them here, all of them fifty times in `make torture`."""

from pathlib import Path

import pytest

from tests.torture.ordeal import ordeal

# What must happen once, killed just before or just after it is certain.
HERE = ("mails kept", "outcome in the transaction", "judged", "letter taken", "letter delivered")


@pytest.mark.debian("dovecot")
def test_killed_at_each_step_nothing_is_lost_and_nothing_done_twice(tmp_path: Path) -> None:
    with ordeal(tmp_path) as ordeals:
        for point in HERE:
            ordeals.killed_at(point)
        figures = ordeals.settle()
    assert figures.good, figures
    assert figures.sent == 2 * len(HERE)
    assert figures.uncertain == 2  # a letter was on its way at each of the last two points
    assert figures.answered >= figures.sent - figures.uncertain
