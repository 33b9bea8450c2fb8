"""Letters that wait for a person: released, edited or dropped, each step audited; none goes that has been overtaken."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from storage import audit, outbox
from storage.database import Store
from storage.model import Event, Letter, LetterKind, LetterState

# What a letter says of an application no longer holds once one of these followed it.
OVERTAKING = frozenset(
    {
        "judged",
        "accepted",
        "rejected",
        "withdrawn",
        "reopened",
        "set",
        "rejudged",
        "attached",
        "undone",
        "stage",
        "erased",
    }
)
SETTLING = frozenset({"letter-released", "letter-dropped", "letter-restored"})
JUDGING = frozenset(
    {
        LetterKind.ACKNOWLEDGEMENT,
        LetterKind.CORRECTION,
        LetterKind.REJECTION,
        LetterKind.DECISION,
        LetterKind.REMINDER,
    }
)


class NotSo(Exception):
    """The letter's state does not allow this; the message tells staff why, in Chinese."""


def chosen(store: Store, kind: LetterKind | None) -> list[Letter]:
    """Return the drafts, of one kind or all, in order of creation; held letters are settled one by one."""
    drafts = [one for one in outbox.every(store.db) if one.state is LetterState.DRAFT]
    return [one for one in drafts if kind in (None, one.kind)]


def overtaken(store: Store, letter: Letter) -> list[str]:
    """Return the receipts that were judged or decided anew since the letter about them was written."""
    if letter.kind not in JUDGING:
        return []
    return [one for one in letter.receipts if _followed(letter, audit.history(store.db, one))]


def release(
    store: Store,
    letter: Letter,
    *,
    by: str,
    at: datetime,
    anyway: bool = False,
    wait: timedelta = timedelta(0),
) -> None:
    """Let the letter go after `wait`; raises NotSo where none waits, or it was overtaken and is not to go `anyway`."""
    with store.transaction() as db:
        if (receipts := overtaken(store, letter)) and not anyway:
            raise NotSo(
                f"信 {letter.id} 写成之后，{'、'.join(receipts)} 又审核或处理过，信的内容可能已经不对，没有放行。"
                "请用 shenbao show 核对：不发就 drop，改好就 edit，确认要发请加 --anyway。"
            )
        before = outbox.get(db, letter.id)
        if before is None or not outbox.release(db, letter.id, at + wait):
            raise _refused(letter, "放行")
        detail = {"from": before.state, **({"anyway": True} if receipts else {})}
        _note(store, letter, "letter-released", by=by, at=at, detail=detail)


def edit(store: Store, letter: Letter, body: str, *, by: str, at: datetime) -> bool:
    """Give a waiting letter another text, and say whether it is another; raises NotSo where it is not waiting."""
    text = body.replace("\r\n", "\n").strip() + "\n"
    if text == letter.body:
        return False
    if not text.strip():
        raise NotSo("信的正文不能是空的；不发这封信请用 shenbao drop。")
    with store.transaction() as db:
        if not outbox.rewrite(db, letter.id, text):
            raise _refused(letter, "修改")
        before, after = (hashlib.sha256(one.encode()).hexdigest() for one in (letter.body, text))
        _note(store, letter, "letter-edited", by=by, at=at, detail={"before": before, "after": after})
    return True


def drop(store: Store, letter: Letter, *, by: str, at: datetime) -> None:
    """Take the letter back; raises NotSo where it is on its way or gone."""
    with store.transaction() as db:
        before = outbox.get(db, letter.id)
        if before is None or not outbox.drop(db, letter.id, by):
            raise _refused(letter, "作废")
        _note(store, letter, "letter-dropped", by=by, at=at, detail={"from": before.state})


def undo(store: Store, letter: Letter, *, by: str, at: datetime, within: timedelta) -> None:
    """Let a letter that was just released or dropped wait again; raises NotSo where that is over or it is gone."""
    with store.transaction() as db:
        last = audit.last_about(db, letter.id, SETTLING)
        if last is None or last.event == "letter-restored":
            raise NotSo(f"第{letter.id}号信最近没有可以撤销的操作。")
        if not last.at <= at < last.at + within:
            raise NotSo(f"第{letter.id}号信的操作已过可撤销的时间。")
        if not outbox.restore(db, letter.id, LetterState(str(last.detail["from"]))):
            raise NotSo(f"第{letter.id}号信已经寄出，不能撤销。")
        _note(store, letter, "letter-restored", by=by, at=at, detail={})


def _followed(letter: Letter, history: Sequence[Event]) -> bool:
    """Say whether the application was judged or decided anew after the letter was written, or last edited."""
    written = next((one.id for one in history if _is_of(letter, one)), None)
    edited = [one.id for one in history if one.event == "letter-edited" and one.detail["letter"] == letter.id]
    last = max(edited, default=written)
    return any(
        one.event in OVERTAKING and (one.at > letter.created_at if last is None else one.id > last)
        for one in history
    )


def _is_of(letter: Letter, event: Event) -> bool:
    """Say whether `event` tells that the letter was queued."""
    told = (event.detail.get("kind"), event.detail.get("subject"))
    return event.event == "letter" and told == (letter.kind, letter.subject) and event.at >= letter.created_at


def _refused(letter: Letter, what: str) -> NotSo:
    return NotSo(f"信 {letter.id} 现在的状态是 {letter.state}，不能{what}。")


def _note(
    store: Store, letter: Letter, event: str, *, by: str, at: datetime, detail: dict[str, object]
) -> None:
    """Add a line to the trail of each application the letter is about, or one for a letter about none."""
    for receipt in letter.receipts or (None,):
        audit.record(
            store.db, at=at, actor=by, event=event, receipt=receipt, detail={"letter": letter.id, **detail}
        )
