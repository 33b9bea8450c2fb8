"""Pictures in a PDF: each counts once, ornaments and letterheads not at all, and papers among them are read."""

import io
from collections.abc import Sequence

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from parsers.documents import Facts, Picture, Qualification, Work
from parsers.pdf import read_pdf
from tests.build import facts, licences, pictures, sheet

WHO = facts.applicant(5, county="涡阳县")
WORDS = "Our case, told in a few lines. " * 3
PHOTOS = [pictures.photo(number, size=(900, 600)) for number in range(4)]
Place = tuple[float, float, float, float]
Shown = tuple[bytes, Place]
LARGE: tuple[Place, ...] = ((60, 560, 300, 200), (60, 320, 300, 200), (60, 80, 300, 200))
HEAD: Place = (60, 790, 90, 40)


def paper(*pages: tuple[str, Sequence[Shown]], ruled: bool = False) -> bytes:
    """Return a PDF of `pages`: a line of words, and pictures by left, bottom, width and height in points."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=sheet.PAGE, invariant=1)
    for words, shown in pages:
        canvas.drawString(60, 770, words)
        for data, place in shown:
            canvas.drawImage(ImageReader(io.BytesIO(data)), *place, mask="auto")
        if ruled:
            canvas.grid([400, 450, 500], [100, 150, 200])
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def again(data: bytes, share: float, quality: int, format_: str = "JPEG") -> bytes:
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    file = io.BytesIO()
    small = picture.resize((round(picture.width * share), round(picture.height * share)))
    small.save(file, format_, quality=quality)
    return file.getvalue()


def counted(data: bytes) -> int:
    return sum(part.pictures if isinstance(part, Work) else 1 for part in mere(read_pdf(data)))


def mere(found: Facts) -> list[Work | Picture]:
    return [part for part in found.parts if isinstance(part, Work | Picture)]


@pytest.mark.parametrize("ruled", [False, True], ids=["by pdfium", "by pdfplumber"])
def test_a_copy_is_no_other_picture_however_it_was_saved(*, ruled: bool) -> None:
    copies = [again(PHOTOS[0], 1, 40), again(PHOTOS[0], 0.5, 80), again(PHOTOS[0], 0.7, 0, "PNG")]
    shown = list(zip([PHOTOS[0], *copies[:2]], LARGE, strict=True))
    assert counted(paper((WORDS, shown), (WORDS, [(copies[2], LARGE[0])]), ruled=ruled)) == 1
    others = list(zip(PHOTOS[1:], LARGE, strict=True))
    assert counted(paper((WORDS, shown), (WORDS, others), ruled=ruled)) == 4


def test_a_copy_on_a_page_without_words_is_none_either() -> None:
    pages = (WORDS, [(PHOTOS[0], LARGE[0])]), ("", [(again(PHOTOS[0], 1, 40), LARGE[1])])
    assert counted(paper(*pages)) == 1


@pytest.mark.parametrize("ruled", [False, True], ids=["by pdfium", "by pdfplumber"])
def test_a_picture_shown_tiny_decorates(*, ruled: bool) -> None:
    shown = [(PHOTOS[0], LARGE[0]), (PHOTOS[1], (60.0, 300.0, 40.0, 27.0)), (PHOTOS[2], LARGE[2])]
    assert counted(paper((WORDS, shown), ruled=ruled)) == 2


def test_a_picture_in_one_place_on_several_pages_is_a_letterhead() -> None:
    logo = pictures.logo(200)
    pages = [(WORDS, [(logo, HEAD), (PHOTOS[number], LARGE[0])]) for number in range(2)]
    assert counted(paper(*pages)) == 2
    assert counted(paper((WORDS, [(PHOTOS[0], LARGE[0])]), (WORDS, [(PHOTOS[0], LARGE[1])]))) == 1


@pytest.mark.parametrize("words", [WORDS, ""], ids=["after words", "alone"])
def test_pictures_that_stand_apart_on_a_page_without_words_count_each(words: str) -> None:
    photos = ("", list(zip(PHOTOS[:3], LARGE, strict=True)))
    assert counted(paper((words, []), photos) if words else paper(photos)) == 3


def test_strips_of_one_picture_are_one() -> None:
    picture = Image.open(io.BytesIO(PHOTOS[0]))
    strips = [picture.crop((0, top, 900, top + 200)) for top in (0, 200, 400)]
    files = [io.BytesIO() for _ in strips]
    for strip, file in zip(strips, files, strict=True):
        strip.save(file, "PNG")
    shown = [(file.getvalue(), (60.0, 500.0 - at * 100, 450.0, 100.0)) for at, file in enumerate(files)]
    assert counted(paper((WORDS, []), ("", shown))) == 1


def test_a_licence_under_a_heading_is_read_and_is_no_picture_of_the_case() -> None:
    scan = licences.as_png(WHO).data
    shown = list(zip(PHOTOS, LARGE, strict=False))
    found = read_pdf(paper((WORDS, shown), ("Annex: our licence", [(scan, (60, 200, 470, 330))])))
    names = [part.name for part in found.parts if isinstance(part, Qualification)]
    assert names == [WHO.fields.organizer]
    assert [part.pictures for part in found.parts if isinstance(part, Work)] == [3]


def test_more_pictures_than_are_compared_all_count() -> None:
    photos = [pictures.photo(number, size=(96, 64)) for number in range(63)]
    places = [(60.0 + number % 7 * 70, 40.0 + number // 7 * 70, 60.0, 40.0) for number in range(63)]
    assert counted(paper((WORDS, list(zip(photos, places, strict=True))))) == 63
