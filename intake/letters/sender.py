"""Delivery of our letters: each handed over once, within the hour's and the day's limits.

A letter is marked `sending` before it goes and `sent` after the server has it. One whose answer never came
is `uncertain` and waits for a person; all else is tried again, later and later, or failed for good.
"""

import logging
import random
import smtplib
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from intake.doors.session import Safety
from intake.letters.post import as_mail
from intake.letters.smtp import Fate, SendingError, Verdict, connected, hand_over
from storage import audit, marks, outbox
from storage.database import Store
from storage.model import Letter, LetterState, Noun

__all__ = ["OutgoingSettings", "SendingError", "attempt", "deliver_due"]

BATCH = 50
GIVE_UP = timedelta(days=3)
FIRST_WAIT, LAST_WAIT = timedelta(minutes=1), timedelta(hours=4)
FIRST_PAUSE, LAST_PAUSE = 5.0, 300.0
PAUSED = "outgoing-paused"  # how often in a row no letter could go out, and until when none is tried
CAPPED = "outgoing-cap"
STOPPED = "outgoing-stopped"  # the letter that was taken for spam; nothing goes until a person deals with it

log = logging.getLogger("shenbao.sender")

Now = Callable[[], datetime]


class OutgoingSettings(Noun, frozen=True, kw_only=True):
    """The section `[outgoing]`; `sender` is our address (default: `user`), without `user` no login is made."""

    host: str
    port: int = 465
    user: str = ""
    password: str = ""
    tls: Literal["tls", "starttls", "none"] = "tls"
    ca_file: str | None = None
    sender: str = ""
    hourly: int = 40
    daily: int = 300
    per_sender: int = 10
    trusted_authserv: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"OutgoingSettings({self.address} through {self.host}:{self.port})"

    @property
    def address(self) -> str:
        return self.sender or self.user


class Pause(Noun, frozen=True, kw_only=True):
    """So many times in a row nothing could go out; nothing is tried before `until`."""

    failures: int
    until: datetime
    why: str = ""


