"""What a mail meets on its way, the mail with its files read, and what became of it."""

import math
from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from intake.mail.envelope import Mail
from intake.reading import File, Reader, tells
from parsers.documents import Form
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Application, Letter, MailOutcome, Message, Noun


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a mail meets on its way; one for each thread, since a store is of one thread.

    `ours` are all our own addresses besides `sender`, `trusted` the authserv-ids of our own servers,
    `per_sender` how many automatic letters one address gets in 24 hours, `bot` the chat bot's user name.
    `patience` is for how many seconds one mail that is being read may hold up those received after it.
    """

    store: Store
    reader: Reader
    campaign: Campaign
    sender: str
    now: Callable[[], datetime]
    replies: bool = True
    ours: frozenset[str] = frozenset()
    trusted: frozenset[str] = frozenset()
    per_sender: int = 10
    bot: str = ""
    patience: float = math.inf


class Came(Noun, frozen=True, kw_only=True):
    """A mail with its files read; `numbers` are the rows of its files in the store."""

    message: Message
    mail: Mail
    files: tuple[File, ...]
    numbers: Mapping[str, int]

    @property
    def forms(self) -> tuple[Form, ...]:
        return tuple(part for file in self.files for part in file.facts.parts if isinstance(part, Form))

    @property
    def holds_material(self) -> bool:
        return bool(self.mail.links) or any(map(tells, self.files))


class Taken(Noun, frozen=True, kw_only=True):
    """What became of one mail."""

    message: Message
    outcome: MailOutcome
    applications: tuple[Application, ...] = ()
    letter: Letter | None = None
    reason: str | None = None
