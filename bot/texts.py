"""How things are said: short Chinese texts for a phone's screen, made from values only."""

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.access import Desk
from intake import labels
from intake.letters.periods import last_moment, limit_of
from intake.letters.sections import STATES
from intake.width import shorten
from storage.campaign import Campaign
from storage.model import Application, Channel, Kind, Outcome, Problem, State

WEEKDAYS = "一二三四五六日"
NAME_COLUMNS = 30
FACT_COLUMNS = 60
MESSAGE_COLUMNS = 240
# What changes the direction or hides: a name must not be able to rewrite the line it stands in.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

NO_SUCH = "没有查到这件申报。请核对收件编号，或者用 /search 按名称查找。"
NOT_YOURS = (
    "没有查到这件申报，或者本聊天还没有绑定它。请核对收件编号；要绑定，请发送回执里的“/start 口令”那一行。"
)
NOT_BOUND = (
    "本聊天还没有绑定申报。请把回执邮件里的“/start 口令”那一行原样发来，之后发送 /status 即可查询进度。"
)
NOT_BOUND_NOW = "口令不对，没有绑定。请把回执邮件里的“/start 口令”那一行原样复制发来。"
TOO_MANY = "输错的次数太多，请过一小时再试。"
STAFF_ONLY = "这条命令只供工作人员使用。发送 /help 可以看到您能用的命令。"
DECIDERS_ONLY = "您的权限可以查询，不能作决定。请由有核定权限的同事操作。"
FAILED = "系统暂时没有办成，已收到的材料不受影响。请稍后再试。"
IN_PRIVATE = "申报信息不在群里发送。请点机器人的头像，单独和它对话。"
OLD_BUTTON = "这个按钮已经失效，请重新发送命令。"
WORKED_ON = (State.REVIEWING, State.CORRECTING, State.ACCEPTED, State.REJECTED)
UNSETTLED = frozenset({State.CORRECTING, State.REVIEWING})
OPEN = frozenset({State.CORRECTING, State.REVIEWING, State.ACCEPTED})
ADVICE = {
    State.CORRECTING: "请直接回复回执邮件，附上补正后的材料。",
    State.REVIEWING: "工作人员正在核定，请留意邮件通知。",
    State.REJECTED: "理由见我们发给您的邮件；如有异议，请回复那封邮件或来电说明。",
}


def plain(text: str | None, missing: str = "未填") -> str:
    """Return what an applicant wrote as one line that cannot disturb the lines around it."""
    kept = (letter if unicodedata.category(letter) not in _HIDDEN else " " for letter in text or "")
    return " ".join("".join(kept).split()) or missing


def plain_lines(text: str) -> str:
    """Return a text of our own line by line, each made harmless."""
    return "\n".join(plain(one, "") for one in text.strip().splitlines())


def name_of(application: Application) -> str:
    return shorten(plain(application.fields.name, "（名称未填）"), NAME_COLUMNS)


def kind_of(application: Application) -> str:
    """Return what it is: 网站平台, 微信账号, or 类型待定."""
    if application.kind is None:
        return "类型待定"
    if application.kind is Kind.WEBSITE:
        return labels.KINDS[Kind.WEBSITE]
    return f"{labels.PLATFORMS[application.platform] if application.platform else ''}账号"


def route_of(application: Application) -> str:
    if application.channel is Channel.DIRECT:
        return "市直申报"
    return f"县区申报（{application.county or '县区不明'}）"


def moment(at: datetime, campaign: Campaign) -> str:
    """Return a time as 6月3日 09:05, in the campaign's zone."""
    local = at.astimezone(ZoneInfo(campaign.timezone))
    return f"{day(local)} {local:%H:%M}"


def day(at: date) -> str:
    return f"{at.month}月{at.day}日"


def span(seconds: int) -> str:
    """Return 120 as 2分钟, 90 as 90秒."""
    return f"{seconds // 60}分钟" if seconds % 60 == 0 else f"{seconds}秒"


