"""What staff decide in a chat: a complete command acts at once and is audited under their id; a button asks first."""

import re
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from bot import reasons, receipts, texts
from bot.access import DECIDERS, TERMINAL, Answer, Button, Desk, Person
from intake import attaching, decisions, labels, undoing
from storage import applications, holdings, outbox
from storage.model import Application, Document, Letter, LetterState, State

_DAY = re.compile(r"(?:(\d{4})[-年./])?(\d{1,2})[-月./](\d{1,2})日?")
REJECT = "/reject 收件编号 理由（申报单位会收到这段理由）"
DONE = "已办理。"
NOT_DONE = "没有办成，请在办公电脑上办理：shenbao attach 收件编号 --message 来信号 --only 文件名"
KEY = 10  # letters of a file's SHA-256 by which a button names it


def accept(desk: Desk, person: Person, argument: str) -> Answer:
    """Declare the electronic material of an application complete."""
    where = _desk(desk, person)
    return _decided(
        desk, argument, "/accept 收件编号", lambda receipt: decisions.accept(where, receipt), undo=True
    )


def reject(desk: Desk, person: Person, argument: str) -> Answer:
    """Turn an application down for the reason typed or picked, which its letter quotes."""
    typed, given = _split(argument)
    if not given:
        found = found_by(desk, typed)
        return pick(found) if found else Answer(text=f"请写全：{REJECT}")
    reason, where = reasons.sentence(given), _desk(desk, person)
    told = _decided(desk, typed, REJECT, lambda receipt: decisions.reject(where, receipt, reason), undo=True)
    return _with_letter(desk, person, typed, told, where)


def _with_letter(desk: Desk, person: Person, typed: str, told: Answer, where: decisions.Desk) -> Answer:
    """Show with the answer the letter that will go."""
    receipt = receipts.normal(typed, desk.campaign.receipt_prefix) or ""
    written = outbox.about(desk.store.db, receipt, where.now)
    goes = [one for one in written if one.state is LetterState.QUEUED]
    lines = [line for one in goes for line in ("", *shown(desk, person, one))]
    return replace(told, text="\n".join([told.text, *lines]))


def paper(desk: Desk, person: Person, argument: str) -> Answer:
    """Note that the paper copies came, today or on the day given (`6月2日`, `2022-06-02`)."""
    typed, when = _split(argument)
    day = _day(when, desk.today) if when else desk.today
    use = "/paper 收件编号 [日期，如 6月2日]"
    if day is None:
        return Answer(text=f"日期没有看懂。请写成：{use}")
    if day > desk.today:
        return Answer(text="日期在今天之后，没有登记。")
    where = _desk(desk, person)
    return _decided(desk, typed, use, lambda receipt: decisions.paper(where, receipt, day), undo=True)


def undo(desk: Desk, person: Person, argument: str) -> Answer:
    """Take the last decision back while its letter has not gone."""
    where, within = _desk(desk, person), timedelta(seconds=desk.undo_seconds)
    those = undoing.UNDOABLE if person.role in DECIDERS else frozenset({"paper"})
    with (desk.reader or nullcontext)() as reader:
        return _decided(
            desk,
            argument,
            "/undo 收件编号",
            lambda receipt: undoing.undo(where, receipt, within, those, reader),
        )


def assign(desk: Desk, person: Person, argument: str) -> Answer:
    """Let a file of which nobody knows whose it is be this application's own, and judge it anew."""
    typed, which = _split(argument)
    use = "/assign 收件编号 文件名"
    found = found_by(desk, typed)
    if found is None or not which:
        return Answer(text=texts.NO_SUCH if which else f"请写全：{use}")
    file = next((one for one in found.documents if one.unassigned and _is(one, which)), None)
    message = holdings.message_of(desk.store.db, found.receipt, file.sha256) if file else None
    if file is None or message is None or desk.reader is None:
        return Answer(text=f"{found.receipt} 没有这个归属不明的文件。")
    where, begin = _desk(desk, person), desk.reader
    with begin() as reader:
        told = _decided(
            desk,
            typed,
            use,
            lambda receipt: attaching.take(where, reader, receipt, message, (file.file,)),
            undo=True,
        )
    # Why it was not done may name other files.
    return told if not desk.minimal or told.text.startswith(DONE) else Answer(text=NOT_DONE)


