"""The 申报汇总表: what staff hand to their leaders, a workbook of plain values.

Nothing an applicant wrote can become a formula, and the same data gives the same bytes.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from intake import labels
from intake.office import register
from intake.office.workbook import Column, Paper, Sheet, Value, sheet_name, workbook
from storage import applications, tallies
from storage.campaign import Campaign
from storage.columns import moment
from storage.database import Store
from storage.model import Application, Channel, Kind, Problem, State
from storage.rows import snapshot
from storage.tallies import QuotaLine

PROBLEM = (
    Column(head="序号", width=5.5, look="number"),
    Column(head="收件编号", width=12.5, look="centre"),
    Column(head="网站平台或账号名称", width=18),
    Column(head="主办单位", width=20),
    Column(head="状态", width=11, look="centre"),
    Column(head="性质", width=9, look="centre"),
    Column(head="问题", width=14, look="centre"),
    Column(head="栏目或文件", width=18),
    Column(head="说明", width=46),
    Column(head="依据", width=38),
)
COUNTS = (State.CORRECTING, State.REVIEWING, State.REJECTED, State.WITHDRAWN)  # the others: complete
DIRECT = "市直"
COUNTIES = (
    Column(head="序号", width=6, look="number"),
    Column(head="县区", width=14, look="centre"),
    Column(head="申报件数", width=11, look="number"),
    *(Column(head=name, width=11, look="number", group="其中") for name in ("账号", "网站平台")),
    *(Column(head=labels.STATES[state], width=11, look="number", group="按状态") for state in COUNTS),
    Column(head="电子材料齐全", width=13, look="number", group="按状态"),
    Column(head="纸质件已收到", width=13, look="number"),
)
QUOTA = (
    Column(head="序号", width=6, look="number"),
    Column(head="申报途径", width=10, look="centre"),
    Column(head="县区", width=12, look="centre"),
    Column(head="申报单位", width=40),
    Column(head="账号名额", width=10, look="number"),
    Column(head="已占名额", width=10, look="number"),
    Column(head="剩余名额", width=10, look="number"),
    Column(head="其中未定", width=12, look="number"),
)


class _Told(NamedTuple):
    """What the counts of the counties tell apart."""

    state: State
    kind: Kind | None
    paper: bool


class _Summary(NamedTuple):
    """What is seen of everyone at first: how many of what through which county, and the moment of the newest change."""

    groups: dict[tuple[Channel, str | None], Counter[_Told]]
    as_of: datetime

    @property
    def whole(self) -> Counter[_Told]:
        return sum(self.groups.values(), Counter[_Told]())


def export(store: Store, campaign: Campaign, *, now: datetime) -> bytes:
    """Return the 汇总表 of everything in the store as the bytes of an xlsx, dated by `dated`.

    Memory stays flat however many there are: each sheet reads them anew, and all show one moment.
    """
    with snapshot(store.db):
        seen = _seen(store, campaign, now)
        return workbook(_sheets(store, seen, campaign), heading(campaign, "申报汇总表", seen.as_of))


def _seen(store: Store, campaign: Campaign, now: datetime) -> _Summary:
    groups: dict[tuple[Channel, str | None], Counter[_Told]] = {}

    def counted() -> Iterator[Application]:
        for one in applications.stream(store.db):
            told = _Told(one.state, one.kind, one.paper_received is not None)
            way = (one.channel, one.county if one.channel is Channel.COUNTY else None)
            groups.setdefault(way, Counter())[told] += 1
            yield one

    as_of = dated(store, counted(), campaign, now)
    return _Summary(groups, as_of)


def in_order(store: Store) -> list[Application]:
    return list(applications.every(store.db))


def dated(store: Store, everyone: Iterable[Application], campaign: Campaign, now: datetime) -> datetime:
    """Return the moment of the newest change, and the day of `now` only where nothing has come yet."""
    (audited,) = store.db.execute("SELECT max(at) FROM audit WHERE receipt IS NOT NULL").fetchone()
    changes = itertools.chain((one.changed_at for one in everyone), [moment(audited)] if audited else [])
    zone = ZoneInfo(campaign.timezone)
    day = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(changes, default=day).astimezone(zone)


def heading(campaign: Campaign, what: str, as_of: datetime) -> Paper:
    return Paper(title=f"{campaign.title}{what}", unit=campaign.office.name, as_of=as_of)


def _sheets(store: Store, seen: _Summary, campaign: Campaign) -> Iterator[Sheet]:
    kinds = {told.kind for told in seen.whole}
    for kind, name in ((Kind.ACCOUNT, "账号"), (Kind.WEBSITE, "网站平台"), (None, "类型待定")):
        if kind or kind in kinds:
            them = applications.stream(store.db, {"kind": kind})
            rows = numbered(register.application(one, campaign) for one in them)
            yield Sheet(name=name, columns=register.APPLICATION, rows=rows)
    yield from _by_county(store, seen, campaign)
    troubled = applications.stream(store.db, troubled=True)
    problems = numbered(_problem(one, problem) for one in troubled for problem in one.problems)
    yield Sheet(name="问题清单", columns=PROBLEM, rows=problems)
    yield Sheet(name="名额", columns=QUOTA, rows=numbered(_places(tallies.quota(store.db), campaign)))
    yield _base(store)


def _by_county(store: Store, seen: _Summary, campaign: Campaign) -> Iterator[Sheet]:
    """Yield the counts of every county and of the city's own units, then a list for each that has any."""
    ways: dict[tuple[Channel, str | None], Counter[_Told]] = {
        (Channel.COUNTY, county.name): Counter() for county in campaign.counties
    }
    ways |= seen.groups
    ways[Channel.DIRECT, None] = ways.pop((Channel.DIRECT, None), Counter())  # the last
    rows = [_counted(_group(way), them) for way, them in ways.items()]
    yield Sheet(name="分县区", columns=COUNTIES, rows=numbered([*rows, _counted("合计", seen.whole)]))
    for way, them in ways.items():
        if them:
            only = {"channel": way[0], "county": way[1]} if way[0] is Channel.COUNTY else {"channel": way[0]}
            listed = numbered(map(register.of_county, applications.stream(store.db, only)))
            yield Sheet(name=sheet_name(_group(way)), columns=register.BY_COUNTY, rows=listed)


