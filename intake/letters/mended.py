"""What an application was asked to mend and has mended: told back, so that nobody sends it twice."""

from collections.abc import Mapping

from intake.rules.wording import cell, quote
from storage.model import Application, Code, DocumentType, Outcome, Problem

MENDED: Mapping[Code, str] = {
    Code.FORM_MISSING: "申报表已收到",
    Code.FIELD_MISSING: "申报表{cell}已填写",
    Code.FIELD_INVALID: "申报表{cell}已更正",
    Code.CATEGORY_UNCLEAR: "申报表{category}已勾选明确",
    Code.SUMMARY_TOO_LONG: "申报表{summary}的字数已符合要求",
    Code.COUNTY_REVIEW_MISSING: "申报表{county_opinion}已填写",
    Code.SEAL_MISSING: "申报表{cell}的公章已补盖",
    Code.WORK_MISSING: "工作材料已收到",
    Code.WORK_TOO_LONG: "工作材料的字数已符合要求",
    Code.PICTURES_TOO_FEW: "工作材料的图片已补足",
    Code.VIDEO_TOO_LONG: "视频的时长已符合要求",
    Code.QUALIFICATION_MISSING: "资质证明已收到",
    Code.ATTACHMENT_UNREADABLE: "附件{file}已能正常打开",
    Code.ATTACHMENT_UNSUPPORTED: "附件{file}已能正常读取",
    Code.ATTACHMENT_UNSAFE: "附件{file}已能正常读取",
}
FILES = frozenset({Code.ATTACHMENT_UNREADABLE, Code.ATTACHMENT_UNSUPPORTED, Code.ATTACHMENT_UNSAFE})
# As long as one of these stands, what is no longer called missing need not have come.
CLOUDED = FILES | {Code.ATTACHMENT_LINKED, Code.ATTACHMENT_UNASSIGNED}
MISSED = frozenset({Code.WORK_MISSING, Code.QUALIFICATION_MISSING, Code.PICTURES_TOO_FEW})


def mended(before: Application, after: Application) -> tuple[str, ...]:
    """Return a line for each thing that `before` was asked to mend and `after` has in order."""
    asked = (one for one in before.problems if one.outcome is Outcome.CORRECT)
    return tuple(dict.fromkeys(_told(one) for one in asked if _in_order(one, after)))


def _in_order(asked: Problem, after: Application) -> bool:
    if asked.code in FILES:
        return _came_again(asked, after)
    clouded = asked.code in MISSED and any(one.code in CLOUDED for one in after.problems)
    return asked.code in MENDED and not clouded and not any(_still(asked, one) for one in after.problems)


def _still(asked: Problem, now: Problem) -> bool:
    """Say whether `now` is the same thing, or another of the same cell, still to be mended."""
    if asked.field is not None and asked.field == now.field:
        return now.outcome is Outcome.CORRECT or asked.code is now.code
    return asked.code is now.code and asked.field == now.field


def _came_again(asked: Problem, after: Application) -> bool:
    """Say whether the file that could not be used came again, under its name, and could be."""
    return any(
        _title(one.file) == _title(asked.file or "") and one.version == after.version
        for one in after.documents
        if one.type is not DocumentType.UNREADABLE
    ) and not any(one.code in FILES and one.file == asked.file for one in after.problems)


def _title(file: str) -> str:
    return file.rpartition("/")[2]


def _told(asked: Problem) -> str:
    return MENDED[asked.code].format(
        cell=cell(asked.field or "summary"),
        category=cell("category"),
        summary=cell("summary"),
        county_opinion=cell("county_opinion"),
        file=quote(_title(asked.file or "")),
    )
