"""Pages that plain text stands on, read by pdfium alone: without rules they hold no table to be taken apart.

Their glyphs have the places that pdfminer would give them, at a tenth of its time. What it might read
otherwise (turned or symbol text, private signs, forms within the page) is left to it: the answer is None.
"""

import ctypes
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pypdfium2 import PdfiumError, raw

from parsers import pdflines, symbols
from parsers.pdflines import Area, Glyph

_SHORTEST_RULE = 3.0  # points: what is no taller is no side of a cell
_SEGMENTS_OF_A_TABLE = 7  # a rectangle and a rule across it
_KINDS = frozenset({raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE})
_NO_SIGNS = (
    range(0x20),
    range(0xD800, 0xF900),
    range(0xFFF0, 0x10000),
)  # controls, halves of signs, private signs
_LONGEST_NAME = 256
_CENTIMETRE = 72 / 2.54  # points


class Plain(NamedTuple):
    """What a page shows: its size in points, its glyphs, and its pictures by digest and place."""

    size: tuple[float, float]
    glyphs: list[Glyph]
    pictures: list[tuple[str, Area]]


class _Face(NamedTuple):
    """What the signs of one text have in common: the name of their font, their size, and how deep they reach."""

    font: str
    size: float
    depth: float


def read(page: Any, least_side: int) -> Plain | None:
    """Return what pdfium's `page` shows, pictures of `least_side` pixels and more; None if it is not plain."""
    try:
        return _read(page, least_side)
    except PdfiumError:  # something on it is damaged
        return None


def _read(page: Any, least_side: int) -> Plain | None:
    drawn = list(page.get_objects(max_depth=1))
    if page.get_rotation() or any(each.type not in _KINDS for each in drawn) or _may_hold_table(drawn):
        return None
    width, height = page.get_size()
    shown = _glyphs(page, height)
    if shown is None:
        return None
    return Plain((width, height), shown, list(pictures(images(page), least_side, height)))


def _may_hold_table(drawn: Sequence[Any]) -> bool:
    paths = [each for each in drawn if each.type == raw.FPDF_PAGEOBJ_PATH]
    bounds = [each.get_bounds() for each in paths]
    upright = any(top - bottom >= _SHORTEST_RULE for _, bottom, _, top in bounds)
    return upright and sum(raw.FPDFPath_CountSegments(each.raw) for each in paths) >= _SEGMENTS_OF_A_TABLE


def _glyphs(page: Any, height: float) -> list[Glyph] | None:
    text = page.get_textpage()
    faces: dict[int, _Face | None] = {}
    found: list[dict[str, Any]] = []
    try:
        for at in range(raw.FPDFText_CountChars(text.raw)):
            if raw.FPDFText_IsGenerated(text.raw, at) == 1:
                continue  # a space or line end that pdfium puts between what stands apart
            one = _character(text.raw, at, height, faces)
            if one is None:
                return None
            found.append(one)
    finally:
        text.close()
    return pdflines.glyphs(found)


def _character(text: Any, at: int, height: float, faces: dict[int, _Face | None]) -> dict[str, Any] | None:
    """Return the sign at `at` as pdfplumber describes it."""
    code = raw.FPDFText_GetUnicode(text, at)
    drawn = raw.FPDFText_GetTextObject(text, at)
    key = ctypes.addressof(drawn.contents) if drawn else 0
    if key not in faces:
        faces[key] = _face(drawn) if drawn else None
    face = faces[key]
    box, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    placed = raw.FPDFText_GetLooseCharBox(text, at, box) and raw.FPDFText_GetCharOrigin(text, at, x, y)
    if face is None or not placed or any(code in signs for signs in _NO_SIGNS):
        return None
    bottom = height - y.value - face.depth
    return {
        "text": chr(code),
        "fontname": face.font,
        "upright": True,
        "x0": box.left,
        "x1": box.right,
        "top": bottom - face.size,
        "bottom": bottom,
    }


def _face(drawn: Any) -> _Face | None:
    """Return the face of a text that stands upright in a font of letters, else None."""
    matrix, size, depth = raw.FS_MATRIX(), ctypes.c_float(), ctypes.c_float()
    name = ctypes.create_string_buffer(_LONGEST_NAME)
    font = raw.FPDFTextObj_GetFont(drawn)
    told = (
        font
        and raw.FPDFPageObj_GetMatrix(drawn, matrix)
        and raw.FPDFTextObj_GetFontSize(drawn, size)
        and raw.FPDFFont_GetDescent(font, 1.0, depth)
        and raw.FPDFFont_GetBaseFontName(font, name, _LONGEST_NAME)
    )
    if not told or matrix.b or matrix.c or matrix.a <= 0 or matrix.d <= 0:
        return None
    font_name = name.value.decode("utf-8", "replace")
    if symbols.is_symbol_font(pdflines.family(font_name)):
        return None
    tall = size.value * matrix.d
    return _Face(font_name, tall, depth.value * tall)


def images(page: Any, depth: int = 1) -> list[Any]:
    """Return the images of pdfium's `page`, those in forms within it too if `depth` is more."""
    return list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=depth))


def pictures(shown: Sequence[Any], least_side: int, height: float) -> Iterator[tuple[str, Area]]:
    """Yield those of a page's images that show something, by digest and place; the page is `height` points high."""
    for image in shown:
        left, bottom, right, top = image.get_bounds()
        place = Area(left, height - top, right, height - bottom)
        if min(image.get_px_size()) >= least_side and not decorates(place):
            yield digest(image), place


def decorates(place: Area) -> bool:
    """Tell whether a picture shown in `place` is an ornament: less than a centimetre either way."""
    return min(place.x1 - place.x0, place.bottom - place.top) < _CENTIMETRE


def digest(image: Any) -> str:
    """Return what names pdfium's `image` within its file: the digest of its bytes as they lie there."""
    return hashlib.sha256(image.get_data(decode_simple=False)).hexdigest()
