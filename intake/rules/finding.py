"""What a rule says when it applies, and the questions that many rules ask of a case."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from intake.case import Case
from parsers.documents import FREE_TEXTS, Unreadable
from storage.campaign import Campaign
from storage.model import Code, Noun, Outcome

# Below this a recognised cell is asked about; measured by `make measure ARGS="forms"`, figures in docs/decisions.md.
SURE = 0.95
# A long text has one blurred line sooner or later, and no rule rests on its single characters.
SURE_TEXT = 0.5

P = TypeVar("P")


class Finding(Noun, frozen=True, kw_only=True):
    """A rule that applies: what to tell, and how much it may decide.

    `rests_on` names the fields whose reading must be sure before it may reject; `certain` is false when
    it may not reject anyway; `outcome` stands over the campaign's where the contract says so.
    """

    code: Code
    message: str
    field: str | None = None
    file: str | None = None
    clause: str = ""
    fact: str = ""
    told: str = ""
    where: str = ""
    rests_on: tuple[str, ...] = ()
    certain: bool = True
    outcome: Outcome | None = None


Findings = Iterator[Finding]
Judge = Callable[[Case, Campaign], Findings]


def unsure(case: Case, key: str) -> bool:
    """Say whether `key` was read with too little confidence and staff have not settled it."""
    if case.form is None or key in case.settled:
        return False
    reading = case.form.readings.get(key)
    return reading is not None and reading.confidence < (SURE_TEXT if key in FREE_TEXTS else SURE)


def parts(case: Case, kind: type[P]) -> Iterator[tuple[str, P]]:
    """Yield the parts of one kind with the file each stands in, in the material's order."""
    for one in case.material:
        for part in one.facts.parts:
            if isinstance(part, kind):
                yield one.document.file, part


def unread(case: Case) -> tuple[str, ...]:
    """Return the files that could not be read: what seems to be missing may be in one of them."""
    return tuple(dict.fromkeys(file for file, _ in parts(case, Unreadable)))
