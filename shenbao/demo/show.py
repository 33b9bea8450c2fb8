"""The demo itself: what is set up, sent and awaited, in the order a visitor sees it."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from intake import labels
from shenbao.demo import embedded, mails, results
from shenbao.demo.embedded import HOST, Process, Surroundings, free_port, service, surroundings
from shenbao.demo.folder import prepared, write_settings
from shenbao.demo.mails import Part
from shenbao.options import CHINA, Failure, now
from shenbao.words import COLOURS
from storage import applications, audit, outbox, tallies
from storage.campaign import Campaign
from storage.database import Store, open_store
from storage.model import Event, LetterState, State
from storage.verify import verify

PATIENCE = 150.0  # seconds; a slow machine reads a scan in ten
STEP = 0.2
UNSEEN = 110  # columns where no terminal tells its own


class Stage:
    """What the story needs at hand, and how far it was told."""

    def __init__(self, console: Console, store: Store, process: Process, around: Surroundings) -> None:
        self.console = console
        self.store = store
        self.process = process
        self.around = around
        self.told = 0  # the last line of the audit trail that was shown
        bar = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(20), MofNCompleteColumn())
        self.progress = Progress(*bar, TimeElapsedColumn(), console=console, transient=True)
        self.task = self.progress.add_task("寄送", total=None)

    def say(self, line: Text) -> None:
        """Print one line of the story, cut where the terminal ends."""
        self.console.print(line, no_wrap=True, overflow="ellipsis")


def run(folder: Path) -> None:
    """Show a whole campaign in miniature, and leave its data in `folder`.

    Raise `Failure` where it cannot be shown, or does not end as its list of mails expects.
    """
    embedded.must_be_installed()
    console = _console()
    campaign = prepared(folder)
    started = time.monotonic()
    parts = mails.parts()
    log = folder / "serve.log"
    with surroundings(folder / "mail.log") as around:
        port = free_port()
        settings = write_settings(folder, around, port)
        with service(settings, log, port) as process, open_store(folder / "data") as store:
            _opening(console, campaign, around, port)
            _play(Stage(console, store, process, around), parts, port)
            received = [_mail(raw) for raw in around.applicants.mails()]
    with open_store(folder / "data", create=False) as store:
        fates = results.fates(store, parts)
        results.show(console, store, campaign, fates, received)
        findings = verify(store)
    results.closing(console, folder, time.monotonic() - started, findings)
    if findings or not all(fate.good for fate in fates):
        raise Failure(f"演示的结果与预期不符，请看上表中打 ✗ 的邮件和 {log}。")


def _console() -> Console:
    """Return the visitor's terminal; a file or a pipe gets lines of a moderate width."""
    known = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(highlight=False, width=None if known else UNSEEN)


def _opening(console: Console, campaign: Campaign, around: Surroundings, port: int) -> None:
    title = f"{campaign.title}\n一次小型演示：真实的邮件、表格、证照，与正式运行同一套程序"
    console.print(Panel(Text(title, justify="center"), box=box.DOUBLE))
    console.print(f"本单位的邮箱（内嵌，IMAP）　{HOST}:{around.office.imap}")
    console.print(f"本程序接收投递（SMTP）　　　{HOST}:{port}")
    console.print(f"申报单位的邮箱（内嵌）　　　{HOST}:{around.applicants.imap}")
    console.print(f"截止时间（演示用）　　　　　{campaign.dates.deadline_text}\n")


def _play(stage: Stage, parts: list[Part], port: int) -> None:
    """Send every mail by its door, and wait until all are judged and answered."""
    with _progress(stage, len(parts)):
        for sent, part in enumerate(parts):
            answered = None
            if part.answers:
                _settle(stage, sent)
                origin = next(one for one in parts if one.id == part.answers)
                answered = _letter_to(origin.sender, stage.around)
            mail = mails.composed(part, stage.around.office.user, now(), answered)
            stage.say(_sent(part, str(mail["Subject"])))
            if part.door == "imap":
                mails.append(mail, stage.around.office, now)
            else:
                mails.send(mail, port)
        _settle(stage, len(parts))


def _sent(part: Part, subject: str) -> Text:
    whose = (
        ""
        if subject.startswith(part.sender_name)
        else f"{part.sender_name}：{'回复' if part.answers else ''}"
    )
    files = f"（{len(part.attachments)}个附件）" if part.attachments else ""
    door = "投递" if part.door == "smtp" else "邮箱"
    return Text(f"{now():%H:%M:%S} 来信 {door}{files} {whose}{subject.removeprefix('回复：')}", "dim")


@contextmanager
def _progress(stage: Stage, total: int) -> Iterator[None]:
    with stage.progress:
        stage.progress.update(stage.task, total=total)
        yield


def _settle(stage: Stage, expected: int) -> None:
    """Wait until `expected` mails have their outcome and every letter is delivered."""
    until = time.monotonic() + PATIENCE
    while not _settled(stage, expected):
        if stage.process.poll() is not None:
            raise Failure("shenbao serve 意外结束，请看数据文件夹里的 serve.log。")
        if time.monotonic() > until:
            raise Failure("演示没有在预期时间内完成，请看数据文件夹里的 serve.log。")
        time.sleep(STEP)


def _settled(stage: Stage, expected: int) -> bool:
    _tell(stage)
    outcomes = tallies.mail_outcomes(stage.store.db)
    done = sum(count for outcome, count in outcomes.items() if outcome is not None)
    letters = outbox.counts(stage.store.db)
    told = f"识别、审核；已回信{letters[LetterState.SENT]}封"
    stage.progress.update(stage.task, completed=done, description=told)
    return done >= expected and not letters[LetterState.QUEUED] + letters[LetterState.SENDING]


def _tell(stage: Stage) -> None:
    """Print what was judged since the last time."""
    for event in audit.since(stage.store.db, stage.told):
        stage.told = event.id
        if event.event == "judged":
            stage.say(_judged(stage.store, event))


def _judged(store: Store, event: Event) -> Text:
    one = applications.get(store.db, event.receipt or "")
    state = State(str(event.detail["state"]))
    name = (one and one.fields.name) or "（名称未填）"
    text = Text(f"{event.at.astimezone(CHINA):%H:%M:%S} 审核 {event.receipt} {name} → ")
    return text.append(labels.STATES[state], COLOURS.get(state, ""))


def _letter_to(address: str, around: Surroundings) -> EmailMessage:
    found = [mail for mail in map(_mail, around.applicants.mails()) if address in str(mail["To"])]
    if not found:
        raise Failure(f"没有等到写给 {address} 的回信，请看数据文件夹里的 serve.log。")
    return found[-1]


def _mail(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)
