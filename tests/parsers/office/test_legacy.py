"""Older documents: the form comes out with its cells, whatever program is there, and says so where none is."""

import contextlib
import io
import json
import shutil
import struct
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from parsers.documents import FIELDS, Facts, Form, Other, Unreadable, Why, Work
from parsers.flow import Tabular
from parsers.office import compound, docbook, programs
from parsers.office.legacy import read_doc
from parsers.office.opendocument import read_odf
from parsers.office.rich import read_rtf
from parsers.office.richtable import Edge, Row, on_grid
from parsers.reader import read
from tests.build import legacy

MATERIAL = Path(__file__).parent.parents[1] / "material" / "legacy"
NEEDS_OFFICE = (
    "text-boxes.doc",
    "nested.doc",
)  # antiword looks into no text box, and flattens tables in tables
DOCS = [name for name in sorted(legacy.FILES) if name.endswith((".doc", ".wps"))]
OTHERS = [name for name in sorted(legacy.FILES) if name.endswith((".rtf", ".odt"))]


def material(name: str) -> bytes:
    return (MATERIAL / name).read_bytes()


def form_of(facts: Facts) -> Form:
    form = next((part for part in facts.parts if isinstance(part, Form)), None)
    assert form is not None, facts
    return form


def expect(facts: Facts, name: str) -> None:
    """Compare `facts` with what was written into the file `name`."""
    wanted: Mapping[str, Any] = json.loads(material(f"{name}.json"))
    form = form_of(facts)
    work = next((part for part in facts.parts if isinstance(part, Work)), None)
    assert {key: form.value(key) for key in FIELDS} == wanted["fields"]
    assert (form.kind, form.platform) == (wanted["kind"], wanted["platform"])
    assert (work.words if work else 0, work.pictures if work else 0) == (wanted["words"], wanted["pictures"])


def why(facts: Facts) -> Why | None:
    part = facts.parts[0]
    return part.why if isinstance(part, Unreadable) else None


def only(monkeypatch: pytest.MonkeyPatch, folder: Path, *names: str) -> None:
    """Let the machine have no programs but `names`."""
    for name in names:
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))


def document(*paragraphs: str, head: str = r"\ansicpg936") -> bytes:
    text = "".join(rf"\pard\plain {paragraph}\par " for paragraph in paragraphs)
    return (
        r"{\rtf1\ansi" + head + r"{\fonttbl{\f0\fcharset134 SimSun;}{\f1\fcharset2 Wingdings;}}" + text + "}"
    ).encode("latin-1")


def gbk(text: str) -> str:
    return "".join(f"\\'{byte:02x}" for byte in text.encode("gb18030"))


def text_of(data: bytes) -> str:
    (part,) = read_rtf(data).parts
    assert isinstance(part, Work)
    return part.text


def test_every_file_is_the_builders() -> None:
    assert {path.name for path in MATERIAL.iterdir()} == {
        each for name in legacy.FILES for each in (name, f"{name}.json")
    }


@pytest.mark.parametrize("name", sorted(legacy.FILES))
def test_the_facts_are_the_builders(name: str) -> None:
    assert material(f"{name}.json") == legacy.expected(name)


@pytest.mark.parametrize("name", OTHERS)
def test_rich_text_and_opendocument(name: str) -> None:
    expect(read(material(name), name), name)


