"""The form and work material as PDF with a text layer, drawn by reportlab."""

import hashlib
import io
import random
from collections.abc import Mapping
from typing import Any

from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from tests.build import fonts, sheet
from tests.build.facts import Applicant
from tests.build.forms import Built
from tests.build.grid import Look
from tests.build.seals import seal
from tests.build.work import Work, parts, pictures_of

PLAIN = Look()
VARIANTS: Mapping[str, Look] = {
    "plain": PLAIN,
    "stamped": Look(stamps={"recommendation": 1}),
    "label and value in one cell": Look(joined=True),
    "spaced labels": Look(wording="spaced"),
    "reworded labels": Look(wording="reworded"),
    "ticked box": Look(tick="bracket-check"),
    "solid box": Look(tick="box-solid"),
    "rows in another order": Look(shuffled=True),
    "summary in the second cell": Look(halves="second"),
}


def form(who: Applicant, look: Look = PLAIN, name: str = "申报表.pdf") -> Built:
    """Return the ruled form of `who` as a text PDF; stamps asked for by `look` lie on it as pictures."""
    pages = sheet.pages(who, look)
    return Built(
        name=name,
        data=draw(pages),
        fields=who.fields,
        kind=who.kind,
        platform=who.platform,
        seals={**dict.fromkeys(("recommendation", "county_opinion", "city_opinion"), 0), **look.stamps}
        if look.stamps
        else None,
    )


def draw(pages: tuple[sheet.Page, ...]) -> bytes:
    """Return a PDF of `pages` with their text as text and the font embedded."""
    text = "".join(mark.text for page in pages for mark in page if isinstance(mark, sheet.Word))
    font = _register(text)
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=sheet.PAGE, invariant=1)
    for page in pages:
        canvas.setLineWidth(0.7)
        for mark in page:
            _draw(canvas, mark, font)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def work(want: Work) -> bytes:
    """Return work material as a text PDF of exactly its 字数 and pictures."""
    heading, paragraphs = parts(want)
    font = _register(heading + "".join(paragraphs))
    shown = pictures_of(want)
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=sheet.PAGE, invariant=1)
    y = 70.0
    for text, size in ((heading, 17.0), *((paragraph, 12.0) for paragraph in paragraphs)):
        indent = 0.0 if size > 12 else 24.0
        for at, line in enumerate(sheet.wrap(text, 450, size, indent)):
            y = _turned(canvas, y, size * 1.6)
            _draw(canvas, sheet.Word(72 + (0 if at else indent), y, size, line), font)
            y += size * 1.6
        if size <= 12 and shown:
            y = _picture(canvas, y, shown.pop())
    for picture in shown:
        y = _picture(canvas, y, picture)
    canvas.save()
    return buffer.getvalue()


def scanned(images: tuple[bytes, ...]) -> bytes:
    """Return a PDF whose pages are nothing but the given JPEG or PNG images."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for image in images:
        reader = ImageReader(io.BytesIO(image))
        wide, high = reader.getSize()
        size = (sheet.PAGE[0], sheet.PAGE[0] * high / wide) if high > wide else (842.0, 842.0 * high / wide)
        canvas.setPageSize(size)
        canvas.drawImage(reader, 0, 0, *size)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def encrypted(text: str = "申报表") -> bytes:
    """Return a PDF that asks for a password before it shows anything."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, encrypt="2022", invariant=1)
    _draw(canvas, sheet.Word(72, 72, 20, text), _register(text))
    canvas.save()
    return buffer.getvalue()


def _register(text: str) -> str:
    """Register a font of the signs of `text`; its name is theirs too, since reportlab keeps faces by name."""
    name = f"Shenbao{hashlib.sha256(''.join(sorted(set(text))).encode()).hexdigest()[:10]}"
    pdfmetrics.registerFont(TTFont(name, io.BytesIO(fonts.truetype(text, name))))
    return name


def _draw(canvas: Any, mark: sheet.Rule | sheet.Word | sheet.Stamp, font: str) -> None:
    high = canvas._pagesize[1]  # noqa: SLF001 -- reportlab tells the size of its page nowhere else
    match mark:
        case sheet.Rule(x0, y0, x1, y1):
            canvas.line(x0, high - y0, x1, high - y1)
        case sheet.Word(x, y, size, text, _):
            canvas.setFont(font, size)
            canvas.drawString(x, high - y - size * 0.36, text)
        case sheet.Stamp(x, y, name):
            picture = seal(name, 240).rotate(random.Random(name).uniform(-8, 8))
            canvas.drawImage(ImageReader(picture), x - 56, high - y - 56, 112, 112, mask="auto")


def _turned(canvas: Any, y: float, room: float) -> float:
    if y + room < sheet.PAGE[1] - 60:
        return y
    canvas.showPage()
    return 70.0


def _picture(canvas: Any, y: float, picture: bytes) -> float:
    y = _turned(canvas, y, 210)
    canvas.drawImage(ImageReader(io.BytesIO(picture)), 150, sheet.PAGE[1] - y - 195, 292, 195)
    return y + 215
