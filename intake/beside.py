"""What a stranger sends: kept beside the application it speaks for, told to staff, changing nothing."""

from collections.abc import Iterable, Mapping, Sequence

from intake import judge
from intake.assemble import Draft
from intake.belonging import Belonging
from intake.came import Came, Line
from intake.labels import STATES
from storage import applications, audit, pending
from storage.model import Application


def keep(line: Line, came: Came, old: Application, draft: Draft) -> Application:
    """Keep a new version of `old` from an address it does not know until staff confirm it."""
    pending.keep(line.store.db, old.receipt, came.message.id, renews=True, at=line.now())
    told = judge.flagged(line.store, line.campaign, old)
    applications.save(line.store.db, told, message=None, documents=[])
    _record(line, came, "version-unconfirmed", old.receipt, {"files": [one.file for one in draft.files]})
    return told


def inquire(line: Line, came: Came, whose: Belonging) -> None:
    """Pass a question, or a stranger's material, on to staff with what is known of its sender."""
    files = [one.file for one in came.files]
    detail = {"files": files, "known": about(whose)}
    for one in whose.foreign if came.holds_material else ():
        pending.keep(line.store.db, one.receipt, came.message.id, renews=False, at=line.now())
    receipts: Sequence[str | None] = [one.receipt for one in whose.foreign] or [None]
    for receipt in receipts:
        _record(line, came, "inquiry", receipt, detail)


def about(whose: Belonging) -> list[str]:
    """Return what staff should know of a sender: whose address it is, and how its applications stand."""
    unit = [f"登记邮箱：{whose.unit}"] if whose.unit else []
    return [*unit, *_lines(whose.theirs)] or ["该邮箱没有申报记录"]


def _lines(known: Iterable[Application]) -> Iterable[str]:
    return (f"{one.receipt}{one.fields.name or ''}（{STATES[one.state]}）" for one in known)


def _record(line: Line, came: Came, event: str, receipt: str | None, detail: Mapping[str, object]) -> None:
    audit.record(
        line.store.db,
        at=line.now(),
        actor=came.mail.sender or "",
        event=event,
        receipt=receipt,
        message=came.message.id,
        detail={"mail": came.message.id, "subject": came.mail.subject, **detail},
    )
