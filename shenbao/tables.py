"""What the commands show a person at a terminal: tables and short paragraphs in Chinese."""

import json
from collections.abc import Iterable, Iterator, Mapping

from rich import box
from rich.console import RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from intake import labels
from intake.handling import Taken
from intake.width import folded
from shenbao.outputs import Json, moment
from storage.model import (
    Application,
    Channel,
    DocumentType,
    Event,
    Letter,
    LetterKind,
    MailOutcome,
    Outcome,
    Problem,
    State,
)
from storage.tallies import QuotaLine

WIDTH = 100  # columns of a letter on the screen
MAILS = {
    MailOutcome.APPLICATION: "申报",
    MailOutcome.SUPPLEMENT: "补充材料",
    MailOutcome.WITHDRAWAL: "撤回",
    MailOutcome.QUERY: "查询",
    MailOutcome.INQUIRY: "咨询",
    MailOutcome.DUPLICATE: "重复邮件",
    MailOutcome.IGNORED: "不予处理",
    MailOutcome.QUARANTINED: "隔离待查",
}
LETTERS = {
    LetterKind.ACKNOWLEDGEMENT: "回执",
    LetterKind.CORRECTION: "补正通知",
    LetterKind.REJECTION: "不予纳入通知",
    LetterKind.STATUS: "进度答复",
    LetterKind.WITHDRAWAL: "撤回确认",
    LetterKind.INQUIRY: "咨询答复",
    LetterKind.DECISION: "核定通知",
    LetterKind.REMINDER: "提醒",
    LetterKind.RESULT: "结果通知",
}
DOCUMENTS = {
    DocumentType.FORM: "申报表",
    DocumentType.WORK: "工作材料",
    DocumentType.QUALIFICATION: "资质证明",
    DocumentType.HONOUR: "荣誉",
    DocumentType.PICTURE: "图片",
    DocumentType.VIDEO: "视频",
    DocumentType.ARCHIVE: "压缩包",
    DocumentType.OTHER: "其他文件",
    DocumentType.UNREADABLE: "未能读取",
}
COLOURS = {
    State.CORRECTING: "yellow",
    State.REVIEWING: "cyan",
    State.REJECTED: "red",
    State.ACCEPTED: "green",
}
EVENTS = {
    "judged": "审核",
    "letter": "拟信",
    "withdrawn": "撤回",
    "accepted": "人工核定齐全",
    "rejected": "人工不予受理",
    "reopened": "重新审核",
    "set": "人工改值",
    "paper": "收到纸质件",
}


def state_text(state: State) -> Text:
    return Text(labels.STATES[state], style=COLOURS.get(state, ""))


def taken_line(taken: Taken, path: str, sender: str | None) -> Text:
    """Return one mail's fate as a line: what it was, which applications, what answer."""
    text = Text(f"{MAILS[taken.outcome]:　<4} {sender or '（发件人不明）'}  {path}")
    for one in taken.applications:
        text.append(f"\n      {one.receipt} {one.fields.name or '（名称未填）'} ")
        text.append_text(state_text(one.state))
    if taken.letter:
        text.append(f"\n      → {LETTERS[taken.letter.kind]}：{taken.letter.subject}", style="dim")
    return text


