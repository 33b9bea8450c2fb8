"""One page on a campaign: numbers by county and day, problems, how soon it was answered and by whom."""

import base64
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from intake import labels
from intake.office import plots
from storage import course, messages
from storage.campaign import Campaign
from storage.course import Entry
from storage.database import Store
from storage.model import Channel, Noun, State

STYLE = """@page { size: A4 portrait; margin: 14mm }
body { font-family: 'Noto Sans CJK SC','Microsoft YaHei','PingFang SC','SimHei',sans-serif; color: #333;
  max-width: 182mm; margin: 0 auto; font-size: 10.5pt; line-height: 1.5 }
h1 { font-size: 17pt; text-align: center; margin: 4pt 0 } h2 { font-size: 12pt; margin: 10pt 0 3pt }
p.note { text-align: center; color: #666; margin: 0 0 6pt; font-size: 9.5pt }
table { border-collapse: collapse; width: 100% } td, th { border: 1px solid #999; padding: 3pt; text-align: center }
th { background: #e7ecf2; font-weight: normal } td.figure { font-size: 15pt }
img { display: block }"""
MOST_DAYS, MOST_PROBLEMS = 60, 10
ACROSS = 680  # CSS pixels, what an A4 page has room for


class Course(Noun, frozen=True, kw_only=True):
    """All that the page tells."""

    mails: int
    entries: tuple[Entry, ...]
    by_day: dict[date, int]
    answers: tuple[float, ...]
    problems: dict[str, int]


def course_of(store: Store, campaign: Campaign) -> Course:
    """Return the numbers of everything in the store."""
    return Course(
        mails=messages.count(store.db),
        entries=tuple(course.entries(store.db)),
        by_day=course.mails_by_day(store.db, ZoneInfo(campaign.timezone)),
        answers=tuple(course.first_answers(store.db)),
        problems={
            labels.PROBLEMS[code]: number for code, number in course.problems_by_kind(store.db).items()
        },
    )


def page(told: Course, campaign: Campaign, *, now: datetime) -> bytes:
    """Return the page as HTML that needs no script and no network."""
    day = now.astimezone(ZoneInfo(campaign.timezone))
    title = escape(f"{campaign.title}申报情况")
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
        f"<style>{STYLE}</style>"
    )
    note = f"{campaign.office.name}　　{day.year}年{day.month}月{day.day}日 {day:%H:%M}"
    body = [
        f"<h1>{title}</h1>",
        f'<p class="note">{escape(note)}</p>',
        _table(_figures(told)),
        "<h2>按状态</h2>",
        _table(_states(told.entries)),
        "<h2>各县区和市直（件）</h2>",
        _picture(
            plots.bars(_counties(told.entries, campaign), across=ACROSS, label=90), "各县区和市直的件数"
        ),
        "<h2>每天来信（封）</h2>",
        _picture(_daily(told.by_day), "每天来信的封数"),
        "<h2>现有问题（件）</h2>",
        _problems(told.problems),
    ]
    whole = "\n".join(
        ["<!DOCTYPE html>", f'<html lang="zh-CN"><head>{head}</head><body>', *body, "</body></html>"]
    )
    return f"{whole}\n".encode()


def _figures(told: Course) -> dict[str, str]:
    alone = sum(not one.by_hand for one in told.entries)
    return {
        "来信（封）": str(told.mails),
        "申报（件）": str(len(told.entries)),
        "首次答复（中位）": _span(told.answers, 0.5),
        "首次答复（九成以内）": _span(told.answers, 0.9),
        "未经人工处理": f"{alone / len(told.entries):.0%}" if told.entries else "—",
    }


def _span(seconds: Sequence[float], share: float) -> str:
    """Return the time within which `share` of the answers went out, in the unit people would say it in."""
    if not seconds:
        return "—"
    value = seconds[min(len(seconds) - 1, int(len(seconds) * share))]
    for limit, size, unit in ((120, 1, "秒"), (7200, 60, "分钟"), (172_800, 3600, "小时")):
        if value < limit:
            return f"{value / size:.0f}{unit}"
    return f"{value / 86_400:.1f}天"


def _states(entries: Sequence[Entry]) -> dict[str, str]:
    counted = Counter(one.state for one in entries)
    shown = {state.value for state in list(State)[:5]}
    return {labels.STATES[state]: str(counted[state]) for state in State if counted[state] or state in shown}


def _counties(entries: Sequence[Entry], campaign: Campaign) -> dict[str, int]:
    counted = Counter(
        (one.county or "县区待定") if one.channel is Channel.COUNTY else "市直" for one in entries
    )
    names = [*(county.name for county in campaign.counties), *sorted(counted), "市直"]
    return {name: counted[name] for name in dict.fromkeys(names)}


def _daily(by_day: dict[date, int]) -> str:
    """Return the plot of the last days up to the newest mail, the days without any among them."""
    if not by_day:
        return plots.columns([], [], across=ACROSS, high=150)
    last = max(by_day)
    count = min((last - min(by_day)).days + 1, MOST_DAYS)
    days = [last - timedelta(days=back) for back in reversed(range(count))]
    return plots.columns(
        [f"{day.month}.{day.day}" for day in days],
        [by_day.get(day, 0) for day in days],
        across=ACROSS,
        high=150,
    )


def _problems(problems: dict[str, int]) -> str:
    if not problems:
        return "<p>没有。</p>"
    shown = dict(list(problems.items())[:MOST_PROBLEMS])
    more = f"<p>另有{len(problems) - len(shown)}种问题。</p>" if len(problems) > len(shown) else ""
    return _picture(plots.bars(shown, across=ACROSS, label=150), "各种问题的件数") + more


def _table(figures: dict[str, str]) -> str:
    heads = "".join(f"<th>{escape(name)}</th>" for name in figures)
    cells = "".join(f'<td class="figure">{escape(figure)}</td>' for figure in figures.values())
    return f'<table border="1" cellspacing="0" cellpadding="4" width="100%"><tr>{heads}</tr><tr>{cells}</tr></table>'


def _picture(svg: str, told: str) -> str:
    """Return the plot inside the page itself; as an image, since LibreOffice draws no SVG elements of a page."""
    data = base64.b64encode(svg.encode()).decode()
    size = svg[: svg.index(" viewBox")].partition(" width=")[2]
    return f'<p><img width={size} alt="{escape(told)}" src="data:image/svg+xml;base64,{data}"></p>'
