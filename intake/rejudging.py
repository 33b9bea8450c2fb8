"""Judging again under changed terms: what that would change, and changing it only when told to."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from intake import decisions, judge
from intake.decisions import Desk
from intake.letters import replies
from intake.letters.replies import Incoming
from intake.readers import Reader
from storage import applications, outbox
from storage.model import Application, Noun, Problem


class Difference(Noun, frozen=True, kw_only=True):
    """How an application would stand under the terms: `gone` and `come` are problems, `answered` that it knows of the old."""

    old: Application
    new: Application
    answered: bool
    applied: bool = False

    @property
    def gone(self) -> tuple[Problem, ...]:
        return _without(self.old.problems, self.new.problems)

    @property
    def come(self) -> tuple[Problem, ...]:
        return _without(self.new.problems, self.old.problems)


def compare(desk: Desk, reader: Reader, receipts: Iterable[str] = ()) -> list[Difference]:
    """Return what `desk.campaign` would change, all applications judged again in their order; nothing is changed."""
    with desk.store.rehearsal():
        whole = _differences(desk, reader, tuple(receipts), everybody=True)
        return [replace(one, applied=False) for one in whole]


def apply(
    desk: Desk, reader: Reader, receipts: Iterable[str] = (), *, answered: bool = False, letters: bool = False
) -> list[Difference]:
    """Change what the terms change, audited; who has had an answer is passed over unless `answered`.

    With `letters` each applicant whose state changes is written to.
    """
    with desk.store.transaction():
        found = list(_differences(desk, reader, tuple(receipts), everybody=answered))
        for one in found if letters else ():
            _write(desk, one)
        return found


def _differences(
    desk: Desk, reader: Reader, receipts: tuple[str, ...], *, everybody: bool
) -> Iterator[Difference]:
    """Judge in order, so that a place that one gives back is there for the next."""
    told = outbox.answered(desk.store.db)
    chosen = [decisions.found(desk, one) for one in receipts] or list(applications.every(desk.store.db))
    for old in chosen:
        if old.state not in judge.JUDGED:
            continue
        new = judge.rejudged(desk.store, reader, desk.campaign, old)
        if _same(old, new):
            continue
        applied = everybody or old.receipt not in told
        if applied:
            decisions.kept(desk, old, new, "rejudged", {"campaign": desk.campaign.name, **_detail(old, new)})
        yield Difference(old=old, new=new, answered=old.receipt in told, applied=applied)


def _same(old: Application, new: Application) -> bool:
    return old.state is new.state and old.problems == new.problems


def _detail(old: Application, new: Application) -> dict[str, object]:
    return {
        "gone": [str(one.code) for one in _without(old.problems, new.problems)],
        "come": [str(one.code) for one in _without(new.problems, old.problems)],
    }


def _without(some: Iterable[Problem], others: Iterable[Problem]) -> tuple[Problem, ...]:
    known = {(one.code, one.field, one.file, one.outcome) for one in others}
    return tuple(one for one in some if (one.code, one.field, one.file, one.outcome) not in known)


def _write(desk: Desk, one: Difference) -> None:
    """Queue the letter that tells of a changed state, to where the application came from."""
    to = decisions.addressee(desk, one.new)
    if to is None or not one.applied or one.old.state is one.new.state:
        return
    incoming = Incoming(
        cause=f"rejudged:{one.new.receipt}:{desk.now.isoformat()}",
        message_id=None,
        references=(),
        to=to,
        held=False,
        received_at=one.new.changed_at,
        subject="",
    )
    letter = replies.answer(incoming, [one.new], desk.campaign, now=desk.now, sender=desk.sender)
    decisions.queue(desk, letter)
