"""Whether the text layer of a PDF says what the page shows, or only numbers of glyphs and wrong characters."""

import unicodedata

_NO_CHARACTERS = frozenset({"Cc", "Co", "Cn", "Cs"})  # control, private, unassigned, half of a pair
_MOST_STRANGE = 0.1
_MOST_LATIN = 0.3  # letters that Chinese bytes turn into when they are taken for Western ones
_ENOUGH_HANZI = 40
_LEAST_COMMON = (
    0.5  # of Han characters among the 3,755 commonest (GB 2312, level 1); of honest text it is 0.97
)


def is_garbled(text: str) -> bool:
    """Tell whether `text` is what comes of a font without its table of characters, or with a wrong one."""
    signs = [sign for sign in text if not sign.isspace()]
    if not signs:
        return False
    strange = sum(sign == "\ufffd" or unicodedata.category(sign) in _NO_CHARACTERS for sign in signs)
    latin = sum("\u00a1" <= sign <= "\u00ff" and sign not in "·×÷°±" for sign in signs)
    hanzi = [sign for sign in signs if "\u3400" <= sign <= "\u9fff"]
    common = sum(_is_common(sign) for sign in hanzi)
    return (
        strange > _MOST_STRANGE * len(signs)
        or latin > _MOST_LATIN * len(signs)
        or (len(hanzi) >= _ENOUGH_HANZI and common < _LEAST_COMMON * len(hanzi))
    )


def _is_common(sign: str) -> bool:
    code = sign.encode("gb2312", "replace")
    return len(code) == 2 and 0xB0 <= code[0] <= 0xD7
