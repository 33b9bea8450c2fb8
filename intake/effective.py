"""What of an application's material counts now: what a later version replaced is left out."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from intake.case import Material
from intake.mail.cloud import ENDING
from intake.rules.linked import may_hold_work
from parsers.documents import Clip, Link, Other, Part, Qualification, Unreadable, Work

LEAST_CASE = 200  # 字; captions have fewer, a case that was cut has more


def effective(material: Sequence[Material]) -> tuple[Material, ...]:
    """Leave out what a later version replaced.

    A later work text or video replaces the earlier one, a later certificate the earlier one, unless it may
    be another application's; a short text beside the missing pictures replaces no case; what could not be
    read is asked for again by the rule that misses it, so only the newest version's counts.
    """
    newest = max((one.document.version for one in material), default=0)
    ours = [one for one in material if not one.document.unassigned]
    kept = []
    for one in material:
        later = [each for each in ours if each.document.version > one.document.version]
        parts = tuple(part for part in one.facts.parts if not _replaced(part, one, later, newest))
        if parts:
            kept.append(replace(one, facts=replace(one.facts, parts=parts)))
    return tuple(kept)


def _replaced(part: Part, one: Material, later: Sequence[Material], newest: int) -> bool:
    if isinstance(part, Unreadable):
        return one.document.version < newest
    if isinstance(part, Other):
        return part.link is not None and _arrived(part.link, later)
    new = [each for other in later for each in other.facts.parts]
    if isinstance(part, Qualification):
        return any(isinstance(each, Qualification) for each in new)
    if isinstance(part, Clip):
        return any(isinstance(each, Clip) or (isinstance(each, Work) and each.pictures > 2) for each in new)
    if isinstance(part, Work):
        return any(
            isinstance(each, Clip) or (isinstance(each, Work) and _as_long(each, part)) for each in new
        )
    return False


def _arrived(link: Link, later: Sequence[Material]) -> bool:
    """Say whether a linked file came itself: by its name, or as the case that it may have held."""
    if any(_title(each.document.file) == link.name for each in later if link.name):
        return True
    came = (part for each in later for part in each.facts.parts)
    case = any(
        isinstance(part, Clip) or (isinstance(part, Work) and part.words >= LEAST_CASE) for part in came
    )
    return case and may_hold_work(link.name)


def _title(file: str) -> str:
    return file.rpartition("/")[2].removesuffix(ENDING)


def _as_long(new: Work, old: Work) -> bool:
    """Say whether `new` is the case told again, and no caption of the pictures that were still missing."""
    return new.words >= min(LEAST_CASE, old.words // 2)


def latest(material: Iterable[Material], *kinds: type[Part]) -> int:
    return max(
        (
            one.document.version
            for one in material
            if any(isinstance(part, kinds) for part in one.facts.parts)
        ),
        default=0,
    )
