"""Playing a scenario: its mails are built and taken by a real office; what became of each is told."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from functools import cache

import msgspec

from intake import pipeline
from intake.handling import Taken
from intake.labels import CATEGORIES
from intake.readers import Reader
from parsers.containers.archive import Opened
from parsers.documents import Facts
from storage.model import Clock, Code, Outcome
from tests.build import facts, mails
from tests.build.facts import Applicant
from tests.scenarios.scenario import LETTERS, PLATFORM_KEYS, RESULTS, SHORT_STATES, Mail, Scenario
from tests.scenarios.vocabulary import CELLS, NATURES, file_of
from tests.story.office import CHINA, Office


class Remembering:
    """A reader that reads the same bytes once, for all stores; `inner` does the reading."""

    def __init__(self, inner: Reader) -> None:
        self.inner = inner
        self.read = cache(self._read)
        self.unpack = cache(self._unpack)

    def _read(self, data: bytes, name: str) -> Future[Facts]:
        return self.inner.read(data, name)

    def _unpack(self, data: bytes, name: str) -> Future[Opened]:
        return self.inner.unpack(data, name)


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one mail, in the words of the scenario files, and what was expected."""

    found: Mapping[str, object]
    expected: Mapping[str, object]


def play(office: Office, scenario: Scenario) -> list[Played]:
    """Take the mails of `scenario` one after another."""
    office.line = msgspec.structs.replace(
        office.line, campaign=msgspec.structs.replace(office.line.campaign, senders=scenario.senders)
    )
    letters: list[Taken] = []
    played = []
    for mail in scenario.mails:
        taken = _taken(office, mail, letters)
        letters.append(taken)
        played.append(_compared(taken, mail, scenario.code))
    return played


def applicant_of(mail: Mail, number: int) -> Applicant:
    """Return who applies in `mail`: invented unit `number`, with the cells that are written otherwise."""
    changes = {CELLS[cell]: text or None for cell, text in mail.cells.items()}
    if category := changes.get("category"):
        keys = {said: key for key, said in CATEGORIES.items()}
        changes["category"] = "+".join(keys[said] for said in category.split("+"))
    return facts.applicant(
        number,
        unit=NATURES[mail.nature],
        kind="website" if mail.website else "account",
        platform=PLATFORM_KEYS[mail.platform],
        labelled=PLATFORM_KEYS[mail.platform] is not None,
        county=mail.county,
        summary_words=mail.words,
        **changes,
    )


def _taken(office: Office, mail: Mail, letters: Sequence[Taken]) -> Taken:
    at = mail.at.replace(tzinfo=CHINA) if mail.at else None
    office.clock = max(office.clock, at or office.clock)
    who = applicant_of(mail, mail.unit)
    files = [file_of(one, who if one.unit is None else applicant_of(mail, one.unit)) for one in mail.items]
    answered = letters[mail.answers - 1].letter if mail.answers else None
    posted = mails.mail(
        who,
        attachments=files,
        subject=_subject(mail, who, answered.subject if answered else None),
        text=mail.text,
        at=at or office.clock,
        sender=mail.sender,
        reply_to=answered.message_id if answered else "",
    )
    clock = Clock.IMPORT if mail.imported else Clock.INTERNALDATE
    taken = pipeline.take(office.line, office.keep(posted.raw, at, clock))
    assert taken is not None
    return taken


def _subject(mail: Mail, who: Applicant, answered: str | None) -> str | None:
    if mail.subject is None and answered is not None:
        return f"回复：{answered}"
    return mail.subject


def _compared(taken: Taken, mail: Mail, about: Code) -> Played:
    """Return what is looked at: what the mail says it expects, and always the problems.

    Problems that only note something count where the scenario is about them.
    """
    found: dict[str, object] = {"期望问题": sorted(_problems(taken, mail.problems, about))}
    expected: dict[str, object] = {"期望问题": sorted(mail.problems)}
    looked: tuple[tuple[str, object, object], ...] = (
        ("期望结果", taken.outcome, mail.result and RESULTS[mail.result]),
        (
            "期望状态",
            [one.state for one in taken.applications],
            None if mail.states is None else [SHORT_STATES[said] for said in mail.states],
        ),
        ("期望编号", [one.receipt for one in taken.applications], mail.receipts and list(mail.receipts)),
    )
    for key, real, wanted in looked:
        if wanted is not None:
            found[key], expected[key] = real, wanted
    if mail.letter is not None:
        found["期望回信"], expected["期望回信"] = taken.letter and taken.letter.kind, LETTERS[mail.letter]
    return Played(found=found, expected=expected)


def _problems(taken: Taken, wanted: Sequence[str], about: Code) -> set[str]:
    """Return the codes of all applications of the mail, with the field where the scenario names one."""
    found = set()
    for application in taken.applications:
        for problem in application.problems:
            if problem.outcome is not Outcome.NOTE or problem.code is about:
                full = f"{problem.code}:{problem.field}"
                found.add(full if full in wanted else str(problem.code))
    return found


def certain_rejections(office: Office) -> list[str]:
    """Return what a rejection fails to name: the fact, the clause, or a reading that was sure."""
    return [
        f"{one.receipt} {problem.code}"
        for one in office.all()
        for problem in one.problems
        if problem.outcome is Outcome.REJECT and not (problem.fact and problem.clause and problem.message)
    ]
