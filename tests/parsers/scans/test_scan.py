"""Scanned forms: ruled cells, the lines in them, ticks by their ink."""

import cv2
import msgspec
import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

from parsers import ocr, ticks, view
from parsers.documents import FIELDS, FREE_TEXTS, Form
from parsers.ocr import Image, Line
from parsers.scans import flat, grid, inside, marks, scan
from tests.build import facts, fonts, scans, sheet, strokes
from tests.build.grid import Look

WHO = facts.applicant(3, kind="website", unit="company", county="谯城区")
ASKEW = scans.Scanner(skew=2.2, noise=8)


def array(data: bytes) -> Image:
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(decoded, np.uint8)


@pytest.fixture(scope="module")
def pages() -> list[Image]:
    return [array(page) for page in scans.form_pages(WHO, scans.STAMPED_BY_COUNTY, ASKEW)]


@pytest.fixture(scope="module")
def form(pages: list[Image]) -> Form:
    seen = [scan.see(view.of(page), number + 1) for number, page in enumerate(pages)]
    forms = scan.read([page for page in seen if page is not None])
    assert len(forms) == 1
    return forms[0]


def test_a_page_askew_with_seals_gives_every_field(form: Form) -> None:
    wanted = {key: getattr(WHO.fields, key) for key in FIELDS}
    assert {key: form.value(key) for key in FIELDS} == wanted
    assert form.scanned
    assert form.ticked == (WHO.fields.category,)


def test_a_reading_says_how_sure_it_is_and_where_it_stands(form: Form) -> None:
    name, county = form.readings["name"], form.readings["county_opinion"]
    assert 0.8 < name.confidence <= 1
    assert name.box is not None
    assert (name.box.page, name.box.left < 500, name.box.top < 250) == (1, True, True)
    assert county.box is not None
    assert county.box.page == 2


def test_a_page_with_dashed_rules_and_a_tick_by_hand_gives_every_short_field() -> None:
    who = facts.applicant(12, summary_words=80)
    look = Look(tick="hand-tick", address="named")
    style = sheet.Style(tall=0.4, leading=15.5, widths=(1500, 3100, 1500, 3200))
    scanner = scans.Scanner(dpi=150, skew=-1.1, quality=75, seed=9)
    (page,) = sheet.pages(who, look, style)
    dashed = scans.paint(page, scanner, scans.Ink(gap=3.0, wide=0.5))
    seen = scan.see(view.of(array(scans.jpeg(scans.scan(dashed, scanner), scanner))))
    assert seen is not None
    (read,) = scan.read([seen])
    short = [key for key in FIELDS if key not in FREE_TEXTS | {"category"} and not key.endswith("_date")]
    assert {key: read.value(key) for key in short} == {key: getattr(who.fields, key) for key in short}
    assert read.ticked == (who.fields.category,)
    assert (
        max(read.readings[key].confidence for key in short if read.value(key)) < 0.95
    )  # the rules are guessed


def test_a_letter_that_may_be_another_is_never_sure() -> None:
    said = ("sz_l0_64@sina.com", "www.qcdz16.example.cn", "iO1l@qq.com", "gh_7a1c9e0d", "hello18@qq.com")
    paper = Pillow.new("RGB", (420, 60 * len(said)), "white")
    pen = ImageDraw.Draw(paper)
    for row, text in enumerate(said):
        pen.text((30, 14 + 60 * row), text, font=fonts.sized(19), fill=(70, 70, 70))
    page = np.asarray(cv2.GaussianBlur(np.asarray(paper), (0, 0), 0.9), np.uint8)
    places = [
        grid.Place(row=row, column=0, rowspan=1, colspan=1, box=(5, 60 * row, 415, 60 * row + 59))
        for row in range(len(said))
    ]
    seen = inside.Page(image=page, sight=view.of(page), lines=tuple(ocr.lines(page)), tables=(tuple(places),))
    read = inside.cells(seen, places)
    assert len(read) == len(said)
    assert [
        cell.text
        for cell, text in zip(read, said, strict=True)
        if cell.text != text and cell.confidence >= 0.95
    ] == []


@pytest.mark.parametrize(
    ("first", "end", "joined"),
    [
        pytest.param("坚持正确政治导向，围绕市委中心工作，开", 340, True, id="a sign had no room"),
        pytest.param("坚持正确政治导向，围绕市委中心工作开展。", 340, False, id="a sentence ends"),
        pytest.param("一是坚持正确政治导向，围绕市委", 250, False, id="clearly short"),
    ],
)
def test_prose_goes_on_unless_its_line_is_clearly_short(first: str, end: int, joined: bool) -> None:
    lines = tuple(
        Line(text=text, confidence=0.99, box=(12, top, right, top + 20))
        for text, top, right in ((first, 20, end), ("展“我们的节日”活动。", 50, 200))
    )
    place = grid.Place(row=0, column=0, rowspan=1, colspan=1, box=(8, 10, 400, 90))
    paper = np.full((120, 420, 3), 255, np.uint8)
    (cell,) = inside.cells(inside.Page(image=paper, sight=view.of(paper), lines=lines), [place])
    assert ("\n" not in cell.text) == joined


