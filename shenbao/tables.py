"""What the commands show a person at a terminal: tables and short paragraphs in Chinese."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from rich import box
from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from intake import labels
from intake.changes import Change
from intake.handling import Taken
from shenbao.cells import Chinese
from shenbao.outputs import Json, moment
from shenbao.words import ACTORS, COLOURS, DOCUMENTS, EVENTS, MAILS
from storage.campaign import Campaign
from storage.model import (
    Application,
    Channel,
    DocumentType,
    Event,
    Fields,
    Letter,
    LetterKind,
    Problem,
    State,
)
from storage.pending import Offer
from storage.tallies import QuotaLine

AROUND = {"mail": "第{}号来信", "left": "空余名额{}个", "waiting": "可递补：{}", "files": "文件：{}"}
SHOWN = 40  # characters of a value in a line about a change
WIDTH = 100  # columns of a letter on the screen, where there are so many


def state_text(state: State) -> Text:
    return Text(labels.STATES[state], style=COLOURS.get(state, ""))


def taken_line(taken: Taken, path: str, sender: str | None) -> Text:
    """Return one mail's fate as a line: what it was, which applications, what answer."""
    text = Text(f"{MAILS[taken.outcome]:　<4} {sender or '（发件人不明）'}  {path}")
    for one in taken.applications:
        text.append(f"\n      {one.receipt} {one.fields.name or '（名称未填）'} ")
        text.append_text(state_text(one.state))
    if taken.letter:
        text.append(f"\n      → {labels.LETTERS[taken.letter.kind]}：{taken.letter.subject}", style="dim")
    return text


def list_table(found: Iterable[Application]) -> Table:
    """Return the applications with their states and what is open in each."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("收件编号", no_wrap=True)
    for head in ("名称", "类别", "申报单位", "状态", "问题"):
        table.add_column(head, overflow="fold")
    for one in found:
        table.add_row(
            one.receipt,
            Chinese(one.fields.name or "—"),
            Chinese(labels.kind_of(one) or "—"),
            Chinese(one.submitter or "—"),
            Chinese(labels.STATES[one.state], COLOURS.get(one.state, "")),
            Chinese("；".join(short(problem) for problem in one.problems) or "无"),
        )
    return table


def short(problem: Problem) -> str:
    name = labels.PROBLEMS[problem.code]
    return f"{name}（{labels.FIELDS.get(problem.field, problem.field)}）" if problem.field else name


def application_line(one: Application) -> Text:
    text = Text(f"{one.receipt} {one.fields.name or '（名称未填）'}：")
    return text.append_text(state_text(one.state))


def application_lines(one: Application, history: Iterable[Event]) -> Iterator[RenderableType]:
    """Yield everything known of one application, and its history."""
    yield Panel(application_line(one), box=box.SQUARE, width=WIDTH)
    route = one.county or "县区不明" if one.channel is Channel.COUNTY else "市直"
    came = f"第{one.version}版，{_clock(one.received_at)}收到，{route}途径，申报单位：{one.submitter or '—'}"
    yield Chinese(came)
    yield _pairs((labels.FIELDS[key], _value(one.fields, key)) for key in one.fields.__struct_fields__)
    yield Text("材料", style="bold")
    yield from (Chinese(each.file, lead=f"  {DOCUMENTS[each.type]}　") for each in one.documents)
    yield from problem_lines(one.problems)
    yield Text("经过", style="bold")
    for event in history:
        name, actor = EVENTS.get(event.event, event.event), ACTORS.get(event.actor, event.actor)
        yield Chinese(f"{actor} {name}　{happened(event)}", lead=f"  {_clock(event.at)} ")


def change_lines(changed: Iterable[Change]) -> Iterator[RenderableType]:
    """Yield what each later version changed in the form."""
    told = [one for one in changed if one.fields]
    if told:
        yield Text("各版改动", style="bold")
    for one in told:
        for key, (before, after) in one.fields.items():
            lead = f"  第{one.version}版　{labels.FIELDS[key]}："
            yield Chinese(f"{_cut(before)} → {_cut(after)}", lead=lead)


def _cut(value: str | None) -> str:
    return "（空）" if value is None else f"{value[:SHOWN]}…" if len(value) > SHOWN else value


def offer_lines(one: Application, waiting: Iterable[Offer]) -> Iterator[RenderableType]:
    """Yield the mails that wait beside an application, with the commands that settle each."""
    offers = list(waiting)
    if offers:
        yield Text("待确认的来信", style="bold")
    for offer in offers:
        what = "同一申报的新版本" if offer.renews else "补充材料"
        told = f"{offer.sender or '发件人不明'} 发来{what}：{offer.subject or '（无主题）'}"
        yield Chinese(told, lead=f"  {_clock(offer.received_at)} 第{offer.message}号来信　")
        use = f"shenbao attach {one.receipt} --message {offer.message}"
        yield Text(f"    采用：{use}　不采用：{use} --refuse", style="dim")


def _clock(at: datetime) -> str:
    return moment(at)[:19].replace("T", " ")


def _value(fields: Fields, key: str) -> str | None:
    value: str | None = getattr(fields, key)
    return labels.CATEGORIES.get(value or "", value) if key == "category" else value


def happened(event: Event) -> str:
    """Return what an event was about, for a person."""
    detail = event.detail
    match event.event:
        case "judged":
            problems = "；".join(str(one).partition(": ")[2] for one in _listed(detail.get("problems")))
            state = labels.STATES[State(str(detail["state"]))]
            return f"第{detail['version']}版，{state}" + (f"：{problems}" if problems else "")
        case "letter":
            return f"{labels.LETTERS[LetterKind(str(detail['kind']))]}：{detail['subject']}"
        case "letter-sent" | "letter-later" | "letter-refused" | "letter-uncertain" | "sending-stopped":
            return f"{labels.LETTERS[LetterKind(str(detail['kind']))]}（{detail['told']}）"
        case _:
            return "，".join(
                _told(key, value) for key, value in detail.items() if value not in (None, "", [])
            )


def _told(key: str, value: object) -> str:
    """Return one thing of an event's detail, in words where the bare value would say nothing."""
    text = "、".join(map(str, value)) if isinstance(value, list) else str(value)
    if key in {"from", "to"} and text in set(State):
        text = labels.STATES[State(text)]
    return AROUND.get(key, "{}").format(text)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def problem_lines(problems: Iterable[Problem]) -> Iterator[RenderableType]:
    yield Text("问题", style="bold")
    told = [Chinese(one.message, lead=f"  [{labels.OUTCOMES[one.outcome]}] ") for one in problems]
    yield from told or [Chinese("  无")]


