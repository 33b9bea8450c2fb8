"""What staff decide by hand: each is one transaction with its audit line and at most one letter."""

from datetime import UTC, date, datetime, timedelta

import msgspec

from intake import freed, judge, stages
from intake.letters import replies
from intake.mail.robots import ADDRESS
from intake.readers import Reader
from storage import applications, audit, outbox
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Application, Fields, Letter, LetterKind, LetterState, State

JUDGED = judge.JUDGED
WAITING = frozenset({LetterState.DRAFT, LetterState.HELD, LetterState.QUEUED})


class NoSuchReceipt(Exception):
    """No application has this receipt."""


class NotPossible(Exception):
    """The application's state does not allow this; the message tells staff why, in Chinese."""


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Where staff decide: the store, the campaign, our address, who decides and when.

    The letter of a decision waits for `wait` before it goes, so that the decision can be undone.
    """

    store: Store
    campaign: Campaign
    sender: str
    by: str
    now: datetime
    wait: timedelta = timedelta(0)


def accept(desk: Desk, receipt: str) -> Application:
    """Declare the electronic material complete, whatever was still open."""
    return _decide(desk, receipt, State.ACCEPTED, "")


def reject(desk: Desk, receipt: str, reason: str) -> Application:
    """Turn the application down for `reason`, which its letter quotes."""
    if not reason.strip():
        raise NotPossible("请写明不予受理的理由，申报单位会收到这段文字。")
    return _decide(desk, receipt, State.REJECTED, reason.strip())


def withdraw(desk: Desk, receipt: str) -> Application:
    """Take the application back at its submitter's word, given by telephone or in person."""
    with desk.store.transaction():
        old = found(desk, receipt)
        if old.state is State.WITHDRAWN:
            raise NotPossible(f"{old.receipt} 已经撤回。")
        _overtake(desk, old.receipt)
        return _changed(desk, old, State.WITHDRAWN, "withdrawn", "", decided=True)


def reopen(desk: Desk, reader: Reader, receipt: str) -> Application:
    """Undo a decision or withdrawal: the application is judged anew on the facts it has."""
    with desk.store.transaction():
        old = found(desk, receipt)
        if old.state in stages.LATER:
            raise NotPossible(f"{old.receipt} 已进入推选阶段，请用 shenbao stage move 退回更正，并写明理由。")
        opened = msgspec.structs.replace(old, state=State.REVIEWING, decided=False)
        new = judge.rejudged(desk.store, reader, desk.campaign, opened)
        _overtake(desk, old.receipt)
        return kept(desk, old, new, "reopened", {})


def set_field(desk: Desk, reader: Reader, receipt: str, field: str, value: str | None) -> Application:
    """Let `value` stand for `field` whatever a form said, and judge anew."""
    if field not in Fields.__struct_fields__:
        raise NotPossible(f"没有这个栏目：{field}。可用的栏目：{'、'.join(Fields.__struct_fields__)}")
    with desk.store.transaction():
        old = found(desk, receipt)
        applications.settle(desk.store.db, old.receipt, field, value, desk.by, desk.now)
        new = judge.rejudged(desk.store, reader, desk.campaign, old)
        return kept(desk, old, new, "set", {"field": field, "from": getattr(old.fields, field), "to": value})


def paper(desk: Desk, receipt: str, day: date | None = None) -> Application:
    """Note that the paper copies came, today unless `day` says otherwise."""
    with desk.store.transaction():
        old = found(desk, receipt)
        came = day or desk.now.date()
        applications.mark_paper(desk.store.db, old.receipt, came)
        before = {"before": old.paper_received.isoformat()} if old.paper_received else {}
        note(desk, old.receipt, "paper", {"day": came.isoformat(), **before})
        return found(desk, receipt)


def _decide(desk: Desk, receipt: str, state: State, reason: str) -> Application:
    with desk.store.transaction():
        old = found(desk, receipt)
        if old.state not in JUDGED:
            raise NotPossible(f"{old.receipt} 目前不在审核阶段，不能这样处理；需要时请先 reopen。")
        if old.state is state and old.decided:
            raise NotPossible(f"{old.receipt} 已经是这个结论。")
        _overtake(desk, old.receipt)
        new = _changed(desk, old, state, str(state), reason, decided=True)
        _write(desk, new, reason)
        return new


def _overtake(desk: Desk, receipt: str) -> None:
    """Take back letters of earlier decisions that have not gone: what they say holds no more."""
    for letter in outbox.about(desk.store.db, receipt, datetime.min.replace(tzinfo=UTC)):
        waits = letter.kind is LetterKind.DECISION and letter.state in WAITING
        if waits and outbox.drop(desk.store.db, letter.id, desk.by):
            note(desk, receipt, "letter-dropped", {"kind": letter.kind, "subject": letter.subject})


def letter_of(desk: Desk, application: Application, reason: str) -> Letter | None:
    """Return the letter that a decision sends to the address the application came from, if it has one."""
    to = addressee(desk, application)
    if to is None:
        return None
    letter = replies.decision(
        application,
        accepted=application.state is State.ACCEPTED,
        reason=reason,
        cause=f"decision:{application.state}:{application.version}:{desk.now.isoformat()}",
        to=to,
        campaign=desk.campaign,
        now=desk.now,
        sender=desk.sender,
    )
    return msgspec.structs.replace(letter, due_at=desk.now + desk.wait)


def _write(desk: Desk, application: Application, reason: str) -> None:
    if letter := letter_of(desk, application, reason):
        queue(desk, letter)


def queue(desk: Desk, letter: Letter) -> None:
    """Queue the one letter of a decision, with its audit line."""
    if outbox.queue(desk.store.db, letter):
        for receipt in letter.receipts:
            note(desk, receipt, "letter", {"kind": letter.kind, "subject": letter.subject})


def addressee(desk: Desk, application: Application) -> str | None:
    """Return who sent the newest version; no robot reads letters, so for a scanner the form's own address."""
    sent = applications.senders_of(desk.store.db, application.receipt)
    return next((one for one in (*sent, *application.addresses) if not ADDRESS.match(one)), None)


def _changed(
    desk: Desk, old: Application, state: State, event: str, reason: str, *, decided: bool
) -> Application:
    new = msgspec.structs.replace(old, state=state, decided=decided)
    return kept(desk, old, new, event, {"reason": reason} if reason else {})


def kept(
    desk: Desk, old: Application, new: Application, event: str, detail: dict[str, object]
) -> Application:
    """Keep what was decided, with its audit line; staff are told when a place becomes free by it."""
    applications.save(desk.store.db, new, message=None, documents=[])
    freed.tell(desk.store, desk.campaign, old, new, at=desk.now, actor=desk.by)
    by_hand = {"by_hand": "此前为人工核定"} if old.decided else {}
    note(desk, new.receipt, event, {"from": old.state, "to": new.state, **by_hand, **detail})
    return new


def found(desk: Desk, receipt: str) -> Application:
    """Return the application; raises NoSuchReceipt."""
    application = applications.get(desk.store.db, receipt)
    if application is None:
        raise NoSuchReceipt(receipt)
    return application


def note(desk: Desk, receipt: str, event: str, detail: dict[str, object]) -> None:
    """Add a line to the audit trail under the name of who decides."""
    audit.record(desk.store.db, at=desk.now, actor=desk.by, event=event, receipt=receipt, detail=detail)