@pytest.mark.debian("antiword")
@pytest.mark.parametrize("name", [name for name in DOCS if name not in NEEDS_OFFICE])
def test_word_97_by_antiword_alone(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only(monkeypatch, tmp_path, "antiword")
    facts = read(material(name), name)
    assert facts.reader == "antiword"
    expect(facts, name)


@pytest.mark.debian("antiword", "soffice")
@pytest.mark.parametrize("name", ["plain.doc", "text-boxes.doc", "symbol.doc", "nested.doc"])
def test_what_antiword_may_miss_is_read_again(name: str) -> None:
    facts = read(material(name), name)
    assert facts.reader == ("antiword" if name == "plain.doc" else "soffice")
    expect(facts, name)


@pytest.mark.debian("soffice")
def test_word_97_by_libreoffice_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    needed = ("soffice", "dirname", "basename", "sed", "uname", "grep", "ls", "timeout")
    only(monkeypatch, tmp_path, *needed)
    facts = read(material("with-work.doc"), "with-work.doc")
    assert facts.reader == "soffice"
    expect(facts, "with-work.doc")


@pytest.mark.debian("antiword")
def test_a_missed_text_box_is_no_value(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only(monkeypatch, tmp_path, "antiword")
    form = form_of(read(material("text-boxes.doc"), "text-boxes.doc"))
    assert "[pic]" not in {reading.value for reading in form.readings.values()}


@pytest.mark.parametrize("name", ["plain.doc", "plain.wps"])
def test_without_a_program_another_format_is_asked_for(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    only(monkeypatch, tmp_path)
    (part,) = read(material(name), name).parts
    assert isinstance(part, Unreadable)
    assert part.why is Why.UNSUPPORTED
    assert "docx 或 PDF" in part.note


@pytest.mark.parametrize("kept", [0.02, 0.1, 0.5])
def test_a_word_97_document_cut_off(kept: float, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only(monkeypatch, tmp_path)
    data = material("plain.doc")
    assert why(read_doc(data[: int(len(data) * kept)])) in {Why.CORRUPT, Why.UNSUPPORTED}


@pytest.mark.parametrize("name", ["plain.doc", "with-work.doc", "plain.wps"])
def test_a_word_97_document_without_its_directory_is_damaged(name: str) -> None:
    """Its directory lies near the end: what was cut off says no more which program it is of."""
    data = material(name)
    for kept in (600, 9000, len(data) // 3):
        assert why(read(data[:kept], name)) == Why.CORRUPT


def test_a_compound_file_of_another_program_is_not_damaged() -> None:
    data = material("plain.doc").replace(
        "WordDocument".encode("utf-16-le"), "SomeDocument".encode("utf-16-le")
    )
    assert why(read(data, "plan.mpp")) == Why.UNSUPPORTED


@pytest.mark.debian("antiword", "soffice")
def test_a_destroyed_word_97_document_is_damaged() -> None:
    data = material("plain.doc")
    assert why(read_doc(data[:1536] + bytes(len(data) - 2560) + data[-1024:])) == Why.CORRUPT


def test_a_word_97_document_with_a_password() -> None:
    data = bytearray(material("plain.doc"))
    at = data.index(b"\xec\xa5")
    data[at + 11] |= 1
    assert why(read(bytes(data), "表.doc")) == Why.ENCRYPTED


def test_a_program_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = tmp_path / "left"
    slow = tmp_path / "antiword"
    slow.write_text(f"#!/bin/sh\n(/bin/sleep 3; /bin/echo x > {left}) &\n/bin/sleep 3\n/bin/echo '<book/>'\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    begun = time.monotonic()
    assert programs.antiword(b"x", seconds=1) is None
    assert time.monotonic() - begun < 2.5
    time.sleep(2.5)
    assert not left.exists()


def test_a_program_gets_nothing_of_our_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spy = tmp_path / "antiword"
    spy.write_text("#!/bin/sh\n/usr/bin/env\n/bin/pwd\n")
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SHENBAO_TELEGRAM__TOKEN", "secret")
    printed = programs.antiword(b"x")
    assert printed is not None
    assert b"secret" not in printed
    assert b"shenbao-" in printed


def test_docbook_cells_and_pictures() -> None:
    book = "<book><para>前</para><para><informaltable><tgroup><tbody><row><entry>\n名称\n[pic]\n</entry><entry/></row></tbody></tgroup></informaltable></para><para>[pic][pic]</para></book>"
    printed = docbook.printed(book.encode())
    first, table, last = printed.blocks
    assert (first.text, last.text, last.pictures) == ("前", "", ("1", "2"))
    assert isinstance(table, Tabular)
    assert [cell.text for cell in table.cells] == ["名称", ""]
    assert table.pictures == ("0",)
    assert printed.doubtful


def test_streams_of_a_compound_file() -> None:
    streams = compound.streams(material("with-work.doc"))
    assert streams["WordDocument"].startswith(b"\xec\xa5")
    assert streams["\x05SummaryInformation"].startswith(b"\xfe\xff")
    assert len(streams["Data"]) > 30_000


@given(st.lists(st.tuples(st.integers(0, 1535), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_damaged_compound_file_ends(patches: list[tuple[int, int]]) -> None:
    data = bytearray(material("plain.doc"))
    for at, byte in patches:
        data[at] = byte
    with contextlib.suppress(ValueError, struct.error):
        assert sum(map(len, compound.streams(bytes(data)).values())) < 100 * len(data)


@pytest.mark.parametrize(
    ("paragraph", "text"),
    [
        pytest.param(r"\f0 " + gbk("亳州·㐂"), "亳州·㐂", id="bytes of GB18030"),
        pytest.param(r"\f0 " + gbk("中").replace("\\'d0", "\\'D0"), "中", id="capital digits"),
        pytest.param(r"\u20147 ?\u24030 ?", "亳州", id="Unicode with a stand-in"),
        pytest.param(r"\uc2\u20147 \'81\'40\u24030 ??", "亳州", id="Unicode with two stand-ins"),
        pytest.param(r"\uc0\u20147\u24030 ", "亳州", id="Unicode with none"),
        pytest.param(r"{\uc2 x}\u20147 ?y", "x亳y", id="the stand-ins of another group"),
        pytest.param(r"\u-10175 ?\u-8373 ?", "\U0002074b", id="beyond the basic plane"),
        pytest.param(r"a{\v hidden}{\deleted gone}b", "ab", id="hidden and deleted"),
        pytest.param(r"{\f1 \'fe}{\f1\u-3844 ?}", "☑√", id="signs of a symbol font"),
        pytest.param(r"a\{b\}\\c\~d\_e\emdash f", "a{b}\\c\u00a0d-e—f", id="signs written as words"),
        pytest.param(
            r"{\*\unknown secret}{\field{\*\fldinst DATE}{\fldrslt 5月30日}}".replace(
                "月", gbk("月")
            ).replace("日", gbk("日")),
            "5月30日",
            id="a field shows its result",
        ),
        pytest.param(r"a\bin3 }}}b", "a}}}b", id="binary data"),
        pytest.param(
            r"{\shp{\*\shpinst{\sp{\sn x}{\sv y}}{\shptxt box\par}}{\shprslt again}}a",
            "a\nbox",
            id="a text box",
        ),
    ],
)
def test_the_text_of_rich_text(paragraph: str, text: str) -> None:
    assert text_of(document(paragraph)) == text


def test_chinese_without_its_code_page() -> None:
    assert text_of(document(gbk("亳州文明网"), head="")) == "亳州文明网"


def test_a_table_of_rich_text_with_merged_cells() -> None:
    rows = [
        Row(0, ("类别", "甲", "乙"), (Edge(100, down="first"), Edge(200), Edge(300))),
        Row(5, ("", "丙", ""), (Edge(102, down="next"), Edge(205, across="first"), Edge(300, across="next"))),
    ]
    shown = [(cell.text, cell.row, cell.column, cell.rowspan, cell.colspan) for cell in on_grid(rows)]
    assert shown == [("类别", 0, 0, 2, 1), ("甲", 0, 1, 1, 1), ("乙", 0, 2, 1, 1), ("丙", 1, 1, 1, 2)]


def test_pictures_of_rich_text() -> None:
    file = io.BytesIO()
    Image.effect_noise((200, 100), 50).save(file, "PNG")
    text = gbk("工作材料介绍文字。" * 10)
    picture = r"{\pict\pngblip\picw200 " + file.getvalue().hex() + "}"
    again = r"{\*\shppict" + picture + r"}{\nonshppict" + picture + "}"
    (part,) = read_rtf(document(text, picture, again)).parts
    assert isinstance(part, Work)
    assert part.pictures == 1


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"{\\rtf1", id="nothing but its beginning"),
        pytest.param(b"{\\rtf1" + b"{" * 20_000 + b"x", id="braces without end"),
        pytest.param(b"{\\rtf1\\bin99999999999 ", id="a promise of much"),
    ],
)
def test_rich_text_that_holds_nothing(data: bytes) -> None:
    assert why(read_rtf(data)) in {Why.CORRUPT, Why.UNSAFE}


def test_rich_text_left_open_keeps_its_words() -> None:
    assert "亳州" in text_of(document(r"{\shp{\*\shpinst{\shptxt " + gbk("亳州文明"))[:-7])


def odf(body: str, **parts: bytes) -> bytes:
    file = io.BytesIO()
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "style")
    )
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        content = (
            f"<office:document-content {spaces}><office:body>{body}</office:body></office:document-content>"
        )
        opened.writestr("content.xml", content)
        for name, data in parts.items():
            opened.writestr(name.replace("__", "/"), data)
    return file.getvalue()


def test_the_text_of_opendocument() -> None:
    body = '<office:text><text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:p>a<text:s text:c="2"/>b<text:tab/>c<text:line-break/>d</text:p></office:text>'
    (part,) = read_odf(odf(body)).parts
    assert isinstance(part, Work)
    assert part.text == "a  b c\nd"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(odf("<office:text/>", Basic__script=b"x"), Why.UNSAFE, id="macros"),
        pytest.param(
            odf("<office:text/>", **{"META-INF__manifest.xml": b"<manifest:encryption-data/>"}),
            Why.ENCRYPTED,
            id="a password",
        ),
        pytest.param(odf("<office:presentation/>"), Why.UNSUPPORTED, id="a presentation"),
        pytest.param(
            odf("<office:text>" + "<text:section>" * 200 + "</text:section>" * 200 + "</office:text>"),
            Why.UNSAFE,
            id="too deep",
        ),
        pytest.param(odf("<office:text>"), Why.CORRUPT, id="broken XML"),
        pytest.param(odf("<office:text/>")[:-200], Why.CORRUPT, id="cut off"),
    ],
)
def test_opendocument_refused(data: bytes, reason: Why) -> None:
    assert why(read_odf(data)) == reason


def test_an_opendocument_spreadsheet_is_understood() -> None:
    assert isinstance(read_odf(odf("<office:spreadsheet/>")).parts[0], Other)


SAMPLES = [
    document(r"\f0 " + gbk("亳州文明网") + r"\u20147 ?"),
    material("plain.rtf")[:20_000],
    odf("<office:text><text:p>x</text:p></office:text>"),
]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=8)), max_size=8),
)
def test_damage_is_a_value(sample: bytes, patches: list[tuple[float, bytes]]) -> None:
    data = bytearray(sample)
    for where, patch in patches:
        at = int(where * len(data))
        data[at : at + len(patch)] = patch
    assert read(bytes(data), "x.rtf").parts
