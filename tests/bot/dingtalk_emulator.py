"""A small DingTalk on loopback: the gateway of Stream mode, sessions, tokens, uploads, messages to persons.

It refuses what DingTalk refuses: a wrong secret, a ticket used twice, a session it never gave, a message of
another kind, empty, or over 20,000 bytes, a link beyond markdown, a file without a token or of a kind that
robots cannot send. A message that was not receipted is brought again over the next connection.
"""

import asyncio
import json
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import msgspec
from aiohttp import WSMsgType, web

from tests.bot.emulator import Failure, failed, serving

CLIENT, SECRET, TICKET, TOKEN, CORP = "dingemulated", "geheim-8f2a", "ticket-5d1c", "token-77aa", "ding-corp"
LONGEST = 20_000
TOPIC = "/v1.0/im/bot/messages/get"
TOO_FAST: Failure = (200, {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"})
_LINK = re.compile(r"\[([^\[\]()]+)\]\(dtmd://dingtalkclient/sendMessage\?content=([^()\s]+)\)")


class Posted(msgspec.Struct, frozen=True):
    """Something the robot sent: into a session, or a file to a person."""

    to: str
    text: str = ""
    links: Mapping[str, str] = {}
    name: str = ""
    file: bytes = b""


class Refused(Exception):
    """What DingTalk answers with an error code of its own."""


class DingTalk:
    """The state of one emulated service; its methods may be called from any thread."""

    def __init__(self) -> None:
        self.base_url = ""
        self.sent: list[Posted] = []
        self.calls: list[str] = []
        self.receipts: list[str] = []
        self.cuts = 0
        self.waiting: dict[str, dict[str, Any]] = {}
        self.said = 0
        self.tickets: list[str] = []
        self.media: dict[str, tuple[str, bytes]] = {}
        self.failures: dict[str, list[Failure]] = defaultdict(list)
        self.changed = threading.Condition()

    def say(self, user: str, text: str, *, corp: str = CORP, group: bool = False, kind: str = "text") -> str:
        """Let `user` send `text` to the robot, and return the message's id."""
        self.said += 1
        number = f"msg-{self.said}"
        message: dict[str, Any] = {
            "msgId": number,
            "msgtype": kind,
            "conversationType": "2" if group else "1",
            "conversationId": "cid-1",
            "senderId": f"$:LWCP_v1:${user}",
            "senderNick": "人",
            "senderCorpId": corp,
            "senderStaffId": user,
            "chatbotCorpId": CORP,
            "robotCode": CLIENT,
            "sessionWebhook": f"{self.base_url}/robot/sendBySession?session=secret-{user}",
            "sessionWebhookExpiredTime": 1654068600000,
        }
        message |= {"text": {"content": f" {text}"}} if kind == "text" else {"content": {"downloadCode": "x"}}
        self.bring(number, message)
        return number

    def bring(self, number: str, message: dict[str, Any]) -> None:
        """Bring a message, over each connection until it is receipted."""
        frame = {
            "specVersion": "1.0",
            "type": "CALLBACK",
            "headers": {"topic": TOPIC, "messageId": number, "contentType": "application/json", "time": "1"},
            "data": json.dumps(message),
        }
        with self.changed:
            self.waiting[number] = frame

    def system(self, topic: str) -> None:
        """Let the service say something of the connection itself: `ping`, `disconnect`."""
        number = f"{topic}-{len(self.calls)}"
        frame = {
            "specVersion": "1.0",
            "type": "SYSTEM",
            "headers": {"topic": topic, "messageId": number, "contentType": "application/json"},
            "data": json.dumps({"opaque": number}),
        }
        with self.changed:
            self.waiting[number] = frame

    def cut(self) -> None:
        """Cut every connection without a word."""
        with self.changed:
            self.cuts += 1

    def fail(self, path: str, *failures: Failure) -> None:
        """Let the next calls of `path` fail in these ways."""
        self.failures[path] += failures

    def wait(self, ready: Callable[[], bool], seconds: float = 20) -> None:
        """Wait until `ready` says so; raise `TimeoutError` after `seconds`."""
        with self.changed:
            if not self.changed.wait_for(ready, seconds):
                raise TimeoutError(f"called: {self.calls[-9:]}, sent: {self.sent[-3:]}")

    def answers(self, number: int) -> list[Posted]:
        """Wait for that many things sent and return all there are."""
        self.wait(lambda: len(self.sent) >= number)
        return list(self.sent)

    def _note(self, change: Callable[[], object]) -> None:
        with self.changed:
            change()
            self.changed.notify_all()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        self._note(lambda: self.calls.append(path))
        if self.failures[path]:
            return await failed(request, self.failures[path].pop(0))
        try:
            return web.json_response(await PATHS[path](self, request))
        except PermissionError as error:
            told = {"code": "authFailed", "message": str(error)}
            return web.json_response(told, status=401)
        except Refused as error:
            code, _, words = str(error).partition(" ")
            return web.json_response({"errcode": int(code), "errmsg": words})

    async def open(self, request: web.Request) -> object:
        asked = await request.json()
        if (asked["clientId"], asked["clientSecret"]) != (CLIENT, SECRET):
            raise PermissionError("鉴权失败")
        if asked["subscriptions"] != [{"type": "CALLBACK", "topic": TOPIC}]:
            raise Refused("400 subscriptions")
        self.tickets.append(f"{TICKET}-{len(self.calls)}+/=")  # signs that an address must quote
        return {
            "endpoint": f"{self.base_url.replace('http', 'ws', 1)}/connect",
            "ticket": self.tickets[-1],
        }

    async def connect(self, request: web.Request) -> web.StreamResponse:
        self._note(lambda: self.calls.append(request.path))
        if request.query.get("ticket") not in self.tickets:
            return web.Response(status=401)
        self.tickets.remove(request.query["ticket"])
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        bringing = asyncio.create_task(self._bringing(socket, request.transport))
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._receipted(json.loads(frame.data))
        finally:
            bringing.cancel()
        return socket

    async def _bringing(self, socket: web.WebSocketResponse, under: asyncio.Transport | None) -> None:
        brought, cuts = set[str](), self.cuts
        while self.cuts == cuts:
            with self.changed:
                new = {number: frame for number, frame in self.waiting.items() if number not in brought}
            for number, frame in new.items():
                brought.add(number)
                await socket.send_json(frame)
            await asyncio.sleep(0.01)
        if under:
            under.abort()

    def _receipted(self, receipt: Mapping[str, Any]) -> None:
        number = receipt["headers"]["messageId"]
        with self.changed:
            assert receipt["code"] == 200
            assert json.loads(receipt["data"])
            self.waiting.pop(number, None)
            self.receipts.append(number)
            self.changed.notify_all()

    async def session(self, request: web.Request) -> object:
        to = request.query.get("session", "").removeprefix("secret-")
        if not request.query.get("session", "").startswith("secret-"):
            raise Refused("300001 session")
        raw = await request.read()
        if len(raw) > LONGEST:
            raise Refused("460101 message too long")
        given = json.loads(raw)
        if given["msgtype"] == "text":
            posted = Posted(to, _filled(given["text"]["content"]))
        elif given["msgtype"] == "markdown":
            _filled(given["markdown"]["title"])
            posted = Posted(to, links=_links(_filled(given["markdown"]["text"])))
        else:
            raise Refused("400105 unsupported msgtype")
        self._note(lambda: self.sent.append(posted))
        return {"errcode": 0, "errmsg": "ok"}

    async def token(self, request: web.Request) -> object:
        asked = await request.json()
        if (asked["appKey"], asked["appSecret"]) != (CLIENT, SECRET):
            raise PermissionError("invalid appKey")
        return {"accessToken": TOKEN, "expireIn": 7200}

    async def upload(self, request: web.Request) -> object:
        if request.query.get("access_token") != TOKEN:
            raise Refused("40014 access_token")
        given = await request.post()
        media = given["media"]
        assert isinstance(media, web.FileField)
        number = f"@media-{len(self.media)}"
        self.media[number] = (str(request.query["type"]), media.file.read())
        return {"errcode": 0, "media_id": number}

    async def batch(self, request: web.Request) -> object:
        if request.headers.get("x-acs-dingtalk-access-token") != TOKEN:
            raise PermissionError("token")
        given = await request.json()
        what = json.loads(given["msgParam"])
        if given["robotCode"] != CLIENT:
            raise Refused("400 robotCode")
        kind, data = self.media[what.get("mediaId") or what.get("photoURL")]
        if given["msgKey"] == "sampleFile":
            fits = kind == "file" and what["fileType"] in {"xlsx", "pdf", "zip", "rar", "doc", "docx"}
        else:
            fits = given["msgKey"] == "sampleImageMsg" and kind == "image"
        if not fits:
            raise Refused("400 msgParam")
        sent = [Posted(user, name=what.get("fileName", ""), file=data) for user in given["userIds"]]
        self._note(lambda: self.sent.extend(sent))
        return {"processQueryKey": "x", "invalidStaffIdList": [], "flowControlledStaffIdList": []}


def _filled(text: str) -> str:
    if not text.strip():
        raise Refused("400 empty")
    return text


def _links(text: str) -> dict[str, str]:
    """Return what each link types; raise `Refused` for anything between them that would be drawn as a mark."""
    if re.search(r"[\[\]()*_`#>]", _LINK.sub("", text)):
        raise Refused("400 markdown")
    return {label: unquote(typed) for label, typed in _LINK.findall(text)}


PATHS: dict[str, Callable[..., Any]] = {
    "/v1.0/gateway/connections/open": DingTalk.open,
    "/robot/sendBySession": DingTalk.session,
    "/v1.0/oauth2/accessToken": DingTalk.token,
    "/media/upload": DingTalk.upload,
    "/v1.0/robot/oToMessages/batchSend": DingTalk.batch,
}


@contextmanager
def running() -> Iterator[DingTalk]:
    """Serve an emulator on a free loopback port."""
    emulator = DingTalk()
    routes = [web.get("/connect", emulator.connect), *(web.post(path, emulator.handle) for path in PATHS)]
    with serving(routes) as emulator.base_url:
        yield emulator
