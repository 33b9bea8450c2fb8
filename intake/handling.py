"""What becomes of a mail once its files are read: one handler for each outcome of the contract."""

import re
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from intake import beside, freed, judge, versions
from intake.assemble import Draft, assemble, names, share
from intake.belonging import Belonging, belonging
from intake.came import Came, Line, Taken
from intake.channel import Route, route
from intake.exchange import given_back
from intake.judge import Brought
from intake.letters import answering, replies
from intake.mail import bounces
from intake.mail.sameness import essence
from intake.mail.wishes import Wish, wish_of
from storage import applications, audit, holdings, messages
from storage.model import Application, Clock, MailOutcome, Message, State

__all__ = ["Came", "Line", "Taken", "handle", "outcome_of"]

# Robots whose mails may still carry an application: a scanner's no-reply address, a unit's mailing list.
# They are taken in and never answered. A bounce, an auto-reply or our own letter carries nothing new.
CARRIERS = frozenset({"robot-address", "precedence", "list"})
# What a scanner sends is material even where no form could be read in it; a list's attachments are not.
SCANNERS = frozenset({"robot-address"})
BOUNCER = re.compile(r"(?i)(?:mailer[-_.]?daemon|postmaster)@")
# Written by a person whose server asks for no automatic answers: taken as any mail, not answered.
SILENT = frozenset({"auto-response-suppress"})


def handle(line: Line, came: Came, attachments_digest: str) -> Taken:
    """Decide what `came` is and do it; the caller holds the transaction."""
    twin = _twin(line, came, attachments_digest)
    if twin is not None:
        return Taken(message=came.message, outcome=MailOutcome.DUPLICATE, reason=f"与第{twin.id}封邮件相同")
    whose = belonging(line.store, came.mail, line.campaign)
    outcome = outcome_of(came, whose, line.campaign.receipt_prefix)
    return HANDLERS[outcome](line, came, whose)


def _twin(line: Line, came: Came, attachments_digest: str) -> Message | None:
    """Return the mail that this one is another copy of: by its Message-ID, or, without one, by all its sender wrote."""
    db, blobs = line.store.db, line.store.blobs
    twin = messages.twin(db, came.mail.message_id, attachments_digest, came.message.id)
    kept = None if twin else messages.get(db, came.message.id)
    maybe = messages.alike(db, kept, attachments_digest) if kept else []
    written = essence(blobs.read(came.message.sha256)) if maybe else None
    return twin or next(
        (one for one in maybe if written and essence(blobs.read(one.sha256)) == written), None
    )


def outcome_of(came: Came, whose: Belonging, prefix: str) -> MailOutcome:
    """Return what a mail is, by the evidence in it and by whose it is (contract: Message outcomes)."""
    if came.mail.robot and not _carries(came, came.mail.robot):
        return MailOutcome.IGNORED
    if whose.stranger and not versions.of_its_own(came.forms, whose):
        return MailOutcome.INQUIRY
    if came.forms:
        return MailOutcome.APPLICATION
    wish = wish_of(came.mail, prefix)
    if wish is not Wish.WITHDRAW and came.holds_material:
        return _of_material(came, whose)
    return _of_words(came, whose, wish, prefix)


def _carries(came: Came, robot: str) -> bool:
    if robot in SILENT:
        return True
    person = not BOUNCER.match(came.mail.sender or "postmaster@")
    return robot in CARRIERS and (bool(came.forms) or (robot in SCANNERS and person and came.holds_material))


def _of_material(came: Came, whose: Belonging) -> MailOutcome:
    if _targets(came, whose):
        return MailOutcome.SUPPLEMENT
    return MailOutcome.INQUIRY if whose.still_open else MailOutcome.APPLICATION


def _of_words(came: Came, whose: Belonging, wish: Wish, prefix: str) -> MailOutcome:
    if wish is Wish.QUERY and (whose.named or whose.theirs):
        return MailOutcome.QUERY
    if wish is Wish.WITHDRAW and _withdrawn(came, whose, prefix):
        return MailOutcome.WITHDRAWAL
    return MailOutcome.INQUIRY


def _withdrawn(came: Came, whose: Belonging, prefix: str) -> Sequence[Application]:
    """Return what a mail that withdraws is about: the one there is, or of several those its words give back."""
    several = len(whose.meant) > 1
    return given_back(came.mail, whose, (), prefix).taken if several else whose.meant


