"""Rich text cut into its tokens, and the tables of what its words mean (Rich Text Format 1.9.1)."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

MOST_TOKENS = 5_000_000
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,20})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|([^\\{}\r\n]+)", re.DOTALL
)


class Token(NamedTuple):
    """One of: a control `word` with its `number`, a `brace`, `text` in the bytes of some code page."""

    word: str = ""
    number: int | None = None
    brace: str = ""
    text: bytes = b""


def tokens(data: bytes) -> Iterator[Token]:
    """Yield the tokens of `data`; what `bin` announces is one of text, and broken places are left out."""
    at = 0
    for _ in range(MOST_TOKENS):
        match = _TOKEN.search(data, at)
        if match is None:
            return
        at = match.end()
        token = _token(match)
        if token.word == "bin":
            size = max(0, token.number or 0)
            yield Token(word="bin", text=data[at : at + size])
            at += size
        else:
            yield token


def _token(match: re.Match[bytes]) -> Token:
    word, number, code, symbol, brace, text = match.groups()
    if word:
        return Token(word=word.decode("ascii"), number=int(number) if number else None)
    if code:
        return Token(text=bytes.fromhex(code.decode("ascii")), word="'")
    if symbol:
        return Token(word=SYMBOLS.get(symbol, "")) if symbol not in LITERALS else Token(text=symbol)
    return Token(brace=brace.decode("ascii")) if brace else Token(text=text)


LITERALS = frozenset({b"\\", b"{", b"}"})
SYMBOLS: Mapping[bytes, str] = {b"*": "*", b"~": "~", b"_": "_", b"\n": "par", b"\r": "par", b"\t": "tab"}
SIGNS: Mapping[str, str] = {
    "tab": " ",
    "~": "\u00a0",
    "_": "-",
    "line": "\n",
    "lbr": "\n",
    "emdash": "—",
    "endash": "–",
    "bullet": "•",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "emspace": "\u2003",
    "enspace": "\u2002",
    "qmspace": "\u2005",
}
"""Words that stand for a sign."""

SKIPPED = frozenset(
    {
        "colortbl",
        "stylesheet",
        "info",
        "header",
        "headerl",
        "headerr",
        "headerf",
        "footer",
        "footerl",
        "footerr",
    }
    | {
        "footerf",
        "footnote",
        "annotation",
        "sp",
        "shprslt",
        "nonshppict",
        "nonesttables",
        "pntext",
        "xe",
        "tc",
    }
    | {"bkmkstart", "bkmkend", "listtext", "objdata", "fldinst", "template", "filetbl"}
)
"""Groups that show nothing, or nothing of the document's own text."""

OPENED = frozenset({"shppict", "shpinst", "shptxt", "nesttableprops", "do", "dptxbxtext"})
"""Groups read though their star says that a reader may skip them."""

CODE_PAGES: Mapping[int, str] = {
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    134: "gb18030",
    136: "big5hkscs",
    161: "cp1253",
    162: "cp1254",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    238: "cp1250",
}
"""The encoding of a font's character set; 0 and 1 are the document's own."""

ANSI: Mapping[int, str] = {
    936: "gb18030",
    54936: "gb18030",
    950: "big5hkscs",
    932: "cp932",
    949: "cp949",
    65001: "utf-8",
}