def list_table(found: Iterable[Application]) -> Table:
    """Return the applications with their states and what is open in each."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("收件编号", "名称", "类别", "申报单位", "状态", "问题"):
        table.add_column(head, overflow="fold")
    for one in found:
        table.add_row(
            one.receipt,
            escape(one.fields.name or "—"),
            kind_of(one),
            escape(one.submitter or "—"),
            state_text(one.state),
            escape("；".join(short(problem) for problem in one.problems) or "无"),
        )
    return table


def kind_of(one: Application) -> str:
    if one.kind is None:
        return "—"
    platform = labels.PLATFORMS.get(one.platform, "") if one.platform else ""
    return f"{platform}{labels.KINDS[one.kind]}"


def short(problem: Problem) -> str:
    name = labels.PROBLEMS[problem.code]
    return f"{name}（{labels.FIELDS.get(problem.field, problem.field)}）" if problem.field else name


def application_line(one: Application) -> Text:
    text = Text(f"{one.receipt} {one.fields.name or '（名称未填）'}：")
    return text.append_text(state_text(one.state))


def application_lines(one: Application, history: Iterable[Event]) -> Iterator[RenderableType]:
    """Yield everything known of one application, and its history."""
    yield Panel(application_line(one), box=box.SQUARE)
    route = one.county or "县区不明" if one.channel is Channel.COUNTY else "市直"
    yield Text(
        f"第{one.version}版，{moment(one.received_at)}收到，{route}途径，申报单位：{one.submitter or '—'}"
    )
    yield _pairs((labels.FIELDS[key], getattr(one.fields, key)) for key in one.fields.__struct_fields__)
    yield Text("材料", style="bold")
    yield from (Text(f"  {DOCUMENTS[each.type]}　{each.file}") for each in one.documents)
    yield from problem_lines(one.problems)
    yield Text("经过", style="bold")
    for event in history:
        detail = json.dumps(event.detail, ensure_ascii=False)
        yield Text(f"  {moment(event.at)} {event.actor} {EVENTS.get(event.event, event.event)} {detail}")


def problem_lines(problems: Iterable[Problem]) -> Iterator[Text]:
    yield Text("问题", style="bold")
    for problem in problems:
        yield Text(f"  [{labels.OUTCOMES[problem.outcome]}] {problem.message}")


def explain_lines(one: Application) -> Iterator[RenderableType]:
    """Yield for each problem the fact, where it was read, the clause, and what would change it."""
    yield application_line(one)
    for number, problem in enumerate(one.problems, 1):
        yield Text(f"\n{number}. {short(problem)} → {labels.OUTCOMES[problem.outcome]}", style="bold")
        facts = (
            ("事实", problem.fact),
            ("出处", problem.where),
            ("依据", problem.clause),
            ("说明", problem.message),
        )
        yield from (Text(f"   {name}：{value}") for name, value in facts if value)
    if not any(problem.outcome is not Outcome.NOTE for problem in one.problems):
        yield Text("没有待补正或待核定的事项。")


def _pairs(pairs: Iterable[tuple[str, str | None]]) -> Table:
    table = Table(box=box.SIMPLE, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in pairs:
        if value is not None:
            table.add_row(name, escape(value))
    return table


def outbox_table(letters: Iterable[Letter]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("编号", "种类", "收件人", "主题", "投递"):
        table.add_column(head, overflow="fold")
    for one in letters:
        table.add_row(
            str(one.id),
            LETTERS[one.kind],
            escape("、".join(one.to)),
            escape(one.subject),
            labels.LETTER_STATES[one.state] + (f"（{escape(one.error)}）" if one.error else ""),
        )
    return table


def letter_lines(one: Letter) -> Iterator[RenderableType]:
    head = f"收件人：{'、'.join(one.to)}\n主　题：{one.subject}\n\n"
    yield Panel(
        Text(folded(head + one.body, WIDTH - 4)), title=LETTERS[one.kind], box=box.SQUARE, width=WIDTH
    )


def quota_table(lines: Iterable[QuotaLine], limits: Mapping[Channel, int]) -> Table:
    """Return how many places each county and direct unit used of those it has."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("途径", "申报单位", "已用", "名额"):
        table.add_column(head)
    for one in lines:
        table.add_row(
            labels.CHANNELS[one.channel],
            escape(one.county or one.submitter or "—"),
            str(one.used),
            str(limits[one.channel]),
        )
    return table


def parsed_lines(parsed: Json) -> Iterator[RenderableType]:
    """Yield what one file holds, for a person."""
    kind = DOCUMENTS[DocumentType(parsed["type"])]
    yield Text(f"{parsed['path']}：{kind}（{parsed['reader']}）", style="bold")
    if form := parsed["form"]:
        yield _pairs((labels.FIELDS[key], form[key]) for key in labels.FIELDS)
    if found := parsed["qualification"]:
        yield Text(
            f"  {found['document'] or '证照'}　{found['name'] or '名称未读出'}　{found['uscc'] or '代码未读出'}"
        )
    if video := parsed["video"]:
        yield Text(
            f"  {video['container']} {video['codec']} {video['duration_s']}秒 {video['width']}×{video['height']}"
        )
    if parsed["words"] is not None:
        yield Text(f"  {parsed['words']}字，图片{parsed['pictures'] or 0}张")
    yield from (Text(f"  · {problem['message']}") for problem in parsed["problems"])
