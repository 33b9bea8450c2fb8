"""What leaves the machine: scans of a mail in which nothing that can be seen here bears a mark."""

import io
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future

import pytest
from PIL import Image
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from parsers.cluster.of_mail import OfMail, Scan
from parsers.documents import Facts
from parsers.workers import Workers
from tests.build import facts, forms, licences

TIMEOUT = 60
MARK = "机密★1年\n关于某事的材料".encode()


@pytest.fixture(scope="module")
def home() -> Iterator[Workers]:
    with Workers(1) as made:
        yield made


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "PNG")
    return out.getvalue()


def left(home: Workers, *files: tuple[str, bytes], stays: bool = False) -> set[str]:
    """Return the names of the files that left, once all are read; what leaves comes back as read elsewhere."""
    gone: list[str] = []

    def send(scan: Scan) -> None:
        gone.append(scan.name)
        scan.future.set_result(Facts(reader="elsewhere", parts=()))

    with OfMail(home, send, stays=stays) as one:
        futures = {name: one.read(data, name) for name, data in files}
    read = {name: future.result(TIMEOUT) for name, future in futures.items()}
    assert {name for name, found in read.items() if found.reader == "elsewhere"} == set(gone)
    return set(gone)


def test_scans_leave_and_texts_stay(home: Workers) -> None:
    form, paper = forms.docx(facts.applicant(1)), licences.as_text_pdf(facts.applicant(1))
    files = [
        ("申报表.docx", form.data),
        ("说明.txt", b"1"),
        ("执照.pdf", paper.data),
        ("照片.png", picture()),
    ]
    assert left(home, *files) == {"执照.pdf", "照片.png"}


@pytest.mark.parametrize(
    "beside",
    [
        pytest.param(("说明.txt", MARK), id="in the text of a file beside it"),
        pytest.param(("材料.zip/机密★1年.png", b"x"), id="in the name of a member beside it"),
        pytest.param(("机密★.txt", b"x"), id="in a name"),
    ],
)
def test_no_scan_leaves_beside_a_mark(home: Workers, beside: tuple[str, bytes]) -> None:
    assert left(home, ("一.png", picture()), beside, ("二.png", picture())) == set()


def test_no_pdf_leaves_whose_text_bears_a_mark(home: Workers) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    page = Canvas(out)
    page.setFont("STSong-Light", 16)
    page.drawString(60, 780, "机密★1年")
    page.drawString(60, 700, "关于某事的材料")
    page.save()
    assert left(home, ("材料.pdf", out.getvalue()), ("一.png", picture())) == set()


def test_nothing_leaves_of_a_mail_whose_words_bear_a_mark(home: Workers) -> None:
    assert left(home, ("一.png", picture()), stays=True) == set()


def test_what_a_look_could_not_see_stays() -> None:
    out = io.BytesIO()
    page = Canvas(out, pageCompression=1)
    page.addLiteral(f"% {'x' * 64_000_000}")
    page.save()
    with Workers(1, memory_mb=1) as narrow:
        assert left(narrow, ("执照.pdf", out.getvalue()), ("一.png", picture())) == set()


def test_members_are_taken_out_at_home(home: Workers) -> None:
    with OfMail(home, lambda _: None, stays=False) as one:
        assert one.unpack(b"no container", "a.zip").result(TIMEOUT).members == ()


def test_nothing_leaves_of_a_mail_that_was_given_up(home: Workers) -> None:
    gone: list[Scan] = []
    facts: list[Future[Facts]] = []

    def given_up() -> None:
        with OfMail(home, gone.append, stays=False) as one:
            facts.append(one.read(picture(), "一.png"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        given_up()
    assert gone == []
    assert isinstance(facts[0].exception(TIMEOUT), CancelledError)
