"""What each version of an application changed in its form: derived from the fields kept with every version."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from storage.applications import Version
from storage.model import Noun


class Change(Noun, frozen=True, kw_only=True):
    """One later version: when it came, in which message (None: by staff), and each field's old and new value."""

    version: int
    at: datetime
    message: int | None
    fields: Mapping[str, tuple[str | None, str | None]]


def changes(versions: Sequence[Version]) -> list[Change]:
    """Return what each version but the first changed; a version without changes has no fields."""
    return [
        Change(version=new.version, at=new.at, message=new.message, fields=_differing(old, new))
        for old, new in pairwise(versions)
    ]


def _differing(old: Version, new: Version) -> Mapping[str, tuple[str | None, str | None]]:
    pairs = {
        key: (getattr(old.fields, key), getattr(new.fields, key)) for key in new.fields.__struct_fields__
    }
    return {key: (before, after) for key, (before, after) in pairs.items() if before != after}
