"""The nouns of the campaign and the contract's codes; immutable, knowing nothing of how they are kept."""

from datetime import date, datetime
from enum import StrEnum

import msgspec


class Code(StrEnum):
    """What can be wrong with an application; the names are the contract's and stay."""

    FORM_MISSING = "form-missing"
    FIELD_MISSING = "field-missing"
    FIELD_INVALID = "field-invalid"
    CATEGORY_UNCLEAR = "category-unclear"
    ACCOUNT_HAS_ICP = "account-has-icp"
    SUMMARY_TOO_LONG = "summary-too-long"
    WORK_MISSING = "work-missing"
    WORK_TOO_LONG = "work-too-long"
    PICTURES_TOO_FEW = "pictures-too-few"
    VIDEO_TOO_LONG = "video-too-long"
    VIDEO_FORMAT = "video-format"
    VIDEO_RESOLUTION = "video-resolution"
    QUALIFICATION_MISSING = "qualification-missing"
    QUALIFICATION_UNCLEAR = "qualification-unclear"
    QUALIFICATION_MISMATCH = "qualification-mismatch"
    USCC_INVALID = "uscc-invalid"
    SEAL_MISSING = "seal-missing"
    SEAL_UNSEEN = "seal-unseen"
    COUNTY_REVIEW_MISSING = "county-review-missing"
    ATTACHMENT_UNREADABLE = "attachment-unreadable"
    ATTACHMENT_UNSUPPORTED = "attachment-unsupported"
    ATTACHMENT_LINKED = "attachment-linked"
    ATTACHMENT_UNSAFE = "attachment-unsafe"
    ATTACHMENT_UNASSIGNED = "attachment-unassigned"
    LATE = "late"
    LATE_SUPPLEMENT = "late-supplement"
    READING_UNSURE = "reading-unsure"
    QUOTA_DIRECT = "quota-direct"
    QUOTA_COUNTY = "quota-county"
    DUPLICATE_ACCOUNT = "duplicate-account"
    DUPLICATE_OPERATOR = "duplicate-operator"
    DUPLICATE_SUSPECTED = "duplicate-suspected"
    OUT_OF_REGION = "out-of-region"
    COUNTY_ROUTE_EXPECTED = "county-route-expected"
    VERSION_UNCONFIRMED = "version-unconfirmed"
    CHANNEL_UNCLEAR = "channel-unclear"


class Outcome(StrEnum):
    """What a problem leads to; a setting of the campaign for each code."""

    CORRECT = "correct"
    REVIEW = "review"
    REJECT = "reject"
    NOTE = "note"


class State(StrEnum):
    """Where an application stands."""

    CORRECTING = "correcting"
    REVIEWING = "reviewing"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    SHORTLISTED = "shortlisted"
    ELIMINATED = "eliminated"
    AWARDED = "awarded"
    RECOMMENDED = "recommended"


class Kind(StrEnum):
    WEBSITE = "website"
    ACCOUNT = "account"


class Platform(StrEnum):
    WECHAT = "wechat"
    WEIBO = "weibo"
    DOUYIN = "douyin"
    KUAISHOU = "kuaishou"
    TOUTIAO = "toutiao"
    YIDIAN = "yidian"
    BAIDU = "baidu"
    BILIBILI = "bilibili"
    UC = "uc"
    OTHER = "other"


class Channel(StrEnum):
    DIRECT = "direct"
    COUNTY = "county"


class DocumentType(StrEnum):
    FORM = "form"
    WORK = "work"
    QUALIFICATION = "qualification"
    HONOUR = "honour"
    PICTURE = "picture"
    VIDEO = "video"
    ARCHIVE = "archive"
    OTHER = "other"
    UNREADABLE = "unreadable"


class MailOutcome(StrEnum):
    """What became of a mail; its terminal state."""

    APPLICATION = "application"
    SUPPLEMENT = "supplement"
    WITHDRAWAL = "withdrawal"
    QUERY = "query"
    INQUIRY = "inquiry"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"


class LetterKind(StrEnum):
    ACKNOWLEDGEMENT = "acknowledgement"
    CORRECTION = "correction"
    REJECTION = "rejection"
    STATUS = "status"
    WITHDRAWAL = "withdrawal"
    INQUIRY = "inquiry"
    DECISION = "decision"
    REMINDER = "reminder"
    RESULT = "result"


