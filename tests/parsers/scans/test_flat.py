"""Pages photographed aslant and in uneven light, set right by their own lines."""

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

from parsers import picture, view
from parsers.documents import FIELDS, Form
from parsers.ocr import Image
from parsers.scans import flat, grid
from tests.build import facts, scans
from tests.build.camera import Shot, photo


def table() -> Image:
    """A page with a table of three rows and columns, 700 x 1000."""
    page = Pillow.new("RGB", (700, 1000), "white")
    pen = ImageDraw.Draw(page)
    for at in range(4):
        pen.line((100, 150 + 200 * at, 600, 150 + 200 * at), fill="black", width=2)
        pen.line((100 + at * 500 // 3, 150, 100 + at * 500 // 3, 750), fill="black", width=2)
    return np.asarray(page, np.uint8)[:, :, ::-1].copy()


@pytest.mark.parametrize("slant", [0.03, 0.08, 0.12])
def test_a_table_seen_aslant_is_square_again(slant: float) -> None:
    seen = flat.flattened(view.of(photo(table(), Shot(slant=slant))))
    (cells,) = grid.tables(flat.evened(seen.image))
    assert len(cells) == 9
    for column in range(3):
        lefts = [cell.box[0] for cell in cells if cell.column == column]
        tops = [cell.box[1] for cell in cells if cell.row == column]
        assert max(np.ptp(lefts), np.ptp(tops)) <= 6


def test_an_upright_page_is_not_drawn_anew() -> None:
    page = view.of(table())
    assert flat.flattened(page) is page


def test_boxes_lead_back_into_the_photo() -> None:
    shot = photo(table(), Shot(slant=0.1))
    seen = flat.flattened(view.of(shot))
    (cells,) = grid.tables(flat.evened(seen.image))
    box = view.box(seen, tuple(map(float, cells[4].box)), 1)  # type: ignore[arg-type]  # four of them
    height, width = shot.shape[:2]
    inner = shot[box.top * height // 1000 : box.bottom * height // 1000, box.left * width // 1000 :]
    assert inner[:, : (box.right - box.left) * width // 1000].min() < 100


def test_a_shadow_is_lifted_and_even_paper_left_alone() -> None:
    page = table()
    assert flat.evened(page) is page
    dim = photo(page, Shot(slant=0.0, shade=0.6))
    lifted = flat.evened(dim)
    paper = cv2.cvtColor(lifted, cv2.COLOR_BGR2GRAY)[300:320, 150:700]
    assert np.percentile(paper, 10) > 225


def test_a_photo_of_a_form_on_its_side_gives_every_field() -> None:
    who = facts.applicant(4, kind="website", unit="company")
    page = cv2.imdecode(np.frombuffer(scans.form_pages(who)[0], np.uint8), cv2.IMREAD_COLOR)
    assert page is not None
    (form, *_) = picture.read_pages([photo(np.asarray(page, np.uint8), Shot(turns=1))])
    assert isinstance(form, Form)
    further = {"county_opinion", "county_opinion_date", "city_opinion"}
    wanted = {key: getattr(who.fields, key) for key in FIELDS if key not in further}
    assert {key: form.value(key) for key in wanted} == wanted
    name = form.readings["name"].box
    assert name is not None
    # the first row of an upright form, its second column, on a page that lies on its left side
    assert (name.left < 300, 500 < name.bottom < 900) == (True, True)
