"""Pictures pasted into a document: scans of forms and certificates among plain pictures."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from parsers import picture
from parsers.documents import Honour, Part, Picture, Qualification, Work

ORNAMENT = 64  # pixels; a picture smaller than this either way decorates
_READABLE = 400  # pixels; a picture with a shorter side cannot be a scanned document
_MOST = 8  # pictures of one document that are read
_MOST_PAPERS = 4  # pictures of a document with text that are read: a second of CPU each
_LIGHT, _PALE, _PAPER = 150, 70, 0.5  # levels of paper, and the share of a picture that is such
_LONGEST_SIDE = 2600  # pixels
_FAILURES = (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning)


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


def papers(pictures: Sequence[bytes]) -> tuple[tuple[Part, ...], list[bytes]]:
    """Return the certificates and honours among `pictures` of a document with text, and the other pictures."""
    found: list[Part] = []
    rest: list[bytes] = []
    left = _MOST_PAPERS
    for data in reversed(pictures):  # what proves something is put at the end
        page = array(data) if left and shorter_side(data) >= _READABLE else None
        read: list[Part] = []
        if page is not None and _is_light(page):
            left -= 1
            read = [part for part in picture.read_pages([page]) if isinstance(part, Qualification | Honour)]
        found[:0] = read
        if not read:
            rest.insert(0, data)
    return tuple(found), rest


def _is_light(page: Any) -> bool:
    """Tell whether most of a picture is light and pale, as paper is: a cheap look before anything is read."""
    sample = page[::8, ::8].astype(np.int16)
    high, low = sample.max(axis=2), sample.min(axis=2)
    return float(((high > _LIGHT) & (high - low < _PALE)).mean()) > _PAPER


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
    except _FAILURES:
        return ORNAMENT


def array(data: bytes) -> Any:
    """Return a picture as blue, green and red, upright, no larger than a page needs; None if it is broken."""
    try:
        with Image.open(io.BytesIO(data)) as opened:
            if opened.width * opened.height > picture.LARGEST:
                return None
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
            upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
            paper = Image.new("RGBA", upright.size, "white")
            shown = Image.alpha_composite(paper, upright).convert("RGB")
    except _FAILURES:
        return None
    return np.ascontiguousarray(np.asarray(shown)[:, :, ::-1])
