"""Which ways lead from one state to the next once the electronic material is complete; pure."""

from collections.abc import Iterable, Mapping

from intake.labels import STATES
from storage.model import Application, Noun, State

ONWARD: Mapping[State, frozenset[State]] = {
    State.ACCEPTED: frozenset({State.SHORTLISTED, State.ELIMINATED}),
    State.SHORTLISTED: frozenset({State.AWARDED, State.ELIMINATED}),
    State.AWARDED: frozenset({State.RECOMMENDED}),
}
BACK: Mapping[State, frozenset[State]] = {
    State.SHORTLISTED: frozenset({State.ACCEPTED}),
    State.ELIMINATED: frozenset({State.ACCEPTED, State.SHORTLISTED}),
    State.AWARDED: frozenset({State.SHORTLISTED}),
    State.RECOMMENDED: frozenset({State.AWARDED}),
}
LATER = frozenset(BACK)  # the states that come after judging
TARGETS = (State.SHORTLISTED, State.ELIMINATED, State.AWARDED, State.RECOMMENDED, State.ACCEPTED)


class Move(Noun, frozen=True, kw_only=True):
    """One application on its way to `target`; `refused` says in Chinese why it may not go, `there` that it is."""

    application: Application
    target: State
    refused: str = ""
    there: bool = False


def planned(chosen: Iterable[Application], target: State, reason: str) -> tuple[Move, ...]:
    """Return what moving each of `chosen` to `target` comes to; a step back needs a `reason`."""
    return tuple(
        Move(
            application=one,
            target=target,
            there=one.state is target,
            refused="" if one.state is target else refusal(one.state, target, reason),
        )
        for one in chosen
    )


def refusal(now: State, target: State, reason: str) -> str:
    """Return in Chinese why no way leads from `now` to `target`; nothing where one does."""
    if target in ONWARD.get(now, frozenset()):
        return ""
    if target in BACK.get(now, frozenset()):
        return "" if reason.strip() else "这是退回更正，请用 --reason 写明理由"
    onward = "、".join(f"“{STATES[one]}”" for one in TARGETS if one in ONWARD.get(now, frozenset()))
    return f"现在是“{STATES[now]}”，{f'只能转为{onward}' if onward else '不能再转为别的结果'}"
