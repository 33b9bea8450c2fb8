"""Part `latency`: from the last byte of a mail to its letter in the outbox, under half the load that can be borne.

Mails come one after another at an even pace, each kept as a door keeps it; the line is woken and works off what
waits, as in the service. SHENBAO_BENCH_MAILS (200) is how many, of which a fifth are sent again with scans among them.
"""

import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

from rich.table import Table

from bench import box, cost, line
from bench.cost import Meter
from intake import pipeline
from intake.doors import files
from storage.database import open_store

LOAD = 0.5  # of what was borne at most in the same run
EVERY = 5  # so manieth has a scan in the second half
WAIT = 1.0


class Row(NamedTuple):
    """A line of the table: how many mails a second came, and each one's seconds."""

    name: str
    rate: float
    seconds: list[float]


def run() -> Table:
    """Return the table of this part."""
    plain, mixed = line.MAILS, max(line.MAILS // 5, 2 * EVERY)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        box.fill(folder / "plain", plain)
        box.fill(folder / "mixed", mixed, every=EVERY)
        rate, seconds = _under_load(folder / "plain", plain)
        slower, among = _under_load(folder / "mixed", mixed)
    scanned = among[EVERY - 1 :: EVERY]
    others = [each for number, each in enumerate(among) if number % EVERY != EVERY - 1]
    rows = (
        Row("no scans", rate, seconds),
        Row("mails without a scan, where every fifth has one", slower, others),
        Row("mails with a scan", slower, scanned),
    )
    table = Table(
        title=f"latency: seconds from the last byte to the letter, at {LOAD:.0%} of the most that is borne"
    )
    for head in ("what", "mails", "mails/s", "median", "95 %", "99 %"):
        table.add_column(head, justify="left" if head == "what" else "right")
    for row in rows:
        cuts = statistics.quantiles(row.seconds, n=100, method="inclusive")
        figures = (f"{cuts[at - 1]:.3f}" for at in (50, 95, 99))
        table.add_row(row.name, str(len(row.seconds)), f"{row.rate:.2f}", *figures)
    return table


def _under_load(maildir: Path, count: int) -> tuple[float, list[float]]:
    """Return the mails a second that came, and the seconds of each."""
    most = cost.apart(line.of_maildir, maildir, maildir.with_suffix(".most"), count)
    rate = LOAD * count / most.wall
    steady = cost.apart(_steady, maildir, maildir.with_suffix(".steady"), count, rate)
    return rate, list(steady.told)


def _steady(meter: Meter, maildir: Path, data: Path, count: int, rate: float) -> None:
    came = [0.0] * count
    arrived = threading.Event()
    found = files.mails([maildir]).found[:count]

    def deliver() -> None:
        begins = time.perf_counter()
        with open_store(data) as store:
            for number, one in enumerate(found):
                raw = line.raw(one, number)
                time.sleep(max(0.0, begins + number / rate - time.perf_counter()))
                came[number] = time.perf_counter()
                pipeline.keep(store, raw, box.START)
                arrived.set()

    with open_store(data) as store, line.started() as workers:
        numbers = {one.origin: number for number, one in enumerate(found)}
        seconds = [0.0] * count
        postman = threading.Thread(target=deliver)
        meter.start()
        postman.start()
        while not all(seconds):
            arrived.wait(WAIT)
            arrived.clear()
            for taken in pipeline.work_off(line.line_of(store, workers)):
                number = numbers[taken.message.origin]
                seconds[number] = time.perf_counter() - came[number]
        meter.stop(tuple(seconds))
        postman.join()
