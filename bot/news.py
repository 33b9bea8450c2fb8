"""What applicants are told of their own accord: where their application stands now, and that time runs out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

import msgspec

from bot import texts
from bot.access import Answer, Desk
from bot.chunks import units
from bot.notices import ROOM
from intake import stages, undoing
from intake.letters.periods import last_moment, limit_of
from intake.rules.wording import zone
from storage import applications, audit, bindings, outbox
from storage.bindings import Bound
from storage.model import Application, LetterKind, LetterState, State

STAGES = (1, 3)  # days before the last day in time
GOES = frozenset({LetterState.QUEUED, LetterState.SENDING, LetterState.SENT, LetterState.UNCERTAIN})
CHANGED = "您的申报有新进展。"
REMINDED = "提醒：您的申报还有事项没有办完，请在期限前办理。"
BETWEEN = "\n\n"


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """Something to tell a chat of an application, and what to note of it once it was told."""

    bound: Bound
    text: str
    told: str
    reminded: str
    changed: bool


def as_told(desk: Desk, application: Application) -> Application:
    """Return the application as its applicant may know it: a rejection counts once a person let its letter go."""
    drafted = application.state is State.REJECTED and not application.decided
    if drafted and outbox.drafted(desk.store.db, application.receipt, LetterKind.REJECTION):
        return msgspec.structs.replace(application, state=State.REVIEWING)
    return application


def standing(application: Application) -> str:
    """Return how it stands in a word, as the bindings note it."""
    return application.state + (" paper" if application.paper_received else "")


def reminder(desk: Desk, application: Application) -> str:
    """Return which reminder it is time for, as the bindings note it; nothing where it is too early or too late."""
    return _reminder(desk, limit_of(desk.campaign, (application,)).at)


def _reminder(desk: Desk, deadline: datetime) -> str:
    if desk.now() >= deadline:
        return ""
    last = (deadline - timedelta(microseconds=1)).astimezone(zone(desk.campaign)).date()
    stage = next((days for days in STAGES if (last - desk.today).days <= days), None)
    return f"{last.isoformat()} {stage}" if stage else ""


def note(desk: Desk, chat: str, application: Application) -> None:
    """Note that the chat was just shown how the application stands; the caller holds the transaction."""
    bindings.told(
        desk.store.db, chat, application.receipt, standing(application), reminder(desk, application)
    )


def due(desk: Desk, channel: str) -> Iterator[tuple[str, list[Due]]]:
    """Yield the chats of a channel that something is due to, with what."""
    changed = bindings.changed(desk.store.db, channel)
    now_due = _reminders(desk)
    waiting = bindings.unfinished(desk.store.db, channel, now_due) if now_due else []
    bound = {(one.chat, one.receipt): one for one in (*changed, *waiting)}
    receipts = dict.fromkeys(one.receipt for one in bound.values())
    known = {one.receipt: one for one in applications.of_receipts(desk.store.db, list(receipts))}
    found = (_due(desk, one, known) for _, one in sorted(bound.items()))
    for chat, those in groupby(filter(None, found), lambda one: one.bound.chat):
        yield chat, list(those)


def message(those: Sequence[Due]) -> tuple[Answer, Sequence[Due]]:
    """Return one message of as many as fit into it, and which those are."""
    number = len(those)
    while number > 1 and units(_text(those[:number])) > ROOM:
        number -= 1
    return Answer(text=_text(those[:number])), those[:number]


def keep(desk: Desk, those: Sequence[Due]) -> None:
    """Note what was told; the caller holds the transaction."""
    for one in those:
        bindings.told(desk.store.db, one.bound.chat, one.bound.receipt, one.told, one.reminded)


def _reminders(desk: Desk) -> set[str]:
    """Return the reminders that it is time for, of the campaign's deadline and of any unit's own."""
    limits = [desk.campaign.dates.deadline, *(one.deadline for one in desk.campaign.extensions)]
    return {_reminder(desk, limit) for limit in limits} - {""}


def _due(desk: Desk, bound: Bound, known: Mapping[str, Application]) -> Due | None:
    found = known.get(bound.receipt)
    if found is None:
        return None
    one = as_told(desk, found)
    changed = standing(one) != bound.told
    if changed and not _settled(desk, one):
        return None
    stage = reminder(desk, one)
    open_ = one.state is State.CORRECTING or (one.state in texts.OPEN and not one.paper_received)
    reminded = open_ and bool(stage) and stage != bound.reminded
    if not changed and not reminded:
        return None
    lines = [texts.own(one, desk), *([_limit(desk, one)] if reminded else [])]
    return Due(
        bound=bound,
        text="\n".join(lines),
        told=standing(one),
        reminded=stage or bound.reminded,
        changed=changed,
    )


def _settled(desk: Desk, application: Application) -> bool:
    """Say whether how it stands may be told: a decision that cannot be undone, a result whose letter was let go."""
    db, receipt = desk.store.db, application.receipt
    if application.state in stages.LATER:
        moved = [one.at for one in audit.history(db, receipt) if one.event == "stage"]
        letters = outbox.about(db, receipt, moved[-1]) if moved else []
        return any(one.kind is LetterKind.RESULT and one.state in GOES for one in letters)
    now, within = desk.now(), timedelta(seconds=desk.undo_seconds)
    waits = any(
        one.state is LetterState.QUEUED and one.due_at > now
        for one in outbox.about(db, receipt, now - within)
    )
    return not waits and not undoing.may_be_undone(desk.store, receipt, now, within)


def _limit(desk: Desk, application: Application) -> str:
    limit = limit_of(desk.campaign, (application,))
    paper = "" if application.paper_received else "，纸质材料也请在此之前送到"
    return f"期限：{last_moment(limit, desk.campaign)}{paper}。"


def _text(those: Sequence[Due]) -> str:
    heads = {CHANGED: [one.text for one in those if one.changed]}
    heads[REMINDED] = [one.text for one in those if not one.changed]
    return BETWEEN.join(part for head, parts in heads.items() if parts for part in (head, *parts))
