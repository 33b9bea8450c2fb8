"""The 申报汇总表: what staff hand to their leaders, a workbook of plain values.

Nothing an applicant wrote can become a formula, and the same data gives the same bytes.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from intake import labels
from intake.workbook import Column, Paper, Sheet, Value, workbook
from storage import applications, tallies
from storage.campaign import Campaign
from storage.columns import moment
from storage.database import Store
from storage.model import Application, Channel, Kind, Outcome, Problem, State
from storage.tallies import QuotaLine

OPEN = frozenset({Outcome.CORRECT, Outcome.REVIEW, Outcome.REJECT})
SHOWN = {
    State.CORRECTING: OPEN,
    State.REVIEWING: OPEN,
    State.REJECTED: frozenset({Outcome.REJECT}),
}
APPLICATION = (
    Column(head="序号", width=5, look="number"),
    Column(head="收件编号", width=12.5, look="centre"),
    Column(head="状态", width=10, look="centre"),
    Column(head="类别", width=9.5, look="centre"),
    Column(head="网站平台或账号名称", width=16),
    Column(head="平台", width=7.5, look="centre"),
    Column(head="域名或账号ID", width=14),
    Column(head="备案号", width=11),
    Column(head="主办单位", width=17),
    Column(head="申报途径", width=5.5, look="centre"),
    Column(head="县区", width=7.5, look="centre"),
    Column(head="负责人", width=8, look="centre"),
    Column(head="电话", width=13, look="centre"),
    Column(head="手机", width=12.5, look="centre"),
    Column(head="邮箱", width=16.5),
    Column(head="收到时间", width=13, look="moment"),
    Column(head="待办事项", width=24),
    Column(head="纸质件", width=9, look="day"),
)
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


def export(store: Store, campaign: Campaign, *, now: datetime) -> bytes:
    """Return the 汇总表 of everything in the store as the bytes of an xlsx.

    It is dated by the newest change, and by the day of `now` only where nothing has come yet.
    """
    everyone = sorted(applications.every(store.db), key=_by_receipt)
    (audited,) = store.db.execute("SELECT max(at) FROM audit WHERE receipt IS NOT NULL").fetchone()
    changes = [one.changed_at for one in everyone] + ([moment(audited)] if audited else [])
    zone = ZoneInfo(campaign.timezone)
    day = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return table(
        everyone, tallies.quota(store.db), campaign, as_of=max(changes, default=day).astimezone(zone)
    )


def table(
    everyone: Sequence[Application], quota: Sequence[QuotaLine], campaign: Campaign, *, as_of: datetime
) -> bytes:
    """Return the 汇总表 of `everyone`, in their order, as the bytes of an xlsx."""
    paper = Paper(title=f"{campaign.title}申报汇总表", unit=campaign.office.name, as_of=as_of)
    return workbook(_sheets(everyone, quota, campaign), paper)


def _by_receipt(application: Application) -> tuple[int, str]:
    return len(application.receipt), application.receipt


def _sheets(
    ordered: Sequence[Application], quota: Sequence[QuotaLine], campaign: Campaign
) -> tuple[Sheet, ...]:
    named = {Kind.ACCOUNT: "账号", Kind.WEBSITE: "网站平台", None: "类型待定"}
    by_kind = {kind: [one for one in ordered if one.kind is kind] for kind in named}
    lists = tuple(
        Sheet(
            name=name,
            columns=APPLICATION,
            rows=_numbered(_application(one, campaign) for one in by_kind[kind]),
        )
        for kind, name in named.items()
        if kind or by_kind[kind]
    )
    problems = _numbered(_problem(one, problem) for one in ordered for problem in one.problems)
    places = _numbered(_places(quota, campaign))
    return (
        *lists,
        Sheet(name="问题清单", columns=PROBLEM, rows=problems),
        Sheet(name="名额", columns=QUOTA, rows=places),
    )


def _numbered(rows: Iterable[tuple[Value, ...]]) -> tuple[tuple[Value, ...], ...]:
    return tuple((number, *row) for number, row in enumerate(rows, 1))


def _application(one: Application, campaign: Campaign) -> tuple[Value, ...]:
    fields = one.fields
    return (
        one.receipt,
        labels.STATES[one.state],
        _category(fields.category, fields.category_other),
        fields.name,
        labels.PLATFORMS[one.platform] if one.platform else None,
        fields.identifier,
        fields.icp_number,
        fields.organizer,
        labels.CHANNELS[one.channel],
        one.county,
        fields.contact,
        fields.phone,
        fields.mobile,
        fields.email,
        one.received_at.astimezone(ZoneInfo(campaign.timezone)).replace(tzinfo=None),
        to_do(one),
        one.paper_received or "未收到",
    )


def to_do(one: Application) -> str:
    """Return what is still open, shortly (`缺公章（单位推荐意见）；图片不足三张`), or why it was rejected."""
    outcomes = SHOWN.get(one.state, frozenset())
    named = dict.fromkeys(_short(problem) for problem in one.problems if problem.outcome in outcomes)
    lead = "不予受理：" if named and one.state is State.REJECTED else ""
    return lead + "；".join(named)


def _short(problem: Problem) -> str:
    name = labels.PROBLEMS[problem.code]
    return f"{name}（{labels.FIELDS.get(problem.field, problem.field)}）" if problem.field else name


def _category(category: str | None, other: str | None) -> str | None:
    if category is None:
        return None
    name = labels.CATEGORIES.get(category, category)
    return f"{name}（{other}）" if category == "other" and other else name


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
