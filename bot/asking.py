"""One question asked at a desk of its own, whatever channel it came by."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

from bot import texts
from bot.access import Answer, Desk

log = logging.getLogger(__name__)

DeskFactory = Callable[[], AbstractContextManager[Desk]]
Ask = Callable[[Desk], Answer]


def asked(desks: DeskFactory, ask: Ask) -> Answer:
    """Return the answer, or a word of regret where the machine fails."""
    try:
        with desks() as desk:
            return ask(desk)
    except Exception:
        log.exception("command failed")
        return Answer(text=texts.FAILED)
