"""Part `start`: what a command takes before it does anything, beside Python alone and the bare libraries it needs."""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from rich.table import Table

from storage.database import open_store
from tests.build import facts, forms

TIMES = 7  # each; the best one counts, the others waited for somebody else
NOTHING = "python -c pass"
LIBRARIES = "python -c 'import click, msgspec, sqlite_utils'"
SHENBAO = ("-m", "shenbao")


class Cost(NamedTuple):
    """Seconds of the clock, and of CPU of the process and of those it waited for."""

    wall: float
    cpu: float


def run() -> Table:
    """Return the table of this part."""
    with tempfile.TemporaryDirectory() as folder:
        costs = {name: _best(arguments) for name, arguments in _commands(Path(folder)).items()}
    table = Table(title=f"start: the best of {TIMES}")
    for head in ("command", "ms", "ms of CPU", "CPU / python", "CPU / libraries"):
        table.add_column(head, justify="left" if head == "command" else "right")
    for name, cost in costs.items():
        ratios = (f"{cost.cpu / costs[base].cpu:.1f}" for base in (NOTHING, LIBRARIES))
        table.add_row(name, f"{1000 * cost.wall:.0f}", f"{1000 * cost.cpu:.0f}", *ratios)
    return table


def _commands(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return what is started, by name: light commands on an empty store, and a Word form that is read."""
    store, form = folder / "data", folder / "申报表.docx"
    with open_store(store):
        pass
    form.write_bytes(forms.docx(facts.applicant(1)).data)
    on_store = {
        "shenbao list": ("list",),
        "shenbao show": ("show", "WM2022-0001"),
        "shenbao health": ("health",),
        "shenbao chat": ("chat", "--as", "staff"),
    }
    return {
        NOTHING: ("-c", "pass"),
        LIBRARIES: ("-c", "import click, msgspec, sqlite_utils"),
        **{name: (*SHENBAO, *words, "--data", str(store)) for name, words in on_store.items()},
        "shenbao parse, a docx": (*SHENBAO, "parse", str(form)),
    }


def _best(arguments: tuple[str, ...]) -> Cost:
    return Cost(*map(min, zip(*(_once(arguments) for _ in range(TIMES)), strict=True)))


def _once(arguments: tuple[str, ...]) -> Cost:
    used, start = _used(), time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return Cost(time.perf_counter() - start, _used() - used)


def _used() -> float:
    """Return the CPU seconds of all that this process has started and waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime
