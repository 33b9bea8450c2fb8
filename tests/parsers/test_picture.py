"""Pictures: what they show, and what is refused before it is decoded."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from parsers import picture
from parsers.documents import Facts, Form, Honour, Picture, Qualification, Unreadable, Why, Work
from parsers.ocr import Image, Line
from parsers.scans import pages
from tests.build import facts, honours, licences, pictures, scans, sheet

WHO = facts.applicant(7)


def array(data: bytes) -> Image:
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(decoded, np.uint8)


def why(read: Facts) -> Why:
    (part,) = read.parts
    assert isinstance(part, Unreadable)
    return part.why


@pytest.mark.parametrize(
    ("kind", "portrait", "scanner"),
    [
        pytest.param("营业执照", False, scans.FLATBED, id="business, landscape"),
        pytest.param(
            "事业单位法人证书", True, scans.Scanner(dpi=100, skew=-1.5, noise=9), id="institution askew"
        ),
        pytest.param("社会团体法人登记证书", False, scans.Scanner(grey=True), id="association in grey"),
        pytest.param("食品经营许可证", False, scans.FLATBED, id="a permit"),
    ],
)
def test_a_certificate_gives_its_kind_name_and_code(
    kind: str, portrait: bool, scanner: scans.Scanner
) -> None:
    made = licences.certificate(WHO, kind, portrait=portrait, scanner=scanner)
    read = picture.read_image(made.data)
    (part,) = read.parts
    assert read.reader == "ocr"
    assert isinstance(part, Qualification)
    told = (part.document, part.name, part.uscc, part.uscc_valid, part.recognised)
    assert told == (made.document, made.holder, made.uscc, True, made.recognised)
    assert part.address == WHO.fields.address


@pytest.mark.parametrize(
    "award",
    [
        pytest.param(honours.paper(WHO, 2), id="paper"),
        pytest.param(honours.plaque(1), id="plaque"),
        pytest.param(honours.plaque(1, (180, 25, 25)), id="plaque in red alone"),
    ],
)
def test_an_honour_printed_in_red_is_read(award: honours.Award) -> None:
    (part,) = picture.read_image(award.data).parts
    assert part == Honour(title=award.award, issuer=award.issuer, year=award.year)


def test_a_tiff_of_two_pages_is_one_form() -> None:
    read = picture.read_image(scans.form_tiff(WHO).data)
    (part,) = read.parts
    assert (read.type, read.reader) == ("form", "ocr")
    assert isinstance(part, Form)
    assert part.value("organizer") == WHO.fields.organizer
    assert part.value("recommendation_date") == WHO.fields.recommendation_date


def test_a_photo_without_text_is_a_picture_as_displayed() -> None:
    read = picture.read_image(pictures.photo(1, size=(320, 240), orientation=6))
    assert read == Facts(reader="image", parts=(Picture(width=240, height=320),))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "L", "CMYK", "I;16"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_every_mode_of_pixel_is_opened(mode: str, kind: str) -> None:
    if kind == "PNG" and mode == "CMYK":
        kind = "JPEG"
    buffer = io.BytesIO()
    Pillow.new(mode, (40, 30)).save(buffer, kind)
    assert picture.read_image(buffer.getvalue()).parts == (Picture(width=40, height=30),)


@pytest.mark.parametrize("kind", ["BMP", "GIF", "WEBP"])
def test_other_kinds_are_opened(kind: str) -> None:
    buffer = io.BytesIO()
    Pillow.new("RGB", (40, 30), "white").save(buffer, kind)
    assert picture.read_image(buffer.getvalue()).type == "picture"


def bomb(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(bomb(12_000, 12_000), id="144 million pixels"),
        pytest.param(bomb(100_000, 100_000), id="Pillow's own limit"),
    ],
)
def test_a_picture_too_large_is_refused_before_it_is_decoded(data: bytes) -> None:
    assert why(picture.read_image(data)) is Why.UNSAFE


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(pictures.photo(2)[:4000], id="JPEG cut short"),
        pytest.param(pictures.png(2)[:3000], id="PNG cut short"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"\0" * 50, id="only a head"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_a_damaged_picture_is_unreadable(data: bytes) -> None:
    assert why(picture.read_image(data)) is Why.CORRUPT


def test_a_scanned_page_of_text_with_pictures_is_work() -> None:
    painted = scans.paint(_report(), scans.Scanner(dpi=90))
    painted.paste(Pillow.open(io.BytesIO(pictures.photo(3, size=(300, 200)))), (100, 500))
    painted.paste(Pillow.open(io.BytesIO(pictures.photo(4, size=(300, 200)))), (100, 750))
    page = np.asarray(painted.convert("RGB"), np.uint8)[:, :, ::-1].copy()
    (work,) = picture.read_pages([page])
    assert isinstance(work, Work)
    assert work.pictures == 2
    assert 150 < work.words < 175
    assert "网络文明" in work.text


def _report() -> sheet.Page:
    said = "亳州网络文明建设工作扎实开展，网民踊跃参与"
    return tuple(sheet.Word(70, 80 + row * 26, 14, said) for row in range(8))


def test_words_are_no_picture() -> None:
    page = np.full((900, 600, 3), 250, np.uint8)
    page[100:130, 100:500] = 40
    line = Line(text="字", confidence=1, box=(95, 95, 505, 135))
    assert pages.pictures(page, [line]) == 0
    page[300:600, 100:500] = (120, 90, 60)
    assert pages.pictures(page, [line]) == 1


@pytest.mark.parametrize(
    ("dpi", "wide", "high"), [((204, 98), 408, 400), ((204, 196), 408, 200), ((1, 1), 408, 200)]
)
def test_a_fax_is_read_as_high_as_it_is_on_paper(dpi: tuple[int, int], wide: int, high: int) -> None:
    buffer = io.BytesIO()
    Pillow.new("1", (408, 200 if dpi != (204, 98) else 192), 1).save(
        buffer, "TIFF", compression="group4", dpi=dpi
    )
    (frame,) = picture.frames(buffer.getvalue())
    assert frame.shape[:2] == (high, wide)


def test_black_and_white_is_scaled_to_grey_levels() -> None:
    buffer = io.BytesIO()
    board = np.indices((3000, 3000)).sum(axis=0) % 2 == 0
    Pillow.fromarray(board).save(buffer, "PNG")
    (frame,) = picture.frames(buffer.getvalue(), 1000)
    assert 90 < frame[200:800, 200:800].mean() < 165
    assert np.ptp(frame[200:800, 200:800].astype(int)) < 100
