"""A small Bot API on loopback: long polling with offsets, texts, edits, files, buttons, and failures when asked for.

It refuses what Telegram refuses (`telegram_rules`): a wrong token, two pollers at once, a text that is empty,
too long or of broken marks, a button that carries too much, an edit that changes nothing, a press answered twice.
"""

import asyncio
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
from aiohttp import web

from tests.bot import telegram_rules as rules
from tests.bot.telegram_rules import Refused

TOKEN = "123456:AAF-emulated_token_of_no_bot"
BOT = {"id": 123456, "is_bot": True, "first_name": "申报", "username": "shenbao_bot"}
DROP, HANG = "drop", "hang"

Failure = tuple[int, dict[str, object]] | str
BAD_GATEWAY: Failure = (502, {"ok": False, "error_code": 502, "description": "Bad Gateway"})
CONFLICT: Failure = (409, {"ok": False, "error_code": 409, "description": "Conflict: other getUpdates"})
SLOW_DOWN: Failure = (
    429,
    {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 1}},
)


class Sent(msgspec.Struct, frozen=True):
    """Something the bot sent: a text with its entities, or a file under its name."""

    chat: int
    text: str = ""
    entities: tuple[Mapping[str, Any], ...] = ()
    parse_mode: str | None = None
    name: str = ""
    file: bytes = b""
    keyboard: tuple[tuple[Mapping[str, Any], ...], ...] = ()

    def carried(self, label: str) -> str:
        """Return what the button of this label carries."""
        return str(next(key["callback_data"] for row in self.keyboard for key in row if key["text"] == label))


