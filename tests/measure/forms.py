"""Scanned forms in wide variety read as they come: values exact, wrong and sure, asked about."""

import difflib
import time
from collections.abc import Sequence

import parsers
from intake.assemble import merge
from intake.rules.finding import SURE
from parsers.documents import FREE_TEXTS, Form, Reading
from parsers.text import normalise
from tests.build import filled
from tests.build.filled import Case
from tests.measure.tally import Tally

KEYS = ("name", "identifier", "icp_number", "license_number", "organizer", "address", "postcode", "contact", "phone",
        "mobile", "email")  # fmt: skip
FURTHER = ("category_other", "recommendation", "recommendation_date", "county_opinion", "county_opinion_date")
BOUNDS = (0.9, SURE, 0.97)
"""From where on a value counts as sure: ours, and its neighbours to compare."""


def run(seeds: Sequence[int]) -> Tally:
    """Return how many fields and ticks were read exactly, and how many of the others are nobody asked about."""
    tally = Tally()
    for seed in seeds:
        made = filled.made(seed)
        start = time.process_time()
        found = [
            part
            for name, data in made.files
            for part in parsers.read(data, name).parts
            if isinstance(part, Form)
        ]
        tally.spend("CPU a form", 1000 * (time.process_time() - start))
        compare(tally, f"{seed} {made.said}", made, merge(found) if found else None)
    return tally


def compare(tally: Tally, told: str, made: Case, form: Form | None) -> None:
    """Count what `form` says beside what stands on the form as it was made."""
    tally.count("forms found", right=form is not None, otherwise=told)
    for key in (*KEYS, *FURTHER):
        _field(
            tally, told, key, (_wanted(made, key), form.readings[key] if form else Reading(confidence=0.0))
        )
    _tick(tally, told, made, form)
    wanted, read = made.who.fields.summary or "", (form.value("summary") if form else None) or ""
    tally.add("signs of summaries", max(0, len(wanted) - edits(wanted, read)), len(wanted))


def _wanted(made: Case, key: str) -> str | None:
    said: str | None = getattr(made.who.fields, key)
    return normalise(said) if said and key not in FREE_TEXTS else said


def _field(tally: Tally, told: str, key: str, both: tuple[str | None, Reading]) -> None:
    wanted, read = both
    right, sure = read.value == wanted, read.confidence
    otherwise = f"{told}: {key} {sure:.3f} {wanted!r} read {read.value!r}"
    if key not in KEYS:
        tally.count("dates, opinions, 其他's type exact", right=right, otherwise=otherwise)
        return
    tally.count("key fields exact", right=right, otherwise=otherwise)
    tally.count(f"  {key}", right=right)
    for bound in BOUNDS:
        tally.count(f"  none wrong and sure from {bound} on", right=right or sure < bound)
        tally.count(f"  not asked about from {bound} on", right=sure >= bound)


def _tick(tally: Tally, told: str, made: Case, form: Form | None) -> None:
    wanted, read = made.who.fields.category, form.ticked if form else ()
    right = read == (wanted,)
    sure = form is not None and form.readings["category"].confidence >= SURE
    otherwise = f"{told}: {wanted} read {read}{', sure' * sure}"
    tally.count("ticks right", right=right, otherwise=otherwise)
    tally.count("  none wrong and sure", right=right or not sure)
    if not made.by_hand:
        tally.count("  printed ones right and not asked about", right=right and sure, otherwise=otherwise)


def edits(wanted: str, read: str) -> int:
    """Return by how many signs `read` differs: the greater of what is lacking and what is too many, part by part."""
    codes = difflib.SequenceMatcher(None, wanted, read, autojunk=False).get_opcodes()
    return sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in codes if tag != "equal")
