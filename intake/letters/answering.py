"""The one letter that answers a mail: queued with its audit line, and to whom it may go."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial

import msgspec

from intake.came import Came, Line, Taken
from intake.letters import replies
from intake.letters.replies import Incoming
from storage import audit, outbox
from storage.model import Application, Document, Letter, LetterKind, LetterState, MailOutcome

MOST_INQUIRIES = 2  # answers to mere words that one address gets in 24 hours

Writer = Callable[..., Letter]


def answered(
    line: Line,
    came: Came,
    outcome: MailOutcome,
    done: Sequence[Application],
    before: Mapping[str, Application],
) -> Taken:
    """Answer material: `before` holds how those of `done` stood that are no first versions."""
    return written(line, came, outcome, done, partial(replies.answer, before=before, bot=line.bot))


def written(
    line: Line, came: Came, outcome: MailOutcome, done: Sequence[Application], write: Writer
) -> Taken:
    """Queue the one letter that answers `came`, unless nobody may be answered."""
    taken = Taken(message=came.message, outcome=outcome, applications=tuple(done))
    incoming = incoming_of(came)
    if incoming is None or not line.replies:
        return taken
    letter = write(incoming, done, line.campaign, now=line.now(), sender=line.sender)
    why = _too_much(line, letter)
    letter = msgspec.structs.replace(letter, state=LetterState.HELD) if why else letter
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
    if why:
        audit.record(
            line.store.db,
            at=line.now(),
            actor="system",
            event="letter-held",
            message=came.message.id,
            detail={"to": letter.to[0], "why": why},
        )
    return msgspec.structs.replace(taken, letter=letter)


def _too_much(line: Line, letter: Letter) -> str | None:
    """Return why a person must look before one more letter goes to this address; None where it may go."""
    if letter.state is not LetterState.QUEUED:
        return None
    to, day = letter.to[0], line.now() - timedelta(days=1)
    if outbox.is_dead(line.store.db, to):
        return "bounced-before"
    if outbox.sent_to_since(line.store.db, to, day) >= line.per_sender:
        return "sender-cap"
    # Who writes again and again, and never sends material, may be a robot that does not say so.
    if (
        letter.kind is LetterKind.INQUIRY
        and outbox.sent_to_since(line.store.db, to, day, letter.kind) >= MOST_INQUIRIES
    ):
        return "inquiry-cap"
    return None


def incoming_of(came: Came) -> Incoming | None:
    """Return whom and what a reply answers; None for a robot and for a sender that is no single address."""
    mail = came.mail
    if mail.robot or mail.sender is None:
        return None
    to, held = addressee(mail.sender, mail.reply_to)
    held = held or mail.forged
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
