"""Part `mail`: a mailbox 30 ms away fetched and safely stored beside mbsync, and the listener beside bare ones.

Each of ours and of the bare ones runs in a process of its own, so that its time and its memory are its own.
"""

import asyncio
import imaplib
import multiprocessing
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from aiosmtpd.controller import Controller
from rich.table import Table

from bench.apart import apart, peak_mb
from intake.doors import mailbox
from intake.doors.keeping import Keeper, StoreLedger
from intake.doors.listener import Limits, Listener
from intake.doors.mailbox import MailboxSettings
from storage.database import open_store
from tests.conftest import SEARCHED
from tests.servers import HOST, PASSWORD, USER, Mailbox, dovecot, free_port, wait_for_port

MAILS, MAIL_BYTES = 1000, 323 * 1024
ROUNDS = 2
POSTED, SENDERS = 400, 8
BIG_BYTES = 64 * 1024 * 1024
DELAY_SECONDS = 0.015  # each way
MBSYNC = """
IMAPAccount box
Host 127.0.0.1
Port {port}
User {user}
Pass {password}
{tls} None

IMAPStore far
Account box

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX

Channel all
Far :far:
Near :near:
Patterns INBOX
Create Near
Sync Pull
SyncState *
"""


class Row(NamedTuple):
    """A line of the table: its seconds, its most memory in MB where it is ours to know, and beside whom it stands."""

    name: str
    mails: int
    seconds: float | None
    peak_mb: float | None = None


def run() -> Table:
    """Return the table of this part."""
    table = Table(
        title=f"mail: {MAILS} mails of {MAIL_BYTES // 1024} KB at {2000 * DELAY_SECONDS:.0f} ms a round trip; "
        f"{POSTED} of them posted by {SENDERS} senders at once"
    )
    for head in ("what", "mails/s", "seconds", "ratio of rates", "peak MB"):
        table.add_column(head, justify="right")
    for rows in (_fetching(), _posting()):
        beside = next((row for row in rows[1:] if row.seconds), rows[0])
        for row in rows:
            table.add_row(*_cells(row, beside))
        table.add_section()
    return table


def _cells(row: Row, beside: Row) -> tuple[str, ...]:
    if row.seconds is None:
        return (row.name, "not installed here", "", "", "")
    rate = row.mails / row.seconds
    ratio = f"{rate * (beside.seconds or 1) / beside.mails:.2f}" if row.mails == beside.mails else ""
    peak = f"{row.peak_mb:.0f}" if row.peak_mb else ""
    return (row.name, f"{rate:.1f}", f"{row.seconds:.2f}", ratio, peak)


