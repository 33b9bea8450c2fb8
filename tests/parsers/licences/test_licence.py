"""Certificates and honours from lines of text, as Word, PDF or the recogniser give them."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc

from parsers.documents import Honour, Qualification
from parsers.lexicon import mend
from parsers.licences import labels, licence, uscc
from parsers.ocr import Line

BUSINESS = (
    "营 业 执 照",
    "（副 本）",
    "统一社会信用代码",
    "91341600MA2TQP8R63",
    "名    称 亳州市谯城区云上文化传媒有限责任",
    "公司",
    "类    型 有限责任公司(自然人独资) 注 册 资 本 壹佰万圆整",
    "法定代表人 王小明 成立日期 2018年01月01日",
    "住    所 安徽省亳州市谯城区希夷大道1308号",
    "登记机关",
)
INSTITUTION = (
    "中华人民共和国",
    "事业单位法人证书",
    "统一社会信用代码 123416004857123456",
    "名称 亳州市融媒体中心",
    "宗旨和业务范围 开展新闻宣传",
    "住所 亳州市谯城区",
    "举办单位 中共亳州市委宣传部",
)
FOOD = (
    "食品经营许可证",
    "经营者名称：亳州市谯城区小马餐馆",
    "许可证编号：JY23416020012345",
    "发证机关：亳州市",
)
HONOUR = (
    "荣 誉 证 书",
    "亳州市融媒体中心：",
    "在2021年度全市网络宣传工作中成绩突出，被评为“优秀政务新媒体”，特发此证，以资鼓励。",
    "中共亳州市委宣传部",
    "二〇二二年一月",
)


def code(body: str) -> str:
    return body + str(stdnum_uscc.calc_check_digit(body))


def qualification(lines: Sequence[str]) -> Qualification:
    read = licence.from_lines(lines)
    assert isinstance(read, Qualification)
    return read


def test_a_name_that_wraps_is_whole_and_the_right_column_is_not_part_of_it() -> None:
    read = qualification(BUSINESS)
    assert read.document == "营业执照"
    assert read.name == "亳州市谯城区云上文化传媒有限责任公司"
    assert read.address == "安徽省亳州市谯城区希夷大道1308号"
    assert read.recognised


def test_the_sponsor_of_an_institution_is_not_its_name() -> None:
    read = qualification(INSTITUTION)
    assert (read.document, read.name) == ("事业单位法人证书", "亳州市融媒体中心")


@pytest.mark.parametrize(
    ("title", "document", "recognised"),
    [
        pytest.param("营业执照（副本）", "营业执照", True, id="copy"),
        pytest.param("营业执照(副 本)1-1", "营业执照", True, id="numbered copy"),
        pytest.param("社会团体法人登记证书", "社会团体法人登记证书", True, id="association"),
        pytest.param(
            "民办非企业单位登记证书（法人）", "民办非企业单位登记证书", True, id="private non-enterprise"
        ),
        pytest.param("基金会法人登记证书", "基金会法人登记证书", True, id="foundation"),
        pytest.param("统一社会信用代码证书", "统一社会信用代码证书", True, id="authority"),
        pytest.param("组织机构代码证", "组织机构代码证", False, id="the old code"),
        pytest.param("化经营许可证", "网络文化经营许可证", False, id="its beginning lost"),
        pytest.param("红织机构代码证", "组织机构代码证", False, id="a letter misread"),
        pytest.param("法人登记证书", "法人登记证书", True, id="of whom is lost"),
        pytest.param("统一社会信,.,代码证书", "统一社会信用代码证书", True, id="an emblem over it"),
        pytest.param("事业单泣法人讦书", "事业单位法人证书", True, id="two letters misread"),
        pytest.param("食品生产许可证", "食品生产许可证", False, id="another permit, as printed"),
        pytest.param("增值电信业务经营许可证", "增值电信业务经营许可证", False, id="permit"),
        pytest.param("中华人民共和国居民身份证", "居民身份证", False, id="identity card"),
    ],
)
def test_the_kind_is_what_is_printed(title: str, document: str, recognised: bool) -> None:
    read = qualification([title, "名称：亳州市文化馆", "住所：亳州市谯城区", "有效期限：长期"])
    assert (read.document, read.recognised) == (document, recognised)


UNTITLED = (
    "统一社会信用代码 11341602513R53PW78",
    "机构名称：谯城区园林绿化管理中心",
    "机构性质：机关",
    "机构地址：安徽省亳州市谯城区杜仲路48号",
    "负责人：张慕白",
    "赋码机关：中共亳州市委机构编制委员会办公室",
)


def test_a_certificate_whose_title_is_lost_is_no_picture_but_unclear() -> None:
    read = qualification(UNTITLED)
    assert (read.document, read.recognised, read.name) == (None, False, "谯城区园林绿化管理中心")


@pytest.mark.parametrize("lost", [0, 1, 3])
def test_what_has_less_than_a_certificate_is_none(lost: int) -> None:
    assert licence.from_lines([line for at, line in enumerate(UNTITLED) if at != lost]) is None


def test_another_permit_is_kept_as_unclear() -> None:
    read = qualification(FOOD)
    assert (read.document, read.name, read.recognised) == ("食品经营许可证", "亳州市谯城区小马餐馆", False)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["本单位持有营业执照，统一社会信用代码已办理。"], id="running text"),
        pytest.param(["营业执照", "（见附件）"], id="a heading alone"),
        pytest.param(["工作总结", "我单位被评为优秀单位，群众满意。"], id="a report of honours"),
        pytest.param(
            ["争做中国好网民 共建网络文明", "主办单位:中共亳州市委网信办", "2021年9月"], id="a banner"
        ),
        pytest.param(
            ["优秀政务新媒体颁奖典礼", "中共亳州市委宣传部", "2021年9月"], id="a banner of a ceremony"
        ),
        pytest.param([], id="nothing"),
        pytest.param(["", "  "], id="blank lines"),
    ],
)
def test_text_that_mentions_a_certificate_is_none(lines: list[str]) -> None:
    assert licence.from_lines(lines) is None


@pytest.mark.parametrize(
    ("lines", "honour"),
    [
        pytest.param(
            HONOUR, Honour(title="优秀政务新媒体", issuer="中共亳州市委宣传部", year=2022), id="certificate"
        ),
        pytest.param(
            ("全市文明单位", "亳州市精神文明建设指导委员会", "2021年12月"),
            Honour(title="全市文明单位", issuer="亳州市精神文明建设指导委员会", year=2021),
            id="plaque",
        ),
        pytest.param(
            ("奖状", "授予亳州之窗“网络中国节”优秀组织单位，特发此证。", "亳州市委网信办", "2020年"),
            Honour(title="“网络中国节”优秀组织单位", issuer="亳州市委网信办", year=2020),
            id="a name in quotation marks is part of the title",
        ),
        pytest.param(
            (
                "奖状",
                "经2019年度评审，授予你单位",
                "志愿服务优秀组织奖",
                "特发此证。",
                "亳州市志愿服务联合会",
                "2019年8月",
            ),
            Honour(title="志愿服务优秀组织奖", issuer="亳州市志愿服务联合会", year=2019),
            id="whom it addresses is no part of the title",
        ),
        pytest.param(
            ("全市短视频大赛一等奖", "主办单位:亳州市文化旅游体育局", "2020年9月"),
            Honour(title="全市短视频大赛一等奖", issuer="亳州市文化旅游体育局", year=2020),
            id="a plaque that names its host",
        ),
    ],
)
def test_an_honour_names_what_was_won_from_whom_and_when(lines: tuple[str, ...], honour: Honour) -> None:
    assert licence.from_lines(lines) == honour


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9))
def test_letters_a_code_cannot_hold_are_mended(body: str) -> None:
    right = code("91341600" + body)
    misread = right[:2] + right[2:8].replace("0", "O").replace("1", "I") + right[8:]
    assert uscc.find(f"统一社会信用代码:{misread}") == right


def test_a_code_is_never_made_valid_by_changing_what_may_stand_there() -> None:
    wrong = "91341600MA2TQP8R6" + ("A" if code("91341600MA2TQP8R6")[-1] != "A" else "B")
    read = qualification([*BUSINESS[:3], wrong, *BUSINESS[4:]])
    assert (read.uscc, read.uscc_valid) == (wrong, False)


def test_a_code_with_a_character_lost_is_shown_and_invalid() -> None:
    read = qualification([*BUSINESS[:3], "91341600MA2TQP8R", *BUSINESS[4:]])
    assert (read.uscc, read.uscc_valid) == ("91341600MA2TQP8R", False)


@given(st.lists(st.text(alphabet="名称住所:： 营业执照统一社会信用代码亳州市1A(", max_size=20), max_size=12))
def test_any_lines_are_read_without_failing(lines: list[str]) -> None:
    read = licence.from_lines(lines)
    assert read is None or isinstance(read, Qualification | Honour)


@pytest.mark.parametrize(
    "line",
    ["代码开发；软件销售", "地址管理系统", "类型齐全的服务"],
)
def test_running_text_that_begins_like_a_short_label_is_no_label(line: str) -> None:
    assert labels.split(line) == []


def test_recognised_text_has_the_city_and_simplified_letters() -> None:
    assert mend("毫州市譙城區") == "亳州市谯城区"


def line(text: str, left: float, top: float, confidence: float = 0.99, letter: float = 30) -> Line:
    box = (left, top, left + letter * len(text), top + letter * 1.2)
    return Line(text=text, confidence=confidence, box=box)


TITLE = line("营业执照", 600, 100, letter=80)
CODE = (line("统一社会信用代码", 100, 120), line("91341600MA2TQP8R63", 100, 160, letter=16))


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(
            (line("名", 100, 300), line("称", 230, 300), line("亳州市融媒体中心", 300, 300)),
            id="letters apart",
        ),
        pytest.param(
            (
                line("名称", 100, 320),
                line("亳州市融媒", 300, 300),
                line("体中心", 300, 342),
                line("类型", 100, 460),
                line("事业单位", 300, 460),
            ),
            id="label beside the middle of two lines",
        ),
        pytest.param((line("称", 230, 300), line("亳州市融媒体中心", 300, 300)), id="half of the label lost"),
        pytest.param((line("称亳州市融媒体中心", 230, 300),), id="half of the label stuck to its value"),
        pytest.param(
            (
                line("亳州市融媒体中心", 300, 300),
                line("类型", 100, 380),
                line("事业单位", 300, 380),
                line("法定代表人", 100, 460),
                line("王小明", 300, 460),
            ),
            id="label lost",
        ),
        pytest.param(
            (
                line("名称", 100, 300),
                line("亳州市融媒体中心", 300, 300),
                line("册资本", 760, 300),
                line("壹佰万圆整", 900, 300),
            ),
            id="right column's label short of a letter",
        ),
    ],
)
def test_a_name_is_found_by_where_it_stands(page: tuple[Line, ...]) -> None:
    read = licence.from_page([TITLE, *CODE, *page])
    assert isinstance(read, Qualification)
    assert read.name == "亳州市融媒体中心"


def test_confidence_is_that_of_the_least_sure_line_of_name_and_code() -> None:
    page = [
        TITLE,
        *CODE,
        line("名称", 100, 300),
        line("亳州市融媒体中心", 300, 300, confidence=0.7),
        line("登记机关", 900, 800, confidence=0.51),
    ]
    read = licence.from_page(page)
    assert isinstance(read, Qualification)
    assert read.confidence == 0.7
