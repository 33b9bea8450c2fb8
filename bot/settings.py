"""What the settings file says of the chats, apart from their libraries: a command that reads it talks to none."""

from typing import Literal

import msgspec

API = "https://api.telegram.org"


class TelegramSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The section [telegram]; a decider is staff too. Staff are known by their numeric id only.

    With `deep_link` letters hold a link that opens the bot, under its `username` (empty: as Telegram tells it).
    """

    token: str
    base_url: str = API
    staff: tuple[int, ...] = ()
    deciders: tuple[int, ...] = ()
    staff_group: int | None = None
    undo_seconds: int = 120
    details: Literal["minimal", "full"] = "minimal"
    username: str = ""
    deep_link: bool = True

    def __repr__(self) -> str:
        return f"TelegramSettings(base_url={self.base_url!r}, details={self.details!r})"


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
