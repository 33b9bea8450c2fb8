"""Part `line`: whole mails from raw bytes to the letter in the outbox, beside the bare libraries and other programs.

Each row runs in a process of its own. SHENBAO_BENCH_MAILS (200) is how many mails, SHENBAO_BENCH_SCANS (10) how
many with a scan; ten thousand take some 6 GB of disk.
"""

import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import docx
from imap_tools import MailBoxUnencrypted
from rich.table import Table

import intake
import parsers
from bench import bare, box, cost
from bench.cost import Cost, Meter
from intake import pipeline
from intake.doors import files, mailbox
from intake.doors.keeping import StoreLedger
from intake.doors.mailbox import MailboxSettings
from intake.handling import Line
from intake.pipeline import Raw
from parsers.workers import Workers
from storage import outbox
from storage.campaign_file import load
from storage.database import Store, open_store
from storage.model import Clock, Door
from tests.build import forms
from tests.conftest import SEARCHED
from tests.servers import HOST, PASSWORD, USER, Mailbox, dovecot

MAILS = int(os.environ.get("SHENBAO_BENCH_MAILS", "200"))
SCANS = int(os.environ.get("SHENBAO_BENCH_SCANS", "10"))
HUNDRED = 100
FORMS = 50
TOGETHER = 50  # mails that are kept in one transaction, as from a mailbox
SETTLED_IN = 8  # files read before anything is counted, so that the reading processes have started
CAMPAIGN = load(Path(intake.__file__).parent / "campaigns" / "bozhou-2022.toml")


class Row(NamedTuple):
    """A line of the table, and whether the rows after it, up to the next such, stand beside it."""

    name: str
    mails: int
    cost: Cost | None
    bare: bool = False


