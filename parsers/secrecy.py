"""密级 marks: a document that bears one must go no further in a machine that is joined to the internet.

A mark is a grade with its star or term alone on a line (秘密★1年, 机密★), a bare grade at the top of a page, or a
grade after 密级： (GB/T 9704-2012, 7.2.2; 保守国家秘密法 第二十三条). The words in running text are none.
"""

import re
from collections.abc import Iterable, Sequence

from parsers.documents import Facts, Other

TOP = 5  # lines of a page on which a bare grade is a mark
HEAD = 15  # lines of a page on which 密级： may stand

_GRADE = r"(?:绝\s*密|机\s*密|秘\s*密)"
_STAR = r"[★☆✩✭⭐]"
_NUMBER = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_TERM = rf"(?:长\s*期|{_NUMBER}\s*(?:年|个?\s*月|日|天)|解密前)"
_MARK = rf"{_GRADE}\s*(?:{_STAR}\s*{_TERM}?|[*＊·•]?\s*{_TERM})"
_COPY = r"(?:(?:份号\s*[:：]?\s*|N[Oo][.．]?\s*)?\d{3,8}\s+)?"  # 份号, printed above or beside the mark
_URGENCY = r"(?:\s*[（(]?(?:特急|加急|特提|平急|急件)[）)]?)?"
_OPEN, _CLOSE = r"[【\[［（(〔「《]?\s*", r"\s*[】\]］）)〕」》]?"
_MARKED = re.compile(rf"{_COPY}{_OPEN}(?:密\s*级\s*[:：]?\s*)?{_MARK}{_CLOSE}{_URGENCY}")
_BARE = re.compile(rf"{_COPY}{_OPEN}{_GRADE}{_CLOSE}{_URGENCY}")
_LABELLED = re.compile(rf"密\s*级\s*[:：\s]\s*{_GRADE}{_CLOSE}{_URGENCY}")
_IN_TITLE = re.compile(
    rf"[【\[［（(〔「]\s*(?:密级\s*[:：]?\s*)?{_GRADE}\s*(?:[·*]?\s*{_TERM})?\s*[】\]］）)〕」]|{_GRADE}\s*{_STAR}"
)
_REPLIED = re.compile(r"(?i)^(?:\s*(?:re|fwd?|回复|答复|转发)\s*[:：]\s*)+")


def marked(lines: Iterable[str], top: int = TOP) -> bool:
    """Say whether the lines of one page bear a mark; `top` is how many of them may bear a bare grade."""
    shown = [line.strip() for line in lines if line.strip()]
    return any(_bears(line, place, top) for place, line in enumerate(shown) if "密" in line)


def marked_title(title: str) -> bool:
    """Say whether a mail's subject or a file's name bears a mark: a grade in brackets, or with its star."""
    bare = _REPLIED.sub("", title).strip()
    return _IN_TITLE.search(bare) is not None or _MARKED.fullmatch(bare) is not None or _is_grade(bare)


def marked_path(path: str) -> bool:
    """Say whether the name of a file, or of what it lies in, bears a mark."""
    return any(marked_title(name.rpartition(".")[0] or name) for name in path.split("/"))


def in_facts(facts: Facts) -> bool:
    """Say whether a mark was found in a file that was read."""
    return any(isinstance(part, Other) and part.secret for part in facts.parts)


def found(pages: Iterable[Sequence[str]]) -> tuple[Other, ...]:
    """Return the part that says that one of `pages` bears a mark; none where none does."""
    return (Other(note="带有密级标志", secret=True),) if any(map(marked, pages)) else ()


def _bears(line: str, place: int, top: int) -> bool:
    if any(_MARKED.fullmatch(cell.strip()) for cell in line.split("\t")):
        return True
    if place < top and _BARE.fullmatch(line):
        return True
    return place < HEAD and top > 0 and _LABELLED.fullmatch(line) is not None


def _is_grade(title: str) -> bool:
    return re.fullmatch(_GRADE, title) is not None
