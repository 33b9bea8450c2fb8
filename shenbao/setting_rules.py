"""Which values a setting may have, and which of them a person should think over; told in Chinese."""

import ipaddress
import re
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

from bot import hours
from bot.dingtalk import installed

Rule = Callable[[Any], str | None]

SECRETS = frozenset(
    {("mailbox", "password"), ("outgoing", "password"), ("telegram", "token"), ("dingtalk", "client_secret")}
)
MEANINGS: tuple[tuple[object, str], ...] = (
    (int, "应为整数"),
    (float, "应为数字"),
    (bool, "应为 true 或 false"),
    (tuple[int, ...], "应为数字的列表，例如 [123456, 234567]"),
    (tuple[str, ...], '应为文字的列表，例如 ["bzscbk@163.com"]'),
    (int | None, "应为整数"),
)
OTHERS = 0o077  # what a file's mode grants to other users


def meaning(kind: object) -> str:
    """Return what a value of `kind` must be."""
    if get_origin(kind) is Literal:
        return f"应为 {'、'.join(get_args(kind))} 之一"
    return next((told for known, told in MEANINGS if known == kind), "应为文字，放在半角引号里")


def fault(section: str, key: str, value: object) -> str | None:
    """Return what is wrong with a value of the right kind; with an empty `key`, with the section as a whole."""
    rule = RULES.get((section, key)) or (_text if isinstance(value, str) else None)
    return rule(value) if rule else None


def _within(low: float, high: float) -> Rule:
    return lambda value: None if low <= value <= high else f"应在 {low} 到 {high} 之间"


def _text(value: object) -> str | None:
    return None if isinstance(value, str) and value.isprintable() else "应为文字，不能有换行等控制字符"


def _filled(value: str) -> str | None:
    return _text(value) if value.strip() else "不能为空"


def _campaign(value: object) -> str | None:
    return _filled(value) if isinstance(value, str) else "应为文字：活动的名称或活动文件的路径"


def _host(value: str) -> str | None:
    try:
        value.encode("idna")
    except UnicodeError:
        return "不是正确的主机名"
    return None if re.fullmatch(r"[^\s/@]+", value) else "应为主机名，例如 imap.163.com"


def _address(value: str) -> str | None:
    return None if re.fullmatch(r"[^@\s<>,]+@[^@\s<>,]+", value) else "应为一个邮箱地址"


def _addresses(value: tuple[str, ...]) -> str | None:
    if not value:
        return "至少写一个收信地址"
    wrong = [one for one in value if _address(one)]
    return f"不是邮箱地址：{'、'.join(wrong)}" if wrong else None


def _authorities(value: str | None) -> str | None:
    if value is None:
        return None
    if not value.isprintable() or not Path(value).is_file():
        return f"没有这个文件：{value}"
    try:
        ssl.create_default_context(cafile=value)
    except (ssl.SSLError, OSError):
        return f"不是 PEM 格式的证书：{value}"
    return None


def _after(value: str) -> str | None:
    if value == "keep" or (value.startswith("move:") and value[5:].strip() and value.isprintable()):
        return None
    return "应为 keep（原样保留），或 move:文件夹名"


def _cluster(value: str) -> str | None:
    right = not value or re.fullmatch(r"(?:tcp|tls)://[^\s/@]+:\d{1,5}", value)
    return None if right else "应为调度机的地址，例如 tcp://192.168.1.8:8786"


def _quiet(value: str) -> str | None:
    return None if not value or hours.span(value) else "应为起止时间，例如 22:00-07:30，不要静默时段就留空"


def _digest(value: str) -> str | None:
    return None if not value or hours.clock(value) else "应为时间，例如 08:30，不要每日汇总就留空"


def _url(value: str) -> str | None:
    return None if re.fullmatch(r"https?://[^\s/]+\S*", value) else "应为 https:// 开头的网址"


def _username(value: str) -> str | None:
    fits = not value or re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{3,31}", value)
    return None if fits else "应为机器人的用户名，不带 @，例如 bozhou_shenbao_bot"


def _whole_outgoing(made: Any) -> str | None:
    if _address(made.address):
        return "要写明发信地址：sender，或写成邮箱地址的 user"
    return "填了 user，就要有 password" if made.user and not made.password else None


