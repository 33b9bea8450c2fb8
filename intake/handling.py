"""What becomes of a mail once its files are read: one handler for each outcome of the contract."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

import msgspec

from intake import judge, replies, versions
from intake.assemble import Draft, assemble, names, share
from intake.belonging import Belonging, belonging
from intake.channel import Route, route
from intake.envelope import Mail
from intake.judge import Brought
from intake.reading import File, Reader, tells
from intake.replies import Incoming
from intake.wishes import Wish, wish_of
from parsers.documents import Form
from storage import applications, audit, messages, outbox
from storage.campaign import Campaign
from storage.database import Store
from storage.model import (
    Application,
    Clock,
    Document,
    Letter,
    MailOutcome,
    Message,
    Noun,
    State,
)

# Robots whose mails may still carry an application: a scanner's no-reply address, a unit's mailing list.
# They are taken in and never answered. A bounce, an auto-reply or our own letter carries nothing new.
CARRIERS = frozenset({"robot-address", "precedence", "list"})
# What a scanner sends is material even where no form could be read in it; a list's attachments are not.
SCANNERS = frozenset({"robot-address"})
BOUNCER = re.compile(r"(?i)(?:mailer[-_.]?daemon|postmaster)@")
# Written by a person whose server asks for no automatic answers: taken as any mail, not answered.
SILENT = frozenset({"auto-response-suppress"})


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a mail meets on its way; one for each thread, since a store is of one thread."""

    store: Store
    reader: Reader
    campaign: Campaign
    sender: str
    now: Callable[[], datetime]
    replies: bool = True


class Came(Noun, frozen=True, kw_only=True):
    """A mail with its files read; `numbers` are the rows of its files in the store."""

    message: Message
    mail: Mail
    files: tuple[File, ...]
    numbers: Mapping[str, int]

    @property
    def holds_form(self) -> bool:
        return any(isinstance(part, Form) for file in self.files for part in file.facts.parts)

    @property
    def holds_material(self) -> bool:
        return bool(self.mail.links) or any(map(tells, self.files))


class Taken(Noun, frozen=True, kw_only=True):
    """What became of one mail."""

    message: Message
    outcome: MailOutcome
    applications: tuple[Application, ...] = ()
    letter: Letter | None = None
    reason: str | None = None


def handle(line: Line, came: Came, attachments_digest: str) -> Taken:
    """Decide what `came` is and do it; the caller holds the transaction."""
    twin = messages.twin(line.store.db, came.mail.message_id, attachments_digest, came.message.id)
    if twin is not None:
        return Taken(message=came.message, outcome=MailOutcome.DUPLICATE, reason=f"与第{twin.id}封邮件相同")
    whose = belonging(line.store, came.mail, line.campaign)
    outcome = outcome_of(came, whose, wish_of(came.mail, line.campaign.receipt_prefix))
    return HANDLERS[outcome](line, came, whose)


def outcome_of(came: Came, whose: Belonging, wish: Wish) -> MailOutcome:
    """Return what a mail is, by the evidence in it and by whose it is (contract: Message outcomes)."""
    if came.mail.robot and not _carries(came, came.mail.robot):
        return MailOutcome.IGNORED
    if whose.stranger:
        return MailOutcome.INQUIRY
    if came.holds_form:
        return MailOutcome.APPLICATION
    if wish is not Wish.WITHDRAW and came.holds_material:
        return _of_material(came, whose)
    return _of_words(whose, wish)


def _carries(came: Came, robot: str) -> bool:
    if robot in SILENT:
        return True
    person = not BOUNCER.match(came.mail.sender or "postmaster@")
    return robot in CARRIERS and (came.holds_form or (robot in SCANNERS and person and came.holds_material))


def _of_material(came: Came, whose: Belonging) -> MailOutcome:
    if _targets(came, whose):
        return MailOutcome.SUPPLEMENT
    return MailOutcome.INQUIRY if whose.still_open else MailOutcome.APPLICATION


def _of_words(whose: Belonging, wish: Wish) -> MailOutcome:
    if wish is Wish.QUERY and (whose.named or whose.theirs):
        return MailOutcome.QUERY
    if wish is Wish.WITHDRAW and len(whose.meant) == 1:
        return MailOutcome.WITHDRAWAL
    return MailOutcome.INQUIRY


def _apply(line: Line, came: Came, whose: Belonging) -> Taken:
    """Judge every application the mail holds, new ones and new versions, and answer with one letter."""
    done: list[Application] = []
    renewed = True
    for draft in assemble(came.files) or (Draft(),):
        way = route(draft.form, came.mail, line.campaign)
        old = versions.continued(line.store, line.campaign, draft, way, whose)
        renewed = renewed and old is not None
        done.append(_judge(line, came, draft, way, old))
    outcome = MailOutcome.SUPPLEMENT if renewed else MailOutcome.APPLICATION
    return _answered(line, came, outcome, done)


