"""The measurements run: a figure for each thing counted, the same for the same seeds."""

import subprocess
import sys

import pytest

from intake.rules.finding import SURE
from parsers.documents import FIELDS, Form, Reading
from tests.build import facts
from tests.build.filled import HELD_OUT, Case, made
from tests.build.grid import Look
from tests.measure import forms
from tests.measure.__main__ import PARTS
from tests.measure.tally import Tally

WHO = facts.applicant(5)


def test_a_tally_counts_and_tells_what_was_not_right() -> None:
    tally = Tally()
    tally.count("names", right=True)
    tally.count("names", right=False, otherwise="7: 甲 for 乙")
    tally.add("signs", 90, 100)
    tally.spend("CPU", 30)
    tally.spend("CPU", 50)
    assert tally.told == ["names: 7: 甲 for 乙"]
    assert [line.split() for line in tally.figures()] == [
        ["names", "1", "of", "2", "50.0", "%"],
        ["signs", "90", "of", "100", "90.0", "%"],
        ["CPU", "40", "ms"],
    ]


@pytest.mark.parametrize("part", PARTS)
def test_every_part_counts_something(part: str) -> None:
    command = [sys.executable, "-m", "tests.measure", part, "--seeds", "3-3"]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    assert " of " in told.stdout


def form(confidence: float = 0.99, **changes: str) -> Form:
    readings = {key: Reading(value=getattr(WHO.fields, key), confidence=confidence) for key in FIELDS} | {
        key: Reading(value=value, confidence=confidence) for key, value in changes.items()
    }
    return Form(readings=readings, ticked=(WHO.fields.category or "",), scanned=True)


@pytest.mark.parametrize(
    ("read", "exact", "loud", "sure"),
    [
        pytest.param(form(), 11, 11, 11, id="all right"),
        pytest.param(form(email="l@qq.com"), 10, 10, 11, id="one wrong and sure"),
        pytest.param(form(0.5, email="l@qq.com"), 10, 11, 0, id="all asked about"),
        pytest.param(None, 0, 11, 0, id="no form found"),
    ],
)
def test_what_is_right_and_what_is_sure_are_told_apart(
    read: Form | None, exact: int, loud: int, sure: int
) -> None:
    tally = Tally()
    forms.compare(tally, "1", Case(who=WHO, look=Look(), files=(), said="flatbed"), read)
    empty = sum(getattr(WHO.fields, key) is None for key in forms.KEYS) if read is None else 0
    assert tally.right["key fields exact"] == exact + empty
    assert tally.right[f"  none wrong and sure from {SURE} on"] == loud
    assert tally.right[f"  not asked about from {SURE} on"] == sure
    assert tally.right["ticks right"] == (read is not None)
    assert any("'l@qq.com'" in line for line in tally.told) == (exact == 10)


@pytest.mark.parametrize(
    ("wanted", "read", "edits"),
    [("亳州市", "亳州市", 0), ("亳州市", "毫州市", 1), ("亳州市", "亳州", 1), ("", "多", 1)],
)
def test_signs_that_differ_are_counted(wanted: str, read: str, edits: int) -> None:
    assert forms.edits(wanted, read) == edits


def test_held_out_forms_are_others_than_those_tuned_on() -> None:
    one, again, other = made(37), made(37), made(HELD_OUT + 37)
    assert one.files == again.files
    assert one.who.fields != other.who.fields
