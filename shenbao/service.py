"""The service: each door and each duty in a thread of its own, around one queue that lives in the store."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

from bot import telegram
from bot.access import Desk
from bot.telegram import TelegramSettings
from intake import mailbox, pipeline, sender
from intake.handling import Line, Taken
from intake.listener import Listener
from intake.mailbox import Fetched, MailboxSettings
from intake.pipeline import Raw
from intake.sender import OutgoingSettings
from parsers.workers import Workers
from shenbao.options import now
from shenbao.settings import Settings
from storage import audit, marks, messages, outbox
from storage.campaign import Campaign
from storage.database import Store, open_store
from storage.model import Clock, Door

log = logging.getLogger("shenbao.service")

IDLE_SECONDS = 5.0
LOOK = "mailbox-looked"


class Service:
    """Everything `serve` runs; `run` returns when `stop` is set and what was under way is finished."""

    def __init__(self, settings: Settings, campaign: Campaign) -> None:
        self.settings = settings
        self.campaign = campaign
        self.folder = Path(settings.store.data)
        self.stop = threading.Event()
        self.arrived = threading.Event()
        self.answered = threading.Event()
        self._of_thread = threading.local()

    @property
    def address(self) -> str:
        """Return the address our letters come from."""
        outgoing = self.settings.outgoing
        return outgoing.address if outgoing else self.campaign.office.email

    def run(self) -> None:
        """Serve until `stop` is set; resumes whatever an earlier run left waiting."""
        with self._store() as store, store.transaction():
            left = outbox.recover(store.db)
        if left:
            log.warning("letters-uncertain", extra={"count": left})
        with self._listening():
            threads = [threading.Thread(target=duty, name=name) for name, duty in self._duties()]
            for thread in threads:
                thread.start()
            log.info("serving", extra={"data": str(self.folder), "campaign": self.campaign.name})
            self.stop.wait()
            self.arrived.set()
            self.answered.set()
            for thread in threads:
                thread.join()
        log.info("stopped")

    def _duties(self) -> Iterator[tuple[str, Callable[[], None]]]:
        yield "judge", self._guarded(self._judge)
        if self.settings.mailbox:
            yield "mailbox", self._guarded(partial(self._watch, self.settings.mailbox))
        if self.settings.outgoing:
            yield "sender", self._guarded(partial(self._deliver, self.settings.outgoing))
        if self.settings.telegram:
            yield "telegram", self._guarded(partial(self._talk, self.settings.telegram))

    def _guarded(self, duty: Callable[[], None]) -> Callable[[], None]:
        """Start a duty again when it fails, with a pause: one door's trouble never stops the others."""

        def run() -> None:
            while not self.stop.is_set():
                try:
                    duty()
                except Exception:
                    log.exception("duty-failed", extra={"duty": threading.current_thread().name})
                    self.stop.wait(IDLE_SECONDS)

        return run

    def _store(self) -> Store:
        return open_store(self.folder)

    def _judge(self) -> None:
        parsing = self.settings.parsing
        with self._store() as store, Workers(parsing.workers, parsing.memory_mb, parsing.seconds) as workers:
            line = Line(store=store, reader=workers, campaign=self.campaign, sender=self.address, now=now)
            while not self.stop.is_set():
                self.arrived.clear()
                for taken in pipeline.work_off(line, self.stop.is_set):
                    _log_taken(taken)
                    self.answered.set()
                self.arrived.wait(IDLE_SECONDS)

    @contextmanager
    def _listening(self) -> Iterator[None]:
        settings = self.settings.listener
        if settings is None:
            yield
            return
        listener = Listener(
            settings.host, settings.port, settings.addresses, settings.max_bytes, self._take_smtp
        )
        listener.start()
        log.info("listening", extra={"host": settings.host, "port": listener.port})
        try:
            yield
        finally:
            listener.stop()

    def _take_smtp(self, raw: bytes, sender_address: str, _recipients: tuple[str, ...], at: datetime) -> None:
        """Keep a mail from the listener; it answers 250 only after this has returned."""
        origin = f"smtp:{sender_address}"
        pipeline.keep(self._own_store(), Raw(raw, Door.SMTP, origin, at, Clock.LISTENER), now())
        self.arrived.set()

    def _own_store(self) -> Store:
        """Return this thread's own store, opened at its first use."""
        store: Store | None = getattr(self._of_thread, "store", None)
        if store is None:
            store = self._of_thread.store = self._store()
        return store

    def _watch(self, settings: MailboxSettings) -> None:
        with self._store() as store:

            def known(account: str, folder: str, uidvalidity: int) -> set[int]:
                return messages.known_uids(store.db, account, folder, uidvalidity)

            def take(mail: Fetched) -> None:
                origin = f"imap:{mail.position.folder}/{mail.position.uid}"
                raw = Raw(mail.raw, Door.IMAP, origin, mail.internaldate, Clock.INTERNALDATE, mail.position)
                pipeline.keep(store, raw, now())

            def looked(count: int) -> None:
                with store.transaction():
                    marks.set(store.db, LOOK, str(count), now())
                self.arrived.set()

            def troubled(error: Exception) -> None:
                with store.transaction():
                    audit.record(
                        store.db,
                        at=now(),
                        actor="system",
                        event="mailbox-trouble",
                        detail={"fault": str(error)},
                    )

            mailbox.watch(settings, known, take, looked, self.stop, troubled)

    def _deliver(self, settings: OutgoingSettings) -> None:
        with self._store() as store:
            while not self.stop.is_set():
                self.answered.clear()
                sender.deliver_due(store, settings, now=now, office=self.campaign.office.name)
                self.answered.wait(IDLE_SECONDS)

    def _talk(self, settings: TelegramSettings) -> None:
        @contextmanager
        def desk() -> Iterator[Desk]:
            with self._store() as store:
                yield Desk(
                    store=store,
                    campaign=self.campaign,
                    now=now,
                    details=settings.details,
                    sender=self.address,
                )

        telegram.run(settings, desk, self.stop)


def _log_taken(taken: Taken) -> None:
    log.info(
        "mail-judged",
        extra={
            "mail": taken.message.id,
            "outcome": taken.outcome,
            "receipts": [one.receipt for one in taken.applications],
            "states": [one.state for one in taken.applications],
            "letter": taken.letter.kind if taken.letter else None,
        },
    )
