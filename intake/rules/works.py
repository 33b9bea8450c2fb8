"""What of the material is 工作材料: texts, pictures of the case, videos, and pages attached to the form."""

import re
from collections.abc import Iterator

from intake.case import Case
from intake.rules.finding import parts
from parsers.documents import Clip, Picture, Work

# How people name the page that the summary's cell refers to (见附页).
_ATTACHED = re.compile(r"附页|附件页|主要情况|情况介绍|基本情况|简介")
_HEAD = 200  # characters that tell two copies of one text (a docx and its PDF) from two texts


def attached_pages(case: Case) -> tuple[Work, ...]:
    """Return the texts that serve as the form's attached page: those named so, else any that came."""
    if case.form is None or not case.form.attached_page:
        return ()
    texts = [(file, part) for file, part in parts(case, Work) if part.words]
    named = tuple(part for file, part in texts if _is_attached(file))
    return named or tuple(part for _, part in texts)


def texts(case: Case) -> Iterator[tuple[str, Work]]:
    """Yield the work texts with their files, without a page that only continues the form."""
    attached = case.form is not None and case.form.attached_page
    for file, part in parts(case, Work):
        if part.words and not (attached and _is_attached(file)):
            yield file, part


def clips(case: Case) -> tuple[tuple[str, Clip], ...]:
    return tuple(parts(case, Clip))


def pictures(case: Case) -> int:
    """Return how many pictures of the case came: in its texts and loose, each copy counted once."""
    shown: dict[str, int] = {}
    for _, part in parts(case, Work):
        head = "".join(part.text.split())[:_HEAD]
        key = head or f"#{len(shown)}"
        shown[key] = max(shown.get(key, 0), part.pictures)
    return sum(shown.values()) + loose_pictures(case)


def loose_pictures(case: Case) -> int:
    """Return how many picture files came beside the texts, the same bytes counted once."""
    loose = {
        (one.document.sha256, at)
        for one in case.material
        for at, part in enumerate(one.facts.parts)
        if isinstance(part, Picture)
    }
    return len(loose)


def _is_attached(file: str) -> bool:
    return bool(_ATTACHED.search(file.rpartition("/")[2]))
