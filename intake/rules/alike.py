"""The rule about what is much alike and not surely the same: a person compares, nobody is rejected."""

from collections.abc import Mapping

from intake.case import Case
from intake.rules.finding import Finding, Findings
from intake.rules.standing import listing
from intake.rules.wording import place, quote
from storage.campaign import Campaign
from storage.model import Code

# What is alike, and the cell it stands in.
ALIKE: Mapping[str, tuple[str, str]] = {
    "name": ("名称相同或只有写法不同", "name"),
    "operator": ("主办单位的名称相近，可能是同一单位", "organizer"),
    "platformless": ("账号ID相同，但没有都写明在哪个平台", "identifier"),
    "host": ("域名相同，只有 www、m 等前缀不同", "identifier"),
    "identifier": ("名称相近，域名或账号ID只差一个字符", "identifier"),
}


def duplicate_suspected(case: Case, campaign: Campaign) -> Findings:
    for rival in case.standing.alike:
        said, key = ALIKE[rival.alike]
        yield Finding(
            code=Code.DUPLICATE_SUSPECTED,
            file=case.form_file,
            message=f"{quote(case.fields.name)}与此前收到的另一项申报{said}，是否为同一对象将由工作人员核对；"
            "如确非同一对象，您也可回复本邮件说明。",
            clause=campaign.quota.clause_once,
            fact=f"与{listing([rival], campaign)}{said}",
            where=place(case.form_file, key),
        )
