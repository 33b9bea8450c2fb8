import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pypdfium2
import pytest
from docx import Document
from docx.table import Table
from msgspec.structs import replace

import intake
from intake.office.blank import NOTES, blank_form
from parsers.documents import FIELDS, Form
from parsers.office.word import read_docx
from storage.campaign_file import load

CAMPAIGN = load(Path(intake.__file__).parent / "campaigns" / "bozhou-2022.toml")
BLANK = blank_form(CAMPAIGN)


def table() -> Table:
    return Document(io.BytesIO(BLANK)).tables[0]


def words(row: int, column: int) -> str:
    return re.sub(r"\s", "", table().cell(row, column).text)


def test_title_and_notes_are_the_annex_s() -> None:
    lines = [paragraph.text for paragraph in Document(io.BytesIO(BLANK)).paragraphs if paragraph.text]
    assert lines[:2] == ["附件", "亳州市文明网站平台文明账号申报表"]
    assert [re.sub(r"^(注：|　　)\d\.", "", line) for line in lines[2:]] == list(NOTES)


def test_another_city_has_its_own_title() -> None:
    other = replace(CAMPAIGN, region=replace(CAMPAIGN.region, name="阜阳市"))
    assert Document(io.BytesIO(blank_form(other))).paragraphs[1].text == "阜阳市文明网站平台文明账号申报表"


@pytest.mark.parametrize(
    ("row", "column", "text"),
    [
        (0, 0, "网站平台或账号名称"),
        (0, 2, "网站平台域名或账号ID"),
        (1, 0, "类别"),
        (1, 1, "政府、新闻类（）商业类（）其他（）"),
        (1, 2, "网站备案号"),
        (1, 3, "（账号不填）"),
        (2, 2, "网站经营许可证号"),
        (2, 3, "（账号不填）"),
        (3, 2, "通信地址邮政编码"),
        (4, 0, "负责人（联系人）"),
        (6, 2, "电子邮箱"),
        (7, 1, "（可另附页）"),
        (8, 0, "网站平台或账号主要情况（1500字）"),
        (9, 1, "盖章年月日"),
        (10, 0, "县区委网信办、县文明办审核意见"),
        (10, 1, "盖章盖章年月日年月日"),
        (11, 0, "市委网信办、市文明办意见"),
    ],
)
def test_a_cell_says_what_the_notice_prints(row: int, column: int, text: str) -> None:
    assert words(row, column) == text


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param((1, 0), (2, 0), id="类别 over two rows"),
        pytest.param((1, 1), (2, 1), id="the ticks over two rows"),
        pytest.param((4, 0), (6, 0), id="负责人 over three rows"),
        pytest.param((4, 1), (6, 1), id="the contact over three rows"),
        pytest.param((7, 1), (7, 3), id="the summary over three columns"),
        pytest.param((11, 1), (11, 3), id="the city's opinion over three columns"),
    ],
)
def test_cells_are_merged_as_in_the_notice(first: tuple[int, int], second: tuple[int, int]) -> None:
    grid = table()
    grid.cell(*first).text = "写在合并的格子里"
    assert grid.cell(*second).text == "写在合并的格子里"


def test_the_same_campaign_gives_the_same_bytes() -> None:
    assert blank_form(CAMPAIGN) == BLANK
    with zipfile.ZipFile(io.BytesIO(BLANK)) as package:
        assert {member.date_time[0] for member in package.infolist()} == {1980}


def test_fonts_have_substitutes_where_the_office_s_own_are_missing() -> None:
    with zipfile.ZipFile(io.BytesIO(BLANK)) as package:
        fonts = package.read("word/fontTable.xml").decode()
    assert '<w:font w:name="仿宋_GB2312"><w:altName w:val="仿宋,FangSong' in fonts


def test_our_own_reader_finds_an_empty_form() -> None:
    found = next(part for part in read_docx(BLANK).parts if isinstance(part, Form))
    assert {key: found.value(key) for key in FIELDS} == dict.fromkeys(FIELDS)
    assert (found.ticked, found.kind, found.summary_words, found.attached_page) == ((), None, 0, False)


@pytest.mark.debian("soffice")
def test_it_prints_on_the_two_sides_of_one_sheet(tmp_path: Path) -> None:
    (tmp_path / "form.docx").write_bytes(BLANK)
    program = shutil.which("soffice")
    assert program
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    wanted = ["--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "form.docx")]
    subprocess.run([program, profile, *wanted], check=True, capture_output=True, timeout=120)
    with pypdfium2.PdfDocument(tmp_path / "form.pdf") as pages:
        sides = [re.sub(r"\s", "", page.get_textpage().get_text_bounded()) for page in pages]
    assert len(sides) == 2
    assert sides[0].startswith("附件")
    assert sides[0].endswith("（可另附页）")
    assert sides[1].endswith(NOTES[-1])
