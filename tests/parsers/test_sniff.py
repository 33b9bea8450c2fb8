"""A file is what its content says, whatever it is called."""

import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.kinds import Kind
from parsers.sniff import CFB, sniff, suffix

OFFICE = "application/vnd.openxmlformats-officedocument"
EXE = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8" + bytes(64)
TS = b"".join(b"G" + bytes(187) for _ in range(4))


def zipped(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        for name, content in parts.items():
            opened.writestr(name, content)
    return file.getvalue()


def office(kind: str, extra: dict[str, bytes] | None = None) -> bytes:
    return zipped(
        {"[Content_Types].xml": f'<Override ContentType="{kind}.main+xml"/>'.encode()} | (extra or {})
    )


def cfb(stream: str, first_sector: bytes = b"") -> bytes:
    return CFB + bytes(504) + first_sector.ljust(512, b"\0") + stream.encode("utf-16-le") + bytes(64)


def ftyp(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + bytes(12)


DOCX = office(f"{OFFICE}.wordprocessingml.document", {"word/document.xml": b"<w/>"})


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        pytest.param(b"", Kind.EMPTY, id="nothing"),
        pytest.param(bytes(4096), Kind.ZEROS, id="a download that never came"),
        pytest.param(DOCX, Kind.DOCX, id="docx"),
        pytest.param(office("x", {"word/document2.xml": b""}), Kind.DOCX, id="docx by its folder"),
        pytest.param(office(f"{OFFICE}.wordprocessingml.template"), Kind.DOCX, id="dotx"),
        pytest.param(office(f"{OFFICE}.spreadsheetml.sheet"), Kind.XLSX, id="xlsx"),
        pytest.param(office(f"{OFFICE}.presentationml.presentation"), Kind.PPTX, id="pptx"),
        pytest.param(office("application/vnd.ms-word.document.macroEnabled"), Kind.MACRO, id="docm"),
        pytest.param(office("application/vnd.ms-excel.sheet.macroEnabled"), Kind.MACRO, id="xlsm"),
        pytest.param(
            office(f"{OFFICE}.wordprocessingml.document", {"word/vbaProject.bin": b""}),
            Kind.MACRO,
            id="macros under a macro-free type",
        ),
        pytest.param(
            office("application/vnd.ms-excel.sheet.binary.macroEnabled", {"xl/workbook.bin": b""}),
            Kind.XLSX,
            id="xlsb without macros",
        ),
        pytest.param(DOCX[:400], Kind.DOCX, id="docx cut off"),
        pytest.param(zipped({"a.txt": b"a"}), Kind.ZIP, id="zip"),
        pytest.param(zipped({"a.docx": DOCX}), Kind.ZIP, id="zip with a docx stored inside"),
        pytest.param(zipped({}), Kind.ZIP, id="zip of nothing"),
        pytest.param(b"PK\x03\x04rubbish\0", Kind.ZIP, id="zip destroyed"),
        pytest.param(b"PK\x03\x04" + b"PK\x01\x02" * 10_001, Kind.TOO_MANY, id="zip of ten thousand"),
        pytest.param(zipped({"OFD.xml": b""}), Kind.OFD, id="ofd"),
        pytest.param(zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}), Kind.ODF, id="odt"),
        pytest.param(zipped({"META-INF/MANIFEST.MF": b""}), Kind.PROGRAM, id="jar"),
        pytest.param(cfb("WordDocument"), Kind.DOC, id="doc or wps"),
        pytest.param(
            cfb("WordDocument", b"\xec\xa5" + bytes(8) + b"\0\x01"), Kind.LOCKED, id="doc with a password"
        ),
        pytest.param(cfb("EncryptedPackage"), Kind.LOCKED, id="docx with a password"),
        pytest.param(cfb("WordDocument _VBA_PROJECT"), Kind.MACRO, id="doc with macros"),
        pytest.param(cfb("Workbook"), Kind.XLS, id="xls"),
        pytest.param(cfb("PowerPoint Document"), Kind.PPT, id="ppt"),
        pytest.param(cfb("__substg1.0_0037001F"), Kind.MSG, id="msg"),
        pytest.param(cfb("Contents"), Kind.CFB, id="some other compound file"),
        pytest.param(b"{\\rtf1\\ansi ", Kind.RTF, id="rtf"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3", Kind.PDF, id="pdf"),
        pytest.param(b"\r\n\r\n%PDF-1.4\n", Kind.PDF, id="pdf after some junk"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0", Kind.PNG, id="png"),
        pytest.param(b"\xff\xd8\xff\xe0\0\x10JFIF", Kind.JPEG, id="jpeg"),
        pytest.param(b"GIF89a\x01\0\x01\0", Kind.GIF, id="gif"),
        pytest.param(b"BM" + bytes(12) + b"\x28\0\0\0" + bytes(36), Kind.BMP, id="bmp"),
        pytest.param(b"II*\0\x08\0\0\0", Kind.TIFF, id="tiff"),
        pytest.param(b"RIFF\0\0\0\0WEBPVP8 ", Kind.WEBP, id="webp"),
        pytest.param(ftyp(b"heic"), Kind.HEIC, id="heic"),
        pytest.param(ftyp(b"avif"), Kind.HEIC, id="avif"),
        pytest.param(b'<?xml version="1.0"?>\n<!-- a --><svg width="1">', Kind.DRAWING, id="svg"),
        pytest.param(ftyp(b"isom"), Kind.VIDEO, id="mp4"),
        pytest.param(ftyp(b"qt  "), Kind.VIDEO, id="mov"),
        pytest.param(b"\0\0\0\x08wide\0\0", Kind.VIDEO, id="old mov"),
        pytest.param(b"RIFF\0\0\0\0AVI LIST", Kind.VIDEO, id="avi"),
        pytest.param(b"\x1a\x45\xdf\xa3\x01\0", Kind.VIDEO, id="mkv"),
        pytest.param(b"FLV\x01\x05\0", Kind.VIDEO, id="flv"),
        pytest.param(bytes.fromhex("3026b2758e66cf11a6d9"), Kind.VIDEO, id="wmv"),
        pytest.param(TS, Kind.VIDEO, id="mpeg-ts"),
        pytest.param(b"ID3\x03\0\0", Kind.AUDIO, id="mp3"),
        pytest.param(ftyp(b"M4A "), Kind.AUDIO, id="m4a"),
        pytest.param(b"#!AMR\n\x3c\x1a", Kind.AUDIO, id="amr, which is no script"),
        pytest.param(b"Rar!\x1a\x07\0", Kind.RAR, id="rar 4"),
        pytest.param(b"Rar!\x1a\x07\x01\0", Kind.RAR, id="rar 5"),
        pytest.param(b"7z\xbc\xaf\x27\x1c\0\x04", Kind.SEVEN_ZIP, id="7z"),
        pytest.param(gzip.compress(b"a"), Kind.PACKED, id="gzip"),
        pytest.param(b"a.txt".ljust(257, b"\0") + b"ustar\0", Kind.TAR, id="tar"),
        pytest.param(b"\x78\x9f\x3e\x22\0\0", Kind.TNEF, id="winmail.dat"),
        pytest.param(EXE, Kind.PROGRAM, id="Windows program"),
        pytest.param(b"\x7fELF\x02\x01\x01", Kind.PROGRAM, id="Linux program"),
        pytest.param(b"\xcf\xfa\xed\xfe\x07", Kind.PROGRAM, id="macOS program"),
        pytest.param(b"L\0\0\0\x01\x14\x02\0\0\0", Kind.PROGRAM, id="Windows shortcut"),
        pytest.param(b"@echo off\r\ndel *.*\r\n", Kind.PROGRAM, id="batch file"),
        pytest.param(b"#!/bin/sh\nrm -rf /\n", Kind.PROGRAM, id="shell script"),
        pytest.param(
            rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
            Kind.PROGRAM,
            id="the harmless test virus",
        ),
        pytest.param(b"E-SafeNet\0\0LOCK" + bytes(32), Kind.LOCKED, id="an office's transparent encryption"),
        pytest.param(b"\x30\x82\x01\x02" + bytes.fromhex("06092a864886f70d010702"), Kind.SIGNATURE, id="p7s"),
        pytest.param(b"BEGIN:VCARD\r\nVERSION:3.0\r\n", Kind.CARD, id="vcf"),
        pytest.param(b"<!DOCTYPE html><html><body>", Kind.HTML, id="html"),
        pytest.param(
            b"<html xmlns:w='x'><!--[if gte mso 9]><xml><w:WordDocument>",
            Kind.HTML,
            id="html that Word wrote",
        ),
        pytest.param("\ufeff<!-- x -->\n<HTML>".encode("utf-16"), Kind.HTML, id="html in UTF-16"),
        pytest.param(b"From: a@b.cn\r\nSubject: x\r\nDate: y\r\n\r\nhello", Kind.MAIL, id="mail"),
        pytest.param(
            b'<?xml version="1.0"?><?mso-application progid="Word.Document"?>', Kind.WORD_XML, id="Word XML"
        ),
        pytest.param("网站名称：示例".encode(), Kind.TEXT, id="text in UTF-8"),
        pytest.param("网站名称：示例".encode("gb18030"), Kind.TEXT, id="text in GBK"),
        pytest.param("网站名称：示例".encode("utf-16"), Kind.TEXT, id="text in UTF-16"),
        pytest.param("示例".encode() * 500 + b"\x07", Kind.TEXT, id="text with a stray control character"),
        pytest.param(
            b"ID3 tags and BZh are letters, MZ too", Kind.TEXT, id="text that begins like a magic number"
        ),
        pytest.param(b"MZ is how a program begins", Kind.TEXT, id="text that begins like a program"),
        pytest.param(b"Subject: the only header", Kind.TEXT, id="text that begins like a mail"),
        pytest.param(bytes(range(256)), Kind.UNKNOWN, id="anything else"),
        pytest.param(b"\xff\xfe" + bytes(range(1, 32)), Kind.UNKNOWN, id="no text behind a UTF-16 mark"),
    ],
)
def test_kind_by_content(data: bytes, kind: Kind) -> None:
    assert sniff(data, "申报表.docx") == kind
    assert sniff(data) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param("readme.txt", Kind.TEXT, id="text"),
        pytest.param("run.VBS", Kind.PROGRAM, id="script, which has no magic number"),
        pytest.param("申报表.docx.js ", Kind.PROGRAM, id="script behind a second suffix"),
        pytest.param(".js", Kind.TEXT, id="a name that is no suffix"),
        pytest.param("www.example.com", Kind.TEXT, id="a host's name is no program"),
    ],
)
def test_only_words_are_told_by_name(name: str, kind: Kind) -> None:
    assert sniff(b"WScript.Echo 1", name) == kind
    assert sniff(b"%PDF-1.7\n", name) == Kind.PDF


def test_unknown_bytes_under_a_program_s_name_are_a_program() -> None:
    assert sniff(bytes(range(1, 256)), "a.com") == Kind.PROGRAM


def test_suffix_is_the_last_one_in_lower_case() -> None:
    assert [suffix(name) for name in ("a.DOCX", "a.b.pdf ", "noun", ".x", "a.")] == [
        ".docx",
        ".pdf",
        "",
        "",
        ".",
    ]


@given(st.binary(max_size=600), st.sampled_from([*Kind]).map(str))
def test_any_bytes_are_some_kind(data: bytes, name: str) -> None:
    assert sniff(data, name) in Kind


@given(st.integers(0, len(DOCX) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_zip_is_some_kind(at: int, patch: bytes) -> None:
    assert sniff(DOCX[:at] + patch + DOCX[at + len(patch) :]) in Kind


def test_comments_without_end_cost_no_time() -> None:
    assert sniff(b"<!--a-->" * 500 + b"<!--" * 500) == Kind.TEXT
