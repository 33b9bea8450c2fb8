"""The builder of test material, checked by other libraries than those that the parsers use where there are any."""

import email
import email.policy
import io
import json
import random
import tomllib
import zipfile
from email.utils import parseaddr
from pathlib import Path

import pdfplumber
import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageOps
from pymediainfo import MediaInfo
from stdnum.cn import uscc

from tests.build import (
    archives,
    demo,
    facts,
    forms,
    honours,
    libreoffice,
    licences,
    mails,
    odd_mails,
    pdfs,
    pictures,
    scans,
    work,
)
from tests.build.grid import Look
from tests.build.spellings import SPELLINGS
from tests.build.work import Video, Work

MATERIAL = Path(__file__).parent / "material" / "libreoffice"
DEMO = Path(__file__).parents[1] / "shenbao" / "demo" / "material"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WHO = facts.applicant(3, county="涡阳县", platform="douyin")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", 0, id="nothing"),
        pytest.param("亳州，好！", 5, id="Han and marks are one each"),
        pytest.param("3.5", 1, id="a point does not break a run"),
        pytest.param("H5、VR", 3, id="two runs and the mark between"),
        pytest.param("“三审三校”", 6, id="curved quotation marks count"),
        pytest.param("a b\n c", 3, id="white space breaks and is none"),
        pytest.param("98% don't", 2, id="ASCII marks are none"),
    ],
)
def test_words_are_counted_as_the_contract_says(text: str, words: int) -> None:
    assert facts.count(text) == words


@given(st.integers(0, 400), st.integers(0, 99))
def test_prose_has_exactly_the_words_asked_for(words: int, seed: int) -> None:
    assert facts.count(facts.prose(random.Random(seed), words)) == words


@given(st.integers(0, 500), st.sampled_from(sorted(facts.UNITS)))
def test_every_code_is_right_and_can_be_made_wrong(number: int, unit: str) -> None:
    who = facts.applicant(number, unit=unit, summary_words=20)
    assert uscc.is_valid(who.uscc)
    assert not uscc.is_valid(facts.wrong_uscc(who.uscc))


def test_the_same_number_is_the_same_applicant_and_another_is_another() -> None:
    everyone = [facts.applicant(number).fields for number in range(60)]
    assert everyone[7] == facts.applicant(7).fields
    assert len({one.organizer for one in everyone}) == len({one.identifier for one in everyone}) == 60


@pytest.mark.parametrize("variant", sorted(forms.VARIANTS))
def test_a_form_opens_in_word_and_holds_what_was_written(variant: str) -> None:
    built = forms.docx(WHO, forms.VARIANTS[variant])
    assert forms.docx(WHO, forms.VARIANTS[variant]).data == built.data
    text = "".join(node.text or "" for node in Document(io.BytesIO(built.data)).element.body.iter(f"{W}t"))
    for key in ("name", "identifier", "organizer", "address", "postcode", "contact", "mobile", "email"):
        assert getattr(WHO.fields, key) in text


@pytest.mark.parametrize(
    ("variant", "mark", "least"),
    [
        pytest.param("controls round runs", f"{W}sdt", 10, id="content controls"),
        pytest.param(
            "check box controls",
            "{http://schemas.microsoft.com/office/word/2010/wordml}checkbox",
            3,
            id="boxes",
        ),
        pytest.param("symbol tick", f"{W}sym", 1, id="symbols"),
        pytest.param("tracked changes", f"{W}del", 10, id="deletions"),
        pytest.param("values in text boxes", f"{W}txbxContent", 6, id="text boxes, each twice"),
        pytest.param("table in a table", f"{W}tbl", 2, id="nested tables"),
        pytest.param("two tables", f"{W}tbl", 2, id="a form cut in two"),
        pytest.param("plain", f"{W}vMerge", 5, id="merged cells"),
    ],
)
def test_a_variant_really_holds_what_it_is_named_for(variant: str, mark: str, least: int) -> None:
    document = Document(io.BytesIO(forms.docx(WHO, forms.VARIANTS[variant]).data))
    assert len(list(document.element.body.iter(mark))) >= least


def test_several_forms_stand_in_one_file_in_order() -> None:
    people = tuple(facts.applicant(number) for number in range(3))
    data, fields = forms.docx_of_several(people)
    assert len(Document(io.BytesIO(data)).tables) == 3
    assert fields == tuple(who.fields for who in people)


