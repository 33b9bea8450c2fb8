"""The bot on DingTalk in Stream mode: the same commands over one connection outward; nothing listens here.

The SDK (the extra `dingtalk`, imported only when it runs) knows the gateway's frames, what answers which,
and the messages. The loop is ours: the SDK's own swallows the stop, waits for ever on a gateway that hangs,
and writes the ticket of its connection into the log. Answers go as plain text, so there is nothing to
escape; what one may do next goes as links that type the command. Addresses hold tickets and tokens, so
nothing that could hold one, or an error's own words, is logged.
"""

import asyncio
import json
import logging
import threading
from collections import deque
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote_plus

import httpx
import msgspec

from bot import texts
from bot.access import Answer, Desk, Person, Role
from bot.asking import Ask, DeskFactory, asked
from bot.commands import answer, pressed
from bot.dingtalk_post import PRESSED, WAIT, Refused, Robot, pause, post, say, tell

CHANNEL = "dingtalk"
NOTICE_STOP = 0.2
REMEMBERED = 1000  # messages known again if they come a second time
CLOSING = 2.0  # seconds a cut by us may take
UNREACHED = frozenset({429, 500, 502, 503, 504, -1, "no JSON"})
PRIVATE = "1"  # a conversation of one person with the robot
log = logging.getLogger(__name__)


class DingtalkSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The section [dingtalk]; a decider is staff too. Staff are known by their userid (staffId) only.

    Without `base_url` the SDK's own endpoint serves, which DINGTALK_OPENAPI_ENDPOINT may name.
    """

    client_id: str
    client_secret: str
    base_url: str = ""
    staff: tuple[str, ...] = ()
    deciders: tuple[str, ...] = ()
    undo_seconds: int = 120

    def __repr__(self) -> str:
        return f"DingtalkSettings(client_id={self.client_id!r})"


class Ticket(msgspec.Struct, frozen=True):
    """Where the connection is to be made, and by which right."""

    endpoint: str
    ticket: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One running bot: how it reaches DingTalk, whom it knows, where its answers are made."""

    settings: DingtalkSettings
    robot: Robot
    desks: DeskFactory
    worker: ThreadPoolExecutor
    taken: deque[str] = msgspec.field(default_factory=lambda: deque(maxlen=REMEMBERED))
    tasks: set["asyncio.Task[None]"] = msgspec.field(default_factory=set)


def installed() -> bool:
    """Say whether the SDK is there."""
    return find_spec("dingtalk_stream") is not None


def run(settings: DingtalkSettings, desks: DeskFactory, stop: threading.Event) -> None:
    """Answer what comes until `stop` is set; no failure of the network ends it."""
    quieten()
    asyncio.run(_run(settings, desks, stop))


async def attempt(settings: DingtalkSettings) -> bool | None:
    """Say whether DingTalk takes the id and the secret, None if it is not reached; nothing is connected.

    A second connection would draw messages away from the one that runs.
    """
    quieten()
    async with httpx.AsyncClient(timeout=WAIT) as http:
        try:
            await _ticket(_robot(http, settings))
        except Refused as error:
            return None if error.code in UNREACHED else False
        except (httpx.HTTPError, httpx.InvalidURL, msgspec.ValidationError):
            return None
    return True


def quieten() -> None:
    """Keep secrets out of every log: these libraries write addresses and what they sent."""
    for name in ("httpx", "httpcore", "websockets", "dingtalk_stream", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)


def person(settings: DingtalkSettings, message: Any) -> Person:
    """Return who writes; an id counts in the robot's own organisation only, where its office gave it."""
    own = message.sender_corp_id in (None, message.chatbot_corp_id)
    user = (message.sender_staff_id if own else None) or None
    roles = ((settings.deciders, Role.DECIDER), (settings.staff, Role.STAFF))
    role = next((role for ids, role in roles if user in ids), Role.APPLICANT)
    if not (known := user or message.sender_id):
        raise ValueError("a message of nobody")  # all of these would be one applicant
    return Person(channel=CHANNEL, id=str(known), role=role)


async def _run(settings: DingtalkSettings, desks: DeskFactory, stop: threading.Event) -> None:
    async with httpx.AsyncClient(timeout=WAIT) as http:
        with ThreadPoolExecutor(1, thread_name_prefix="dingtalk") as worker:
            line = Line(settings=settings, robot=_robot(http, settings), desks=desks, worker=worker)
            serving = asyncio.create_task(_serve(line))
            while not stop.is_set() and not serving.done():
                await asyncio.wait([serving], timeout=NOTICE_STOP)
            for task in (serving, *line.tasks):
                task.cancel()
            await asyncio.gather(*line.tasks, return_exceptions=True)
            with suppress(asyncio.CancelledError):
                await serving


