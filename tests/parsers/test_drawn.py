"""Pages drawn with what was read on them."""

import io

import numpy as np
import pytest
from PIL import Image

from parsers import drawn
from parsers.documents import FIELDS, Box, Facts, Form, Picture, Qualification, Reading, Seals, Stamp
from tests.build import facts as made
from tests.build import forms, pdfs

SURE = 0.9
BOX = Box(page=1, left=100, top=200, right=500, bottom=300)
PAPER = Qualification(document="营业执照", name="亳州市文化馆", places={"name": BOX})


def page(width: int = 400, height: int = 600, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, kind)
    return buffer.getvalue()


def shown(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def form() -> Form:
    readings = {key: Reading() for key in FIELDS} | {
        "name": Reading(value="亳州文化", confidence=0.5, box=BOX),
        "organizer": Reading(value="亳州市文化馆", box=BOX),
        "phone": Reading(box=BOX),
    }
    stamp = Stamp(cell="recommendation", text="亳州市文化馆", confidence=0.8, box=BOX)
    return Form(
        readings=readings,
        ticked=("other",),
        seals=Seals(recommendation=1, unsure=("city_opinion",), stamps=(stamp,)),
    )


def test_everything_with_a_place_is_listed() -> None:
    found = list(drawn.items(Facts(reader="ocr", parts=(form(), PAPER, Picture(width=1, height=1))), SURE))
    assert [(one.key, one.value) for one in found] == [
        ("name", "亳州文化"),
        ("organizer", "亳州市文化馆"),
        ("phone", None),
        ("seal in recommendation", "亳州市文化馆"),
        ("name", "亳州市文化馆"),
    ]
    assert len({one.colour for one in found[:4]}) == 4  # unsure, sure, empty, seal


def test_a_box_stands_where_its_value_was_read() -> None:
    (only,) = drawn.draw(page(), "证.png", Facts(reader="ocr", parts=(PAPER,)), SURE)
    picture = np.asarray(shown(only))
    assert tuple(picture[150, 40]) == tuple(picture[150, 200]) != (255, 255, 255)
    assert tuple(picture[150, 220]) == (255, 255, 255)
    assert picture.shape[1] > 400


def test_a_form_is_drawn_with_its_list() -> None:
    (only,) = drawn.draw(page(kind="JPEG"), "申报表.jpg", Facts(reader="ocr", parts=(form(),)), SURE)
    assert (np.asarray(shown(only))[:, 400:] < 128).any()


def test_each_page_of_a_pdf_is_a_picture() -> None:
    who = made.applicant(1, summary_words=1400)
    data = pdfs.form(who).data
    pages = drawn.draw(data, "申报表.pdf", Facts(reader="pdf", parts=(form(),)), SURE)
    assert len(pages) > 1
    assert max(shown(pages[0]).size) >= 1600


@pytest.mark.parametrize(
    ("data", "name"),
    [
        pytest.param(forms.blank().data, "空表.docx", id="a Word file"),
        pytest.param(page()[:60], "断.png", id="a damaged picture"),
        pytest.param(b"%PDF-1.4 broken", "断.pdf", id="a damaged PDF"),
    ],
)
def test_what_has_no_pages_is_not_drawn(data: bytes, name: str) -> None:
    assert drawn.draw(data, name, Facts(reader="docx", parts=(form(),)), SURE) == []
