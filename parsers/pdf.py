"""PDF documents: forms, certificates and work material of their text, pages without text as pictures."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pypdfium2
from pypdfium2 import raw

from parsers import material, pasted, pdflines, pdfpages, pdfpictures, pdftables, picture, secrecy
from parsers.documents import Facts, Form, Honour, Part, Picture, Qualification, Unreadable, Why, Work
from parsers.form import Found, find_forms, from_text
from parsers.garble import is_garbled
from parsers.licences import licence
from parsers.pdflines import Area
from parsers.pdfpages import Page
from parsers.seals import stamped
from parsers.text import count_words

MAX_PAGES = 60
_DPI = 200
_LONGEST_SIDE = 2600  # pixels of a rendered page
_ALMOST_NO_TEXT = 5  # signs
_CERTIFICATE_TEXT = 600  # 字
_PASSWORD = raw.FPDF_ERR_PASSWORD


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
        pages = pdfpages.of(data, leaves, bare)
    except pdfpages.BROKEN:
        pages = []
        bare = [index for index, leaf in enumerate(leaves) if _has_content(leaf)]
    scanned, mere = _read(document, bare) if bare else ((), {})
    shown = [pdfpages.of_pictures(leaves[number - 1], number) for number in mere]
    read = [_stamped(part, document) for part in _of_text([*pages, *shown], leaves)]
    parts = pasted.merged([*read, *scanned])
    if mere and len(parts) == 1 and isinstance(parts[0], Work) and not parts[0].words:
        parts = tuple(itertools.islice(itertools.cycle(mere.values()), parts[0].pictures))
    parts += secrecy.found([_outside(page, []).split("\n") for page in pages if _may_bear_mark(page)])
    return parts or (Unreadable(why=Why.CORRUPT, note="PDF没有可以读取的内容"),)


def _may_bear_mark(page: Page) -> bool:
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


def _read(document: Any, bare: Sequence[int]) -> tuple[tuple[Part, ...], Mapping[int, Picture]]:
    shown = [_rendered(document[index]) for index in bare]
    return picture.documents(shown, [index + 1 for index in bare])


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


def _of_text(pages: Sequence[Page], leaves: Sequence[Any]) -> list[Part]:
    """Return the documents of the pages that have text: forms, certificates, the rest as work material."""
    sheets = pdftables.joined([sheet for page in pages for sheet in page.sheets])
    found = find_forms([pdftables.table(sheet) for sheet in sheets])
    taken = _taken(found, sheets)
    texts = {page.number: _outside(page, taken.get(page.number, [])) for page in pages}
    if not found and (typed := from_text("\n".join(texts.values()))):
        return _and_work([typed], [], *pdfpictures.told(leaves, pages))
    parts: list[Part] = [form.form for form in found]
    rest: list[str] = []
    of_case: list[Page] = []
    for page in pages:
        text = texts[page.number]
        certificate = _certificate(text) if page.number not in taken else None
        if certificate:
            parts.append(certificate)
            continue
        rest += _around(page, text, taken) if taken else text.split("\n")
        of_case.append(page._replace(pictures=_own_pictures(page, taken.get(page.number, []))))
    return _and_work(parts, rest, *pdfpictures.told(leaves, of_case)) if pages else parts


def _and_work(
    parts: Sequence[Part], lines: Sequence[str], papers: Sequence[Part], pictures: int
) -> list[Part]:
    """Return `parts` and the `papers` among the pictures, and the rest as work material if it says anything."""
    work = material.work(lines, pictures)
    others = [*parts, *papers]
    return others if others and material.is_little(work) and not work.pictures else [*others, work]


def _around(page: Page, text: str, taken: Mapping[int, Sequence[Area]]) -> list[str]:
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


def _outside(page: Page, taken: Sequence[Area]) -> str:
    """Return the text of a page outside `taken`, as paragraphs."""
    shown = [glyph for glyph in page.glyphs if not any(area.holds(glyph) for area in taken)]
    lines = pdflines.lines(shown)
    if not lines:
        return ""
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    return pdflines.paragraphs(lines, Area(left - 2, 0, right + 2, page.size[1]))


def _own_pictures(page: Page, taken: Sequence[Area]) -> list[tuple[str, Area]]:
    return [
        (digest, place)
        for digest, place in page.pictures
        if not any(
            area.x0 <= (place.x0 + place.x1) / 2 < area.x1
            and area.top <= (place.top + place.bottom) / 2 < area.bottom
            for area in taken
        )
    ]
