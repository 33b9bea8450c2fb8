"""What a file is, told by its content; its name decides only what has no content to tell by."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable

from parsers.kinds import SCRIPTS, STARTS, Kind

DIRECTORY_ENTRY = b"PK\x01\x02"
MOST_ENTRIES = 10_000  # far beyond every budget, and little enough to be listed at once
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
UTF_8_MARK = b"\xef\xbb\xbf"
HEAD = 4096

MACRO_TYPES = (b"macroenabled", b"vbaproject")
OFFICE_TYPES: tuple[tuple[bytes, Kind], ...] = (
    (b"wordprocessingml.document.main+xml", Kind.DOCX),
    (b"wordprocessingml.template.main+xml", Kind.DOCX),
    (b"spreadsheetml.sheet.main+xml", Kind.XLSX),
    (b"spreadsheetml.template.main+xml", Kind.XLSX),
    (b"presentationml.presentation.main+xml", Kind.PPTX),
    (b"presentationml.slideshow.main+xml", Kind.PPTX),
    (b"presentationml.template.main+xml", Kind.PPTX),
)
OFFICE_FOLDERS = (("word/", Kind.DOCX), ("xl/", Kind.XLSX), ("ppt/", Kind.PPTX))
PART_KINDS = (
    ("ofd.xml", Kind.OFD),
    ("index/document.iwa", Kind.PAGES),
    ("androidmanifest.xml", Kind.PROGRAM),
    ("meta-inf/manifest.mf", Kind.PROGRAM),
)
CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CFB_STREAMS: tuple[tuple[str, Kind], ...] = (
    ("EncryptedPackage", Kind.LOCKED),
    ("_VBA_PROJECT", Kind.MACRO),
    ("__substg1.0_", Kind.MSG),
    ("WordDocument", Kind.DOC),
    ("PowerPoint Document", Kind.PPT),
    ("Workbook", Kind.XLS),
)
LOCKED_WORD = 0x0100  # fEncrypted, [MS-DOC] 2.5.2
HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
)
AUDIO_BRANDS = frozenset({b"M4A ", b"M4B "})
ATOMS = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
RIFF = {b"WEBP": Kind.WEBP, b"AVI ": Kind.VIDEO, b"WAVE": Kind.AUDIO}
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")  # the object identifier of PKCS #7 signedData
EICAR = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
CONTROLS = bytes({*range(9), *range(0x0E, 0x1A), *range(0x1C, 0x20), 0x7F})
ONE_STRAY_CONTROL_IN = 500  # bytes: text pasted from Word holds a few, other data one in nine
PROLOGUE = re.compile(r"<!--.*?-->|<\?.*?\?>|<!doctype svg[^>]*>", re.IGNORECASE | re.DOTALL)
HTML = re.compile(r"\s*<(!doctype html|html|head|body|meta|table|div|p)\b", re.IGNORECASE)
SVG = re.compile(r"\s*<svg\b", re.IGNORECASE)
WORD_XML = re.compile(r'progid="Word\.Document"|<w:wordDocument|<pkg:package', re.IGNORECASE)
CARD = re.compile(r"\s*BEGIN:V(CARD|CALENDAR)\b")
BATCH = re.compile(r"\s*@?echo off\b|#!\s*/|\s*<script\b|\s*Windows Registry Editor", re.IGNORECASE)
HEADER = re.compile(
    r"(return-path|received|delivered-to|mime-version|message-id|subject|date|from|to|content-type|x-[a-z-]+)\s*:",
    re.IGNORECASE,
)


def sniff(data: bytes, name: str = "") -> Kind:
    """Return what kind of file `data` is."""
    for test in TESTS:
        if kind := test(data, name):
            return kind
    return Kind.UNKNOWN


def _blank(data: bytes, _name: str) -> Kind | None:
    if not data:
        return Kind.EMPTY
    return None if data.strip(b"\0") else Kind.ZEROS


def _magic(data: bytes, _name: str) -> Kind | None:
    if b"E-SafeNet" in data[:512]:
        return Kind.LOCKED  # a Chinese office's transparent encryption, readable inside it only
    found = next(((start, kind) for start, kind in STARTS if data.startswith(start)), None)
    return None if found is None or _mere_words(*found, data) else found[1]


def _mere_words(start: bytes, kind: Kind, data: bytes) -> bool:
    """Whether letters like `BZh`, `ID3` or `MSCF` begin a sentence here and not a file."""
    return start.isalnum() and kind is not Kind.PDF and not _controls(data[:512])


def _pdf_after_junk(data: bytes, _name: str) -> Kind | None:
    # Readers accept the header anywhere in the first 1,024 bytes (ISO 32000-1, annex H, note 13).
    return Kind.PDF if b"%PDF-" in data[:1024] else None


def _program(data: bytes, _name: str) -> Kind | None:
    begins = data.startswith(b"MZ") and _controls(data[:128])
    return Kind.PROGRAM if begins or EICAR in data[:128] else None


def _zip(data: bytes, _name: str) -> Kind | None:
    if not data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"PK00PK\x03\x04")):
        return None
    if data.count(DIRECTORY_ENTRY) > MOST_ENTRIES:
        return Kind.TOO_MANY
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            return _zip_kind({name.lower(): name for name in opened.namelist()}, opened)
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, EOFError):
        return Kind.DOCX if b"[Content_Types].xml" in data[:HEAD] else Kind.ZIP


def _zip_kind(names: dict[str, str], opened: zipfile.ZipFile) -> Kind:
    if "[content_types].xml" in names:
        return _office(names, opened)
    if "mimetype" in names and b"opendocument" in _part(opened, names["mimetype"]):
        return Kind.ODF
    return next((kind for part, kind in PART_KINDS if part in names), Kind.ZIP)


def _office(names: dict[str, str], opened: zipfile.ZipFile) -> Kind:
    types = _part(opened, names["[content_types].xml"])
    types = types.replace(b"sheet.binary.macroenabled", b"")  # so is every .xlsb called, macros or none
    if any(mark in types for mark in MACRO_TYPES) or any(name.endswith("vbaproject.bin") for name in names):
        return Kind.MACRO
    if kind := next((kind for mark, kind in OFFICE_TYPES if mark in types), None):
        return kind
    inside = (kind for folder, kind in OFFICE_FOLDERS if any(name.startswith(folder) for name in names))
    return next(inside, Kind.ZIP)


def _part(opened: zipfile.ZipFile, name: str) -> bytes:
    """Return the beginning of a part in lower case, or nothing where it is damaged."""
    try:
        with opened.open(name) as part:
            return part.read(1024 * 1024).lower()
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError, ValueError):
        return b""


def _cfb(data: bytes, name: str) -> Kind | None:
    if not data.startswith(CFB):
        return None
    if name.lower().endswith(".msi"):
        return Kind.PROGRAM
    kinds = (kind for stream, kind in CFB_STREAMS if stream.encode("utf-16-le") in data)
    kind = next(kinds, Kind.CFB)
    return Kind.LOCKED if kind is Kind.DOC and _locked_word(data) else kind


def _locked_word(data: bytes) -> bool:
    # The stream WordDocument begins with wIdent A5EC, and nearly always in the first sector.
    flags = int.from_bytes(data[512 + 10 : 512 + 12], "little")
    return data[512:514] == b"\xec\xa5" and bool(flags & LOCKED_WORD)


def _picture(data: bytes, _name: str) -> Kind | None:
    if data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in {12, 40, 52, 56, 64, 108, 124}:
        return Kind.BMP
    return RIFF.get(data[8:12]) if data.startswith(b"RIFF") else None


def _film(data: bytes, _name: str) -> Kind | None:
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        return Kind.HEIC if brand in HEIF_BRANDS else Kind.AUDIO if brand in AUDIO_BRANDS else Kind.VIDEO
    stream = any(data[at : at + 2 * step + 1 : step] == b"GGG" for at, step in ((0, 188), (4, 192)))
    return Kind.VIDEO if data[4:8] in ATOMS or (stream and _controls(data[:188])) else None


def _tar(data: bytes, _name: str) -> Kind | None:
    if data[257:262] == b"ustar":
        return Kind.TAR
    return Kind.CABINET if data[2:5] == b"-lh" else None


def _signature(data: bytes, _name: str) -> Kind | None:
    return Kind.SIGNATURE if data.startswith(b"0") and SIGNED_DATA in data[:64] else None


def _words(data: bytes, name: str) -> Kind | None:
    if (head := _text_head(data)) is None:
        return None
    return Kind.PROGRAM if suffix(name) in SCRIPTS else _text_kind(head.lstrip("\ufeff"))


def _text_kind(head: str) -> Kind:
    begin = PROLOGUE.sub("", head)
    tests: tuple[tuple[Callable[[str], object], Kind], ...] = (
        (BATCH.match, Kind.PROGRAM),
        (lambda _: SVG.match(begin), Kind.DRAWING),
        (lambda _: HTML.match(begin), Kind.HTML),  # Word's own pages speak of its XML further on
        (WORD_XML.search, Kind.WORD_XML),
        (CARD.match, Kind.CARD),
        (_is_mail, Kind.MAIL),
    )
    return next((kind for test, kind in tests if test(head)), Kind.TEXT)


def _is_mail(head: str) -> bool:
    lines = head.lstrip().splitlines()
    block = lines[: lines.index("")] if "" in lines else lines
    return (
        bool(block) and bool(HEADER.match(block[0])) and sum(bool(HEADER.match(line)) for line in block) > 1
    )


def _text_head(data: bytes) -> str | None:
    """Return the first characters of `data` if all of it is text, else None."""
    if data.startswith(UTF_16):
        head = _decoded(data, "utf-16")
        return None if head is None or _controls(head.encode("utf-8", "replace")) else head
    body = data.rstrip(b"\x1a\0")
    if b"\0" in body or any(
        _controls(part) * ONE_STRAY_CONTROL_IN > len(part) for part in (body[:HEAD], body)
    ):
        return None
    if data.startswith(UTF_8_MARK):
        return _decoded(data, "utf-8-sig")
    return next((text for code in ("utf-8", "gb18030") if (text := _decoded(data, code)) is not None), None)


def _controls(data: bytes) -> int:
    """Return how many control characters `data` holds, white space not counted."""
    return len(data) - len(data.translate(None, CONTROLS))


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)[:HEAD]
    except UnicodeDecodeError:
        return None


def _by_name(_data: bytes, name: str) -> Kind | None:
    return Kind.PROGRAM if suffix(name) in SCRIPTS | {".com"} else None


def suffix(name: str) -> str:
    """Return the last suffix of `name` in lower case; blanks after it hide nothing."""
    stem, dot, suffix = name.strip().rpartition(".")
    return f".{suffix.lower()}" if dot and stem else ""


TESTS: tuple[Callable[[bytes, str], Kind | None], ...] = (
    _blank,
    _magic,
    _program,
    _zip,
    _cfb,
    _picture,
    _film,
    _tar,
    _signature,
    _pdf_after_junk,
    _words,
    _by_name,
)
