"""Receipts as people type them: `wm2022-12`, `ＷＭ２０２２－００１２`, `12`."""

import re
import unicodedata

LONGEST = 9  # digits
_DASHES = re.compile(r"[-‐‑‒–—―−_\s]+")


def normal(text: str, prefix: str) -> str | None:
    """Return `text` as a receipt under `prefix`, or None if it cannot be one."""
    folded = _DASHES.sub("-", unicodedata.normalize("NFKC", text).strip()).upper().strip("-")
    number = folded.removeprefix(prefix).removeprefix("-")
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST):
        return None
    return f"{prefix}-{int(number):04d}"
