"""What waits for a person, in counts: the lines that `/today`, `/problems` and the morning digest share."""

from bot.access import Desk
from storage import messages, outbox, pending, tallies
from storage.model import LetterState, State


def lines(desk: Desk) -> list[str]:
    """Return a line for each kind of thing that waits for a person, none where nothing does."""
    reviewing = tallies.by_state(desk.store.db)[State.REVIEWING]
    return [*([f"待核定 {reviewing}件：/list 待核定"] if reviewing else []), *besides(desk)]


def besides(desk: Desk) -> list[str]:
    """Return those lines that are about letters and mails rather than applications."""
    db = desk.store.db
    letters = outbox.counts(db)
    counted = {
        "待放行的信 {}封：/drafts": sum(
            letters[state] for state in (LetterState.DRAFT, LetterState.HELD, LetterState.UNCERTAIN)
        ),
        "没有送到的信 {}封：shenbao outbox": outbox.astray(db),
        "陌生邮箱来信等确认 {}封：shenbao show 收件编号": len(pending.every(db)),
        "隔离的邮件 {}封：shenbao quarantine": len(messages.quarantined(db)),
    }
    return [text.format(number) for text, number in counted.items() if number]


def free_places(desk: Desk) -> list[str]:
    """Return how many places each county has left, as one line; none where the campaign names no county."""
    held, allowed = tallies.taken_by_counties(desk.store.db), desk.campaign.quota.county
    names = [one.name for one in desk.campaign.counties]
    free = [f"{name}{max(0, allowed - (held[name].used if name in held else 0))}" for name in names]
    return [f"县区剩余名额：{'、'.join(free)}"] if free else []