def remaining(now: datetime, campaign: Campaign) -> str:
    """Say how long applications are still in time; the last day counts as one."""
    if now >= campaign.dates.deadline:
        return "申报已截止"
    days = -(-(campaign.dates.deadline - now) // timedelta(days=1))
    return f"距申报截止还有{days}天（含今天）" if days > 1 else "今天是申报的最后一天"


def office(campaign: Campaign) -> str:
    return f"联系电话：{campaign.office.telephone}（{campaign.office.name}）"


def line(application: Application) -> str:
    """Return the application as two short lines of a list."""
    to_do = sum(problem.outcome is not Outcome.NOTE for problem in application.problems)
    amount = f"，{to_do}项待办" if to_do and application.state in UNSETTLED else ""
    return f"{application.receipt} {name_of(application)}\n　{labels.STATES[application.state]}{amount}"


def card(application: Application, desk: Desk) -> str:
    """Return what staff want to know of one application, as much as the channel may carry."""
    parts = [
        f"{application.receipt} {labels.STATES[application.state]}",
        f"{name_of(application)}（{kind_of(application)}）",
    ]
    if not desk.minimal:
        parts += _particulars(application, desk.campaign)
    parts += _by_outcome(application.problems, full=not desk.minimal)
    return "\n".join([*parts, paper(application)])


def _particulars(application: Application, campaign: Campaign) -> list[str]:
    fields = application.fields
    reach = "，".join(filter(None, (fields.contact, fields.mobile or fields.phone, fields.email)))
    version = f"，第{application.version}版" if application.version > 1 else ""
    return [
        f"域名或ID：{plain(fields.identifier)}",
        f"主办单位：{plain(fields.organizer)}",
        f"途径：{route_of(application)}",
        f"收到：{moment(application.received_at, campaign)}{version}",
        f"联系人：{plain(reach)}",
        f"材料：{len(application.documents)}个文件",
    ]


def _by_outcome(problems: Iterable[Problem], *, full: bool) -> list[str]:
    """Return the problems under what they lead to, the gravest first."""
    those = tuple(problems)
    lines: list[str] = []
    for outcome, name in labels.OUTCOMES.items():
        chosen = [problem for problem in those if problem.outcome is outcome]
        lines += [f"【{name}】{len(chosen)}项"] if chosen else []
        lines += [f"{number}. {short(one, full=full)}" for number, one in enumerate(chosen, 1)]
    return lines


def short(problem: Problem, *, full: bool = False) -> str:
    """Return the problem's name with its field, and in `full` its file and what was found."""
    place = labels.FIELDS.get(problem.field, problem.field) if problem.field else full and problem.file
    name = labels.PROBLEMS[problem.code] + (f"（{plain(place)}）" if place else "")
    return f"{name}：{shorten(plain(problem.fact), FACT_COLUMNS)}" if full and problem.fact else name


def paper(application: Application) -> str:
    got = application.paper_received
    return f"纸质件：{day(got)}已收到" if got else "纸质件：未收到"


def own(application: Application, desk: Desk) -> str:
    """Return what the applicant is told: where it stands, what to do and by when, the paper."""
    parts = [f"{application.receipt} {name_of(application)}", f"状态：{STATES[application.state]}"]
    parts += _to_mend(application, desk)
    if application.state in OPEN:
        parts.append(paper(application))
    if advice := ADVICE.get(application.state):
        parts.append(advice)
    return "\n".join(parts)


def own_line(application: Application) -> str:
    """Return for the applicant in two short lines where it stands, and how much there is to mend."""
    mend = sum(problem.outcome is Outcome.CORRECT for problem in application.problems)
    amount = f"{mend}项" if application.state is State.CORRECTING else ""
    parts = [f"{labels.STATES[application.state]}{amount}"]
    parts += [paper(application)] if application.state in OPEN else []
    return f"{application.receipt} {name_of(application)}\n　{'，'.join(parts)}"


def _to_mend(application: Application, desk: Desk) -> list[str]:
    mend = [one for one in application.problems if one.outcome is Outcome.CORRECT]
    if application.state is not State.CORRECTING or not mend:
        return []
    limit = limit_of(desk.campaign, (application,))
    late = desk.now() >= limit.at
    head = (
        "还有{}项待补正，但申报已截止，请先电话联系："
        if late
        else f"请在{last_moment(limit, desk.campaign)}前补正{{}}项："
    )
    return [head.format(len(mend)), *(f"{number}. {_told(one, desk)}" for number, one in enumerate(mend, 1))]


def _told(problem: Problem, desk: Desk) -> str:
    return short(problem) if desk.minimal else shorten(plain(problem.message), MESSAGE_COLUMNS)
