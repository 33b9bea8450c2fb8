"""From scores to a ranking: weighted means, conflicts of interest left out, ties told; pure."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from msgspec.structs import replace

from parsers.identifiers import operator_key
from storage.campaign import Criterion
from storage.model import Application, Noun
from storage.scores import Reviewer, Score

FULL = 100  # what an application has that got all points of every standard
HUNDREDTHS = 100


class Rank(Noun, frozen=True, kw_only=True):
    """Where an application stands: `total` in hundredths of a point, None where nobody scored it.

    Those of equal totals share their `place`. `means` are the hundredths by criterion, `count` how many scored
    it, `aside` who stood aside.
    """

    place: int | None
    tied: bool
    application: Application
    total: int | None
    means: Mapping[str, int]
    count: int
    aside: tuple[str, ...] = ()


def conflict(reviewer: Reviewer, application: Application) -> bool:
    """Say whether the reviewer's own unit applied: runs the account, or submits it."""
    unit = operator_key(reviewer.unit)
    own = {operator_key(application.fields.organizer), operator_key(application.submitter)}
    return unit is not None and unit in own


def ranking(
    applications: Iterable[Application],
    reviewers: Sequence[Reviewer],
    scores: Iterable[Score],
    criteria: Sequence[Criterion],
) -> tuple[Rank, ...]:
    """Return the applications by their mean of all reviewers, the highest first, the unscored ones last."""
    given: dict[str, list[Score]] = {}
    for score in scores:
        given.setdefault(score.receipt, []).append(score)
    found = [_rank(one, reviewers, given.get(one.receipt, ()), criteria) for one in applications]
    ordered = sorted(found, key=lambda rank: -1 if rank.total is None else rank.total, reverse=True)
    totals = [rank.total for rank in ordered]
    return tuple(_placed(rank, totals) for rank in ordered)


def complete(score: Score, criteria: Iterable[Criterion]) -> bool:
    """Say whether `score` has points for every standard there is."""
    return score.points is not None and all(one.name in score.points for one in criteria)


def missing(
    applications: Sequence[Application],
    reviewers: Iterable[Reviewer],
    scores: Iterable[Score],
    criteria: Sequence[Criterion],
) -> dict[str, tuple[str, ...]]:
    """Return by reviewer the receipts that still wait for scores; who gave none at all has all of them."""
    done = {(one.reviewer, one.receipt) for one in scores if one.aside is not None or complete(one, criteria)}
    waiting = {
        reviewer.name: tuple(
            one.receipt
            for one in applications
            if (reviewer.name, one.receipt) not in done and not conflict(reviewer, one)
        )
        for reviewer in reviewers
    }
    return {name: receipts for name, receipts in waiting.items() if receipts}


def shown(hundredths: int | None) -> str:
    """Return points as people write them: 87.50."""
    return "" if hundredths is None else f"{hundredths // HUNDREDTHS}.{hundredths % HUNDREDTHS:02d}"


def _rank(
    application: Application,
    reviewers: Sequence[Reviewer],
    given: Sequence[Score],
    criteria: Sequence[Criterion],
) -> Rank:
    partial = {one.name for one in reviewers if conflict(one, application)}
    named = {one.name for one in reviewers}
    counted = [
        one.points
        for one in given
        if one.points is not None and one.reviewer in named - partial and complete(one, criteria)
    ]
    aside = partial | {one.reviewer for one in given if one.aside is not None and one.reviewer in named}
    means = {one.name: _mean([points[one.name] for points in counted]) for one in criteria} if counted else {}
    return Rank(
        place=None,
        tied=False,
        application=application,
        total=_rounded(sum(_share(one, means[one.name], criteria) for one in criteria)) if means else None,
        means={name: _rounded(mean) for name, mean in means.items()},
        count=len(counted),
        aside=tuple(sorted(aside)),
    )


def _mean(points: Sequence[int]) -> Fraction:
    return Fraction(sum(points), len(points))


def _share(one: Criterion, mean: Fraction, criteria: Iterable[Criterion]) -> Fraction:
    """Return what `mean` of this standard adds to the total, in hundredths."""
    return mean * FULL / one.points * one.weight / sum(each.weight for each in criteria)


def _rounded(number: Fraction | int) -> int:
    """Return the nearest whole number, the half upwards."""
    return int(number + Fraction(1, 2))


def _placed(rank: Rank, totals: Sequence[int | None]) -> Rank:
    if rank.total is None:
        return rank
    place, alike = totals.index(rank.total) + 1, totals.count(rank.total)
    return replace(rank, place=place, tied=alike > 1)
