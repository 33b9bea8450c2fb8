"""Material that lies behind a cloud link: staff fetch it, and nobody is asked for what may be in it."""

from datetime import datetime
from typing import Any

import pytest

from intake.case import Case, Material
from intake.effective import effective
from intake.mail import cloud
from intake.mail.headers import CHINA
from parsers.documents import Clip, Facts, Link, Work
from storage.model import Document, DocumentType
from tests.intake.made import CAMPAIGN, QUALIFICATION, WORK, case, examined, form, formless, material

LICENCE = QUALIFICATION


def link(name: str, **more: Any) -> Material:
    made = Link(url="http://mail.qq.com/cgi-bin/ftnExs_download?k=1", name=name, **more)
    facts: Facts = cloud.facts_of(made)
    document = Document(file=f"{name}{cloud.ENDING}", type=DocumentType.OTHER, sha256="0" * 64)
    return Material(document=document, facts=facts)


@pytest.mark.parametrize(
    ("judged", "due"),
    [
        pytest.param(
            formless(link("材料.zip")), {"form-missing", "attachment-linked"}, id="an archive alone"
        ),
        pytest.param(formless(link("")), {"form-missing", "attachment-linked"}, id="a link without a name"),
        pytest.param(
            formless(link("展示视频.mp4")),
            {"form-missing", "attachment-linked", "qualification-missing"},
            id="a video is no licence",
        ),
        pytest.param(
            case(sent=(LICENCE, link("展示视频.mp4"))), {"attachment-linked"}, id="the video only linked"
        ),
        pytest.param(
            case(sent=(LICENCE, link("营业执照.pdf"))),
            {"attachment-linked", "work-missing"},
            id="a licence is no work",
        ),
        pytest.param(
            case(sent=(WORK, link("营业执照.pdf"))), {"attachment-linked"}, id="the licence only linked"
        ),
        pytest.param(
            case(sent=(LICENCE, material("案例.docx", Work(words=900, pictures=1)), link("照片.zip"))),
            {"attachment-linked"},
            id="the pictures only linked",
        ),
        pytest.param(
            case(form(summary=None, attached_page=True), sent=(LICENCE, link("附页.docx"))),
            {"attachment-linked"},
            id="the attached page only linked",
        ),
        pytest.param(case(), set(), id="no link"),
    ],
)
def test_what_is_asked_where_material_is_linked(judged: Case, due: set[str]) -> None:
    assert set(examined(judged)) == due


def test_the_message_names_file_size_and_expiry() -> None:
    one = link("展示视频.mp4", size="218.3MB", expires="2022年6月20日 17:39")
    problem = examined(case(sent=(LICENCE, one)))["attachment-linked"]
    assert problem.file == "展示视频.mp4"
    for told in ("“展示视频.mp4”（218.3MB）", "链接2022年6月20日 17:39到期", "直接作为附件发来"):
        assert told in problem.message
    assert "ftnExs_download" in problem.fact
    assert "http" not in problem.message
    endless = examined(case(sent=(LICENCE, link("展示视频.mp4", expires="不限期"))))["attachment-linked"]
    assert "到期" not in endless.message
    assert CAMPAIGN.clauses.electronic == problem.clause


@pytest.mark.parametrize(
    ("expires", "gone"),
    [
        pytest.param("2022年5月30日", True, id="the day before"),
        pytest.param("2022年5月31日 09:59", True, id="a minute before the mail came"),
        pytest.param("2022年5月31日", False, id="that day, to its end"),
        pytest.param("2022年6月20日 17:39", False, id="later"),
        pytest.param("不限期", False, id="never"),
        pytest.param("", False, id="nobody knows"),
    ],
)
def test_a_link_that_had_ended_is_told_so(expires: str, gone: bool) -> None:
    came = datetime(2022, 5, 31, 10, 0, tzinfo=CHINA)
    one = examined(case(sent=(LICENCE, link("视频.mp4", expires=expires)), changed_at=came))[
        "attachment-linked"
    ]
    assert ("已经失效" in one.message) is gone
    assert ("工作人员将尽快下载" in one.message) is not gone
    assert "到期前" not in one.message
    assert one.outcome == "review"


def later(one: Material) -> Material:
    return Material(
        document=Document(file=one.document.file, type=one.document.type, sha256="1" * 64, version=2),
        facts=one.facts,
    )


@pytest.mark.parametrize(
    ("sent", "stays"),
    [
        pytest.param(material("展示视频.mp4", Clip(duration_s=60.0)), False, id="the file itself"),
        pytest.param(material("短片.mp4", Clip(duration_s=60.0)), False, id="a video of another name"),
        pytest.param(QUALIFICATION, True, id="something else"),
        pytest.param(material("说明.docx", Work(words=20, pictures=0)), True, id="a few words"),
    ],
)
def test_a_link_stands_until_its_file_came(sent: Material, stays: bool) -> None:
    kept = effective([link("展示视频.mp4"), later(sent)])
    assert any(one.document.file.endswith(cloud.ENDING) for one in kept) is stays