def test_a_cell_beside_the_labels_of_two_long_texts_is_for_a_person() -> None:
    places = [
        grid.Place(row=0, column=0, rowspan=1, colspan=1, box=(8, 10, 200, 60)),
        grid.Place(row=0, column=1, rowspan=2, colspan=1, box=(204, 10, 600, 110)),
        grid.Place(row=1, column=0, rowspan=1, colspan=1, box=(8, 64, 200, 110)),
    ]
    said = (
        ("主要情况", 12, 20),
        ("做了许多工作。", 210, 20),
        ("单位推荐意见", 12, 70),
        ("同意推荐。", 210, 70),
    )
    lines = tuple(
        Line(text=text, confidence=0.99, box=(left, top, left + 20 * len(text), top + 20))
        for text, left, top in said
    )
    paper = np.full((120, 620, 3), 255, np.uint8)
    first, value, second = inside.cells(inside.Page(image=paper, sight=view.of(paper), lines=lines), places)
    assert (first.confidence, second.confidence) == (0.99, 0.99)
    assert value.confidence < 0.5
    assert all(sure < 0.5 for _, sure in value.lines)


@pytest.mark.parametrize("ink", [20, 150])
def test_a_word_cut_by_a_rule_that_is_none_is_for_a_person(ink: int) -> None:
    paper = Pillow.new("RGB", (420, 80), (248, 248, 248))
    pen = ImageDraw.Draw(paper)
    pen.text((30, 20), "www.bzdz68.example.cn", font=fonts.sized(24), fill=(ink, ink, ink))
    page = np.asarray(paper, np.uint8).copy()
    end = 30 + pen.textlength("www.bzdz68.example.cn", font=fonts.sized(24))
    line = Line(text="www.bzdz68.example.cn", confidence=0.99, box=(28, 18, end, 52))
    at = round(30 + pen.textlength("www.bzdz68.exam", font=fonts.sized(24))) - 6
    places = [
        grid.Place(row=0, column=column, rowspan=1, colspan=1, box=box)
        for column, box in enumerate(((10, 5, at - 1, 75), (at + 2, 5, 410, 75)))
    ]
    page[:, at - 2 : at + 3] = 255  # the rule is wiped out
    cells = inside.cells(inside.Page(image=page, sight=view.of(page), lines=(line,)), places)
    assert max(cell.confidence for cell in cells) < 0.95


def test_paragraphs_that_wrap_are_joined(form: Form) -> None:
    wanted = WHO.fields.summary or ""
    assert (form.value("summary") or "").count("\n") == wanted.count("\n")
    assert "summary" in FREE_TEXTS


def test_the_second_page_alone_is_known_as_the_rest_of_a_form(pages: list[Image]) -> None:
    second = scan.see(view.of(pages[1]))
    assert second is not None
    assert scan.read([second]) == []
    rest = scan.continued([second])
    assert rest is not None
    assert (rest.continues, rest.value("name"), rest.value("county_opinion")) == (
        True,
        None,
        WHO.fields.county_opinion,
    )
    assert rest.seals.county_opinion == 2


def test_the_first_page_goes_on_with_nothing(pages: list[Image]) -> None:
    first = scan.see(view.of(pages[0]))
    assert first is not None
    assert scan.continued([first]) is None


def test_a_picture_without_rules_is_no_page_of_a_form() -> None:
    assert scan.see(view.of(np.full((600, 400, 3), 240, np.uint8))) is None


def table(skew: float = 0.0) -> Image:
    """Two rows, the first cell spanning both: 1 + 2 x 2 cells."""
    page = Pillow.new("RGB", (700, 400), "white")
    pen = ImageDraw.Draw(page)
    pen.rectangle((60, 60, 640, 340), outline="black", width=2)
    for x in (220, 430):
        pen.line((x, 60, x, 340), fill="black", width=2)
    pen.line((220, 200, 640, 200), fill="black", width=2)
    turned = page.rotate(skew, Pillow.Resampling.BICUBIC, fillcolor="white")
    return np.asarray(turned, np.uint8)[:, :, ::-1].copy()