def _supplement(line: Line, came: Came, whose: Belonging) -> Taken:
    """Add material without a form to the applications that it supplements."""
    way = route(None, came.mail, line.campaign)
    shared = share(came.files, _targets(came, whose))
    done = [_judge(line, came, draft, way, old) for old, draft in shared]
    return _answered(line, came, MailOutcome.SUPPLEMENT, done)


def _targets(came: Came, whose: Belonging) -> Sequence[Application]:
    """Return what material without a form supplements: what the mail names, or the sender's only open one.

    Of several open ones, those that the files themselves name; nobody guesses among the rest.
    """
    if whose.named or len(whose.still_open) == 1:
        return whose.named or whose.still_open
    return [one for one in whose.still_open if any(names(file, one) for file in came.files)]


def _judge(line: Line, came: Came, draft: Draft, way: Route, old: Application | None) -> Application:
    brought = Brought(
        draft=draft,
        route=way,
        received_at=came.message.received_at,
        surely=came.message.clock is not Clock.IMPORT,
        addresses=(came.mail.sender,) if came.mail.sender else (),
    )
    application = judge.renewed(line.store, line.reader, line.campaign, old, brought)
    numbers = [came.numbers[file.file] for file in draft.files]
    applications.save(line.store.db, application, message=came.message.id, documents=numbers)
    audit.record(
        line.store.db,
        at=line.now(),
        actor="system",
        event="judged",
        receipt=application.receipt,
        message=came.message.id,
        detail={
            "version": application.version,
            "state": application.state,
            "channel": way.evidence,
            "problems": [
                f"{problem.code}: {problem.fact or problem.message}" for problem in application.problems
            ],
        },
    )
    return application


def _withdraw(line: Line, came: Came, whose: Belonging) -> Taken:
    (old,) = whose.meant
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
    return _written(line, came, MailOutcome.WITHDRAWAL, [gone], replies.withdrawal)


def _query(line: Line, came: Came, whose: Belonging) -> Taken:
    return _written(line, came, MailOutcome.QUERY, whose.named or whose.theirs, replies.status)


def _inquire(line: Line, came: Came, whose: Belonging) -> Taken:
    """Keep what came and tell staff; the sender learns that it was passed on and nothing else."""
    audit.record(
        line.store.db,
        at=line.now(),
        actor=came.mail.sender or "",
        event="inquiry",
        message=came.message.id,
        detail={
            "subject": came.mail.subject,
            "stranger": whose.stranger,
            "files": [file.file for file in came.files],
            "applications": [one.receipt for one in whose.theirs],
        },
    )
    write = partial(replies.inquiry, known=bool(whose.theirs))
    return _written(line, came, MailOutcome.INQUIRY, [], write)


def _ignore(_line: Line, came: Came, _whose: Belonging) -> Taken:
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

Writer = Callable[..., Letter]


def _answered(line: Line, came: Came, outcome: MailOutcome, done: Sequence[Application]) -> Taken:
    return _written(line, came, outcome, done, replies.answer)


def _written(
    line: Line, came: Came, outcome: MailOutcome, done: Sequence[Application], write: Writer
) -> Taken:
    """Queue the one letter that answers `came`, unless nobody may be answered."""
    taken = Taken(message=came.message, outcome=outcome, applications=tuple(done))
    incoming = incoming_of(came)
    if incoming is None or not line.replies:
        return taken
    letter = write(incoming, done, line.campaign, now=line.now(), sender=line.sender)
    if not outbox.queue(line.store.db, letter):
        return taken
    for receipt in letter.receipts:
        audit.record(
            line.store.db,
            at=line.now(),
            actor="system",
            event="letter",
            receipt=receipt,
            message=came.message.id,
            detail={"kind": letter.kind, "state": letter.state, "subject": letter.subject},
        )
    return msgspec.structs.replace(taken, letter=letter)


def incoming_of(came: Came) -> Incoming | None:
    """Return whom and what a reply answers; None for a robot and for a sender that is no single address."""
    mail = came.mail
    if mail.robot or mail.sender is None:
        return None
    to, held = addressee(mail.sender, mail.reply_to)
    return Incoming(
        cause=came.message.sha256,
        message_id=mail.message_id,
        references=mail.references,
        to=to,
        held=held,
        received_at=came.message.received_at,
        subject=mail.subject,
        files=tuple(Document(file=one.file, type=one.type, sha256=one.sha256) for one in came.files),
    )


def addressee(sender: str, reply_to: str | None) -> tuple[str, bool]:
    """Return where a reply goes and whether it is held: a Reply-To counts only within the sender's domain."""
    if reply_to is None or reply_to.lower() == sender.lower():
        return sender, False
    if reply_to.rpartition("@")[2] == sender.rpartition("@")[2]:
        return reply_to, False
    return sender, True
