"""Moving applications through the later stages: by receipt or by rank, previewed, all or none, audited."""

from collections.abc import Collection, Iterable, Sequence

from msgspec.structs import replace

from intake import stages
from intake.decisions import Desk, NotPossible, found, kept, note
from intake.office import scores as ranks
from intake.office.scores import Rank
from intake.stages import Move
from storage import applications, outbox, scores
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Application, Kind, LetterKind, LetterState, State
from storage.scores import Round

# Whom a round is about, and from which round the best go on to a state.
FIELD = {Round.PRELIMINARY: State.ACCEPTED, Round.EXPERT: State.SHORTLISTED}
ROUND_OF = {
    State.SHORTLISTED: Round.PRELIMINARY,
    State.AWARDED: Round.EXPERT,
    State.RECOMMENDED: Round.EXPERT,
}


def of_campaign(store: Store, campaign: Campaign, *states: State) -> list[Application]:
    """Return the campaign's own applications in any of `states`, or all; a store may hold several years."""
    return [
        one
        for one in applications.every(store.db)
        if one.receipt.startswith(f"{campaign.receipt_prefix}-") and (not states or one.state in states)
    ]


def field(store: Store, campaign: Campaign, round_: Round) -> list[Application]:
    """Return whom a round is about: those that wait for its result, and those scored in it that have theirs."""
    scored = {one.receipt for one in scores.of_round(store.db, campaign.receipt_prefix, round_)}
    return [
        one
        for one in of_campaign(store, campaign, State.ACCEPTED, *stages.LATER)
        if one.state is FIELD[round_] or (one.receipt in scored and one.state is not State.ACCEPTED)
    ]


def standing(
    store: Store, campaign: Campaign, round_: Round, kind: Kind | None = None
) -> tuple[tuple[Rank, ...], dict[str, tuple[str, ...]]]:
    """Return the ranking of a round, and who still owes scores for what."""
    them = [one for one in field(store, campaign, round_) if kind is None or one.kind is kind]
    reviewers = scores.reviewers(store.db, campaign.receipt_prefix, round_)
    given = scores.of_round(store.db, campaign.receipt_prefix, round_)
    waiting = [one for one in them if one.state is FIELD[round_]]
    return (
        ranks.ranking(them, reviewers, given, campaign.criteria),
        ranks.missing(waiting, reviewers, given, campaign.criteria),
    )


def best(
    store: Store, campaign: Campaign, target: State, count: int, kind: Kind | None, *, incomplete: bool
) -> tuple[str, ...]:
    """Return the receipts of the `count` best for `target`.

    Raises NotPossible where scores are missing, unless an `incomplete` ranking will do, and where a tie
    stands across the line.
    """
    round_ = ROUND_OF.get(target)
    if round_ is None:
        raise NotPossible("只有入选、获评、推荐省级可以按名次取。")
    listed, missing = standing(store, campaign, round_, kind)
    if missing and not incomplete:
        told = "；".join(f"{name}缺{len(receipts)}件" for name, receipts in missing.items())
        raise NotPossible(f"评分还不齐：{told}。要按现有的分数排，请加 --incomplete。")
    ranked = [one for one in listed if one.place is not None]
    if len(ranked) < count:
        raise NotPossible(f"有分数的只有{len(ranked)}件，取不出前{count}名。")
    if count < len(ranked) and ranked[count - 1].total == ranked[count].total:
        tied = "、".join(one.application.receipt for one in ranked if one.total == ranked[count].total)
        raise NotPossible(f"第{count}名有并列：{tied}。请改取的名额，或直接写收件编号。")
    return tuple(one.application.receipt for one in ranked[:count])


def planned(desk: Desk, receipts: Iterable[str], target: State, reason: str) -> tuple[Move, ...]:
    """Return what moving these applications comes to; nothing is changed. Raises NoSuchReceipt."""
    chosen = {one.receipt: one for one in (found(desk, receipt) for receipt in receipts)}
    return stages.planned(chosen.values(), target, reason)


def apply(desk: Desk, receipts: Sequence[str], target: State, reason: str) -> tuple[Move, ...]:
    """Move all of these applications, or none; what is there already stays. Raises NoSuchReceipt, NotPossible."""
    with desk.store.transaction():
        moves = planned(desk, receipts, target, reason)
        if refused := [one for one in moves if one.refused]:
            raise NotPossible("\n".join(f"{one.application.receipt}：{one.refused}" for one in refused))
        going = [move.application for move in moves if not move.there]
        why: dict[str, object] = {"reason": reason.strip()} if reason.strip() else {}
        for old in going:
            kept(desk, old, replace(old, state=target), "stage", why)
        _drop_drafts(desk, {one.receipt for one in going})
        return moves


def _drop_drafts(desk: Desk, moved: Collection[str]) -> None:
    """Take back the drafts that tell of a result which is none any more."""
    for letter in outbox.every(desk.store.db):
        waits = letter.state is LetterState.DRAFT and letter.kind is LetterKind.RESULT
        if waits and not set(letter.receipts).isdisjoint(moved):
            outbox.drop(desk.store.db, letter.id, desk.by)
            for receipt in letter.receipts:
                note(desk, receipt, "letter-dropped", {"letter": letter.id})