def _group(way: tuple[Channel, str | None]) -> str:
    return (way[1] or "县区待定") if way[0] is Channel.COUNTY else DIRECT


def _counted(name: str, them: Counter[_Told]) -> tuple[Value, ...]:
    kinds, states, papers = Counter[Kind | None](), Counter[State](), 0
    for told, number in them.items():
        kinds[told.kind] += number
        states[told.state] += number
        papers += number * told.paper
    complete = them.total() - sum(states[state] for state in COUNTS)
    of_kinds = (kinds[Kind.ACCOUNT], kinds[Kind.WEBSITE])
    return (name, them.total(), *of_kinds, *(states[state] for state in COUNTS), complete, papers)


def _base(store: Store) -> Sheet:
    """Return the hidden sheet that tells an import what the yellow cells held when the table was made."""
    columns = tuple(Column(head=head, width=10) for head in (register.RECEIPT, *register.YELLOW))
    rows = ((one.receipt, *register.yellow(one)) for one in applications.stream(store.db))
    return Sheet(name=register.BASE, columns=columns, rows=rows, hidden=True)


def numbered(rows: Iterable[tuple[Value, ...]]) -> Iterator[tuple[Value, ...]]:
    return ((number, *row) for number, row in enumerate(rows, 1))


def _problem(one: Application, problem: Problem) -> tuple[Value, ...]:
    place = labels.FIELDS.get(problem.field, problem.field) if problem.field else problem.file
    return (
        one.receipt,
        one.fields.name,
        one.fields.organizer,
        labels.STATES[one.state],
        labels.OUTCOMES[problem.outcome],
        labels.PROBLEMS[problem.code],
        place,
        problem.message,
        problem.clause,
    )


def _places(lines: Sequence[QuotaLine], campaign: Campaign) -> Iterator[tuple[Value, ...]]:
    """Yield the places of every county, whether it used any or not, then of each direct unit."""
    held = {line.county: line for line in lines if line.channel is Channel.COUNTY}
    offices = {county.name: county.office for county in campaign.counties}
    none = QuotaLine(channel=Channel.COUNTY, county=None, submitter=None, used=0, waiting=0)
    for county in [*offices, *(name for name in held if name not in offices)]:
        yield _place(held.get(county, none), campaign.quota.county, county, county and offices.get(county))
    for line in lines:
        if line.channel is Channel.DIRECT:
            yield _place(line, campaign.quota.direct, None, line.submitter)


def _place(line: QuotaLine, allowed: int, county: str | None, unit: str | None) -> tuple[Value, ...]:
    return labels.CHANNELS[line.channel], county, unit, allowed, line.used, allowed - line.used, line.waiting
