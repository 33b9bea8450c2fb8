"""Seals counted on painted pages: well and badly inked, over each other, beside all that is red and none."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image as Pillow
from PIL import ImageDraw

from parsers.documents import FIELDS, Box, Form, Reading
from parsers.ocr import Image
from parsers.seals import redink, ring, seal, seal_names, stamped
from tests.build import fonts
from tests.build.impressions import OTHERS, REDS, SEALS, Impression, press

DPI = 100
SIZE = (827, 1169)
PLAIN = Impression(name="亳州市文化馆")
COUNTY = Impression(name="中共谯城区委网络安全和信息化委员会办公室")
CENTRE = (420, 520)
PAPER = (250, 249, 243)
WHOLE = (0.0, 0.0, float(SIZE[0]), float(SIZE[1]))


def page(
    *pressed: tuple[Impression, tuple[int, int]], paper: tuple[int, int, int] = PAPER, dpi: int = DPI
) -> Image:
    """Return a page with lines of black print and red things pressed on it, as a scanner gives it."""
    picture = Pillow.new("RGB", (SIZE[0] * dpi // DPI, SIZE[1] * dpi // DPI), "white")
    pen = ImageDraw.Draw(picture)
    for row in range(12):
        text = "该申报对象政治导向正确，运行规范，内容优质，同意推荐。"
        pen.text(
            (120, 200 + row * 60), text, font=fonts.sized(18), fill=(25, 25, 25), language=fonts.LANGUAGE
        )
    for number, (one, spot) in enumerate(pressed):
        press(picture, one, spot, dpi, seed=number)
    shades = np.asarray(picture, np.float32)[:, :, ::-1] * np.array(paper[::-1], np.float32) / 255
    grain = np.random.default_rng(5).normal(0, 3, shades.shape)
    noisy = np.clip(shades + grain, 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 70])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


def counted(image: Image) -> int:
    return seal.count(seal.on(image), WHOLE)


@pytest.mark.parametrize("kind", SEALS)
@pytest.mark.parametrize("ink", REDS)
def test_one_seal_is_one_whatever_its_shape_and_ink(kind: str, ink: str) -> None:
    assert counted(page((replace(PLAIN, kind=kind, ink=REDS[ink]), CENTRE))) == 1


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(replace(PLAIN, strength=0.4), id="faint"),
        pytest.param(replace(PLAIN, worn=0.7), id="unevenly inked"),
        pytest.param(replace(PLAIN, lost=0.3, side=40), id="a third did not touch"),
        pytest.param(replace(PLAIN, turn=35), id="turned"),
        pytest.param(replace(PLAIN, turn=180), id="upside down"),
        pytest.param(replace(PLAIN, wide=34), id="small"),
        pytest.param(replace(PLAIN, wide=52), id="large"),
        pytest.param(replace(COUNTY, below="3416000012345"), id="a long name and a number"),
    ],
)
def test_one_seal_is_one_however_it_was_pressed(one: Impression) -> None:
    assert counted(page((one, CENTRE))) == 1


@pytest.mark.parametrize(
    "paper",
    [
        pytest.param((250, 249, 240), id="yellowish"),
        pytest.param((225, 238, 250), id="bluish"),
        pytest.param((245, 215, 180), id="lamplight"),
        pytest.param((170, 165, 160), id="dim"),
    ],
)
def test_the_colour_of_paper_and_light_does_not_matter(paper: tuple[int, int, int]) -> None:
    assert counted(page((PLAIN, CENTRE), paper=paper)) == 1
    assert seal.on(page(paper=paper)) == ()


@pytest.mark.parametrize("apart", [160, 130, 100, 80])
def test_seals_over_each_other_are_told_apart(apart: int) -> None:
    assert counted(page((PLAIN, CENTRE), (COUNTY, (CENTRE[0] + apart, CENTRE[1] + 20)))) == 2


@pytest.mark.parametrize(("turn", "apart"), [(40, 90), (125, 130)])
def test_ovals_turned_any_way_over_a_seal_are_one_each(turn: float, apart: int) -> None:
    oval = replace(PLAIN, kind="oval", turn=turn)
    assert counted(page((oval, CENTRE), (COUNTY, (CENTRE[0] + apart, CENTRE[1] + 20)))) == 2


def test_a_worn_seal_beside_a_strong_one_is_counted() -> None:
    worn = replace(PLAIN, kind="starless", ink=REDS["faded"], worn=0.5)
    oval = replace(PLAIN, kind="oval", wide=38, turn=35)
    assert counted(page((oval, CENTRE), (worn, (CENTRE[0] + 110, CENTRE[1])))) == 2


def test_a_registrys_frame_beside_seals_is_none_of_them() -> None:
    frame = replace(PLAIN, kind="received", name="李明", wide=50)
    pressed = ((frame, (190, 430)), (replace(PLAIN, kind="oval", wide=49), (360, 640)), (PLAIN, (580, 660)))
    assert counted(page(*pressed, paper=(245, 215, 180))) == 2


def test_a_seal_pressed_twice_in_one_place_is_one() -> None:
    assert counted(page((PLAIN, CENTRE), (PLAIN, (CENTRE[0] + 8, CENTRE[1] + 5)))) == 1


@pytest.mark.parametrize("kind", OTHERS)
def test_other_red_things_are_no_seals(kind: str) -> None:
    wide = {"chop": 18, "filled-chop": 18, "finger": 16, "received": 50, "words": 120, "logo": 25, "pen": 40}
    one = replace(PLAIN, kind=kind, name="李明", wide=wide[kind])
    image = page((one, CENTRE))
    assert counted(image) == 0
    assert counted(page((one, CENTRE), (PLAIN, (CENTRE[0] - 200, CENTRE[1])))) == 1


@pytest.mark.parametrize("kind", ["chop", "filled-chop", "finger", "received"])
def test_what_is_plainly_something_else_raises_no_doubt(kind: str) -> None:
    one = replace(PLAIN, kind=kind, name="李明", wide=50 if kind == "received" else 18)
    assert not seal.doubtful(seal.on(page((one, CENTRE))), WHOLE)


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(replace(PLAIN, strength=0.17), id="hardly any ink"),
        pytest.param(replace(PLAIN, lost=0.68, side=90), id="only an arc"),
    ],
)
def test_a_trace_that_may_be_a_seal_raises_doubt(one: Impression) -> None:
    marks = seal.on(page((one, CENTRE)))
    assert seal.count(marks, WHOLE) or seal.doubtful(marks, WHOLE)


def test_a_seal_belongs_to_the_cell_that_holds_its_middle() -> None:
    marks = seal.on(page((PLAIN, CENTRE)))
    above, below = (100.0, 300.0, 700.0, 510.0), (100.0, 510.0, 700.0, 700.0)
    assert (seal.count(marks, above), seal.count(marks, below)) == (0, 1)


def greyed(image: Image) -> Image:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)


def test_a_grey_copy_is_told_from_a_page_without_seals() -> None:
    sealed, bare = greyed(page((PLAIN, CENTRE))), greyed(page())
    assert (seal.grey(sealed), seal.grey(bare)) == (True, True)
    assert not seal.grey(page((PLAIN, CENTRE)))
    assert seal.copied(sealed, [WHOLE], colourless=True) == [True]
    assert seal.copied(bare, [WHOLE], colourless=True) == [False]


def test_a_photocopy_scanned_in_colour_shows_the_rim() -> None:
    black = replace(PLAIN, ink=(90, 90, 90))
    assert counted(page((black, CENTRE))) == 0
    assert seal.copied(page((black, CENTRE)), [WHOLE]) == [True]
    assert seal.copied(page(), [WHOLE]) == [False]


@settings(max_examples=15, deadline=None)
@given(
    width=st.integers(8, 200),
    height=st.integers(8, 200),
    shade=st.tuples(*[st.integers(0, 255)] * 3),
    seed=st.integers(0, 99),
)
def test_any_picture_is_looked_at(width: int, height: int, shade: tuple[int, int, int], seed: int) -> None:
    noise = np.random.default_rng(seed).integers(-30, 30, (height, width, 3))
    image = np.clip(np.asarray(shade) + noise, 0, 255).astype(np.uint8)
    assert seal.count(seal.on(image), (0, 0, width, height)) == 0
    seal.copied(image, [(0, 0, width, height)])


def test_the_name_in_a_ring_is_unrolled_and_read() -> None:
    image = page((replace(COUNTY, worn=0.1), (800, 1000)), dpi=200)
    (mark,) = seal.on(image)
    text, confidence = ring.read(image, mark)
    assert confidence > 0.5
    assert seal_names.matched(text, tuple(seal_names.offices())) == COUNTY.name


@pytest.mark.parametrize(
    ("read", "name"),
    [
        pytest.param("亳州市文化馆", "亳州市文化馆", id="as it is"),
        pytest.param("化馆亳州市文", "亳州市文化馆", id="begun elsewhere"),
        pytest.param("毫州市文化馆", "亳州市文化馆", id="a usual misreading"),
        pytest.param("中共樵城区委网终安全和信总化委员会办公室", COUNTY.name, id="three letters wrong"),
        pytest.param(
            "蒙城县精神文明建设指导委员会办公室3416", "蒙城县精神文明建设指导委员会办公室", id="number"
        ),
        pytest.param("90610利辛县文明办8960123", "利辛县文明办", id="a short name between numbers"),
        pytest.param("安徽某某有限公司", None, id="somebody else's"),
        pytest.param("", None, id="nothing"),
        pytest.param("馆", None, id="one letter"),
    ],
)
def test_a_ring_is_matched_in_a_circle_and_with_faults(read: str, name: str | None) -> None:
    assert seal_names.matched(read, ("亳州市文化馆", *seal_names.offices())) == name


def test_offices_of_which_the_county_was_not_read_are_none() -> None:
    ring_ = "中共某某县委网络安全和信息化委员会办公室"
    assert seal_names.matched(ring_, tuple(seal_names.offices())) is None
    assert seal_names.matched(ring_, (COUNTY.name,)) == COUNTY.name


def test_the_letters_of_a_long_name_fill_the_line_that_is_read() -> None:
    image = page((replace(COUNTY, worn=0.1), (800, 1000)), dpi=200)
    short = page((replace(PLAIN, worn=0.1), (800, 1000)), dpi=200)
    wide, narrow = (ring.unrolled(shown, seal.on(shown)[0]).shape[1] for shown in (image, short))
    assert wide > 1.15 * narrow


@given(st.text("亳州市文化馆图书中心", min_size=1, max_size=16), st.integers(0, 15))
def test_a_ring_has_no_beginning(name: str, start: int) -> None:
    turn = start % len(name)
    assert seal_names.likeness(name[turn:] + name[:turn], name) == 1.0


def form(**boxes: Box) -> Form:
    readings = {key: Reading(box=boxes.get(key)) for key in FIELDS}
    readings["organizer"] = Reading(value="亳州市文化馆")
    return Form(readings=readings, scanned=True)


def unread(_page: Image, _mark: seal.Mark) -> tuple[str, float]:
    return "亳州市文化馆", 0.9


def nameless(_page: Image, _mark: seal.Mark) -> tuple[str, float]:
    return "", 0.0


UPPER = Box(page=1, left=100, top=350, right=900, bottom=550)
LOWER = Box(page=1, left=100, top=550, right=900, bottom=750)


def test_a_form_says_how_many_seals_each_cell_bears_and_whose() -> None:
    read = stamped.stamped(
        form(recommendation=UPPER, county_opinion=LOWER),
        {1: page((PLAIN, (600, 520)), (COUNTY, (250, 760)), (COUNTY, (560, 770)))},
        unread,
    ).seals
    assert (read.recommendation, read.county_opinion, read.city_opinion) == (1, 2, None)
    assert (read.grey, read.unsure) == (False, ())
    assert (read.stamps[0].cell, read.stamps[0].matched) == ("recommendation", "亳州市文化馆")
    assert read.stamps[0].box is not None
    assert read.stamps[0].box.left < 1000 * 600 // SIZE[0] < read.stamps[0].box.right


@pytest.mark.parametrize(
    ("pressed", "unsure"),
    [
        pytest.param((), (), id="nothing"),
        pytest.param(((replace(PLAIN, strength=0.17), (600, 520)),), ("recommendation",), id="a trace"),
        pytest.param(((PLAIN, (60, 500)),), ("recommendation",), id="beside the cell"),
        pytest.param(
            ((PLAIN, (600, 665)),), ("recommendation",), id="the unit's, slipped into the next cell"
        ),
        pytest.param(
            ((replace(PLAIN, ink=(90, 90, 90)), (600, 520)),), ("recommendation",), id="a copy's grey rim"
        ),
    ],
)
def test_a_cell_without_a_plain_seal_may_be_doubtful(
    pressed: tuple[tuple[Impression, tuple[int, int]], ...], unsure: tuple[str, ...]
) -> None:
    cells = form(recommendation=UPPER, county_opinion=LOWER)
    read = stamped.stamped(cells, {1: page(*pressed)}, unread).seals
    assert (read.recommendation, read.unsure) == (0, unsure)


@pytest.mark.parametrize(
    ("middle", "unsure"),
    [
        pytest.param(660, ("recommendation",), id="its middle hard by the line"),
        pytest.param(700, (), id="reaching over the line"),
    ],
)
def test_a_seal_that_nobody_can_name_may_have_slipped(middle: int, unsure: tuple[str, ...]) -> None:
    cells = form(recommendation=UPPER, county_opinion=LOWER)
    read = stamped.stamped(cells, {1: page((COUNTY, (600, middle)))}, nameless).seals
    assert (read.recommendation, read.county_opinion, read.unsure) == (0, 1, unsure)


@pytest.mark.parametrize(
    ("pressed", "unsure"),
    [
        pytest.param((), (), id="without a rim it shows no seal"),
        pytest.param(
            ((PLAIN, (600, 520)),), ("recommendation", "county_opinion"), id="one rim tells the whole copy"
        ),
    ],
)
def test_a_grey_page(
    pressed: tuple[tuple[Impression, tuple[int, int]], ...], unsure: tuple[str, ...]
) -> None:
    cells = form(recommendation=UPPER, county_opinion=LOWER)
    read = stamped.stamped(cells, {1: greyed(page(*pressed))}, unread).seals
    assert (read.grey, read.recommendation, read.unsure) == (True, 0, unsure)


@pytest.mark.parametrize("threshold", [60, 100, 150])
def test_on_a_page_of_black_and_white_no_seal_is_missed(threshold: int) -> None:
    cells = form(recommendation=UPPER, county_opinion=LOWER)
    sharp = np.where(greyed(page((PLAIN, (600, 520)))) > threshold, 255, 0).astype(np.uint8)
    read = stamped.stamped(cells, {1: sharp}, unread).seals
    assert (read.grey, read.recommendation, read.unsure) == (True, 0, ("recommendation", "county_opinion"))


def test_a_document_with_text_says_nothing_of_cells_without_a_seal() -> None:
    cells = form(recommendation=UPPER, county_opinion=LOWER)
    read = stamped.shown_only(stamped.stamped(cells, {1: page((PLAIN, (600, 520)))}, unread)).seals
    assert (read.recommendation, read.county_opinion) == (1, None)


def test_a_form_without_pictures_of_its_cells_stays_as_it_is() -> None:
    assert stamped.stamped(form(), {1: page()}, unread) == form()
    assert redink.is_grey(np.full((40, 40, 3), 200, np.uint8))
