"""Rich text (rtf), as WPS, Word and WordPad save it: paragraphs, tables and pictures, walked without recursion."""

import binascii
import dataclasses
import re
from collections.abc import Callable

from parsers import contents, symbols
from parsers.documents import Facts, Unreadable, Why
from parsers.flow import Block
from parsers.office.richflow import Flow
from parsers.office.richtokens import ANSI, CODE_PAGES, OPENED, SIGNS, SKIPPED, Token, tokens
from parsers.refusal import Refused

MOST_GROUPS = 10_000  # open at once
MOST_PICTURES = 500
NOT_HEX = re.compile(rb"[^0-9a-fA-F]")
EMPTY = Unreadable(why=Why.CORRUPT, note="文件没有可以读取的内容，请另存为 docx 或 PDF 后重新报送")


def read_rtf(data: bytes) -> Facts:
    """Return what rich text holds; what is embedded in it is neither opened nor fetched."""
    document = _Document()
    try:
        for token in tokens(data):
            document.take(token)
    except Refused as refused:
        return Facts(reader="rtf", parts=(Unreadable(why=refused.why, note=refused.note),))
    shown = document.finished()
    if not any(block.text.strip() or block.pictures for block in shown):
        return Facts(reader="rtf", parts=(EMPTY,))
    return Facts(reader="rtf", parts=contents.parts(shown, document.pictures.get))


@dataclasses.dataclass(slots=True)
class _Group:
    """What holds inside a pair of braces; `place` names what its text is, empty for the document's own."""

    skipped: bool = False
    starred: bool = False
    place: str = ""
    font: int = -1
    fallback: int = 1  # how many characters stand behind \u for readers without Unicode
    hidden: bool = False
    outer: Flow | None = None  # of a text box: where it stands


@dataclasses.dataclass(slots=True)
class _Font:
    encoding: str = ""
    name: bytes = b""


