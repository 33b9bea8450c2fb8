"""Rules about time: the application came in time, or only this supplement did not."""

from intake.case import Case
from intake.rules.finding import Finding, Findings
from intake.rules.wording import moment
from storage.campaign import Campaign
from storage.model import Code


def late(case: Case, campaign: Campaign) -> Findings:
    """Apply to an application first received at or after the deadline; an import's clock proves nothing."""
    if case.received_at < campaign.dates.deadline:
        return
    when = moment(case.received_at, campaign)
    if case.surely:
        said = f"申报材料于{when}收到，已过申报截止日期（{campaign.dates.deadline_text}）。"
    else:
        said = "申报材料的实际收到时间无法自动确认，将由工作人员核对后答复。"
    yield Finding(
        code=Code.LATE,
        message=said,
        clause=campaign.dates.clause,
        fact=f"收到时间{when}" + ("" if case.surely else "（仅为导入时间）"),
        where="邮件收到时间",
        certain=case.surely,
    )


def late_supplement(case: Case, campaign: Campaign) -> Findings:
    deadline = campaign.dates.deadline
    if not case.received_at < deadline <= case.changed_at:
        return
    when = moment(case.changed_at, campaign)
    yield Finding(
        code=Code.LATE_SUPPLEMENT,
        message=f"您的申报已按时收到；本次补充材料于{when}收到，在申报截止日期（{campaign.dates.deadline_text}）之后，"
        "能否采用将由工作人员核定后答复。",
        clause=campaign.dates.clause,
        fact=f"首次收到{moment(case.received_at, campaign)}，本次收到{when}",
        where="邮件收到时间",
        certain=case.surely,
    )
