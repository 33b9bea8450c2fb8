"""PDF documents: plain text through pdfium, tables through pdfplumber, pages without text as pictures."""

import hashlib
import io
import itertools
import logging
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import pdfplumber
import pypdfium2
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException
from pypdfium2 import raw

from parsers import material, pasted, pdflines, pdfplain, pdftables, picture, secrecy
from parsers.documents import Facts, Form, Honour, Part, Picture, Qualification, Unreadable, Why
from parsers.form import Found, find_forms, from_text
from parsers.garble import is_garbled
from parsers.licences import licence
from parsers.pdflines import Area
from parsers.seals import stamped
from parsers.text import count_words

MAX_PAGES = 60
_DPI = 200
_LONGEST_SIDE = 2600  # pixels of a rendered page
_ALMOST_NO_TEXT = 5  # signs
_CERTIFICATE_TEXT = 600  # 字
_PASSWORD = raw.FPDF_ERR_PASSWORD
# What pdfminer and pdfplumber let through on damaged files; such pages are looked at as pictures.
_BROKEN = (
    PdfminerException, MalformedPDFException, PDFException, PSException, ArithmeticError, AssertionError,
    AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip
logging.getLogger("pdfminer").setLevel(logging.ERROR)  # its warnings tell users nothing


class _Page(NamedTuple):
    """What one page with a text layer shows."""

    number: int
    size: tuple[float, float]
    glyphs: list[pdflines.Glyph]
    pictures: list[tuple[str, Area]]
    sheets: list[pdftables.Sheet]


def read_pdf(data: bytes) -> Facts:
    """Return what a PDF holds, page group by page group; its first 60 pages are read."""
    try:
        with _opened(data) as document:
            return Facts(reader="pdf", parts=_parts(data, document))
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == _PASSWORD or "password" in str(error).lower()
        why, note = (Why.ENCRYPTED, "PDF设有打开密码") if locked else (Why.CORRUPT, "PDF文件已损坏或不完整")
        return Facts(reader="pdf", parts=(Unreadable(why=why, note=note),))


def bears_mark(data: bytes) -> bool:
    """Say whether the text layer of a PDF bears a 密级 mark: a glance, no page is recognised."""
    try:
        with _opened(data) as document:
            return any(secrecy.marked(_words(page)) for page in itertools.islice(document, MAX_PAGES))
    except pypdfium2.PdfiumError:
        return False  # nobody can read it, here or elsewhere


def _words(page: Any) -> list[str]:
    opened = page.get_textpage()
    text = opened.get_text_bounded()
    opened.close()
    return list(text.splitlines())


@contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    document = pypdfium2.PdfDocument(data)
    try:
        yield document
    finally:
        document.close()


def _parts(data: bytes, document: Any) -> tuple[Part, ...]:
    if not len(document):
        return (Unreadable(why=Why.CORRUPT, note="PDF没有页面"),)
    leaves = [document[index] for index in range(min(len(document), MAX_PAGES))]
    bare = [index for index, leaf in enumerate(leaves) if _is_scan(leaf)]
    try:
        pages = _plain_pages(leaves, bare)
        if pages is None:
            pages = list(_text_pages(data, len(document), frozenset(bare)))
    except _BROKEN:
        pages = []
        bare = [index for index, leaf in enumerate(leaves) if _has_content(leaf)]
    read = [_stamped(part, document) for part in _of_text(pages)]
    shown = _read(document, bare) if bare else ()
    only_pictures = not read and all(isinstance(part, Picture) for part in shown)
    parts = tuple(shown) if only_pictures else pasted.merged([*read, *shown])
    parts += secrecy.found([_outside(page, []).split("\n") for page in pages if _may_bear_mark(page)])
    return parts or (Unreadable(why=Why.CORRUPT, note="PDF没有可以读取的内容"),)


def _may_bear_mark(page: _Page) -> bool:
    return any(glyph.text == "密" for glyph in page.glyphs)


def _is_scan(page: Any) -> bool:
    """Tell whether a page is to be read as a picture: it has no text, only invisible text, or garbled text."""
    text = "".join("".join(_words(page)).split())
    if len(text) < _ALMOST_NO_TEXT:
        return _has_content(page)
    if is_garbled(text):
        return True
    modes = [
        raw.FPDFTextObj_GetTextRenderMode(each.raw)
        for each in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=3)
    ]
    hidden = sum(mode == raw.FPDF_TEXTRENDERMODE_INVISIBLE for mode in modes)
    return bool(modes) and hidden * 2 > len(modes)


def _stamped(part: Part, document: Any) -> Part:
    """Return a form with the seals that its pages show as pictures; any other part as it is."""
    if not isinstance(part, Form):
        return part
    boxes = [box for key in stamped.CELLS if (box := part.readings[key].box) is not None]
    numbers = sorted({box.page for box in boxes if _may_bear_seals(document[box.page - 1])})
    if not numbers:
        return part
    shown = {number: _rendered(document[number - 1]) for number in numbers}
    return stamped.shown_only(stamped.stamped(part, shown))


def _may_bear_seals(page: Any) -> bool:
    drawn = page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING], max_depth=3)
    return next(iter(drawn), None) is not None or raw.FPDFPage_GetAnnotCount(page.raw) > 0


def _has_content(page: Any) -> bool:
    return next(iter(page.get_objects(max_depth=3)), None) is not None


def _read(document: Any, bare: Sequence[int]) -> tuple[Part, ...]:
    shown = [_rendered(document[index]) for index in bare]
    return picture.read_pages(shown, [index + 1 for index in bare])


