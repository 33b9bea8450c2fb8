"""Text as the contract counts and compares it: 字数, folding of space, normalisation, paragraphs."""

import re
import string
import unicodedata
from functools import lru_cache

_ASCII_PUNCTUATION = frozenset(string.punctuation)
_APOSTROPHES = frozenset("\u2019\u2018")
_IDEOGRAPHIC_PLANES = range(0x20000, 0x3FFFE)
_SPACE, _WIDE, _LETTER, _NEUTRAL = range(4)
_LINE_ENDS = re.compile(r"\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def count_words(text: str) -> int:
    """Return the 字数 of `text` as Word counts it.

    Each CJK character or CJK punctuation mark is one, each unbroken run of other letters or digits
    is one; ASCII punctuation neither counts nor breaks a run; white space counts nothing.
    """
    words, in_run = 0, False
    for index, character in enumerate(text):
        kind = _kind(character)
        if character in _APOSTROPHES and in_run and _letter_at(text, index + 1):
            kind = _NEUTRAL
        if kind == _WIDE or (kind == _LETTER and not in_run):
            words += 1
        if kind != _NEUTRAL:
            in_run = kind == _LETTER
    return words


def fold(text: str) -> str:
    """Return `text` without outer space and with each inner run of space folded to one."""
    return " ".join(_INVISIBLE.sub("", text).split())


def normalise(text: str) -> str:
    """Return `text` in NFKC, folded."""
    return fold(unicodedata.normalize("NFKC", text))


def squash(text: str) -> str:
    """Return `text` in NFKC without any white space."""
    return "".join(unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).split())


def lines(text: str) -> list[str]:
    """Return the lines of `text`, folded, empty ones kept."""
    return [fold(line) for line in _LINE_ENDS.sub("\n", text).split("\n")]


def paragraphs(text: str) -> str:
    """Return free text with its own punctuation, one folded paragraph a line, no empty lines."""
    return "\n".join(line for line in lines(text) if line)


def _letter_at(text: str, index: int) -> bool:
    return index < len(text) and _kind(text[index]) == _LETTER


@lru_cache(maxsize=8192)
def _kind(character: str) -> int:
    category = unicodedata.category(character)
    if character.isspace():
        return _SPACE
    if character in _ASCII_PUNCTUATION or category[0] == "M" or category in ("Cf", "Cc"):
        return _NEUTRAL
    return _WIDE if _is_wide(character, category) else _LETTER


def _is_wide(character: str, category: str) -> bool:
    """Tell whether Word sets `character` in an East Asian font, so that it counts by itself.

    Width "ambiguous" (UAX 11) covers the quotation marks, dashes and signs of Chinese text, but
    also Greek and Cyrillic letters and accented Latin ones, which make words.
    """
    width = unicodedata.east_asian_width(character)
    if width in "WFH" or ord(character) in _IDEOGRAPHIC_PLANES:
        return True
    return width == "A" and category[0] != "L" and category != "Nd"
