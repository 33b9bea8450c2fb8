"""The bot on Telegram: the same commands over long polling, nothing decided here.

It runs in a thread of its own with its own loop, and the store's work in one more thread, so that a slow
disk never stops the polling. An update is confirmed to Telegram only after it was answered. Texts go
without a parse mode: there is nothing to escape. The token stands in every address of the Bot API, so
nothing that could hold an address or an error's own words is logged.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Literal

import msgspec
from telegram import (
    Bot,
    CallbackQuery,
    Chat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    Update,
)
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot import texts
from bot.access import Answer, Person, Role
from bot.asking import Ask, DeskFactory, asked
from bot.chunks import chunks, units
from bot.commands import answer, pressed
from bot.keyboard import Keys

CHANNEL = "telegram"
API = "https://api.telegram.org"
TRIES = 4
POLL = 25  # seconds a poll is held open where nothing comes
PAUSE = 1.0  # seconds before the first new attempt, doubled with each
LONGEST_PAUSE = 60.0
UPDATES = ["message", "callback_query"]
NOTICE_STOP = 0.2
ALONE = LinkPreviewOptions(is_disabled=True)
log = logging.getLogger(__name__)


class TelegramSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The section [telegram]; a decider is staff too. Staff are known by their numeric id only.

    With `deep_link` letters hold a link that opens the bot, under its `username` (empty: as Telegram tells it).
    """

    token: str
    base_url: str = API
    staff: tuple[int, ...] = ()
    deciders: tuple[int, ...] = ()
    staff_group: int | None = None
    undo_seconds: int = 120
    details: Literal["minimal", "full"] = "minimal"
    username: str = ""
    deep_link: bool = True

    def __repr__(self) -> str:
        return f"TelegramSettings(base_url={self.base_url!r}, details={self.details!r})"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One running bot: how it reaches Telegram, whom it knows, where its answers are made."""

    bot: Bot
    settings: TelegramSettings
    desks: DeskFactory
    worker: ThreadPoolExecutor
    stop: threading.Event
    known: Callable[[str], None]
    following: set["asyncio.Task[None]"] = msgspec.field(default_factory=set)


def run(
    settings: TelegramSettings,
    desk_factory: DeskFactory,
    stop: threading.Event,
    known: Callable[[str], None] = lambda _: None,
) -> None:
    """Answer what comes until `stop` is set; no failure of the network ends it. `known` is told the bot's user name."""
    quieten()
    asyncio.run(_run(settings, desk_factory, stop, known))


async def attempt(settings: TelegramSettings) -> str | None:
    """Return the bot's user name if Telegram knows the token, None if it does not or is not reached."""
    quieten()
    bot = Bot(settings.token, base_url=api(settings.base_url))
    try:
        async with bot:
            return bot.username
    except TelegramError:
        return None


def quieten() -> None:
    """Keep the token out of every log: these libraries write addresses of the Bot API."""
    # Without it the library warns of its own waiting times being numbers.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    for name, level in (
        ("httpx", logging.WARNING),
        ("httpcore", logging.WARNING),
        ("telegram", logging.INFO),
    ):
        logging.getLogger(name).setLevel(level)


def api(base_url: str) -> str:
    """Return the address that the token is appended to, from `https://host` or `https://host/bot`."""
    bare = base_url.rstrip("/")
    return bare if bare.endswith("/bot") or "{token}" in bare else f"{bare}/bot"


def person(settings: TelegramSettings, user: int, *, group: bool) -> Person:
    """Return who writes: a decider, staff, or else an applicant."""
    roles = ((settings.deciders, Role.DECIDER), (settings.staff, Role.STAFF))
    role = next((role for ids, role in roles if user in ids), Role.APPLICANT)
    return Person(channel=CHANNEL, id=str(user), role=role, group=group)


async def _run(
    settings: TelegramSettings, desks: DeskFactory, stop: threading.Event, known: Callable[[str], None]
) -> None:
    bot = Bot(
        settings.token, base_url=api(settings.base_url), get_updates_request=HTTPXRequest(read_timeout=10)
    )
    with ThreadPoolExecutor(1, thread_name_prefix="bot") as worker:
        line = Line(bot=bot, settings=settings, desks=desks, worker=worker, stop=stop, known=known)
        try:
            await _poll(line)
        finally:
            for task in line.following:
                task.cancel()
            with suppress(TelegramError):
                await bot.shutdown()


async def _poll(line: Line) -> None:
    """Take updates and answer them one by one; wait ever longer while Telegram is not reached."""
    offset, failures = 0, 0
    while not line.stop.is_set():
        try:
            updates = await _next(line, offset)
            failures = 0
        except Exception as error:  # noqa: BLE001 - nothing that a server or network does may end the service
            failures += 1
            # The error's words may hold the token; its name is enough.
            log.warning("telegram not reached", extra={"error": type(error).__name__, "failures": failures})
            await _sleep(line, _pause(error, failures))
            continue
        for update in updates:
            await _take(line, update)
            offset = update.update_id + 1
    await _confirm(line, offset)


async def _next(line: Line, offset: int) -> tuple[Update, ...]:
    """Return the next updates, none if the service stops meanwhile."""
    await line.bot.initialize()
    line.known(line.bot.username)
    polling = asyncio.create_task(line.bot.get_updates(offset, timeout=POLL, allowed_updates=UPDATES))
    while not polling.done():
        await asyncio.wait([polling], timeout=NOTICE_STOP)
        if line.stop.is_set() and not polling.done():
            polling.cancel()
            with suppress(asyncio.CancelledError):
                await polling
            return ()
    return polling.result()


