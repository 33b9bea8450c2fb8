"""Paper copies: those that came are ticked off, one by one or as scanned; what has no counterpart is listed."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from intake import decisions
from intake.decisions import Desk
from intake.mail.wishes import receipts_in
from parsers import display
from storage import applications
from storage.model import Application, Noun, State

GONE = frozenset({State.REJECTED, State.WITHDRAWN, State.ELIMINATED})
UNFIT = frozenset({State.CORRECTING, State.REVIEWING, State.REJECTED, State.WITHDRAWN})


class Fate(StrEnum):
    TICKED = "ticked"
    ALREADY = "already"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


class Tick(Noun, frozen=True, kw_only=True):
    """What became of one receipt that was typed or scanned; `application` is None where there is none."""

    typed: str
    fate: Fate
    application: Application | None = None


def tick(desk: Desk, typed: Iterable[str], day: date | None = None) -> list[Tick]:
    """Note for each receipt that its paper came, today or on `day`, which also mends a day noted before.

    A withdrawn application is told of and not ticked.
    """
    once = dict.fromkeys(applications.normal(one) for one in typed)
    return [_tick(desk, receipt, day) for receipt in once]


def scanned(data: bytes, name: str, prefix: str) -> tuple[list[str], list[str]]:
    """Return the receipts in a photo or scan of cover sheets, or in a hand scanner's lines, and lines without one.

    Other QR codes on a photo say nothing of ours.
    """
    codes = display.coded(data, name)
    lines = codes if codes is not None else [line for line in _text(data).splitlines() if line.strip()]
    found = [(line, receipts_in(line, prefix)) for line in lines]
    strange = [line.strip() for line, receipts in found if not receipts and codes is None]
    return list(dict.fromkeys(one for _, receipts in found for one in receipts)), strange


def only_electronic(everyone: Iterable[Application]) -> list[Application]:
    """Return those in the running whose paper copies have not come (只有电子版)."""
    return [one for one in everyone if one.paper_received is None and one.state not in GONE]


def only_paper(everyone: Iterable[Application]) -> list[Application]:
    """Return those whose paper copies came, though no electronic version of theirs is in order (只有纸质版)."""
    return [one for one in everyone if one.paper_received is not None and one.state in UNFIT]


def _tick(desk: Desk, receipt: str, day: date | None) -> Tick:
    found = applications.get(desk.store.db, receipt)
    if found is None:
        return Tick(typed=receipt, fate=Fate.UNKNOWN)
    if found.state is State.WITHDRAWN:
        return Tick(typed=receipt, fate=Fate.WITHDRAWN, application=found)
    if found.paper_received is not None and day in (None, found.paper_received):
        return Tick(typed=receipt, fate=Fate.ALREADY, application=found)
    return Tick(typed=receipt, fate=Fate.TICKED, application=decisions.paper(desk, receipt, day))


def _text(data: bytes) -> str:
    """Return a scanner's lines: in UTF-8, or as Windows writes Chinese."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
