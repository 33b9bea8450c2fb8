"""A text layer that does not say what the page shows is told from one that does."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.documents import FIELDS, Form
from parsers.garble import is_garbled
from parsers.pdf import read_pdf
from tests.build import facts, pdfs

PROSE = facts.prose(random.Random(1), 400)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(PROSE, id="Chinese"),
        pytest.param(
            "亳州市谯城区涡阳县蒙城县利辛县 欧阳知微 13800138000 a@b.example.cn", id="names and numbers"
        ),
        pytest.param("Plain English text, 100 % of it; naïve café.", id="English"),
        pytest.param("·" * 5 + PROSE, id="dots between"),
    ],
)
def test_honest_text(text: str) -> None:
    assert not is_garbled(text)


@given(st.integers(0, 10_000))
def test_any_prose_is_honest(seed: int) -> None:
    assert not is_garbled(facts.prose(random.Random(seed), 200))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("".join(chr(1 + n % 30) for n in range(99)), id="numbers of glyphs"),
        pytest.param("".join(chr(0xE000 + n) for n in range(99)) + PROSE[:99], id="private characters"),
        pytest.param("\ufffd" * 20 + PROSE[:99], id="replaced characters"),
        pytest.param(PROSE.encode("gbk").decode("latin-1"), id="GBK as Western letters"),
        pytest.param(
            "".join(chr(0x4E00 + (ord(sign) * 7919) % 0x5000) for sign in PROSE), id="wrong characters"
        ),
    ],
)
def test_garbled_text(text: str) -> None:
    assert is_garbled(text)


def test_a_form_whose_font_has_no_table_is_read_as_a_picture() -> None:
    who = facts.applicant(3, county="涡阳县")
    data = pdfs.form(who).data.replace(b"/ToUnicode", b"/ToUnicodX")
    form = next(part for part in read_pdf(data).parts if isinstance(part, Form))
    assert form.scanned
    right = sum(form.value(key) == getattr(who.fields, key) for key in FIELDS)
    assert right >= len(FIELDS) - 2