@pytest.mark.parametrize("skew", [-4.0, -0.5, 0.0, 3.0])
def test_merged_cells_are_found_on_a_page_askew(skew: float) -> None:
    (cells,) = grid.tables(flat.straight(view.of(table(skew))).image)
    spans = [(cell.row, cell.column, cell.rowspan, cell.colspan) for cell in cells]
    assert spans == [(0, 0, 2, 1), (0, 1, 1, 1), (0, 2, 1, 1), (1, 1, 1, 1), (1, 2, 1, 1)]


def test_rules_are_wiped_out_and_letters_stay() -> None:
    written = Pillow.fromarray(table())
    pen = ImageDraw.Draw(written)
    pen.text((240, 100), "亳州", font=fonts.sized(30), fill="black")
    pen.line((300, 10, 300, 50), fill="black", width=3)  # a stroke of a title
    page = np.asarray(written, np.uint8)
    bare = grid.without_rules(page, grid.tables(page))
    assert (bare[80:190, 219:222] == 255).all()
    assert (bare[90:150, 240:300] < 100).any()
    assert (bare[20:40, 300] < 100).all()


def category(texts: tuple[str, str, str]) -> tuple[Image, list[Line]]:
    """The cell as printed, and what the recogniser makes of it when it loses every mark."""
    page = Pillow.new("RGB", (420, 160), "white")
    pen = ImageDraw.Draw(page)
    lines = []
    for row, text in enumerate(texts):
        top = 20 + row * 42
        pen.text((30, top), text, font=fonts.sized(22), fill="black", language=fonts.LANGUAGE)
        bare = "".join(letter for letter in text if letter not in "√■☑ ")
        width = pen.textlength(text, font=fonts.sized(22))
        lines.append(Line(text=bare, confidence=0.95, box=(28, top, 34 + width, top + 34)))
    return np.asarray(page, np.uint8), lines


@pytest.mark.parametrize(
    ("texts", "ticked"),
    [
        pytest.param(("政府、新闻类（  ）", "商业类（■）", "其他（  ）"), 1, id="in brackets"),
        pytest.param(("政府、新闻类（√）", "商业类（  ）", "其他（  ）"), 0, id="a thin tick"),
        pytest.param(("□政府、新闻类", "□商业类", "■其他"), 2, id="a filled box before"),
        pytest.param(("政府、新闻类（  ）", "商业类（  ）", "其他（  ）"), None, id="none"),
    ],
)
def test_a_lost_tick_is_found_by_its_ink(texts: tuple[str, str, str], ticked: int | None) -> None:
    page, lines = category(texts)
    marked = ["√" in line.text for line in marks.ticked(lines, page, (10, 10, 400, 155))]
    assert marked == [row == ticked for row in range(3)]


def wrapped(marked: int) -> tuple[Image, list[Line]]:
    """A narrow cell: the brackets of each option wrap onto the next row, one pair of them ticked by hand."""
    page = Pillow.new("RGB", (420, 330), "white")
    pen = ImageDraw.Draw(page)
    lines = []
    for at, text in enumerate(("政府、新闻类", "商业类", "其他")):
        top = 20 + at * 88
        width = pen.textlength(text, font=fonts.sized(22))
        pen.text((30, top), text, font=fonts.sized(22), fill="black")
        pen.text((36, top + 44), "（    ）", font=fonts.sized(22), fill="black")
        lines.append(Line(text=text, confidence=0.99, box=(28, top, 34 + width, top + 34)))
        lines.append(Line(text="()", confidence=0.7, box=(34, top + 44, 130, top + 78)))
        if at == marked:
            strokes.draw(pen, strokes.TICK, (66, top + 62), 22, 20)
    return np.asarray(page, np.uint8), lines


@pytest.mark.parametrize("marked", [0, 1, 2])
def test_brackets_that_wrap_belong_to_the_option_above(marked: int) -> None:
    page, lines = wrapped(marked)
    read = marks.ticked(lines, page, (10, 10, 400, 320))
    assert ticks.read("\n".join(line.text for line in read)).ticked == (
        ("government_news", "commercial", "other")[marked],
    )


