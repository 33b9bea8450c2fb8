"""What the pages of a PDF with a text layer show: plain text through pdfium, tables through pdfplumber."""

import hashlib
import io
import itertools
import logging
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pdfplumber
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from parsers import pasted, pdflines, pdfplain, pdftables, twins
from parsers.pdflines import Area

# What pdfminer and pdfplumber let through on damaged files; such pages are looked at as pictures.
BROKEN = (
    PdfminerException, MalformedPDFException, PDFException, PSException, ArithmeticError, AssertionError,
    AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip
_GAP = 1.0  # points
logging.getLogger("pdfminer").setLevel(logging.ERROR)  # its warnings tell users nothing


class Page(NamedTuple):
    """What one page with a text layer shows."""

    number: int
    size: tuple[float, float]
    glyphs: list[pdflines.Glyph]
    pictures: list[tuple[str, Area]]
    sheets: list[pdftables.Sheet]


def of(data: bytes, leaves: Sequence[Any], bare: Sequence[int]) -> list[Page]:
    """Return what pdfium's `leaves` of the PDF `data` show, `bare` ones left out; raises one of `BROKEN`."""
    pages = _plain(leaves, bare)
    return list(_taken_apart(data, len(leaves), bare)) if pages is None else pages


def of_pictures(leaf: Any, number: int) -> Page:
    """Return pdfium's `leaf`, which is no written page, with its pictures; as one picture unless they stand apart."""
    wide, high = leaf.get_size()
    shown = list(pdfplain.pictures(pdfplain.images(leaf), pasted.ORNAMENT, high))
    if not shown or not _apart([place for _, place in shown]):
        shown = [(f"page {number}", Area(0, 0, wide, high))]
    return Page(number, (wide, high), [], shown, [])


def _apart(places: Sequence[Area]) -> bool:
    """Tell whether pictures lie clear of each other; the strips that a scanner cuts a page into touch."""
    return len(places) <= twins.MOST_COMPARED and all(
        max(one.x0, other.x0) - min(one.x1, other.x1) > _GAP
        or max(one.top, other.top) - min(one.bottom, other.bottom) > _GAP
        for one, other in itertools.combinations(places, 2)
    )


def _plain(leaves: Sequence[Any], bare: Sequence[int]) -> list[Page] | None:
    """Return the pages that have text, if no table can stand on any of them, else None."""
    pages: list[Page] = []
    for index, leaf in enumerate(leaves):
        if index not in bare:
            plain = pdfplain.read(leaf, pasted.ORNAMENT)
            if plain is None:
                return None
            pages.append(Page(index + 1, plain.size, plain.glyphs, plain.pictures, []))
    return pages


def _taken_apart(data: bytes, most: int, bare: Sequence[int]) -> Iterator[Page]:
    with pdfplumber.open(io.BytesIO(data)) as document:
        for index in range(min(most, len(document.pages))):
            if index in bare:
                continue
            page = document.pages[index]
            shown = pdflines.glyphs(page.chars)
            yield Page(
                index + 1,
                (float(page.width), float(page.height)),
                shown,
                list(_pictures(page)),
                pdftables.tables_of(page, index + 1, shown),
            )
            page.close()


def _pictures(page: Any) -> Iterator[tuple[str, Area]]:
    for image in page.images:
        place = Area(image["x0"], image["top"], image["x1"], image["bottom"])
        if min(image["srcsize"]) >= pasted.ORNAMENT and not pdfplain.decorates(place):
            yield hashlib.sha256(image["stream"].rawdata or b"").hexdigest(), place
