"""Who reviews in which round, and the scores as each reviewer last gave them."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec
from sqlite_utils import Database

from storage.model import Noun


class Round(StrEnum):
    """When applications are scored: by the offices before the shortlist, by experts before the award."""

    PRELIMINARY = "preliminary"
    EXPERT = "expert"


class Reviewer(Noun, frozen=True, kw_only=True):
    name: str
    unit: str | None = None


class Score(Noun, frozen=True, kw_only=True):
    """What one reviewer gave one application: hundredths of a point by criterion, or `aside`, why none."""

    receipt: str
    reviewer: str
    points: Mapping[str, int] | None = None
    aside: str | None = None


def appoint(db: Database, prefix: str, round_: Round, reviewers: Iterable[Reviewer]) -> None:
    """Let `reviewers` score in this round of the campaign; a unit told anew replaces the old one."""
    for one in reviewers:
        db.execute(
            """INSERT INTO reviewers (prefix, round, reviewer, unit) VALUES (?, ?, ?, ?)
               ON CONFLICT (prefix, round, reviewer) DO UPDATE SET unit = coalesce(excluded.unit, unit)""",
            (prefix, round_, one.name, one.unit),
        )


def dismiss(db: Database, prefix: str, round_: Round, reviewer: str) -> None:
    """Let `reviewer` score no more in this round: what was given counts no more either."""
    where = (prefix, round_, reviewer)
    db.execute("DELETE FROM reviewers WHERE prefix = ? AND round = ? AND reviewer = ?", where)
    _clear(db, *where)


def reviewers(db: Database, prefix: str, round_: Round) -> list[Reviewer]:
    rows = db.execute(
        "SELECT reviewer, unit FROM reviewers WHERE prefix = ? AND round = ? ORDER BY reviewer",
        (prefix, round_),
    )
    return [Reviewer(name=name, unit=unit) for name, unit in rows]


def replace(db: Database, prefix: str, round_: Round, reviewer: str, given: Iterable[Score]) -> None:
    """Let `given` stand in place of all that `reviewer` gave in this round of the campaign."""
    _clear(db, prefix, round_, reviewer)
    db.conn.executemany(
        "INSERT INTO scores (round, receipt, reviewer, points, aside) VALUES (?, ?, ?, ?, ?)",
        [(round_, one.receipt, reviewer, _json(one.points), one.aside) for one in given],
    )


def of_round(db: Database, prefix: str, round_: Round) -> list[Score]:
    """Return all scores of this round of the campaign, by receipt and reviewer."""
    rows = db.execute(
        """SELECT receipt, reviewer, points, aside FROM scores JOIN applications USING (receipt)
           WHERE round = ? AND prefix = ? ORDER BY number, reviewer""",
        (round_, prefix),
    )
    return [
        Score(
            receipt=receipt,
            reviewer=reviewer,
            points=None if points is None else msgspec.json.decode(points, type=dict[str, int]),
            aside=aside,
        )
        for receipt, reviewer, points, aside in rows
    ]


def _clear(db: Database, prefix: str, round_: Round, reviewer: str) -> None:
    db.execute(
        """DELETE FROM scores WHERE round = ? AND reviewer = ?
           AND receipt IN (SELECT receipt FROM applications WHERE prefix = ?)""",
        (round_, reviewer, prefix),
    )


def _json(points: Mapping[str, int] | None) -> str | None:
    return None if points is None else msgspec.json.encode(points).decode()
