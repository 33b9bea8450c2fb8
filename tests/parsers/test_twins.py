"""The same picture counts once however it was saved; different ones never become one."""

import io
from collections.abc import Sequence

import pytest
from PIL import Image

from parsers import glance, twins
from tests.build import facts, licences, pictures, scans

PHOTO = pictures.photo(1, size=(1600, 1067))


def count(files: Sequence[bytes]) -> int:
    return twins.count([glance.at(data) for data in files])


def again(data: bytes, *, share: float = 1.0, format_: str = "JPEG", quality: int = 60) -> bytes:
    """Return a picture saved anew in `share` of its size."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    smaller = picture.resize((round(picture.width * share), round(picture.height * share)))
    file = io.BytesIO()
    smaller.save(file, format_, quality=quality)
    return file.getvalue()


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param(again(PHOTO, quality=30), id="saved again, poorly"),
        pytest.param(again(PHOTO, share=0.5), id="half as large"),
        pytest.param(again(PHOTO, share=0.3, quality=80), id="a third as large"),
        pytest.param(again(PHOTO, format_="PNG"), id="as PNG"),
        pytest.param(again(PHOTO, format_="BMP", share=1.2), id="larger, as BMP"),
    ],
)
def test_a_copy_is_no_other_picture(copy: bytes) -> None:
    assert count([PHOTO, copy]) == 1
    assert count([copy, pictures.photo(2), PHOTO]) == 2


def test_different_pictures_stay_apart() -> None:
    photos = [pictures.photo(number, size=(480, 320)) for number in range(40)]
    assert count(photos) == 40
    pages = [scans.form_pages(facts.applicant(number))[0] for number in range(3)]
    assert count(pages) == 3
    papers = [licences.as_png(facts.applicant(number)).data for number in range(3)]
    assert count(papers) == 3


def test_a_cut_picture_is_another() -> None:
    picture = Image.open(io.BytesIO(PHOTO))
    file = io.BytesIO()
    picture.crop((0, 0, 1600, 800)).save(file, "JPEG")
    assert count([PHOTO, file.getvalue()]) == 2


def test_what_cannot_be_opened_counts() -> None:
    assert count([]) == 0
    assert count([b"EMF"]) == 1
    assert count([b"EMF", b"another EMF", PHOTO]) == 3


def test_more_than_are_compared_all_count() -> None:
    small = pictures.photo(1, size=(90, 90))
    assert count([small] * (twins.MOST_COMPARED + 5)) == 6
