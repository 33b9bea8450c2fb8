"""What is posted to DingTalk: texts and links into a conversation, files to a person.

The session's address and the token are secrets; an error that leaves here holds a code or a kind, no address.
"""

import asyncio
import json
import logging
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from bot.access import Answer, Button
from bot.chunks import chunks

HOME, MEDIA = "https://api.dingtalk.com", "https://oapi.dingtalk.com"
LONGEST = 2000  # letters of a message: the service takes 20,000 bytes, however they are written
LARGEST = 20_000_000  # bytes of a file
TRIES = 4
PAUSE, LONGEST_PAUSE = 1.0, 60.0
WAIT = httpx.Timeout(20.0)
AGAIN = frozenset({-1, 130101, 429, 500, 502, 503, 504})  # busy, too fast
PRESSED = "（按钮）"  # before the command that a link types
_TYPES = {"image": ("jpg", "jpeg", "png", "gif", "bmp"), "file": ("xlsx", "docx", "doc", "pdf", "zip", "rar")}
KINDS = {suffix: kind for kind, suffixes in _TYPES.items() for suffix in suffixes}
_FULL_WIDTH = str.maketrans({mark: chr(ord(mark) + 0xFEE0) for mark in "\\`*_{}[]()#+!<>|~"})
log = logging.getLogger(__name__)


class Refused(Exception):
    """DingTalk answered with an error: a status of HTTP, or a code of its own."""

    def __init__(self, code: object) -> None:
        super().__init__(f"code {code}")
        self.code = code


class Robot(msgspec.Struct, frozen=True):
    """Who posts: the robot of an application, known at `home` by its id and secret."""

    http: httpx.AsyncClient
    home: str
    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return f"Robot({self.client_id!r})"


async def post(http: httpx.AsyncClient, address: str, **what: Any) -> Any:
    """Post with a few attempts and return what is answered; raise `Refused` or `httpx.TransportError`."""
    for attempt in range(1, TRIES + 1):
        try:
            return _understood(await http.post(address, **what))
        except (httpx.TransportError, Refused) as error:
            if attempt == TRIES or (isinstance(error, Refused) and error.code not in AGAIN):
                raise
        await asyncio.sleep(pause(attempt))
    raise AssertionError  # the last attempt returned or raised


def pause(failures: int) -> float:
    """Return the seconds to wait after so many failures in a row."""
    return min(PAUSE * 2.0 ** min(failures - 1, 10), LONGEST_PAUSE)


def _understood(found: httpx.Response) -> Any:
    if found.is_error:
        raise Refused(found.status_code)
    try:
        told = found.json()
    except ValueError:
        raise Refused("no JSON") from None
    if isinstance(told, dict) and told.get("errcode"):
        raise Refused(told["errcode"])
    return told


async def tell(robot: Robot, message: Any, told: Answer) -> None:
    """Send an answer into the conversation of `message`: its text, what one may do next, its file."""
    # Letters are not of one width there; but two spaces and a full-width one take nearly the same room.
    await say(robot, message, told.text.replace("  ", "\u3000") if told.table else told.text)
    if told.buttons:
        card = {"title": "可以接着办理", "text": links(told.buttons)}
        await post(robot.http, message.session_webhook, json={"msgtype": "markdown", "markdown": card})
    if told.file is not None:
        await _file(robot, message, told.name, told.file)


async def say(robot: Robot, message: Any, text: str) -> None:
    """Send a plain text, in pieces where it is long."""
    for piece in chunks(text, LONGEST):
        await post(robot.http, message.session_webhook, json={"msgtype": "text", "text": {"content": piece}})


def links(rows: Iterable[Iterable[Button]]) -> str:
    """Return the buttons as links that type their command, a row a paragraph; marks in labels lose their force."""
    return "\n\n".join("　".join(map(_link, row)) for row in rows)


def _link(button: Button) -> str:
    typed = quote(PRESSED + button.command, safe="")
    return f"[{button.label.translate(_FULL_WIDTH)}](dtmd://dingtalkclient/sendMessage?content={typed})"


async def _file(robot: Robot, message: Any, name: str, data: bytes) -> None:
    """Send a file to who asked; where DingTalk does not take it, say where it is to be had."""
    kind = KINDS.get(name.rpartition(".")[2].lower())
    if kind is None or len(data) > LARGEST:
        why = "超过20MB" if kind else "钉钉机器人不能发送这种格式"
        await say(robot, message, f"“{name}”没有发送：{why}。请在办公电脑上运行：shenbao files 文件夹")
        return
    try:
        await _handed(robot, message.sender_staff_id, kind, name, data)
    except (httpx.TransportError, Refused, KeyError) as error:
        log.warning(
            "file not sent", extra={"error": f"{type(error).__name__} {getattr(error, 'code', '')}".strip()}
        )
        told = f"“{name}”没有发出去。请稍后再试，或请管理员检查机器人的“上传媒体文件”“发送消息”权限。"
        await say(robot, message, told)


async def _handed(robot: Robot, user: str, kind: str, name: str, data: bytes) -> None:
    """Upload the file and let the robot send it; only an application's token allows either."""
    asking = {"appKey": robot.client_id, "appSecret": robot.client_secret}
    token = (await post(robot.http, f"{robot.home}/v1.0/oauth2/accessToken", json=asking))["accessToken"]
    upload = f"{MEDIA if robot.home == HOME else robot.home}/media/upload"
    media = await post(
        robot.http,
        upload,
        params={"access_token": token, "type": kind},
        files={"media": (name, data, "application/octet-stream")},
    )
    number, suffix = media["media_id"], name.rpartition(".")[2].lower()
    sent = (
        {"photoURL": number} if kind == "image" else {"mediaId": number, "fileName": name, "fileType": suffix}
    )
    await post(
        robot.http,
        f"{robot.home}/v1.0/robot/oToMessages/batchSend",
        headers={"x-acs-dingtalk-access-token": token},
        json={
            "robotCode": robot.client_id,
            "userIds": [user],
            "msgKey": "sampleImageMsg" if kind == "image" else "sampleFile",
            "msgParam": json.dumps(sent, ensure_ascii=False),
        },
    )
