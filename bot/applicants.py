"""What applicants can ask: only of applications they proved to be theirs, by the token of a receipt."""

import hmac
import re
from collections.abc import Sequence
from datetime import timedelta

from bot import news, receipts, texts
from bot.access import TERMINAL, Answer, Button, Desk, Person
from storage import applications, audit, bindings
from storage.columns import utc
from storage.model import Application

TRIES = 5
WINDOW = timedelta(hours=1)
REFUSED = "token-refused"
# 60 random bits are eleven letters of base64 at least; anything shorter was never a token of ours.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{11,128}")
_BETWEEN = "\n\n"
WHOLE = 3  # applications told in full in one answer
IN_A_ROW = 2  # buttons
ALL = frozenset({"全部", "all"})
BOUND = "绑定成功，以后发送 /status 即可查询进度。"
TOLD = "有新进展会在这里通知您；不想再收到，请发送 /unbind。"
UNBOUND = "解除后不再通知；需要时可以用回执里的口令重新绑定。"


def start(desk: Desk, person: Person, argument: str) -> Answer:
    """Bind this chat to the application whose token was sent; five wrong tries an hour, then a pause."""
    if not argument:
        return Answer(text=texts.NOT_BOUND)
    if _wrong_tries(desk, person) >= TRIES:
        return Answer(text=f"{texts.TOO_MANY}\n{texts.office(desk.campaign)}")
    found = _by_token(desk, argument)
    if found is None:
        with desk.store.transaction() as db:
            audit.record(db, at=desk.now(), actor=person.chat, event=REFUSED)
        return Answer(text=texts.NOT_BOUND_NOW)
    one = news.as_told(desk, found)
    _bind(desk, person, one)
    head = BOUND if person.channel == TERMINAL else f"{BOUND}{TOLD}"
    return Answer(text=f"{head}\n\n{texts.own(one, desk)}")


def status(desk: Desk, person: Person, argument: str) -> Answer:
    """Show the applications of this chat, or the one asked for if it is among them."""
    bound = bindings.bound(desk.store.db, person.chat)
    if argument:
        receipt = receipts.normal(argument, desk.campaign.receipt_prefix)
        bound = [one for one in bound if one == receipt]
    found = [one for receipt in bound if (one := applications.get(desk.store.db, receipt))]
    if not found:
        return Answer(text=texts.NOT_YOURS if argument else texts.NOT_BOUND)
    shown = [news.as_told(desk, one) for one in found]
    if len(shown) > WHOLE:
        return _overview(desk, shown)
    told = [texts.own(one, desk) for one in shown]
    return Answer(text=_BETWEEN.join([*told, texts.office(desk.campaign)]))


def _overview(desk: Desk, shown: Sequence[Application]) -> Answer:
    """Return many applications in two lines each, with a button for each."""
    lines = [f"本聊天绑定了{len(shown)}件申报：", *(texts.own_line(one) for one in shown)]
    lines += ["", "发送收件编号可以看一件的详细情况。", texts.office(desk.campaign)]
    buttons = [Button(one.receipt, f"/status {one.receipt}") for one in shown]
    rows = tuple(tuple(buttons[at : at + IN_A_ROW]) for at in range(0, len(buttons), IN_A_ROW))
    return Answer(text="\n".join(lines), buttons=rows)


def unbind(desk: Desk, person: Person, argument: str) -> Answer:
    """Take an application away from this chat: the one named, the only one, or all."""
    bound = bindings.bound(desk.store.db, person.chat)
    if not bound:
        return Answer(text=texts.NOT_BOUND)
    named = _meant(desk, bound, argument)
    if named is None:
        return Answer(text=texts.NOT_YOURS)
    if not named:
        return _which(bound)
    with desk.store.transaction() as db:
        for receipt in named:
            bindings.unbind(db, person.chat, receipt)
            audit.record(db, at=desk.now(), actor=person.chat, event="unbound", receipt=receipt)
    return Answer(text=f"已解除绑定：{'、'.join(named)}。{UNBOUND}")


def asked(desk: Desk, person: Person, word: str, argument: str) -> Answer:  # noqa: ARG001 - as others ask
    """Ask before a button takes an application away."""
    sure = Button("确认", f"!/unbind {argument}")
    return Answer(text=f"解除绑定 {argument}？{UNBOUND}", buttons=((sure, Button("先不办", "/status")),))


def as_it_was(desk: Desk, mark: str, argument: str) -> bool:  # noqa: ARG001 - as others compare
    """Say that nothing can have changed which would make the question another one."""
    return True


def _meant(desk: Desk, bound: list[str], argument: str) -> list[str] | None:
    """Return which of `bound` are meant: none where that is to be asked, None for what is not bound here."""
    if argument in ALL:
        return bound
    if not argument:
        return bound if len(bound) == 1 else []
    receipt = receipts.normal(argument, desk.campaign.receipt_prefix)
    return [receipt] if receipt in bound else None


def _which(bound: list[str]) -> Answer:
    rows = tuple((Button(f"解除 {receipt}", f"/unbind {receipt}"),) for receipt in bound)
    lines = [f"本聊天绑定了{len(bound)}件申报，请写明要解除哪一件：", *bound, "全部解除请发送：/unbind 全部"]
    return Answer(text="\n".join(lines), buttons=rows)


def _wrong_tries(desk: Desk, person: Person) -> int:
    """Return how often this chat sent a wrong token within the last hour, restarts notwithstanding."""
    since = utc(desk.now() - WINDOW)
    row = desk.store.db.execute(
        "SELECT count(*) FROM audit WHERE event = ? AND at > ? AND actor = ?", (REFUSED, since, person.chat)
    ).fetchone()
    return int(row[0])


def _by_token(desk: Desk, typed: str) -> Application | None:
    token = typed.strip()
    if _TOKEN.fullmatch(token) is None:
        return None
    found = applications.by_token(desk.store.db, token)
    # The index finds candidates; whether it is the token is compared in constant time.
    return found if found and hmac.compare_digest(found.token.encode(), token.encode()) else None


def _bind(desk: Desk, person: Person, found: Application) -> None:
    with desk.store.transaction() as db:
        if found.receipt not in bindings.bound(db, person.chat):
            bindings.bind(db, person.chat, found.receipt, desk.now())
            news.note(desk, person.chat, found)
            audit.record(db, at=desk.now(), actor=person.chat, event="bound", receipt=found.receipt)
