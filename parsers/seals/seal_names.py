"""Whose seal it is: the letters of a ring, begun anywhere and misread in part, against names that it may bear."""

import re
from collections.abc import Iterable, Iterator, Sequence

from parsers.lexicon import mend

PLACES = ("谯城区", "涡阳县", "蒙城县", "利辛县", "亳州市")
_OFFICES = (
    "中共{}委网络安全和信息化委员会办公室",
    "中共{}委网络安全和信息化领导小组办公室",
    "{}互联网信息办公室",
    "{}精神文明建设指导委员会办公室",
    "{}精神文明建设委员会办公室",
    "{}文明办",
    "{}委网信办",
    "中共{}委宣传部",
)
_NO_LETTER = re.compile(r"[^一-鿿]")
_LONG = 10  # letters: a longer name may be misread in more of them
_LIKE = (0.75, 0.62)  # likeness asked of a short name, and of a long one
_APART = 0.9  # letters by which one name must be nearer than another as long
_SHORTEST = 0.6  # of the ring: a name that leaves more of it unexplained is not the ring's


def offices(places: Iterable[str] = PLACES) -> Iterator[str]:
    """Yield the names of the offices of `places` that sign a form, as their seals bear them."""
    for place in places:
        yield from (pattern.format(place) for pattern in _OFFICES)


def matched(ring: str, names: Sequence[str]) -> str | None:
    """Return the one of `names` that `ring` is likeliest to bear; None where none is, or two are, like enough."""
    read = _letters(mend(ring))
    scored = [
        (likeness(read, _letters(name)), len(name), name)
        for name in dict.fromkeys(names)
        if _fits(read, name)
    ]
    good = sorted((one for one in scored if one[0] >= _LIKE[one[1] >= _LONG]), reverse=True)
    match good:
        case [(best, long, _), (second, other, _), *_] if long == other and best - second < _APART / long:
            return None  # the offices of two counties: the letters that tell them apart were not read
        case [(_, _, name), *_]:
            return name
        case _:
            return None


def likeness(ring: str, name: str) -> float:
    """Return 1 less the share of letters of `name` that must be changed to find it in `ring`, read in a circle."""
    if not name or not ring:
        return 0.0
    above = [0] * (2 * len(ring) + 1)
    for row, letter in enumerate(name, 1):
        line = [row]
        for column, seen in enumerate(ring + ring, 1):
            line.append(min(above[column - 1] + (letter != seen), above[column] + 1, line[-1] + 1))
        above = line
    return max(0.0, 1 - min(above) / len(name))


def _fits(ring: str, name: str) -> bool:
    return len(ring) * _SHORTEST <= len(_letters(name))


def _letters(text: str) -> str:
    """Return `text` without what no name has: the number below the star, space and marks."""
    return _NO_LETTER.sub("", text)
