"""Read a set of scanned forms and tell how right it is: `make measure ARGS="tuning --first 0 --count 20"`.

Each case is one line of JSON in the file of results, kept between runs, so that a long set is read in
pieces; `--report` sums up without reading.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import parsers
from intake.assemble import merge
from parsers.documents import Form
from tests.build import faces
from tests.scanned import cases, scores

_RESULTS = Path("artefacts")


def main() -> None:
    """Read what is asked for, write the results, print the sums."""
    asked = _asked()
    if missing := faces.lacking():
        sys.stderr.write(f"not on this machine: {', '.join(missing)}\n")
    if not asked.report:
        _measure(asked)
    found = (
        [json.loads(line) for line in asked.results.read_text("utf-8").splitlines()]
        if asked.results.exists()
        else []
    )
    sys.stdout.write(scores.report([one for one in found if one["set"] == asked.set], asked.show) + "\n")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make measure")
    parser.add_argument("set", choices=list(cases.SETS))
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--only", type=lambda said: [int(one) for one in said.split(",")])
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no case after so many")
    parser.add_argument("--results", type=Path, default=_RESULTS / "measured.jsonl")
    parser.add_argument("--keep", type=Path, help="write the files of each case here")
    parser.add_argument("--again", action="store_true", help="read cases again that were read before")
    parser.add_argument("--report", action="store_true", help="sum up what was read before")
    parser.add_argument("--show", action="store_true", help="list every miss")
    return parser.parse_args()


def _measure(asked: argparse.Namespace) -> None:
    asked.results.parent.mkdir(parents=True, exist_ok=True)
    before = (
        [json.loads(line) for line in asked.results.read_text("utf-8").splitlines()]
        if asked.results.exists()
        else []
    )
    wanted = asked.only or range(asked.first, asked.first + asked.count)
    again = set(wanted) if asked.again or asked.only else set()
    kept = [one for one in before if one["set"] != asked.set or one["case"] not in again]
    known = {one["case"] for one in kept if one["set"] == asked.set}
    end = time.monotonic() + asked.seconds
    for number in wanted:
        if number not in known and time.monotonic() < end:
            kept.append(_read(asked, number))
            asked.results.write_text(
                "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in kept), "utf-8"
            )


def _read(asked: argparse.Namespace, number: int) -> dict[str, Any]:
    one = cases.case(asked.set, number)
    for name, data in one.files if asked.keep else ():
        asked.keep.mkdir(parents=True, exist_ok=True)
        (asked.keep / f"{asked.set}-{number}-{name}").write_bytes(data)
    before = _cpu()
    forms = [
        part for name, data in one.files for part in parsers.read(data, name).parts if isinstance(part, Form)
    ]
    spent = _cpu() - before
    told = scores.compare(one.who, one.look, merge(forms) if forms else None)
    sys.stderr.write(f"{asked.set} {number}: {one.said}: {told['right']}/{told['asked']}\n")
    return {"set": asked.set, "case": number, "said": one.said, "cpu": round(spent, 2), **told}


def _cpu() -> float:
    used = os.times()
    return used.user + used.system


if __name__ == "__main__":
    main()
