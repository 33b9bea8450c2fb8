"""Buttons as Telegram has them: each carries its command, signed for its chat, in at most 64 bytes."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from hashlib import sha256

import msgspec

from bot.access import Button

LONGEST = 64  # bytes of callback_data, https://core.telegram.org/bots/api#inlinekeyboardbutton
MOST = 100  # rows of one keyboard
_SIGNED = 8


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """Makes and reads what buttons carry; `secret` is known to this bot and to Telegram only."""

    secret: str

    def __repr__(self) -> str:
        return "Keys()"

    def data(self, chat: int, command: str) -> str:
        """Return what the button carries."""
        key = sha256(self.secret.encode()).digest()
        signed = hmac.digest(key, f"{chat}:{command}".encode(), "sha256")
        return urlsafe_b64encode(signed)[:_SIGNED].decode() + command

    def read(self, chat: int, data: str) -> str | None:
        """Return the command that a button of this chat carries; None for one that is not ours."""
        command = data[_SIGNED:]
        known = hmac.compare_digest(self.data(chat, command).encode(), data.encode())
        return command if known and command else None

    def laid_out(self, chat: int, rows: Iterable[Iterable[Button]]) -> list[list[tuple[str, str]]]:
        """Return the keyboard as labels with what they carry, without what does not fit: it can be typed."""
        made = [[(one.label, self.data(chat, one.command)) for one in row] for row in rows]
        fitting = [[one for one in row if len(one[1].encode()) <= LONGEST] for row in made]
        return [row for row in fitting if row][:MOST]