_PORT = _within(1, 65535)
_SECONDS = _within(1, 3600)
RULES: Mapping[tuple[str, str], Rule] = {
    ("", "campaign"): _campaign,
    ("store", "data"): _filled,
    ("mailbox", "host"): _host,
    ("mailbox", "port"): _PORT,
    ("mailbox", "user"): _filled,
    ("mailbox", "password"): _filled,
    ("mailbox", "folder"): _filled,
    ("mailbox", "ca_file"): _authorities,
    ("mailbox", "poll_seconds"): _SECONDS,
    ("mailbox", "timeout_seconds"): _SECONDS,
    ("mailbox", "after"): _after,
    ("listener", "host"): _host,
    ("listener", "port"): _within(0, 65535),
    ("listener", "addresses"): _addresses,
    ("listener", "max_bytes"): _within(1024, 2**31),
    ("listener", "connections_per_address"): _within(1, 10_000),
    ("listener", "mails_per_minute"): _within(1, 1_000_000),
    ("outgoing", "host"): _host,
    ("outgoing", "port"): _PORT,
    ("outgoing", "ca_file"): _authorities,
    ("outgoing", "hourly"): _within(0, 1_000_000),
    ("outgoing", "daily"): _within(0, 1_000_000),
    ("outgoing", "per_sender"): _within(0, 10_000),
    ("outgoing", ""): _whole_outgoing,
    ("telegram", "token"): _filled,
    ("telegram", "base_url"): _url,
    ("telegram", "username"): _username,
    ("telegram", "undo_seconds"): _within(0, 86400),
    ("notices", "quiet"): _quiet,
    ("notices", "digest"): _digest,
    ("notices", "gather_seconds"): _within(0, 3600),
    ("notices", "between_seconds"): _within(0, 86400),
    ("dingtalk", "client_id"): _filled,
    ("dingtalk", "client_secret"): _filled,
    ("dingtalk", "base_url"): lambda value: _url(value) if value else None,
    ("dingtalk", "undo_seconds"): _within(0, 86400),
    ("parsing", "workers"): _within(0, 256),
    ("parsing", "memory_mb"): _within(512, 1_048_576),
    ("parsing", "seconds"): _SECONDS,
    ("parsing", "cluster"): _cluster,
}


def unlikely(raw: Mapping[str, Any], made: Mapping[str, Any]) -> list[str]:
    """Return what works but should be thought over: secrets where others see them, mail in the clear."""
    found = [note for name, key in sorted(SECRETS) for note in _exposed(name, key, raw.get(name, {}))]
    for name in ("mailbox", "outgoing"):
        section = made.get(name)
        if section and section.tls == "none" and section.password and not _at_home(section.host):
            found.append(f'[{name}] tls = "none"：授权码会在网络上明文传送')
    outgoing = made.get("outgoing")
    if outgoing and "@" in outgoing.user and outgoing.address.lower() != outgoing.user.lower():
        found.append("[outgoing] sender 与 user 不同：163、QQ 等邮箱会拒绝这样的信")
    if made.get("dingtalk") and not installed():
        found.append(
            "[dingtalk]：没有安装钉钉的组件，暂不起作用，请运行 .venv/bin/pip install dingtalk-stream"
        )
    parsing = made.get("parsing")
    if (
        parsing
        and parsing.cluster.startswith("tcp://")
        and not _at_home(urlsplit(parsing.cluster).hostname or "")
    ):
        found.append(
            "[parsing] cluster：tcp:// 不加密，传送的材料含个人信息，只可用在单位自己的内网；否则请用 tls://"
        )
    return found


def _exposed(name: str, key: str, section: Mapping[str, Any]) -> list[str]:
    found = []
    if key in section:
        found.append(f"[{name}] {key} 写在了设置文件里：请改用环境变量，或用 {key}_file 指明存放它的文件")
    file = section.get(f"{key}_file")
    if file and Path(str(file)).is_file() and Path(str(file)).stat().st_mode & OTHERS:
        found.append(f"[{name}] {key}_file：其他用户也能读 {file}，请运行 chmod 600")
    return found


def _at_home(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
