"""Rules about where an applicant is: inside the city, and in a county that submits for it."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from intake.case import Case
from intake.rules.finding import SURE, Finding, Findings, parts, unsure
from intake.rules.wording import cell, clean, place, quote
from parsers.documents import Qualification
from parsers.identifiers import operator_key, person_operated
from storage.campaign import Campaign
from storage.model import Channel, Code, Kind

# Short name of each province-level division, and after it the sign that its 备案号 begin with.
_TABLE = """
北京京 天津津 上海沪 重庆渝 河北冀 河南豫 云南云 辽宁辽 黑龙江黑 湖南湘 安徽皖 山东鲁 新疆新 江苏苏 浙江浙 江西赣 湖北鄂
广西桂 甘肃甘 山西晋 内蒙古蒙 陕西陕 吉林吉 福建闽 贵州贵 广东粤 青海青 西藏藏 四川川 宁夏宁 海南琼 香港港 澳门澳 台湾台
"""
PROVINCES = {pair[:-1]: pair[-1] for pair in _TABLE.split()}
_SIGN = re.compile(rf"[{''.join(PROVINCES.values())}](?=ICP|公网安备|[AB]\d)", re.IGNORECASE)
# `北京路` and `上海花园` are anywhere; `北京海淀` is not.
_LOCAL = r"大?[路街道巷]|花园|家园|公寓|公馆|商城|广场|新村|小区"
_PROVINCE = re.compile(
    rf"(?P<name>{'|'.join(PROVINCES)})"
    rf"(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区|(?![东西南北中]{{0,2}}(?:{_LOCAL})))"
)
# The city or county an address begins with; 市场, 超市, 城市广场, 县政府 and 本县 are none.
_SEAT = re.compile(
    rf"[一-鿿]{{1,3}}(?<![超夜])市(?!场|政(?!务(?:文化)?新?区)|民|委|{_LOCAL})|(?![我本该全各])[一-鿿]{{1,4}}县(?!政|委|城(?!关)|医|一|{_LOCAL})"
)
_COMPANY = re.compile(r"公司|工作室|商行|商店|超市|合作社|[店厂]$")
_NATIONAL = "100000"


class Spot(NamedTuple):
    """One hint that the applicant is elsewhere: what it says, and where it stands."""

    said: str
    where: str
    sure: bool = True


def out_of_region(case: Case, campaign: Campaign) -> Findings:
    """Ask a person when address, 备案号 or 信用代码 point outside the city; one finding for all hints."""
    hints = [*_address(case, campaign), *_icp(case, campaign), *_certificates(case, campaign)]
    if hints:
        yield Finding(
            code=Code.OUT_OF_REGION,
            message=f"{'；'.join(hint.said for hint in hints)}。通知的推选范围为注册地在{campaign.region.name}行政区域内，"
            f"将由工作人员核对；如注册地确在{campaign.region.name}，可回复本邮件说明。",
            clause=campaign.region.clause,
            fact="；".join(hint.said for hint in hints),
            where="；".join(dict.fromkeys(hint.where for hint in hints)),
            certain=all(hint.sure for hint in hints),
        )


def county_route_expected(case: Case, campaign: Campaign) -> Findings:
    """Note that a county's or a town's unit applies through its county."""
    organizer = case.fields.organizer
    if case.channel is not Channel.DIRECT or not organizer or not below_city(organizer, campaign):
        return
    yield Finding(
        code=Code.COUNTY_ROUTE_EXPECTED,
        message=f"从名称看，{quote(organizer)}属县区或乡镇单位，一般经所在县区委网信办申报；"
        "如已由县区委网信办推荐，请告知我们，以免重复。",
        clause=campaign.quota.clause,
        fact=f"主办单位{quote(organizer)}，来件为直接申报",
        where=place(case.form_file, "organizer"),
        rests_on=("organizer",),
    )


def channel_unclear(case: Case, campaign: Campaign) -> Findings:
    if case.channel_conflict is not None:
        yield Finding(
            code=Code.CHANNEL_UNCLEAR,
            message="材料是直接申报还是经县区报送，前后不一致，将由工作人员核对；您也可回复本邮件说明申报途径。",
            clause=campaign.quota.clause,
            fact=clean(case.channel_conflict),
            certain=False,
            where=place(case.form_file, "county_opinion"),
        )


def outside(address: str, campaign: Campaign) -> bool:
    """Say whether `address` begins with another province, city or county than the campaign's own."""
    rest = re.sub(r"\s+", "", address).removeprefix("中国").removeprefix("中华人民共和国")
    home = campaign.region.province.removesuffix("省")
    if province := _PROVINCE.match(rest):
        if province["name"] != home:
            return True
        rest = rest[province.end() :]
    if rest.startswith(_homes(campaign)):
        return False
    return _SEAT.match(rest) is not None


def below_city(organizer: str, campaign: Campaign) -> bool:
    """Say whether `organizer` is a unit of a county or of a town; companies and persons are nobody's unit."""
    name = operator_key(organizer) or ""
    if person_operated(organizer) or _COMPANY.search(name):
        return False
    return bool(_unit_below(campaign).match(name))


def _homes(campaign: Campaign) -> tuple[str, ...]:
    return (campaign.city, *(stem for county in campaign.counties for stem in (county.name, *county.aliases)))


def _unit_below(campaign: Campaign) -> re.Pattern[str]:
    return _below(campaign.city, _homes(campaign)[1:])


@cache
def _below(city: str, stems: tuple[str, ...]) -> re.Pattern[str]:
    counties = "|".join(map(re.escape, sorted(stems, key=len, reverse=True)))
    towns = r"[一-鿿]{2,4}?(?:(?<!城)[镇乡](?![化村企建规统])|[镇乡](?=人民政府|党委|党政|政府|中心)|街道(?=办|党|工|社区|$))"
    return re.compile(rf"(?:中共)?+(?:安徽省?)?+(?:{re.escape(city)}市?)?+(?:{counties}|{towns})")


def _address(case: Case, campaign: Campaign) -> Iterator[Spot]:
    address = case.fields.address
    if address and not unsure(case, "address") and outside(address, campaign):
        yield Spot(f"申报表{cell('address')}为{quote(address)}", place(case.form_file, "address"))


def _icp(case: Case, campaign: Campaign) -> Iterator[Spot]:
    number = case.fields.icp_number
    if not number or case.kind is not Kind.WEBSITE or unsure(case, "icp_number"):
        return
    sign = _SIGN.search(number)
    if sign and sign.group() != campaign.region.icp_prefix:
        yield Spot(f"申报表{cell('icp_number')}为{quote(number)}", place(case.form_file, "icp_number"))


def _certificates(case: Case, campaign: Campaign) -> Iterator[Spot]:
    for file, part in parts(case, Qualification):
        if file in case.unassigned:
            continue
        sure = part.confidence >= SURE
        if part.uscc and part.uscc_valid and _registered_elsewhere(part.uscc, campaign):
            yield Spot(f"资质证明{quote(file)}上的统一社会信用代码为{quote(part.uscc)}", quote(file), sure)
        if part.address and sure and outside(part.address, campaign):
            yield Spot(f"资质证明{quote(file)}上的住所为{quote(part.address)}", quote(file), sure)


def _registered_elsewhere(code: str, campaign: Campaign) -> bool:
    """Say whether digits 3 to 8, the registering authority's division, name another city.

    Province and nation register units that sit in the city (省驻亳、中央驻亳单位): they point nowhere.
    """
    division, own = code[2:8], campaign.region.uscc_division
    return not division.startswith((own, f"{own[:2]}0000", _NATIONAL))
