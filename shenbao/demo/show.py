"""The demo itself: what is set up, sent, awaited and shown, in the order a visitor sees it."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.access import TERMINAL, Desk, Person, Role
from bot.commands import answer
from intake.width import folded
from shenbao.demo import mails
from shenbao.demo.embedded import HOST, Mailserver, Surroundings, free_port, service
from shenbao.demo.mails import Part
from shenbao.options import CAMPAIGNS, Failure, Misuse, now
from shenbao.tables import MAILS, list_table, quota_table, state_text
from storage import applications, messages, outbox, tallies
from storage.campaign import Campaign
from storage.campaign_file import load, redated
from storage.database import Store, open_store
from storage.model import Application, Channel, LetterState, MailOutcome
from storage.verify import verify

MARK = ".shenbao-demo"
PATIENCE = 150.0  # seconds; a slow machine reads a scan in ten
STEP = 0.2
WIDTH = 100  # columns of the letters
SHOWN = ("【收到】", "【请补正】", "【暂未纳入】")

SERVE = """\
# 由 shenbao demo 写成。活动的日期在今天前后，适合试用；正式使用请见 README.zh-CN.md。
campaign = "{folder}/campaign.toml"
[store]
data = "{folder}/data"
[listener]
host = "127.0.0.1"
port = {port}
addresses = ["bzscbk@163.com"]
"""
EMBEDDED = """\
[mailbox]
host = "127.0.0.1"
port = {imap}
user = "bzscbk@163.com"
password_file = "{folder}/mailbox-code"
tls = "none"
poll_seconds = 1
[outgoing]
host = "127.0.0.1"
port = {smtp}
tls = "none"
sender = "bzscbk@163.com"
hourly = 1000
daily = 1000
"""


def run(folder: Path) -> None:
    """Show a whole campaign in miniature, and leave its data in `folder`."""
    console = Console(highlight=False, soft_wrap=False, width=max(Console().width, WIDTH + 10))
    _fresh(folder)
    campaign = _dated(folder)
    started = time.monotonic()
    with Surroundings() as around:
        port = free_port()
        _write_config(folder, around.office, around.applicants, port)
        with service(folder / "serve.toml", folder / "serve.log", port), open_store(folder / "data") as store:
            _opening(console, campaign, around, port)
            parts = mails.parts()
            _campaign(console, parts, around, store, port)
            received = [_mail(raw) for raw in around.applicants.mails()]
    with open_store(folder / "data", create=False) as store:
        _shown(console, store, campaign, parts, received)
        findings = verify(store)
    _closing(console, folder, time.monotonic() - started, findings)


def _fresh(folder: Path) -> None:
    """Make the folder anew; only one that an earlier demo made is cleared."""
    if folder.exists() and not (folder / MARK).is_file():
        raise Misuse(f"文件夹已存在，而且不是演示留下的：{folder}。请用 --data 另指一个。")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).write_text("由 shenbao demo 生成，可以整个删除。\n", encoding="utf-8")


def _dated(folder: Path) -> Campaign:
    """Write the notice's own campaign file with dates around now: the real ones are long past."""
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    text = (CAMPAIGNS / "bozhou-2022.toml").read_text(encoding="utf-8")
    path = folder / "campaign.toml"
    opens, deadline = today - timedelta(days=3), today + timedelta(days=10)
    path.write_text(redated(text, opens=opens, deadline=deadline, name="demo"), encoding="utf-8")
    return load(path)


def _write_config(folder: Path, office: Mailserver, applicants: Mailserver, port: int) -> None:
    code = folder / "mailbox-code"
    code.touch(mode=0o600)
    code.write_text(office.password, encoding="utf-8")
    where = folder.resolve()
    embedded = EMBEDDED.format(folder=where, imap=office.imap, smtp=applicants.smtp)
    (folder / "serve.toml").write_text(SERVE.format(folder=where, port=port) + embedded, encoding="utf-8")
    (folder / "try.toml").write_text(SERVE.format(folder=where, port=8025), encoding="utf-8")


def _opening(console: Console, campaign: Campaign, around: Surroundings, port: int) -> None:
    console.print(
        Panel(
            Text(
                f"{campaign.title}\n一次小型演示：真实的邮件、表格、证照，与正式运行同一套程序",
                justify="center",
            ),
            box=box.DOUBLE,
        )
    )
    console.print(
        f"内嵌邮箱（IMAP）{HOST}:{around.office.imap}　本程序接收投递（SMTP）{HOST}:{port}　申报单位的邮箱 {HOST}:{around.applicants.smtp}"
    )
    console.print(f"截止时间（演示用）：{campaign.dates.deadline_text}\n")


def _campaign(console: Console, parts: list[Part], around: Surroundings, store: Store, port: int) -> None:
    """Send every mail by its door, and wait until all are judged and answered."""
    with _progress(console) as say:
        for sent, part in enumerate(parts):
            answered = None
            if part.answers:
                say(f"等待对“{part.answers}”的回信，再代申报单位回复")
                origin = next(one for one in parts if one.id == part.answers)
                _settled(store, sent, say)
                answered = _letter_to(origin.sender, around.applicants)
            mail = mails.composed(part, around.office.user, now(), answered)
            console.print(
                f"[dim]{now():%H:%M:%S}[/] 寄出 {part.door.upper()} {part.sender_name}：{mail['Subject']}（{len(part.attachments)}个附件）"
            )
            if part.door == "imap":
                mails.append(mail, around.office, now)
            else:
                mails.send(mail, port)
        _settled(store, len(parts), say)


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[str], None]]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("寄送")
        yield lambda text: progress.update(task, description=text)


