"""The ladder from bytes to text for Chinese mail: labels lie, so the bytes have a say too."""

import re

REFUSED = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
CHINESE = re.compile(r"(?i)^(gb|x-gb|cp-?936|ms-?936|windows-936|chinese|euc-?cn|hz$)")
WESTERN = re.compile(r"(?i)^(us-ascii|ascii|iso-?8859-?1$|latin-?1|windows-1252|cp1252|unknown-8bit)")
ALIASES = {"utf8": "utf-8", "unicode-1-1-utf-8": "utf-8", "big5": "big5hkscs", "ks_c_5601-1987": "cp949"}
PAIR = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
HIGH = re.compile(rb"[\x80-\xff]")


def decode(data: bytes, label: str | None = None) -> str:
    r"""Return `data` as text, believing valid UTF-8 over a gb label and gb18030 over gb2312.

    No character is dropped or replaced: bytes that nothing explains are shown as `\xNN`.
    """
    if data.isascii() and not (label and _stateful(label)):
        return data.decode("ascii")
    for charset in _ladder(data, label):
        text = strictly(data, charset)
        if text is not None:
            return text
    return data.decode(_last(data, label), "backslashreplace")


def strictly(data: bytes, charset: str) -> str | None:
    """Return `data` in `charset`, or None where it does not fit or the charset is unknown."""
    try:
        return data.decode(charset)
    except (UnicodeError, LookupError, ValueError):
        return None


def _ladder(data: bytes, label: str | None) -> tuple[str, ...]:
    name = (label or "").strip().strip("\"'").lower()
    name = ALIASES.get(name, name)
    if name == "utf-8":
        return ("utf-8", "gb18030")
    if CHINESE.match(name):
        chinese = "hz" if name.startswith("hz") else "gb18030"
        return (chinese, "utf-8") if _short_sequences(data, 1) else ("utf-8", chinese, "gb18030")
    if WESTERN.match(name):
        return ("utf-8", "gb18030") if _paired(data) else ("utf-8", "cp1252", "latin-1")
    if name and name not in REFUSED and strictly(b"", name) is not None:
        return (name, "utf-8", "gb18030")
    return ("gb18030", "utf-8") if _short_sequences(data, 2) else ("utf-8", "gb18030")


def _paired(data: bytes) -> bool:
    """Say whether most bytes beyond ASCII stand in pairs as Chinese ones do; accented letters stand alone."""
    return 4 * len(PAIR.findall(data)) > len(HIGH.findall(data))


def _short_sequences(data: bytes, least: int) -> bool:
    """Say whether UTF-8 would make `least` or more letters of U+0080–U+07FF and nothing beyond.

    Chinese text in UTF-8 needs three bytes a character, so two-byte sequences alone are Chinese in GBK.
    """
    text = strictly(data, "utf-8")
    if text is None:
        return False
    beyond = [letter for letter in text if letter > "\x7f"]
    return len(beyond) >= least and max(beyond) <= "\u07ff" and strictly(data, "gb18030") is not None


def _stateful(label: str) -> bool:
    return label.lower().startswith(("utf-7", "iso-2022", "hz"))


def _last(data: bytes, label: str | None) -> str:
    """Return the charset that explains more of `data`: the label's family, seen by its escapes."""
    charsets = ("gb18030", "utf-8") if CHINESE.match(label or "") else ("utf-8", "gb18030")
    return min(charsets, key=lambda charset: data.decode(charset, "backslashreplace").count("\\x"))
