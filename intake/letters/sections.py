"""What a letter says of one application: who and what it is, what came, what is open, all made harmless."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from intake.labels import KINDS, PLATFORMS
from intake.labels import STATES as STAFF_STATES
from intake.letters.deep_links import link
from intake.letters.mended import mended
from intake.mail.cloud import ENDING
from intake.rules.wording import clean, moment
from storage.campaign import Campaign
from storage.model import (
    Application,
    Document,
    DocumentType,
    Kind,
    LetterKind,
    Noun,
    Outcome,
    Problem,
    State,
)

# To an applicant a selection is not a licence: nobody is 不予受理.
STATES = STAFF_STATES | {State.REJECTED: "暂未纳入本次推选"}
TYPES: Mapping[DocumentType, str] = {
    DocumentType.FORM: "申报表",
    DocumentType.WORK: "工作材料",
    DocumentType.QUALIFICATION: "资质证明",
    DocumentType.HONOUR: "荣誉证书",
    DocumentType.PICTURE: "图片",
    DocumentType.VIDEO: "视频",
    DocumentType.ARCHIVE: "压缩包（内含文件另行列出）",
    DocumentType.OTHER: "其他材料",
    DocumentType.UNREADABLE: "未能读取",
}
JUDGED = frozenset({State.CORRECTING, State.REVIEWING, State.REJECTED, State.ACCEPTED})
LETTERS = {State.REJECTED: LetterKind.REJECTION, State.CORRECTING: LetterKind.CORRECTION}
MOST_NAMES = 3
MOST_FILES = 200  # lines of a letter, not a limit of what is kept
LONGEST_NAME = 120  # characters of a file's name or an account's


class Section(Noun, frozen=True, kw_only=True):
    """One application in a letter.

    `given_back` says that this very mail withdrew it, `mended` what was asked for and is in order now. `letter` is the kind of letter it asks for by itself, `settled` that staff have decided: what the
    rules still say of it is no longer open.
    """

    receipt: str
    title: str
    state: str
    letter: LetterKind
    version: int
    received: str
    changed: str
    token: str
    link: str
    paper: str
    withdrawn: bool
    settled: bool
    given_back: bool
    mended: tuple[str, ...]
    files: tuple[str, ...]
    rejecting: tuple[Problem, ...]
    correcting: tuple[Problem, ...]
    reviewing: tuple[Problem, ...]
    noting: tuple[Problem, ...]


def section(
    application: Application,
    campaign: Campaign,
    files: Iterable[Document] = (),
    before: Application | None = None,
    bot: str = "",
) -> Section:
    """Return what a letter says of `application`, of those of `files` that are its own, and what is mended.

    `before` is how it stood until the mail, or the decision, that the letter tells of; `bot` the chat bot's
    user name, which its link opens.
    """
    own = {document.file for document in application.documents}
    paper = application.paper_received
    gone = application.state is State.WITHDRAWN
    settled = application.decided or application.state not in JUDGED
    return Section(
        receipt=application.receipt,
        title=title(application),
        state=STATES[application.state],
        letter=LETTERS.get(application.state, LetterKind.ACKNOWLEDGEMENT),
        version=application.version,
        received=moment(application.received_at, campaign),
        changed=moment(application.changed_at, campaign),
        token=clean(application.token),
        link=link(bot, application.token),
        paper=f"{paper.year}年{paper.month}月{paper.day}日" if paper else "",
        withdrawn=gone,
        settled=settled,
        given_back=gone and before is not None and before.state is not State.WITHDRAWN,
        mended=mended(before, application) if before and not gone else (),
        files=listed([file for file in files if file.file in own]),
        rejecting=_of(application, Outcome.REJECT),
        correcting=() if settled else _of(application, Outcome.CORRECT),
        reviewing=() if settled else _of(application, Outcome.REVIEW),
        noting=_of(application, Outcome.NOTE),
    )


def title(application: Application) -> str:
    """Return what is applied for: the name and its kind, e.g. 文明亳州（微信账号）."""
    name = short(application.fields.name) or "（名称待补）"
    if application.kind is None:
        return name
    platform = PLATFORMS.get(application.platform, "") if application.platform else ""
    return f"{name}（{platform if application.kind is Kind.ACCOUNT else ''}{KINDS[application.kind]}）"


def addressee(applications: Sequence[Application]) -> str:
    """Return whom the letter addresses: the submitters, the first few by name."""
    named = [short(one.submitter or one.fields.organizer) for one in applications]
    names = list(dict.fromkeys(filter(None, named)))
    if not names:
        return "申报单位（申报人）" if applications else "来信单位（来信人）"
    return "、".join(names[:MOST_NAMES]) + ("等" if len(names) > MOST_NAMES else "")


def listed(files: Sequence[Document]) -> tuple[str, ...]:
    """Return a line for each file: its name and what it was taken for."""
    lines = [f"{short(_named(file)) or '（无名称）'} —— {_taken_for(file)}" for file in files[:MOST_FILES]]
    rest = len(files) - MOST_FILES
    return (*lines, f"另有{rest}个文件，已一并留存") if rest > 0 else tuple(lines)


def _named(file: Document) -> str:
    return file.file.removesuffix(ENDING)


def _taken_for(file: Document) -> str:
    return "超大附件链接（文件本身没有随邮件发来）" if file.file.endswith(ENDING) else TYPES[file.type]


def others(files: Iterable[Document], applications: Iterable[Application]) -> tuple[str, ...]:
    """Return a line for each of `files` that no application holds."""
    held = {document.file for one in applications for document in one.documents}
    return listed([file for file in files if file.file not in held])


def short(text: str | None) -> str:
    """Return a name on one line, cut where it is longer than any real one."""
    plain = clean(text or "")
    return f"{plain[:LONGEST_NAME]}…" if len(plain) > LONGEST_NAME else plain


def _of(application: Application, outcome: Outcome) -> tuple[Problem, ...]:
    return tuple(
        replace(
            problem,
            message=clean(problem.message),
            fact=clean(problem.told or problem.fact),
            where=clean(problem.where),
            clause=clean(problem.clause),
        )
        for problem in application.problems
        if problem.outcome is outcome
    )