def run() -> Table:
    """Return the table of this part."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        box.fill(folder / "mails", MAILS)
        box.fill(folder / "scans", SCANS, every=1)
        ours = cost.apart(of_maildir, folder / "mails", folder / "ours", MAILS)
        few = cost.apart(of_maildir, folder / "mails", folder / "few", HUNDRED)
        sections = (
            [
                Row("bare libraries, from a Maildir", MAILS, _bare(folder, "mails"), bare=True),
                Row("shenbao, from a Maildir", MAILS, ours),
                *_from_dovecot(folder),
            ],
            [
                Row(
                    "bare libraries and rapidocr, a scan in each mail",
                    SCANS,
                    _bare(folder, "scans"),
                    bare=True,
                ),
                Row(
                    "shenbao, the same",
                    SCANS,
                    cost.apart(of_maildir, folder / "scans", folder / "read", SCANS),
                ),
            ],
            [
                Row("python-docx, the cells of a form", FORMS, cost.apart(_cells, FORMS), bare=True),
                Row("shenbao, a form to its fields", FORMS, cost.apart(_fields, FORMS)),
            ],
        )
        size = sum(path.stat().st_size for path in (folder / "mails" / "new").iterdir()) // MAILS // 1024
    return _table(
        sections,
        f"line: {MAILS} mails of {size} KB (form, work with three photos, certificate)",
        _told(ours, few),
    )


def _table(sections: tuple[list[Row], ...], title: str, caption: str) -> Table:
    table = Table(title=title, caption=caption)
    for head in (
        "what",
        "mails/s",
        "CPU ms itself",
        "below it",
        "together",
        "ratio of CPU",
        "peak MB",
        "below it",
    ):
        table.add_column(head, justify="left" if head == "what" else "right")
    for rows in sections:
        beside = next((row for row in rows if row.bare), rows[0])
        for row in rows:
            table.add_row(row.name, *_figures(row, beside))
        table.add_section()
    return table


def _figures(row: Row, beside: Row) -> tuple[str, ...]:
    if row.cost is None or beside.cost is None:
        return ("not installed here",)
    one, other = row.cost, beside.cost
    spent = (f"{1000 * each / row.mails:.1f}" for each in (one.own, one.others, one.cpu))
    ratio = one.cpu / row.mails / (other.cpu / beside.mails)
    return (
        f"{row.mails / one.wall:.1f}",
        *spent,
        f"{ratio:.2f}",
        f"{one.own_mb:.0f}",
        f"{one.others_mb:.0f}",
    )


def _told(ours: Cost, few: Cost) -> str:
    """Return how cost and memory grow; the first hundred mails, which find everything cold, are left out."""
    memory = f"memory at {HUNDRED} mails {few.own_mb:.0f} MB, at {MAILS} {ours.own_mb:.0f} MB"
    if len(ours.told) < 4:
        return memory
    hundreds = [after - before for before, after in zip(ours.told, ours.told[1:], strict=False)]
    return (
        f"{memory}; CPU of the last hundred mails {hundreds[-1] / hundreds[1]:.2f} times the second hundred's"
    )


def _bare(folder: Path, mails: str) -> Cost:
    return cost.apart(bare.run, folder / mails, folder / f"bare-{mails}")


def of_maildir(meter: Meter, maildir: Path, data: Path, count: int) -> None:
    """Keep and work off the first `count` mails of `maildir`; tell the CPU spent after each hundred."""
    found = files.mails([maildir]).found[:count]
    with open_store(data) as store, started() as workers:
        meter.start()
        for first in range(0, count, TOGETHER):
            lot = [raw(one, first + number) for number, one in enumerate(found[first : first + TOGETHER])]
            pipeline.keep_all(store, lot, box.START)
        meter.stop(_worked_off(store, workers, count))


def started() -> Workers:
    """Return reading processes that have begun to work."""
    workers = Workers()
    for begun in [workers.read(b"%d" % number, "a.txt") for number in range(SETTLED_IN)]:
        begun.result()
    return workers


def raw(one: files.Found, number: int) -> Raw:
    """Return mail `number` as a door hands it on."""
    at = box.START + timedelta(seconds=number)
    return Raw(one.read(), Door.FILE, one.origin, at, Clock.INTERNALDATE)


def line_of(store: Store, workers: Workers, now: Callable[[], datetime] = lambda: box.START) -> Line:
    """Return a line as the service has it."""
    return Line(store=store, reader=workers, campaign=CAMPAIGN, sender="office@example.cn", now=now)


def _worked_off(store: Store, workers: Workers, count: int) -> tuple[float, ...]:
    spent = [cost.own() + cost.others()]
    for done, _ in enumerate(pipeline.work_off(line_of(store, workers)), 1):
        if done % HUNDRED == 0:
            spent.append(cost.own() + cost.others())
    written = sum(outbox.counts(store.db).values())
    assert written == count, (written, count)
    return tuple(spent)


def _from_dovecot(folder: Path) -> list[Row]:
    """Fetch the same mails from Dovecot and work them off; fetch and parse them by imap-tools."""
    if not shutil.which("dovecot", path=SEARCHED):
        return [Row("shenbao, from Dovecot", MAILS, None)]
    with dovecot() as server:
        _fill(server, folder / "mails")
        rows = [
            Row("shenbao, from Dovecot", MAILS, cost.apart(_of_dovecot, server.imap, folder / "fetched")),
            Row(
                "imap-tools, from Dovecot: fetched and parsed, no more",
                MAILS,
                cost.apart(_imap_tools, server.imap),
            ),
        ]
    parsed = cost.apart(_parsedmarc, folder / "mails") if find_spec("parsedmarc") else None
    return [*rows, Row("parsedmarc, from a Maildir: parsed, no more", MAILS, parsed)]


def _fill(server: Mailbox, maildir: Path) -> None:
    shutil.copytree(maildir, server.folder / "mail", dirs_exist_ok=True)
    subprocess.run(["chmod", "-R", "a+rwX", str(server.folder / "mail")], check=True)


def _of_dovecot(meter: Meter, port: int, data: Path) -> None:
    settings = MailboxSettings(host=HOST, port=port, user=USER, password=PASSWORD, tls="none")
    with open_store(data) as store, started() as workers:
        meter.start()
        found = mailbox.look(settings, StoreLedger(store, lambda: box.START, lambda: None))
        assert found.new == MAILS, found
        meter.stop(_worked_off(store, workers, MAILS))


def _imap_tools(meter: Meter, port: int) -> None:
    with MailBoxUnencrypted(HOST, port).login(USER, PASSWORD) as client:
        meter.start()
        read = [
            (
                mail.from_,
                mail.subject,
                mail.text,
                [(one.filename, len(one.payload)) for one in mail.attachments],
            )
            for mail in client.fetch(mark_seen=False, bulk=TOGETHER)
        ]
        meter.stop()
    assert len(read) == MAILS, len(read)


def _parsedmarc(meter: Meter, maildir: Path) -> None:
    parse = import_module("parsedmarc.utils").parse_email
    meter.start()
    for path in sorted((maildir / "new").iterdir()):
        parse(path.read_bytes())
    meter.stop()


def _forms(count: int) -> Iterator[bytes]:
    return (forms.docx(box.applicant(number)).data for number in range(count))


def _cells(meter: Meter, count: int) -> None:
    made = list(_forms(count))
    meter.start()
    for data in made:
        for table in docx.Document(io.BytesIO(data)).tables:
            _ = [[cell.text for cell in row.cells] for row in table.rows]
    meter.stop()


def _fields(meter: Meter, count: int) -> None:
    made = list(_forms(count))
    parsers.read(made[0], "申报表.docx")  # imports what it needs
    meter.start()
    for data in made:
        assert parsers.read(data, "申报表.docx").type == "form"
    meter.stop()