def test_a_tick_by_its_letter_beside_empty_brackets_is_sure() -> None:
    page, lines = category(("政府、新闻类（√）", "商业类（  ）", "其他（  ）"))
    said = [msgspec.structs.replace(lines[0], text="政府、新闻类（√)", confidence=0.91), *lines[1:]]
    assert min(line.confidence for line in marks.ticked(said, page, (10, 10, 400, 155))) > 0.95


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        pytest.param(
            ("政府、新闻类（√）", "商业类（  ）", "其他（  ）"),
            ("政府、新闻类()", "商业类（", "其他（）"),
            id="lost",
        ),
        pytest.param(
            ("政府、新闻类（  ）", "商业类（√）", "其他（  ）"),
            ("政府、新闻类（", "商业类(W)", "其他（）"),
            id="W",
        ),
        pytest.param(
            ("政府、新闻类（  ）", "商业类（  ）", "其他（√公益组织）"),
            ("政府、新闻类（网", "商业类（）", "其他（√公益组织）"),
            id="a tick read, the other brackets misread",
        ),
    ],
)
def test_a_plain_tick_is_sure_though_brackets_are_read_badly(
    texts: tuple[str, str, str], said: tuple[str, str, str]
) -> None:
    page, lines = category(texts)
    doubtful = [
        msgspec.structs.replace(line, text=text, confidence=0.95 if "织" in text else 0.6)
        for line, text in zip(lines, said, strict=True)
    ]
    read = marks.ticked(doubtful, page, (10, 10, 400, 155))
    ticked = next(row for row, text in enumerate(texts) if "√" in text)
    assert ticks.read("\n".join(line.text for line in read)).ticked == (
        ("government_news", "commercial", "other")[ticked],
    )
    assert min(line.confidence for line in read) >= 0.95


def test_a_type_on_a_line_of_its_own_is_no_surer_for_the_tick() -> None:
    page, lines = category(("政府、新闻类（  ）", "商业类（  ）", "其他（√教育类）"))
    _, top, right, bottom = lines[2].box
    other = msgspec.structs.replace(lines[2], text="其他", box=(28, top, 76, bottom))
    typed = msgspec.structs.replace(
        lines[2], text="（√身教育类）", confidence=0.8, least=0.7, box=(76, top, right, bottom)
    )
    read = marks.ticked([*lines[:2], other, typed], page, (10, 10, 400, 155))
    assert min(line.confidence for line in read) == 0.8


def test_a_speck_in_brackets_is_for_a_person() -> None:
    page, lines = category(("政府、新闻类（  ）", "商业类（  ）", "其他（  ）"))
    speck = page.copy()
    speck[36:41, 190:195] = 20
    read = marks.ticked(lines, np.asarray(speck, np.uint8), (10, 10, 400, 155))
    assert all("√" not in line.text or line.confidence <= 0.9 for line in read)


def test_a_cross_may_mean_either_and_is_for_a_person() -> None:
    page, lines = category(("政府、新闻类（×）", "商业类（  ）", "其他（  ）"))
    read = marks.ticked(lines, page, (10, 10, 400, 155))
    assert ticks.read("\n".join(line.text for line in read)).ticked == ("government_news",)
    assert max(line.confidence for line in read) <= 0.9


def test_brackets_that_all_look_filled_are_for_a_person() -> None:
    page, lines = category(("政府、新闻类（√）", "商业类（√）", "其他（√）"))
    read = marks.ticked(lines, page, (10, 10, 400, 155))
    assert all("√" not in line.text for line in read)


@pytest.mark.parametrize(
    ("rest", "read"),
    [
        pytest.param("n", "bzwwcm@bz.example.cn", id="a letter that wraps"),
        pytest.param("", "bzwwcm@bz.example.c", id="nothing more"),
    ],
)
def test_the_last_letter_of_a_cell_is_not_lost(rest: str, read: str) -> None:
    paper = Pillow.new("RGB", (300, 90), "white")
    pen = ImageDraw.Draw(paper)
    pen.text((8, 8), "bzwwcm@bz.example.c", font=fonts.sized(24), fill="black")
    pen.text((8, 48), rest, font=fonts.sized(24), fill="black")
    right = 8 + pen.textlength("bzwwcm@bz.example.c", font=fonts.sized(24))
    line = Line(text="bzwwcm@bz.example.c", confidence=0.99, box=(6, 8, right, 42))
    place = grid.Place(row=0, column=0, rowspan=1, colspan=1, box=(2, 2, round(right) + 6, 88))
    image = np.asarray(paper, np.uint8)
    page = inside.Page(image=image, sight=view.of(image), lines=(line,), tables=((place,),))
    (cell,) = inside.cells(page, [place])
    assert cell.text == read


def test_a_form_without_rules_is_read_by_its_rows() -> None:
    said = [
        ("网站平台或账号名称：亳州之窗", 40.0),
        ("网站平台域名或账号ID：www.bzzc.example.cn", 80.0),
        ("主办单位：亳州市融媒体中心", 120.0),
        ("负责人（联系人）：王一诺", 160.0),
        ("手机号码：13800138000", 200.0),
        ("电子邮箱：bzzc@example.cn", 240.0),
    ]
    lines = [Line(text=text, confidence=0.9, box=(50, top, 600, top + 30)) for text, top in said]
    form = scan.typed(lines)
    assert form is not None
    assert (form.value("name"), form.value("organizer"), form.scanned) == (
        "亳州之窗",
        "亳州市融媒体中心",
        True,
    )
    assert form.readings["name"].confidence == 0.9
