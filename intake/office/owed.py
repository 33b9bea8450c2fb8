"""The 催报表: who has sent nothing, and what each applicant still owes, with whom to call."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from intake import labels
from intake.office import register
from intake.office.export import dated, heading, in_order, numbered
from intake.office.workbook import Column, Sheet, Value, workbook
from storage import messages, tallies
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Application, Channel, Kind, Outcome, State

OWING = frozenset({State.CORRECTING, State.REVIEWING})
PAPERLESS = frozenset({State.ACCEPTED, State.SHORTLISTED, State.AWARDED, State.RECOMMENDED})
UNITS = (
    Column(head="序号", width=6, look="number"),
    Column(head="单位", width=34),
    Column(head="账号名额", width=10, look="number"),
    Column(head="已占名额", width=10, look="number"),
    Column(head="剩余名额", width=10, look="number"),
    Column(head="情况", width=26),
    Column(head="最近联系人", width=14, look="centre", group="联系方式"),
    Column(head="电话", width=16, look="centre", group="联系方式"),
    Column(head="手机", width=14, look="centre", group="联系方式"),
    Column(head="邮箱", width=26, group="联系方式"),
)
_WHO = (
    Column(head="序号", width=5, look="number"),
    Column(head=register.RECEIPT, width=12.5, look="centre"),
    Column(head="网站平台或账号名称", width=16),
    Column(head="主办单位", width=20),
    Column(head="县区", width=8, look="centre"),
)
_CONTACT = (
    Column(head="负责人", width=9, look="centre", group="联系方式"),
    Column(head="电话", width=14, look="centre", group="联系方式"),
    Column(head="手机", width=13, look="centre", group="联系方式"),
    Column(head="邮箱", width=19, group="联系方式"),
)
MATERIAL = (
    *_WHO,
    Column(head="还缺什么", width=26),
    Column(head="怎样补正", width=48),
    Column(head="最近来信", width=12, look="moment"),
    *_CONTACT,
)
PAPER = (
    *_WHO,
    Column(head="状态", width=20, look="centre"),
    Column(head="最近来信", width=12, look="moment"),
    *_CONTACT,
)


def owed(store: Store, campaign: Campaign, *, now: datetime) -> bytes:
    """Return the 催报表 as the bytes of an xlsx, dated by the newest change."""
    everyone = in_order(store)
    sheets = (
        Sheet(name="未报单位", columns=UNITS, rows=numbered(_units(store, campaign, everyone))),
        Sheet(name="待补材料", columns=MATERIAL, rows=numbered(_material(everyone, campaign))),
        Sheet(name="待交纸质件", columns=PAPER, rows=numbered(_paper(everyone, campaign))),
    )
    return workbook(sheets, heading(campaign, "催报表", dated(store, everyone, campaign, now)))


def _units(store: Store, campaign: Campaign, everyone: Sequence[Application]) -> Iterator[tuple[Value, ...]]:
    """Yield each county with places left, then each known sender from whom nothing has come."""
    used = {line.county: line.used for line in tallies.quota(store.db) if line.channel is Channel.COUNTY}
    allowed = campaign.quota.county
    for county in campaign.counties:
        theirs = [one for one in everyone if one.channel is Channel.COUNTY and one.county == county.name]
        left = allowed - used.get(county.name, 0)
        if left > 0:
            yield county.office, allowed, allowed - left, left, _sent(theirs), *_newest_contact(theirs)
    wrote = messages.senders(store.db)
    for address, unit in sorted(campaign.senders.items(), key=lambda item: (item[1], item[0])):
        if address.lower() not in wrote and unit not in {one.office for one in campaign.counties}:
            yield unit, None, None, None, "没有来过信", None, None, None, address


def _sent(theirs: Sequence[Application]) -> str:
    if not theirs:
        return "一件都没有报"
    sites = sum(one.kind is Kind.WEBSITE for one in theirs)
    return f"已报{len(theirs)}件" + (f"（其中网站平台{sites}件，不占名额）" if sites else "") + "，还有空余"


def _newest_contact(theirs: Iterable[Application]) -> tuple[Value, ...]:
    newest = max(theirs, key=lambda one: one.changed_at, default=None)
    return contact(newest) if newest else (None,) * len(_CONTACT)


def contact(one: Application) -> tuple[Value, ...]:
    fields = one.fields
    return fields.contact, fields.phone, fields.mobile, fields.email or next(iter(one.addresses), None)


def _material(everyone: Iterable[Application], campaign: Campaign) -> Iterator[tuple[Value, ...]]:
    """Yield who must still mend something; what only staff have to decide is not theirs to send."""
    for one in everyone:
        owing = [each for each in one.problems if each.outcome is Outcome.CORRECT]
        if one.state in OWING and owing:
            what = "；".join(dict.fromkeys(register.short(each) for each in owing))
            how = "\n".join(f"{number}. {each.message}" for number, each in enumerate(owing, 1))
            yield *_who(one), what, how, _came(one, campaign), *contact(one)


def _paper(everyone: Iterable[Application], campaign: Campaign) -> Iterator[tuple[Value, ...]]:
    for one in everyone:
        if one.state in PAPERLESS and one.paper_received is None:
            yield *_who(one), labels.STATES[one.state], _came(one, campaign), *contact(one)


def _who(one: Application) -> tuple[Value, ...]:
    unit = one.fields.organizer or one.submitter
    return one.receipt, one.fields.name, unit, one.county if one.channel is Channel.COUNTY else "市直"


def _came(one: Application, campaign: Campaign) -> datetime:
    return one.changed_at.astimezone(ZoneInfo(campaign.timezone)).replace(tzinfo=None)