def deliver_due(
    store: Store,
    settings: OutgoingSettings,
    *,
    now: Now,
    office: str = "",
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """Deliver what is due on one connection and return how many letters the server took.

    Trouble with the server is remembered in the store and told in the audit trail, not raised: the next
    call waits its time. `office` is the name that letters come from; once `stop` says so no further letter is begun.
    """
    letters = _due(store, settings, now())
    if not letters:
        return 0
    taken, trouble = 0, None
    try:
        with _connection(settings) as client:
            for letter in letters:
                if stop():
                    break
                verdict = _deliver(store, settings, client, letter, now, office)
                taken += verdict.fate is Fate.SENT if verdict else 0
                if verdict and verdict.broken:
                    trouble = verdict.told
                    break
    except SendingError as error:
        trouble = str(error)
    if trouble is None:
        _resume(store, now())
    else:
        _pause(store, trouble, now())
    return taken


def attempt(settings: OutgoingSettings) -> str:
    """Connect and log in, send nothing, and say so in Chinese; raise `SendingError`."""
    with _connection(settings):
        return f"{settings.address} 可以通过 {settings.host} 发信"


def stopped_by(store: Store) -> int | None:
    """Return the letter that the server took for spam, while it stands failed as it was then."""
    mark = marks.get(store.db, STOPPED)
    if mark is None or not mark.value:
        return None
    number, _, told = mark.value.partition(" ")
    letter = outbox.get(store.db, int(number))
    dealt_with = letter is None or letter.state is not LetterState.FAILED or letter.error != told
    return None if dealt_with else int(number)


def wait_after(tries: int) -> timedelta:
    """Return how long a letter waits after so many tries: a minute at first, four hours at most."""
    return min(LAST_WAIT, FIRST_WAIT * 4.0 ** min(max(tries - 1, 0), 10))


def _connection(settings: OutgoingSettings) -> AbstractContextManager[smtplib.SMTP]:
    safety = Safety(tls=settings.tls, ca_file=settings.ca_file)
    return connected(settings.host, settings.port, (settings.user, settings.password), safety)


def _due(store: Store, settings: OutgoingSettings, at: datetime) -> list[Letter]:
    pause = _paused(store)
    if stopped_by(store) is not None or (pause is not None and at < pause.until):
        return []
    room = {
        "hour": settings.hourly - outbox.sent_since(store.db, at - timedelta(hours=1)),
        "day": settings.daily - outbox.sent_since(store.db, at - timedelta(days=1)),
    }
    spent = next((period for period in ("day", "hour") if room[period] <= 0), None)
    if spent is None:
        return outbox.due(store.db, at, min(*room.values(), BATCH))
    _tell_of_cap(store, spent, at)
    return []


def _tell_of_cap(store: Store, spent: str, at: datetime) -> None:
    """Call staff once for the hour or day whose letters are all used up while more wait."""
    waiting = outbox.counts(store.db)[LetterState.QUEUED]
    key = f"{spent}:{at:{'%Y-%m-%d' if spent == 'day' else '%Y-%m-%dT%H'}}"
    if waiting and not audit.told(store.db, CAPPED, key):
        detail = {"key": key, "waiting": waiting}
        with store.transaction():
            audit.record(store.db, at=at, actor="system", event=CAPPED, detail=detail)


def _deliver(
    store: Store, settings: OutgoingSettings, client: smtplib.SMTP, letter: Letter, now: Now, office: str
) -> Verdict | None:
    """Deliver one letter and keep what became of it; None where another sender has it."""
    try:
        raw = as_mail(letter, sender=settings.address, office=office, at=now()).as_bytes()
    except ValueError as error:
        return _settle(
            store, letter, Verdict(fate=Fate.REFUSED, told=f"不是单一的有效地址（{error}）"), now()
        )
    with store.transaction():
        if not outbox.sending(store.db, letter.id, now()):
            return None
    verdict = hand_over(client, settings.address, letter.to[0], raw)
    return _settle(store, letter, verdict, now())


def _settle(store: Store, letter: Letter, verdict: Verdict, at: datetime) -> Verdict:
    """Keep the verdict with its line in the audit trail, in one transaction."""
    with store.transaction():
        match verdict.fate:
            case Fate.SENT:
                outbox.sent(store.db, letter.id, at)
            case Fate.UNCERTAIN:
                outbox.uncertain(store.db, letter.id, verdict.told)
            case Fate.LATER if at - letter.created_at < GIVE_UP:
                outbox.retry(store.db, letter.id, verdict.told, at + wait_after(letter.tries + 1))
            case Fate.LATER | Fate.REFUSED:
                outbox.fail(store.db, letter.id, verdict.told)
        if verdict.spam:
            marks.set(store.db, STOPPED, f"{letter.id} {verdict.told}", at)
        event = "sending-stopped" if verdict.spam else f"letter-{verdict.fate.value}"
        _record(store, event, letter, verdict.told, at)
    log.info("letter", extra={"letter": letter.id, "fate": verdict.fate.value, "told": verdict.told})
    return verdict


def _record(store: Store, event: str, letter: Letter, told: str, at: datetime) -> None:
    detail = {"letter": letter.id, "kind": letter.kind.value, "told": told}
    for receipt in letter.receipts or (None,):
        audit.record(store.db, at=at, actor="sender", event=event, receipt=receipt, detail=detail)


def _paused(store: Store) -> Pause | None:
    mark = marks.get(store.db, PAUSED)
    return msgspec.json.decode(mark.value, type=Pause) if mark and mark.value else None


def _pause(store: Store, why: str, at: datetime) -> None:
    """Wait from 5 s to 5 min before the next connection; the first failure in a row is told."""
    before = _paused(store)
    failures = before.failures + 1 if before else 1
    doubled = min(LAST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures - 1, 10))
    wait = max(FIRST_PAUSE, doubled * (0.75 + 0.25 * random.random()))  # noqa: S311 - guards nothing
    pause = Pause(failures=failures, until=at + timedelta(seconds=wait), why=why)
    with store.transaction():
        marks.set(store.db, PAUSED, msgspec.json.encode(pause).decode(), at)
        if before is None:
            audit.record(store.db, at=at, actor="sender", event="sending-trouble", detail={"why": why})
    log.warning("sending-trouble", extra={"fault": why, "failures": failures, "wait_s": round(wait)})


def _resume(store: Store, at: datetime) -> None:
    if _paused(store) is None:
        return
    with store.transaction():
        marks.set(store.db, PAUSED, "", at)
        audit.record(store.db, at=at, actor="sender", event="sending-resumed")
