"""Pictures pasted into a document: scans of forms and certificates among plain pictures."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from parsers import glance, picture
from parsers.documents import Honour, Part, Picture, Qualification, Work
from parsers.glance import Glance

ORNAMENT = 64  # pixels; a picture smaller than this either way decorates
_READABLE = 400  # pixels; a picture with a shorter side cannot be a scanned document
_MOST = 8  # pictures of one document that are read
_MOST_PAPERS = 4  # pictures of a document with text that are read: a second of CPU each
_LONGEST_SIDE = 2600  # pixels


def read(pictures: Sequence[bytes]) -> tuple[Part, ...]:
    """Return the documents that `pictures` show, consecutive pages of a form as one, the others as `Picture`."""
    pages: list[Any] = []
    plain: list[Part] = []
    for data in pictures:
        if len(pages) < _MOST and shorter_side(data) >= _READABLE and (page := array(data)) is not None:
            pages.append(page)
        else:
            plain.append(Picture(width=0, height=0))
    return (*(picture.read_pages(pages) if pages else ()), *plain)


def papers(pictures: Sequence[bytes]) -> tuple[tuple[Part, ...], list[Glance | None]]:
    """Return the certificates and honours among `pictures` of a document with text, and a glance at each other one."""
    found: list[Part] = []
    rest: list[Glance | None] = []
    left = _MOST_PAPERS
    for data in reversed(pictures):  # what proves something is put at the end
        seen = glance.at(data)
        read: list[Part] = []
        if seen and seen.written and left and shorter_side(data) >= _READABLE:
            left -= 1
            read = [part for part in _read_one(data) if isinstance(part, Qualification | Honour)]
        found[:0] = read
        if not read:
            rest.insert(0, seen)
    return tuple(found), rest


def _read_one(data: bytes) -> tuple[Part, ...]:
    page = array(data)
    return () if page is None else picture.read_pages([page])


def merged(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the parts of a file with its work material as one part that counts the plain pictures too."""
    works = [part for part in parts if isinstance(part, Work)]
    plain = [part for part in parts if isinstance(part, Picture)]
    others = tuple(part for part in parts if not isinstance(part, Work | Picture))
    if not works and not plain:
        return others
    work = Work(
        words=sum(part.words for part in works),
        pictures=sum(part.pictures for part in works) + len(plain),
        text="\n".join(part.text for part in works if part.text),
    )
    return (*others, work)


def shorter_side(data: bytes) -> int:
    """Return the shorter side in pixels; drawings (EMF, WMF) that cannot be measured count as small pictures."""
    try:
        with Image.open(io.BytesIO(data)) as opened:
            return min(opened.size)
    except glance.FAILURES:
        return ORNAMENT


def array(data: bytes) -> Any:
    """Return a picture as blue, green and red, upright, no larger than a page needs; None if it is broken."""
    try:
        with Image.open(io.BytesIO(data)) as opened:
            if opened.width * opened.height > picture.LARGEST:
                return None
            upright = ImageOps.exif_transpose(opened)
            upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
            upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
            shown = glance.on_white(upright)
    except glance.FAILURES:
        return None
    return np.ascontiguousarray(np.asarray(shown)[:, :, ::-1])
