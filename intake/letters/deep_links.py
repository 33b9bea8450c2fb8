"""The link and the QR code in a letter that bind a chat to an application without typing.

The text alone says what is attached: a letter sent again carries the same, and where no bot is known the text
names no picture, so none is made.
"""

import io
import re
from collections.abc import Iterator

import segno

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
_TOLD = re.compile(
    r"^.*附件“(查询二维码-[A-Z0-9-]{1,40}\.png)”.*\n(https://t\.me/[A-Za-z0-9_]{4,32}\?start=[A-Za-z0-9_-]{1,64})$",
    re.MULTILINE,
)


def link(bot: str, token: str) -> str:
    """Return the address that opens `bot` with `token`; nothing where no bot, or no token, has such an address."""
    fits = _NAME.fullmatch(bot) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", token)
    return f"https://t.me/{bot}?start={token}" if fits else ""


def pictures(body: str) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the PNG of each QR code that the text of a letter speaks of."""
    for name, address in _TOLD.findall(body):
        out = io.BytesIO()
        segno.make(address, error="m", micro=False).save(out, kind="png", scale=6, border=4)
        yield name, out.getvalue()
