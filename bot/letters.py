"""Letters that wait for a person, in a chat: looked at, released, dropped."""

from datetime import timedelta

from bot import texts
from bot.access import DECIDERS, Answer, Button, Desk, Person
from bot.decide import shown, wait_of
from intake import labels
from intake.letters import drafts
from intake.width import shorten
from storage import outbox
from storage.model import Letter, LetterState

PAGE = 8
SUBJECT_COLUMNS = 60
SETTLE = frozenset({"release", "drop"})  # commands that are about a letter without saying so
QUESTIONS = {"release": "放行这封信", "drop": "不发这封信", "undo": "撤销刚才对这封信的操作"}
NAMED = "信"  # what a letter's number begins with where a receipt could stand as well
NO_LETTER = "没有这封信。发送 /drafts 可以看到待放行的信。"
WAITING = frozenset({LetterState.DRAFT, LetterState.HELD, LetterState.UNCERTAIN})


def waiting(desk: Desk, _person: Person, _argument: str) -> Answer:
    """List the letters that wait for a person, the oldest first."""
    found = outbox.waiting(desk.store.db, PAGE + 1)
    if not found:
        return Answer(text="没有待放行的信。")
    head = f"待放行的信{len(found)}封" if len(found) <= PAGE else f"待放行的信，前{PAGE}封"
    buttons = tuple((Button(f"看第{one.id}号信", f"/letter {one.id}"),) for one in found[:PAGE])
    return Answer(text="\n".join([head, *map(_line, found[:PAGE])]), buttons=buttons)


def letter(desk: Desk, person: Person, argument: str) -> Answer:
    """Show one letter, with what can be done with it."""
    found = _found(desk, argument)
    if found is None:
        return Answer(text=NO_LETTER)
    may = person.role in DECIDERS and found.state in WAITING
    row = (Button("放行", f"/release {found.id}"), Button("不发", f"/drop {found.id}"))
    return Answer(text="\n".join([_line(found), *shown(desk, person, found)]), buttons=(row,) if may else ())


def release(desk: Desk, person: Person, argument: str) -> Answer:
    """Let a letter go that is still true."""
    found = _found(desk, argument)
    if found is None:
        return Answer(text=NO_LETTER)
    try:
        drafts.release(desk.store, found, by=person.chat, at=desk.now(), wait=wait_of(desk, person))
    except drafts.NotSo as refusal:
        return Answer(text=str(refusal))
    return _undoable(desk, found, f"已放行第{found.id}号信。")


def drop(desk: Desk, person: Person, argument: str) -> Answer:
    """Take a letter back that is not to go."""
    found = _found(desk, argument)
    if found is None:
        return Answer(text=NO_LETTER)
    try:
        drafts.drop(desk.store, found, by=person.chat, at=desk.now())
    except drafts.NotSo as refusal:
        return Answer(text=str(refusal))
    return _undoable(desk, found, f"第{found.id}号信不再发送。")


def undo(desk: Desk, person: Person, argument: str) -> Answer:
    """Let a letter wait again that was just released or dropped."""
    if person.role not in DECIDERS:
        return Answer(text=texts.DECIDERS_ONLY)
    found = _found(desk, argument)
    if found is None:
        return Answer(text=NO_LETTER)
    within = timedelta(seconds=desk.undo_seconds)
    try:
        drafts.undo(desk.store, found, by=person.chat, at=desk.now(), within=within)
    except drafts.NotSo as refusal:
        return Answer(text=str(refusal))
    return Answer(text=f"已撤销，第{found.id}号信仍在等候处理。")


def _undoable(desk: Desk, one: Letter, text: str) -> Answer:
    """Return what was done with how to undo it."""
    if not desk.undo_seconds:
        return Answer(text=text)
    command = f"/undo {NAMED}{one.id}"
    return Answer(
        text=f"{text}\n{desk.undo_seconds}秒内、信寄出之前可以撤销：{command}",
        buttons=((Button("撤销", command),),),
    )


def asked(desk: Desk, person: Person, word: str, argument: str) -> Answer:  # noqa: ARG001 - as others ask
    """Ask before a button settles a letter."""
    found = _found(desk, argument)
    if found is None:
        return Answer(text=NO_LETTER)
    sure = Button("确认", f"!{found.state}/{word} {argument}")
    back = Button("先不办", f"/letter {found.id}")
    return Answer(text=f"{QUESTIONS[word]}？\n{_line(found)}", buttons=((sure, back),))


def as_it_was(desk: Desk, mark: str, argument: str) -> bool:
    found = _found(desk, argument)
    return found is not None and mark == found.state


def is_named(argument: str) -> bool:
    """Say whether `信3` is meant, a letter's number."""
    return argument.strip().startswith(NAMED)


def _found(desk: Desk, typed: str) -> Letter | None:
    number = typed.strip().removeprefix(NAMED).strip()
    return outbox.get(desk.store.db, int(number)) if number.isdecimal() and len(number) < 10 else None


def _line(one: Letter) -> str:
    subject = shorten(texts.plain(one.subject), SUBJECT_COLUMNS)
    return f"{one.id} {labels.LETTER_STATES[one.state]}　{subject}"
