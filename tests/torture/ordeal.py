"""The service between a real Dovecot, honest senders and a real SMTP sink, killed and hindered, and what is left."""

import signal
import smtplib
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from intake.stumbling import FAILED, INTERRUPTED
from storage import messages, outbox
from storage.database import open_store
from storage.model import LetterState, MailOutcome
from storage.verify import verify
from tests.build import facts, mails
from tests.build.mails import Posted
from tests.servers import HOST, PASSWORD, USER, Mailbox, Sink, dovecot, free_port, smtp_sink
from tests.shenbao.serving import PATIENCE, Serving, config, outgoing, started, waited
from tests.story.office import form
from tests.torture.faults import end
from tests.torture.points import POINTS
from tests.torture.wire import Wire, wire

HOOK = Path(__file__).parent / "hook"
PAUSE = 0.2  # seconds between two tries of a sender


class Figures(NamedTuple):
    """What became of the mails that were sent; `faults` is what `verify` finds and what waits still.

    `blamed` were under way whenever the service was killed, put aside at the third time, and retried by staff.
    """

    sent: int
    lost: int
    judged_twice: int
    answered: int
    answered_twice: int
    uncertain: int
    unanswered: int
    blamed: int
    faults: tuple[str, ...]

    @property
    def good(self) -> bool:
        return not (self.lost or self.judged_twice or self.answered_twice or self.unanswered or self.faults)


