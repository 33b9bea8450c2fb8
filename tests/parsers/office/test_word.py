import io
import zipfile
from collections.abc import Mapping

import msgspec
import pytest
from docx import Document
from docx.shared import Cm
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.documents import FIELDS, Facts, Form, Qualification, Unreadable, Why, Work
from parsers.form_labels import field_of
from parsers.office.word import images, is_encrypted_office, read_docx
from tests.build import facts, forms, licences, ooxml, pictures, seals, work
from tests.build.cells import TICKS, WORDINGS
from tests.build.facts import Applicant
from tests.build.forms import VARIANTS, Dress
from tests.build.grid import Look

WHO = facts.applicant(1, county="涡阳县")
OFFICE = "http://schemas.openxmlformats.org"
IMAGE = f"{OFFICE}/officeDocument/2006/relationships/image"
W = f'xmlns:w="{OFFICE}/wordprocessingml/2006/main"'
R = f'xmlns:r="{OFFICE}/officeDocument/2006/relationships"'
PIC = f'xmlns:pic="{OFFICE}/drawingml/2006/picture" xmlns:a="{OFFICE}/drawingml/2006/main" {R}'
WP = f'xmlns:wp="{OFFICE}/drawingml/2006/wordprocessingDrawing"'
WPG = 'xmlns:wpg="http://schemas.microsoft.com/office/word/2010/wordprocessingGroup"'
V = f'xmlns:v="urn:schemas-microsoft-com:vml" {R}'


def form_of(data: bytes) -> Form:
    form = next((part for part in read_docx(data).parts if isinstance(part, Form)), None)
    assert form is not None
    return form


def work_of(found: Facts) -> Work | None:
    return next((part for part in found.parts if isinstance(part, Work)), None)


def values_of(form: Form) -> Mapping[str, str | None]:
    return {key: form.value(key) for key in FIELDS}


def document(*blocks: str) -> bytes:
    made = ooxml.new_document()
    ooxml.append(made, "".join(blocks))
    return ooxml.saved(made)


def line(*runs: str) -> str:
    return ooxml.paragraph("".join(ooxml.run(text) if not text.startswith("<") else text for text in runs))


def rows(*texts: tuple[str, str]) -> str:
    """A table of two columns; text that is XML already stays as it is."""
    made = (
        ooxml.row("".join(ooxml.cell(text if text.startswith("<") else line(text), 4500) for text in pair))
        for pair in texts
    )
    return ooxml.table("".join(made), (4500, 4500))


def plain_form(**cells: str) -> bytes:
    """A small form whose value cells hold `cells`, XML or text."""
    given_cells = {
        "网站平台或账号名称": "亳州发布",
        "网站平台域名或账号ID": "微信号：bz",
        "类别": "政府、新闻类（√） 商业类（ ） 其他（ ）",
        "主办单位": "亳州市图书馆",
        "手机号码": "13800138000",
        "主要情况": "近年来。",
        **cells,
    }
    return document(rows(*given_cells.items()), line("注：1.请在网站平台或账号类别选项内打“√”。"))


