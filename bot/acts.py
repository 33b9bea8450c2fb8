"""What a person has to do about each thing that is open: the groups under which staff see their work."""

from collections.abc import Iterable

from storage.model import Code, Outcome
from storage.tallies import Waiting

MENDED = "待补正，等申报单位"
OTHERWISE = "其他待核定"
ACTS = {
    "核对证照与公章": (
        Code.QUALIFICATION_UNCLEAR,
        Code.QUALIFICATION_MISMATCH,
        Code.USCC_INVALID,
        Code.SEAL_MISSING,
        Code.SEAL_UNSEEN,
        Code.QUALIFICATION_MISSING,
    ),
    "看原件核对识别结果": (Code.READING_UNSURE, Code.FIELD_INVALID, Code.CATEGORY_UNCLEAR),
    "判断是否重复、超名额": (
        Code.DUPLICATE_ACCOUNT,
        Code.DUPLICATE_OPERATOR,
        Code.DUPLICATE_SUSPECTED,
        Code.QUOTA_DIRECT,
        Code.QUOTA_COUNTY,
    ),
    "判断时间与申报途径": (
        Code.LATE,
        Code.LATE_SUPPLEMENT,
        Code.OUT_OF_REGION,
        Code.COUNTY_ROUTE_EXPECTED,
        Code.CHANNEL_UNCLEAR,
    ),
    "确认来信与附件归属": (Code.VERSION_UNCONFIRMED, Code.ATTACHMENT_UNASSIGNED),
    "下载或打开附件": (
        Code.ATTACHMENT_LINKED,
        Code.ATTACHMENT_UNREADABLE,
        Code.ATTACHMENT_UNSUPPORTED,
        Code.ATTACHMENT_UNSAFE,
    ),
}
_BY_CODE = {code: act for act, codes in ACTS.items() for code in codes}


def act_of(one: Waiting) -> str:
    """Return what has to be done; what the applicant has to mend is the applicant's."""
    return MENDED if one.outcome is Outcome.CORRECT else _BY_CODE.get(one.code, OTHERWISE)


def grouped(found: Iterable[Waiting]) -> dict[str, list[Waiting]]:
    """Return what waits under what has to be done, staff's own work first."""
    groups: dict[str, list[Waiting]] = {act: [] for act in (*ACTS, OTHERWISE, MENDED)}
    for one in found:
        groups[act_of(one)].append(one)
    return {act: those for act, those in groups.items() if those}