def _mail(number: int, size: int = MAIL_BYTES) -> bytes:
    head = f"From: a@unit.gov.cn\r\nSubject: {number}\r\nMessage-ID: <{number}.{size}@bench>\r\n\r\n".encode()
    line = (b"%08d" % number) * 9 + b"\r\n"
    return head + line * ((size - len(head)) // len(line))


def _fetching() -> list[Row]:
    """Fetch the box by ours and by mbsync, the better of two rounds each, and then a big mail by ours."""
    if not shutil.which("dovecot", path=SEARCHED):
        return [Row("shenbao's mailbox (needs Dovecot)", MAILS, None)]
    with dovecot() as box, far(box.imap) as port, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _fill(box, map(_mail, range(MAILS)))
        _index(box)
        rounds = [folder / str(number) for number in range(ROUNDS)]
        ours = min(apart(_fetch, port, each / "ours", MAILS) for each in rounds)
        theirs = min(filter(None, (_mbsync(port, each) for each in rounds)), default=None)
        _fill(box, [_mail(MAILS, BIG_BYTES)])
        big = apart(_fetch, port, rounds[0] / "ours", 1)
    return [
        Row("shenbao's mailbox, every mail safe in the store", MAILS, *ours),
        Row("mbsync, the same mailbox", MAILS, theirs),
        Row(f"shenbao's mailbox, one mail of {BIG_BYTES >> 20} MB", 1, *big),
    ]


def _fill(box: Mailbox, mails: Iterable[bytes]) -> None:
    """Put mails where Dovecot finds them; as root it runs under its own user."""
    for place, raw in enumerate(mails):
        path = box.folder / "mail" / "new" / f"{time.time_ns()}.M{place}.bench"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
        path.chmod(0o644)
    subprocess.run(["chmod", "-R", "a+rwX", str(box.folder / "mail")], check=True)


def _index(box: Mailbox) -> None:
    """Let Dovecot find the mails and their sizes, which would burden whoever asks first."""
    with imaplib.IMAP4(HOST, box.imap) as client:
        client.login(USER, PASSWORD)
        client.select("INBOX", readonly=True)
        client.fetch("1:*", "(RFC822.SIZE)")


def _fetch(port: int, folder: Path, expected: int) -> float:
    settings = MailboxSettings(host=HOST, port=port, user=USER, password=PASSWORD, tls="none")
    with open_store(folder) as store:
        start = time.perf_counter()
        found = mailbox.look(settings, StoreLedger(store, lambda: datetime.now(UTC), lambda: None))
        seconds = time.perf_counter() - start
    assert found.new == expected, found
    return seconds


def _mbsync(port: int, folder: Path) -> float | None:
    program = shutil.which("mbsync", path=SEARCHED)
    if program is None:
        return None
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    tls = "TLSType" if tuple(map(int, told.split()[1].split(".")[:2])) >= (1, 5) else "SSLType"
    config = folder / "mbsyncrc"
    (folder / "theirs").mkdir(parents=True)
    config.write_text(
        MBSYNC.format(port=port, user=USER, password=PASSWORD, folder=folder / "theirs", tls=tls)
    )
    start = time.perf_counter()
    subprocess.run([program, "-q", "-c", str(config), "all"], check=True)
    seconds = time.perf_counter() - start
    kept = sum(1 for path in (folder / "theirs").glob("INBOX/*/*") if path.parent.name in ("cur", "new"))
    assert kept == MAILS, kept
    return seconds


@contextmanager
def far(port: int) -> Iterator[int]:
    """Stand before `port` so that each byte comes `DELAY_SECONDS` later, in a process of its own."""
    place = free_port()
    process = multiprocessing.get_context("spawn").Process(target=_proxy, args=(place, port), daemon=True)
    process.start()
    try:
        wait_for_port(place)
        yield place
    finally:
        process.terminate()
        process.join()


def _proxy(place: int, port: int) -> None:
    async def serve() -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            far_reader, far_writer = await asyncio.open_connection(HOST, port)
            await asyncio.gather(_late(reader, far_writer), _late(far_reader, writer))

        server = await asyncio.start_server(talk, HOST, place)
        await server.serve_forever()

    asyncio.run(serve())


async def _late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on `DELAY_SECONDS` after they came, however many are under way."""
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=256)

    async def deliver() -> None:
        while True:
            due, data = await under_way.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            writer.write(data)
            if not data:
                writer.close()
                return
            await writer.drain()

    delivering = asyncio.create_task(deliver())
    while data := await reader.read(256 * 1024):
        await under_way.put((loop.time() + DELAY_SECONDS, data))
    await under_way.put((loop.time(), b""))
    await delivering


def _posting() -> list[Row]:
    """Post the same mails to our listener, to a bare aiosmtpd that throws them away, and to Postfix's sink."""
    mails = [_mail(number) for number in range(POSTED)]
    with tempfile.TemporaryDirectory() as name:
        ours = _posted(mails, _our_listener, Path(name))
    bare = _posted(mails, _bare_listener, Path())
    rows = [
        Row("shenbao's listener, safe in the store before 250", POSTED, *ours),
        Row("bare aiosmtpd, throws mails away", POSTED, *bare),
    ]
    program = shutil.which("smtp-sink", path=SEARCHED)
    return [*rows, Row("Postfix's smtp-sink, throws mails away", POSTED, _sink(mails, program))]


def _posted(mails: list[bytes], serve: Callable[..., None], folder: Path) -> tuple[float, float]:
    """Return the seconds that posting takes, and the server's most memory in MB."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, folder), daemon=True)
    process.start()
    seconds = _post_all(mails, int(ours.recv()))
    ours.send("end")
    peak = float(ours.recv())
    process.join()
    return seconds, peak


def _our_listener(pipe: Connection, folder: Path) -> None:
    with (
        open_store(folder) as store,
        Keeper(folder, store.blobs, lambda: datetime.now(UTC), lambda: None) as keeper,
        Listener(HOST, 0, (USER,), Limits(max_bytes=73400320), keeper) as listener,
    ):
        pipe.send(listener.port)
        pipe.recv()
    pipe.send(peak_mb())


class _Away:
    async def handle_DATA(self, *_: object) -> str:  # noqa: N802 - aiosmtpd's name
        return "250 OK"


def _bare_listener(pipe: Connection, _folder: Path) -> None:
    controller = Controller(_Away(), hostname=HOST, port=free_port())
    controller.start()
    pipe.send(controller.port)
    pipe.recv()
    controller.stop()
    pipe.send(peak_mb())


def _sink(mails: list[bytes], program: str | None) -> float | None:
    if program is None:
        return None
    port = free_port()
    with subprocess.Popen([program, f"{HOST}:{port}", "100"]) as process:
        try:
            wait_for_port(port)
            return _post_all(mails, port)
        finally:
            process.terminate()


def _post_all(mails: list[bytes], port: int) -> float:
    """Post `mails` by `SENDERS` connections at once; they are dumb, so that their work weighs little."""
    jobs = [threading.Thread(target=_post, args=(mails[place::SENDERS], port)) for place in range(SENDERS)]
    start = time.perf_counter()
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    return time.perf_counter() - start


def _post(mails: list[bytes], port: int) -> None:
    with ExitStack() as stack:
        wire = stack.enter_context(socket.create_connection((HOST, port), timeout=120))
        lines = stack.enter_context(wire.makefile("rb"))
        assert lines.readline().startswith(b"220")
        wire.sendall(b"EHLO bench\r\n")
        while lines.readline()[3:4] == b"-":
            pass
        for raw in mails:
            for command, wanted in (
                (b"MAIL FROM:<a@unit.gov.cn>\r\n", b"250"),
                (b"RCPT TO:<" + USER.encode() + b">\r\n", b"250"),
                (b"DATA\r\n", b"354"),
                (raw + b".\r\n", b"250"),
            ):
                wire.sendall(command)
                told = lines.readline()
                assert told.startswith(wanted), told
