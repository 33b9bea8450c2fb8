"""What was read beside what is true: per field exact, sure and wrong, asked about."""

import difflib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from intake.rules.finding import SURE
from parsers.documents import FREE_TEXTS, Form
from parsers.text import normalise
from tests.build.facts import Applicant
from tests.build.grid import Look

KEYS = ("name", "identifier", "icp_number", "license_number", "organizer", "address", "postcode", "contact", "phone",
        "mobile", "email")  # fmt: skip
_FURTHER = (
    "category_other",
    "recommendation",
    "recommendation_date",
    "county_opinion",
    "county_opinion_date",
)


def compare(who: Applicant, look: Look, form: Form | None) -> dict[str, Any]:
    """Return the misses and figures of one case, ready for JSON."""
    fields = [_field(key, _wanted(who, key), form) for key in (*KEYS, *_FURTHER)]
    right = sum(one["right"] for one in fields if one["key"] in KEYS)
    summary = form.value("summary") if form else None
    ticked = list(form.ticked) if form else []
    wanted = [who.fields.category]
    sure = form is not None and form.readings["category"].confidence >= SURE
    return {
        "fields": fields,
        "right": right,
        "asked": len(KEYS),
        "form": form is not None,
        "tick": {
            "style": look.tick,
            "right": ticked == wanted,
            "sure": sure,
            "wanted": wanted,
            "read": ticked,
        },
        "summary": {
            "signs": len(who.fields.summary or ""),
            "edits": edits(who.fields.summary or "", summary or ""),
        },
    }


def _wanted(who: Applicant, key: str) -> str | None:
    said: str | None = getattr(who.fields, key)
    return normalise(said) if said and key not in FREE_TEXTS else said


def _field(key: str, wanted: str | None, form: Form | None) -> dict[str, Any]:
    reading = form.readings[key] if form else None
    read = reading.value if reading else None
    confidence = reading.confidence if reading else 0.0
    return {"key": key, "wanted": wanted, "read": read, "right": read == wanted, "confidence": confidence}


def edits(wanted: str, read: str) -> int:
    """Return by how many signs `read` differs: the greater of what is lacking and what is too many, part by part."""
    codes = difflib.SequenceMatcher(None, wanted, read, autojunk=False).get_opcodes()
    return sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in codes if tag != "equal")


def report(found: Sequence[Mapping[str, Any]], show: bool) -> str:
    """Return the figures of a set: key fields, further fields, ticks, summary, by kind of picture, by field."""
    if not found:
        return "nothing was read"
    lines = [
        f"{len(found)} forms, {sum(one['form'] for one in found)} found, {sum(one['cpu'] for one in found) / len(found):.1f} s of CPU each"
    ]
    lines += [_figures("key fields", found, KEYS), _figures("dates, opinions", found, _FURTHER)]
    ticks = [one["tick"] for one in found]
    wrong = [one for one in ticks if not one["right"]]
    lines.append(
        f"ticks: {len(ticks) - len(wrong)} of {len(ticks)}, wrong and sure {sum(one['sure'] for one in wrong)},"
        f" asked about {sum(not one['sure'] for one in ticks)}"
    )
    signs, edited = (sum(one["summary"][key] for one in found) for key in ("signs", "edits"))
    lines.append(f"summary: {edited / signs:.2%} of {signs} signs")
    groups = defaultdict(list)
    for one in found:
        groups[one["said"].split(" ")[0]].append(one)
    lines += [_figures(f"  {name}", some, KEYS) for name, some in sorted(groups.items())]
    lines += [_figures(f"  {key}", found, (key,)) for key in KEYS]
    return "\n".join([*lines, *(_misses(found) if show else ())])


def _figures(name: str, found: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> str:
    fields = [field for one in found for field in one["fields"] if field["key"] in keys]
    right = sum(field["right"] for field in fields)
    silent = sum(not field["right"] and field["confidence"] >= SURE for field in fields)
    asked = sum(field["confidence"] < SURE for field in fields)
    total = len(fields)
    return (
        f"{name}: {right} of {total} ({right / total:.1%}), wrong and sure {silent} ({silent / total:.2%}),"
        f" asked about {asked} ({asked / total:.1%})"
    )


def _misses(found: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = []
    for one in found:
        wrong = [field for field in one["fields"] if not field["right"]]
        tick = one["tick"]
        if wrong or not tick["right"]:
            lines.append(f"{one['case']}: {one['said']}")
        lines += [
            f"    {field['key']} {field['confidence']:.3f}{' SURE' if field['confidence'] >= SURE else ''}: {field['wanted']!r} read {field['read']!r}"
            for field in wrong
        ]
        if not tick["right"]:
            lines.append(f"    tick{' SURE' if tick['sure'] else ''}: {tick['wanted']} read {tick['read']}")
    return lines
