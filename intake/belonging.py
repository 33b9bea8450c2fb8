"""Which applications a mail may speak for: those it answers or names, and those of its sender."""

from intake.mail.envelope import Mail
from intake.mail.wishes import receipts_in
from parsers.identifiers import operator_key
from storage import applications
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Application, Channel, Noun, State

CLOSED = frozenset({State.WITHDRAWN, State.REJECTED, State.ELIMINATED})


class Belonging(Noun, frozen=True, kw_only=True):
    """The applications a mail from `sender` may speak for.

    `unit` is whose address the campaign says it is. `named` are those that it answers or names and may change, `theirs` all of its sender's, `spoken` the
    receipts in its own words. `foreign` are those that it answers or names from an address they do not know.
    """

    sender: str | None = None
    unit: str | None = None
    named: tuple[Application, ...] = ()
    theirs: tuple[Application, ...] = ()
    spoken: tuple[str, ...] = ()
    foreign: tuple[Application, ...] = ()

    @property
    def stranger(self) -> bool:
        """Say whether it speaks only for applications that do not know its address."""
        return bool(self.foreign) and not self.named

    def knows(self, application: Application) -> bool:
        """Say whether `application` knows the address that the mail came from."""
        theirs = application.receipt in {one.receipt for one in (*self.named, *self.theirs)}
        return theirs or _submits(self.unit, application)

    @property
    def still_open(self) -> tuple[Application, ...]:
        return tuple(one for one in self.theirs if one.state not in CLOSED)

    @property
    def meant(self) -> tuple[Application, ...]:
        """Return what a wish without material is about: what it names, in its words too, else what is open."""
        if self.spoken:
            known = {one.receipt: one for one in (*self.theirs, *self.named)}
            return tuple(known[receipt] for receipt in self.spoken if receipt in known)
        return self.named or self.still_open


def belonging(store: Store, mail: Mail, campaign: Campaign) -> Belonging:
    """Look up what `mail` answers (In-Reply-To, References), names in its subject, and its sender's own."""
    answered = [
        receipt
        for ours in (*mail.in_reply_to, *reversed(mail.references))
        for receipt in applications.by_letter(store.db, ours)
    ]
    receipts = dict.fromkeys([*receipts_in(mail.subject, campaign.receipt_prefix), *answered])
    named = [one for receipt in receipts if (one := applications.get(store.db, receipt))]
    theirs = _of_sender(store, mail)
    unit = campaign.senders.get(mail.sender.lower()) if mail.sender else None
    mine = {one.receipt for one in theirs} | {one.receipt for one in named if _submits(unit, one)}
    return Belonging(
        sender=mail.sender,
        unit=unit,
        named=tuple(one for one in named if one.receipt in mine),
        theirs=theirs,
        spoken=receipts_in(f"{mail.subject}\n{mail.text}", campaign.receipt_prefix),
        foreign=tuple(one for one in named if one.receipt not in mine),
    )


def _submits(unit: str | None, application: Application) -> bool:
    """Say whether `unit`, of which the campaign knows the sender, is who submitted `application`."""
    if unit is None:
        return False
    if application.channel is Channel.COUNTY:
        return application.county == unit
    return operator_key(application.submitter) == operator_key(unit)


def _of_sender(store: Store, mail: Mail) -> tuple[Application, ...]:
    if mail.sender is None:
        return ()
    receipts = applications.by_address(store.db, mail.sender)
    return tuple(one for receipt in receipts if (one := applications.get(store.db, receipt)))