def _settled(store: Store, expected: int, say: Callable[[str], None]) -> None:
    """Wait until `expected` mails have their outcome and every letter is delivered."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        outcomes = tallies.mail_outcomes(store.db)
        done = sum(count for outcome, count in outcomes.items() if outcome is not None)
        letters = outbox.counts(store.db)
        pending = letters[LetterState.QUEUED] + letters[LetterState.SENDING]
        say(f"已审核 {done}/{expected} 封，已回信 {letters[LetterState.SENT]} 封")
        if done >= expected and not pending:
            return
        time.sleep(STEP)
    raise Failure("演示没有在预期时间内完成，请看数据文件夹里的 serve.log。")


def _letter_to(address: str, box_of: Mailserver) -> EmailMessage:
    found = [mail for mail in map(_mail, box_of.mails()) if address in str(mail["To"])]
    if not found:
        raise Failure(f"没有等到写给 {address} 的回信，请看数据文件夹里的 serve.log。")
    return found[-1]


def _mail(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def _header(mail: EmailMessage, name: str) -> str:
    """Return a header as mail programs show it: the library puts a space between its encoded words."""
    raw = message_from_bytes(mail.as_bytes())[name]
    return str(make_header(decode_header(raw)))


def _shown(
    console: Console, store: Store, campaign: Campaign, parts: list[Part], received: list[EmailMessage]
) -> None:
    found = list(applications.every(store.db))
    console.print(Rule("每封邮件的结果"))
    console.print(_outcomes(store, parts))
    console.print(Rule("申报一览（shenbao list）"))
    console.print(list_table(found))
    console.print(Rule("账号名额"))
    limits = {Channel.DIRECT: campaign.quota.direct, Channel.COUNTY: campaign.quota.county}
    console.print(quota_table(tallies.quota(store.db), limits))
    console.print(Rule("三封回信，取自申报单位的邮箱"))
    for start in SHOWN:
        letter = next((mail for mail in received if str(mail["Subject"]).startswith(start)), None)
        if letter is not None:
            console.print(_letter(letter))
    console.print(Rule("与机器人的对话（shenbao chat）"))
    _talk(console, Desk(store=store, campaign=campaign, now=now), found)


def _outcomes(store: Store, parts: list[Part]) -> Table:
    """Return what became of each mail beside what the manifest expects of it."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("发件单位", "结果", "说明", "如期"):
        table.add_column(head, overflow="fold")
    by_subject = {one.id: one for one in messages.recent(store.db, len(parts) * 2)}
    ordered = sorted(by_subject.values(), key=lambda one: (one.received_at, one.id))
    for part in parts:
        message = next(
            one for one in ordered if one.sender == part.sender and _subject_fits(part, one.subject)
        )
        ordered.remove(message)
        judged = [applications.get(store.db, one) for one in applications.by_message(store.db, message.id)]
        states = [one for one in judged if one is not None]
        good = message.outcome == part.outcome and _as_expected(part, states)
        told = Text("、").join([state_text(one.state) for one in states])
        outcome = MAILS[message.outcome] if message.outcome else "待审核"
        table.add_row(
            part.sender_name, Text(f"{outcome} ").append_text(told), part.expect, "✓" if good else "✗"
        )
    return table


def _subject_fits(part: Part, subject: str | None) -> bool:
    return bool(part.answers) == (subject or "").startswith("回复：") and (
        part.answers != "" or part.subject == subject
    )


def _as_expected(part: Part, found: list[Application]) -> bool:
    if part.outcome != MailOutcome.APPLICATION:
        return True
    return all(one.state in part.states for one in found)


def _letter(mail: EmailMessage) -> Panel:
    body = mail.get_body(("plain",))
    text = body.get_content() if body else ""
    head = f"发件人：{_header(mail, 'From')}\n收件人：{mail['To']}\n主　题：{mail['Subject']}\n\n"
    return Panel(Text(folded(head + text.rstrip(), WIDTH - 4)), box=box.SQUARE, width=WIDTH)


def _talk(console: Console, desk: Desk, found: list[Application]) -> None:
    staff = Person(channel=TERMINAL, id="demo", role=Role.DECIDER)
    applicant = Person(channel=TERMINAL, id="applicant", role=Role.APPLICANT)
    turned_down = next((one for one in found if one.state == "rejected"), found[-1])
    for person, command in (
        (staff, "/today"),
        (staff, "/quota"),
        (staff, f"/status {turned_down.receipt}"),
        (applicant, f"/start {found[0].token}"),
        (applicant, "/status"),
    ):
        who = "工作人员" if person is staff else "申报单位"
        console.print(f"[bold]{who}>[/] {command}")
        console.print(Text(folded(answer(desk, person, command).text, WIDTH)), style="cyan")


def _closing(console: Console, folder: Path, seconds: float, findings: list[str]) -> None:
    console.print(Rule("完成"))
    console.print("数据检查（shenbao verify）：" + ("完好" if not findings else "；".join(findings)))
    console.print(
        f"用时 {seconds:.0f} 秒，数据留在 {folder.resolve()}\n"
        f"  再看一看：  .venv/bin/shenbao list --data {folder}/data\n"
        f"              .venv/bin/shenbao show WM2022-0001 --data {folder}/data\n"
        f"  自己试一试：.venv/bin/shenbao form 我的申报表.docx，填好后运行 .venv/bin/shenbao serve --config {folder}/try.toml，\n"
        "              用任何邮件客户端经 127.0.0.1:8025 寄给 bzscbk@163.com，再看 shenbao outbox\n"
        "  正式使用：  照 README.zh-CN.md 写 shenbao.toml（163 邮箱和授权码），先运行 shenbao check --config shenbao.toml"
    )
