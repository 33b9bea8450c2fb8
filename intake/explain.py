"""Why an application stands as it does: for each problem what was read where, by which rule, and what would change it."""

from collections.abc import Iterator, Mapping, Sequence

from intake import labels
from intake.reading import recall
from parsers.documents import Form, Reading
from storage import applications, audit
from storage.database import Store
from storage.model import Application, Code, Document, DocumentType, Event, Noun, Outcome, Problem

RESEND = "申报人发来更正后的材料，或工作人员用 set 改正该栏"
CHANGES: Mapping[Code, str] = {
    Code.FORM_MISSING: "申报人补发申报表，或工作人员用 attach 添加",
    Code.FIELD_MISSING: RESEND,
    Code.FIELD_INVALID: RESEND,
    Code.CATEGORY_UNCLEAR: RESEND,
    Code.ACCOUNT_HAS_ICP: "不影响结果，无需处理",
    Code.SUMMARY_TOO_LONG: "申报人压缩字数后重发",
    Code.WORK_MISSING: "申报人补发图文案例或视频，或工作人员用 attach 添加",
    Code.WORK_TOO_LONG: "申报人压缩字数后重发工作材料",
    Code.PICTURES_TOO_FEW: "申报人补发图片，达到规定张数",
    Code.VIDEO_TOO_LONG: "申报人剪辑后重发视频",
    Code.VIDEO_FORMAT: "不影响结果；换用MP4格式后不再提示",
    Code.VIDEO_RESOLUTION: "不影响结果；换用更清晰的视频后不再提示",
    Code.QUALIFICATION_MISSING: "申报人补发证照扫描件，或工作人员用 attach 添加；个人运营的由工作人员核定",
    Code.QUALIFICATION_UNCLEAR: "申报人补发营业执照、法人证书等，或工作人员认定后用 accept 核定",
    Code.QUALIFICATION_MISMATCH: "主办单位与证照名称改为一致，或工作人员核对后用 accept 核定",
    Code.USCC_INVALID: "申报人补发更清晰的证照，或工作人员对照原件后用 accept 核定",
    Code.SEAL_MISSING: "申报人补盖公章后重发扫描件",
    Code.SEAL_UNSEEN: "不影响结果；见到纸质件上的公章即可",
    Code.COUNTY_REVIEW_MISSING: "县区填写审核意见并盖章后重发，或查明是直接申报",
    Code.ATTACHMENT_UNREADABLE: "申报人重发能打开的文件",
    Code.ATTACHMENT_UNSUPPORTED: "申报人换用docx、PDF、JPG或MP4格式重发",
    Code.ATTACHMENT_LINKED: "工作人员下载后用 attach 添加，或申报人直接发来文件",
    Code.ATTACHMENT_UNSAFE: "申报人另存为不含宏的文件后重发",
    Code.ATTACHMENT_UNASSIGNED: "工作人员用 attach 收件编号 --message 来信号 --only 文件名 指明属于哪一份，或申报人重发该文件",
    Code.LATE: "有更早收到的证据，或活动文件里为该单位登记延期后用 rejudge 重新审核",
    Code.LATE_SUPPLEMENT: "工作人员核定是否采用（accept 或 reject）",
    Code.READING_UNSURE: "工作人员对照原件后用 set 填入该栏的值，或申报人补发Word版申报表",
    Code.QUOTA_DIRECT: "该单位撤回已申报的账号后用 reopen 重新审核，或确认不是同一单位",
    Code.QUOTA_COUNTY: "该县区撤回一个已申报的账号后用 reopen 重新审核，或查明不是该县区报送",
    Code.DUPLICATE_ACCOUNT: "在先的申报撤回后用 reopen 重新审核，或确认不是同一账号后更正账号ID",
    Code.DUPLICATE_OPERATOR: "在先的申报撤回后用 reopen 重新审核，或确认不是同一主体后更正主办单位",
    Code.DUPLICATE_SUSPECTED: "工作人员比较两份申报后用 accept 或 reject 核定",
    Code.OUT_OF_REGION: "工作人员核实注册地后用 accept 或 reject 核定，或改正地址、备案号",
    Code.COUNTY_ROUTE_EXPECTED: "不影响结果；改由县区报送后不再提示",
    Code.VERSION_UNCONFIRMED: "工作人员核实发件人后，用 attach 收件编号 --message 来信号 采用，或加 --refuse 不采用",
    Code.CHANNEL_UNCLEAR: "工作人员核实申报途径后用 accept 核定，或申报人重发前后一致的申报表",
}  # fmt: skip
# The audit trail's events in which a person settles something by hand.
DECISIONS = frozenset({"accepted", "rejected", "withdrawn", "reopened", "set", "rejudged"})


class Explained(Noun, frozen=True, kw_only=True):
    """One problem with what a person needs to check it: `page` from 1 and `confidence` where a scan was read."""

    problem: Problem
    rule: str
    changes: str
    read: str | None = None
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    confidence: float | None = None


class Explanation(Noun, frozen=True, kw_only=True):
    """An application's problems explained, and what staff decided of it, the first decision first."""

    application: Application
    problems: tuple[Explained, ...]
    decisions: tuple[Event, ...]


def explain(store: Store, application: Application) -> Explanation:
    """Explain the application from what is stored; nothing is read again."""
    forms = dict(_forms(store, applications.holdings(store.db, application.receipt)))
    settled = applications.settled(store.db, application.receipt)
    return Explanation(
        application=application,
        problems=tuple(_explained(one, forms, settled) for one in application.problems),
        decisions=tuple(
            one for one in audit.history(store.db, application.receipt) if one.event in DECISIONS
        ),
    )


def _explained(problem: Problem, forms: Mapping[str, Form], settled: Mapping[str, str | None]) -> Explained:
    reading = _reading(problem, forms)
    by_hand = problem.field in settled
    seen = reading if reading and not by_hand else None
    return Explained(
        problem=problem,
        rule=labels.PROBLEMS[problem.code],
        changes=_changes(problem),
        read=seen.raw or None if seen else None,
        page=seen.box.page if seen and seen.box else None,
        box=(seen.box.left, seen.box.top, seen.box.right, seen.box.bottom) if seen and seen.box else None,
        confidence=seen.confidence if seen and seen.confidence < 1 else None,
    )


def _changes(problem: Problem) -> str:
    """Return what would change it; what asks a person though its code rejects needs a person's word only."""
    unsure = problem.outcome is Outcome.REVIEW and problem.code in (
        Code.QUOTA_DIRECT,
        Code.QUOTA_COUNTY,
        Code.LATE,
    )
    return (
        f"依据不足以自动拒收，由工作人员用 accept 或 reject 核定；或{CHANGES[problem.code]}"
        if unsure
        else CHANGES[problem.code]
    )


def _reading(problem: Problem, forms: Mapping[str, Form]) -> Reading | None:
    form = forms.get(problem.file or "")
    return form.readings.get(problem.field) if form and problem.field else None


def _forms(store: Store, documents: Sequence[Document]) -> Iterator[tuple[str, Form]]:
    """Yield each form of the application under its file, the newest last."""
    for document in documents:
        if document.type is DocumentType.FORM and (facts := recall(store, document.sha256, document.file)):
            yield from ((document.file, part) for part in facts.parts if isinstance(part, Form))
