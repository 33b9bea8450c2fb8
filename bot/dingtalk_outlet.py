"""What the bot says on DingTalk of its own accord: by the robot to a person, on connections of its own."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import msgspec

from bot.access import Answer
from bot.chunks import chunks
from bot.dingtalk import CHANNEL, DingtalkSettings, quieten, robot_of
from bot.dingtalk_post import LONGEST, WAIT, Refused, Robot, links, to_person, token_of
from bot.outward import Delivery, Fate, Outlet

RECIPIENT = frozenset({400, "invalid"})  # what says something of the person, all else of the channel
NOT_BEGUN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
FRESH = 3600.0  # seconds a token is used for; it is good for two hours


class Held(msgspec.Struct):
    """The token that is in use, and until when."""

    token: str = ""
    until: float = 0.0


def staff_of(settings: DingtalkSettings) -> tuple[str, ...]:
    """Return whom staff's news goes to."""
    return tuple(dict.fromkeys((*settings.deciders, *settings.staff)))


@contextmanager
def outlet(settings: DingtalkSettings) -> Iterator[Outlet]:
    """Yield DingTalk as a way to tell; to be used in the thread that opened it."""
    quieten()
    held = Held()
    with asyncio.Runner() as runner:
        http = httpx.AsyncClient(timeout=WAIT)
        robot = robot_of(http, settings)
        try:
            yield Outlet(
                channel=CHANNEL,
                staff=staff_of(settings),
                send=lambda user, told: runner.run(_sent(robot, held, user, told)),
            )
        finally:
            runner.run(http.aclose())


async def _sent(robot: Robot, held: Held, user: str, told: Answer) -> Delivery:
    """Send the text in its pieces, then what one may look at next."""
    messages = [("sampleText", {"content": piece}) for piece in chunks(told.text, LONGEST)]
    if told.buttons:
        messages.append(("sampleMarkdown", {"title": "可以接着查看", "text": links(told.buttons)}))
    for number, (key, what) in enumerate(messages):
        try:
            await to_person(robot, await _token(robot, held), user, key, what)
        except (Refused, httpx.TransportError) as error:
            held.until = 0.0
            return _fate_of(error).after(number)
    return Delivery(fate=Fate.SENT)


async def _token(robot: Robot, held: Held) -> str:
    if time.monotonic() >= held.until:
        held.token, held.until = await token_of(robot), time.monotonic() + FRESH
    return held.token


def _fate_of(error: Refused | httpx.TransportError) -> Delivery:
    if isinstance(error, Refused):
        fate = Fate.REFUSED if error.code in RECIPIENT else Fate.LATER
        return Delivery(fate=fate, why=f"Refused {error.code}")
    return Delivery(
        fate=Fate.LATER if isinstance(error, NOT_BEGUN) else Fate.UNSURE, why=type(error).__name__
    )
