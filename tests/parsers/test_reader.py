"""Every file has its reader or its verdict, and no bytes whatever make reading raise."""

import ast
import io
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import parsers
from parsers.documents import Facts, Other, Unreadable, Why, decode, encode
from parsers.kinds import Kind
from parsers.reader import READERS, VERDICTS, read
from tests.build import archives, forms, pdfs
from tests.build.facts import applicant
from tests.parsers.test_sniff import EXE, cfb, ftyp, office

PROSE = "本账号由亳州市示例单位运营，发布本地文明新闻。" * 3


def picture(format_: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(file, format_)
    return file.getvalue()


def why(facts: Facts) -> Why | None:
    part = facts.parts[0]
    return part.why if isinstance(part, Unreadable) else None


def test_every_kind_is_treated_once() -> None:
    assert READERS.keys() | VERDICTS.keys() == set(Kind)
    assert not READERS.keys() & VERDICTS.keys()


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        pytest.param(b"", "申报表.docx", Why.CORRUPT, id="empty file"),
        pytest.param(bytes(999), "申报表.pdf", Why.CORRUPT, id="nothing but zeros"),
        pytest.param(bytes(range(256)), "申报表.docx", Why.CORRUPT, id="a document's name over rubbish"),
        pytest.param(bytes(range(256)), "数据.bin", Why.UNSUPPORTED, id="rubbish by its own name"),
        pytest.param(
            b"<html><body>404 Not Found</body></html>", "材料.pdf", Why.CORRUPT, id="error page as PDF"
        ),
        pytest.param(
            b"this is not a document", "申报表.docx", Why.CORRUPT, id="words where a docx was meant"
        ),
        pytest.param(EXE, "申报表.docx", Why.UNSAFE, id="program under a document's name"),
        pytest.param(office("vnd.ms-word.document.macroEnabled"), "表.docx", Why.UNSAFE, id="macro document"),
        pytest.param(b"WScript.Echo 1", "表.docx.vbs", Why.UNSAFE, id="script"),
        pytest.param(cfb("EncryptedPackage"), "表.docx", Why.ENCRYPTED, id="docx with a password"),
        pytest.param(cfb("WordDocument"), "表.docx", Why.CORRUPT, id="old Word document, destroyed"),
        pytest.param(cfb("Workbook"), "申报表.et", Why.UNSUPPORTED, id="WPS spreadsheet"),
        pytest.param(ftyp(b"heic"), "图.jpg", Why.UNSUPPORTED, id="heic under jpg's name"),
        pytest.param(b"MSCF\0\0\0\0" + bytes(9), "材料.zip", Why.UNSUPPORTED, id="cabinet under zip's name"),
        pytest.param(b"Rar!\x1a\x07\x01\0", "材料.zip", Why.CORRUPT, id="rar cut off, under zip's name"),
        pytest.param(archives.bomb(30), "材料.zip", Why.UNSAFE, id="bomb"),
        pytest.param(b"PK\x03\x04", "材料.zip", Why.CORRUPT, id="destroyed zip"),
        pytest.param(picture("PNG")[:20], "图.png", Why.CORRUPT, id="picture cut off"),
    ],
)
def test_refused_with_a_note_for_people(data: bytes, name: str, reason: Why) -> None:
    facts = read(data, name)
    assert why(facts) == reason
    (part,) = facts.parts
    assert isinstance(part, Unreadable)
    assert part.note