class LetterState(StrEnum):
    DRAFT = "draft"
    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


class Noun(msgspec.Struct, frozen=True):
    """A value of the domain; change it with `msgspec.structs.replace`."""


class Fields(Noun, frozen=True, kw_only=True):
    """The cells of the 申报表, normalised; an empty cell is None. Keys are the contract's."""

    name: str | None = None
    identifier: str | None = None
    category: str | None = None
    category_other: str | None = None
    icp_number: str | None = None
    license_number: str | None = None
    organizer: str | None = None
    address: str | None = None
    postcode: str | None = None
    contact: str | None = None
    phone: str | None = None
    mobile: str | None = None
    email: str | None = None
    summary: str | None = None
    recommendation: str | None = None
    recommendation_date: str | None = None
    county_opinion: str | None = None
    county_opinion_date: str | None = None
    city_opinion: str | None = None


class Problem(Noun, frozen=True, kw_only=True):
    """One thing to mend, decide or know, with what a person needs to check it.

    `message` is for the applicant, in Chinese. `fact` is what was found, `where` the file and
    place it was read from, `clause` the notice's words the rule rests on. `told` is the fact as a
    letter tells it, where staff read more of others' applications than the applicant may.
    """

    code: Code
    outcome: Outcome
    message: str
    field: str | None = None
    file: str | None = None
    clause: str = ""
    fact: str = ""
    told: str = ""
    where: str = ""


class Document(Noun, frozen=True, kw_only=True):
    """One file of an application: `file` is its path through containers, `version` who brought it.

    `unassigned` says that it may be another application's of the same mail, and a person must say whose.
    """

    file: str
    type: DocumentType
    sha256: str
    version: int = 1
    unassigned: bool = False


class Application(Noun, frozen=True, kw_only=True):
    """An application as it stands: the newest version's facts and what was judged of them.

    `account_key` and `operator_key` are the normalised identities that quota and duplicates
    compare (None when unknown); `operator_code` is a valid 统一社会信用代码 read from its
    certificate. `received_at` is when its first mail came, `changed_at` when its newest did.
    `decided` is set once staff have set the state by hand. `addresses` may supplement it.
    """

    receipt: str
    version: int = 1
    state: State
    kind: Kind | None = None
    platform: Platform | None = None
    channel: Channel = Channel.DIRECT
    county: str | None = None
    submitter: str | None = None
    fields: Fields = Fields()
    documents: tuple[Document, ...] = ()
    problems: tuple[Problem, ...] = ()
    received_at: datetime
    changed_at: datetime
    received_surely: bool = True
    account_key: str | None = None
    operator_key: str | None = None
    operator_code: str | None = None
    submitter_key: str | None = None
    token: str = ""
    decided: bool = False
    paper_received: date | None = None
    addresses: tuple[str, ...] = ()


class Door(StrEnum):
    IMAP = "imap"
    SMTP = "smtp"
    FILE = "file"


class Clock(StrEnum):
    """Whose word the time of receipt is."""

    INTERNALDATE = "internaldate"
    LISTENER = "listener"
    RECEIVED = "received"
    DATE = "date"
    IMPORT = "import"  # the clock of a file import: not evidence of lateness


class Message(Noun, frozen=True, kw_only=True):
    """A mail that is kept. `outcome` is None while it waits to be judged."""

    id: int
    sha256: str
    size: int
    door: Door
    origin: str
    received_at: datetime
    clock: Clock
    outcome: MailOutcome | None = None
    reason: str | None = None
    tries: int = 0
    message_id: str | None = None
    sender: str | None = None
    subject: str | None = None


class Letter(Noun, frozen=True, kw_only=True):
    """A reply of ours in the outbox; unique by (kind, receipts, cause)."""

    kind: LetterKind
    receipts: tuple[str, ...]
    cause: str
    to: tuple[str, ...]
    subject: str
    body: str
    message_id: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    state: LetterState = LetterState.QUEUED
    created_at: datetime
    due_at: datetime
    tries: int = 0
    error: str | None = None
    sent_at: datetime | None = None
    id: int = 0


class Event(Noun, frozen=True, kw_only=True):
    """One line of the audit trail: who did what to which application, and why."""

    at: datetime
    actor: str
    event: str
    receipt: str | None = None
    message: int | None = None
    detail: dict[str, object] = msgspec.field(default_factory=dict)
    id: int = 0
