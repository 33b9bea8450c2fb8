"""What the next letter ticks off: what was asked for and is in order now, and nothing that only looks so."""

import pytest
from msgspec.structs import replace

from intake.letters.mended import mended
from storage.model import Code, Document, DocumentType, Outcome, Problem
from tests.intake.made import application


def asked(code: Code, field: str | None = None, file: str | None = None) -> Problem:
    return Problem(code=code, outcome=Outcome.CORRECT, message="请补正", field=field, file=file)


def linked() -> Problem:
    return Problem(code=Code.ATTACHMENT_LINKED, outcome=Outcome.REVIEW, message="链接")


GOOD = Document(file="包.zip/报告.docx", type=DocumentType.WORK, sha256="0" * 64, version=2)
BAD = replace(GOOD, type=DocumentType.UNREADABLE)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param(
            asked(Code.FIELD_MISSING, "mobile"), [], ["申报表“手机号码”栏已填写"], id="a cell filled"
        ),
        pytest.param(
            asked(Code.FIELD_MISSING, "mobile"),
            [asked(Code.FIELD_INVALID, "mobile")],
            [],
            id="filled, and still not right",
        ),
        pytest.param(asked(Code.WORK_MISSING), [], ["工作材料已收到"], id="the work came"),
        pytest.param(asked(Code.WORK_MISSING), [linked()], [], id="only its link came"),
        pytest.param(asked(Code.WORK_MISSING), [asked(Code.WORK_MISSING)], [], id="still missing"),
        pytest.param(
            asked(Code.WORK_MISSING), [asked(Code.WORK_TOO_LONG)], ["工作材料已收到"], id="came, and too long"
        ),
        pytest.param(
            asked(Code.ATTACHMENT_UNREADABLE, file="报告.docx"),
            [],
            ["附件“报告.docx”已能正常打开"],
            id="came again",
        ),
        pytest.param(asked(Code.ATTACHMENT_UNREADABLE, file="别的.docx"), [], [], id="did not come again"),
        pytest.param(
            asked(Code.SEAL_MISSING, "recommendation"),
            [asked(Code.SEAL_MISSING, "county_opinion")],
            ["申报表“单位推荐意见”栏的公章已补盖"],
            id="one seal of two",
        ),
        pytest.param(linked(), [], [], id="what staff were asked"),
    ],
)
def test_only_what_is_in_order_is_ticked_off(before: Problem, after: list[Problem], said: list[str]) -> None:
    old = replace(application(), problems=(before,))
    new = replace(old, version=2, problems=tuple(after), documents=(GOOD,))
    assert list(mended(old, new)) == said


def test_a_file_that_came_again_as_broken_as_before_is_not_ticked_off() -> None:
    old = replace(application(), problems=(asked(Code.ATTACHMENT_UNREADABLE, file="报告.docx"),))
    assert mended(old, replace(old, version=2, problems=(), documents=(BAD,))) == ()