def asked(desk: Desk, person: Person, word: str, argument: str) -> Answer:
    """Ask before a button changes something, showing what will be sent; `pressed` confirms by version."""
    typed, rest = _split(argument)
    found = found_by(desk, typed)
    if found is None:
        return Answer(text=texts.NO_SUCH)
    if word == "reject" and not rest:
        return pick(found)
    lines = [f"{QUESTIONS[word]}？", texts.line(found)]
    if word in LETTERS:
        lines += _letter(desk, person, found, LETTERS[word], reasons.sentence(rest))
    sure = Button("确认", f"!{found.version}{found.state[:3]}/{word} {found.receipt} {rest}".strip())
    return Answer(text="\n".join(lines), buttons=((sure, Button("先不办", f"/status {found.receipt}")),))


def as_it_was(desk: Desk, mark: str, argument: str) -> bool:
    """Say whether the application still stands as it did when the question was asked."""
    found = found_by(desk, _split(argument)[0])
    return found is not None and mark == f"{found.version}{found.state[:3]}"


def pick(application: Application) -> Answer:
    """Offer reasons for turning the application down."""
    rows = tuple(
        (Button(labels.PROBLEMS[code], f"/reject {application.receipt} {code}"),)
        for code in reasons.offered(application)
    )
    text = f"{texts.line(application)}\n请写全或选一个理由：{REJECT}"
    return Answer(text=text, buttons=rows)


def found_by(desk: Desk, typed: str) -> Application | None:
    """Return the application of a receipt as staff type it: `12` will do."""
    receipt = receipts.normal(typed, desk.campaign.receipt_prefix)
    return applications.get(desk.store.db, receipt) if receipt else None


QUESTIONS = {
    "accept": "认定电子材料齐全",
    "reject": "不予受理",
    "paper": "登记今天收到纸质件",
    "undo": "撤销刚才的操作",
    "assign": "把这个文件归入本件",
}
LETTERS = {"accept": State.ACCEPTED, "reject": State.REJECTED}


def _letter(desk: Desk, person: Person, application: Application, state: State, reason: str) -> list[str]:
    """Return the letter that the decision would send, as far as this channel may carry it."""
    decided = replace(application, state=state, decided=True)
    letter = decisions.letter_of(_desk(desk, person), decided, reason)
    return shown(desk, person, letter) if letter else ["没有可用的邮箱，不会寄信，请电话告知。"]


def shown(desk: Desk, person: Person, letter: Letter) -> list[str]:
    """Return a letter's lines, or where others may read along only what it is about."""
    if desk.minimal or person.group:
        return [f"信：{letter.subject}", "全文请在办公电脑上看：shenbao outbox"]
    return [f"信：{letter.subject}", f"收信人：{'、'.join(letter.to)}", "", texts.plain_lines(letter.body)]


def _decided(
    desk: Desk, typed: str, use: str, decide: Callable[[str], Application], *, undo: bool = False
) -> Answer:
    """Say what came of a decision and how to undo it, or in Chinese why nothing did."""
    receipt = receipts.normal(typed, desk.campaign.receipt_prefix) if typed else None
    if receipt is None:
        return Answer(text=f"请写全：{use}")
    try:
        done = decide(receipt)
    except decisions.NoSuchReceipt:
        return Answer(text=texts.NO_SUCH)
    except decisions.NotPossible as refusal:
        return Answer(text=str(refusal))
    text = f"{DONE}{texts.line(done)}\n　{texts.paper(done)}"
    if not undo or not desk.undo_seconds:
        return Answer(text=text)
    limit = f"{texts.span(desk.undo_seconds)}内、信寄出之前可以撤销：/undo {done.receipt}"
    return Answer(text=f"{text}\n{limit}", buttons=((Button("撤销", f"/undo {done.receipt}"),),))


def _is(document: Document, which: str) -> bool:
    return which in (document.file, document.file.rpartition("/")[2], document.sha256[:KEY])


def wait_of(desk: Desk, person: Person) -> timedelta:
    """Return how long a letter waits to be undone; at a terminal not at all: nobody waits there to press a button."""
    return timedelta(seconds=0 if person.channel == TERMINAL else desk.undo_seconds)


def _desk(desk: Desk, person: Person) -> decisions.Desk:
    return decisions.Desk(
        store=desk.store,
        campaign=desk.campaign,
        sender=desk.sender or desk.campaign.office.email,
        by=person.chat,
        now=desk.now().astimezone(ZoneInfo(desk.campaign.timezone)),
        wait=wait_of(desk, person),
    )


def _split(argument: str) -> tuple[str, str]:
    """Return the receipt and what follows it."""
    typed, *rest = argument.split(maxsplit=1) or [""]
    return typed, rest[0].strip() if rest else ""


def _day(text: str, today: date) -> date | None:
    """Return the day that `text` names, of this year where it names none."""
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    year, month, day = match.groups()
    try:
        return date(int(year or today.year), int(month), int(day))
    except ValueError:
        return None
