"""One round of telling: each chat of a channel that something is due to gets it, and only then is it noted as told."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from bot import digest, happenings, hours, news, notices
from bot.access import Answer, Desk
from bot.hours import NoticeSettings
from bot.outward import Delivery, Fate, Outlet
from intake.office import masking
from storage import applications, audit, listeners
from storage.listeners import Listener

ROUND = 2.0  # seconds between two rounds
MOST_EVENTS = 2000  # told of in one message
FIRST_PAUSE, LAST_PAUSE = 2.0, 300.0  # seconds after the first, and after many failures in a row
UNSURE_PAUSE = 60.0
REFUSED_PAUSE, LAST_REFUSED_PAUSE = 3600.0, 86400.0
AGAIN = "（刚才的发送中断过，以下内容可能重复）\n"
log = logging.getLogger(__name__)


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What goes to one chat, and how to note, in a transaction, that it did."""

    listener: Listener
    answer: Answer
    keep: Callable[[], None]


def begin(desk: Desk, channel: str, staff: Iterable[str], settings: NoticeSettings) -> None:
    """Let the staff of a channel, by their ids in it, be told of what happens from now on."""
    day = hours.had_digest(_local(desk), settings)
    with desk.store.transaction() as db:
        for one in staff:
            listeners.begin(db, f"{channel}:{one}", day)


def serve(desk: Desk, outlet: Outlet, settings: NoticeSettings, stop: threading.Event) -> None:
    """Tell what is due, round by round, until `stop` is set."""
    while not stop.is_set():
        wait = tell(desk, outlet, settings, stop.is_set)
        stop.wait(max(ROUND, wait))


def tell(desk: Desk, outlet: Outlet, settings: NoticeSettings, stopped: Callable[[], bool]) -> float:
    """Send what is due; return how many seconds the channel wants us to wait.

    A channel that fails ends the round, and the next begins with another chat; one chat that refuses ends nothing.
    """
    for message in _due(desk, outlet, settings):
        if stopped():
            break
        delivery = _deliver(desk, outlet, message)
        if delivery.fate in (Fate.LATER, Fate.UNSURE):
            return delivery.wait
    return 0.0


def _local(desk: Desk) -> datetime:
    return desk.now().astimezone(ZoneInfo(desk.campaign.timezone))


def _due(desk: Desk, outlet: Outlet, settings: NoticeSettings) -> Iterator[Message]:
    for one in outlet.staff:
        for make in (_news, _digest):
            listener = listeners.get(desk.store.db, outlet.chat_of(one))
            if listener.is_due(desk.now()) and (message := make(desk, listener, settings)):
                yield message
    if hours.is_quiet(_local(desk), settings):
        return
    for chat, those in news.due(desk, outlet.channel):
        listener = listeners.get(desk.store.db, chat)
        if listener.is_due(desk.now()):
            yield _to_applicant(desk, listener, those)


def _news(desk: Desk, listener: Listener, settings: NoticeSettings) -> Message | None:
    """Return what happened since, if it is urgent, or has gathered long enough and nobody sleeps."""
    events = audit.of_events(desk.store.db, listener.told, happenings.RULES, MOST_EVENTS)
    if not events or not (notices.are_urgent(events) or _may_go(desk, listener, settings, events[0].at)):
        return None
    receipts = dict.fromkeys(one.receipt for one in events if one.receipt)
    known = {one.receipt: one for one in applications.of_receipts(desk.store.db, list(receipts))}
    answer = notices.news(events, happenings.View(known=known, full=not desk.minimal))
    upto = events[-1].id
    if answer is None:
        with desk.store.transaction() as db:
            listeners.told(db, listener.chat, upto, None)
        return None
    return Message(
        listener=listener,
        answer=answer,
        keep=lambda: listeners.told(desk.store.db, listener.chat, upto, desk.now()),
    )


def _may_go(desk: Desk, listener: Listener, settings: NoticeSettings, since: datetime) -> bool:
    gathered = hours.has_gathered(since, listener.told_at, desk.now(), settings)
    return gathered and not hours.is_quiet(_local(desk), settings)


def _digest(desk: Desk, listener: Listener, settings: NoticeSettings) -> Message | None:
    """Return the morning digest, once a day that offices work."""
    last = listener.digest
    if last is None or last >= desk.today or not hours.is_morning(_local(desk), settings):
        return None
    day = desk.today
    return Message(
        listener=listener,
        answer=digest.digest(desk, last),
        keep=lambda: listeners.digested(desk.store.db, listener.chat, day),
    )


def _to_applicant(desk: Desk, listener: Listener, those: list[news.Due]) -> Message:
    answer, told = news.message(those)
    return Message(listener=listener, answer=answer, keep=lambda: news.keep(desk, told))


def _deliver(desk: Desk, outlet: Outlet, message: Message) -> Delivery:
    """Send one message; that it is on its way is noted before, and what became of it after."""
    listener, id_ = message.listener, outlet.id_of(message.listener.chat)
    text = (AGAIN if listener.trying else "") + message.answer.text
    answer = msgspec.structs.replace(
        message.answer, text=masking.masked(text) if id_ in outlet.groups else text
    )
    with desk.store.transaction() as db:
        listeners.trying(db, listener.chat)
    delivery = outlet.send(id_, answer)
    with desk.store.transaction() as db:
        if delivery.fate is Fate.SENT:
            message.keep()
            listeners.reached(db, listener.chat)
        else:
            again = desk.now() + timedelta(seconds=_pause(delivery, listener.failures))
            unsure = delivery.fate is Fate.UNSURE
            listeners.failed(db, listener.chat, delivery.why, again, unsure=unsure)
    log.info("notice", extra={"channel": outlet.channel, "fate": delivery.fate.value, "why": delivery.why})
    return delivery


def _pause(delivery: Delivery, failures: int) -> float:
    if delivery.fate is Fate.REFUSED:
        return min(LAST_REFUSED_PAUSE, REFUSED_PAUSE * 2.0 ** min(failures, 10))
    # What may have arrived is not sent again and again within a minute.
    least = UNSURE_PAUSE if delivery.fate is Fate.UNSURE else delivery.wait
    return max(least, min(LAST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures, 10)))
