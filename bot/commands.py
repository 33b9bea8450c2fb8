"""The commands of the contract as a table, and the one way from what was typed to an answer."""

import difflib
import re
import unicodedata
from collections.abc import Callable
from typing import Protocol

import msgspec

from bot import applicants, decide, letters, look, receipts, staff, texts
from bot.access import APPLICANTS, DECIDERS, STAFF, Answer, Button, Desk, Person, Role
from intake.office import masking
from storage import listeners

_COMMAND = re.compile(r"/?(?P<word>[^\s/@]+)(?:@\S+)?\s*(?P<argument>.*)", re.DOTALL)
_PRESSED = re.compile(r"(?:!(?P<mark>\w*))?/(?P<word>[a-z]+) ?(?P<argument>.*)", re.DOTALL)
_QUOTES = "“”\"'「」《》<>"
LONGEST = 1000  # characters of a command that are read


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A command: who may give it, what answers it, how it is written and what it is for.

    `changes` says that it changes something: it is then obeyed only when written with its slash.
    One without `use` is obeyed but not shown.
    """

    word: str
    roles: frozenset[Role]
    answer: Callable[[Desk, Person, str], Answer]
    use: str
    purpose: str
    aliases: tuple[str, ...] = ()
    changes: bool = False


def help_text(_desk: Desk, person: Person, _argument: str) -> Answer:
    """Name the commands this person may give, one a line."""
    own = [command for command in COMMANDS if person.role in command.roles and command.use]
    return Answer(text="\n".join(["您可以发送：", *(f"{one.use}　{one.purpose}" for one in own)]))


def undo(desk: Desk, person: Person, argument: str) -> Answer:
    """Take back what was last done to an application, or to a letter named as `信3`."""
    take_back = letters.undo if letters.is_named(argument) else decide.undo
    return take_back(desk, person, argument)


def _staff(
    word: str, answer: Callable[[Desk, Person, str], Answer], use: str, purpose: str, *aliases: str
) -> Command:
    return Command(word=word, roles=STAFF, answer=answer, use=use, purpose=purpose, aliases=aliases)


def _changing(
    word: str, roles: frozenset[Role], answer: Callable[[Desk, Person, str], Answer], use: str, purpose: str
) -> Command:
    return Command(word=word, roles=roles, answer=answer, use=use, purpose=purpose, changes=True)


class About(Protocol):
    """What a button's command is about: it asks first, with a mark of how things stand, and compares later."""

    def asked(self, desk: Desk, person: Person, word: str, argument: str) -> Answer: ...

    def as_it_was(self, desk: Desk, mark: str, argument: str) -> bool: ...


COMMANDS = (
    Command(
        word="start",
        roles=APPLICANTS,
        answer=applicants.start,
        use="/start 口令",
        purpose="用回执里的口令绑定您的申报",
        aliases=("绑定",),
        changes=True,
    ),
    Command(
        word="status",
        roles=APPLICANTS,
        answer=applicants.status,
        use="/status [收件编号]",
        purpose="查询进度",
        aliases=("查询", "状态", "进度"),
    ),
    Command(
        word="unbind",
        roles=APPLICANTS,
        answer=applicants.unbind,
        use="/unbind [收件编号]",
        purpose="解除绑定，不再通知",
        aliases=("解绑", "解除绑定"),
        changes=True,
    ),
    _staff("start", help_text, "", ""),  # what Telegram sends when a chat is opened
    _staff("today", staff.today, "/today", "今天的情况", "今日", "今天"),
    _staff("status", staff.status, "/status [收件编号]", "总的情况，或一件申报", "状态", "查询"),
    _staff("list", staff.listing, "/list [状态或县区]", "申报名单", "名单", "列表"),
    _staff("problems", staff.problems, "/problems", "待办的问题", "问题", "待办"),
    _staff("quota", staff.quota, "/quota", "账号名额", "名额"),
    _staff("search", staff.search_text, "/search 文字", "按名称、单位、联系人查找", "查找", "搜索"),
    _changing("paper", STAFF, decide.paper, "/paper 收件编号 [日期]", "登记收到纸质件"),
    _changing("accept", DECIDERS, decide.accept, "/accept 收件编号", "认定电子材料齐全"),
    _changing("reject", DECIDERS, decide.reject, "/reject 收件编号 理由", "不予受理，理由会写进信里"),
    _changing("undo", STAFF, undo, "/undo 收件编号（或 信3）", "撤销刚才的操作（信寄出之前）"),
    _changing("assign", DECIDERS, decide.assign, "/assign 收件编号 文件名", "归属不明的文件归入本件"),
    _staff("explain", look.explained, "/explain 收件编号", "每个问题的依据和改法", "依据"),
    _staff("files", look.files, "/files 收件编号 [文件名]", "材料清单，或取一个文件", "材料", "文件"),
    _staff("drafts", letters.waiting, "/drafts", "待放行的信", "草稿"),
    _staff("letter", letters.letter, "/letter 信的编号", "看一封待放行的信", "信"),
    _changing("release", DECIDERS, letters.release, "/release 信的编号", "放行这封信"),
    _changing("drop", DECIDERS, letters.drop, "/drop 信的编号", "这封信不发"),
    _staff("export", staff.export, "/export", "申报汇总表", "导出", "汇总表"),
    Command(
        word="help",
        roles=APPLICANTS | STAFF,
        answer=help_text,
        use="/help",
        purpose="本说明",
        aliases=("帮助", "?"),
    ),
)