def rendered(data: bytes, most: int) -> Iterator[Any]:
    """Yield the first `most` pages as BGR pictures; none of a file that cannot be opened."""
    try:
        with _opened(data) as document:
            for index in range(min(len(document), most)):
                yield _rendered(document[index])
    except pypdfium2.PdfiumError:
        return


def _rendered(page: Any) -> Any:
    """Return the page as a BGR picture of 200 dpi, its longer side no more than 2600 pixels."""
    scale = min(_DPI / 72, _LONGEST_SIDE / max(1.0, *page.get_size()))
    return np.ascontiguousarray(page.render(scale=scale, rev_byteorder=False).to_numpy()[:, :, :3])


def _plain_pages(leaves: Sequence[Any], bare: Sequence[int]) -> list[_Page] | None:
    """Return the pages that have text, if no table can stand on any of them, else None."""
    pages: list[_Page] = []
    for index, leaf in enumerate(leaves):
        if index not in bare:
            plain = pdfplain.read(leaf, pasted.ORNAMENT)
            if plain is None:
                return None
            pages.append(_Page(index + 1, plain.size, plain.glyphs, plain.pictures, []))
    return pages


def _text_pages(data: bytes, count: int, bare: frozenset[int]) -> Iterator[_Page]:
    with pdfplumber.open(io.BytesIO(data)) as document:
        for index in range(min(count, MAX_PAGES, len(document.pages))):
            if index in bare:
                continue
            page = document.pages[index]
            shown = pdflines.glyphs(page.chars)
            yield _Page(
                index + 1,
                (float(page.width), float(page.height)),
                shown,
                list(_pictures(page)),
                pdftables.tables_of(page, index + 1, shown),
            )
            page.close()


def _pictures(page: Any) -> Iterator[tuple[str, Area]]:
    for image in page.images:
        if min(image["srcsize"]) >= pasted.ORNAMENT:
            digest = hashlib.sha256(image["stream"].rawdata or b"").hexdigest()
            yield digest, Area(image["x0"], image["top"], image["x1"], image["bottom"])


def _of_text(pages: Sequence[_Page]) -> list[Part]:
    """Return the documents of the pages that have text: forms, certificates, the rest as work material."""
    sheets = pdftables.joined([sheet for page in pages for sheet in page.sheets])
    found = find_forms([pdftables.table(sheet) for sheet in sheets])
    taken = _taken(found, sheets)
    texts = {page.number: _outside(page, taken.get(page.number, [])) for page in pages}
    if not found and (typed := from_text("\n".join(texts.values()))):
        return [typed]
    parts: list[Part] = [form.form for form in found]
    rest: list[str] = []
    pictures: set[str] = set()
    for page in pages:
        text = texts[page.number]
        certificate = _certificate(text) if page.number not in taken else None
        if certificate:
            parts.append(certificate)
            continue
        rest += _around(page, text, taken) if taken else text.split("\n")
        pictures |= _own_pictures(page, taken.get(page.number, []))
    if pages:
        work = material.work(rest, len(pictures - _repeated(pages)))
        if not parts or not material.is_little(work) or work.pictures:
            parts.append(work)
    return parts


def _around(page: _Page, text: str, taken: Mapping[int, Sequence[Area]]) -> list[str]:
    """Return the lines of a page of a document with forms; what comes before the first may be a cover."""
    first = min(taken)
    if page.number > first:
        return material.besides_form(text.split("\n"))
    if page.number < first:
        return material.cover(text.split("\n"))
    areas = taken[first]
    top = min(area.top for area in areas)
    above = _outside(page, [Area(0, top, *page.size)])
    below = _outside(page, [*areas, Area(0, 0, page.size[0], top)])
    return [*material.cover(above.split("\n")), *material.besides_form(below.split("\n"))]


def _taken(found: Sequence[Found], sheets: Sequence[pdftables.Sheet]) -> dict[int, list[Area]]:
    """Return the places on each page that forms lie on."""
    places: dict[int, list[Area]] = {}
    for form in found:
        for index in form.tables:
            for number, area in sheets[index].areas.items():
                places.setdefault(number, []).append(area)
    return places


def _certificate(text: str) -> Qualification | Honour | None:
    return licence.from_lines(text.split("\n")) if count_words(text) < _CERTIFICATE_TEXT else None


def _outside(page: _Page, taken: Sequence[Area]) -> str:
    """Return the text of a page outside `taken`, as paragraphs."""
    shown = [glyph for glyph in page.glyphs if not any(area.holds(glyph) for area in taken)]
    lines = pdflines.lines(shown)
    if not lines:
        return ""
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    return pdflines.paragraphs(lines, Area(left - 2, 0, right + 2, page.size[1]))


def _own_pictures(page: _Page, taken: Sequence[Area]) -> set[str]:
    return {
        digest
        for digest, place in page.pictures
        if not any(
            area.x0 <= (place.x0 + place.x1) / 2 < area.x1
            and area.top <= (place.top + place.bottom) / 2 < area.bottom
            for area in taken
        )
    }


def _repeated(pages: Sequence[_Page]) -> set[str]:
    """Return the pictures that most pages show: a letterhead, not the case."""
    counts: dict[str, int] = {}
    for page in pages:
        for digest in {digest for digest, _ in page.pictures}:
            counts[digest] = counts.get(digest, 0) + 1
    return {digest for digest, count in counts.items() if count > 2 and count * 2 > len(pages)}
