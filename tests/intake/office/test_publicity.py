"""The 公示名单 and its sisters: the format of official documents, read back and printed by other programs."""

import io
import shutil
import subprocess
from pathlib import Path

import pypdfium2
import pytest
from docx import Document
from docx.document import Document as Docx
from msgspec.structs import replace

from intake.office import publicity
from storage.model import Application, State
from tests.bot import made
from tests.build.libreoffice import converted

SITE = replace(made.office()[7], state=State.AWARDED)
PERSON = replace(
    made.application(1, "老陈说13800138000", State.AWARDED),
    fields=replace(
        made.application(1, "", State.AWARDED).fields, name="老陈说13800138000", organizer="陈思远"
    ),
)
COUNTY = made.county(2, "谯城融媒", State.AWARDED, "谯城区")


def opened(*them: Application) -> Docx:
    return Document(io.BytesIO(publicity.notice(them, made.CAMPAIGN, now=made.NOW)))


def test_websites_stand_before_accounts_and_nobody_s_data_shows() -> None:
    sites, accounts = opened(COUNTY, SITE, PERSON).tables
    assert [cell.text for cell in sites.rows[1].cells] == [
        "1",
        "亳州教育网",
        "www.bzjy.example.cn",
        "",
        "市直",
    ]
    assert [[cell.text for cell in row.cells] for row in accounts.rows[1:]] == [
        ["1", "谯城融媒", "微信", "亳州市第2实验单位", "谯城区"],
        ["2", "老陈说138****8000", "微信", "陈*远（个人）", "市直"],
    ]


def test_it_says_until_when_and_to_whom_to_object_without_number_or_seal() -> None:
    text = "\n".join(paragraph.text for paragraph in opened(SITE).paragraphs)
    assert "公示时间：2022年6月1日至2022年6月6日" in text
    assert made.CAMPAIGN.office.telephone in text
    assert "〔" not in text
    assert text.rstrip().endswith("中共亳州市委网信办网络新闻与传播科\n2022年6月1日")


def test_the_page_is_that_of_official_documents() -> None:
    document = opened(SITE)
    section = document.sections[0]
    margins = (section.top_margin, section.left_margin, section.right_margin, section.bottom_margin)
    page = (section.page_width, section.page_height)
    assert [round(one.mm) for one in (*margins, *page) if one is not None] == [37, 28, 26, 35, 210, 297]
    sizes = [run.font.size.pt for line in document.paragraphs for run in line.runs if run.font.size]
    assert (sizes[0], set(sizes[2:])) == (22, {16})
    assert document.settings.odd_and_even_pages_header_footer


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("某市名单\n公示", ("某市名单公示",), id="short enough for one"),
        pytest.param(
            "2022年亳州市文明网站平台、文明账号推选活动\n拟获评名单公示",
            ("2022年亳州市文明网站平台、", "文明账号推选活动拟获评名单公示"),
            id="as even as can be",
        ),
        pytest.param("甲" * 18 + "\n乙乙乙", ("甲" * 18, "乙乙乙"), id="between its parts"),
    ],
)
def test_a_title_breaks_between_words(text: str, lines: tuple[str, ...]) -> None:
    assert publicity.title_lines(text) == lines


def test_the_same_list_is_the_same_bytes() -> None:
    first = publicity.notice([SITE], made.CAMPAIGN, now=made.NOW)
    assert publicity.notice([SITE], made.CAMPAIGN, now=made.NOW) == first


@pytest.mark.debian("soffice", "pdftoppm")
def test_other_programs_print_it_and_no_page_holds_the_signature_alone(tmp_path: Path) -> None:
    many = [made.application(n, f"测试账号{n}号", State.AWARDED) for n in range(1, 28)]
    data = publicity.notice([SITE, *many], made.CAMPAIGN, now=made.NOW)
    (tmp_path / "list.pdf").write_bytes(converted(data, "docx", "pdf"))
    with pypdfium2.PdfDocument(tmp_path / "list.pdf") as pages:
        texts = ["".join(page.get_textpage().get_text_bounded().split()) for page in pages]
    assert len(texts) > 1
    assert all("账号名称" in text for text in texts)  # the heads on every page
    assert "—1—" in texts[0]
    assert "测试账号27号" in texts[-1]
    assert "网络新闻与传播科2022年6月1日" in texts[-1]
    program = shutil.which("pdftoppm")
    assert program
    subprocess.run([program, "-r", "40", "-png", "list.pdf", "page"], cwd=tmp_path, check=True, timeout=60)
    assert len(list(tmp_path.glob("page*.png"))) == len(texts)
