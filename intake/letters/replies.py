"""The letters: which one a mail gets, to whom, and its text from the templates.

A letter holds nothing of the body that came, only values of forms and names of files, made harmless; its
subject is ours alone. How a letter becomes a mail is `intake.letters.post`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from msgspec.structs import replace

from intake.labels import KINDS
from intake.letters.letter_texts import headings, template
from intake.letters.periods import last_moment, limit_of, until
from intake.letters.post import as_mail
from intake.letters.sections import Section, addressee, listed, others, section
from intake.letters.subjects import message_id_of, subject_of
from intake.rules.wording import clean, day, moment
from storage.campaign import Campaign, Stage
from storage.model import (
    Application,
    Document,
    Letter,
    LetterKind,
    LetterState,
    Noun,
    Outcome,
    State,
)

__all__ = ["Incoming", "answer", "as_mail", "decision", "inquiry", "status", "withdrawal"]

GRAVITY = (LetterKind.REJECTION, LetterKind.CORRECTION, LetterKind.ACKNOWLEDGEMENT)


class Incoming(Noun, frozen=True, kw_only=True):
    """The mail a letter answers: `cause` is the digest of its bytes, `files` what came in it.

    `to` is the one plain address the answer goes to; `held` says that staff must look first.
    """

    cause: str
    message_id: str | None
    references: tuple[str, ...]
    to: str
    held: bool
    received_at: datetime
    subject: str
    files: tuple[Document, ...] = ()


class Desk(NamedTuple):
    """Whose letter it is: the campaign's office, writing now, from its own address."""

    campaign: Campaign
    now: datetime
    sender: str


def answer(
    incoming: Incoming,
    applications: Sequence[Application],
    campaign: Campaign,
    *,
    now: datetime,
    sender: str,
    before: Mapping[str, Application] = MappingProxyType({}),
    bot: str = "",
) -> Letter:
    """Return the one letter that answers a mail with material: of the gravest kind, treating each application.

    `before` holds by receipt how those stood that the mail renewed: what it mended is ticked off.
    `bot` is the user name of the bot that a link may open.
    """
    desk = Desk(campaign, now, sender)
    sections = [
        section(one, campaign, incoming.files, before=before.get(one.receipt), bot=bot)
        for one in applications
    ]
    kind = _gravest(sections)
    several = len(applications) > 1
    text = _text(
        desk,
        "answer.j2",
        applications,
        sections=sections,
        kind=kind,
        received=moment(incoming.received_at, campaign),
        renewed=bool(sections) and all(one.version > 1 for one in sections),
        files=others(incoming.files, applications) if several else listed(incoming.files),
    )
    letter = _reply(desk, kind, incoming, applications, text)
    drafted = letter.state is LetterState.QUEUED and any(_drafted(one, campaign) for one in applications)
    return replace(letter, state=LetterState.DRAFT) if drafted else letter


def status(
    incoming: Incoming, applications: Sequence[Application], campaign: Campaign, *, now: datetime, sender: str
) -> Letter:
    """Return how the sender's applications stand."""
    desk = Desk(campaign, now, sender)
    sections = [section(one, campaign) for one in applications]
    text = _text(desk, "status.j2", applications, sections=sections)
    return _reply(desk, LetterKind.STATUS, incoming, applications, text)


def withdrawal(
    incoming: Incoming, applications: Sequence[Application], campaign: Campaign, *, now: datetime, sender: str
) -> Letter:
    """Return the confirmation that applications were withdrawn at the sender's wish."""
    desk = Desk(campaign, now, sender)
    sections = [section(one, campaign) for one in applications]
    text = _text(
        desk,
        "withdrawal.j2",
        applications,
        sections=sections,
        received=moment(incoming.received_at, campaign),
    )
    return _reply(desk, LetterKind.WITHDRAWAL, incoming, applications, text)


def inquiry(
    incoming: Incoming,
    applications: Sequence[Application],
    campaign: Campaign,
    *,
    now: datetime,
    sender: str,
    known: bool = False,
) -> Letter:
    """Return word that a mail was passed on to staff; it tells nothing of any application.

    Nobody of a `known` sender, one who applied, needs to be told how to apply.
    """
    _ = applications
    desk = Desk(campaign, now, sender)
    text = _text(
        desk,
        "inquiry.j2",
        (),
        received=moment(incoming.received_at, campaign),
        files=listed(incoming.files),
        known=known,
    )
    return _reply(desk, LetterKind.INQUIRY, incoming, (), text)


def decision(
    application: Application,
    accepted: bool,
    reason: str,
    *,
    cause: str,
    to: str,
    campaign: Campaign,
    now: datetime,
    sender: str,
) -> Letter:
    """Return the letter of a decision by staff; it answers no mail."""
    desk = Desk(campaign, now, sender)
    told = section(application, campaign)
    text = _text(
        desk,
        "decision.j2",
        (application,),
        sections=[told],
        told=told,
        accepted=accepted,
        reason=clean(reason),
    )
    return _letter(desk, LetterKind.DECISION, (application.receipt,), text, cause, to)


