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
from storage.database import Store, open_store
from storage.model import Application, Channel, Code, Fields, Kind, Outcome, Platform, Problem, State

CAMPAIGN = load(Path(intake.__file__).parent / "campaigns" / "bozhou-2022.toml")
SIZES = (1_000, 10_000, 100_000)
ASKED = 200  # applications judged at each size
START = datetime(2022, 5, 23, 8, 0, tzinfo=timezone(timedelta(hours=8)))
_TRADES = ("药业", "文旅", "融媒", "物流", "教育", "书店", "酒业", "农业", "建材", "茶业")
_SIGNS = "安邦昌德丰富冠广海恒宏鸿华汇嘉建金京景聚凯康乐利联隆茂美明宁鹏庆荣瑞润盛泰天万祥新信兴旭亚阳逸永裕元源泽正中众"
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
        insert(db, "applications", map(rows.row_of, made))
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


def _version(one: Application) -> dict[str, Any]:
    return {
        "receipt": one.receipt,
        "version": one.version,
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
