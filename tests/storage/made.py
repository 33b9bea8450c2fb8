"""Nouns made for these tests, with everything that does not matter filled in."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

from sqlite_utils import Database

from storage import applications
from storage.database import Store
from storage.messages import Arrival, Position
from storage.model import (
    Application,
    Channel,
    Clock,
    Code,
    DocumentType,
    Door,
    Fields,
    Kind,
    Letter,
    LetterKind,
    LetterState,
    Outcome,
    Problem,
    State,
)

BEIJING = timezone(timedelta(hours=8))
NOON = datetime(2022, 6, 1, 12, 0, tzinfo=BEIJING)
PREFIX = "WM2022"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def arrival(text: str = "mail", *, minutes: int = 0, position: Position | None = None) -> Arrival:
    return Arrival(
        sha256=digest(text),
        size=len(text),
        door=Door.FILE,
        origin="信件.eml",
        received_at=NOON + timedelta(minutes=minutes),
        clock=Clock.RECEIVED,
        at=datetime(2022, 6, 2, tzinfo=UTC),
        position=position,
    )


def position(uid: int = 1, *, folder: str = "INBOX", uidvalidity: int = 7) -> Position:
    return Position(account="bzscbk@163.com", folder=folder, uidvalidity=uidvalidity, uid=uid)


def application(number: int = 1, **changes: object) -> Application:
    """Return an account that holds a place, each `number` of another unit, with `changes`."""
    values: dict[str, object] = {
        "receipt": f"{PREFIX}-{number:04d}",
        "state": State.ACCEPTED,
        "kind": Kind.ACCOUNT,
        "channel": Channel.DIRECT,
        "submitter": f"亳州市第{number}中学",
        "submitter_key": f"亳州市第{number}中学",
        "account_key": f"wechat:bz{number}",
        "operator_key": f"亳州市第{number}中学",
        "fields": Fields(name="亳州文明", identifier=f"bz{number}", postcode="0558"),
        "received_at": NOON + timedelta(minutes=number),
        "changed_at": NOON + timedelta(minutes=number),
        "token": f"token-{number}",
        "addresses": ("a@example.cn",),
    }
    return Application(**(values | changes))  # type: ignore[arg-type]  # the keys are the struct's own


def saved(db: Database, *them: Application) -> None:
    for one in them:
        applications.save(db, one, message=None, documents=())


def problem(code: Code = Code.FIELD_MISSING, outcome: Outcome = Outcome.CORRECT) -> Problem:
    return Problem(
        code=code, outcome=outcome, message="请补填手机号码。", field="mobile", clause="七、报送材料 1"
    )


def file(name: str = "申报表.docx", kind: DocumentType = DocumentType.FORM) -> tuple[str, str, str]:
    return (name, kind, digest(name))


def letter(cause: str = "mail-1", **changes: object) -> Letter:
    values: dict[str, object] = {
        "kind": LetterKind.ACKNOWLEDGEMENT,
        "receipts": (f"{PREFIX}-0001",),
        "cause": cause,
        "to": ("a@example.cn",),
        "subject": "收到申报材料",
        "body": "您好：\n",
        "message_id": f"<{cause}.{changes.get('kind', 'acknowledgement')}@shenbao>",
        "state": LetterState.QUEUED,
        "created_at": NOON,
        "due_at": NOON,
    }
    return Letter(**(values | changes))  # type: ignore[arg-type]  # the keys are the struct's own


def kept_mail(store: Store, text: str = "mail") -> Arrival:
    """Keep `text` as a mail's bytes and return the arrival that names them."""
    store.blobs.keep(text.encode())
    return arrival(text)


def asked(db: Database, look: Callable[[], object]) -> list[str]:
    """Return the SELECT statements that `look` sends, with their values."""
    statements: list[str] = []
    db.conn.set_trace_callback(statements.append)
    look()
    db.conn.set_trace_callback(None)
    return [sql for sql in statements if sql.lstrip().upper().startswith("SELECT")]
