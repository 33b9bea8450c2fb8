"""What staff decide in a chat: a complete command acts at once and is audited under their id."""

import re
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from bot import receipts, texts
from bot.access import Answer, Desk, Person
from intake import decisions
from storage.model import Application

_DAY = re.compile(r"(?:(\d{4})[-年./])?(\d{1,2})[-月./](\d{1,2})日?")


def accept(desk: Desk, person: Person, argument: str) -> Answer:
    """Declare the electronic material of an application complete."""
    where = _desk(desk, person)
    return _decided(desk, argument, "/accept 收件编号", lambda receipt: decisions.accept(where, receipt))


def reject(desk: Desk, person: Person, argument: str) -> Answer:
    """Turn an application down for the reason given, which its letter quotes."""
    typed, reason = _split(argument)
    use = "/reject 收件编号 理由（申报单位会收到这段理由）"
    if not reason:
        return Answer(text=f"请写全：{use}")
    where = _desk(desk, person)
    return _decided(desk, typed, use, lambda receipt: decisions.reject(where, receipt, reason))


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
    return _decided(desk, typed, use, lambda receipt: decisions.paper(where, receipt, day))


def _decided(desk: Desk, typed: str, use: str, decide: Callable[[str], Application]) -> Answer:
    """Say what came of a decision, or in Chinese why nothing did."""
    receipt = receipts.normal(typed, desk.campaign.receipt_prefix) if typed else None
    if receipt is None:
        return Answer(text=f"请写全：{use}")
    try:
        done = decide(receipt)
    except decisions.NoSuchReceipt:
        return Answer(text=texts.NO_SUCH)
    except decisions.NotPossible as refusal:
        return Answer(text=str(refusal))
    return Answer(text=f"已办理。{texts.line(done)}\n　{texts.paper(done)}")


def _desk(desk: Desk, person: Person) -> decisions.Desk:
    return decisions.Desk(
        store=desk.store,
        campaign=desk.campaign,
        sender=desk.sender or desk.campaign.office.email,
        by=person.chat,
        now=desk.now().astimezone(ZoneInfo(desk.campaign.timezone)),
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