class Emulator:
    """The state of one emulated service; its methods may be called from any thread."""

    def __init__(self) -> None:
        self.base_url = ""
        self.sent: list[Sent] = []
        self.calls: list[str] = []
        self.confirmed = 0
        self.updates: list[dict[str, Any]] = []
        self.edited: list[int] = []
        self.presses: set[str] = set()
        self.polls = 0
        self.failures: dict[str, list[Failure | None]] = defaultdict(list)
        self.changed = threading.Condition()

    def say(
        self, user: int, text: str, *, chat: int | None = None, kind: str = "private", called: str = "人"
    ) -> None:
        """Let `user` send `text` to the bot, in a private chat or in the group `chat`."""
        message: dict[str, Any] = {
            "message_id": len(self.updates) + 1,
            "date": 1654068600,
            "chat": {"id": user if chat is None else chat, "type": kind},
            "from": {"id": user, "is_bot": False, "first_name": called, "username": f"u{called}"},
            "text": text,
        }
        with self.changed:
            self.updates.append({"update_id": 1000 + len(self.updates), "message": message})

    def press(self, user: int, data: str, *, chat: int | None = None, kind: str = "private") -> None:
        """Let `user` press a button that carries `data`, under the last message of the bot's that has it."""
        with self.changed:
            number = self._under(data)
            query: dict[str, Any] = {
                "id": f"press-{len(self.updates) + 1}",
                "chat_instance": "1",
                "from": {"id": user, "is_bot": False, "first_name": "人"},
                "message": {
                    "message_id": number,
                    "date": 1654068600,
                    "chat": {"id": user if chat is None else chat, "type": kind},
                    "text": self.sent[number - 1].text if number <= len(self.sent) else "…",
                },
                "data": data,
            }
            self.presses.add(query["id"])
            self.updates.append({"update_id": 1000 + len(self.updates), "callback_query": query})

    def _under(self, data: str) -> int:
        """Return the number of the last message with this button; one that nobody sent, if none has it."""
        carried = [{key["callback_data"] for row in one.keyboard for key in row} for one in self.sent]
        return max(
            (number for number, those in enumerate(carried, 1) if data in those), default=len(carried) + 1
        )

    def fail(self, method: str, *failures: Failure | None) -> None:
        """Let the next calls of `method` fail in these ways, None being none."""
        self.failures[method] += failures

    def wait(self, ready: Callable[[], bool], seconds: float = 20) -> None:
        """Wait until `ready` says so; raise `TimeoutError` after `seconds`."""
        with self.changed:
            if not self.changed.wait_for(ready, seconds):
                raise TimeoutError(f"called: {self.calls[-9:]}, sent: {self.sent[-3:]}")

    def answers(self, number: int) -> list[Sent]:
        """Wait for that many things sent and return all there are."""
        self.wait(lambda: len(self.sent) >= number)
        return list(self.sent)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        with self.changed:
            self.calls.append(method)
            self.changed.notify_all()
        if request.match_info["token"] != TOKEN:
            return web.json_response(
                {"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401
            )
        if self.failures[method] and (failure := self.failures[method].pop(0)) is not None:
            return await failed(request, failure)
        try:
            result = await METHODS[method](self, await _parameters(request))
        except Refused as error:
            told = {"ok": False, "error_code": error.code, "description": str(error)}
            return web.json_response(told, status=error.code)
        return web.json_response({"ok": True, "result": result})

    async def get_me(self, _: Mapping[str, Any]) -> object:
        return BOT

    async def get_updates(self, given: Mapping[str, Any]) -> object:
        offset, until = int(given.get("offset") or 0), time.monotonic() + float(given.get("timeout") or 0)
        with self.changed:
            self.confirmed = max(self.confirmed, offset)
            self.polls += 1
            mine = self.polls
            self.changed.notify_all()
        allowed = set(given.get("allowed_updates") or ("message", "callback_query"))
        while True:
            with self.changed:
                waiting = [
                    one
                    for one in self.updates
                    if one["update_id"] >= self.confirmed and allowed.intersection(one)
                ]
            if self.polls != mine:
                raise Refused("terminated by other getUpdates request", 409)
            if waiting or time.monotonic() >= until:
                return waiting[: int(given.get("limit") or 100)]
            await asyncio.sleep(0.01)

    async def send_message(self, given: Mapping[str, Any]) -> object:
        text, rows = rules.text(given), rules.keyboard(given.get("reply_markup"))
        marks = tuple(given.get("entities") or ())
        return self._keep(Sent(int(given["chat_id"]), text, marks, given.get("parse_mode"), keyboard=rows))

    async def edit_message_text(self, given: Mapping[str, Any]) -> object:
        marks = tuple(given.get("entities") or ())
        changes = {"text": rules.text(given), "entities": marks, "parse_mode": given.get("parse_mode")}
        return self._edit(given, **changes)

    async def edit_message_reply_markup(self, given: Mapping[str, Any]) -> object:
        return self._edit(given)

    def _edit(self, given: Mapping[str, Any], **changes: Any) -> object:
        """Change a message of the bot's; its keyboard goes unless it is given again."""
        number, rows = int(given["message_id"]), rules.keyboard(given.get("reply_markup"))
        with self.changed:
            if not 1 <= number <= len(self.sent) or self.sent[number - 1].chat != int(given["chat_id"]):
                raise Refused("message to edit not found")
            new = msgspec.structs.replace(self.sent[number - 1], keyboard=rows, **changes)
            if new == self.sent[number - 1]:
                raise Refused("message is not modified")
            self.sent[number - 1] = new
            self.edited.append(number)
            self.changed.notify_all()
        return _message(number, new)

    async def answer_callback_query(self, given: Mapping[str, Any]) -> object:
        number = str(given.get("callback_query_id"))
        if number not in self.presses:
            raise Refused("query is too old and response timeout expired or query ID is invalid")
        if len(str(given.get("text") or "")) > 200:
            raise Refused("MESSAGE_TOO_LONG")
        self.presses.remove(number)
        return True

    async def send_document(self, given: Mapping[str, Any]) -> object:
        attached = next(value for value in given.values() if isinstance(value, web.FileField))
        caption = rules.text(given, "caption", rules.LONGEST_CAPTION)
        data = rules.document(attached.file.read())
        return self._keep(Sent(int(given["chat_id"]), caption, name=attached.filename, file=data))

    def _keep(self, sent: Sent) -> object:
        with self.changed:
            self.sent.append(sent)
            self.changed.notify_all()
            return _message(len(self.sent), sent)


def _message(number: int, sent: Sent) -> object:
    return {"message_id": number, "date": 1654068600, "chat": {"id": sent.chat, "type": "private"}}


_JSON = frozenset({"entities", "reply_markup", "allowed_updates"})
METHODS: dict[str, Callable[..., Any]] = {
    "getMe": Emulator.get_me,
    "getUpdates": Emulator.get_updates,
    "sendMessage": Emulator.send_message,
    "sendDocument": Emulator.send_document,
    "editMessageText": Emulator.edit_message_text,
    "editMessageReplyMarkup": Emulator.edit_message_reply_markup,
    "answerCallbackQuery": Emulator.answer_callback_query,
}


@contextmanager
def running() -> Iterator[Emulator]:
    """Serve an emulator on a free loopback port."""
    emulator = Emulator()
    with serving([web.post("/bot{token}/{method}", emulator.handle)]) as emulator.base_url:
        yield emulator


@contextmanager
def serving(routes: Iterable[web.AbstractRouteDef]) -> Iterator[str]:
    """Serve `routes` on a free loopback port, in a thread and loop of their own; give the address."""
    loop, started, addresses = asyncio.new_event_loop(), threading.Event(), list[str]()
    stop = asyncio.Event()

    async def serve() -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_routes(routes)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        addresses.append(f"http://{host}:{port}")
        started.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        if not started.wait(10):
            raise TimeoutError("the emulator did not start")
        yield addresses[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


async def failed(request: web.Request, failure: Failure) -> web.Response:
    """Return an error, cut the connection, or never answer."""
    if failure == HANG:
        await asyncio.Event().wait()
    if isinstance(failure, str):
        if request.transport:
            request.transport.abort()
        return web.Response(status=500)
    status, body = failure
    return web.json_response(body, status=status)


async def _parameters(request: web.Request) -> dict[str, Any]:
    given = dict(await request.post())
    return {key: _decoded(key, value) for key, value in given.items()}


def _decoded(key: str, value: object) -> object:
    return json.loads(value) if key in _JSON and isinstance(value, str) else value
