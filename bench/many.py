"""Part `many`: what judging one more application costs in a store of a thousand, ten and a hundred thousand."""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from rich.table import Table

import intake
from intake.likeness import likenesses_of, with_alike
from intake.rivals import standing_of
from storage import applications, rows, search
from storage.campaign_file import load
from storage.columns import utc
from storage.database import Store, open_store
from storage.model import Application, Channel, Code, Fields, Kind, Outcome, Platform, Problem, State

CAMPAIGN = load(Path(intake.__file__).parent / "campaigns" / "bozhou-2022.toml")
SIZES = (1_000, 10_000, 100_000)
ASKED = 200  # applications judged at each size
START = datetime(2022, 5, 23, 8, 0, tzinfo=timezone(timedelta(hours=8)))
_TRADES = ("药业", "文旅", "融媒", "物流", "教育", "书店", "酒业", "农业", "建材", "茶业")
_SIGNS = "安邦昌德丰富冠广海恒宏鸿华汇嘉建金京景聚凯康乐利联隆茂美明宁鹏庆荣瑞润盛泰天万祥新信兴旭亚阳逸永裕元源泽正中众"
_FILES = (("申报表.docx", "form"), ("工作材料.docx", "work"), ("营业执照.pdf", "qualification"))
_BODY = "您好！您发来的申报材料已收到，收件编号见主题。\n" * 20  # as long as an acknowledgement is
_WRONG = Problem(
    code=Code.FIELD_INVALID, outcome=Outcome.CORRECT, field="mobile", message="手机号码应为11位数字。"
)


def application(number: int) -> Application:
    """Return invented application `number`, each of a company of its own, one in six incomplete."""
    signs = "".join(_SIGNS[number // len(_SIGNS) ** place % len(_SIGNS)] for place in range(3))
    organizer = f"亳州{signs}{_TRADES[number % len(_TRADES)]}有限公司"
    bad = number % 6 == 0
    at = START + timedelta(seconds=number)
    return Application(
        receipt=f"WM2022-{number:04d}",
        state=State.CORRECTING if bad else State.ACCEPTED,
        kind=Kind.ACCOUNT,
        platform=Platform.WECHAT,
        channel=Channel.DIRECT,
        submitter=organizer,
        submitter_key=f"unit:{organizer}",
        account_key=f"wechat:bz{number:06x}{number % 97}",
        operator_key=organizer,
        fields=Fields(
            name=f"{signs}{_TRADES[number % len(_TRADES)]}在线",
            identifier=f"bz{number:06x}{number % 97}",
            organizer=organizer,
            address=f"安徽省亳州市谯城区希夷大道{number % 999}号",
            contact="陈思远",
            mobile="13800138000",
            email=f"bz{number}@example.cn",
            summary="坚持正确政治方向。",
        ),
        problems=(_WRONG,) if bad else (),
        received_at=at,
        changed_at=at,
        token=f"many-{number}",
        addresses=(f"bz{number}@example.cn",),
    )


def fill(
    store: Store, first: int, last: int, make: Callable[[int], Application] = application
) -> list[Application]:
    """Put applications `first` to `last` into the store as judging would have left them, in one transaction."""
    made = [make(number) for number in range(first, last + 1)]
    with store.transaction() as db:
        insert(db, "messages", map(_message, made))
        insert(db, "documents", (each for one in made for each in _documents(one)))
        insert(db, "applications", map(rows.row_of, made))
        insert(db, "holdings", (_holding(one, each) for one in made for each in _documents(one)))
        insert(db, "outbox", map(_letter, made))
        insert(db, "audit", map(_event, made))
        insert(db, "versions", map(_version, made))
        insert(db, "problems", (_problem(one, each) for one in made for each in one.problems))
        insert(db, "addresses", ({"receipt": one.receipt, "address": one.addresses[0]} for one in made))
        insert(
            db,
            "likenesses",
            ({"likeness": key, "receipt": one.receipt} for one in made for key in likenesses_of(one)),
        )
        for one in made:
            search.index(db, one.receipt, rows.words_of(one))
        db.execute(
            "INSERT INTO receipts (prefix, last) VALUES ('WM2022', ?) ON CONFLICT (prefix) DO UPDATE SET last = ?",
            (last, last),
        )
    return made


def run() -> Table:
    table = Table(title=f"one more application among many ({ASKED} each)")
    for head in (
        "applications",
        "filled in s",
        "rivals found, median ms",
        "99 % ms",
        "saved, median ms",
        "store MB",
    ):
        table.add_column(head, justify="right")
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder)) as store:
        before = 0
        for size in SIZES:
            began = time.perf_counter()
            fill(store, before + 1, size)
            filled, before = time.perf_counter() - began, size
            found, saved = _asked(store, size)
            mega = sum(file.stat().st_size for file in Path(folder).glob("store.sqlite3*")) / 1e6
            table.add_row(
                f"{size:,}",
                f"{filled:.1f}",
                f"{statistics.median(found):.2f}",
                f"{sorted(found)[int(len(found) * 0.99)]:.2f}",
                f"{statistics.median(saved):.2f}",
                f"{mega:.0f}",
            )
            print(f"{size} done", file=sys.stderr)
    return table


