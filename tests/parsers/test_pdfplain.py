"""What pdfium alone reads is what pdfplumber would read; what it might read otherwise it leaves to it."""

import io
from collections.abc import Callable

import pdfplumber
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from parsers import pdflines, pdfplain
from parsers.pdf import read_pdf
from parsers.pdflines import Glyph
from tests.build import facts, licences, pdfs, work

NEAR = 0.05  # points
NEAR_OUTSIDE = 0.3  # for a font that does not lie in the file: each library has its own idea of it
LEAST = 64


def both(data: bytes) -> list[tuple[pdfplain.Plain | None, list[Glyph], list[float]]]:
    """Return for each page what pdfium says, and the glyphs and places of pictures that pdfplumber gives."""
    document = pypdfium2.PdfDocument(data)
    with pdfplumber.open(io.BytesIO(data)) as opened:
        found = [
            (
                pdfplain.read(document[index], LEAST),
                pdflines.glyphs(page.chars),
                [image[side] for image in page.images for side in ("x0", "top", "x1", "bottom")],
            )
            for index, page in enumerate(opened.pages)
        ]
    document.close()
    return found


def drawn(draw: Callable[[Canvas], object]) -> bytes:
    """Return a PDF of one page with a line of text on which `draw` has drawn too."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    canvas.drawString(72, 700, "Bozhou 0558-5556782")
    draw(canvas)
    canvas.save()
    return buffer.getvalue()


def plain(data: bytes) -> pdfplain.Plain | None:
    return both(data)[0][0]


def agrees(data: bytes, near: float = NEAR) -> None:
    for read, glyphs, pictures in both(data):
        assert read is not None
        assert [one.text for one in read.glyphs] == [one.text for one in glyphs]
        for one, other in zip(read.glyphs, glyphs, strict=True):
            assert one[1:] == pytest.approx(other[1:], abs=near)
        assert [edge for _, area in read.pictures for edge in area] == pytest.approx(pictures, abs=near)


@settings(max_examples=8, deadline=None)
@given(number=st.integers(0, 400), kind=st.sampled_from(list(licences.PATTERNS)))
def test_a_certificate_has_the_glyphs_that_pdfplumber_finds(number: int, kind: str) -> None:
    agrees(licences.as_text_pdf(facts.applicant(number), kind).data)


@settings(max_examples=5, deadline=None)
@given(words=st.integers(40, 1500), pictures=st.integers(0, 4), seed=st.integers(0, 99))
def test_so_has_work_material_of_several_pages(words: int, pictures: int, seed: int) -> None:
    agrees(pdfs.work(work.Work(words=words, pictures=pictures, seed=seed)))


def _skewed(canvas: Canvas) -> None:
    canvas.skew(0, 12)
    canvas.drawString(72, 500, "aslant")


def _turned(canvas: Canvas) -> None:
    canvas.rotate(90)
    canvas.drawString(300, -300, "turned")


def _within(canvas: Canvas) -> None:
    canvas.beginForm("inner")
    canvas.drawString(72, 400, "within")
    canvas.endForm()
    canvas.doForm("inner")


def _symbols(canvas: Canvas) -> None:
    canvas.setFont("Symbol", 12)
    canvas.drawString(72, 600, "α")


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(_symbols, id="symbols"),
        pytest.param(lambda canvas: canvas.grid([72, 200, 400], [300, 350, 400]), id="a table"),
        pytest.param(
            lambda canvas: (canvas.rect(72, 300, 200, 80), canvas.line(150, 300, 150, 380)), id="two cells"
        ),
        pytest.param(
            lambda canvas: [canvas.rect(72, y, 200, 30, fill=1) for y in (300, 330)], id="filled boxes"
        ),
        pytest.param(lambda canvas: canvas.setPageRotation(90), id="a page on its side"),
        pytest.param(_turned, id="turned text"),
        pytest.param(_skewed, id="slanted text"),
        pytest.param(_within, id="a form within the page"),
    ],
)
def test_what_may_hold_more_is_left_to_pdfplumber(draw: Callable[[Canvas], object]) -> None:
    assert plain(drawn(draw)) is None


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(lambda canvas: canvas.line(72, 690, 400, 690), id="underlined"),
        pytest.param(
            lambda canvas: [canvas.line(72, y, 400, y) for y in range(100, 600, 20)], id="a ruled sheet"
        ),
        pytest.param(lambda canvas: canvas.rect(40, 40, 500, 760), id="framed"),
    ],
)
def test_rules_that_make_no_cells_are_no_table(draw: Callable[[Canvas], object]) -> None:
    agrees(drawn(draw), NEAR_OUTSIDE)


def test_a_table_on_one_page_sends_the_whole_file_to_pdfplumber() -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    canvas.drawString(72, 700, "first page")
    canvas.showPage()
    canvas.grid([72, 200, 400], [300, 350, 400])
    canvas.drawString(80, 310, "cell")
    canvas.drawString(80, 700, "second page")
    canvas.save()
    (part,) = read_pdf(buffer.getvalue()).parts
    assert "cell" in getattr(part, "text", "")