async def _serve(line: Line) -> None:
    """Keep a connection for ever: made anew after a cut, later and later where none can be made."""
    failures = 0
    while True:
        try:
            await _connected(line)
        except Exception as error:  # noqa: BLE001 - one failure must not end the service, its words may hold the ticket
            failures += 1
            told = {"error": type(error).__name__, "failures": failures}
            log.warning("dingtalk not reached", extra=told)
        else:
            failures = 0
        await asyncio.sleep(pause(max(failures, 1)))


async def _connected(line: Line) -> None:
    """Take what comes over one connection until it ends, by a cut or because DingTalk asks for a new one."""
    import websockets  # noqa: PLC0415 - comes with the extra

    client = _client(line)
    opened = await _ticket(line.robot)
    address = f"{opened.endpoint}?ticket={quote_plus(opened.ticket)}"
    async with websockets.connect(address, close_timeout=CLOSING) as socket:
        client.websocket = socket
        log.info("dingtalk connected")
        with suppress(websockets.ConnectionClosed):
            async for frame in socket:
                _begin(line, _routed(client, frame))


def _client(line: Line) -> Any:
    """Return the SDK's client with the one thing it subscribes to: what is said to the robot."""
    import dingtalk_stream as sdk  # noqa: PLC0415 - comes with the extra

    class Handler(sdk.ChatbotHandler):  # type: ignore[misc]  # the SDK has no types
        async def process(self, callback: Any) -> tuple[int, str]:
            await _take(line, sdk.ChatbotMessage.from_dict(callback.data))
            return sdk.AckMessage.STATUS_OK, "OK"

    quiet = logging.getLogger("dingtalk_stream.client")
    quiet.setLevel(logging.CRITICAL)  # it writes whole frames, with the addresses in them
    settings = line.settings
    client = sdk.DingTalkStreamClient(sdk.Credential(settings.client_id, settings.client_secret), quiet)
    client.register_callback_handler(sdk.ChatbotMessage.TOPIC, Handler())
    return client


async def _routed(client: Any, frame: str | bytes) -> None:
    """Let the SDK answer a frame, and end the connection where DingTalk asks for that."""
    try:
        if await client.route_message(json.loads(frame)) == client.TAG_DISCONNECT:
            await client.websocket.close()
    except Exception as error:  # noqa: BLE001 - one frame must not end the service
        log.warning("frame not answered", extra={"error": type(error).__name__})


def _begin(line: Line, work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    line.tasks.add(task)
    task.add_done_callback(line.tasks.discard)


async def _ticket(robot: Robot) -> Ticket:
    """Ask the gateway for a connection that brings what is said to the robot."""
    asking = {
        "clientId": robot.client_id,
        "clientSecret": robot.client_secret,
        "subscriptions": [{"type": "CALLBACK", "topic": "/v1.0/im/bot/messages/get"}],
        "ua": "shenbao",
    }
    return msgspec.convert(
        await post(robot.http, f"{robot.home}/v1.0/gateway/connections/open", json=asking), Ticket
    )


def _robot(http: httpx.AsyncClient, settings: DingtalkSettings) -> Robot:
    from dingtalk_stream import utils  # noqa: PLC0415 - comes with the extra

    home = (settings.base_url or str(utils.DINGTALK_OPENAPI_ENDPOINT)).rstrip("/")
    return Robot(http, home, settings.client_id, settings.client_secret)


async def _take(line: Line, message: Any) -> None:
    """Answer one message once: DingTalk brings it again where its receipt got lost."""
    if message.message_id in line.taken:
        return
    line.taken.append(message.message_id)
    try:
        who = person(line.settings, message)
        if message.conversation_type != PRIVATE:
            if who.role is not Role.APPLICANT:
                await say(line.robot, message, texts.IN_PRIVATE)
            return
        text = " ".join(message.get_text_list() or ()).strip()
        await _reply(line, message, lambda desk: _answered(desk, who, text))
    except Exception as error:  # noqa: BLE001 - one message must not end the service
        log.error("message not answered", extra={"error": type(error).__name__})  # noqa: TRY400 - may hold secrets


def _answered(desk: Desk, who: Person, text: str) -> Answer:
    if text.startswith(PRESSED):
        return pressed(desk, who, text.removeprefix(PRESSED))
    return answer(desk, who, text)


async def _reply(line: Line, message: Any, ask: Ask) -> None:
    told = await asyncio.get_running_loop().run_in_executor(line.worker, asked, line.desks, ask)
    await tell(line.robot, message, told)
    if told.later is not None:
        _begin(line, _follow(line, message, told.later))


async def _follow(line: Line, message: Any, later: Ask) -> None:
    """Send what took longer, made beside the answers that others wait for."""
    try:
        await tell(line.robot, message, await asyncio.to_thread(asked, line.desks, later))
    except Exception as error:  # noqa: BLE001 - its words may hold a token
        log.error("file not sent", extra={"error": type(error).__name__})  # noqa: TRY400 - the same
