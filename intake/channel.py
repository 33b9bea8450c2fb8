"""Which way an application came: through a county's office or directly, and on what evidence."""

import re

from intake.mail.envelope import Mail
from parsers.documents import Form
from storage.campaign import Campaign, County
from storage.model import Channel, Noun

_OFFICE = r"网信办|(?:网络安全和信息化|网信)(?:工作)?(?:委员会|领导小组)办公室|互联网信息办公室"
_SEALS = re.compile(r"网信办|网络安全和信息化|互联网信息|文明|宣传部")
_PREFIX = r"(?:中共|亳州市|安徽省)*$"
_WITHOUT = re.compile(rf"(?:不|未|没有?)(?:再|曾)?(?:经过?|通过){_PREFIX}")
_ASIDE = re.compile(
    rf"(?:抄[送报][:：]?|主送[:：]?|报送?|送|转|与|向|和|同|及|联系|咨询|致|给|呈|征得|请|问|感谢|、){_PREFIX}"
)
_ACTS = re.compile(
    r"[)）]?(?:现|统一|组织|负责|集中)?(?:报送|报|推荐|推选|推报|上报|申报|审核|初审|审定|同意)"
)


class Route(Noun, frozen=True, kw_only=True):
    """The channel with its county, the `evidence` it rests on, and a `conflict` when two contradict.

    `told` is false where nothing says so and it is direct for want of evidence.
    """

    channel: Channel
    county: str | None = None
    evidence: str = ""
    conflict: str | None = None
    unit: str | None = None
    told: bool = True


def route(form: Form | None, mail: Mail | None, campaign: Campaign) -> Route:
    """Judge the channel by the contract's evidence: known sender, county cell, its seals, then the mail's words."""
    found = [
        one
        for one in (
            _known_sender(mail, campaign),
            _county_cell(form, campaign),
            _stamped(form, campaign),
            _words(mail, campaign),
        )
        if one
    ]
    if not found:
        return Route(channel=Channel.DIRECT, evidence="没有县区报送的依据", told=False)
    best = found[0]
    rival = next((other for other in found[1:] if _contradict(best, other)), None)
    if rival is None or best.conflict:
        return best
    return Route(
        channel=best.channel,
        county=best.county,
        unit=best.unit,
        evidence=best.evidence,
        conflict=f"{best.evidence}；但{rival.evidence}",
    )


def submitter_of(route: Route, organizer: str | None, campaign: Campaign) -> str | None:
    """Return who submits: the county's office, or the organizer itself, also while no county is known."""
    if route.channel is Channel.DIRECT:
        return organizer
    county = next((county for county in campaign.counties if county.name == route.county), None)
    return county.office if county else organizer


def _contradict(one: Route, other: Route) -> bool:
    return (one.channel, one.county) != (other.channel, other.county)


def _known_sender(mail: Mail | None, campaign: Campaign) -> Route | None:
    if mail is None or mail.sender is None:
        return None
    unit = campaign.senders.get(mail.sender.lower())
    if unit is None:
        return None
    evidence = f"发件邮箱登记在“{unit}”名下"
    for county in campaign.counties:
        if unit in (county.name, county.office, *county.aliases):
            return Route(channel=Channel.COUNTY, county=county.name, evidence=evidence)
    return Route(channel=Channel.DIRECT, unit=unit, evidence=evidence)


def _county_cell(form: Form | None, campaign: Campaign) -> Route | None:
    if form is None:
        return None
    stamped = _stamped(form, campaign)
    opinion = form.value("county_opinion")
    if not opinion:
        return stamped
    named = _named(opinion, campaign)
    if named is not None:
        return Route(
            channel=Channel.COUNTY, county=named.name, evidence=f"申报表县区审核意见栏写明{named.name}"
        )
    if stamped is not None:
        return stamped
    places = (form.value("organizer"), form.value("address"))
    seat = next((named for place in places if (named := _named(place or "", campaign))), None)
    if seat is not None:
        return Route(
            channel=Channel.COUNTY,
            county=seat.name,
            evidence=f"申报表县区审核意见栏已填写，主办单位或地址在{seat.name}",
        )
    return Route(
        channel=Channel.COUNTY,
        evidence="申报表县区审核意见栏已填写",
        conflict="申报表县区审核意见栏已填写，但看不出是哪个县区",
    )


def _stamped(form: Form | None, campaign: Campaign) -> Route | None:
    """Return the county whose office the seals in the county cell name, in conflict where they name several."""
    stamps = form.seals.stamps if form is not None else ()
    bearers = (stamp.matched or "" for stamp in stamps if stamp.cell == "county_opinion")
    named = [_named(name, campaign) for name in bearers if _SEALS.search(name)]
    counties = sorted({county.name for county in named if county is not None})
    if not counties:
        return None
    evidence = f"申报表县区审核意见栏盖有{'、'.join(counties)}有关部门的印章"
    if len(counties) > 1:
        return Route(channel=Channel.COUNTY, evidence=evidence, conflict=f"{evidence}，分属不同县区")
    return Route(channel=Channel.COUNTY, county=counties[0], evidence=evidence)


def _words(mail: Mail | None, campaign: Campaign) -> Route | None:
    """Return the county whose office the subject, the sender's name or the words name as the submitter.

    Where they name those of several counties, nobody knows which.
    """
    if mail is None:
        return None
    lines = [re.sub(r"\s+", "", line) for line in (mail.subject, mail.sender_name, *mail.text.splitlines())]
    named = [county for county in campaign.counties if _submitting(county, lines)]
    if not named:
        return None
    evidence = f"邮件中写明由{'、'.join(county.office for county in named)}报送"
    if len(named) > 1:
        return Route(channel=Channel.COUNTY, evidence=evidence, conflict=f"{evidence}，不是同一个县区")
    return Route(channel=Channel.COUNTY, county=named[0].name, evidence=evidence)


def _submitting(county: County, lines: list[str]) -> bool:
    stems = "|".join(re.escape(stem) for stem in (county.name, *county.aliases))
    office = re.compile(rf"(?:{stems})[县区]?委?(?:宣传部)?[（(]?(?:{_OFFICE})")
    return any(_submits(line, found) for line in lines for found in office.finditer(line))


def _submits(line: str, office: re.Match[str]) -> bool:
    """Say whether an office is named as who submits, not as who gets a copy or was talked with."""
    before, after = line[: office.start()], line[office.end() :]
    if _WITHOUT.search(before):
        return False
    return not _ASIDE.search(before) or _ACTS.match(after) is not None


def _named(text: str, campaign: Campaign) -> County | None:
    """Return the one county that `text` names; None when it names none or several."""
    named = [
        county for county in campaign.counties if any(stem in text for stem in (county.name, *county.aliases))
    ]
    return named[0] if len(named) == 1 else None
