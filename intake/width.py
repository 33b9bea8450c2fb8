"""How wide a text stands in a fixed-width face, and columns that stay aligned with Chinese in them."""

import functools
import re
import unicodedata
from collections.abc import Sequence

_WIDE = frozenset({"W", "F"})


def width(text: str) -> int:
    """Return the columns `text` takes: two for a Han character, none for a combining mark."""
    return sum(_width(letter) for letter in text)


@functools.cache
def _width(letter: str) -> int:
    if unicodedata.category(letter) in {"Mn", "Me", "Cf", "Cc"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in _WIDE else 1


def shorten(text: str, columns: int) -> str:
    """Return `text` if it fits in `columns`, else its beginning with `…`."""
    if width(text) <= columns:
        return text
    kept = ""
    for letter in text:
        if width(kept + letter) > columns - 1:
            break
        kept += letter
    return f"{kept}…"


def folded(text: str, columns: int) -> str:
    """Return `text` with its lines broken after at most `columns`, as Chinese is: between any two letters.

    But no line begins with a closing mark or ends with an opening one, and a number, an address or a
    word stays whole where it fits in a line.
    """
    return "\n".join(part for line in text.split("\n") for part in _folds(line, columns))


_OPENING, _CLOSING = re.escape("（“‘《〈【「『[("), re.escape("）”’》〉】」』，。、；：？！…—])")
_UNIT = re.compile(rf"[{_OPENING}]*(?:[!-'*-Z\\^-~]+|.)[{_CLOSING}]*", re.DOTALL)


def units(text: str, columns: int) -> list[str]:
    """Return the pieces of `text` between which a line of so many columns may be broken."""
    found = _UNIT.findall(text)
    return [part for unit in found for part in ([unit] if width(unit) <= columns else unit)]


def _folds(line: str, columns: int) -> list[str]:
    parts = [""]
    taken = 0
    for unit in units(line, columns):
        wide = width(unit)
        if taken + wide > columns:
            parts.append("")
            taken = 0
        parts[-1] += unit
        taken += wide
    return parts


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return `rows` under `heads` in aligned columns: the first to the left, the others to the right."""
    lines = [heads, *rows]
    widths = [max(width(line[column]) for line in lines) for column in range(len(heads))]
    return "\n".join(_line(line, widths) for line in lines)


def _line(line: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = ((cell, " " * (column - width(cell))) for cell, column in zip(line, widths, strict=True))
    return "  ".join([first[0] + first[1], *(space + cell for cell, space in others)])
