"""The chats of the service: in each what is asked and what is told, two duties that hold up nothing else."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Literal, NamedTuple

import msgspec

from bot import dingtalk, dingtalk_outlet, telegram, telegram_outlet, telling
from bot.access import Desk
from bot.asking import DeskFactory
from bot.outward import Outlet
from parsers.workers import Workers
from shenbao.options import now
from shenbao.settings import Settings
from storage.campaign import Campaign
from storage.database import Store


class Chats(msgspec.Struct, frozen=True, kw_only=True):
    """What all chats share; `named` is told the name of the Telegram bot once that is known."""

    settings: Settings
    campaign: Campaign
    sender: str
    store: Callable[[], Store]
    stop: threading.Event
    named: Callable[[str], None]


class Channel(NamedTuple):
    """One chat service: whom of staff it tells, where its answers are made, how it talks and how it tells."""

    name: str
    staff: tuple[str, ...]
    desks: DeskFactory
    talk: Callable[[], None]
    outlet: Callable[[], AbstractContextManager[Outlet]]


def begin(chats: Chats) -> None:
    """Note from when on staff are told, before anything happens that they are to be told of."""
    for one in _channels(chats):
        with one.desks() as desk:
            telling.begin(desk, one.name, one.staff, chats.settings.notices)


def duties(chats: Chats) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield what is to be done, by name."""
    for one in _channels(chats):
        yield one.name, one.talk
        yield f"{one.name}-notices", partial(_tell, chats, one)


def _channels(chats: Chats) -> Iterator[Channel]:
    if (phone := chats.settings.telegram) is not None:
        desks = _desks(chats, phone.undo_seconds, phone.details)
        yield Channel(
            name=telegram.CHANNEL,
            staff=telegram_outlet.staff_of(phone),
            desks=desks,
            talk=partial(telegram.run, phone, desks, chats.stop, chats.named),
            outlet=partial(telegram_outlet.outlet, phone),
        )
    if (ding := chats.settings.dingtalk) is not None and dingtalk.installed():
        desks = _desks(chats, ding.undo_seconds, "full")
        yield Channel(
            name=dingtalk.CHANNEL,
            staff=dingtalk_outlet.staff_of(ding),
            desks=desks,
            talk=partial(dingtalk.run, ding, desks, chats.stop),
            outlet=partial(dingtalk_outlet.outlet, ding),
        )


def _tell(chats: Chats, channel: Channel) -> None:
    with channel.desks() as desk, channel.outlet() as outlet:
        telling.serve(desk, outlet, chats.settings.notices, chats.stop)


def _desks(chats: Chats, undo_seconds: int, details: Literal["minimal", "full"]) -> DeskFactory:
    @contextmanager
    def desk() -> Iterator[Desk]:
        with chats.store() as store:
            yield Desk(
                store=store,
                campaign=chats.campaign,
                now=now,
                details=details,
                sender=chats.sender,
                undo_seconds=undo_seconds,
                reader=lambda: Workers(1),
            )

    return desk