class _Document:
    def __init__(self) -> None:
        self.flow = Flow()
        self.pictures: dict[str, bytes] = {}
        self._groups = [_Group()]
        self._fonts: dict[int, _Font] = {}
        self._ansi = "cp1252"
        self._pending = bytearray()
        self._picture = bytearray()
        self._to_skip = 0
        self._words = self._table_of_words()

    def take(self, token: Token) -> None:
        if token.brace == "{":
            self._open()
        elif token.brace:
            self._close()
        elif token.text:
            self._text(token)
        elif token.word:
            self._word(token.word, token.number)

    def finished(self) -> list[Block]:
        """Return the blocks; groups that the file leaves open end here."""
        while len(self._groups) > 1:
            self._close()
        self._flush()
        return self.flow.finished()

    def _table_of_words(self) -> dict[str, Callable[[int | None], None]]:
        flow = self._of_flow
        return {
            "par": flow(lambda to, _: to.paragraph()),
            "sect": flow(lambda to, _: to.paragraph()),
            "pard": flow(lambda to, _: to.outside()),
            "intbl": flow(lambda to, _: to.in_table()),
            "itap": flow(lambda to, depth: to.inside(depth or 0)),
            "cell": flow(lambda to, _: to.cell(nested=False)),
            "nestcell": flow(lambda to, _: to.cell(nested=True)),
            "row": flow(lambda to, _: to.row(nested=False)),
            "nestrow": flow(lambda to, _: to.row(nested=True)),
            "f": self._font,
            "plain": lambda _: self._font(-1),
            "u": self._unicode,
            "uc": self._fallback,
            "v": self._hide,
            "deleted": self._hide,
            "ansicpg": self._code_page,
            "fcharset": self._charset,
        }

    def _of_flow(self, act: Callable[[Flow, int | None], None]) -> Callable[[int | None], None]:
        def acted(number: int | None) -> None:
            self._flush()
            act(self.flow, number)

        return acted

    @property
    def _group(self) -> _Group:
        return self._groups[-1]

    def _open(self) -> None:
        self._flush()
        self._to_skip = 0
        if len(self._groups) > MOST_GROUPS:
            raise Refused(Why.UNSAFE, "文档嵌套过深")
        self._groups.append(dataclasses.replace(self._group, starred=False, outer=None))

    def _close(self) -> None:
        self._flush()
        self._to_skip = 0
        if len(self._groups) == 1:
            return
        group = self._groups.pop()
        if group.place == "pict" and self._group.place != "pict":
            self._end_picture()
        if group.outer is not None:
            group.outer.box(self.flow.finished())
            self.flow = group.outer

    def _word(self, word: str, number: int | None) -> None:
        group = self._group
        if word == "*":
            group.starred = True
            return
        if group.skipped:
            return
        if word in PLACES:
            self._place(word)
        elif word in SKIPPED or (group.starred and word not in OPENED):
            group.skipped = True
        elif word in SIGNS:
            self._flush()
            self._show(SIGNS[word])
        elif word in _EDGES:
            self._edge(word, number or 0)
        elif word in self._words:
            self._words[word](number)
        group.starred = False

    def _place(self, word: str) -> None:
        self._flush()
        self._group.place = PLACES[word]
        if word == "pict":
            self._picture.clear()
        if word == "shptxt":
            self._group.outer, self.flow = self.flow, Flow()

    def _edge(self, word: str, number: int) -> None:
        level = self.flow.level(nested=self._group.place == "nested")
        if word == "trowd":
            level.define()
        elif word == "cellx":
            level.edge(number)
        elif word == "trleft":
            level.left = number
        else:
            direction, which = _EDGES[word]
            setattr(level, direction, which)

    def _text(self, token: Token) -> None:
        group = self._group
        if group.skipped or group.hidden:
            return
        text = token.text
        if self._to_skip and token.word != "bin":
            passed = min(self._to_skip, len(text))
            self._to_skip -= passed
            text = text[passed:]
        if group.place == "fonts":
            self._fonts.setdefault(group.font, _Font()).name += text
        elif group.place == "pict":
            self._picture += binascii.hexlify(text) if token.word == "bin" else NOT_HEX.sub(b"", text)
        else:
            self._pending += text

    def _flush(self) -> None:
        """Add the bytes that came so far to the line, decoded by the font they stand in."""
        if not self._pending:
            return
        raw = bytes(self._pending)
        self._pending.clear()
        font = self._fonts.get(self._group.font, _Font())
        if symbols.is_symbol_font(_name(font)):
            self._show(raw.decode("latin-1"))
        else:
            self._show(_decoded(raw, font.encoding or self._ansi))

    def _show(self, text: str) -> None:
        if self._group.place in {"", "nested"} and not self._group.hidden:
            font = self._fonts.get(self._group.font, _Font())
            self.flow.add(symbols.in_font(text, _name(font)))

    def _font(self, number: int | None) -> None:
        self._flush()
        self._group.font = -1 if number is None else number

    def _unicode(self, number: int | None) -> None:
        self._flush()
        self._show(chr((number or 0) & 0xFFFF))
        self._to_skip = self._group.fallback

    def _fallback(self, number: int | None) -> None:
        self._group.fallback = max(0, 1 if number is None else number)

    def _hide(self, number: int | None) -> None:
        self._flush()
        self._group.hidden = number != 0

    def _code_page(self, number: int | None) -> None:
        self._ansi = ANSI.get(number or 0, self._ansi)

    def _charset(self, number: int | None) -> None:
        if self._group.place == "fonts":
            self._fonts.setdefault(self._group.font, _Font()).encoding = CODE_PAGES.get(number or 0, "")

    def _end_picture(self) -> None:
        digits = bytes(self._picture[: len(self._picture) // 2 * 2])
        self._picture.clear()
        if digits and len(self.pictures) < MOST_PICTURES:
            name = str(len(self.pictures))
            self.pictures[name] = binascii.unhexlify(digits)
            self.flow.show(name)


def _name(font: _Font) -> str:
    return font.name.split(b";")[0].strip().decode("latin-1")


def _decoded(raw: bytes, encoding: str) -> str:
    """Return `raw` in its font's encoding; bytes beyond ASCII without one are Chinese if they can be."""
    for code in ("gb18030", encoding) if encoding == "cp1252" else (encoding, "gb18030"):
        try:
            return raw.decode(code)
        except UnicodeDecodeError:
            continue
    return raw.decode(encoding, "replace")


PLACES = {"fonttbl": "fonts", "pict": "pict", "shptxt": "", "nesttableprops": "nested"}
_EDGES: dict[str, tuple[str, str]] = {
    "trowd": ("", ""),
    "cellx": ("", ""),
    "trleft": ("", ""),
    "clvmgf": ("down", "first"),
    "clvmrg": ("down", "next"),
    "clmgf": ("across", "first"),
    "clmrg": ("across", "next"),
}