def answer(desk: Desk, person: Person, text: str) -> Answer:
    """Answer what `person` typed; in a group, contact data is masked."""
    _heard(desk, person)
    return _for(person, _answer(desk, person, text))


def pressed(desk: Desk, person: Person, command: str) -> Answer:
    """Answer a button: what would change something is asked first, and acts once that is confirmed.

    A confirmation holds what the application was like when it was asked, and no longer acts on another.
    """
    _heard(desk, person)
    return _for(person, _pressed(desk, person, command))


def _heard(desk: Desk, person: Person) -> None:
    """Let what could not be sent to somebody who writes now go at once: it is not blocked any more."""
    if not person.group and listeners.get(desk.store.db, person.chat).due_at is not None:
        with desk.store.transaction() as db:
            listeners.hurry(db, person.chat)


def _for(person: Person, told: Answer) -> Answer:
    """Return an answer with contact data masked where others read along, on its buttons too."""
    if not person.group:
        return told
    rows = tuple(tuple(Button(masking.masked(one.label), one.command) for one in row) for row in told.buttons)
    return msgspec.structs.replace(told, text=masking.masked(told.text), buttons=rows)


def _pressed(desk: Desk, person: Person, command: str) -> Answer:
    match = _PRESSED.fullmatch(command)
    named = match and _named(match["word"], person)
    if not match or not named or person.role not in named.roles or not named.changes:
        return _answer(desk, person, command.partition("/")[1] + command.partition("/")[2])
    about = _about(match["word"], match["argument"])
    if match["mark"] is None:
        return about.asked(desk, person, match["word"], match["argument"])
    if not about.as_it_was(desk, match["mark"], match["argument"]):
        return Answer(text="情况刚有变化，这次没有办理。请重新查看后再决定。")
    return named.answer(desk, person, match["argument"])


def _about(word: str, argument: str) -> About:
    """Return who asks before a button changes something, and knows whether that has changed meanwhile."""
    if word == "unbind":
        return applicants
    return letters if word in letters.SETTLE or letters.is_named(argument) else decide


def _answer(desk: Desk, person: Person, text: str) -> Answer:
    typed = text.replace("／", "/").strip()[:LONGEST]
    match = _COMMAND.fullmatch(typed)
    if match is None:
        return help_text(desk, person, "")
    word = unicodedata.normalize("NFKC", match["word"]).casefold()
    command = _named(word, person)
    if command is None:
        return _unknown(desk, person, word, typed)
    if person.role not in command.roles:
        return Answer(text=_refusal(person))
    if command.changes and not typed.startswith("/"):
        return Answer(text=f"请以斜杠开头发送：{command.use}")
    return command.answer(desk, person, match["argument"].strip().strip(_QUOTES))


def _named(word: str, person: Person) -> Command | None:
    """Return the command of this name that `person` may give, else that others may give."""
    named = [one for one in COMMANDS if word == one.word or word in one.aliases]
    return next((one for one in named if person.role in one.roles), named[0] if named else None)


def _refusal(person: Person) -> str:
    return texts.DECIDERS_ONLY if person.role is Role.STAFF else texts.STAFF_ONLY


def _unknown(desk: Desk, person: Person, word: str, typed: str) -> Answer:
    """Take a bare receipt for a question after it; for the rest, offer the command that comes nearest."""
    if not typed.startswith("/") and receipts.normal(typed, desk.campaign.receipt_prefix):
        ask = applicants.status if person.role is Role.APPLICANT else staff.status
        return ask(desk, person, typed)
    words = [one.word for one in COMMANDS if person.role in one.roles]
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    hint = f"您是不是想发 /{near[0]}？" if near else ""
    return Answer(text=f"没有看懂这条消息。{hint}发送 /help 可以看到能用的命令。")
