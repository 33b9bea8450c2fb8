"""What applicants can ask: only of applications they proved to be theirs, by the token of a receipt."""

import hmac
import re
from datetime import timedelta

from bot import receipts, texts
from bot.access import Answer, Desk, Person
from storage import applications, audit, bindings
from storage.columns import utc
from storage.model import Application

TRIES = 5
WINDOW = timedelta(hours=1)
REFUSED = "token-refused"
# 60 random bits are eleven letters of base64 at least; anything shorter was never a token of ours.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{11,128}")
_BETWEEN = "\n\n"


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
    _bind(desk, person, found)
    return Answer(text=f"绑定成功，以后发送 /status 即可查询进度。\n\n{texts.own(found, desk)}")


def status(desk: Desk, person: Person, argument: str) -> Answer:
    """Show the applications of this chat, or the one asked for if it is among them."""
    bound = bindings.bound(desk.store.db, person.chat)
    if argument:
        receipt = receipts.normal(argument, desk.campaign.receipt_prefix)
        bound = [one for one in bound if one == receipt]
    found = [one for receipt in bound if (one := applications.get(desk.store.db, receipt))]
    if not found:
        return Answer(text=texts.NOT_YOURS if argument else texts.NOT_BOUND)
    told = [texts.own(one, desk) for one in found]
    return Answer(text=_BETWEEN.join([*told, texts.office(desk.campaign)]))


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
            audit.record(db, at=desk.now(), actor=person.chat, event="bound", receipt=found.receipt)
