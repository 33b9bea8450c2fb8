"""密级 marks where offices put them, and the same words where they mark nothing."""

import io

import docx
import pytest

from parsers import read, secrecy
from parsers.documents import Facts, Other
from tests.build import forms
from tests.build.facts import applicant

PAPER = [
    "中共某某市委文件",
    "某委〔2022〕1号",
    "关于开展工作的通知",
    "各县区：",
    "现将有关事项通知如下。",
    "一、时间",
]


@pytest.mark.parametrize(
    "line",
    [
        "秘密★1年",
        "机密★",
        "绝密★长期",
        "机 密 ★ 10年",
        "秘密☆6个月",
        "秘密 1年",
        "秘密*1年",
        "机密·20年",
        "000001 机密★1年",
        "份号：000012 秘密★5年 特急",
        "密级：机密★10年",
        "【秘密★1年】",
        "绝密★启用前".replace("启用前", "解密前"),
    ],
)
@pytest.mark.parametrize("place", [0, 6])
def test_a_grade_with_star_or_term_alone_on_a_line_is_a_mark(line: str, place: int) -> None:
    assert secrecy.marked([*PAPER[:place], line, *PAPER[place:]])


@pytest.mark.parametrize("line", ["绝密", "机 密", "【秘密】", "（机密）", "000003 绝密", "机密 特急"])
def test_a_bare_grade_marks_at_the_top_of_a_page_only(line: str) -> None:
    assert secrecy.marked([line, *PAPER])
    assert not secrecy.marked([*PAPER, line])


@pytest.mark.parametrize("line", ["密级：机密", "密 级: 秘密", "密级\t绝密"])
def test_a_grade_after_its_label_is_a_mark(line: str) -> None:
    assert secrecy.marked(["发文稿纸", line, *PAPER])


@pytest.mark.parametrize(
    "line",
    [
        "做好保密工作",
        "严守国家秘密",
        "不涉及国家秘密、商业秘密和个人隐私",
        "本材料不涉及秘密。",
        "绝密档案",
        "秘密花园",
        "机密级计算机不得联网",
        "凡标注“秘密★1年”字样的文件不得通过互联网报送",
        "密级：无",
        "密级：公开",
        "密级：内部",
        "保密期限：1年",
        "破解身体的秘密",
        "账号名称\t秘密基地",
        "获评★★★★级单位",
    ],
)
def test_the_words_in_running_text_are_none(line: str) -> None:
    assert not secrecy.marked([line, *PAPER])
    assert not secrecy.marked_title(line) or "★" in line


@pytest.mark.parametrize(
    ("title", "marked"),
    [
        ("【机密】申报表.docx", True),
        ("申报表（秘密★1年）.pdf", True),
        ("机密★关于申报的请示", True),
        ("转发：【绝密】材料", True),
        ("回复：秘密", True),
        ("[秘密]报送材料", True),
        ("【密级：机密】报送材料", True),
        ("保密审查表.docx", False),
        ("【保密】承诺书", False),
        ("国家秘密载体管理.docx", False),
        ("《秘密花园》宣传视频.mp4", False),
        ("机密级系统说明.docx", False),
        ("报送“秘密森林”账号申报材料", False),
        ("申报表.docx", False),
    ],
)
def test_titles(title: str, marked: bool) -> None:
    assert secrecy.marked_title(title) is marked


def bears(facts: Facts) -> bool:
    return any(isinstance(part, Other) and part.secret for part in facts.parts)


def document(mark: str, *, header: bool = False) -> bytes:
    made = docx.Document()
    (made.sections[0].header.paragraphs[0] if header else made.add_paragraph()).text = mark
    made.add_paragraph("关于报送材料的函")
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        pytest.param(document("机密★1年"), "a.docx", id="docx"),
        pytest.param(document("秘密★", header=True), "a.docx", id="docx, in its header"),
        pytest.param("秘密★1年\n关于报送材料的函\n正文".encode(), "a.txt", id="text"),
        pytest.param("<p>绝密</p><p>关于报送材料的函</p>".encode(), "a.html", id="web page"),
    ],
)
def test_readers_flag_what_bears_a_mark(data: bytes, name: str) -> None:
    assert bears(read(data, name))


def test_an_ordinary_form_bears_none() -> None:
    assert not bears(read(forms.docx(applicant(0)).data, "申报表.docx"))
