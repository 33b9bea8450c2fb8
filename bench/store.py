"""Part `store`: what each question costs in a store of a thousand, ten and a hundred thousand applications."""

import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from rich.console import Group
from rich.table import Table

from bench import box, many
from bench.apart import apart
from intake import pipeline
from intake.handling import Line
from intake.office.export import export
from intake.pipeline import Raw
from parsers.workers import Workers
from shenbao import condition
from storage import applications, audit, documents, messages, outbox, places, search, tallies
from storage.database import Store, open_store
from storage.model import Channel, Clock, Door, State

SIZES = tuple(map(int, os.environ.get("SHENBAO_BENCH_SIZES", "1000,10000,100000").split(",")))
ASKED = 100  # times each question, about another application each time
SELDOM = 3  # times a question that goes through all of them
BATCH = 10_000
REAL = 40  # mails
NOW = many.START + timedelta(days=2)

Question = Callable[[Store, int, int], object]  # the store, whom it is about, how many there are
ONE: dict[str, Question] = {
    "show": lambda store, number, _: applications.get(store.db, _receipt(number)),
    "its history": lambda store, number, _: audit.history(store.db, _receipt(number)),
    "letters about it": lambda store, number, _: outbox.about(store.db, _receipt(number), many.START),
    "its mail's applications": lambda store, number, _: applications.by_message(store.db, number),
    "whose an address is": lambda store, number, _: applications.by_address(
        store.db, f"bz{number}@example.cn"
    ),
    "a mail's twin": lambda store, number, _: messages.twin(
        store.db, f"<{number}@unit.example.cn>", f"{number:064x}", 0
    ),
    "list, first page": lambda store, _, __: applications.page(store.db, 20),
    "list, a page in the middle": lambda store, _, size: applications.page(store.db, 20, size // 2),
    "list of one state, first page": lambda store, _, __: applications.page(
        store.db, 20, state=State.CORRECTING
    ),
    "search 谯城 (in every one)": lambda store, _, __: search.find(store.db, "谯城"),
    "search two signs of a name": lambda store, number, _: search.find(store.db, _name(number)[:2]),
    "search a whole name": lambda store, number, _: search.find(store.db, _name(number)),
    "search an account's id": lambda store, number, _: search.find(store.db, f"bz{number:06x}"),
    "who is on a unit's quota": lambda store, number, _: applications.on_quota(
        store.db, Channel.DIRECT, None, many.application(number).submitter_key, None
    ),
    "same account, same operator": lambda store, number, _: _rivals(store, number),
    "counts by state": lambda store, _, __: tallies.by_state(store.db),
    "what open ones wait for": lambda store, _, __: tallies.waiting_for(store.db, 3),
    "units with the most places": lambda store, _, __: tallies.taken_by_units(store.db, 20),
    "letters due": lambda store, _, __: outbox.due(store.db, NOW, 20),
    "mails that wait": lambda store, _, __: messages.waiting(store.db),
    "cloud links": lambda store, _, __: documents.of_links(store.db),
    "who wants a place that is free": lambda store, number, _: places.turned_away(
        store.db, many.application(number)
    ),
    "health": lambda store, _, __: condition.report(store, NOW),
}
WHOLE: dict[str, Question] = {
    "list all": lambda store, _, __: applications.count(store.db) == len(list(applications.every(store.db))),
    "stream all": lambda store, _, __: sum(1 for _ in applications.stream(store.db)),
    "the places of all (export)": lambda store, _, __: tallies.quota(store.db),
}


def run() -> Group:
    """Return the tables of this part."""
    asked: dict[str, list[float]] = {}
    whole: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory() as name, open_store(Path(name)) as store:
        before = 0
        for size in SIZES:
            for first in range(before + 1, size + 1, BATCH):
                many.fill(store, first, min(first + BATCH - 1, size))
            before = size
            for question, ask in (ONE | WHOLE).items():
                times = list(_timed(store, ask, size, SELDOM if question in WHOLE else ASKED))
                asked.setdefault(question, []).append(statistics.median(times))
            seconds, peak = apart(_export, Path(name))
            made = (Path(name) / "汇总表.xlsx").stat().st_size
            mega = (Path(name) / "store.sqlite3").stat().st_size / 1e6
            whole.append((f"{size:,}", f"{seconds:.1f}", f"{peak:.0f}", f"{made / 1e6:.1f}", f"{mega:.0f}"))
            print(f"{size} done", file=sys.stderr)
    return Group(_questions(asked), _exports(whole), _growth())


def _questions(asked: dict[str, list[float]]) -> Table:
    table = Table(
        title=f"median ms of a question among so many applications ({ASKED} times, the last {SELDOM})"
    )
    for head in ("question", *(f"{size:,}" for size in SIZES), "last : first"):
        table.add_column(head, justify="left" if head == "question" else "right")
    for question, times in asked.items():
        table.add_row(question, *(f"{each:.2f}" for each in times), f"{times[-1] / times[0]:.1f}")
    return table


def _exports(rows: list[tuple[str, ...]]) -> Table:
    table = Table(title="the 汇总表 of all, in a process of its own")
    for head in ("applications", "seconds", "peak MB", "xlsx MB", "store MB"):
        table.add_column(head, justify="right")
    for row in rows:
        table.add_row(*row)
    return table


def _growth() -> Table:
    """Take in real mails and weigh what they leave."""
    raws = list(box.raws(REAL))
    with tempfile.TemporaryDirectory() as name, open_store(Path(name)) as store, Workers() as workers:
        sizes = [_weights(Path(name))]
        taking = Line(
            store=store, reader=workers, campaign=many.CAMPAIGN, sender="office@example.cn", now=lambda: NOW
        )
        for half in (raws[: REAL // 2], raws[REAL // 2 :]):
            for number, raw in enumerate(half):
                at = NOW + timedelta(seconds=number)
                pipeline.keep(store, Raw(raw, Door.IMAP, "bench", at, Clock.INTERNALDATE), at)
            for _ in pipeline.work_off(taking):
                pass
            store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            sizes.append(_weights(Path(name)))
    table = Table(title=f"bytes that one application adds (form, work and licence; {REAL} real mails)")
    for column in ("of them", "mail", "database", "blobs", "blobs : mail"):
        table.add_column(column, justify="right")
    for which, (before, after) in zip(("first half", "second half"), itertools.pairwise(sizes), strict=True):
        mail = sum(map(len, raws)) / len(raws)
        database, blobs = ((new - old) / (REAL / 2) for old, new in zip(before, after, strict=True))
        table.add_row(which, f"{mail:,.0f}", f"{database:,.0f}", f"{blobs:,.0f}", f"{blobs / mail:.2f}")
    return table


def _weights(folder: Path) -> tuple[int, int]:
    """Return the bytes of the database and of the blobs."""
    blobs = sum(path.stat().st_size for path in (folder / "blobs").rglob("*") if path.is_file())
    return (folder / "store.sqlite3").stat().st_size, blobs


def _timed(store: Store, ask: Question, size: int, times: int) -> Iterator[float]:
    for turn in range(times):
        number = 1 + turn * 7919 % size
        began = time.perf_counter()
        ask(store, number, size)
        yield 1000 * (time.perf_counter() - began)


def _export(folder: Path) -> float:
    with open_store(folder) as store:
        began = time.perf_counter()
        made = export(store, many.CAMPAIGN, now=NOW)
        seconds = time.perf_counter() - began
    (folder / "汇总表.xlsx").write_bytes(made)
    return seconds


def _rivals(store: Store, number: int) -> object:
    one = many.application(number)
    return (
        applications.same_account(store.db, one.account_key, None),
        applications.same_operator(store.db, one.operator_key, one.operator_code, None),
    )


def _receipt(number: int) -> str:
    return f"WM2022-{number:04d}"


def _name(number: int) -> str:
    return many.application(number).fields.name or ""
