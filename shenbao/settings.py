"""What the office sets: `shenbao.toml`, every key also in the environment, secrets only there or in a file."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from bot.telegram import TelegramSettings
from intake.mailbox import MailboxSettings
from intake.sender import OutgoingSettings

PREFIX = "SHENBAO_"

Section = TypeVar("Section", bound=msgspec.Struct)


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True):
    data: str = "./data"


class ListenerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`max_bytes` is the largest mail taken; 70 MB of attachments grow by a third in a mail."""

    host: str = "127.0.0.1"
    port: int = 8025
    addresses: tuple[str, ...] = ("bzscbk@163.com",)
    max_bytes: int = 73400320


class ParsingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`workers` 0 is one a core; `memory_mb` and `seconds` are each file's hard limits."""

    workers: int = 0
    memory_mb: int = 2048
    seconds: int = 60
    cluster: str = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """A section left out switches that part off."""

    campaign: str = "bozhou-2022"
    store: StoreSettings = StoreSettings()
    mailbox: MailboxSettings | None = None
    listener: ListenerSettings | None = None
    outgoing: OutgoingSettings | None = None
    telegram: TelegramSettings | None = None
    parsing: ParsingSettings = ParsingSettings()


SECTIONS: dict[str, type[msgspec.Struct]] = {
    "store": StoreSettings,
    "mailbox": MailboxSettings,
    "listener": ListenerSettings,
    "outgoing": OutgoingSettings,
    "telegram": TelegramSettings,
    "parsing": ParsingSettings,
}
LATER = frozenset({"dingtalk"})  # sections of the contract whose part is not built yet


class SettingsError(Exception):
    """Everything that is wrong with the settings, in Chinese, a line each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def load(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read `path` (None: the environment alone); raise `SettingsError` with all mistakes at once."""
    raw = _read(path)
    mistakes = [f"[{name}]：没有这个部分" for name in raw if name not in {*SECTIONS, *LATER, "campaign"}]
    campaign = raw.pop("campaign", "bozhou-2022")
    merged = _merged(raw, environment)
    made: dict[str, Any] = {}
    for name, kind in SECTIONS.items():
        if name in merged:
            made[name] = _section(name, kind, merged[name], mistakes)
    if not isinstance(campaign, str):
        mistakes.append("campaign：应为文字")
    if mistakes:
        raise SettingsError(mistakes)
    return Settings(campaign=environment.get(f"{PREFIX}CAMPAIGN", campaign), **made)


def _read(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path.name}：不是正确的 TOML 文件（{error}）"]) from error


def _merged(raw: dict[str, Any], environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Lay `SHENBAO_<SECTION>__<KEY>` over the file's keys; a list is written with commas."""
    merged = {name: dict(section) for name, section in raw.items() if isinstance(section, dict)}
    for variable, value in environment.items():
        section, apart, key = variable.removeprefix(PREFIX).lower().partition("__")
        if variable.startswith(PREFIX) and apart and section in SECTIONS:
            merged.setdefault(section, {})[key] = _listed(SECTIONS[section], key, value)
    return merged


def _listed(kind: type[msgspec.Struct], key: str, value: str) -> object:
    default = next((one.default for one in msgspec.structs.fields(kind) if one.name == key), "")
    return [one.strip() for one in value.split(",") if one.strip()] if isinstance(default, tuple) else value


def _section(name: str, kind: type[Section], raw: dict[str, Any], mistakes: list[str]) -> Section | None:
    known = {field.name: field for field in msgspec.structs.fields(kind)}
    values: dict[str, Any] = {}
    for key, value in _secrets(name, raw, mistakes).items():
        if key not in known:
            mistakes.append(f"[{name}] {key}：没有这个设置项")
            continue
        try:
            values[key] = msgspec.convert(value, known[key].type, strict=False)  # the environment has only texts
        except msgspec.ValidationError as error:
            mistakes.append(f"[{name}] {key}：值不对（{error}）")
            values[key] = None
    missing = [key for key, field in known.items() if field.required and key not in values]
    mistakes.extend(f"[{name}] {key}：必须填写" for key in missing)
    return None if missing else kind(**values)


def _secrets(name: str, raw: dict[str, Any], mistakes: list[str]) -> dict[str, Any]:
    """Read `<key>_file` into `<key>`; `ca_file` is a file's own name and stays."""
    values = {}
    for key, value in raw.items():
        if not key.endswith("_file") or key == "ca_file":
            values[key] = value
            continue
        try:
            values[key.removesuffix("_file")] = Path(str(value)).read_text(encoding="utf-8").strip()
        except OSError as error:
            mistakes.append(f"[{name}] {key}：读不到文件 {value}（{error.strerror}）")
    return values