@pytest.mark.parametrize(
    "want",
    [
        pytest.param(Work(words=1500, pictures=3), id="the most allowed"),
        pytest.param(Work(words=1501, pictures=2, in_table=True), id="too long, in a table"),
        pytest.param(Work(words=40, pictures=5), id="more pictures than paragraphs"),
    ],
)
def test_work_material_has_its_words_and_pictures(want: Work) -> None:
    document = Document(io.BytesIO(work.docx(want)))
    text = "\n".join(
        "".join(node.text or "" for node in part.iter(f"{W}t"))
        for part in document.element.body.iter(f"{W}p")
    )
    assert facts.count(text) == want.words
    assert len(document.part.related_parts) - len(Document().part.related_parts) == want.pictures
    with pdfplumber.open(io.BytesIO(pdfs.work(want))) as pdf:
        assert sum(len(page.images) for page in pdf.pages) == want.pictures


@pytest.mark.parametrize("variant", ["plain", "stamped", "spaced labels"])
def test_a_text_pdf_gives_its_values_back(variant: str) -> None:
    long = facts.applicant(4, summary_words=1400)
    with pdfplumber.open(io.BytesIO(pdfs.form(long, pdfs.VARIANTS[variant]).data)) as pdf:
        text = "".join("".join((page.extract_text() or "").split()) for page in pdf.pages)
        assert len(pdf.pages) > 1
        assert (sum(len(page.images) for page in pdf.pages) == 1) == (variant == "stamped")
    for key in ("identifier", "organizer", "mobile", "email"):
        assert getattr(long.fields, key) in text


def _red(picture: Image.Image) -> int:
    red, green, blue = picture.convert("RGB").split()
    bright = red.point(lambda v: 255 * (v > 150))
    other = ImageChops.lighter(green, blue).point(lambda v: 255 * (v < 110))
    return ImageChops.darker(bright, other).histogram()[255]


def test_a_scan_shows_the_seals_it_claims_and_no_others() -> None:
    who = facts.applicant(2, county="蒙城县", summary_words=200)
    rough = scans.Scanner(dpi=60)
    counts = [
        _red(Image.open(io.BytesIO(scans.form_jpeg(who, Look(stamps=stamps), rough).data)))
        for stamps in ({}, {"recommendation": 1}, {"recommendation": 1, "county_opinion": 2})
    ]
    assert counts[0] == 0
    assert counts[1] > 200
    assert counts[2] > 2 * counts[1]


def test_a_long_form_has_as_many_pages_in_every_scanned_format() -> None:
    who = facts.applicant(2, summary_words=1200)
    rough = scans.Scanner(dpi=50)
    pages = len(scans.form_pages(who, Look(), rough))
    tiff = Image.open(io.BytesIO(scans.form_tiff(who, Look(), rough).data))
    with pdfplumber.open(io.BytesIO(scans.form_pdf(who, Look(), rough).data)) as pdf:
        assert not any(page.chars for page in pdf.pages)
        assert len(pdf.pages) == pages > 1
    assert getattr(tiff, "n_frames", 1) == pages


@pytest.mark.parametrize("kind", sorted(licences.PATTERNS))
def test_a_certificate_is_a_moderate_picture_that_knows_its_facts(kind: str) -> None:
    made = licences.certificate(facts.applicant(1, unit="company"), kind)
    assert max(Image.open(io.BytesIO(made.data)).size) == 1260
    assert len(made.data) < 200_000
    assert (made.document, made.recognised) == (kind, kind != "食品经营许可证")
    assert uscc.is_valid(made.uscc)


def test_an_electronic_certificate_has_its_facts_as_text() -> None:
    who = facts.applicant(1)
    with pdfplumber.open(io.BytesIO(licences.as_text_pdf(who).data)) as pdf:
        text = "".join(pdf.pages[0].extract_text().split())
    assert who.uscc in text
    assert (who.fields.organizer or "?") in text


def test_a_camera_turns_its_photo_by_exif_alone() -> None:
    photo = Image.open(io.BytesIO(pictures.photo(1, size=(300, 200), orientation=6)))
    assert photo.size == (300, 200)
    assert ImageOps.exif_transpose(photo).size == (200, 300)


def test_honours_are_pictures_with_their_facts() -> None:
    for made in (honours.paper(WHO), honours.plaque(1)):
        assert Image.open(io.BytesIO(made.data)).width > 1000
        assert 2019 <= made.year <= 2021