def _asked(store: Store, size: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds in which one more was compared with all, and kept, then taken back."""
    found, saved = [], []
    with store.rehearsal():
        for number in range(size + 1, size + 1 + ASKED):
            one = application(number)
            began = time.perf_counter()
            with_alike(store, CAMPAIGN, one, standing_of(store, one))
            found.append(1000 * (time.perf_counter() - began))
            began = time.perf_counter()
            applications.save(store.db, one, message=None, documents=())
            saved.append(1000 * (time.perf_counter() - began))
    return found, saved


def _number(one: Application) -> int:
    return int(one.receipt.rpartition("-")[2])


def _message(one: Application) -> dict[str, Any]:
    number = _number(one)
    return {
        "id": number,
        "sha256": f"{number:064x}",
        "size": 330_000,
        "door": "imap",
        "origin": f"bzscbk@163.com/INBOX/1/{number}",
        "received_at": one.received_at.isoformat(),
        "received_unix": one.received_at.timestamp(),
        "clock": "internaldate",
        "kept_at": utc(one.received_at),
        "message_id": f"<{number}@unit.example.cn>",
        "sender": one.addresses[0],
        "subject": f"报送“{one.fields.name}”申报材料",
        "outcome": "application",
        "finished_at": utc(one.received_at),
        "attachments_digest": f"{number:064x}",
    }


def _documents(one: Application) -> list[dict[str, Any]]:
    number = _number(one)
    return [
        {
            "id": 3 * number + place,
            "message": number,
            "position": place,
            "file": file,
            "type": kind,
            "sha256": f"{3 * number + place:064x}",
        }
        for place, (file, kind) in enumerate(_FILES)
    ]


def _holding(one: Application, document: dict[str, Any]) -> dict[str, Any]:
    return {"receipt": one.receipt, "document": document["id"], "version": one.version}


def _letter(one: Application) -> dict[str, Any]:
    number = _number(one)
    return {
        "kind": "correction" if one.problems else "acknowledgement",
        "receipts": f'["{one.receipt}"]',
        "cause": f"{number:064x}",
        "message_id": f"<{number}@office.example.cn>",
        "in_reply_to": f"<{number}@unit.example.cn>",
        "addressees": f'["{one.addresses[0]}"]',
        "subject": f"【回执】申报材料（{one.receipt}）",
        "body": _BODY,
        "state": "sent",
        "created_at": utc(one.received_at),
        "due_at": utc(one.received_at),
        "tried_at": utc(one.received_at),
        "sent_at": utc(one.received_at),
    }


def _event(one: Application) -> dict[str, Any]:
    return {
        "at": utc(one.received_at),
        "actor": "system",
        "event": "judged",
        "receipt": one.receipt,
        "message": _number(one),
    }


def _version(one: Application) -> dict[str, Any]:
    return {
        "receipt": one.receipt,
        "version": one.version,
        "message": _number(one),
        "at": one.changed_at.isoformat(),
        "fields": rows.encoded(one.fields),
    }


def _problem(one: Application, problem: Problem) -> dict[str, Any]:
    return {
        "receipt": one.receipt,
        "position": 0,
        "code": problem.code,
        "outcome": problem.outcome,
        "problem": rows.encoded(problem),
    }


def insert(db: Any, table: str, values: Iterable[dict[str, Any]]) -> None:
    """Insert rows of one shape in bulk."""
    every: Iterator[dict[str, Any]] = iter(values)
    first = next(every, None)
    if first is None:
        return
    columns, marks = ", ".join(first), ", ".join("?" for _ in first)
    rest = (tuple(row.values()) for row in every)
    sql = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - names of our own
    db.conn.execute(sql, tuple(first.values()))
    db.conn.executemany(sql, rest)
