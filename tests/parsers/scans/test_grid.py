"""The rules of a table, solid or faint, dashed or dotted."""

import itertools

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

from parsers.ocr import Image
from parsers.scans import grid
from tests.build import fonts

ROWS, COLUMNS = (80, 140, 186, 260, 420), (80, 260, 560, 760, 1120)
ALL = (len(ROWS) - 1) * (len(COLUMNS) - 1)


def ruled(*, dash: int = 0, ink: int = 30, grain: float = 0.0) -> Image:
    """A table of 4 x 4 cells on a page of 1200 x 1600 pixels, in dashes as long as their gaps."""
    page = np.full((1600, 1200), 250, np.float32)
    for y, (left, right) in itertools.product(
        ROWS, itertools.pairwise(range(COLUMNS[0], COLUMNS[-1] + 1, dash or 1040))
    ):
        if not dash or (left - COLUMNS[0]) // dash % 2 == 0:
            page[y : y + 2, left : right + (not dash)] = ink
    for x, (top, bottom) in itertools.product(
        COLUMNS, itertools.pairwise(range(ROWS[0], ROWS[-1] + 1, dash or 340))
    ):
        if not dash or (top - ROWS[0]) // dash % 2 == 0:
            page[top : bottom + (not dash), x : x + 2] = ink
    page += np.random.default_rng(7).normal(0, grain, page.shape) if grain else 0
    return np.repeat(np.clip(page, 0, 255).astype(np.uint8)[..., np.newaxis], 3, axis=2)


def written(page: Image, text: str) -> Image:
    """`page` with `text` in a low row, from rule to rule."""
    paper = Pillow.fromarray(page)
    ImageDraw.Draw(paper).text((280, 144), text, font=fonts.sized(26), fill=(30, 30, 30))
    return np.asarray(paper, np.uint8)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(ruled(), id="solid"),
        pytest.param(ruled(dash=8), id="dashes"),
        pytest.param(ruled(dash=3), id="dots"),
        pytest.param(ruled(ink=232, grain=2.0), id="faint"),
        pytest.param(written(ruled(dash=8), "1l1I1 1111"), id="digits like rules between dashes"),
    ],
)
def test_every_cell_is_found(page: Image) -> None:
    (cells,) = grid.tables(page)
    assert len(cells) == ALL
    assert {(cell.rowspan, cell.colspan) for cell in cells} == {(1, 1)}


def test_dashes_are_wiped_out_and_letters_stay() -> None:
    page = written(ruled(dash=8), "亳州")
    bare = grid.without_rules(page, grid.tables(page))
    assert (bare[78:84, 300:500] == 255).all()
    assert (bare[150:180, 280:332] < 100).any()


def test_a_page_of_text_has_no_table() -> None:
    paper = Pillow.new("RGB", (1200, 1600), "white")
    pen = ImageDraw.Draw(paper)
    for row in range(30):
        pen.text(
            (100, 80 + 48 * row), "亳州市三二一工作取得明显成效一一" * 2, font=fonts.sized(30), fill="black"
        )
    assert grid.tables(np.asarray(cv2.GaussianBlur(np.asarray(paper), (0, 0), 0.7), np.uint8)) == ()
