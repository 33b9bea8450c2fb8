"""A long text as messages that a chat service takes, counted the way Telegram counts: in UTF-16 units."""

import unicodedata
from collections.abc import Iterator

LIMIT = 4000  # under Telegram's 4,096
_JOINER = "\u200d"


def units(text: str) -> int:
    """Return the UTF-16 code units of `text`."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def chunks(text: str, limit: int = LIMIT) -> Iterator[str]:
    """Yield `text` in pieces of at most `limit` units, cut at line ends where there are any.

    No piece is blank. A letter is never parted from its marks unless these alone fill a piece.
    """
    rest = text
    while units(rest) > limit:
        end = _end(rest, limit)
        piece, rest = rest[:end], rest[end:].removeprefix("\n")
        if piece.strip():
            yield piece
    if rest.strip():
        yield rest


def _end(text: str, limit: int) -> int:
    """Return where to cut `text`, which is longer than `limit` units."""
    fits = _fitting(text, limit)
    line = text.rfind("\n", 1, fits + 1)
    if line > 0:
        return line
    end = fits
    while end > 1 and _clings(text[end - 1], text[end]):
        end -= 1
    return end if end > 1 else fits


def _fitting(text: str, limit: int) -> int:
    """Return how many letters of `text` fit into `limit` units."""
    used = 0
    for number, letter in enumerate(text):
        used += 2 if letter > "\uffff" else 1
        if used > limit:
            return number
    return len(text)


def _clings(before: str, letter: str) -> bool:
    """Say whether `letter` is drawn together with what stands before it."""
    return _JOINER in (before, letter) or unicodedata.category(letter) in {"Mn", "Me", "Mc", "Sk"}
