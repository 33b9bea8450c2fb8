"""Which way up a page is, whatever it holds."""

import cv2
import numpy as np
import pytest

from parsers import view
from parsers.documents import Box
from parsers.ocr import Image
from parsers.scans import upright
from tests.build import facts, honours, licences, scans

WHO = facts.applicant(3)


def array(data: bytes) -> Image:
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(decoded, np.uint8)


FORM, FURTHER = map(array, scans.form_pages(WHO, scanner=scans.Scanner(skew=2.5, dpi=110)))
LEANING = array(scans.form_pages(WHO, scanner=scans.Scanner(skew=-4, dpi=110))[0])
LICENCE = array(licences.certificate(WHO).data)
HONOUR = array(honours.paper(WHO).data)


@pytest.mark.parametrize(
    ("page", "turned"),
    [
        pytest.param(FORM, 0, id="an upright form"),
        pytest.param(FORM, 1, id="a form on its left side"),
        pytest.param(FURTHER, 2, id="a second page on its head"),
        pytest.param(LEANING, 1, id="a form on its left side, far askew"),
        pytest.param(LEANING, 3, id="a form on its right side, far askew"),
        pytest.param(LICENCE, 3, id="a licence on its right side"),
        pytest.param(LICENCE, 0, id="an upright licence"),
        pytest.param(HONOUR, 2, id="an honour on its head"),
        pytest.param(HONOUR, 1, id="an honour on its left side"),
    ],
)
def test_a_page_is_turned_by_its_letters(page: Image, turned: int) -> None:
    came = np.ascontiguousarray(np.rot90(page, turned))
    assert upright.turns(came) == -turned % 4
    assert (upright.upright(came) == page).all()


@pytest.mark.parametrize("shape", [(40, 30, 3), (400, 900, 3)])
def test_a_picture_without_letters_stays_as_it_is(shape: tuple[int, int, int]) -> None:
    assert upright.turns(np.full(shape, 200, np.uint8)) == 0


@pytest.mark.parametrize("turns", range(4))
def test_a_box_leads_back_to_the_page_as_it_came(turns: int) -> None:
    page = np.zeros((300, 200, 3), np.uint8)
    page[30:60, 20:60] = 255
    seen = view.turned(view.of(page), turns)
    rows, columns = np.nonzero(seen.image[:, :, 0])
    area = (columns.min(), rows.min(), columns.max(), rows.max())
    assert view.box(seen, area, 2) == Box(page=2, left=100, top=100, right=295, bottom=197)


def test_a_warped_page_leads_back_too() -> None:
    seen = view.warped(view.of(np.zeros((100, 100, 3), np.uint8)), np.diag([2.0, 2.0, 1.0]), (200, 200))
    assert view.box(seen, (20, 40, 100, 120), 1) == Box(page=1, left=100, top=200, right=500, bottom=600)
