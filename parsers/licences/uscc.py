"""统一社会信用代码 (GB 32100) in recognised text: found, mended where a letter cannot be, checked."""

import re
from itertools import product

from stdnum.cn import uscc as stdnum_uscc

_ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
# The letters the code never uses, and what a recogniser may have meant by them, likeliest first.
_IMPOSSIBLE = {"I": "1", "O": "0", "Z": "2", "S": "5", "V": "UYW"}
# The places 3 to 8 are the division code: digits only.
_DIGIT_PLACES = range(2, 8)
_AS_DIGIT = {
    "I": "1",
    "L": "1",
    "T": "1",
    "O": "0",
    "D": "0",
    "Q": "0",
    "U": "0",
    "Z": "2",
    "S": "5",
    "B": "8",
    "G": "6",
}
_LABEL = re.compile(r"(?:统\s*一\s*)?社\s*会\s*信\s*用\s*代\s*码\s*(?:[::]|$|(?=\s|[0-9A-Z]))")
_RUN = re.compile(r"[0-9A-Z](?:[0-9A-Z \-]*[0-9A-Z])?")
_OLD = re.compile(r"(?<![0-9A-Z])([0-9A-Z]{8})\s?[-—–]?\s?([0-9X])(?![0-9A-Z])")
_OLD_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_LENGTH = 18
_MISREAD = range(12, 21)


def find(text: str) -> str | None:
    """Return the credit code in NFKC-normalised `text`, mended; None if there is none.

    A run of 12 to 20 characters right after the label counts too, though it cannot be valid:
    a misread code is for a person to see.
    """
    runs = [_bare(run) for run in _RUN.findall(text.upper())]
    codes = [code for run in runs if len(run) == _LENGTH and _plausible(code := mend(run))]
    if codes:
        return next(filter(valid, codes), codes[0])
    label = _LABEL.search(text)
    if not label:
        return None
    after = _RUN.search(text.upper(), label.end())
    bare = _bare(after.group()) if after else ""
    return bare if len(bare) in _MISREAD else None


def find_old(text: str) -> str | None:
    """Return the organisation code of nine characters (GB 11714) in NFKC-normalised `text`, hyphen included."""
    runs = [(run[1], run[2]) for run in _OLD.finditer(text.upper())]
    mended = [("".join(_AS_DIGIT.get(sign, sign) for sign in body), last) for body, last in runs]
    return next((f"{body}-{last}" for body, last in runs + mended if _fits_old(body, last)), None)


def _fits_old(body: str, last: str) -> bool:
    total = sum(weight * int(sign, 36) for weight, sign in zip(_OLD_WEIGHTS, body, strict=True))
    return last == "0123456789X"[-total % 11]


def valid(code: str) -> bool:
    """Say whether `code` has 18 characters of the alphabet and its check character fits."""
    fits = len(code) == _LENGTH and set(code) <= _ALPHABET
    return fits and stdnum_uscc.calc_check_digit(code[:-1]) == code[-1]


def mend(code: str) -> str:
    """Replace letters that cannot stand where they stand; among several readings the valid one wins."""
    choices = [_choices(place, letter) for place, letter in enumerate(code)]
    readings = ["".join(reading) for reading in product(*choices)]
    return next(filter(valid, readings), readings[0])


def _choices(place: int, letter: str) -> str:
    if place in _DIGIT_PLACES and not letter.isdigit():
        return _AS_DIGIT.get(letter, letter)
    return _IMPOSSIBLE.get(letter, letter)


def _plausible(run: str) -> bool:
    """Say whether `run` looks like a code and not like a serial number or a word."""
    return all(run[place].isdigit() for place in _DIGIT_PLACES)


def _bare(run: str) -> str:
    return run.replace(" ", "").replace("-", "")