def _apply(line: Line, came: Came, whose: Belonging) -> Taken:
    """Judge every application the mail holds, new ones and new versions, and answer with one letter."""
    drafts = [
        (draft, route(draft.form, came.mail, line.campaign)) for draft in assemble(came.files) or (Draft(),)
    ]
    olds = versions.continued_each(line.store, line.campaign, drafts, whose)
    swap = given_back(came.mail, whose, [old.receipt for old in olds if old], line.campaign.receipt_prefix)
    gone = [_taken_back(line, came, one) for one in swap.taken]
    done, before, kept = [], {one.receipt: one for one in swap.taken}, []
    for (draft, way), old in zip(drafts, olds, strict=True):
        if old is not None and not whose.knows(old):
            kept.append(beside.keep(line, came, old, draft))
            continue
        before |= {old.receipt: old} if old else {}
        done.append(_judge(line, came, draft, way, old, in_exchange=swap.meant))
    renewed = all(old is not None for old in olds)
    outcome = MailOutcome.SUPPLEMENT if renewed else MailOutcome.APPLICATION
    if not done:
        return _kept_beside(line, came, outcome, kept)
    taken = answering.answered(line, came, outcome, [*done, *gone], before)
    return msgspec.structs.replace(taken, applications=(*done, *kept, *gone))


def _kept_beside(line: Line, came: Came, outcome: MailOutcome, kept: Sequence[Application]) -> Taken:
    """Answer as any question is answered: a stranger learns nothing of what waits for staff."""
    taken = answering.written(line, came, outcome, [], partial(replies.inquiry, known=True))
    return msgspec.structs.replace(taken, applications=tuple(kept))


def _supplement(line: Line, came: Came, whose: Belonging) -> Taken:
    """Add material without a form to the applications that it supplements."""
    way = route(None, came.mail, line.campaign)
    shared = share(came.files, _targets(came, whose))
    done = [_judge(line, came, draft, way, old) for old, draft in shared]
    before = {old.receipt: old for old, _ in shared}
    return answering.answered(line, came, MailOutcome.SUPPLEMENT, done, before)


def _targets(came: Came, whose: Belonging) -> Sequence[Application]:
    """Return what material without a form supplements: what the mail names, or the sender's only open one.

    Of several open ones, those that the files themselves name; nobody guesses among the rest.
    """
    if whose.named or len(whose.still_open) == 1:
        return whose.named or whose.still_open
    return [one for one in whose.still_open if any(names(file, one) for file in came.files)]


def _judge(
    line: Line, came: Came, draft: Draft, way: Route, old: Application | None, *, in_exchange: bool = False
) -> Application:
    brought = Brought(
        draft=draft,
        route=way,
        received_at=came.message.received_at,
        surely=came.message.clock is not Clock.IMPORT,
        addresses=(came.mail.sender,) if came.mail.sender else (),
        in_exchange=in_exchange,
    )
    application = judge.renewed(line.store, line.reader, line.campaign, old, brought)
    db = line.store.db
    applications.save(
        db,
        application,
        message=came.message.id,
        documents=[came.numbers[file.file] for file in draft.files],
    )
    holdings.doubt(
        db,
        application.receipt,
        [came.numbers[file.file] for file in draft.files if file.file in draft.unassigned],
    )
    judge.record(line.store, application, at=line.now(), evidence=way.evidence, message=came.message.id)
    freed.tell(line.store, line.campaign, old, application, at=line.now(), actor="system")
    return application


def _withdraw(line: Line, came: Came, whose: Belonging) -> Taken:
    meant = _withdrawn(came, whose, line.campaign.receipt_prefix)
    gone = [_taken_back(line, came, old) for old in meant]
    return answering.written(line, came, MailOutcome.WITHDRAWAL, gone, replies.withdrawal)


def _taken_back(line: Line, came: Came, old: Application) -> Application:
    """Withdraw `old` at its sender's wish; staff are told when a place becomes free by it."""
    gone = msgspec.structs.replace(old, state=State.WITHDRAWN, decided=True)
    applications.save(line.store.db, gone, message=came.message.id, documents=[])
    audit.record(
        line.store.db,
        at=line.now(),
        actor=came.mail.sender or "",
        event="withdrawn",
        receipt=old.receipt,
        message=came.message.id,
        detail={"from": old.state},
    )
    freed.tell(line.store, line.campaign, old, gone, at=line.now(), actor="system")
    return gone


def _query(line: Line, came: Came, whose: Belonging) -> Taken:
    return answering.written(line, came, MailOutcome.QUERY, whose.named or whose.theirs, replies.status)


def _inquire(line: Line, came: Came, whose: Belonging) -> Taken:
    """Keep what came and tell staff; the sender learns that it was passed on and nothing else."""
    beside.inquire(line, came, whose)
    write = partial(replies.inquiry, known=bool(whose.theirs))
    return answering.written(line, came, MailOutcome.INQUIRY, [], write)


def _ignore(line: Line, came: Came, _whose: Belonging) -> Taken:
    bounces.note(line.store, came.mail, came.message.id, line.now())
    return Taken(message=came.message, outcome=MailOutcome.IGNORED, reason=came.mail.robot)


Handler = Callable[[Line, Came, Belonging], Taken]
HANDLERS: dict[MailOutcome, Handler] = {
    MailOutcome.APPLICATION: _apply,
    MailOutcome.SUPPLEMENT: _supplement,
    MailOutcome.WITHDRAWAL: _withdraw,
    MailOutcome.QUERY: _query,
    MailOutcome.INQUIRY: _inquire,
    MailOutcome.IGNORED: _ignore,
}
