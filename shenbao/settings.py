"""What the office sets: `shenbao.toml`, every key also in the environment, secrets there or in a file."""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from bot.dingtalk import DingtalkSettings
from bot.hours import NoticeSettings
from bot.telegram import TelegramSettings
from intake.doors.mailbox import MailboxSettings
from intake.letters.sender import OutgoingSettings
from shenbao.setting_rules import SECRETS, fault, meaning, unlikely

PREFIX = "SHENBAO_"

Section = TypeVar("Section", bound=msgspec.Struct)
Table = dict[str, Any]


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True):
    data: str = "./data"


class ListenerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`max_bytes` is the largest mail taken; attachments grow by a third in a mail.

    The limits are each address's: open connections, and mails begun within a minute (our own machine: any).
    """

    host: str = "127.0.0.1"
    port: int = 8025
    addresses: tuple[str, ...] = ("bzscbk@163.com",)
    max_bytes: int = 73400320
    connections_per_address: int = 100
    mails_per_minute: int = 120


class ParsingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`workers` 0 is one a core; `memory_mb` and `seconds` are each file's hard limits, on a `cluster` too."""

    workers: int = 0
    memory_mb: int = 2048
    seconds: int = 60
    cluster: str = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """A section left out switches that part off; `notes` tell what works but is unwise."""

    campaign: str = "bozhou-2022"
    store: StoreSettings = StoreSettings()
    mailbox: MailboxSettings | None = None
    listener: ListenerSettings | None = None
    outgoing: OutgoingSettings | None = None
    telegram: TelegramSettings | None = None
    dingtalk: DingtalkSettings | None = None
    notices: NoticeSettings = NoticeSettings()
    parsing: ParsingSettings = ParsingSettings()
    notes: tuple[str, ...] = ()


SECTIONS: dict[str, type[msgspec.Struct]] = {
    "store": StoreSettings,
    "mailbox": MailboxSettings,
    "listener": ListenerSettings,
    "outgoing": OutgoingSettings,
    "telegram": TelegramSettings,
    "dingtalk": DingtalkSettings,
    "notices": NoticeSettings,
    "parsing": ParsingSettings,
}


class SettingsError(Exception):
    """Everything that is wrong with the settings, in Chinese, a line each; never the value of a secret."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def load(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read `path` (None: the environment alone); raise `SettingsError` with all mistakes at once."""
    raw = _read(path)
    campaign = environment.get(f"{PREFIX}CAMPAIGN", raw.pop("campaign", "bozhou-2022"))
    mistakes = [f"campaign：{wrong}"] if (wrong := fault("", "campaign", campaign)) else []
    merged = _merged(raw, environment, mistakes)
    made: Table = {
        name: _section(name, kind, merged[name], mistakes)
        for name, kind in SECTIONS.items()
        if name in merged
    }
    if mistakes:
        raise SettingsError(mistakes)
    return Settings(campaign=campaign, notes=tuple(unlikely(raw, made)), **made)


def _read(path: Path | None) -> Table:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise SettingsError([f"{path.name}：读不了这个文件（{error.strerror}）"]) from error
    except UnicodeDecodeError as error:
        raise SettingsError([f"{path.name}：文件不是 UTF-8 编码，请在编辑器里另存为 UTF-8"]) from error
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is a plain ValueError
        told = str(error) if isinstance(error, tomllib.TOMLDecodeError) else type(error).__name__
        raise SettingsError([f"{path.name}：不是正确的 TOML 文件（{told}）"]) from error


def _merged(raw: Table, environment: Mapping[str, str], mistakes: list[str]) -> dict[str, Table]:
    """Lay `SHENBAO_<SECTION>__<KEY>` over the file's keys; a list is written with commas."""
    merged: dict[str, Table] = {}
    for name, section in raw.items():
        if name not in SECTIONS:
            mistakes.append(f"[{name}]：没有这个部分{_hint(name, SECTIONS)}")
        elif not isinstance(section, dict):
            mistakes.append(f"{name}：应写成 [{name}] 一节")
        else:
            merged[name] = dict(section)
    for variable, value in environment.items():
        name, apart, key = variable.removeprefix(PREFIX).lower().partition("__")
        if not variable.startswith(PREFIX) or not apart:
            continue
        if name not in SECTIONS:
            mistakes.append(f"环境变量 {variable}：没有 [{name}] 这个部分{_hint(name, SECTIONS)}")
            continue
        section = merged.setdefault(name, {})
        for other in (f"{key}_file", key.removesuffix("_file")):  # either way of giving it replaces both
            section.pop(other, None)
        section[key] = _listed(SECTIONS[name], key, value)
    return merged


def _listed(kind: type[msgspec.Struct], key: str, value: str) -> object:
    default = next((one.default for one in msgspec.structs.fields(kind) if one.name == key), "")
    return [one.strip() for one in value.split(",") if one.strip()] if isinstance(default, tuple) else value


def _section(name: str, kind: type[Section], raw: Table, mistakes: list[str]) -> Section | None:
    known = {field.name: field for field in msgspec.structs.fields(kind)}
    before = len(mistakes)
    given = _secrets(name, raw, mistakes)
    values: Table = {}
    for key, value in given.items():
        if key not in known:
            mistakes.append(f"[{name}] {key}：没有这个设置项{_hint(key, known)}")
            continue
        try:
            values[key] = msgspec.convert(value, known[key].type, strict=False)  # the environment has texts
        except msgspec.ValidationError:  # its words could hold the value
            mistakes.append(f"[{name}] {key}：{meaning(known[key].type)}")
            continue
        if wrong := fault(name, key, values[key]):
            mistakes.append(f"[{name}] {key}：{wrong}")
    missing = [key for key, field in known.items() if field.required and key not in given]
    mistakes.extend(
        f"[{name}] {key}：必须填写{_how(name, key)}" for key in missing if not _told(name, key, raw)
    )
    if len(mistakes) > before:
        return None
    made = kind(**values)
    if wrong := fault(name, "", made):
        mistakes.append(f"[{name}]：{wrong}")
    return made


def _secrets(name: str, raw: Table, mistakes: list[str]) -> Table:
    """Read `<key>_file` into `<key>` where `key` is a secret."""
    values: Table = {}
    for key, value in raw.items():
        secret = key.removesuffix("_file")
        if key == secret or (name, secret) not in SECRETS:
            values[key] = value
            continue
        try:
            values[secret] = Path(str(value)).read_text(encoding="utf-8").strip()
        except FileNotFoundError:  # its name is not told: it may be the secret itself, put in the wrong place
            mistakes.append(f"[{name}] {key}：没有这个文件")
        except OSError as error:
            mistakes.append(f"[{name}] {key}：读不了这个文件（{error.strerror}）")
        except ValueError:
            mistakes.append(f"[{name}] {key}：文件的名称或内容不是正确的文字")
    return values


def _told(name: str, key: str, raw: Table) -> bool:
    """Say whether a missing value was told of already, as a file that cannot be read."""
    return (name, key) in SECRETS and f"{key}_file" in raw


def _how(name: str, key: str) -> str:
    if (name, key) not in SECRETS:
        return ""
    return f"，用环境变量 {PREFIX}{name.upper()}__{key.upper()}，或 {key}_file 指明存放它的文件"


def _hint(word: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(word, list(known), n=1)
    return f"，是不是 {near[0]}？" if near else ""
