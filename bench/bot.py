"""Part `bot`: how long each command takes us in a store of a hundred thousand applications.

Around these stand what a campaign leaves: a letter for each, one in fifty of them a draft, files, an audit
trail, bound chats. Not timed is what a command leaves to be made later (`/export`, a file) or has read
anew (`/assign`): the answer does not wait for the one, the other is the readers' time.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace
from rich.table import Table

from bench import many
from bot.access import Answer, Desk, Person, Role
from bot.commands import answer, pressed
from storage.columns import utc
from storage.database import Store, open_store
from storage.model import Application, Channel, Code, Outcome, Problem, State

SIZE = int(os.environ.get("SHENBAO_BENCH_APPLICATIONS", "100000"))
ASKED = 200  # times each command is given
BATCH = 10_000
LIMIT = 20.0  # milliseconds that the 99th percentile may take
DECIDER = Person(channel="telegram", id="7", role=Role.DECIDER)
COMMANDS = (
    "/status", "/status {n}", "/today", "/list", "/list {page}", "/list 待补正 {few}", "/list 谯城区 {some}",
    "/problems", "/quota", "/search 药都", "/search 谯城", "/search bz{n:06x}", "/explain {n}", "/files {n}",
    "/files {n} 工作材料.docx", "/drafts", "/letter {draft}", "/release {draft}", "/drop {other}", "/paper {n}",
    "/accept {bad}", "/reject {bad} 逾期", "/undo {bad}", "/export", "/help",
)  # fmt: skip
PRESSED = ("/accept {bad}", "/reject {bad}", "/reject {bad} late", "/paper {n}", "/release {another}")
APPLICANTS = ("/start {n:016d}", "/start wrong-{n:016d}", "/status", "/status {n}")
_COUNTIES = tuple(one.name for one in many.CAMPAIGN.counties)
_UNSURE = Problem(code=Code.READING_UNSURE, outcome=Outcome.REVIEW, field="phone", message="请工作人员核对。")
_TWICE = Problem(code=Code.DUPLICATE_ACCOUNT, outcome=Outcome.REJECT, message="该账号已有一件申报。")
Ask = Callable[[Desk, Person, str], Answer]


def run() -> Table:
    """Return the table of this part."""
    table = Table(title=f"the bot over {SIZE:,} applications ({ASKED} times each)")
    for head in ("command", "median ms", "99 % ms", f"under {LIMIT:.0f} ms"):
        table.add_column(head, justify="right" if head != "command" else "left", no_wrap=True)
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder)) as store:
        for first in range(1, SIZE + 1, BATCH):
            _around(store, many.fill(store, first, min(first + BATCH - 1, SIZE), _application))
        now = many.START + timedelta(days=1)
        desk = Desk(store=store, campaign=many.CAMPAIGN, now=lambda: now)
        for name, command, who, ask in _asked():
            times = sorted(_timed(desk, command, turn, who, ask) for turn in range(ASKED))
            worst = times[int(ASKED * 0.99) - 1]
            told = "yes" if worst < LIMIT else "NO"
            table.add_row(name, f"{statistics.median(times):.2f}", f"{worst:.2f}", told)
    return table


def _asked() -> Iterable[tuple[str, str, Callable[[int], Person], Ask]]:
    for command in COMMANDS:
        yield command, command, lambda _: DECIDER, answer
    for command in PRESSED:
        yield f"button {command}", command, lambda _: DECIDER, pressed
    for command in APPLICANTS:
        yield f"applicant {command}", command, _applicant, answer


def _applicant(turn: int) -> Person:
    return Person(channel="telegram", id=f"chat-{turn}", role=Role.APPLICANT)


def _timed(desk: Desk, command: str, turn: int, who: Callable[[int], Person], ask: Ask) -> float:
    """Return the milliseconds of our own time that the answer took; what it changed stays changed."""
    number = 1 + turn * 7919 % SIZE
    words = {
        "n": number,
        "page": 1 + number // 12,
        "few": 1 + number // 80,
        "some": 1 + number // 150,
        "bad": 6 * (1 + number // 7),
        "draft": 50 * (1 + turn),
        "other": 50 * (1 + ASKED + turn),
        "another": 50 * (1 + 2 * ASKED + turn),
    }
    typed = command.format(**words)
    began = time.process_time()
    ask(desk, who(turn), typed)
    return 1000 * (time.process_time() - began)


def _application(number: int) -> Application:
    """Return one of `many`, a third of them of counties, one in seven for a person, one in twenty turned down."""
    one = replace(many.application(number), token=f"{number:016d}")
    if number % 3 == 0:
        county = _COUNTIES[number // 3 % len(_COUNTIES)]
        one = replace(one, channel=Channel.COUNTY, county=county, submitter=f"{county}委网信办")
    if number % 7 == 0 and not one.problems:
        one = replace(one, state=State.REVIEWING, problems=(_UNSURE,))
    if number % 20 == 1:
        one = replace(one, state=State.REJECTED, problems=(_TWICE,))
    return one


def _around(store: Store, made: list[Application]) -> None:
    """Put beside applications what a campaign leaves: letters, files, an audit trail, bound chats."""
    numbered = [(int(one.receipt.rpartition("-")[2]), one, utc(one.received_at)) for one in made]
    with store.transaction() as db:
        many.insert(db, "outbox", (_letter(*each) for each in numbered))
        many.insert(
            db,
            "audit",
            (
                {"at": at, "actor": actor, "event": event, "receipt": one.receipt}
                for _, one, at in numbered
                for actor, event in (("system", "judged"), ("system", "letter"), ("sender", "letter-sent"))
            ),
        )
        many.insert(
            db, "documents", (_file(number, place) for number, _, _ in numbered for place in range(3))
        )
        many.insert(
            db,
            "holdings",
            (
                {"receipt": one.receipt, "document": 3 * number + place, "version": 1}
                for number, one, _ in numbered
                for place in range(3)
            ),
        )
        many.insert(
            db,
            "bindings",
            (
                {"chat": f"telegram:{number}", "receipt": one.receipt, "bound_at": at}
                for number, one, at in numbered
            ),
        )


def _letter(number: int, one: Application, at: str) -> dict[str, object]:
    draft = number % 50 == 0
    return {
        "kind": "correction" if one.state is State.CORRECTING else "acknowledgement",
        "receipts": f'["{one.receipt}"]',
        "cause": f"{number:064x}",
        "message_id": f"<{number}@example.cn>",
        "addressees": f'["{one.addresses[0]}"]',
        "subject": f"【收到】申报材料（{one.receipt}）",
        "body": "您的电子申报材料已收到，经核对没有需要补正的内容。\n" * 40,
        "state": "draft" if draft else "sent",
        "created_at": at,
        "due_at": at,
        "sent_at": None if draft else at,
    }


def _file(number: int, place: int) -> dict[str, object]:
    name, kind = (("申报表.docx", "form"), ("工作材料.docx", "work"), ("执照.jpg", "qualification"))[place]
    return {
        "id": 3 * number + place,
        "position": place,
        "file": name,
        "type": kind,
        "sha256": f"{3 * number + place:064x}",
    }
