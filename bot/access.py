"""Who may ask what: people by channel and role, and the desk their questions are answered at."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from intake.readers import Reader
from storage.campaign import Campaign
from storage.database import Store

TERMINAL = "terminal"


class Role(StrEnum):
    """A decider is staff who may also accept and reject."""

    APPLICANT = "applicant"
    STAFF = "staff"
    DECIDER = "decider"


STAFF = frozenset({Role.STAFF, Role.DECIDER})
DECIDERS = frozenset({Role.DECIDER})
APPLICANTS = frozenset({Role.APPLICANT})


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody at one end of a channel; `group` says that others read along."""

    channel: str
    id: str
    role: Role
    group: bool = False

    @property
    def chat(self) -> str:
        """Return the name that bindings and the audit trail know this person by."""
        return f"{self.channel}:{self.id}"


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an answer is made from; of one thread, since a store is.

    With `details` minimal an answer holds receipts, names, states and counts, and nothing else.
    `sender` is the address our letters come from; without it the office's own. A decision can be undone
    for `undo_seconds`. `reader` reads files anew where a decision needs that; without it none does.
    """

    store: Store
    campaign: Campaign
    now: Callable[[], datetime]
    details: Literal["minimal", "full"] = "full"
    sender: str | None = None
    undo_seconds: int = 120
    reader: Callable[[], AbstractContextManager[Reader]] | None = None

    @property
    def today(self) -> date:
        """Return the day it is where the campaign is."""
        return self.now().astimezone(ZoneInfo(self.campaign.timezone)).date()

    @property
    def minimal(self) -> bool:
        return self.details == "minimal"


class Button(msgspec.Struct, frozen=True):
    """Something to go on with: pressed, or typed as the command that it is."""

    label: str
    command: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What goes back: a text, in columns if `table`, perhaps a file with its name, and what one may do next.

    `later` makes what takes longer than an answer may, of a desk of its own; it follows the text.
    """

    text: str
    table: bool = False
    file: bytes | None = None
    name: str = ""
    buttons: tuple[tuple[Button, ...], ...] = ()
    later: "Callable[[Desk], Answer] | None" = None
