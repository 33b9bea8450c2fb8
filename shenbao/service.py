"""The service: each door and each duty in a thread of its own, around one queue that lives in the store."""

import errno
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

from bot import dingtalk, telegram, telegram_outlet, telling
from bot.access import Desk
from bot.asking import DeskFactory
from bot.dingtalk import DingtalkSettings
from bot.telegram import TelegramSettings
from intake import expiring, pipeline
from intake.doors import mailbox
from intake.doors.keeping import Keeper, StoreLedger
from intake.doors.listener import Limits, Listener
from intake.doors.mailbox import Look, MailboxSettings
from intake.handling import Line, Taken
from intake.letters import sender
from intake.letters.sender import OutgoingSettings
from intake.reading import Reader
from parsers.workers import Workers
from shenbao import condition
from shenbao.alone import alone
from shenbao.options import Failure, now
from shenbao.readers import readers
from shenbao.settings import Settings
from storage import messages, outbox
from storage.campaign import Campaign
from storage.database import Store, open_store

log = logging.getLogger("shenbao.service")

IDLE_SECONDS = 5.0
PATIENCE_SECONDS = 300.0  # one mail's reading holds up those received after it; then they pass it
RETRY_SECONDS = (30.0, 120.0)  # after a mail's first and second failure
DOOR_SECONDS = 10.0  # a door that hangs on its server's answer holds nothing that is not safe already
SWEPT_SECONDS = 86400.0  # a mail that is on its way to the disk for longer was left by a process that died
NOT_BOUND = {
    errno.EADDRINUSE: "端口已被别的程序占用",
    errno.EACCES: "没有权限使用这个端口（1024 以下的端口要管理员授权）",
    errno.EADDRNOTAVAIL: "本机没有这个地址",
}


class Duty(NamedTuple):
    """A part of the service; `seconds` is how long its end is awaited, None: until what it does is done."""

    name: str
    do: Callable[[], None]
    seconds: float | None = None


