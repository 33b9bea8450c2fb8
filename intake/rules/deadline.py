"""Rules about time: the application came in time, or only this supplement did not."""

from datetime import datetime
from typing import NamedTuple

from intake.case import Case
from intake.rules.finding import Finding, Findings
from intake.rules.wording import moment
from parsers.identifiers import operator_key
from storage.campaign import Campaign
from storage.model import Channel, Code


class Deadline(NamedTuple):
    """The first moment that is late, the last day in words, and the clause or the leave it rests on."""

    at: datetime
    text: str
    clause: str


def deadline_of(campaign: Campaign, channel: Channel, county: str | None, organizer: str | None) -> Deadline:
    """Return the deadline of a unit: its own where the campaign names an extension for it, the latest if several."""
    names = {operator_key(organizer)} if channel is Channel.DIRECT else {county, operator_key(organizer)}
    own = [one for one in campaign.extensions if {one.unit, operator_key(one.unit)} & names]
    dates = campaign.dates
    best = max(own, key=lambda one: one.deadline, default=None)
    if best is None or best.deadline <= dates.deadline:
        return Deadline(dates.deadline, dates.deadline_text, dates.clause)
    return Deadline(best.deadline, best.deadline_text, f"{dates.clause}{best.reason}")


def late(case: Case, campaign: Campaign) -> Findings:
    """Apply to an application first received at or after its deadline; an import's clock proves nothing."""
    deadline = _deadline(case, campaign)
    if case.received_at < deadline.at:
        return
    when = moment(case.received_at, campaign)
    if case.surely:
        said = f"申报材料于{when}收到，已过申报截止日期（{deadline.text}）。"
    else:
        said = "申报材料的实际收到时间无法自动确认，将由工作人员核对后答复。"
    yield Finding(
        code=Code.LATE,
        message=said,
        clause=deadline.clause,
        fact=f"收到时间{when}" + ("" if case.surely else "（仅为导入时间）"),
        where="邮件收到时间",
        # Whose application it is decides nothing where nobody was given more time.
        rests_on=("organizer", "county_opinion") if campaign.extensions else (),
        certain=case.surely and _surely_not_extended(case, campaign) and not _mends_another(case, deadline),
    )


def late_supplement(case: Case, campaign: Campaign) -> Findings:
    deadline = _deadline(case, campaign)
    if not case.received_at < deadline.at <= case.changed_at:
        return
    when = moment(case.changed_at, campaign)
    yield Finding(
        code=Code.LATE_SUPPLEMENT,
        message=f"您的申报已按时收到；本次补充材料于{when}收到，在申报截止日期（{deadline.text}）之后，"
        "能否采用将由工作人员核定后答复。",
        clause=deadline.clause,
        fact=f"首次收到{moment(case.received_at, campaign)}，本次收到{when}",
        where="邮件收到时间",
        certain=case.surely,
    )


def _deadline(case: Case, campaign: Campaign) -> Deadline:
    return deadline_of(campaign, case.channel, case.county, case.fields.organizer)


def _mends_another(case: Case, deadline: Deadline) -> bool:
    """Say whether this may be the new version of what the unit sent in time: its account, spelt otherwise."""
    standing = case.standing
    return any(
        rival.received_at < deadline.at
        and operator_key(rival.name) == operator_key(case.fields.name)
        and operator_key(rival.submitter) == operator_key(case.submitter)
        for rival in (*standing.places, *standing.same_operator, *standing.same_account)
    )


def _surely_not_extended(case: Case, campaign: Campaign) -> bool:
    """Say whether none of the extensions still running may be this unit's, however its name is written."""
    running = [one for one in campaign.extensions if case.received_at < one.deadline]
    return not any(_may_mean(one.unit, case, campaign) for one in running)


def _may_mean(unit: str, case: Case, campaign: Campaign) -> bool:
    """Say whether `unit` may be the applicant: a county it lies in, a name that holds the other, or nothing known."""
    name, said = operator_key(unit) or "", operator_key(case.fields.organizer) or ""
    county = next((one for one in campaign.counties if unit == one.name), None)
    if not said or case.channel_conflict is not None:
        return True
    if county is not None:
        place = f"{case.fields.organizer}{case.fields.address}"
        return case.county in (None, unit) and any(stem in place for stem in (county.name, *county.aliases))
    return said in name or name in said