async def _confirm(line: Line, offset: int) -> None:
    """Tell Telegram what was answered, so that the next start does not answer it again."""
    if offset:
        with suppress(TelegramError):
            await line.bot.get_updates(offset, timeout=0, limit=1, allowed_updates=UPDATES)


def _pause(error: Exception, failures: int) -> float:
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
    return min(PAUSE * 2.0 ** min(failures - 1, 10), LONGEST_PAUSE)


async def _sleep(line: Line, seconds: float) -> None:
    """Wait, but not beyond the stop."""
    await asyncio.to_thread(line.stop.wait, seconds)


async def _take(line: Line, update: Update) -> None:
    """Answer one update; one that cannot be answered is logged and never stops the next."""
    try:
        message, query = update.message, update.callback_query
        if message is not None and (who := _author(line, message)) is not None:
            await _reply(line, message.chat, lambda desk: answer(desk, who, message.text or ""))
        elif query is not None:
            await _press(line, query)
    except Exception as error:  # noqa: BLE001 - one update must not end the service
        told = {"update": update.update_id, "error": type(error).__name__}
        log.error("update not answered", extra=told)  # noqa: TRY400 - a trace may hold the token


def _author(line: Line, message: Message) -> Person | None:
    """Return who is to be answered: anybody in private, only staff in the staff's group."""
    if message.from_user is None or message.from_user.is_bot or not message.text:
        return None
    if message.chat.type == "private":
        return person(line.settings, message.from_user.id, group=False)
    if message.chat.id != line.settings.staff_group or not _for_us(line, message.text):
        return None
    who = person(line.settings, message.from_user.id, group=True)
    return who if who.role is not Role.APPLICANT else None


def _for_us(line: Line, text: str) -> bool:
    """Say whether a text in a group is a command, and not one to another bot (`/status@other`)."""
    word = text.split(maxsplit=1)[0]
    _, _, addressee = word.partition("@")
    return word.startswith("/") and addressee.casefold() in {"", line.bot.username.casefold()}


async def _press(line: Line, query: CallbackQuery) -> None:
    """Answer a button that this bot put under a message of its own in this chat."""
    if query.message is None:
        return
    chat = query.message.chat
    group = chat.type != "private"
    who = person(line.settings, query.from_user.id, group=group)
    command = _keys(line).read(chat.id, query.data or "")
    # Telegram shows a waiting sign until the press is answered, and takes no answer to an old one.
    with suppress(BadRequest):
        await _send(line, query.answer)
    if group and (chat.id != line.settings.staff_group or who.role is Role.APPLICANT):
        return
    if command is None:
        await _send(line, lambda: chat.send_message(texts.OLD_BUTTON))
        return
    if command.startswith("!"):  # a question that is answered has no buttons any more
        with suppress(BadRequest):
            await _send(line, query.edit_message_reply_markup)
    await _reply(line, chat, lambda desk: pressed(desk, who, command))


def _keys(line: Line) -> Keys:
    return Keys(secret=line.settings.token)


def _keyboard(line: Line, chat: Chat, told: Answer) -> InlineKeyboardMarkup | None:
    rows = _keys(line).laid_out(chat.id, told.buttons)
    keys = [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in rows]
    return InlineKeyboardMarkup(keys) if keys else None


async def _reply(line: Line, chat: Chat, ask: Ask) -> None:
    loop = asyncio.get_running_loop()
    told = await loop.run_in_executor(line.worker, asked, line.desks, ask)
    await _tell(line, chat, told)
    if told.later is not None:
        task = asyncio.create_task(_follow(line, chat, told.later))
        line.following.add(task)
        task.add_done_callback(line.following.discard)


async def _follow(line: Line, chat: Chat, later: Ask) -> None:
    """Send what took longer, made beside the answers that others wait for."""
    try:
        await _tell(line, chat, await asyncio.to_thread(asked, line.desks, later))
    except Exception as error:  # noqa: BLE001 - its words may hold the token
        log.error("file not sent", extra={"error": type(error).__name__})  # noqa: TRY400 - the same


async def _tell(line: Line, chat: Chat, told: Answer) -> None:
    pieces = list(chunks(told.text))
    for number, piece in enumerate(pieces, 1):
        pre = [MessageEntity(MessageEntity.PRE, 0, units(piece))] if told.table else None
        under = _keyboard(line, chat, told) if number == len(pieces) else None
        await _send(
            line,
            lambda text=piece, marks=pre, keys=under: chat.send_message(  # type: ignore[misc]
                text, entities=marks, link_preview_options=ALONE, reply_markup=keys
            ),
        )
    if told.file is not None:
        await _send(line, lambda: chat.send_document(told.file or b"", filename=told.name))


async def _send(line: Line, call: Callable[[], Awaitable[object]]) -> None:
    """Send with a few attempts; raise `TelegramError` when none succeeds."""
    for attempt in range(1, TRIES + 1):
        try:
            await call()
        except (NetworkError, RetryAfter) as error:
            if isinstance(error, BadRequest) or attempt == TRIES or line.stop.is_set():
                raise
            await _sleep(line, _pause(error, attempt))
        else:
            return
