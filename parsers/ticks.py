"""Which of the form's categories bear a tick, and the type written into 其他（ ）."""

import re
from typing import NamedTuple

from parsers.text import fold, normalise

TICKS = "√✓✔☑☒✅🗹🗸■●◉◆█▇▣◼⬛⚫Ⓥⓥ㊣⊙➜☛\uf0fc\uf0fe\uf052\uf050"
BOXES = "□☐○◯▢◻⬜◇⚪🔲\uf0a8\uf06f\uf0a3"
_WORDS = r"对[勾号钩]|打勾|(?<![A-Za-z0-9])[vVＶｖ](?![A-Za-z0-9])|(?<![A-Za-z0-9])[yY](?![A-Za-z0-9])"
_TICK = re.compile(rf"[{TICKS}]|{_WORDS}")
_OPTIONS = (
    ("government_news", r"政\s*府\s*[、,，./和及与]?\s*新\s*闻\s*类?"),
    ("commercial", r"商\s*业\s*类?"),
    ("other", r"其\s*[他它]\s*(?:类(?!型))?"),
)
_TOKEN = re.compile(
    "|".join(f"(?P<{key}>{words})" for key, words in _OPTIONS)
    + rf"|(?P<bracket>[(（\[［【〔][^(（)）\]］】〕]*[)）\]］】〕])|(?P<loose>[{TICKS}{BOXES}]\ufe0f?|{_WORDS})|(?P<line>\n)",
)
_EMPTY = re.compile(r"[\s_＿/／\\—–\-.．…:：;；,，、。]*")
_HINTS = re.compile(r"请?(?:在括[弧号]内)?(?:注明|填写)(?:具体)?(?:类型|类别)?|具体类型")
_LONGEST = 2000  # characters; the cell asks for a tick and a word
_NOTHING = frozenset({"无", "/", "——", "—", "-", "×", "✗", "✘", "✕", "╳"})


class Choice(NamedTuple):
    """The ticked categories in the form's order, and the type of 其他."""

    ticked: tuple[str, ...]
    other: str | None


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def read(text: str) -> Choice:
    """Return what is ticked in the text of the 类别 cell; marks may stand before, behind or in brackets."""
    text = text[:_LONGEST]
    tokens = _tokens(text)
    names = [key for key, _ in _OPTIONS]
    options = [token for token in tokens if token.kind in names]
    marks = {key: _Marks() for key in names}
    for line in _lines(tokens):
        _assign(line, marks)
    _orphans(tokens, marks, names)
    other = _type_of_other(text, tokens, marks["other"])
    ticked = [key for key in names if marks[key].ticked]
    present = {token.kind for token in options}
    if not ticked and other:
        ticked = ["other"]
    if not ticked and len(present) == 1 and present != {"other"} and not marks[options[0].kind].seen:
        ticked = [options[0].kind]
    return Choice(tuple(ticked), other)


def option_of(text: str) -> str | None:
    """Return the category that `text` is the name of, None where it is none's."""
    return next((key for key, words in _OPTIONS if re.fullmatch(words, text)), None)


class _Marks:
    """What stands by one option: whether a tick does, whether any mark does, what its brackets hold."""

    def __init__(self) -> None:
        self.ticked = False
        self.seen = False
        self.inside: list[str] = []

    def add(self, token: _Token) -> None:
        self.seen = True
        self.ticked = self.ticked or _TICK.search(token.text) is not None
        if token.kind == "bracket":
            self.inside.append(token.text[1:-1])


def _tokens(text: str) -> list[_Token]:
    return [
        _Token(str(found.lastgroup), found.group(), found.start(), found.end())
        for found in _TOKEN.finditer(text)
    ]


def _is_option(token: _Token) -> bool:
    return token.kind not in ("bracket", "loose", "line")


def _lines(tokens: list[_Token]) -> list[list[_Token]]:
    lines: list[list[_Token]] = [[]]
    for token in tokens:
        if token.kind == "line":
            lines.append([])
        else:
            lines[-1].append(token)
    return [line for line in lines if any(_is_option(token) for token in line)]


def _assign(line: list[_Token], marks: dict[str, _Marks]) -> None:
    """Give each mark of a line to its option: all to the only one, else by the style of the line."""
    options = [token for token in line if _is_option(token)]
    leading = not _is_option(line[0])
    for token in line:
        if not _is_option(token):
            gap = token.start - max((other.end for other in line if other.end <= token.start), default=0)
            marks[_owner(token, options, gap, leading=leading).kind].add(token)


def _owner(token: _Token, options: list[_Token], gap: int, *, leading: bool) -> _Token:
    before = [option for option in options if option.end <= token.start]
    after = [option for option in options if option.start >= token.end]
    if not before or not after:
        return (before or after)[-1 if before else 0]
    if leading or token.kind == "bracket":
        return after[0] if leading else before[-1]
    nearer = after[0].start - token.end < gap
    return after[0] if nearer else before[-1]


def _orphans(tokens: list[_Token], marks: dict[str, _Marks], names: list[str]) -> None:
    """Give marks on a line without an option to the option before them, or else to the first."""
    options = [token for token in tokens if token.kind in names]
    rows = _row_numbers(tokens)
    owned = {rows[index] for index, token in enumerate(tokens) if _is_option(token)}
    for index, token in enumerate(tokens):
        if token.kind in ("bracket", "loose") and rows[index] not in owned and options:
            before = [option for option in options if option.end <= token.start]
            marks[(before[-1] if before else options[0]).kind].add(token)


def _row_numbers(tokens: list[_Token]) -> list[int]:
    row, rows = 0, []
    for token in tokens:
        row += token.kind == "line"
        rows.append(row)
    return rows


def _type_of_other(text: str, tokens: list[_Token], marks: _Marks) -> str | None:
    """Return the type written in the brackets of 其他, or behind it where there are none."""
    for inside in marks.inside:
        if written := _type(inside):
            return written
    places = [token for token in tokens if token.kind == "other"]
    if not places:
        return None
    start = places[-1].end
    ends = [token.start for token in tokens if token.start >= start and token.kind != "loose"]
    return _type(text[start : min(ends, default=len(text))])


def _type(text: str) -> str | None:
    bare = _HINTS.sub(" ", _TICK.sub(" ", text.replace("\ufe0f", "")))
    bare = re.sub(rf"[{BOXES}_＿]", " ", bare)
    bare = normalise(re.sub(rf"^{_EMPTY.pattern}|{_EMPTY.pattern}$", "", bare))
    return None if not bare or fold(bare) in _NOTHING else bare
