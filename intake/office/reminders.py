"""Reminders: one letter an addressee, of what is still to mend and of paper that has not come, each told once."""

from collections import defaultdict
from collections.abc import Iterable

from msgspec.structs import replace

from intake import decisions
from intake.decisions import Desk
from intake.letters import replies
from intake.mail.robots import ADDRESS
from storage import applications, outbox
from storage.model import Application, Letter, LetterKind, LetterState, Noun, Outcome, State

OPEN = frozenset({State.CORRECTING, State.REVIEWING, State.ACCEPTED})


class Reminded(Noun, frozen=True, kw_only=True):
    """The letters that were queued, and the applications that no letter can reach: to be telephoned."""

    letters: tuple[Letter, ...]
    unreached: tuple[Application, ...]


def remind(desk: Desk, *, again: bool = False) -> Reminded:
    """Queue a reminder to everybody with something open; how things stand is told once, with `again` once a day.

    No letter goes to an address that bounced.
    """
    with desk.store.transaction():
        told = _told(outbox.every(desk.store.db))
        waiting: dict[str | None, list[tuple[Application, str]]] = defaultdict(list)
        for one in applications.every(desk.store.db):
            mark = mark_of(one)
            if mark is None or (mark in told and not again):
                continue
            waiting[_address(desk, one)].append((one, f"{mark}@{desk.now.date()}" if again else mark))
        unreached = [one for one, _ in waiting.pop(None, [])]
        letters = [_letter(desk, to, them) for to, them in waiting.items() if to is not None]
        for letter in (queued := [one for one in letters if outbox.queue(desk.store.db, one)]):
            for receipt in letter.receipts:
                decisions.note(desk, receipt, "letter", {"kind": letter.kind, "subject": letter.subject})
    return Reminded(letters=tuple(queued), unreached=tuple(unreached))


def mark_of(one: Application) -> str | None:
    """Return what there is to remind of, as part of the letter's cause; None where nothing is open."""
    if one.state not in OPEN:
        return None
    mend = one.state is State.CORRECTING and any(each.outcome is Outcome.CORRECT for each in one.problems)
    what = [*(["mend"] if mend else []), *(["paper"] if one.paper_received is None else [])]
    return f"{one.receipt}:{one.version}:{'+'.join(what)}" if what else None


def _told(letters: Iterable[Letter]) -> frozenset[str]:
    """Return the marks that reminders told of already; one that was dropped says that nothing is to go."""
    causes = (one.cause.split() for one in letters if one.kind is LetterKind.REMINDER)
    return frozenset(mark.partition("@")[0] for marks in causes for mark in marks)


def _address(desk: Desk, one: Application) -> str | None:
    db = desk.store.db
    known = (*applications.senders_of(db, one.receipt), *one.addresses)
    return next((each for each in known if not ADDRESS.match(each) and not outbox.is_dead(db, each)), None)


def _letter(desk: Desk, to: str, them: list[tuple[Application, str]]) -> Letter:
    letter = replies.reminder(
        [one for one, _ in them],
        cause=" ".join(mark for _, mark in them),
        to=to,
        campaign=desk.campaign,
        now=desk.now,
        sender=desk.sender,
    )
    return replace(letter, state=LetterState.DRAFT) if desk.campaign.reminders_drafted else letter
