"""The judging rules: what is wrong with an application, what that leads to, and how it then stands.

`RULES` is the table, one row a code, in the order in which problems are shown. A rule is a pure function
from a case and a campaign to findings; what a finding leads to is the campaign's word, except that
nothing is rejected on evidence that is not sure (contract: Problem codes).
"""

from collections.abc import Iterable
from typing import NamedTuple

from intake.case import Case, Material
from intake.rules import (
    alike,
    attachments,
    deadline,
    form,
    linked,
    qualification,
    region,
    seals,
    shape,
    standing,
    unconfirmed,
    work,
)
from intake.rules.finding import Finding, Judge, unsure
from parsers.documents import FIELDS, Facts, Form
from storage.campaign import Campaign
from storage.model import (
    Channel,
    Code,
    Document,
    DocumentType,
    Fields,
    Kind,
    Outcome,
    Platform,
    Problem,
    State,
)


class Rule(NamedTuple):
    """One row: the rule, and whether one document can show it without the mail, the store and the time."""

    judge: Judge
    alone: bool


RULES: tuple[Rule, ...] = (
    Rule(deadline.late, alone=False),
    Rule(standing.duplicate_account, alone=False),
    Rule(standing.quota_direct, alone=False),
    Rule(standing.quota_county, alone=False),
    Rule(standing.duplicate_operator, alone=False),
    Rule(alike.duplicate_suspected, alone=False),
    Rule(form.form_missing, alone=False),
    Rule(form.fields_missing, alone=True),
    Rule(shape.fields_invalid, alone=True),
    Rule(form.category_unclear, alone=True),
    Rule(form.summary_too_long, alone=True),
    Rule(form.county_review_missing, alone=False),
    Rule(seals.seal_missing, alone=True),
    Rule(work.work_missing, alone=False),
    Rule(work.work_too_long, alone=True),
    Rule(work.pictures_too_few, alone=False),
    Rule(work.video_too_long, alone=True),
    Rule(qualification.qualification_missing, alone=False),
    Rule(attachments.files_unreadable, alone=True),
    Rule(attachments.clips_unreadable, alone=True),
    Rule(form.reading_unsure, alone=True),
    Rule(qualification.qualification_unclear, alone=False),
    Rule(qualification.qualification_mismatch, alone=True),
    Rule(qualification.uscc_invalid, alone=True),
    Rule(region.out_of_region, alone=True),
    Rule(region.channel_unclear, alone=False),
    Rule(attachments.attachments_unassigned, alone=False),
    Rule(linked.attachment_linked, alone=False),
    Rule(deadline.late_supplement, alone=False),
    Rule(unconfirmed.version_unconfirmed, alone=False),
    Rule(form.account_has_icp, alone=True),
    Rule(seals.seal_unseen, alone=True),
    Rule(region.county_route_expected, alone=False),
    Rule(work.video_format, alone=True),
    Rule(work.video_resolution, alone=True),
)

# The first outcome that applies names the state; only notes, or nothing, and all is there.
STATES = {
    Outcome.REJECT: State.REJECTED,
    Outcome.CORRECT: State.CORRECTING,
    Outcome.REVIEW: State.REVIEWING,
}


def examine(case: Case, campaign: Campaign) -> tuple[Problem, ...]:
    """Return everything that is wrong with `case`, in the order in which it is shown."""
    return _problems(case, campaign, RULES)


def examine_offers(case: Case, campaign: Campaign) -> tuple[Problem, ...]:
    """Return only what is to be told of the versions that wait beside `case`, all else left unjudged."""
    return _problems(case, campaign, [Rule(unconfirmed.version_unconfirmed, alone=False)])


def examine_document(facts: Facts, file: str, campaign: Campaign) -> tuple[Problem, ...]:
    """Return the problems that one document shows by itself.

    That a form's attached page is missing is none: it comes as a file of its own.
    """
    case = _lone_case(facts, file, campaign)
    found = _problems(case, campaign, [rule for rule in RULES if rule.alone])
    if case.form is None or not case.form.attached_page:
        return found
    return tuple(one for one in found if (one.code, one.field) != (Code.FIELD_MISSING, "summary"))


def state_of(problems: Iterable[Problem]) -> State:
    """Return the state that `problems` lead to: the first of rejected, correcting, reviewing, accepted."""
    outcomes = {problem.outcome for problem in problems}
    return next((state for outcome, state in STATES.items() if outcome in outcomes), State.ACCEPTED)


def _problems(case: Case, campaign: Campaign, rules: Iterable[Rule]) -> tuple[Problem, ...]:
    return tuple(
        _problem(finding, case, campaign) for rule in rules for finding in rule.judge(case, campaign)
    )


def _problem(finding: Finding, case: Case, campaign: Campaign) -> Problem:
    return Problem(
        code=finding.code,
        outcome=_outcome(finding, case, campaign),
        message=finding.message,
        field=finding.field,
        file=finding.file,
        clause=finding.clause,
        fact=finding.fact,
        told=finding.told,
        where=finding.where,
    )


def _outcome(finding: Finding, case: Case, campaign: Campaign) -> Outcome:
    """Return what a finding leads to; a rejection that would rest on anything unsure asks a person."""
    outcome = finding.outcome or campaign.outcomes[finding.code]
    sure = finding.certain and not any(unsure(case, key) for key in finding.rests_on)
    return outcome if outcome is not Outcome.REJECT or sure else Outcome.REVIEW


def _lone_case(facts: Facts, file: str, campaign: Campaign) -> Case:
    """Return a case of this one document, received in time by nobody's channel and with no rivals."""
    read = next((part for part in facts.parts if isinstance(part, Form)), None)
    document = Document(file=file, type=DocumentType(facts.type), sha256="")
    return Case(
        kind=Kind(read.kind) if read and read.kind else None,
        platform=Platform(read.platform) if read and read.platform else None,
        channel=Channel.DIRECT,
        county=None,
        submitter=read.value("organizer") if read else None,
        fields=Fields(**{key: read.value(key) for key in FIELDS}) if read else Fields(),
        form=read,
        form_file=file if read else None,
        material=(Material(document=document, facts=facts),),
        received_at=campaign.dates.opens,
        changed_at=campaign.dates.opens,
    )
