"""Part `cluster`: what it costs to have a file read by a dask worker instead of by our own processes."""

import io
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path

from PIL import Image
from rich.table import Table

from parsers.cluster import members
from parsers.cluster.elsewhere import Cluster, Terms
from parsers.documents import Facts
from parsers.workers import Workers
from storage.blobs import Blobs
from tests.parsers.cluster.farm import scheduler, until, worker

SIZES = (300_000, 3_000_000)
TIMES = 20
AT_ONCE = 100  # of the first size

Read = Callable[[bytes, str], Future[Facts]]


def run() -> Table:
    """Return the table of this part."""
    table = Table(
        title="one picture read by one process: ms each, one after another, and the machine's price over home"
    )
    for head in ("bytes", "at home", "on a worker, sent", "price", "on a worker, lying", "price"):
        table.add_column(head, justify="right")
    with ExitStack() as stack:
        blobs = Blobs(Path(stack.enter_context(tempfile.TemporaryDirectory())) / "blobs")
        address, _ = stack.enter_context(scheduler())
        stack.enter_context(worker(address))
        until(lambda: members.attempt(address)[0])
        home = stack.enter_context(Workers(1))
        sent, lying = (
            stack.enter_context(Cluster(Terms(address=address, path_of=path_of), home, lambda _: None))
            for path_of in (None, blobs.path)
        )
        for size in SIZES:
            data = _picture(size)
            blobs.keep(data)
            times = [_median(read, data) for read in (home.read, sent.read, lying.read)]
            prices = [f"{each - times[0]:.1f}" for each in times[1:]]
            table.add_row(
                f"{size:,}", f"{times[0]:.1f}", f"{times[1]:.1f}", prices[0], f"{times[2]:.1f}", prices[1]
            )
        table.add_section()
        data = _picture(SIZES[0])
        rates = [f"{AT_ONCE / _together(read, data):.0f}/s" for read in (home.read, sent.read, lying.read)]
        table.add_row(f"{AT_ONCE} at once", rates[0], rates[1], "", rates[2], "")
    return table


def _picture(size: int) -> bytes:
    """Return a small picture in a file of `size` bytes: there is little to read in it."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "PNG")
    return out.getvalue() + bytes(size - len(out.getvalue()))


def _median(read: Read, data: bytes) -> float:
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        facts = read(data, "图.png").result()
        times.append(1000 * (time.perf_counter() - began))
        assert facts.reader == "image", facts
    return statistics.median(times)


def _together(read: Read, data: bytes) -> float:
    began = time.perf_counter()
    for future in [read(data, "图.png") for _ in range(AT_ONCE)]:
        future.result()
    return time.perf_counter() - began
