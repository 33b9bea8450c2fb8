"""Which applications a mail may speak for: those it answers or names, and those of its sender."""

from intake.envelope import Mail
from intake.wishes import receipts_in
from storage import applications
from storage.database import Store
from storage.model import Application, Noun, State

CLOSED = frozenset({State.WITHDRAWN, State.REJECTED, State.ELIMINATED})


class Belonging(Noun, frozen=True, kw_only=True):
    """The applications a mail may speak for.

    `named` are those that it answers or names and may change, `theirs` all of its sender's. `stranger`
    says that it names one from an address which that application does not know.
    """

    named: tuple[Application, ...] = ()
    theirs: tuple[Application, ...] = ()
    stranger: bool = False

    @property
    def still_open(self) -> tuple[Application, ...]:
        return tuple(one for one in self.theirs if one.state not in CLOSED)


def belonging(store: Store, mail: Mail, prefix: str) -> Belonging:
    """Look up what `mail` answers (In-Reply-To, References), names in its subject, and its sender's own."""
    answered = [
        receipt
        for ours in (*mail.in_reply_to, *reversed(mail.references))
        for receipt in applications.by_letter(store.db, ours)
    ]
    receipts = dict.fromkeys([*receipts_in(mail.subject, prefix), *answered])
    named = [one for receipt in receipts if (one := applications.get(store.db, receipt))]
    theirs = _of_sender(store, mail)
    mine = {one.receipt for one in theirs}
    return Belonging(
        named=tuple(one for one in named if one.receipt in mine),
        theirs=theirs,
        stranger=bool(named) and not any(one.receipt in mine for one in named),
    )


def _of_sender(store: Store, mail: Mail) -> tuple[Application, ...]:
    if mail.sender is None:
        return ()
    receipts = applications.by_address(store.db, mail.sender)
    return tuple(one for receipt in receipts if (one := applications.get(store.db, receipt)))
