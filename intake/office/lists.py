"""The office's lists of the later stages: whom each holds, as a Word file to be shown or as a table to work with."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from intake import labels
from intake.office import publicity
from intake.office.scores import shown
from intake.office.staging import of_campaign, standing
from intake.office.workbook import Column, Paper, Sheet, Value, workbook
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Application, Kind, Noun, State
from storage.scores import Round


class Listing(Noun, frozen=True, kw_only=True):
    """A list: its title, the states it holds, and whether its table names contacts, for the province."""

    title: str
    states: tuple[State, ...]
    contacts: bool = False


LISTINGS: Mapping[str, Listing] = {
    "showcase": Listing(title="展播名单", states=(State.SHORTLISTED, State.AWARDED, State.RECOMMENDED)),
    "publicity": Listing(title="拟获评名单", states=(State.AWARDED, State.RECOMMENDED)),
    "awarded": Listing(title="获评名单", states=(State.AWARDED, State.RECOMMENDED)),
    "recommended": Listing(title="推荐省级名单", states=(State.RECOMMENDED,), contacts=True),
}
TABLE = (
    Column(head="序号", width=5, look="number"),
    Column(head="收件编号", width=13, look="centre"),
    Column(head="类别", width=11, look="centre"),
    Column(head="名称", width=22),
    Column(head="域名或账号ID", width=20),
    Column(head="主办单位", width=26),
    Column(head="申报途径", width=10, look="centre"),
    Column(head="状态", width=10, look="centre"),
    Column(head="初评得分", width=9, look="centre"),
    Column(head="专家评议得分", width=13, look="centre"),
)
CONTACTS = (
    Column(head="联系人", width=10, look="centre"),
    Column(head="电话", width=14, look="centre"),
    Column(head="手机", width=13, look="centre"),
    Column(head="邮箱", width=20),
)
RANKING = (
    Column(head="名次", width=8, look="centre"),
    Column(head="收件编号", width=13, look="centre"),
    Column(head="名称", width=22),
    Column(head="主办单位", width=26),
    Column(head="状态", width=10, look="centre"),
    Column(head="得分", width=9, look="centre"),
)


def held(store: Store, campaign: Campaign, name: str) -> list[Application]:
    """Return whom the list of this name holds, in order of receipt."""
    return of_campaign(store, campaign, *LISTINGS[name].states)


def as_document(store: Store, campaign: Campaign, name: str, *, now: datetime) -> bytes:
    """Return the list as a docx in official format, personal data masked."""
    them = held(store, campaign, name)
    if name == "publicity":
        return publicity.notice(them, campaign, now=now)
    return publicity.document(LISTINGS[name].title, (), them, campaign, now=now)


def as_table(store: Store, campaign: Campaign, name: str, *, now: datetime) -> bytes:
    """Return the list as an xlsx for the office's own use, with scores and, for the province, contacts."""
    listing = LISTINGS[name]
    totals = {round_: _totals(store, campaign, round_) for round_ in Round}
    sheets = [
        Sheet(
            name=labels.KINDS[kind],
            columns=(*TABLE, *(CONTACTS if listing.contacts else ())),
            rows=tuple(
                (number, *_about(one, totals), *(_contacts(one) if listing.contacts else ()))
                for number, one in enumerate((each for each in them if each.kind is kind), 1)
            ),
        )
        for them in [held(store, campaign, name)]
        for kind in (Kind.WEBSITE, Kind.ACCOUNT)
    ]
    return workbook(sheets, _paper(campaign, listing.title, now))


def ranking(store: Store, campaign: Campaign, round_: Round, title: str, *, now: datetime) -> bytes:
    """Return the ranking of a round as an xlsx: a sheet for each kind, and who still owes scores."""
    heads = (*RANKING, *(Column(head=one.name, width=10, look="centre") for one in campaign.criteria))
    columns = (*heads, Column(head="评分人数", width=8, look="number"), Column(head="回避", width=16))
    sheets = [
        Sheet(
            name=labels.KINDS[kind],
            columns=columns,
            rows=tuple(
                (
                    f"{rank.place}{'（并列）' if rank.tied else ''}" if rank.place else "未评",
                    rank.application.receipt,
                    rank.application.fields.name,
                    rank.application.fields.organizer,
                    labels.STATES[rank.application.state],
                    shown(rank.total),
                    *(shown(rank.means.get(one.name)) for one in campaign.criteria),
                    rank.count,
                    "、".join(rank.aside),
                )
                for rank in standing(store, campaign, round_, kind)[0]
            ),
        )
        for kind in (Kind.WEBSITE, Kind.ACCOUNT)
    ]
    return workbook(sheets, _paper(campaign, title, now))


def _totals(store: Store, campaign: Campaign, round_: Round) -> Mapping[str, str]:
    return {rank.application.receipt: shown(rank.total) for rank in standing(store, campaign, round_)[0]}


def _about(one: Application, totals: Mapping[Round, Mapping[str, str]]) -> tuple[Value, ...]:
    return (
        one.receipt,
        labels.kind_of(one),
        one.fields.name,
        one.fields.identifier,
        one.fields.organizer,
        one.county or labels.CHANNELS[one.channel],
        labels.STATES[one.state],
        *(totals[round_].get(one.receipt, "") for round_ in Round),
    )


def _contacts(one: Application) -> Sequence[Value]:
    return one.fields.contact, one.fields.phone, one.fields.mobile, one.fields.email


def _paper(campaign: Campaign, title: str, now: datetime) -> Paper:
    here = now.astimezone(ZoneInfo(campaign.timezone)).replace(second=0, microsecond=0)
    return Paper(title=f"{campaign.title}{title}", unit=campaign.office.name, as_of=here)
