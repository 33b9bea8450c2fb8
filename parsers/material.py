"""What a document holds besides its forms: work material, or only a title and notes."""

import re
from collections.abc import Sequence

from parsers.documents import Work
from parsers.text import count_words, fold, squash

_NOTE = re.compile(r"^(?:备?注|说明|填表说明)\s*[:：]|^注\s*1[.、．]|^[（(]?注\s*[:：]")
_NUMBERED = re.compile(r"^[0-9０-９]{1,2}\s*[.、．)）]")
_NOTE_WORDS = re.compile(r"打“?√|不用填写|审核并盖章")
_TITLE = re.compile(
    r".{0,30}(?:申报表|推荐表|审批表)(?:[(（].{0,8}[)）])?|附件?[0-9一二三四]?[:：]?|附表[0-9]?[:：]?"
)
_LITTLE = 60  # 字 that a cover line, a telephone number and the like may have
_LONGEST_TEXT = 50_000  # characters of a work text that are kept


def besides_form(lines: Sequence[str]) -> list[str]:
    """Return the lines around a form that are neither its title nor its printed notes."""
    return [line for line in _without_notes(lines) if not _TITLE.fullmatch(squash(line))]


def cover(lines: Sequence[str]) -> list[str]:
    """Return the lines before a form, or nothing if they are no more than a cover's."""
    kept = besides_form(lines)
    return [] if is_little(work(kept, 0)) else kept


def _without_notes(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    in_note = False
    for line in lines:
        text = fold(line)
        note = bool(_NOTE.search(text)) and bool(
            _NOTE_WORDS.search(text) or _NUMBERED.search(text[2:].lstrip(":： "))
        )
        in_note = note or (in_note and bool(_NUMBERED.search(text)) and bool(_NOTE_WORDS.search(text)))
        if text and not in_note:
            kept.append(line)
    return kept


def work(lines: Sequence[str], pictures: int) -> Work:
    """Return `lines` and `pictures` as work material."""
    text = "\n".join(kept for line in lines if (kept := line.strip()))
    return Work(words=count_words(text), pictures=pictures, text=text[:_LONGEST_TEXT])


def is_little(found: Work) -> bool:
    """Tell whether so little text says nothing: no more than a cover, a greeting, a telephone number."""
    return found.words < _LITTLE
