"""What the bot says of its own accord: to whom, and what became of it; a channel gives one function for it."""

from collections.abc import Callable
from enum import StrEnum

import msgspec

from bot.access import Answer


class Fate(StrEnum):
    """What became of a message: `later` it surely did not go, `unsure` it may have, `refused` by the recipient."""

    SENT = "sent"
    LATER = "later"
    UNSURE = "unsure"
    REFUSED = "refused"


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """The fate of one message, why in a word that holds no secret, and how many seconds the channel wants us to wait."""

    fate: Fate
    why: str = ""
    wait: float = 0.0

    def after(self, pieces: int) -> "Delivery":
        """Return this fate of a message of which so many `pieces` had gone: what went cannot be unsaid."""
        unsure = pieces > 0 and self.fate is Fate.LATER
        return msgspec.structs.replace(self, fate=Fate.UNSURE) if unsure else self


# Sends a message to a chat by its id in the channel and says what became of it; raises nothing that a network does.
Send = Callable[[str, Answer], Delivery]


class Outlet(msgspec.Struct, frozen=True, kw_only=True):
    """One channel seen from inside: its name, the chats of staff's by their ids, `groups` among them, and how to send."""

    channel: str
    staff: tuple[str, ...]
    groups: frozenset[str] = frozenset()
    send: Send

    def id_of(self, chat: str) -> str:
        """Return the id in this channel of a chat as bindings name it."""
        return chat.removeprefix(f"{self.channel}:")

    def chat_of(self, id_: str) -> str:
        return f"{self.channel}:{id_}"
