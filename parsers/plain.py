"""Plain text files: a typed form, or work material without pictures."""

import codecs

from parsers import material, secrecy
from parsers.documents import Facts, Unreadable, Why
from parsers.form import from_text

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESSES = ("utf-8", "gb18030")


def read_text(data: bytes) -> Facts:
    """Return what a text file in UTF-8, UTF-16 with its mark, or GB18030 holds."""
    text = decoded(data)
    if text is None or "\0" in text:
        return Facts(reader="text", parts=(Unreadable(why=Why.CORRUPT, note="不是可以识别的文本"),))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    return Facts(reader="text", parts=(from_text(text) or material.work(lines, 0), *secrecy.found([lines])))


def decoded(data: bytes) -> str | None:
    """Return `data` as text, or None where it is in none of the encodings."""
    marked = tuple(encoding for mark, encoding in _MARKS if data.startswith(mark))
    for encoding in marked or _GUESSES:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
