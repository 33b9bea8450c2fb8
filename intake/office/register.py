"""The rows of the 汇总表: what stands in them, and which of their cells staff may change."""

import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from intake import labels
from intake.office.workbook import Column, Value
from parsers.text import normalise
from storage.campaign import Campaign
from storage.model import Application, Fields, Outcome, Problem, State

OPEN = frozenset({Outcome.CORRECT, Outcome.REVIEW, Outcome.REJECT})
SHOWN = {
    State.CORRECTING: OPEN,
    State.REVIEWING: OPEN,
    State.REJECTED: frozenset({Outcome.REJECT}),
}
RECEIPT = "收件编号"
CATEGORY = "类别"
BASE = "导入依据"  # the hidden sheet: what the yellow cells held when the table was made
YELLOW: Mapping[str, str] = {
    CATEGORY: "category",
    "网站平台或账号名称": "name",
    "域名或账号ID": "identifier",
    "备案号": "icp_number",
    "主办单位": "organizer",
    "负责人": "contact",
    "电话": "phone",
    "手机": "mobile",
    "邮箱": "email",
}
"""The field that each yellow column holds, by the head of the column."""

APPLICATION = (
    Column(head="序号", width=5, look="number"),
    Column(head=RECEIPT, width=12.5, look="centre"),
    Column(head="状态", width=10, look="centre"),
    Column(head=CATEGORY, width=9.5, look="centre", editable=True, group="网站平台或账号"),
    Column(head="网站平台或账号名称", width=16, editable=True, group="网站平台或账号"),
    Column(head="平台", width=7.5, look="centre", group="网站平台或账号"),
    Column(head="域名或账号ID", width=14, editable=True, group="网站平台或账号"),
    Column(head="备案号", width=11, editable=True, group="网站平台或账号"),
    Column(head="主办单位", width=17, editable=True, group="申报单位"),
    Column(head="申报途径", width=5.5, look="centre", group="申报单位"),
    Column(head="县区", width=7.5, look="centre", group="申报单位"),
    Column(head="负责人", width=8, look="centre", editable=True, group="联系方式"),
    Column(head="电话", width=13, look="centre", editable=True, group="联系方式"),
    Column(head="手机", width=12.5, look="centre", editable=True, group="联系方式"),
    Column(head="邮箱", width=16.5, editable=True, group="联系方式"),
    Column(head="收到时间", width=13, look="moment"),
    Column(head="待办事项", width=24),
    Column(head="纸质件", width=9, look="day"),
)
BY_COUNTY = (
    Column(head="序号", width=5, look="number"),
    Column(head=RECEIPT, width=12.5, look="centre"),
    Column(head="类型", width=9, look="centre"),
    Column(head="网站平台或账号名称", width=18),
    Column(head="平台", width=8, look="centre"),
    Column(head="域名或账号ID", width=15),
    Column(head="主办单位", width=22),
    Column(head="负责人", width=8, look="centre", group="联系方式"),
    Column(head="电话", width=13, look="centre", group="联系方式"),
    Column(head="手机", width=12.5, look="centre", group="联系方式"),
    Column(head="状态", width=11, look="centre"),
    Column(head="待办事项", width=28),
    Column(head="纸质件", width=9, look="day"),
)
_OTHER = re.compile(r"其他\s*\((?P<type>.*)\)")


def application(one: Application, campaign: Campaign) -> tuple[Value, ...]:
    """Return the row of `one` below the heads of APPLICATION, without its number."""
    fields = one.fields
    return (
        one.receipt,
        labels.STATES[one.state],
        category(fields),
        fields.name,
        platform(one),
        fields.identifier,
        fields.icp_number,
        fields.organizer,
        labels.CHANNELS[one.channel],
        one.county,
        fields.contact,
        fields.phone,
        fields.mobile,
        fields.email,
        received(one, campaign),
        to_do(one),
        one.paper_received or "未收到",
    )


def of_county(one: Application) -> tuple[Value, ...]:
    """Return the row of `one` below the heads of BY_COUNTY, without its number."""
    fields = one.fields
    return (
        one.receipt,
        labels.KINDS[one.kind] if one.kind else "待定",
        fields.name,
        platform(one),
        fields.identifier,
        fields.organizer,
        fields.contact,
        fields.phone,
        fields.mobile,
        labels.STATES[one.state],
        to_do(one),
        one.paper_received or "未收到",
    )


def yellow(one: Application) -> tuple[str, ...]:
    """Return what the yellow cells of `one` show, in the order of YELLOW."""
    return tuple(shown(one.fields, field) for field in YELLOW.values())


def shown(fields: Fields, field: str) -> str:
    """Return a field as its yellow cell shows it."""
    return (category(fields) if field == "category" else getattr(fields, field)) or ""


def category(fields: Fields) -> str | None:
    if fields.category is None:
        return None
    name = labels.CATEGORIES.get(fields.category, fields.category)
    return (
        f"{name}（{fields.category_other}）" if fields.category == "other" and fields.category_other else name
    )


def category_told(text: str) -> dict[str, str | None] | None:
    """Return the two fields that `text` of a 类别 cell means; None for what is no category."""
    told = normalise(text)
    if found := _OTHER.fullmatch(told):
        return {"category": "other", "category_other": found["type"].strip() or None}
    codes = {normalise(name): code for code, name in labels.CATEGORIES.items() if code != "other"}
    return {"category": codes[told], "category_other": None} if told in codes else None


def received(one: Application, campaign: Campaign) -> datetime:
    """Return when it came as the office's clock showed it; a cell of a workbook knows no time zone."""
    return one.received_at.astimezone(ZoneInfo(campaign.timezone)).replace(tzinfo=None)


def platform(one: Application) -> str | None:
    return labels.PLATFORMS[one.platform] if one.platform else None


def to_do(one: Application) -> str:
    """Return what is still open, shortly (`缺公章（单位推荐意见）；图片不足三张`), or why it was rejected."""
    outcomes = SHOWN.get(one.state, frozenset())
    named = dict.fromkeys(short(problem) for problem in one.problems if problem.outcome in outcomes)
    lead = "不予受理：" if named and one.state is State.REJECTED else ""
    return lead + "；".join(named)


def short(problem: Problem) -> str:
    """Return a problem in a few words: `缺公章（单位推荐意见）`."""
    name = labels.PROBLEMS[problem.code]
    return f"{name}（{labels.FIELDS.get(problem.field, problem.field)}）" if problem.field else name
