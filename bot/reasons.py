"""Reasons for turning an application down that staff can pick; the letter quotes the whole sentence."""

from intake import labels
from storage.model import Application, Code, Outcome

SENTENCES = {
    Code.LATE: "申报材料收到时已超过规定的申报时间。",
    Code.QUOTA_DIRECT: "本单位申报的账号已超过规定的名额。",
    Code.QUOTA_COUNTY: "本县（区）申报的账号已超过规定的名额。",
    Code.DUPLICATE_ACCOUNT: "该账号已有一件申报，各账号只能通过一种途径申报。",
    Code.DUPLICATE_OPERATOR: "同一运营主体已申报另一个账号，每个运营主体申报的账号不超过1个。",
    Code.OUT_OF_REGION: "注册地不在本市行政区域内，不属于本次推选范围。",
    Code.QUALIFICATION_MISMATCH: "资质证明与主办单位不一致，且未作说明。",
    Code.SEAL_MISSING: "申报表没有加盖单位公章，且未在规定时间内补正。",
    Code.WORK_MISSING: "没有提交工作材料，且未在规定时间内补正。",
}
OFFERED = 6


def sentence(typed: str) -> str:
    """Return the sentence that `typed` picks by its code or its Chinese name, or what was typed."""
    named = {labels.PROBLEMS[code]: text for code, text in SENTENCES.items()}
    codes = {code.value: text for code, text in SENTENCES.items()}
    return {**named, **codes}.get(typed.strip(), typed)


def offered(application: Application) -> list[Code]:
    """Return the reasons to pick from: first those that its problems speak for."""
    own = [one.code for one in application.problems if one.outcome is not Outcome.NOTE]
    return [code for code in dict.fromkeys([*own, *SENTENCES]) if code in SENTENCES][:OFFERED]
