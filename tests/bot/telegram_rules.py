"""What Telegram refuses in what a bot sends, as https://core.telegram.org/bots/api tells it."""

import re
from collections.abc import Iterable, Mapping
from html import unescape
from itertools import pairwise
from typing import Any

LONGEST, LONGEST_CAPTION = 4096, 1024  # UTF-16 units after the marks are read
LARGEST = 50 * 1024 * 1024  # bytes of a document
MOST_BUTTONS = 100
TAGS = frozenset(
    [
        "b",
        "strong",
        "i",
        "em",
        "u",
        "ins",
        "s",
        "strike",
        "del",
        "code",
        "pre",
        "a",
        "tg-spoiler",
        "tg-emoji",
        "blockquote",
        "span",
    ],
)
_TAG = re.compile(r"<(/?)([a-zA-Z0-9-]*)((?:\s+[a-z-]+(?:=\"[^\"<>]*\")?)*)\s*(>?)")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});")


class Refused(Exception):
    """What Telegram answers with 400, or with `code`."""

    def __init__(self, told: str, code: int = 400) -> None:
        super().__init__(f"{'Bad Request' if code == 400 else 'Conflict'}: {told}")
        self.code = code


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def text(given: Mapping[str, Any], key: str = "text", longest: int = LONGEST) -> str:
    """Return what is to be sent; raise `Refused` where its marks are wrong, it is empty or too long."""
    written = str(given.get(key) or "")
    shown = html(written) if _mode(given) == "HTML" else written
    if key == "text" and not shown.strip():
        raise Refused("message text is empty")
    if units(shown) > longest:
        raise Refused("message is too long" if key == "text" else "message caption is too long")
    entities(given.get("entities") or (), units(shown))
    return written


def _mode(given: Mapping[str, Any]) -> str:
    mode = str(given.get("parse_mode") or "")
    if mode not in ("", "HTML"):
        raise Refused("unsupported parse_mode")  # nothing of ours has a reason to use another
    return mode


def html(written: str) -> str:
    """Return the text without its marks; raise `Refused` for marks that Telegram cannot read."""
    opened: list[str] = []
    shown, at = "", 0
    while (start := written.find("<", at)) >= 0:
        shown += written[at:start]
        found = _TAG.match(written, start)
        assert found
        closing, name, attributes, ended = found.groups()
        if name.lower() not in TAGS:
            raise Refused(f'can\'t parse entities: Unsupported start tag "{name}" at byte offset {start}')
        if not ended or (closing and attributes):
            raise Refused(f"can't parse entities: Unclosed start tag at byte offset {start}")
        if not closing:
            opened.append(name)
        elif not opened or opened.pop() != name:
            raise Refused(f"can't parse entities: Unmatched end tag at byte offset {start}")
        at = found.end()
    if opened:
        raise Refused(f"can't parse entities: Can't find end tag corresponding to start tag \"{opened[-1]}\"")
    return _ENTITY.sub(lambda found: unescape(found[0]), shown + written[at:])


def entities(those: Iterable[Mapping[str, Any]], length: int) -> None:
    """Raise `Refused` for a mark outside the text, of no length, or crossing another."""
    spans = sorted((int(one["offset"]), int(one["offset"]) + int(one["length"])) for one in those)
    if any(start < 0 or end <= start or end > length for start, end in spans):
        raise Refused("entity beyond the text")
    if any(first[1] > second[0] and second[1] > first[1] for first, second in pairwise(spans)):
        raise Refused("entities cross")


def keyboard(markup: Mapping[str, Any] | None) -> tuple[tuple[Mapping[str, Any], ...], ...]:
    """Return the rows of an inline keyboard; raise `Refused` where a button is nothing to press or carries too much."""
    rows = (markup or {}).get("inline_keyboard", [])
    keys = [key for row in rows for key in row]
    if len(keys) > MOST_BUTTONS:
        raise Refused("reply markup is too long")
    if any(not key.get("text") for key in keys):
        raise Refused("inline keyboard button text is empty")
    if any(not 1 <= len(key["callback_data"].encode()) <= 64 for key in keys):
        raise Refused("BUTTON_DATA_INVALID")
    return tuple(tuple(row) for row in rows if row)


def document(data: bytes) -> bytes:
    if not data:
        raise Refused("file must be non-empty")
    if len(data) > LARGEST:
        raise Refused("Request Entity Too Large", 413)
    return data
