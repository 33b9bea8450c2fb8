"""Taking a decision back: for a while, until its letter goes, and only while nothing else followed it."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from msgspec import convert
from msgspec.structs import replace

from intake import attaching, decisions, judge
from intake.decisions import Desk, NotPossible
from intake.letters import drafts
from intake.reading import Reader
from storage import applications, audit, holdings, outbox
from storage.database import Store
from storage.holdings import Doubt
from storage.model import Application, Event, LetterKind, State

UNDOABLE = frozenset({"accepted", "rejected", "paper", "attached"})
# What tells of a decision, or of people looking, and changes nothing.
_BESIDE = frozenset(
    {"letter", "letter-sent", "letter-later", "place-free", "bound", "unbound", "seen", *drafts.SETTLING}
)


def undo(
    desk: Desk,
    receipt: str,
    within: timedelta,
    those: Collection[str] = UNDOABLE,
    reader: Reader | None = None,
) -> Application:
    """Bring back what the last decision changed and drop its letter; the decision stays on the trail.

    Raises NoSuchReceipt, and NotPossible once `within` is over, the letter is gone or something followed,
    and for what is not one of `those`.
    """
    with desk.store.transaction():
        old = decisions.found(desk, receipt)
        last = _last(desk, old, within)
        if last.event not in those:
            raise NotPossible("您的权限不能撤销核定结论。请由有核定权限的同事操作。")
        if last.event == "attached":
            return _doubted_again(desk, reader, old, last)
        _drop_letter(desk, old, last)
        if last.event == "paper":
            return _paper_back(desk, old, last)
        before = State(str(last.detail["from"]))
        new = replace(old, state=before, decided=bool(last.detail.get("by_hand")))
        return decisions.kept(desk, old, new, "undone", {})


def may_be_undone(store: Store, receipt: str, now: datetime, within: timedelta) -> bool:
    """Say whether what was last decided of the application is fresh enough to be taken back still."""
    decided = [one.at for one in audit.history(store.db, receipt) if one.event in UNDOABLE]
    return any(at <= now < at + within for at in decided)


def _last(desk: Desk, application: Application, within: timedelta) -> Event:
    """Return the decision to take back."""
    events = [e for e in audit.history(desk.store.db, application.receipt) if e.event not in _BESIDE]
    # Files that are assigned to it are judged at once.
    if len(events) > 1 and events[-1].event == "judged" and attaching.ASSIGNED in events[-2].detail:
        events.pop()
    last = events[-1] if events else None
    if last is None or last.event not in UNDOABLE:
        raise NotPossible(f"{application.receipt} 最近没有可以撤销的操作。")
    if desk.now > last.at + within:
        raise NotPossible(f"{application.receipt} 的操作已过可撤销的时间。需要更改时请重新核定。")
    return last


def _drop_letter(desk: Desk, application: Application, decision: Event) -> None:
    for letter in outbox.about(desk.store.db, application.receipt, decision.at):
        if letter.kind is LetterKind.DECISION and not outbox.drop(desk.store.db, letter.id, desk.by):
            raise NotPossible(f"{application.receipt} 的信已经寄出，不能撤销。需要更改时请重新核定。")


def _doubted_again(desk: Desk, reader: Reader | None, old: Application, last: Event) -> Application:
    """Let it be in doubt again whose the files are that were assigned, and judge all whom that concerns anew."""
    if reader is None:
        raise NotPossible("这里不能撤销归属，请在办公电脑上办理。")
    doubts = convert(last.detail[attaching.ASSIGNED], type=list[Doubt])
    concerned = [decisions.found(desk, receipt) for receipt in sorted({one.receipt for one in doubts})]
    for one in concerned:
        _drop_letter(desk, one, last)
    for doubt in doubts:
        holdings.reopen(desk.store.db, doubt)
    for one in concerned:
        before = decisions.found(desk, one.receipt)
        new = judge.rejudged(desk.store, reader, desk.campaign, before)
        decisions.kept(desk, before, new, "undone", {"undone": "attached"})
    return decisions.found(desk, old.receipt)


def _paper_back(desk: Desk, old: Application, last: Event) -> Application:
    before = last.detail.get("before")
    applications.mark_paper(desk.store.db, old.receipt, date.fromisoformat(str(before)) if before else None)
    decisions.note(desk, old.receipt, "undone", {"undone": "paper"})
    return decisions.found(desk, old.receipt)
