"""The letters that tell a result: drafts, one for each time an application came into its state."""

from collections.abc import Sequence

from intake import stages
from intake.decisions import Desk, NotPossible, addressee, found, queue
from intake.labels import STATES
from intake.letters import replies
from intake.office.staging import of_campaign
from storage import audit, outbox
from storage.model import Application, Letter, Noun, State


class Drafted(Noun, frozen=True, kw_only=True):
    """What was written: the new drafts, who has had one, and who has no address to write to."""

    letters: tuple[Letter, ...]
    known: tuple[Application, ...]
    unreachable: tuple[Application, ...]


def draft(desk: Desk, state: State, receipts: Sequence[str]) -> Drafted:
    """Write to `receipts`, or to all in `state`, what came of it. Raises NoSuchReceipt, NotPossible."""
    if state not in stages.LATER:
        raise NotPossible(f"“{STATES[state]}”不是推选结果，没有结果通知。")
    with desk.store.transaction():
        chosen = [found(desk, one) for one in receipts] or of_campaign(desk.store, desk.campaign, state)
        if wrong := [one for one in chosen if one.state is not state]:
            raise NotPossible(
                "\n".join(
                    f"{one.receipt} 现在是“{STATES[one.state]}”，不是“{STATES[state]}”" for one in wrong
                )
            )
        written = {one.receipt: _letter(desk, one) for one in chosen}
        new = [letter for letter in written.values() if letter and _is_new(desk, letter)]
        for letter in new:
            queue(desk, letter)
    told = {letter.receipts[0] for letter in new}
    return Drafted(
        letters=tuple(new),
        known=tuple(one for one in chosen if written[one.receipt] and one.receipt not in told),
        unreachable=tuple(one for one in chosen if not written[one.receipt]),
    )


def _letter(desk: Desk, one: Application) -> Letter | None:
    to = addressee(desk, one)
    if to is None:
        return None
    return replies.result(
        one, cause=_cause(desk, one), to=to, campaign=desk.campaign, now=desk.now, sender=desk.sender
    )


def _cause(desk: Desk, one: Application) -> str:
    """Return what the letter is unique by: the move that brought the application into its state."""
    moved = [event.id for event in audit.history(desk.store.db, one.receipt) if event.event == "stage"]
    return f"result:{one.state}:{moved[-1] if moved else 0}"


def _is_new(desk: Desk, letter: Letter) -> bool:
    return outbox.get(desk.store.db, letter.message_id) is None