class Service:
    """Everything `serve` runs; `run` returns when `stop` is set and what was under way is finished.

    `quiet` is set while no look at the mailbox is under way: the mails of one look are judged together.
    """

    def __init__(self, settings: Settings, campaign: Campaign) -> None:
        self.settings = settings
        self.campaign = campaign
        self.folder = Path(settings.store.data)
        self.stop = threading.Event()
        self.arrived = threading.Event()
        self.answered = threading.Event()
        self.quiet = threading.Event()
        self.quiet.set()
        self.bot = settings.telegram.username if settings.telegram and settings.telegram.deep_link else ""

    @property
    def address(self) -> str:
        """Return the address our letters come from."""
        outgoing = self.settings.outgoing
        return outgoing.address if outgoing else self.campaign.office.email

    def run(self) -> None:
        """Serve until `stop` is set; resumes whatever an earlier run left waiting.

        Raise `Failure` where another service has the data folder, or the listener cannot be had.
        """
        # The store stays open all along: others may then open and close it at little cost.
        with self._store() as store, alone(self.folder):
            with store.transaction():
                left = outbox.recover(store.db)
            if left:
                log.warning("letters-uncertain", extra={"count": left})
            self._begin_telling()
            store.blobs.sweep(now().timestamp() - SWEPT_SECONDS)
            with self._listening(store):
                self._work()
        log.info("stopped")

    def _work(self) -> None:
        duties = [
            (duty, threading.Thread(target=self._guarded, args=(duty,), name=duty.name, daemon=True))
            for duty in self._duties()
        ]
        for _, thread in duties:
            thread.start()
        log.info("serving", extra={"data": str(self.folder), "campaign": self.campaign.name})
        self.stop.wait()
        log.info("stopping")
        for event in (self.arrived, self.answered, self.quiet):
            event.set()
        for duty, thread in duties:
            thread.join(duty.seconds)

    def _duties(self) -> Iterator[Duty]:
        yield Duty("judge", self._judge)
        if self.settings.outgoing:
            yield Duty("sender", partial(self._deliver, self.settings.outgoing))
        if self.settings.mailbox:
            yield Duty("mailbox", partial(self._watch, self.settings.mailbox), DOOR_SECONDS)
        if self.settings.telegram:
            yield Duty("telegram", partial(self._talk, self.settings.telegram), DOOR_SECONDS)
            yield Duty("telegram-notices", partial(self._notify, self.settings.telegram), DOOR_SECONDS)
        if self.settings.dingtalk and dingtalk.installed():
            yield Duty("dingtalk", partial(self._ding, self.settings.dingtalk), DOOR_SECONDS)

    def _guarded(self, duty: Duty) -> None:
        """Begin a duty again when it fails, with a pause: one door's trouble never stops the others."""
        while not self.stop.is_set():
            try:
                duty.do()
            except Exception as error:
                log.exception("duty-failed", extra={"duty": duty.name})
                with suppress(Exception), self._store() as store:  # the log has it; this loop must go on
                    condition.duty_failed(store, duty.name, error, now())
            self.stop.wait(IDLE_SECONDS)

    def _store(self) -> Store:
        return open_store(self.folder)

    @property
    def addresses(self) -> frozenset[str]:
        """Return every address that is ours, in lower case: a mail from one of them is our own."""
        settings = self.settings
        ours = [self.address, self.campaign.office.email]
        ours += settings.listener.addresses if settings.listener else ()
        ours += [settings.mailbox.user] if settings.mailbox else []
        ours += [settings.outgoing.user] if settings.outgoing else []
        return frozenset(one.strip().lower() for one in ours if "@" in one)

    def _line(self, store: Store, reader: Reader) -> Line:
        outgoing = self.settings.outgoing or OutgoingSettings(host="")
        return Line(
            store=store,
            reader=reader,
            campaign=self.campaign,
            sender=self.address,
            now=now,
            ours=self.addresses,
            trusted=frozenset(one.strip().lower() for one in outgoing.trusted_authserv),
            per_sender=outgoing.per_sender,
            patience=PATIENCE_SECONDS,
            bot=self.bot,
        )

    def _judge(self) -> None:
        with self._store() as store, readers(self.settings.parsing, store) as reader:
            began = now()
            while not self.stop.is_set():
                self.arrived.clear()
                while not (self.quiet.wait(IDLE_SECONDS) or self.stop.is_set()):
                    pass
                for taken in pipeline.work_off(self._line(store, reader), self.stop.is_set):
                    _log_taken(taken)
                    self.answered.set()
                if self.settings.mailbox:
                    condition.mailbox_awaited(store, began, now())
                expiring.warn(store, self.campaign, now())
                self._pause(store)
            reader.close(wait=False)  # what was only read ahead is read again after the next start

    def _pause(self, store: Store) -> None:
        """Wait for the next mail; longer after a failure, or a machine's trouble would use up every mail's tries."""
        tries = max((one.tries for one in messages.waiting(store.db)), default=0)
        if tries:
            self.stop.wait(RETRY_SECONDS[min(tries, len(RETRY_SECONDS)) - 1])
        else:
            self.arrived.wait(IDLE_SECONDS)

    @contextmanager
    def _listening(self, store: Store) -> Iterator[None]:
        settings = self.settings.listener
        if settings is None:
            yield
            return
        limits = Limits(
            max_bytes=settings.max_bytes,
            per_address=settings.connections_per_address,
            per_minute=settings.mails_per_minute,
        )
        with Keeper(self.folder, store.blobs, now, self.arrived.set) as keeper:
            listener = Listener(settings.host, settings.port, settings.addresses, limits, keeper)
            try:
                listener.start()
            except OSError as error:
                why = NOT_BOUND.get(error.errno or 0, error.strerror)
                told = f"不能在 {settings.host}:{settings.port} 接收投递：{why}。请检查 [listener] 的 host 和 port。"
                raise Failure(told) from error
            log.info("listening", extra={"host": settings.host, "port": listener.port})
            try:
                yield
            finally:
                listener.stop()

    def _watch(self, settings: MailboxSettings) -> None:
        with self._store() as store:

            def reached() -> None:
                self.quiet.clear()
                condition.reached(store, now())

            def looked(found: Look) -> None:
                condition.looked(store, found, now())
                self._look_ended()

            def troubled(error: Exception) -> None:
                self._look_ended()
                condition.mailbox_troubled(store, str(error), now())

            try:
                mailbox.watch(settings, StoreLedger(store, now, reached), looked, self.stop, troubled)
            finally:
                self._look_ended()

    def _look_ended(self) -> None:
        self.quiet.set()
        self.arrived.set()

    def _deliver(self, settings: OutgoingSettings) -> None:
        with self._store() as store:
            condition.limited(store, settings.hourly, settings.daily, now())
            while not self.stop.is_set():
                self.answered.clear()
                sender.deliver_due(
                    store, settings, now=now, office=self.campaign.office.name, stop=self.stop.is_set
                )
                self.answered.wait(IDLE_SECONDS)

    def _talk(self, settings: TelegramSettings) -> None:
        telegram.run(settings, self._telegram_desks(settings), self.stop, self._named)

    def _named(self, bot: str) -> None:
        if self.settings.telegram and self.settings.telegram.deep_link:
            self.bot = bot

    def _begin_telling(self) -> None:
        """Note from when on staff are told, before anything happens that they are to be told of."""
        if (settings := self.settings.telegram) is not None:
            staff = telegram_outlet.staff_of(settings)
            with self._telegram_desks(settings)() as desk:
                telling.begin(desk, telegram.CHANNEL, staff, self.settings.notices)

    def _notify(self, settings: TelegramSettings) -> None:
        with self._telegram_desks(settings)() as desk, telegram_outlet.outlet(settings) as outlet:
            telling.serve(desk, outlet, self.settings.notices, self.stop)

    def _ding(self, settings: DingtalkSettings) -> None:
        dingtalk.run(settings, self._desks(settings.undo_seconds, "full"), self.stop)

    def _telegram_desks(self, settings: TelegramSettings) -> DeskFactory:
        return self._desks(settings.undo_seconds, settings.details)

    def _desks(self, undo_seconds: int, details: Literal["minimal", "full"]) -> DeskFactory:
        @contextmanager
        def desk() -> Iterator[Desk]:
            with self._store() as store:
                yield Desk(
                    store=store,
                    campaign=self.campaign,
                    now=now,
                    details=details,
                    sender=self.address,
                    undo_seconds=undo_seconds,
                    reader=lambda: Workers(1),
                )

        return desk


def why_not(error: OSError) -> str:
    """Return why an address cannot be listened on."""
    return NOT_BOUND.get(error.errno or 0) or error.strerror or str(error)


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