@pytest.mark.parametrize(
    ("want", "seconds", "container"),
    [
        pytest.param(Video(), 10, "MPEG-4", id="as advised"),
        pytest.param(Video(seconds=301, width=64, height=48), 301, "MPEG-4", id="too long"),
        pytest.param(work.AVI_VIDEO, 10, "AVI", id="not MP4"),
        pytest.param(work.PHONE_VIDEO, 10, "MPEG-4", id="held upright"),
    ],
)
def test_a_video_is_as_long_and_large_as_asked_for(want: Video, seconds: int, container: str) -> None:
    tracks = MediaInfo.parse(io.BytesIO(work.video(want))).tracks
    video = next(track for track in tracks if track.track_type == "Video")
    assert (video.duration, video.width, video.height) == (seconds * 1000, want.width, want.height)
    assert tracks[0].format == container
    assert float(video.rotation or 0) == (90 if want.turned else 0)


@pytest.mark.parametrize("client", sorted(mails.CLIENTS))
def test_a_mail_is_one_to_the_standard_library_too(client: str) -> None:
    made = mails.mail(
        WHO, client=client, attachments=[("a.docx", b"form"), ("b.jpg", b"licence")], spelling="utf-8 B"
    )
    read = email.message_from_bytes(made.raw, policy=email.policy.compat32)
    files = [
        part.get_payload(decode=True)
        for part in read.walk()
        if part.get_content_disposition() == "attachment"
    ]
    assert files == [b"form", b"licence"]
    assert read["Message-ID"] == made.envelope.message_id
    assert parseaddr(str(read["From"]))[1] == made.envelope.sender


@pytest.mark.parametrize("spelling", sorted(SPELLINGS))
def test_a_file_name_is_spelt_in_a_way_of_its_own(spelling: str) -> None:
    typed, disposed = SPELLINGS[spelling]("营业执照（副本）.jpg")
    others = [SPELLINGS[other]("营业执照（副本）.jpg") for other in SPELLINGS if other != spelling]
    assert (typed, disposed) not in others


@pytest.mark.parametrize("odd", sorted(odd_mails.ODD))
def test_an_odd_mail_brings_no_file(odd: str) -> None:
    make, outcome = odd_mails.ODD[odd]
    read = email.message_from_bytes(make(WHO).raw, policy=email.policy.compat32)
    assert outcome in {"ignored", "inquiry"}
    assert "attachment" not in {part.get_content_disposition() for part in read.walk()}


def test_a_zip_of_chinese_windows_has_gbk_names() -> None:
    data = archives.zipped([("谯城/申报表（·）.docx", b"form"), ("a.txt", b"text")])
    with zipfile.ZipFile(io.BytesIO(data), metadata_encoding="gb18030") as archive:
        assert archive.namelist() == ["谯城/申报表（·）.docx", "a.txt"]
        assert archive.read("谯城/申报表（·）.docx") == b"form"
        assert archive.testzip() is None


def test_a_locked_zip_asks_for_a_password() -> None:
    data = io.BytesIO(archives.locked([("a.txt", b"text")]))
    with zipfile.ZipFile(data) as archive, pytest.raises(RuntimeError, match="password required"):
        archive.read("a.txt")


def test_a_bomb_is_small_and_grows() -> None:
    data = archives.bomb(2)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.infolist()[0].file_size == 2 << 20 > 100 * len(data)


@pytest.mark.parametrize("name", sorted(libreoffice.FILES))
def test_the_facts_beside_a_committed_file_are_the_builders(name: str) -> None:
    assert (MATERIAL / f"{name}.json").read_bytes() == libreoffice.expected(name)
    assert json.loads((MATERIAL / f"{name}.json").read_text())["fields"]["organizer"]


def test_committed_files_are_all_known_and_small() -> None:
    files = {path.name for path in MATERIAL.iterdir()}
    assert files == {each for name in libreoffice.FILES for each in (name, f"{name}.json")}
    assert sum(path.stat().st_size for path in MATERIAL.iterdir()) < 3_000_000


@pytest.mark.parametrize("name", [name for name in sorted(libreoffice.FILES) if name.endswith("docx")])
def test_libreoffice_kept_the_table_of_the_form(name: str) -> None:
    assert Document(str(MATERIAL / name)).tables


def test_the_demos_list_is_what_the_builder_would_write() -> None:
    assert (DEMO / "campaign.toml").read_text("utf-8") == demo.manifest(tuple(demo.parts()))


def test_the_demo_has_its_files_and_keeps_the_reading_quick() -> None:
    listed = tomllib.loads((DEMO / "campaign.toml").read_text("utf-8"))["mail"]
    wanted = [attachment["file"] for mail in listed for attachment in mail.get("attachments", ())]
    assert {path.name for path in DEMO.iterdir()} == {*wanted, "campaign.toml"}
    pictures = [path for path in DEMO.iterdir() if path.suffix == ".jpg"]
    assert len(pictures) <= 8  # with the one in the zip: eight certificates and one form
    assert all(path.stat().st_size < 200_000 for path in pictures)
