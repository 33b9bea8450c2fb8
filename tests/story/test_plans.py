"""No question of the judge, the bot or a quick command goes through a table that grows: every plan is looked at."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bench import bot, many
from bot.access import Desk
from bot.commands import answer
from intake import decisions, expiring
from intake.letters import sender
from parsers.workers import Workers
from shenbao import condition
from storage import applications, outbox, search
from storage.database import Store
from tests.build import facts, mails
from tests.build.mails import Draft
from tests.story.office import LIBRARY, Office, desk, everything, report

GROWING = (
    "addresses|applications|arrivals|audit|bindings|documents|facts|holdings|letters_about|likenesses|messages|"
    "outbox|pending|positions|problems|scores|settled|taken|versions|waiting"
)
WHOLE = re.compile(rf"SCAN (?:{GROWING})\b.*")
FEW = re.compile(r".* INDEX (?:messages_waiting|messages_secret|pending_open|outbox_due|documents_of_links)")
"""Indexes of the few rows that still wait for something, gone through as a whole."""

PERMITTED = {
    # SQLite looks for a receipt's children only when the receipt itself changes, which it never does.
    "SCAN bindings": "INSERT INTO",
    "SCAN scores": "INSERT INTO",
    # In the order of the index, and no further than the page.
    "SCAN applications USING INDEX sqlite_autoindex_applications_3": "LIMIT ? OFFSET ?",
    # Counts of a few bytes a row, asked by a person now and then.
    "SCAN outbox USING COVERING INDEX outbox_by_state": "SELECT state, count(*) FROM outbox",
    "SCAN messages USING COVERING INDEX messages_by_outcome": "SELECT outcome, count(*) FROM messages",
}
"""Plans that go through a whole table or index all the same, and what they are for."""

Values = Sequence[Any] | dict[str, Any] | None
MINE = LIBRARY.fields.email or ""


@pytest.fixture
def office(tmp_path: Path, workers: Workers) -> Iterator[Office]:
    with Office(tmp_path / "data", workers) as made:
        yield made


def words(sender: str, subject: str, text: str, **more: object) -> bytes:
    return mails.post(Draft(sender=sender, subject=subject, text=text, **more)).raw  # type: ignore[arg-type]  # fields of Draft


def judged(office: Office) -> None:
    """Let mails of every kind come in."""
    for number in range(3):
        who = facts.applicant(number, platform="wechat")
        office.take(mails.mail(who, attachments=everything(who)).raw)
    office.take(
        b"Received: from elsewhere by us; Mon, 30 May 2022 09:00:00 +0800\r\n"
        + mails.mail(LIBRARY, attachments=everything(LIBRARY)).raw
    )
    office.take(mails.mail(LIBRARY, attachments=everything(LIBRARY), sender="other@unit.example.cn").raw)
    office.take(words(MINE, "查询", "查询"))
    office.take(words(MINE, "请问", "请问何时截止？"))
    office.take(words("stranger@example.cn", "WM2022-0001 补充", "见附件", files=(report(5),)))
    office.take(words(MINE, "WM2022-0001 补充", "见附件", files=(report(6),)))
    bounce = f"Message-ID: {_first_letter(office)}\n无法送达"
    office.take(words("MAILER-DAEMON@163.example.cn", "退信", bounce))


def asked(office: Office) -> None:
    """Ask what staff ask, of the bot and of the quick commands, and decide."""
    store, clock = office.store, office.clock
    where = Desk(store=store, campaign=many.CAMPAIGN, now=lambda: clock)
    for command in bot.COMMANDS:
        answer(where, bot.DECIDER, command.format(n=1, page=1, few=1, some=1, bad=2, draft=1, other=2))
    decisions.accept(desk(office), "WM2022-0003")
    for receipt in search.find(store.db, "亳州"):
        applications.get(store.db, receipt)
    applications.page(store.db, 20, 0)
    condition.report(store, clock)


def served(office: Office) -> None:
    """Do what the running service does with every letter and every few seconds."""
    db, clock = office.store.db, office.clock
    expiring.warn(office.store, many.CAMPAIGN, clock)
    outbox.due(db, clock, 10)
    outbox.sent_since(db, clock - timedelta(hours=1))
    sender.stopped_by(office.store)


def plans(store: Store, statements: dict[str, Values]) -> Iterator[tuple[str, str]]:
    for sql, values in statements.items():
        if sql.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            for row in store.db.conn.execute(f"EXPLAIN QUERY PLAN {sql}", values or ()):
                yield sql, row[3]


def is_permitted(sql: str, plan: str) -> bool:
    return FEW.fullmatch(plan) is not None or PERMITTED.get(plan, "no statement") in " ".join(sql.split())


def _first_letter(office: Office) -> str:
    first = outbox.get(office.store.db, 1)
    assert first is not None
    return first.message_id


def test_no_question_goes_through_what_grows(office: Office) -> None:
    statements: dict[str, Values] = {}

    def note(sql: str, values: Values) -> None:
        statements[sql] = values

    with office.store.db.tracer(note):
        for part in (judged, asked, served):
            part(office)
    assert len(statements) > 80
    bad = {
        (" ".join(sql.split()), plan)
        for sql, plan in plans(office.store, statements)
        if WHOLE.fullmatch(plan) and not is_permitted(sql, plan)
    }
    assert bad == set()


def test_a_question_without_an_index_is_found_out(office: Office) -> None:
    sql = "SELECT id FROM messages WHERE reason = ?"
    ((_, plan),) = plans(office.store, {sql: ("x",)})
    assert WHOLE.fullmatch(plan)
    assert not is_permitted(sql, plan)