@pytest.mark.parametrize("unit", ["institution", "company", "person"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_form_in_every_dress(variant: str, unit: str) -> None:
    kind = "website" if unit == "company" else "account"
    who = facts.applicant(7, unit=unit, kind=kind, county=None if unit == "person" else "利辛县")
    built = forms.docx(who, VARIANTS[variant])
    found = read_docx(built.data)
    form = form_of(built.data)
    rest = work_of(found)
    assert values_of(form) == msgspec.structs.asdict(built.fields)
    assert (form.kind, form.platform) == (built.kind, built.platform)
    assert form.summary_words == facts.count(built.fields.summary or "")
    assert (rest.words if rest else 0, rest.pictures if rest else 0) == (built.words, built.pictures)
    assert found.type == "form"


LOOKS = st.builds(
    Look,
    wording=st.sampled_from(sorted(WORDINGS)),
    tick=st.sampled_from(sorted(TICKS)),
    joined=st.booleans(),
    shuffled=st.booleans(),
    halves=st.sampled_from(["first", "second", "both"]),
    address=st.sampled_from(["lines", "space", "named", "brackets"]),
    slash=st.booleans(),
    hints=st.booleans(),
)
DRESSES = st.builds(
    Dress,
    look=LOOKS,
    control=st.sampled_from(["", "run", "paragraph", "cell", "row"]),
    boxed=st.sampled_from(["", "value", "table"]),
    tracked=st.booleans(),
    nested=st.sampled_from(["", "value", "whole"]),
    merge=st.sampled_from(["native", "duplicates", "fine"]),
    split=st.booleans(),
    scattered=st.booleans(),
    before=st.sampled_from(["", "关于报送申报材料的函"]),
    work=st.one_of(st.none(), st.just(work.Work(words=300, pictures=1))),
)
# Nobody is called like a cell of the form, and nobody could tell such a name from the cell's label.
NAMES = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=3, max_size=12).filter(
    lambda text: field_of(text) is None
)
APPLICANTS = st.builds(
    lambda number, unit, name, people, summary: facts.applicant(
        number, unit=unit, name=name, organizer=name + "局", contact=people, summary=summary
    ),
    st.integers(0, 50),
    st.sampled_from(["institution", "company", "society"]),
    NAMES,
    NAMES,
    st.lists(NAMES.map(lambda text: f"{text}，2022年3.5亿次，电话：12345。"), min_size=2, max_size=4).map(
        "\n".join
    ),
)


@settings(max_examples=25, deadline=None)
@given(APPLICANTS, DRESSES)
def test_any_dress_over_any_applicant(who: Applicant, dress: Dress) -> None:
    built = forms.docx(who, dress)
    found = read_docx(built.data)
    rest = work_of(found)
    assert values_of(form_of(built.data)) == msgspec.structs.asdict(built.fields)
    assert (rest.words if rest else 0, rest.pictures if rest else 0) == (built.words, built.pictures)


def test_the_blank_form_holds_nothing() -> None:
    found = read_docx(forms.blank().data)
    assert set(values_of(form_of(forms.blank().data)).values()) == {None}
    assert len(found.parts) == 1


def test_several_forms_in_one_document() -> None:
    people = tuple(facts.applicant(number, county="蒙城县") for number in range(3))
    data, expected = forms.docx_of_several(people)
    found = [part for part in read_docx(data).parts if isinstance(part, Form)]
    assert [values_of(form) for form in found] == [msgspec.structs.asdict(fields) for fields in expected]


def test_forms_with_nothing_between_their_tables() -> None:
    one = forms.body(facts.applicant(1), Dress())
    bare = one[one.index("<w:tbl>") : one.index("</w:tbl>") + len("</w:tbl>")]
    found = [part for part in read_docx(document(bare, bare)).parts if isinstance(part, Form)]
    assert len(found) == 2


def cell(content: str) -> str:
    return ooxml.paragraph(content)


SHAPES = {
    "hidden text": "<w:r><w:rPr><w:vanish/></w:rPr><w:t>旧</w:t></w:r>" + ooxml.run("亳州发布"),
    "hidden switched off": '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>亳州发布</w:t></w:r>',
    "moved text": "<w:moveFrom w:id='1' w:author='x'><w:r><w:t>旧</w:t></w:r></w:moveFrom>"
    "<w:moveTo w:id='2' w:author='x'><w:r><w:t>亳州发布</w:t></w:r></w:moveTo>",
    "link": f"<w:hyperlink w:anchor='x'>{ooxml.run('亳州')}</w:hyperlink>{ooxml.run('发布')}",
    "field": '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> MERGEFIELD 旧 </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>亳州发布</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>',
    "simple field": "<w:fldSimple w:instr='AUTHOR'><w:r><w:t>亳州发布</w:t></w:r></w:fldSimple>",
    "soft hyphen": "<w:r><w:t>亳州</w:t><w:softHyphen/><w:t>发布</w:t></w:r>",
    "ruby": "<w:r><w:ruby><w:rt><w:r><w:t>bó</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>亳</w:t></w:r></w:rubyBase></w:ruby></w:r>"
    + ooxml.run("州发布"),
    "footnote": ooxml.run("亳州发布") + "<w:r><w:footnoteReference w:id='2'/></w:r>",
    "drop-down": "<w:sdt><w:sdtPr><w:dropDownList><w:listItem w:value='旧'/></w:dropDownList></w:sdtPr>"
    f"<w:sdtContent>{ooxml.run('亳州发布')}</w:sdtContent></w:sdt>",
    "control in a control": ooxml.control(ooxml.control(ooxml.run("亳州发布"), "a"), "b"),
    "text box with its fallback": ooxml.text_box(cell(ooxml.run("亳州发布"))),
    "smart tag": f"<w:smartTag w:element='x'>{ooxml.run('亳州发布')}</w:smartTag>",
    "tab": ooxml.run("") + "<w:r><w:tab/><w:t>亳州发布</w:t></w:r>",
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_text_is_what_a_reader_sees(shape: str) -> None:
    assert form_of(plain_form(网站平台或账号名称=cell(SHAPES[shape]))).value("name") == "亳州发布"


def test_a_control_that_shows_its_prompt_is_empty() -> None:
    prompt = "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>单击此处输入文字。</w:t></w:r></w:sdtContent></w:sdt>"
    assert form_of(plain_form(主办单位=cell(prompt))).value("organizer") is None


def test_a_deleted_paragraph_mark_joins_two_lines() -> None:
    mark = "<w:pPr><w:rPr><w:del w:id='9' w:author='x'/></w:rPr></w:pPr>"
    joined = f"<w:p>{mark}{ooxml.run('亳州市')}</w:p>{line('图书馆')}"
    assert form_of(plain_form(主办单位=joined)).value("organizer") == "亳州市图书馆"


def field(code: str) -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{code}</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def legacy(checked: str) -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox>{checked}</w:checkBox></w:ffData></w:fldChar></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def typed(text: str, font: str) -> str:
    return f'<w:r><w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}"/></w:rPr><w:t>{text}</w:t></w:r>'


MARKS = {
    "symbol": ooxml.symbol("F0FC"),
    "symbol of Wingdings 2": ooxml.symbol("F050", "Wingdings 2"),
    "symbol without its high byte": ooxml.symbol("00FE"),
    "letter typed in Wingdings": typed("ü", "Wingdings"),
    "letter typed in Wingdings 2": typed("R", "Wingdings 2"),
    "private use in Wingdings": typed("\uf0fe", "Wingdings"),
    "sign in a box by a field": field("eq \\o\\ac(□,√)"),
    "form field checked": legacy("<w:checked/>"),
    "form field checked by default": legacy('<w:default w:val="1"/>'),
    "check box control": ooxml.checkbox(ticked=True),
    "circled letter": ooxml.run("Ⓥ"),
}


@pytest.mark.parametrize("mark", MARKS)
def test_ticks_that_are_no_text(mark: str) -> None:
    options = line("政府、新闻类（", MARKS[mark], "）") + line("商业类（ ）") + line("其他（ ）")
    assert form_of(plain_form(类别=options)).ticked == ("government_news",)


def test_empty_boxes_are_no_ticks() -> None:
    off = (ooxml.checkbox(ticked=False), legacy('<w:default w:val="0"/>'), ooxml.symbol("F0A8"))
    names = ("政府、新闻类", "商业类", "其他")
    options = "".join(line(mark, name) for mark, name in zip(off, names, strict=True))
    assert form_of(plain_form(类别=options)).ticked == ()


def test_a_deleted_row_is_gone() -> None:
    gone = "<w:tr><w:trPr><w:del w:id='3' w:author='x'/></w:trPr>" + "".join(
        ooxml.cell(line(text), 4500) for text in ("主办单位", "旧单位")
    )
    data = plain_form()
    made = _edited(data, "<w:tblGrid>", "<w:tblGrid>")
    edited = _edited(made, "</w:tbl>", gone + "</w:tr></w:tbl>")
    assert form_of(edited).value("organizer") == "亳州市图书馆"


def test_a_table_inside_a_cell_with_labels_of_its_own() -> None:
    inner = rows(("联系人", "张三"), ("电话", "0558-5556782"), ("电子邮箱", "a@b.cn"))
    data = document(
        rows(
            ("账号名称", "亳州发布"), ("账号ID", "bz"), ("类别", "商业类（√）"), ("主办单位", "亳州某某有限公司"),
            ("联络", inner + line("")), ("主要情况", "近年来。"),
        )
    )  # fmt: skip
    form = form_of(data)
    assert [form.value(key) for key in ("contact", "phone", "email")] == ["张三", "0558-5556782", "a@b.cn"]


def test_a_form_typed_as_lines() -> None:
    form = form_of(
        document(
            *(line(text) for text in ("账号名称：亳州发布", "账号ID：bz", "类别：商业类", "主办单位：某公司"))
        )
    )
    assert (form.value("name"), form.value("category")) == ("亳州发布", "commercial")


def test_work_material() -> None:
    found = read_docx(work.docx(work.Work(words=900, pictures=4)))
    assert [(type(part), part.words, part.pictures) for part in found.parts if isinstance(part, Work)] == [
        (Work, 900, 4)
    ]
    assert found.type == "work"
    assert read_docx(work.docx(work.Work(words=700, pictures=2, in_table=True))).parts[
        0
    ] == msgspec.structs.replace(read_docx(work.docx(work.Work(words=700, pictures=2))).parts[0])


def test_pictures_are_counted_once_and_ornaments_not_at_all() -> None:
    made = Document()
    made.add_paragraph("我们的案例。" * 10)
    for data in (pictures.photo(1), pictures.photo(2), pictures.photo(1), pictures.logo(48)):
        made.add_picture(io.BytesIO(data))
    made.sections[0].header.paragraphs[0].add_run().add_picture(io.BytesIO(pictures.photo(3)))
    buffer = io.BytesIO()
    made.save(buffer)
    rest = work_of(read_docx(buffer.getvalue()))
    assert rest is not None
    assert (rest.words, rest.pictures) == (60, 2)
    assert len(images(buffer.getvalue())) == 2


def test_foot_and_end_notes_count() -> None:
    notes = (
        f'<w:footnotes {W}><w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:t>线</w:t></w:r></w:p></w:footnote>'
        '<w:footnote w:id="1"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t>数据截至五月底。</w:t></w:r></w:p></w:footnote>'
        "</w:footnotes>"
    )
    relation = (
        '<Relationship Id="rIdN" Target="footnotes.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"/></Relationships>'
    )
    data = document(line("我们的案例。" * 20, '<w:r><w:footnoteReference w:id="1"/></w:r>'))
    data = _with(data, "word/footnotes.xml", notes.encode())
    data = _edited(data, "</Relationships>", relation, "word/_rels/document.xml.rels")
    rest = work_of(read_docx(data))
    assert rest is not None
    assert rest.words == 120 + 8


def test_a_picture_shown_tiny_decorates() -> None:
    made = Document()
    made.add_paragraph("我们的案例。" * 20)
    for number, width in enumerate((0.6, 0.9, 1.4, 11.0)):
        made.add_picture(io.BytesIO(pictures.photo(number, size=(400, 400))), width=Cm(width))
    buffer = io.BytesIO()
    made.save(buffer)
    rest = work_of(read_docx(buffer.getvalue()))
    assert rest is not None
    assert rest.pictures == 2


def test_pictures_grouped_old_and_linked() -> None:
    """A group of two counts as two, a picture of Word 97's kind as one, one that lies elsewhere as none."""
    made = Document()
    made.add_paragraph("我们的案例。" * 20)
    ids = [made.part.get_or_add_image(io.BytesIO(pictures.photo(number)))[0] for number in range(3)]
    far = made.part.relate_to("http://127.0.0.1/far.jpg", IMAGE, is_external=True)
    blips = "".join(
        f'<pic:pic {PIC}><pic:blipFill><a:blip r:embed="{each}"/></pic:blipFill></pic:pic>'
        for each in ids[:2]
    )
    group = (
        f'<w:r><w:drawing><wp:inline {WP}><wp:extent cx="3600000" cy="3600000"/>'
        f"<wpg:wgp {WPG}>{blips}</wpg:wgp></wp:inline></w:drawing></w:r>"
    )
    old = f'<w:r><w:pict><v:shape {V}><v:imagedata r:id="{ids[2]}"/></v:shape></w:pict></w:r>'
    away = f'<w:r><w:pict><v:shape {V}><v:imagedata r:id="{far}"/></v:shape></w:pict></w:r>'
    ooxml.append(made, line(group, old, away))
    buffer = io.BytesIO()
    made.save(buffer)
    rest = work_of(read_docx(buffer.getvalue()))
    assert rest is not None
    assert rest.pictures == 3


def test_a_seal_in_the_form_is_no_picture_of_the_case() -> None:
    made = Document(io.BytesIO(forms.docx(WHO).data))
    made.tables[0].cell(9, 1).add_paragraph().add_run().add_picture(io.BytesIO(pictures.photo(5)))
    buffer = io.BytesIO()
    made.save(buffer)
    assert work_of(read_docx(buffer.getvalue())) is None


def with_seal(row: int | None) -> Form:
    """Return the form of a docx with a seal's picture in the cell of `row`, or below the table."""
    made = Document(io.BytesIO(forms.docx(WHO).data))
    picture = io.BytesIO()
    seals.seal("亳州市文化馆", 240).save(picture, "PNG")
    below = made.add_paragraph() if row is None else made.tables[0].cell(row, 1).add_paragraph()
    below.add_run().add_picture(picture)
    buffer = io.BytesIO()
    made.save(buffer)
    (form,) = (part for part in read_docx(buffer.getvalue()).parts if isinstance(part, Form))
    return form


@pytest.mark.parametrize(
    ("row", "seen", "unsure"),
    [
        pytest.param(9, (1, None), ("recommendation",), id="the unit's"),
        pytest.param(10, (None, 1), ("county_opinion",), id="one of two: the other may be on the paper"),
        pytest.param(None, (None, None), (), id="below the table it belongs to no cell"),
    ],
)
def test_a_seals_picture_counts_in_the_cell_it_is_pasted_in(
    row: int | None, seen: tuple[int | None, int | None], unsure: tuple[str, ...]
) -> None:
    found = with_seal(row).seals
    assert ((found.recommendation, found.county_opinion), found.unsure) == (seen, unsure)


def test_a_licence_pasted_after_the_work_is_no_picture_of_it() -> None:
    made = Document(io.BytesIO(work.docx(work.Work(words=200, pictures=2))))
    made.add_picture(io.BytesIO(licences.as_png(WHO).data))
    buffer = io.BytesIO()
    made.save(buffer)
    found = read_docx(buffer.getvalue())
    (paper,) = (part for part in found.parts if isinstance(part, Qualification))
    rest = work_of(found)
    assert (paper.name, rest.pictures if rest else None) == (WHO.fields.organizer, 2)


def test_a_certificate_typed_in_word() -> None:
    lines = (
        "营业执照",
        "统一社会信用代码：91110000600037341L",
        "名称：亳州药香文化有限公司",
        "类型：有限责任公司",
        "住所：亳州市希夷大道1号",
    )
    found = read_docx(document(*(line(text) for text in lines)))
    assert isinstance(found.parts[0], Qualification)
    assert found.parts[0].name == "亳州药香文化有限公司"


def test_a_pasted_licence_is_read() -> None:
    who = facts.applicant(3)
    made = Document()
    made.add_picture(io.BytesIO(licences.as_png(who).data))
    buffer = io.BytesIO()
    made.save(buffer)
    found = read_docx(buffer.getvalue())
    assert [part.name for part in found.parts if isinstance(part, Qualification)] == [who.fields.organizer]


def _edited(data: bytes, old: str, new: str, part: str = "word/document.xml") -> bytes:
    """The package with `old` replaced in one part."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for info in before.infolist():
            content = before.read(info)
            if info.filename == part:
                text = content.decode()
                assert old in text
                content = text.replace(old, new).encode()
            after.writestr(info.filename, content)
    return out.getvalue()


def _with(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return out.getvalue()


PLAIN = plain_form()
ENCRYPTED = (
    bytes.fromhex("D0CF11E0A1B11AE1") + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(64)
)
WIDE = "<w:tc><w:tcPr><w:gridSpan w:val='20000000'/></w:tcPr><w:p/></w:tc>"
BAD = {
    "nothing like a package": (b"PK\x03\x04 junk", Why.CORRUPT),
    "cut off": (PLAIN[: len(PLAIN) // 2], Why.CORRUPT),
    "no document in it": (_edited(PLAIN, "word/document.xml", "word/other.xml", "_rels/.rels"), Why.CORRUPT),
    "broken XML": (_edited(PLAIN, "</w:body>", ""), Why.CORRUPT),
    "under a password": (ENCRYPTED, Why.ENCRYPTED),
    "macros": (_with(PLAIN, "word/vbaProject.bin", b"x"), Why.UNSAFE),
    "a column of twenty million": (_edited(PLAIN, "</w:tr>", WIDE + "</w:tr>"), Why.UNSAFE),
    "entities": (_edited(PLAIN, "<w:document ", "<!DOCTYPE x [<!ENTITY a 'b'>]><w:document "), Why.UNSAFE),
    "a part that inflates": (_with(PLAIN, "word/media/x.xml", bytes(40_000_000)), Why.UNSAFE),
    "a path that climbs": (_with(PLAIN, "../../x", b"x"), Why.UNSAFE),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_a_value(name: str) -> None:
    data, why = BAD[name]
    found = read_docx(data)
    assert [part.why for part in found.parts if isinstance(part, Unreadable)] == [why]
    assert is_encrypted_office(data) == (why is Why.ENCRYPTED)


def test_nesting_without_end_is_refused() -> None:
    deep = line("x")
    for _ in range(100):
        deep = ooxml.table(ooxml.row(ooxml.cell(deep + line(""), 100)), (100,))
    found = read_docx(_edited(PLAIN, "</w:tbl>", f"</w:tbl>{deep}"))
    assert found.parts


def test_a_package_of_a_zip_to_come_is_a_value() -> None:
    content = bytearray(PLAIN)
    content[content.index(b"PK\x01\x02") + 6] = 64  # the version needed to open it
    (part,) = read_docx(bytes(content)).parts
    assert isinstance(part, Unreadable)
    assert part.why is Why.CORRUPT


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_damage_breaks_the_reader(data: st.DataObject) -> None:
    content = bytearray(PLAIN)
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    assert read_docx(bytes(content)).parts