def recorded(
    before: Application,
    application: Application,
    files: Sequence[Document],
    *,
    cause: str,
    to: str,
    campaign: Campaign,
    now: datetime,
    sender: str,
) -> Letter:
    """Return the letter that tells what became of an application when staff took `files` in by hand."""
    desk = Desk(campaign, now, sender)
    told = section(application, campaign, before=before)
    text = _text(desk, "recorded.j2", (application,), sections=[told], told=told, files=listed(files))
    return _letter(desk, LetterKind.DECISION, (application.receipt,), text, cause, to)


def reminder(
    applications: Sequence[Application],
    *,
    cause: str,
    to: str,
    campaign: Campaign,
    now: datetime,
    sender: str,
) -> Letter:
    """Return the letter that tells one addressee what is still open in these applications; it answers no mail."""
    desk = Desk(campaign, now, sender)
    sections = [section(one, campaign) for one in applications]
    text = _text(desk, "reminder.j2", applications, sections=sections)
    return _letter(desk, LetterKind.REMINDER, tuple(one.receipt for one in applications), text, cause, to)


def result(
    application: Application, *, cause: str, to: str, campaign: Campaign, now: datetime, sender: str
) -> Letter:
    """Return the draft that tells an applicant the result of a stage; it goes when a person releases it."""
    desk = Desk(campaign, now, sender)
    told = section(application, campaign)
    title_won = f"{campaign.region.name}文明{KINDS[application.kind]}" if application.kind else ""
    stage, following = _stages(application.state, campaign)
    text = _text(
        desk,
        "result.j2",
        (application,),
        told=told,
        reached=application.state,
        award=title_won,
        stage=stage,
        following=following,
    )
    letter = _letter(desk, LetterKind.RESULT, (application.receipt,), text, cause, to)
    return replace(letter, state=LetterState.DRAFT)


def _stages(reached: State, campaign: Campaign) -> tuple[Stage | None, Stage | None]:
    """Return the stage that ends in this state, and the one after it."""
    ends = (place for place, stage in enumerate(campaign.stages) if reached in stage.states)
    place = next(ends, len(campaign.stages))
    stage, following = (*campaign.stages[place : place + 2], None, None)[:2]
    return stage, following


def _gravest(sections: Iterable[Section]) -> LetterKind:
    kinds = {one.letter for one in sections}
    return next((kind for kind in GRAVITY if kind in kinds), LetterKind.ACKNOWLEDGEMENT)


def _drafted(application: Application, campaign: Campaign) -> bool:
    judged = application.state is State.REJECTED and not application.decided
    return judged and any(
        problem.outcome is Outcome.REJECT and problem.code in campaign.drafted
        for problem in application.problems
    )


def _text(desk: Desk, name: str, applications: Sequence[Application], **more: object) -> str:
    """Return a template filled in, without blank ends of lines and with at most one empty line together."""
    campaign = desk.campaign
    limit = limit_of(campaign, applications)
    filled = template(name, campaign).render(
        addressee=addressee(applications),
        campaign=campaign,
        today=day(desk.now, campaign),
        heading=headings(),
        in_time=desk.now < limit.at,
        deadline=last_moment(limit, campaign),
        deadline_day=limit.text,
        grace=until(desk.now, campaign.periods.grace_days, campaign),
        objection=until(desk.now, campaign.periods.objection_days, campaign),
        **more,
    )
    tidy = "\n".join(line.rstrip() for line in filled.splitlines())
    return re.sub(r"\n{3,}", "\n\n", tidy).strip() + "\n"


def _reply(
    desk: Desk, kind: LetterKind, incoming: Incoming, applications: Sequence[Application], text: str
) -> Letter:
    receipts = tuple(one.receipt for one in applications)
    letter = _letter(desk, kind, receipts, text, incoming.cause, incoming.to)
    known = dict.fromkeys([*incoming.references, *filter(None, [incoming.message_id])])
    return replace(
        letter,
        in_reply_to=incoming.message_id,
        references=tuple(known),
        state=LetterState.HELD if incoming.held else LetterState.QUEUED,
    )


def _letter(
    desk: Desk, kind: LetterKind, receipts: tuple[str, ...], text: str, cause: str, to: str
) -> Letter:
    return Letter(
        kind=kind,
        receipts=receipts,
        cause=cause,
        to=(to,),
        subject=subject_of(desk.campaign, kind, receipts),
        body=text,
        message_id=message_id_of(kind, receipts, cause, desk.sender),
        created_at=desk.now,
        due_at=desk.now,
    )
