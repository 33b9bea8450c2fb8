"""What the demo shows when all is done: tables, letters, a talk with the bot, and what to do next."""

import shutil
import sys
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.access import TERMINAL, Desk, Person, Role
from bot.commands import answer
from intake import labels
from shenbao.cells import Chinese
from shenbao.demo.folder import TRY_PORT
from shenbao.demo.mails import Part
from shenbao.options import now
from shenbao.tables import WIDTH, list_table, quota_table
from shenbao.words import COLOURS, MAILS
from storage import applications, audit, messages, tallies
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Application, Event, MailOutcome, Message, State

SHOWN = ("【收到】", "【请补正】", "【暂未纳入】")


class Fate(NamedTuple):
    """What became of one mail when it was judged; `good` where that is what the list of mails expects."""

    part: Part
    outcome: MailOutcome | None
    states: tuple[State, ...]
    good: bool


def fates(store: Store, parts: list[Part]) -> list[Fate]:
    """Return what became of each mail, beside what is expected of it."""
    kept = sorted(messages.recent(store.db, len(parts) * 2), key=lambda one: (one.received_at, one.id))
    judged = [event for event in audit.since(store.db, 0) if event.event == "judged"]
    found = []
    for part in parts:
        message = next((one for one in kept if _is(part, one)), None)
        if message is not None:
            kept.remove(message)
        found.append(_fate(part, message, [one for one in judged if message and one.message == message.id]))
    return found


def _is(part: Part, message: Message) -> bool:
    subject = message.subject or ""
    return message.sender == part.sender and (
        subject.startswith("回复：") if part.answers else subject == part.subject
    )


def _fate(part: Part, message: Message | None, judged: list[Event]) -> Fate:
    outcome = message.outcome if message else None
    states = tuple(State(str(event.detail["state"])) for event in judged)
    codes = {code for event in judged for code in _codes(event)}
    good = outcome == part.outcome and codes >= set(part.codes)
    return Fate(part, outcome, states, good and all(state in part.states for state in states))


def _codes(event: Event) -> list[str]:
    problems = event.detail.get("problems")
    return [str(one).partition(":")[0] for one in problems] if isinstance(problems, list) else []


def show(
    console: Console, store: Store, campaign: Campaign, done: list[Fate], received: list[EmailMessage]
) -> None:
    """Show the outcomes, the applications, the quota, three letters and a talk with the bot."""
    found = list(applications.every(store.db))
    console.print(Rule("每封邮件的结果"))
    console.print(_outcomes(done))
    console.print(Rule("申报一览（shenbao list）"))
    console.print(list_table(found))
    console.print(Rule("账号名额"))
    console.print(quota_table(tallies.quota(store.db), campaign))
    console.print(Rule("三封回信，取自申报单位的邮箱"))
    for start in SHOWN:
        letter = next((mail for mail in received if str(mail["Subject"]).startswith(start)), None)
        if letter is not None:
            console.print(_letter(letter))
    console.print(Rule("与机器人的对话（shenbao chat）"))
    _talk(console, Desk(store=store, campaign=campaign, now=now), found)


def _outcomes(done: list[Fate]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("发件单位", "结果", "说明"):
        table.add_column(head)
    table.add_column("如期", no_wrap=True)
    for fate in done:
        outcome = MAILS[fate.outcome] if fate.outcome else "没有结果"
        told = "\n".join([outcome, *(labels.STATES[state] for state in fate.states)])
        colour = COLOURS.get(fate.states[0], "") if fate.states else ""
        mark = Text("✓", "green") if fate.good else Text("✗", "bold red")
        table.add_row(Chinese(fate.part.sender_name), Chinese(told, colour), Chinese(fate.part.expect), mark)
    return table


def _letter(mail: EmailMessage) -> Panel:
    body = mail.get_body(("plain",))
    text = body.get_content() if body else ""
    head = f"发件人：{_header(mail, 'From')}\n收件人：{mail['To']}\n主　题：{mail['Subject']}\n\n"
    return Panel(Chinese(head + text.rstrip()), box=box.SQUARE, width=WIDTH)


def _header(mail: EmailMessage, name: str) -> str:
    """Return a header as mail programs show it: the library puts a space between its encoded words."""
    raw = message_from_bytes(mail.as_bytes())[name]
    return str(make_header(decode_header(raw)))


def _talk(console: Console, desk: Desk, found: list[Application]) -> None:
    staff = Person(channel=TERMINAL, id="demo", role=Role.DECIDER)
    applicant = Person(channel=TERMINAL, id="applicant", role=Role.APPLICANT)
    turned_down = next((one for one in found if one.state is State.REJECTED), found[-1])
    for person, command in (
        (staff, "/today"),
        (staff, "/quota"),
        (staff, f"/status {turned_down.receipt}"),
        (applicant, f"/start {found[0].token}"),
        (applicant, "/status"),
    ):
        who = "工作人员" if person is staff else "申报单位"
        console.print(f"[bold]{who}>[/] {command}")
        console.print(Chinese(answer(desk, person, command).text, "cyan"))


def closing(console: Console, folder: Path, seconds: float, findings: list[str]) -> None:
    """Say how it went, where the data are, and what to do next; commands may be copied whole."""
    shenbao = _command()
    console.print(Rule("完成"))
    console.print("数据检查（shenbao verify）：" + ("完好" if not findings else "；".join(findings)))
    lines = (
        f"用时{seconds:.0f}秒，数据留在 {folder.resolve()}",
        "",
        "再看一看：",
        f"  {shenbao} list --data {folder}/data",
        f"  {shenbao} show WM2022-0001 --data {folder}/data",
        "自己试一试（另开一个终端寄信，申报表填好再寄）：",
        f"  {shenbao} form 我的申报表.docx",
        f"  {shenbao} serve --config {folder}/try.toml",
        f"  swaks --server 127.0.0.1:{TRY_PORT} --to bzscbk@163.com --from 您的邮箱 --attach @我的申报表.docx",
        f"  {shenbao} outbox --data {folder}/data",
        "正式使用：照 README.zh-CN.md 写 shenbao.toml（163 邮箱和授权码），先试一试：",
        f"  {shenbao} check --config shenbao.toml",
    )
    for line in lines:
        console.print(line, soft_wrap=True, markup=False)


def _command() -> str:
    """Return how the visitor called this program."""
    called = sys.argv[0]
    if Path(called).name != "shenbao" or shutil.which("shenbao") == called:
        return "shenbao"
    return called
