"""What the bot says on DingTalk of its own accord: to one person at a time, as the robot of its application.

Only a member of the robot's organisation can be written to so, by the userid that the office gave.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from bot.access import Answer
from bot.chunks import chunks
from bot.dingtalk import CHANNEL, DingtalkSettings, quieten, robot_of
from bot.dingtalk_post import AGAIN, LONGEST, WAIT, Refused, Robot, to_person, token_of, understood
from bot.outward import Delivery, Fate, Outlet

FLOODED = 60.0  # seconds that a person who got too much is left in peace
NOT_BEGUN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def staff_of(settings: DingtalkSettings) -> tuple[str, ...]:
    """Return whom staff's news goes to."""
    return tuple(dict.fromkeys((*settings.deciders, *settings.staff)))


@contextmanager
def outlet(settings: DingtalkSettings) -> Iterator[Outlet]:
    """Yield DingTalk as a way to tell; to be used in the thread that opened it."""
    quieten()
    with asyncio.Runner() as runner:
        http = httpx.AsyncClient(timeout=WAIT)
        robot = robot_of(http, settings)
        try:
            yield Outlet(
                channel=CHANNEL,
                staff=staff_of(settings),
                send=lambda user, told: runner.run(_sent(robot, user, told)),
            )
        finally:
            runner.run(http.aclose())


async def _sent(robot: Robot, user: str, told: Answer) -> Delivery:
    """Send a text in one try: when to try again is not decided here. What one may do next follows as text."""
    steps = [f"{button.label}：{button.command}" for row in told.buttons for button in row]
    try:
        token = (await _post(robot, token_of(robot)))["accessToken"]
    except (httpx.HTTPError, Refused, KeyError) as error:
        return Delivery(fate=Fate.LATER, why=_why(error))
    for gone, piece in enumerate(chunks("\n".join([told.text, *steps]), LONGEST)):
        try:
            answered = await _post(robot, to_person(robot, token, user, "sampleText", {"content": piece}))
        except (httpx.HTTPError, Refused) as error:
            return _fate_of(error).after(gone)
        if (delivery := _named(answered, user)).fate is not Fate.SENT:
            return delivery.after(gone)
    return Delivery(fate=Fate.SENT)


async def _post(robot: Robot, what: dict[str, Any]) -> dict[str, Any]:
    answered = understood(await robot.http.post(what.pop("address"), **what))
    return answered if isinstance(answered, dict) else {}


def _named(answered: dict[str, Any], user: str) -> Delivery:
    """Return what the answer says of this person, who may be none of the organisation's or got too much."""
    if user in answered.get("invalidStaffIdList", ()):
        return Delivery(fate=Fate.REFUSED, why="invalidStaffId")
    if user in answered.get("flowControlledStaffIdList", ()):
        return Delivery(fate=Fate.LATER, why="flowControlled", wait=FLOODED)
    return Delivery(fate=Fate.SENT)


def _fate_of(error: httpx.HTTPError | Refused) -> Delivery:
    if isinstance(error, Refused):
        later = error.code in AGAIN or error.code == "no JSON"
        return Delivery(fate=Fate.LATER if later else Fate.REFUSED, why=_why(error))
    return Delivery(fate=Fate.LATER if isinstance(error, NOT_BEGUN) else Fate.UNSURE, why=_why(error))


def _why(error: Exception) -> str:
    return f"{type(error).__name__} {getattr(error, 'code', '')}".strip()
