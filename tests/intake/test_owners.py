"""Whose a loose file is in a mail of several applications, as counties really pack them."""

import pytest

from intake.owners import claimant, owners_of
from intake.reading import File
from parsers.documents import (
    Archive,
    Facts,
    Honour,
    Other,
    Part,
    Picture,
    Qualification,
    Unreadable,
    Why,
    Work,
)

PICTURE = Picture(width=1200, height=900)
UNITS = (
    ("涡阳教育发布", "涡阳县教育局"),
    ("健康涡阳", "涡阳县卫生健康委员会"),
    ("涡阳二中之声", "涡阳县第二中学"),
)
TEXT = "2021年以来，{0}推出系列活动。{0}持续发力，受到欢迎。"


def file(path: str, *parts: Part) -> File:
    return File(file=path, sha256="0" * 64, facts=Facts(reader="test", parts=parts or (PICTURE,)))


def whose(one: File, forms: tuple[str, str, str]) -> str:
    """Return the numbers of the owners; `?` for nobody's yet, `-` for the mail's as a whole."""
    claimants = [claimant(*names, files=[form]) for names, form in zip(UNITS, forms, strict=True)]
    found = owners_of([one], claimants)[one.file]
    return "-" if found is None else "".join(str(index + 1) for index in sorted(found)) or "?"


FLAT = ("涡阳教育发布申报表.docx", "健康涡阳申报表.docx", "涡阳二中申报表.docx")
NUMBERED = ("1.申报表（教育）.docx", "2.申报表（卫健）.docx", "3.申报表（二中）.docx")
FOLDERS = (
    "涡阳.zip/一、教育局/申报表.docx",
    "涡阳.zip/二、卫健委/申报表.docx",
    "涡阳.zip/三、二中/申报表.docx",
)
DEEP = ("涡阳.zip/教育局/1申报表/表.docx", "涡阳.zip/卫健委/1申报表/表.docx", "涡阳.zip/二中/1申报表/表.docx")
BY_KIND = ("申报表/教育.docx", "申报表/卫健.docx", "申报表/二中.docx")


@pytest.mark.parametrize(
    ("one", "forms", "owner"),
    [
        pytest.param(file("涡阳县教育局营业执照.jpg"), FLAT, "1", id="the organizer in full"),
        pytest.param(file("教育局法人证书.jpg"), FLAT, "1", id="the organizer in short"),
        pytest.param(file("涡阳教育 工作材料.docx"), FLAT, "1", id="the account in short"),
        pytest.param(file("健康涡阳-获奖证书（2021）.pdf"), FLAT, "2", id="the account in full"),
        pytest.param(file("二中照片3.jpg"), FLAT, "3", id="a school's number"),
        pytest.param(file("教育局、卫健委证书.pdf"), FLAT, "?", id="two in one name, nobody guesses"),
        pytest.param(file("一中照片.jpg"), FLAT, "?", id="nearly its number"),
        pytest.param(file("IMG_20220530_0001.jpg"), FLAT, "?", id="a camera's name"),
        pytest.param(file("微信图片_20220530101010.jpg"), FLAT, "?", id="a chat program's name"),
        pytest.param(file("涡阳县营业执照.jpg"), FLAT, "?", id="only the county"),
        pytest.param(file("工作材料.docx"), FLAT, "?", id="only what it is"),
        pytest.param(file("1.营业执照.jpg"), NUMBERED, "1", id="the form's number"),
        pytest.param(file("(3)工作材料.docx"), NUMBERED, "3", id="a number in other brackets is as good"),
        pytest.param(file("2、活动照片.jpg"), NUMBERED, "2", id="the number with a stop"),
        pytest.param(file("2.jpg"), NUMBERED, "?", id="a bare number counts pictures"),
        pytest.param(file("4.营业执照.jpg"), NUMBERED, "?", id="a number no form has"),
        pytest.param(file("1.营业执照.jpg"), FLAT, "?", id="a number where forms have none"),
        pytest.param(file("涡阳.zip/一、教育局/执照.jpg"), FOLDERS, "1", id="in the form's folder"),
        pytest.param(file("涡阳.zip/二、卫健委/照片/1.jpg"), FOLDERS, "2", id="in a folder within it"),
        pytest.param(file("涡阳.zip/教育局/3资质/执照.jpg"), DEEP, "1", id="beside the form's own folder"),
        pytest.param(file("涡阳.zip/照片/1.jpg"), DEEP, "?", id="in nobody's folder"),
        pytest.param(file("资质证明/教育/执照.jpg"), BY_KIND, "1", id="in a folder that names one"),
        pytest.param(file("工作材料/二中.docx"), BY_KIND, "3", id="a folder for each kind of paper"),
        pytest.param(file("申报表/说明.txt", Other()), BY_KIND, "?", id="among all the forms"),
        pytest.param(file("涡阳.zip", Archive()), FOLDERS, "123", id="the archive itself"),
        pytest.param(
            file("a.pdf", Qualification(name="涡阳县第二中学")), FLAT, "3", id="the certificate's name"
        ),
        pytest.param(
            file("a.pdf", Qualification(name="涡阳县卫生健康委员会（本级）")), FLAT, "2", id="a fuller name"
        ),
        pytest.param(
            file("a.pdf", Qualification(name="涡阳县教育局"), Qualification(name="涡阳县第二中学")),
            FLAT,
            "13",
            id="two certificates in one file",
        ),
        pytest.param(file("a.pdf", Qualification(name="涡阳县气象局")), FLAT, "?", id="nobody's certificate"),
        pytest.param(
            file("a.docx", Work(words=90, pictures=3, text=TEXT.format("健康涡阳"))), FLAT, "2", id="the text"
        ),
        pytest.param(
            file(
                "a.docx", Work(words=90, pictures=3, text=TEXT.format("健康涡阳") + "会同涡阳县教育局举办。")
            ),
            FLAT,
            "2",
            id="a text that mentions another",
        ),
        pytest.param(
            file("a.jpg", Honour(title="授予涡阳二中之声优秀奖")), FLAT, "3", id="an honour's words"
        ),
        pytest.param(
            file("汇总.docx", Work(words=90, pictures=0, text="涡阳教育发布、健康涡阳、涡阳二中之声")),
            FLAT,
            "-",
            id="a list of all",
        ),
        pytest.param(file("涡阳县申报汇总表.xlsx", Other()), FLAT, "-", id="a summary table"),
        pytest.param(
            file("涡阳县报送函.docx", Work(words=90, pictures=0, text="现将材料报送贵办。")),
            FLAT,
            "-",
            id="a covering letter",
        ),
        pytest.param(file("名单.jpg"), FLAT, "?", id="a picture is no covering letter"),
        pytest.param(file("申报表.doc", Unreadable(why=Why.CORRUPT)), FLAT, "?", id="nobody can open it"),
    ],
)
def test_a_file_goes_to_whom_it_names_and_to_nobody_on_a_guess(
    one: File, forms: tuple[str, str, str], owner: str
) -> None:
    assert whose(one, forms) == owner


def test_one_operators_account_and_site_share_its_certificate() -> None:
    claimants = [
        claimant("涡阳教育", "涡阳县教育局", files=["1.docx"]),
        claimant("涡阳教育网", "涡阳县教育局", files=["2.docx"]),
    ]
    paper = file("证书.pdf", Qualification(name="涡阳县教育局"))
    title = file("涡阳教育网工作材料.docx", Work(words=9, pictures=3))
    found = owners_of([paper, title], claimants)
    assert (found["证书.pdf"], found["涡阳教育网工作材料.docx"]) == (
        frozenset({0, 1}),
        frozenset({1}),
    )
