"""Opinion cells: what an office wrote, without the printed hints, and the date it signed."""

import re
from datetime import date
from typing import NamedTuple

from parsers.text import fold, lines

_DIGITS = {digit: str(number) for number, digit in enumerate("〇一二三四五六七八九")} | {
    "零": "0",
    "○": "0",
    "Ｏ": "0",
    "O": "0",
    "元": "1",
}
_NUMBER = r"[0-9０-９〇零○一二三四五六七八九十元]"
_S = r"\s{0,6}"  # as much space as people type; without a bound the search is quadratic
_DAY = rf"(?:{_NUMBER}\s?){{0,3}}"
_WRITTEN = rf"(?:公元)?(?:{_NUMBER}\s?){{0,5}}{_S}年{_S}{_DAY}{_S}月{_S}{_DAY}{_S}[日号]"
_NUMERIC = (
    r"(?<![0-9.])(?:19|20)[0-9]{2}\s?[.．/／\-－—]\s?[0-9]{1,2}\s?[.．/／\-－—]\s?[0-9]{1,2}(?![0-9.])\.?"
)
_DATE = re.compile(f"{_WRITTEN}|{_NUMERIC}")
_STAMP = rf"(?:单位|加|请|此处)?{_S}(?:盖{_S}公{_S}章|加{_S}盖{_S}公{_S}章|盖{_S}章|公{_S}章|签{_S}章|签{_S}字{_S}盖{_S}章){_S}(?:处)?"
_SEAL = re.compile(rf"[(（\[【]{_S}{_STAMP}{_S}[)）\]】]|{_STAMP}{_S}[:：]?")
_HINT_ONLY = re.compile(r"[\s_＿()（）\[\]【】:：,，、;；/]*")
_SEALED_WORDS = re.compile(r"(?:已|并|经|须|需|未|和|加|予以|进行)\s*$")
_NEAR = 40  # characters around a 盖章 that tell whether it belongs to a sentence
_NOTHING = re.compile(r"[/／\\|—–－\-_\s]*|无|没有|不填|（无）|\(无\)|空|不涉及|不需要?")


class Opinion(NamedTuple):
    """What an opinion cell says, and the latest date that exists in the calendar."""

    text: str | None
    date: str | None


def read(text: str) -> Opinion:
    """Return the opinion without 盖章 and 年 月 日, and the later of the dates it is signed with."""
    kept: list[str] = []
    dates: list[str] = []
    for line in lines(text):
        rest, found = _hints_out(line)
        dates += found
        if rest:
            kept.append(rest)
    if not dates and kept:
        kept[-1], dates = _signed(kept[-1])
    days = [day for written in dates if (day := day_of(written))]
    return Opinion("\n".join(line for line in kept if line) or None, max(days).isoformat() if days else None)


def is_nothing(text: str) -> bool:
    """Tell whether `text` only says that nothing is to be said: `/`, `无`, `——`."""
    return _NOTHING.fullmatch(fold(text).strip("。.")) is not None


def day_of(written: str) -> date | None:
    """Return the date written as 2022年5月30日, 2022.5.30, 2022-05-30 or 二〇二二年五月三十日; None if there is none."""
    parts = [
        part for part in re.split(r"[年月日号.．/／\-－—]", written.removeprefix("公元")) if part.strip()
    ]
    numbers = [_number(re.sub(r"\s", "", part)) for part in parts]
    if len(numbers) != 3 or None in numbers:
        return None
    year, month, day = (number or 0 for number in numbers)
    try:
        return date(year + 2000 if 10 <= year < 100 else year, month, day)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    """Return a number in digits or in Chinese: 30, ３０, 三十, 二〇二二."""
    if "十" in text:
        tens, _, ones = text.partition("十")
        high, low = _number(tens) if tens else 1, _number(ones) if ones else 0
        return None if high is None or low is None else high * 10 + low
    digits = "".join(_DIGITS.get(character, character) for character in text)
    return int(digits) if digits.isdecimal() else None


def _hints_out(line: str) -> tuple[str, list[str]]:
    """Return `line` without hints and the dates signed beside them; prose keeps its dates and its 盖章."""
    without_seals = _SEAL.sub(lambda found: found.group() if _in_prose(line, found) else "  ", line)
    sealed = without_seals != line
    dates = _DATE.findall(without_seals)
    bare = _DATE.sub(" ", without_seals)
    if _HINT_ONLY.fullmatch(bare):
        return "", dates
    blank = [written for written in dates if day_of(written) is None]
    if sealed or (blank and without_seals.rstrip().endswith(tuple(blank))):
        rest, signed = _signed(without_seals)
        return re.sub(r" (?=[:：])", "", fold(rest)), signed
    return fold(line), []


def _in_prose(line: str, seal: re.Match[str]) -> bool:
    """Tell whether a 盖章 belongs to a sentence: 已盖章, 加盖公章后报送."""
    if seal.group()[-1] in ")）]】":
        return False
    after = line[seal.end() : seal.end() + _NEAR].lstrip()
    follows = bool(after) and not _DATE.match(after) and not _SEAL.match(after) and after[0] not in "(（:： "
    gap = line[seal.end() : seal.end() + 2].isspace()
    return bool(_SEALED_WORDS.search(line[max(0, seal.start() - _NEAR) : seal.start()])) or (
        follows and not gap
    )


def _signed(line: str) -> tuple[str, list[str]]:
    """Return the last line of an opinion without the dates that close it, and those dates."""
    found = list(_DATE.finditer(line))
    if not found or not _HINT_ONLY.fullmatch(line[found[-1].end() :].rstrip("。. ")):
        return line, []
    dates: list[str] = []
    for match in reversed(found):
        before = line[: match.start()]
        last = match is found[-1]
        if not last and before and not before[-1].isspace() and before[-1] not in "。)）":
            break
        dates.append(match.group())
        line = f"{before} {line[match.end() :]}" if not last else before
    return fold(line).rstrip("，, "), dates