def _pairs(pairs: Iterable[tuple[str, str | None]]) -> Table:
    table = Table(box=box.SIMPLE, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for name, value in pairs:
        if value is not None:
            table.add_row(name, Chinese(value))
    return table


def outbox_table(letters: Iterable[Letter]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("编号", "种类", "收件人", "主题", "投递"):
        table.add_column(head, no_wrap=head in ("编号", "收件人"), overflow="fold")
    for one in letters:
        table.add_row(
            str(one.id),
            Chinese(labels.LETTERS[one.kind]),
            Chinese("、".join(one.to)),
            Chinese(one.subject),
            Chinese(labels.LETTER_STATES[one.state] + (f"（{one.error}）" if one.error else "")),
        )
    return table


def letter_lines(one: Letter) -> Iterator[RenderableType]:
    head = f"收件人：{'、'.join(one.to)}\n主　题：{one.subject}\n\n"
    yield Panel(Chinese(head + one.body), title=labels.LETTERS[one.kind], box=box.SQUARE, width=WIDTH)


def quota_table(lines: Iterable[QuotaLine], campaign: Campaign) -> Table:
    """Return how many places each county, and each direct unit that has any, used of those it has."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("途径", "申报单位", "已用", "名额"):
        table.add_column(head)
    limits = {Channel.DIRECT: campaign.quota.direct, Channel.COUNTY: campaign.quota.county}
    used = {(Channel.COUNTY, one.name): 0 for one in campaign.counties}
    used |= {(one.channel, one.county or one.submitter or "—"): one.used for one in lines}
    for (channel, name), number in used.items():
        table.add_row(labels.CHANNELS[channel], Chinese(name), str(number), str(limits[channel]))
    return table


def _paper(found: Json) -> str:
    """Return a certificate as one line: its kind, whose it is, its code, how long it is valid."""
    name = found["name"] or "名称未读出"
    code = found["uscc"] or found.get("organisation_code") or "代码未读出"
    start, end = found.get("valid_from", ""), found.get("valid_until", "")
    term = f"　有效期{start}至{end or '长期'}" if start or end else ""
    return f"{found['document'] or '证照'}　{name}　{code}{term}"


def parsed_lines(parsed: Json) -> Iterator[RenderableType]:
    """Yield what one file holds, for a person."""
    kind = DOCUMENTS[DocumentType(parsed["type"])]
    yield Chinese(f"{parsed['path']}：{kind}（{parsed['reader']}）", "bold")
    if form := parsed["form"]:
        yield _pairs((labels.FIELDS[key], form[key]) for key in labels.FIELDS)
    papers = parsed.get("qualifications") or [parsed["qualification"]]
    yield from (Chinese(_paper(found), lead="  ") for found in papers if found)
    for honour in parsed.get("honours", ()):
        told = (honour["title"] or "荣誉", honour["issuer"] or "", str(honour["year"] or ""))
        yield Chinese("　".join(filter(None, told)), lead="  ")
    if video := parsed["video"]:
        yield Text(
            f"  {video['container']} {video['codec']} {video['duration_s']}秒 {video['width']}×{video['height']}"
        )
    if parsed["words"] is not None:
        yield Text(f"  {parsed['words']}字，图片{parsed['pictures'] or 0}张")
    yield from (Chinese(problem["message"], lead="  · ") for problem in parsed["problems"])
