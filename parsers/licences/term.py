"""How long a certificate is valid, as it prints it: two days, one, or without end."""

import re
from datetime import date

import msgspec

_DIGITS = {**dict.fromkeys("〇○零", "0"), **dict(zip("一二三四五六七八九", "123456789", strict=True))}
_NUMBER = r"[0-9〇○零一二三四五六七八九十]"
_DAY = re.compile(
    rf"(?P<year>[12][0-9]{{3}}|[一二][〇○零一二三四五六七八九]{{3}})[年.\-/](?P<month>{_NUMBER}{{1,3}})[月.\-/](?P<day>{_NUMBER}{{1,3}})日?"
)
_ENDLESS = re.compile(r"长期|永久|无固定|不约定")
_GOES_ON = re.compile(r"起?(?:至|到|-|—|~|起)")
_SPAN = re.compile(
    rf"自?(?:{_DAY.pattern.replace('?P<', '?P<from_')})起?(?:至|到|-|—|~)(?:{_DAY.pattern}|长期)"
)


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """The first and the last day, ISO; None where none is printed, `endless` where it says so."""

    start: str | None = None
    end: str | None = None
    endless: bool = False


def read(text: str) -> Term:
    """Return the term that `text` beside its label prints, NFKC-normalised; a lone day ends it."""
    bare = re.sub(r"\s", "", text)
    marks = [mark for mark in _DAY.finditer(bare) if _iso(mark)]
    endless = bool(_ENDLESS.search(bare))
    if len(marks) > 1:
        return Term(start=_iso(marks[0]), end=_iso(marks[1]))
    if not marks:
        return Term(endless=endless)
    begins = endless or _GOES_ON.match(bare, marks[0].end())
    return Term(start=_iso(marks[0]), endless=endless) if begins else Term(end=_iso(marks[0]))


def somewhere(text: str) -> Term:
    """Return the term that `text` spells out as from one day to another, whatever its label was read as."""
    span = _SPAN.search(re.sub(r"\s", "", text))
    return read(span.group()) if span else Term()


def _iso(mark: re.Match[str]) -> str | None:
    try:
        return date(_number(mark["year"]), _number(mark["month"]), _number(mark["day"])).isoformat()
    except ValueError:
        return None


def _number(text: str) -> int:
    """Return a number in digits or Chinese signs, 十 included; raise ValueError for 十十 and the like."""
    plain = "".join(_DIGITS.get(sign, sign) for sign in text)
    tens, mark, ones = plain.partition("十")
    return int(plain) if not mark else 10 * int(tens or 1) + int(ones or 0)
