"""The terms of one campaign: what the notice rules, with its clauses, read from a TOML file."""

from datetime import datetime
from enum import StrEnum

import msgspec

from storage.model import Code, DocumentType, Kind, Noun, Outcome, State

ASKED = frozenset({DocumentType.FORM, DocumentType.WORK, DocumentType.QUALIFICATION})


class Office(Noun, frozen=True, kw_only=True):
    name: str
    telephone: str
    email: str
    address: str


class County(Noun, frozen=True, kw_only=True):
    """A county whose 网信办 submits; `aliases` are short names that also mean it."""

    name: str
    office: str
    aliases: tuple[str, ...] = ()


class Region(Noun, frozen=True, kw_only=True):
    name: str
    province: str
    icp_prefix: str
    uscc_division: str
    clause: str


class Quota(Noun, frozen=True, kw_only=True):
    direct: int
    county: int
    counts: frozenset[Kind]
    clause: str
    clause_once: str


class Limits(Noun, frozen=True, kw_only=True):
    summary_words: int
    work_words: int
    pictures: int
    video_seconds: int
    video_lines: int
    clause_summary: str
    clause_work: str


class Dates(Noun, frozen=True, kw_only=True):
    """`deadline` is the first moment that is late."""

    opens: datetime
    deadline: datetime
    deadline_text: str
    clause: str


class Clauses(Noun, frozen=True, kw_only=True):
    form: str
    category: str
    website_only: str
    county_review: str
    scope: str
    qualification: str
    seal: str
    electronic: str


class Days(StrEnum):
    """How the days of a period are counted."""

    CALENDAR = "calendar"
    WORKING = "working"


class Periods(Noun, frozen=True, kw_only=True):
    """How many days a unit has, counted from the day after a letter's own and ending with the last one's end.

    `grace_days` for mending what is asked for after the deadline, `objection_days` for an objection.
    """

    grace_days: int = 3
    objection_days: int = 5
    days: Days = Days.CALENDAR
    clause: str = ""


class Extension(Noun, frozen=True, kw_only=True):
    """A unit with a deadline of its own: `unit` is a county's name or an organizer's full name.

    `deadline` is the first moment that is late for it; `reason` says who allowed it and why.
    """

    unit: str
    deadline: datetime
    deadline_text: str
    reason: str


class Criterion(Noun, frozen=True, kw_only=True):
    """A standard that reviewers score from 0 to `points`, with its weight among the others."""

    name: str
    weight: int
    points: int = 100
    clause: str = ""


class Material(Noun, frozen=True, kw_only=True):
    """What must be sent, by the kind of what applies; a form always."""

    account: frozenset[DocumentType] = ASKED
    website: frozenset[DocumentType] = ASKED


class Categories(Noun, frozen=True, kw_only=True):
    """What the form prints beside each of the contract's categories."""

    government_news: str = "政府、新闻类"
    commercial: str = "商业类"
    other: str = "其他"

    def named(self, key: str) -> str:
        """Return what the category `key` is called on the form."""
        return str(getattr(self, key))

    def names(self) -> tuple[str, ...]:
        """Return what the form prints, in its order."""
        return self.government_news, self.commercial, self.other


class Stage(Noun, frozen=True, kw_only=True):
    """A part of the campaign's course with the states that it ends in; `days` are as the notice tells them."""

    name: str
    days: str
    states: frozenset[State] = frozenset()
    clause: str


class Campaign(Noun, frozen=True, kw_only=True):
    """`drafted` are the codes that reject whose letter waits as a draft; so do reminders, if `reminders_drafted`.

    `texts` are the templates of letters that the campaign has of its own, by their names.
    """

    name: str
    title: str
    city: str
    receipt_prefix: str
    timezone: str
    office: Office
    dates: Dates
    region: Region
    counties: tuple[County, ...]
    quota: Quota
    limits: Limits
    clauses: Clauses
    accepted_qualifications: tuple[str, ...]
    outcomes: dict[Code, Outcome]
    drafted: frozenset[Code] = frozenset()
    reminders_drafted: bool = True
    senders: dict[str, str] = msgspec.field(default_factory=dict)
    periods: Periods = Periods()
    extensions: tuple[Extension, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    material: Material = Material()
    categories: Categories = Categories()
    stages: tuple[Stage, ...] = ()
    texts: dict[str, str] = msgspec.field(default_factory=dict)

    def asks(self, kind: Kind | None, document: DocumentType) -> bool:
        """Say whether `document` must be sent; of something of unknown kind, what is asked of any."""
        asked = {Kind.ACCOUNT: self.material.account, Kind.WEBSITE: self.material.website}
        return any(document in asked[one] for one in ([kind] if kind else Kind))
