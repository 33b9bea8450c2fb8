import io
import subprocess
from pathlib import Path

import msgspec
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.documents import FIELDS, Facts, Form, Honour, Qualification, Unreadable, Why, Work
from parsers.pdf import read_pdf
from parsers.pdflines import Area, Glyph, lines, paragraphs
from tests.build import facts, forms, licences, pdfs, work
from tests.build.forms import VARIANTS, Dress

WHO = facts.applicant(1, county="涡阳县")


def values_of(found: Facts) -> dict[str, str | None]:
    form = next(part for part in found.parts if isinstance(part, Form))
    return {key: form.value(key) for key in FIELDS}


def joined(*files: bytes) -> bytes:
    """One PDF of the pages of `files`."""
    made = pypdfium2.PdfDocument.new()
    for data in files:
        source = pypdfium2.PdfDocument(data)
        made.import_pages(source)
        source.close()
    buffer = io.BytesIO()
    made.save(buffer)
    made.close()
    return buffer.getvalue()


@pytest.mark.parametrize("variant", pdfs.VARIANTS)
@pytest.mark.parametrize(
    "who",
    [
        pytest.param(facts.applicant(2, county="利辛县"), id="account"),
        pytest.param(
            facts.applicant(3, unit="company", kind="website", summary_words=1400), id="over two pages"
        ),
        pytest.param(facts.applicant(4, unit="society", summary_words=60), id="short"),
    ],
)
def test_a_form_reads_as_it_was_written(variant: str, who: facts.Applicant) -> None:
    built = pdfs.form(who, pdfs.VARIANTS[variant])
    found = read_pdf(built.data)
    form = found.parts[0]
    assert isinstance(form, Form)
    assert values_of(found) == msgspec.structs.asdict(built.fields)
    assert (form.kind, form.platform) == (built.kind, built.platform)
    assert form.summary_words == facts.count(built.fields.summary or "")
    assert len(found.parts) == 1


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 60), st.integers(30, 1500), st.sampled_from(sorted(pdfs.VARIANTS)))
def test_a_page_break_may_fall_anywhere(number: int, words: int, variant: str) -> None:
    who = facts.applicant(number, county="蒙城县", summary_words=words)
    built = pdfs.form(who, pdfs.VARIANTS[variant])
    assert values_of(read_pdf(built.data)) == msgspec.structs.asdict(built.fields)


def test_work_material() -> None:
    found = read_pdf(pdfs.work(work.Work(words=900, pictures=4)))
    assert [(part.words, part.pictures) for part in found.parts if isinstance(part, Work)] == [(900, 4)]
    assert found.type == "work"


def test_a_form_with_its_work_material() -> None:
    found = read_pdf(joined(pdfs.form(WHO).data, pdfs.work(work.Work(words=500, pictures=3))))
    form, rest = found.parts
    assert isinstance(form, Form)
    assert isinstance(rest, Work)
    assert (rest.words, rest.pictures) == (500, 3)


def test_form_certificate_and_work_in_one_file() -> None:
    data = joined(
        pdfs.form(WHO).data, licences.as_text_pdf(WHO).data, pdfs.work(work.Work(words=500, pictures=3))
    )
    found = read_pdf(data)
    assert [type(part) for part in found.parts] == [Form, Qualification, Work]
    assert found.parts[1].name == WHO.fields.organizer  # type: ignore[union-attr]  # told by the line above


def test_several_forms_in_one_file() -> None:
    people = [facts.applicant(number, county="谯城区", summary_words=700) for number in (5, 6)]
    found = read_pdf(joined(*(pdfs.form(who).data for who in people)))
    names = [part.value("name") for part in found.parts if isinstance(part, Form)]
    assert names == [who.fields.name for who in people]


def test_a_scanned_certificate_among_pages_of_text() -> None:
    found = read_pdf(joined(pdfs.work(work.Work(words=300, pictures=1)), licences.as_pdf(WHO).data))
    names = [part.name for part in found.parts if isinstance(part, Qualification)]
    assert names == [WHO.fields.organizer]
    assert not any(isinstance(part, Honour) for part in found.parts)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(pdfs.encrypted(), Why.ENCRYPTED, id="under a password"),
        pytest.param(pdfs.work(work.Work(words=200, pictures=1))[:2000], Why.CORRUPT, id="cut off"),
        pytest.param(b"%PDF-1.4 and nothing else", Why.CORRUPT, id="only a head"),
        pytest.param(b"", Why.CORRUPT, id="empty"),
    ],
)
def test_a_bad_file_is_a_value(data: bytes, why: Why) -> None:
    assert [part.why for part in read_pdf(data).parts if isinstance(part, Unreadable)] == [why]


def empty_pages() -> bytes:
    made = pypdfium2.PdfDocument.new()
    for _ in range(3):
        made.new_page(595, 842)
    buffer = io.BytesIO()
    made.save(buffer)
    made.close()
    return buffer.getvalue()


EMPTY = empty_pages()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(EMPTY) - 1), st.integers(0, 255)), max_size=10))
def test_no_damage_breaks_the_reader(damage: list[tuple[int, int]]) -> None:
    data = bytearray(EMPTY)
    for place, value in damage:
        data[place] = value
    assert read_pdf(bytes(data)).parts


def test_a_page_that_cannot_be_taken_apart_is_looked_at() -> None:
    data = pdfs.form(facts.applicant(1, summary_words=30)).data
    broken = data.replace(b"/MediaBox [ 0 0", b"/MediaBox [ /x 0")
    assert broken != data
    assert read_pdf(broken).type == "form"


def glyphs(text: str, *, x: float = 10, top: float = 10) -> list[Glyph]:
    return [Glyph(sign, x + at * 10, x + at * 10 + 10, top, top + 10) for at, sign in enumerate(text)]


def text_of(*rows: str, width: float = 230) -> str:
    shown = [glyph for at, row in enumerate(rows) for glyph in glyphs(row, top=10 + at * 14)]
    return paragraphs(lines(shown), Area(5, 0, 5 + width, 300))


def test_lines_that_the_cell_broke_are_one_paragraph() -> None:
    first = "我单位坚持正确导向，认真学习宣传贯彻有关精神要"
    assert text_of(first[:22], "求，成效明显。", "第二段。") == f"{first[:22]}求，成效明显。\n第二段。"


def test_a_line_that_left_room_ended_its_paragraph() -> None:
    assert text_of("同意推荐。", "教育局") == "同意推荐。\n教育局"


def test_an_address_broken_in_a_narrow_cell_is_whole_again() -> None:
    assert text_of("bozhoufabu", "@163.com", width=110) == "bozhoufabu@163.com"


@pytest.mark.debian("soffice")
@pytest.mark.parametrize("variant", ["plain", "check box controls", "symbol tick", "grid of twelve columns"])
def test_what_libreoffice_prints_reads_like_the_document(variant: str, tmp_path: Path) -> None:
    dress: Dress = VARIANTS[variant]
    built = forms.docx(facts.applicant(8, county="涡阳县", summary_words=700), dress)
    (tmp_path / "form.docx").write_bytes(built.data)
    command = [
        "soffice",
        f"-env:UserInstallation=file://{tmp_path}/home",
        "--headless",
        "--convert-to",
        "pdf",
    ]
    subprocess.run(
        [*command, "--outdir", tmp_path, tmp_path / "form.docx"], check=True, capture_output=True, timeout=120
    )
    found = read_pdf((tmp_path / "form.pdf").read_bytes())
    assert values_of(found) == msgspec.structs.asdict(built.fields)
