"""The rule about new versions from addresses that the application does not know: staff confirm them first."""

from intake.case import Case
from intake.rules.finding import Finding, Findings
from intake.rules.wording import clean, moment
from storage.campaign import Campaign
from storage.model import Code


def version_unconfirmed(case: Case, campaign: Campaign) -> Findings:
    for one in case.unconfirmed:
        when = moment(one.received_at, campaign)
        yield Finding(
            code=Code.VERSION_UNCONFIRMED,
            message=f"我们于{when}另收到从其他邮箱发来的本申报的新材料，已单独留存，待工作人员核实；"
            "核实之前，您的申报仍以原有材料为准。",
            clause=campaign.quota.clause_once,
            fact=f"{when}收到{clean(one.sender or '发件人不明')}发来的同一申报的新材料，该邮箱不是本申报用过的邮箱",
            where=f"第{one.message}号来信",
        )
