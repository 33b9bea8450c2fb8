"""Pictures of seals pasted into the cells of an editable form: counted where the document tells their cell."""

from collections.abc import Callable, Iterator, Sequence

import cv2
import msgspec
import numpy as np

from parsers import pasted
from parsers.documents import Form
from parsers.flow import Tabular
from parsers.form_labels import field_of
from parsers.ocr import Image
from parsers.seals import redink, seal

_CELLS = ("recommendation", "county_opinion", "city_opinion")
_SIZES = (160, 340, 620)  # pixels of a page's 800: a seal alone, two side by side, the scan of a whole cell
_EDGE = 40


def stamped(form: Form, tables: Sequence[Tabular], fetch: Callable[[str], bytes | None]) -> Form:
    """Return `form` with the seals that pictures in the cells of its `tables` show; no other cell says anything.

    None of them is short of a seal: what a picture in a document lacks may be on the paper.
    """
    counts: dict[str, int] = {}
    for key, identity in (placed for table in tables for placed in _placed(table)):
        data = fetch(identity)
        page = pasted.array(data) if data else None
        if page is not None and (seen := _count(page)):
            counts[key] = counts.get(key, 0) + seen
    if not counts:
        return form
    seals = msgspec.structs.replace(form.seals, **counts, unsure=tuple(counts))
    return msgspec.structs.replace(form, seals=seals)


def _placed(table: Tabular) -> Iterator[tuple[str, str]]:
    """Yield the pictures in the cells that ask for seals: the key and the picture's identity."""
    labels = [(cell, key) for cell in table.cells if (key := field_of(cell.text)) in _CELLS and key]
    for place, identity in zip(table.places, table.pictures, strict=False):
        cell = table.cells[place]
        key = next(
            (key for label, key in labels if label.row < cell.bottom and cell.row < label.bottom), None
        )
        if key:
            yield key, identity


def _count(page: Image) -> int:
    """Return how many seals a picture shows, whatever size it is shown in."""
    return max(len([mark for mark in seal.on(_on_paper(page, size)) if mark.sure]) for size in _SIZES)


def _on_paper(page: Image, size: int) -> Image:
    """Return `page` as a picture of `size` pixels on a sheet as wide as pages are looked at."""
    zoom = size / max(page.shape[:2])
    how = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    small = cv2.resize(page, None, fx=zoom, fy=zoom, interpolation=how)
    height, width = small.shape[:2]
    sheet = np.full((height + 2 * _EDGE, redink.WIDE, 3), 255, np.uint8)
    left = (redink.WIDE - width) // 2
    sheet[_EDGE : _EDGE + height, left : left + width] = small
    return sheet
