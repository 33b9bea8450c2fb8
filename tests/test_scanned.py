"""How the reading of scanned forms is measured: what counts as right, wrong and sure, asked about."""

import json

import pytest

from parsers.documents import FIELDS, Form, Reading
from tests.build import facts
from tests.build.grid import Look
from tests.scanned import scores

WHO = facts.applicant(5)


def form(confidence: float = 0.99, **changes: str) -> Form:
    readings = {key: Reading(value=getattr(WHO.fields, key), confidence=confidence) for key in FIELDS} | {
        key: Reading(value=value, confidence=confidence) for key, value in changes.items()
    }
    return Form(readings=readings, ticked=(WHO.fields.category or "",), scanned=True)


def result(read: Form | None) -> dict[str, object]:
    told: dict[str, object] = {
        "set": "tuning",
        "case": 1,
        "said": "flatbed",
        "cpu": 1.0,
        **scores.compare(WHO, Look(), read),
    }
    again: dict[str, object] = json.loads(json.dumps(told))  # as it stands in the file of results
    return again


@pytest.mark.parametrize(
    ("read", "figures"),
    [
        pytest.param(form(), "11 of 11 (100.0%), wrong and sure 0 (0.00%), asked about 0", id="all right"),
        pytest.param(form(email="l@qq.com"), "10 of 11 (90.9%), wrong and sure 1", id="one wrong and sure"),
        pytest.param(
            form(0.5, email="l@qq.com"),
            "wrong and sure 0 (0.00%), asked about 11 (100.0%)",
            id="all asked about",
        ),
        pytest.param(None, " of 11 (", id="no form found"),
    ],
)
def test_what_is_right_and_what_is_sure_are_told_apart(read: Form | None, figures: str) -> None:
    line = scores.report([result(read)], show=False).splitlines()[1]
    assert line.startswith("key fields: ")
    assert figures in line


def test_every_miss_is_listed() -> None:
    shown = scores.report([result(form(email="l@qq.com"))], show=True)
    assert "email 0.990 SURE" in shown
    assert "'l@qq.com'" in shown


@pytest.mark.parametrize(
    ("wanted", "read", "edits"),
    [("亳州市", "亳州市", 0), ("亳州市", "毫州市", 1), ("亳州市", "亳州", 1), ("", "多", 1)],
)
def test_signs_that_differ_are_counted(wanted: str, read: str, edits: int) -> None:
    assert scores.edits(wanted, read) == edits
