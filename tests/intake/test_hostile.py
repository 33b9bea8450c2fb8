"""REALITIES 19: what is sent to exhaust us ends in its outcome, quickly and in little memory."""

import json
import subprocess
import sys

import pytest

from tests.intake.hostile import MAILS

SECONDS, MEGABYTES = 5, 300
REFUSED = {
    "1,000 parts in each other": "too-deep",
    "100,000 parts in each other": "too-deep",
    "50,000 parts": "too-many-parts",
    "a boundary begun on every line": "too-many-parts",
    "100,000 headers": "header-too-large",
    "nothing but a header": "header-too-large",
    "a subject of 1 MB": "header-too-large",
    "a subject of 1 MB in encoded words": "header-too-large",
    "a large mail in a mail in a mail": "too-large",
}

Measured = dict[str, tuple[str, float, float]]


@pytest.fixture(scope="module")
def measured() -> Measured:
    done = subprocess.run(
        [sys.executable, "-m", "tests.intake.hostile"],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    rows = (json.loads(line) for line in done.stdout.splitlines())
    return {name: (outcome, seconds, megabytes) for name, outcome, seconds, megabytes in rows}


@pytest.mark.parametrize("name", MAILS)
def test_a_hostile_mail_ends_in_its_outcome(measured: Measured, name: str) -> None:
    outcome, seconds, megabytes = measured[name]
    assert outcome == REFUSED.get(name, "mail")
    assert seconds < SECONDS
    assert megabytes < MEGABYTES
