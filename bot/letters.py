"""Letters that wait for a person, in a chat: looked at, released, dropped."""

from bot import texts
from bot.access import DECIDERS, Answer, Button, Desk, Person
from bot.decide import shown
from intake import labels
from intake.letters import drafts
from intake.width import shorten
from storage import outbox
from storage.model import Letter, LetterState

PAGE = 8
SUBJECT_COLUMNS = 60
QUESTIONS = {"release": "放行这封信", "drop": "不发这封信"}
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
        drafts.release(desk.store, found, by=person.chat, at=desk.now())
    except drafts.NotSo as refusal:
        return Answer(text=str(refusal))
    return Answer(text=f"已放行第{found.id}号信。")


def drop(desk: Desk, person: Person, argument: str) -> Answer:
    """Take a letter back that is not to go."""
    found = _found(desk, argument)
    if found is None:
        return Answer(text=NO_LETTER)
    try:
        drafts.drop(desk.store, found, by=person.chat, at=desk.now())
    except drafts.NotSo as refusal:
        return Answer(text=str(refusal))
    return Answer(text=f"第{found.id}号信不再发送。")


def asked(desk: Desk, _person: Person, word: str, argument: str) -> Answer:
    """Ask before a button settles a letter."""
    found = _found(desk, argument)
    if found is None:
        return Answer(text=NO_LETTER)
    sure = Button("确认", f"!{found.state}/{word} {found.id}")
    back = Button("先不办", f"/letter {found.id}")
    return Answer(text=f"{QUESTIONS[word]}？\n{_line(found)}", buttons=((sure, back),))


def as_it_was(desk: Desk, mark: str, argument: str) -> bool:
    found = _found(desk, argument)
    return found is not None and mark == found.state


def _found(desk: Desk, typed: str) -> Letter | None:
    number = typed.strip()
    return outbox.get(desk.store.db, int(number)) if number.isdecimal() and len(number) < 10 else None


def _line(one: Letter) -> str:
    subject = shorten(texts.plain(one.subject), SUBJECT_COLUMNS)
    return f"{one.id} {labels.LETTER_STATES[one.state]}　{subject}"