class Senders:
    """Mail servers that hand mails to ours: each tries again until its mail is taken, as RFC 5321 asks."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answers: Counter[int] = (
            Counter()
        )  # how often each status came; 0 is a connection refused or lost
        self.closed = threading.Event()
        self._threads: list[threading.Thread] = []

    def send(self, raw: bytes) -> None:
        thread = threading.Thread(target=self._until_taken, args=(raw,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def done(self) -> bool:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        return not self._threads

    def _until_taken(self, raw: bytes) -> None:
        while not self.closed.is_set():
            if self.attempt(raw) == 250:
                return
            self.closed.wait(PAUSE)

    def attempt(self, raw: bytes) -> int:
        """Hand over the mail once, and return the status that the last of it got."""
        status = self._attempt(raw)
        self.answers[status] += 1
        return status

    def _attempt(self, raw: bytes) -> int:
        try:
            with smtplib.SMTP(HOST, self.port, timeout=PATIENCE) as client:
                client.sendmail("someone@example.cn", USER, raw)
        except smtplib.SMTPResponseException as refusal:
            return refusal.smtp_code
        except (OSError, smtplib.SMTPException):
            return 0
        return 250


class Around(NamedTuple):
    """What the service lives between."""

    mailbox: Mailbox
    wire: Wire
    sink: Sink
    senders: Senders


class Ordeal:
    """One data folder through everything that happens to it; `sent` are the mails given to it so far."""

    def __init__(self, settings: Path, around: Around) -> None:
        self.settings = settings
        self.mailbox, self.wire, self.sink, self.senders = around
        self.sent: list[Posted] = []
        self.forms = True
        self.blamed = 0
        self.launches = 0
        self.started: Callable[..., AbstractContextManager[Serving]] = started

    def mail(self) -> bytes:
        """Return the next mail: by turns an application and a question, each from another address."""
        number = len(self.sent)
        who = facts.applicant(number, platform="wechat")
        address = f"unit{number}@unit{number}.example.cn"
        if number % 2 and self.forms:
            posted = mails.mail(who, attachments=[form(who)], sender=address)
        else:
            posted = mails.post(mails.Draft(sender=address, subject="请问", text=f"第{number}问：怎样申报？"))
        self.sent.append(posted)
        return posted.raw

    def post(self) -> None:
        """Put a mail into the mailbox, and hand one to the listener."""
        self.mailbox.append(self.mail())
        self.senders.send(self.mail())

    @contextmanager
    def serving(self, **environment: str) -> Iterator[Serving]:
        with self._started(**environment) as serve:
            serve.wait("serving")
            yield serve

    def _started(self, **environment: str) -> AbstractContextManager[Serving]:
        self.launches += 1
        secret = {"SHENBAO_MAILBOX__PASSWORD": PASSWORD}
        return self.started(self.settings, f"serve{self.launches}", **secret, **environment)

    def killed_at(self, point: str, spared: int = 0) -> None:
        """Run the service on new mails until it dies at `point`; raise TimeoutError if it never gets there."""
        for _ in range(spared + 1):
            self.post()
        deadly = {
            "PYTHONPATH": str(HOOK),
            "SHENBAO_DIES_AT": POINTS[point],
            "SHENBAO_DIES_AFTER": str(spared),
        }
        self.dies(f"never killed at: {point}", lambda _process: None, **deadly)

    def killed_after(self, seconds: float) -> None:
        """Run the service on new mails and kill it `seconds` after its start, wherever it is."""
        self.post()

        def kill(process: subprocess.Popen[bytes]) -> None:
            time.sleep(seconds)
            process.kill()

        self.dies("ended by itself", kill)

    def dies(
        self, otherwise: str, hurt: Callable[[subprocess.Popen[bytes]], None], **environment: str
    ) -> None:
        with self._started(**environment) as serve:
            hurt(serve.process)
            if not waited(lambda: serve.process.poll() is not None, PATIENCE):
                raise TimeoutError(otherwise)
            if serve.process.returncode != -signal.SIGKILL:
                raise RuntimeError(f"{otherwise}\n{serve.log.read_text('utf-8')[-3000:]}")

    def quiet(self, serve: Serving) -> bool:
        """Say whether every mail sent is kept and judged, and every letter on its way."""
        if not self.senders.done():
            return False
        with serve.store() as store:
            if messages.count(store.db) < len(self.sent) or messages.waiting(store.db):
                return False
            # Looked at last: a mail that was judged a moment ago has queued its letter by now.
            under_way = outbox.counts(store.db)
            return under_way[LetterState.QUEUED] == under_way[LetterState.SENDING] == 0

    def settle(self, **environment: str) -> Figures:
        """Let the service finish what is left, in peace, and staff retry what it put aside; then count."""
        with self.serving(**environment) as serve:
            serve.until(lambda: self.quiet(serve))
            self.retry(serve)
            serve.until(lambda: self.quiet(serve))
            serve.stop()
        return self.figures()

    def retry(self, serve: Serving) -> None:
        """Do as staff do with mails that were under way at three deaths, for which they were not to blame."""
        with serve.store() as store:
            blamed = messages.quarantined_for(store.db, FAILED + INTERRUPTED)
        self.blamed += len(blamed)
        for one in blamed:
            command = [sys.executable, "-m", "shenbao", "retry", str(one.id), "--data", str(serve.data)]
            campaign = ["--campaign", str(self.settings.parent / "campaign.toml")]
            subprocess.run(command + campaign, check=True, timeout=PATIENCE, stdout=subprocess.DEVNULL)

    def figures(self) -> Figures:
        with open_store(self.settings.parent / "data", create=False) as store:
            rows = list(store.db.query("SELECT message_id, outcome FROM messages"))
            judged = Counter(row["message_id"] for row in rows if row["outcome"] not in (None, "duplicate"))
            unsure = {
                letter.in_reply_to for letter in _in_state(outbox.every(store.db), LetterState.UNCERTAIN)
            }
            waiting = [f"waits still: {one.id}" for one in messages.waiting(store.db)]
            aside = [f"quarantined: {row['message_id']}" for row in rows if row["outcome"] == QUARANTINED]
            faults = (*verify(store), *waiting, *aside)
        answered = Counter(_answered(mail.raw) for mail in list(self.sink.mails))
        ours = [posted.envelope.message_id for posted in self.sent]
        return Figures(
            sent=len(ours),
            lost=sum(judged[one] == 0 for one in ours),
            judged_twice=sum(judged[one] > 1 for one in ours),
            answered=sum(answered[one] > 0 for one in ours),
            answered_twice=sum(answered[one] > 1 for one in ours),
            uncertain=len(unsure),
            unanswered=sum(not answered[one] and one not in unsure for one in ours),
            blamed=self.blamed,
            faults=faults,
        )


QUARANTINED = MailOutcome.QUARANTINED.value


def _in_state(letters: list[Any], state: LetterState) -> list[Any]:
    return [letter for letter in letters if letter.state is state]


def _answered(raw: bytes) -> str:
    """Return the id of the mail that a letter answers."""
    for line in raw.splitlines():
        if line.lower().startswith(b"in-reply-to:"):
            return line.partition(b":")[2].strip().decode()
    return ""


@contextmanager
def ordeal(folder: Path) -> Iterator[Ordeal]:
    """Yield an ordeal in `folder`."""
    with dovecot() as mailbox, smtp_sink() as sink, wire() as between:
        port = free_port()
        between.behind = mailbox.imap
        senders = Senders(port)
        settings = config(
            folder,
            listener={"host": HOST, "port": port, "addresses": [USER]},
            mailbox={"host": HOST, "port": between.port, "user": USER, "tls": "none", "poll_seconds": 1},
            outgoing={**outgoing(sink), "hourly": 100000, "daily": 100000},
        )
        try:
            yield Ordeal(settings, Around(mailbox, between, sink, senders))
        finally:
            senders.closed.set()
            end(mailbox)
