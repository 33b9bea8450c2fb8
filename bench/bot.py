"""Part `bot`: how long each command takes us in a store of a hundred thousand applications."""

import os
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from rich.table import Table

from bench import many
from bot.access import Desk, Person, Role
from bot.commands import answer
from storage.database import open_store

SIZE = int(os.environ.get("SHENBAO_BENCH_APPLICATIONS", "100000"))
ASKED = 200  # times each command is given
BATCH = 10_000
DECIDER = Person(channel="telegram", id="7", role=Role.DECIDER)
COMMANDS = (
    "/status", "/status {n}", "/today", "/list", "/list {page}", "/list 待补正 {few}", "/problems", "/quota",
    "/search 药都", "/search 谯城", "/search bz{n:06x}", "/explain {n}", "/drafts", "/paper {n}", "/accept {bad}",
    "/reject {bad} 逾期", "/undo {bad}", "/help",
)  # fmt: skip


def run() -> Table:
    """Return the table of this part."""
    table = Table(title=f"the bot over {SIZE:,} applications ({ASKED} times each)")
    for head in ("command", "median ms", "99 % ms"):
        table.add_column(head, justify="right" if head != "command" else "left")
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder)) as store:
        for first in range(1, SIZE + 1, BATCH):
            many.fill(store, first, min(first + BATCH - 1, SIZE))
        now = many.START + timedelta(days=1)
        desk = Desk(store=store, campaign=many.CAMPAIGN, now=lambda: now)
        for command in COMMANDS:
            times = sorted(_timed(desk, command, turn) for turn in range(ASKED))
            table.add_row(command, f"{statistics.median(times):.2f}", f"{times[int(ASKED * 0.99) - 1]:.2f}")
    return table


def _timed(desk: Desk, command: str, turn: int) -> float:
    """Return the milliseconds of our own time that the answer took; what it changed stays changed."""
    number = 1 + turn * 7919 % SIZE
    words = {"n": number, "page": 1 + number // 12, "few": 1 + number // 80, "bad": 6 * (1 + number // 7)}
    began = time.process_time()
    answer(desk, DECIDER, command.format(**words))
    return 1000 * (time.process_time() - began)
