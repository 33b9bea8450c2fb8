"""Rules about the other applications: quotas, the same account again, the same operator again."""

import re
from collections.abc import Iterable, Sequence

from intake.case import Case, Rival
from intake.identity import surely_identifies
from intake.rules.finding import Finding, Findings
from intake.rules.wording import cell, moment, place, quote
from parsers.identifiers import operator_key, person_operated
from storage.campaign import Campaign
from storage.model import Channel, Code, Kind, Platform

_COMPANY = re.compile(r"(?:有限公司|有限责任公司|股份公司)(?:[^公]{1,12}公司)?$")
_NATION = ("中国", "中华", "国家", "全国", "中央")
_BRANCH = re.compile(
    r"[省市县区]?(?:分公司|支公司|支行|分行|分局|分部|支队|办事处|营业部|营业厅|管理部|服务中心|供电公司)"
)


def quota_direct(case: Case, campaign: Campaign) -> Findings:
    if case.channel is Channel.DIRECT:
        sure = [one for one in _earlier(case.standing.places) if _surely_same(case, one, campaign)]
        yield from _over(case, campaign, Code.QUOTA_DIRECT, campaign.quota.direct, sure)


def quota_county(case: Case, campaign: Campaign) -> Findings:
    if case.channel is Channel.COUNTY and case.county:
        sure = _earlier(case.standing.places) if _cell_of_county(case) else ()
        yield from _over(case, campaign, Code.QUOTA_COUNTY, campaign.quota.county, sure)


def _over(case: Case, campaign: Campaign, code: Code, quota: int, sure: Sequence[Rival]) -> Findings:
    """Apply when the places before ours fill the quota; it takes that many `sure` ones to reject."""
    places = case.standing.places
    if case.kind not in campaign.quota.counts or len(places) < quota:
        return
    who = quote(case.submitter or case.fields.organizer)
    yield Finding(
        code=code,
        file=case.form_file,
        message=f"按通知规定，{who}可申报账号{quota}个，此前已有{len(places)}个账号申报在先，本次申报的账号超出名额。"
        "如需改报本账号，请先回复邮件说明撤回哪一个已申报的账号，或与我们电话联系。",
        clause=campaign.quota.clause,
        fact=f"{who}已有{len(places)}个账号占用名额：{listing(places, campaign)}",
        told=f"{who}已有{len(places)}个账号占用名额：{told(places, campaign)}",
        where="已登记的申报",
        # A county's cell that names no county takes the one of the organizer or the address.
        rests_on=("identifier", "organizer")
        if code is Code.QUOTA_DIRECT
        else ("identifier", "county_opinion", "organizer", "address"),
        certain=case.channel_conflict is None and len(sure) >= quota,
    )


def duplicate_account(case: Case, campaign: Campaign) -> Findings:
    rivals = case.standing.same_account
    if not rivals:
        return
    yield Finding(
        code=Code.DUPLICATE_ACCOUNT,
        file=case.form_file,
        message=f"{'网站平台' if case.kind is Kind.WEBSITE else '账号'}{quote(case.fields.name)}"
        f"（{quote(case.fields.identifier)}）此前已有申报，各账号只通过一种途径申报。"
        f"如两次申报的不是同一对象，请核对申报表{cell('identifier')}并与我们联系。",
        clause=campaign.quota.clause_once,
        fact=f"与{listing(rivals, campaign)}的域名或账号ID相同：{quote(case.fields.identifier)}",
        told=f"与{told(rivals, campaign)}的域名或账号ID相同：{quote(case.fields.identifier)}",
        where=place(case.form_file, "identifier"),
        # Read wrongly, who submits makes a rival of what is a new version.
        rests_on=("identifier", "organizer" if case.channel is Channel.DIRECT else "county_opinion"),
        certain=any(_surely_one_account(case, rival) for rival in _earlier(rivals)),
    )


def duplicate_operator(case: Case, campaign: Campaign) -> Findings:
    """Apply to a second account of one operator; sure only by credit code or by a full name."""
    rivals = case.standing.same_operator
    if case.kind is not Kind.ACCOUNT or not rivals:
        return
    yield Finding(
        code=Code.DUPLICATE_OPERATOR,
        file=case.form_file,
        message=f"主办单位{quote(case.fields.organizer)}此前已申报其他账号，"
        "同一运营主体申报账号不超过1个。如需改报本账号，请先回复邮件说明撤回已申报的账号；"
        "如两个账号并非同一主体运营，请与我们联系。",
        clause=campaign.quota.clause_once,
        fact=f"与{listing(rivals, campaign)}的运营主体相同",
        told=f"与{told(rivals, campaign)}的运营主体相同",
        where=place(case.form_file, "organizer"),
        rests_on=("identifier", "organizer"),
        certain=any(_surely_same(case, rival, campaign) for rival in _earlier(rivals)),
    )


def _surely_one_account(case: Case, rival: Rival) -> bool:
    """Say whether the same id is the same account: its platform is told, or else the names agree too."""
    reading = case.form.readings.get("identifier") if case.form else None
    written = reading.raw if reading and "identifier" not in case.settled else ""
    stated = case.kind is Kind.WEBSITE or case.platform not in (None, Platform.OTHER)
    named = operator_key(case.fields.name) == operator_key(rival.name)
    return (stated or named) and surely_identifies(
        case.kind, case.platform, written or case.fields.identifier
    )


def _cell_of_county(case: Case) -> bool:
    """Say whether the form itself shows a county's review: words of a mail alone take nobody's place."""
    seals = case.form.seals.county_opinion if case.form else None
    return bool(case.fields.county_opinion or case.fields.county_opinion_date or seals)


def surely_one_unit(name: str | None, campaign: Campaign) -> bool:
    """Say whether `name` can be only one unit's: a full name says where the unit is, `教育局` does not.

    Nor does `中国电信`, which each of its branches may write, or `亳州分公司`, which each company has.
    """
    bare = operator_key(name)
    if bare is None or person_operated(name):
        return False
    stems = [stem for county in campaign.counties for stem in (county.name, *county.aliases)]
    seats = sorted([campaign.region.name, campaign.city, *stems], key=len, reverse=True)
    rest = re.sub("|".join(map(re.escape, seats)), "", bare)
    if rest != bare:
        return len(rest) > 1 and _BRANCH.fullmatch(rest) is None
    return _COMPANY.search(bare) is not None and not bare.startswith(_NATION)


def _surely_same(case: Case, rival: Rival, campaign: Campaign) -> bool:
    if case.operator_code and rival.operator_code:
        return case.operator_code == rival.operator_code
    return surely_one_unit(case.fields.organizer, campaign)


def _earlier(rivals: Iterable[Rival]) -> Sequence[Rival]:
    return [rival for rival in rivals if not rival.later and not rival.unsure]


def listing(rivals: Iterable[Rival], campaign: Campaign) -> str:
    """Return the rivals as staff find them again; no person's name."""
    return "、".join(_named(one, f"收件编号{one.receipt}，", campaign) for one in rivals)


def told(rivals: Iterable[Rival], campaign: Campaign) -> str:
    """Return the rivals as their applicant's peers may know them: who applied, when, and nothing to ask after."""
    return "、".join(_named(one, "", campaign) for one in rivals)


def _named(rival: Rival, receipt: str, campaign: Campaign) -> str:
    by = "" if not rival.submitter or person_operated(rival.submitter) else f"{quote(rival.submitter)}申报，"
    name = quote(rival.name) if rival.name else "一项申报"
    return f"{name}（{by}{receipt}{moment(rival.received_at, campaign)}收到）"
