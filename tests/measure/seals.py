"""Seals counted in the cells of made pages, and the names in their rings."""

import time
from collections.abc import Sequence

from parsers.documents import Seals
from parsers.ocr import Image
from parsers.seals import ring, stamped
from parsers.seals.seal import Mark
from tests.build import sealed
from tests.build.sealed import Sealed
from tests.measure.tally import Tally

NEEDED = {"recommendation": 1, "county_opinion": 2, "city_opinion": 0}


def run(seeds: Sequence[int]) -> Tally:
    """Return how many cells were counted right, no seal asked for that is there, and no ring misnamed."""
    tally = Tally()
    for seed in seeds:
        made = sealed.made(seed)
        start = time.process_time()
        read = stamped.stamped(made.form, {1: made.page}, _unread).seals
        tally.spend("CPU a page, rings not read", 1000 * (time.process_time() - start))
        for key in sealed.CELLS:
            _cell(tally, f"{seed} {key}", made, read)
    return tally


def rings(seeds: Sequence[int]) -> Tally:
    """Return how many of the rings that were found were matched with the right name, and with a wrong one."""
    tally = Tally()
    for seed in seeds:
        _names(tally, str(seed), sealed.made(seed))
    return tally


def _unread(_page: Image, _mark: Mark) -> tuple[str, float]:
    return "", 0.0


def _cell(tally: Tally, name: str, made: Sealed, read: Seals) -> None:
    key = name.rsplit(maxsplit=1)[-1]
    pressed = made.seals[key]
    plain = sum(one.lost < sealed.HALF for one in pressed)
    seen, unsure = getattr(read, key) or 0, key in read.unsure
    found = f"{name}: {len(pressed)} pressed, {seen} counted{', unsure' * unsure} ({made.copy})"
    if made.copy != "colour":
        tally.count("grey copies without a silent gap", right=unsure or not pressed, otherwise=found)
        tally.count("grey copies that count no seal", right=seen == 0, otherwise=found)
        return
    tally.count("cells counted right", right=plain <= seen <= len(pressed), otherwise=found)
    tally.count("cells without a seal too many", right=seen <= len(pressed), otherwise=found)
    if NEEDED[key]:
        short = min(NEEDED[key], len(pressed))
        tally.count("no seal asked for that is there", right=seen >= short or unsure, otherwise=found)
        if seen < NEEDED[key] and len(pressed) < NEEDED[key]:
            tally.count("gaps told, not only doubted", right=not unsure, otherwise=found)


def _names(tally: Tally, name: str, made: Sealed) -> None:
    if made.copy != "colour":
        return
    pressed = [(key, one.name) for key, each in made.seals.items() for one in each]
    for stamp in stamped.stamped(made.form, {1: made.page}, ring.read).seals.stamps:
        here = {name for key, name in pressed if key == stamp.cell}
        told = f"{name}: {stamp.text!r} taken for {stamp.matched}, pressed {here}"
        tally.count("rings named rightly", right=stamp.matched in here, otherwise=told)
        if stamp.matched is not None:
            tally.count("names given that are right", right=stamp.matched in here, otherwise=told)
