"""What staff are told of their own accord: audit events become a few short lines, bundled by what they are about."""

from collections.abc import Sequence

from bot.access import Answer, Button
from bot.chunks import LIMIT, units
from bot.happenings import DECIDE, ENDS, LETTERS, RULES, TOPICS, URGENT, Line, View
from storage.model import Event

MOST_LINES = (8, 4, 2, 0)  # under one heading: as many as fit into one message
MOST_BUTTONS = 3
ROOM = LIMIT - 100  # what is sent again says so on a line of its own


def news(events: Sequence[Event], view: View) -> Answer | None:
    """Return one message about `events`, which are in order; None where none of them concerns staff."""
    found = dict.fromkeys(
        line for event in _standing(events) if (line := RULES[event.event](event, view)) is not None
    )
    if not found:
        return None
    lines = [line for topic in TOPICS for line in found if line.topic is topic]
    return Answer(text=_text(lines), buttons=_buttons(lines))


def are_urgent(events: Sequence[Event]) -> bool:
    """Say whether one of `events` breaks the quiet hours and waits for no others."""
    return any(event.event in URGENT for event in _standing(events))


def _standing(events: Sequence[Event]) -> list[Event]:
    """Return the events of ours without what was over before anybody was told, and nothing said twice."""
    kept: list[Event] = []
    letters = {event.message for event in events if event.event == "letter"}
    for event in events:
        begun = ENDS.get(event.event)
        before = next((one for one in reversed(kept) if one.event == begun), None) if begun else None
        if before is not None:
            kept.remove(before)
        elif event.event in RULES and not (event.event == "letter-held" and event.message in letters):
            kept.append(event)
    return kept


def _text(lines: Sequence[Line]) -> str:
    told = (_bundled(lines, most) for most in MOST_LINES)
    return next(text for text in told if units(text) <= ROOM)


def _bundled(lines: Sequence[Line], most: int) -> str:
    parts: list[str] = []
    for topic in dict.fromkeys(line.topic for line in lines):
        those = [line.text for line in lines if line.topic is topic]
        number = f"{len(those)}{topic.measure}" if topic.measure else ""
        parts += [f"【{topic.title}】{number}", *those[:most]]
        parts += [f"……等共{len(those)}{topic.measure}"] if 0 < most < len(those) else []
        parts += [topic.hint] if topic.hint else []
    return "\n".join(parts)


def _buttons(lines: Sequence[Line]) -> tuple[tuple[Button, ...], ...]:
    """Return what one may look at next: a few applications, the letters."""
    asked = [line.receipt for line in lines if line.topic is DECIDE and line.receipt][:MOST_BUTTONS]
    rows = [(Button(f"看 {receipt}", f"/status {receipt}"),) for receipt in dict.fromkeys(asked)]
    rows += [(Button("待放行的信", "/drafts"),)] if any(line.topic is LETTERS for line in lines) else []
    return tuple(rows)