def test_an_old_document_is_asked_for_in_another_form() -> None:
    (part,) = read(cfb("WordDocument"), "表.doc").parts
    assert isinstance(part, Unreadable)
    assert "docx 或 PDF" in part.note


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        pytest.param(office("x.spreadsheetml.sheet"), "other", id="spreadsheet"),
        pytest.param(b"BEGIN:VCARD\r\nVERSION:3.0\r\n", "other", id="visiting card"),
        pytest.param(archives.zipped([("a.txt", b"x")]), "archive", id="zip"),
        pytest.param(picture("PNG"), "picture", id="png"),
        pytest.param(picture("BMP"), "picture", id="bmp"),
        pytest.param(picture("WEBP"), "picture", id="webp"),
    ],
)
def test_understood_whatever_the_name(data: bytes, kind: str) -> None:
    assert read(data, "申报表.docx").type == kind


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_web_page_is_read_as_its_text(encoding: str) -> None:
    page = f"<html><meta charset=gb2312><style>p{{}}</style><body><p>{PROSE}</p><!-- x --></body></html>"
    text = read(PROSE.encode(), "a.txt")
    assert read(page.encode(encoding), "a.doc").parts == text.parts
    assert read(page.encode(encoding), "a.doc").reader == "html"


def test_external_entities_stay_outside(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("绝密内容")
    page = f'<!DOCTYPE html [<!ENTITY x SYSTEM "{secret.as_uri()}">]><html><body>&x;{PROSE}</body></html>'
    assert "绝密" not in encode(read(page.encode(), "a.html")).decode()


def test_version_names_code_and_libraries() -> None:
    assert parsers.VERSION == parsers.VERSION
    assert int(parsers.VERSION, 16) > 0


def test_version_changes_with_the_code(tmp_path: Path) -> None:
    package = tmp_path / "parsers"
    shutil.copytree(Path(parsers.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    sniff = package / "sniff.py"
    sniff.write_text(sniff.read_text() + "# one more line\n")
    shown = subprocess.run(
        [sys.executable, "-c", "import parsers; print(parsers.VERSION)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.strip() != parsers.VERSION


def test_nothing_heavy_is_imported_before_a_file_needs_it() -> None:
    code = "import sys, parsers, parsers.workers; parsers.read(b'', ''); print(sorted(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {
        "cv2",
        "numpy",
        "onnxruntime",
        "rapidocr",
        "pypdfium2",
        "pdfplumber",
        "PIL",
        "pymediainfo",
        "pebble",
        "lxml",
    }
    assert not heavy & set(ast.literal_eval(shown.stdout))


def real_files() -> dict[str, bytes]:
    who = applicant(1)
    return {
        "docx": forms.docx(who).data,
        "pdf": pdfs.form(who).data,
        "png": picture("PNG"),
        "gif": picture("GIF"),
        "tiff": picture("TIFF"),
        "zip": archives.zipped([("谯城/a.txt", PROSE.encode()), ("b.txt", b"x")]),
        "html": f"<html><table><tr><td>名称<td>{PROSE}</table></html>".encode(),
        "text": PROSE.encode("gb18030"),
    }


@pytest.fixture(scope="module", params=["docx", "pdf", "png", "gif", "tiff", "zip", "html", "text"])
def real(request: pytest.FixtureRequest) -> bytes:
    return real_files()[request.param]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=6)), max_size=6),
    st.floats(0.05, 1),
)
def test_a_damaged_file_is_a_value(real: bytes, patches: list[tuple[float, bytes]], kept: float) -> None:
    data = bytearray(real)
    for where, patch in patches:
        at = int(where * len(real))
        data[at : at + len(patch)] = patch
    facts = read(bytes(data[: int(len(data) * kept)]), "申报表.docx")
    assert decode(encode(facts)) == facts


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([b"", b"PK\x03\x04", b"%PDF-1.7\n", b"GIF89a", b"\xff\xd8\xff\xe0", b"<html>", b"II*\0"]),
    st.binary(),
)
def test_any_bytes_are_a_value(begin: bytes, data: bytes) -> None:
    facts = read(begin + data, "x")
    assert decode(encode(facts)) == facts


def test_a_docx_inside_a_zip_keeps_its_own_type() -> None:
    data = archives.zipped([("申报表.docx", office("x.spreadsheetml.sheet"))])
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        (part,) = read(opened.read(opened.namelist()[0]), "申报表.docx").parts
    assert isinstance(part, Other)
