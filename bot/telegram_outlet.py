"""What the bot says on Telegram of its own accord, on a connection of its own: a slow chat holds up no answer."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot.access import Answer
from bot.chunks import chunks
from bot.keyboard import Keys
from bot.outward import Delivery, Fate, Outlet
from bot.telegram import ALONE, CHANNEL, TelegramSettings, api, quieten

SECONDS = 20.0  # for an answer of Telegram's
NOT_BEGUN = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol"})


def staff_of(settings: TelegramSettings) -> tuple[str, ...]:
    """Return whom staff's news goes to: their group where they have one, else each of them."""
    if settings.staff_group is not None:
        return (str(settings.staff_group),)
    return tuple(dict.fromkeys(map(str, (*settings.deciders, *settings.staff))))


@contextmanager
def outlet(settings: TelegramSettings) -> Iterator[Outlet]:
    """Yield Telegram as a way to tell; to be used in the thread that opened it."""
    quieten()
    request = HTTPXRequest(read_timeout=SECONDS, write_timeout=SECONDS, connect_timeout=SECONDS)
    bot = Bot(settings.token, base_url=api(settings.base_url), request=request)
    keys = Keys(secret=settings.token)
    groups = frozenset() if settings.staff_group is None else frozenset({str(settings.staff_group)})
    with asyncio.Runner() as runner:
        try:
            yield Outlet(
                channel=CHANNEL,
                staff=staff_of(settings),
                groups=groups,
                send=lambda chat, told: runner.run(_sent(bot, keys, int(chat), told)),
            )
        finally:
            runner.run(request.shutdown())


async def _sent(bot: Bot, keys: Keys, chat: int, told: Answer) -> Delivery:
    pieces = list(chunks(told.text))
    rows = keys.laid_out(chat, told.buttons)
    layout = [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in rows]
    for number, piece in enumerate(pieces, 1):
        under = InlineKeyboardMarkup(layout) if layout and number == len(pieces) else None
        try:
            await bot.send_message(chat, piece, link_preview_options=ALONE, reply_markup=under)
        except TelegramError as error:
            return fate_of(error).after(number - 1)
    return Delivery(fate=Fate.SENT)


def fate_of(error: TelegramError) -> Delivery:
    """Return what became of a message that met `error`, whose own words may hold the token."""
    why = type(error).__name__
    match error:
        case RetryAfter():
            wait = error.retry_after
            seconds = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
            return Delivery(fate=Fate.LATER, why=why, wait=seconds)
        case Forbidden() | BadRequest() | ChatMigrated():
            return Delivery(fate=Fate.REFUSED, why=why)
        case NetworkError():
            return Delivery(fate=Fate.UNSURE if _may_have_gone(error) else Fate.LATER, why=why)
        case _:
            return Delivery(fate=Fate.LATER, why=why)


def _may_have_gone(error: NetworkError) -> bool:
    """Say whether the connection broke after the message was on it, so that nobody knows whether it was taken."""
    cause = error.__cause__
    return cause is not None and type(cause).__name__ not in NOT_BEGUN
