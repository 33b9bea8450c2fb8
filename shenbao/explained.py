"""How an explanation is shown: as JSON and as text for staff."""

from collections.abc import Iterator

from msgspec.structs import replace
from rich.console import RenderableType
from rich.text import Text

from intake import labels
from intake.explain import Explained, Explanation
from shenbao import outputs
from shenbao.cells import Chinese
from shenbao.outputs import Json, moment
from shenbao.tables import application_line, happened, short
from shenbao.words import EVENTS
from storage.model import Event, Outcome


def as_json(one: Explanation) -> Json:
    return {
        "receipt": one.application.receipt,
        "state": one.application.state,
        "decided": one.application.decided,
        "problems": [_problem(each) for each in one.problems],
        "decisions": [outputs.event(each) for each in one.decisions],
    }


def lines(one: Explanation) -> Iterator[RenderableType]:
    """Yield who decided what, then for each problem the fact, where it was read, the clause, what would change it."""
    yield application_line(one.application)
    yield from map(_decision, one.decisions)
    for number, each in enumerate(one.problems, 1):
        outcome = labels.OUTCOMES[each.problem.outcome]
        yield Text(f"\n{number}. {short(each.problem)} → {outcome}（规则 {each.problem.code}）", style="bold")
        facts = (
            ("事实", each.problem.fact),
            ("出处", _where(each)),
            ("原文", each.read),
            ("依据", each.problem.clause),
            ("说明", each.problem.message),
            ("怎样改变", each.changes),
        )
        yield from (Chinese(value, lead=f"   {name}：") for name, value in facts if value)
    if not any(each.problem.outcome is not Outcome.NOTE for each in one.problems):
        yield Text("没有待补正或待核定的事项。")


def _where(each: Explained) -> str:
    page = f"，第{each.page}页" if each.page else ""
    sure = f"，识别把握 {each.confidence:.0%}" if each.confidence is not None else ""
    return f"{each.problem.where or each.problem.file or ''}{page}{sure}"


def _decision(event: Event) -> RenderableType:
    when = moment(event.at)[:19].replace("T", " ")
    states = {state.value: said for state, said in labels.STATES.items()}
    detail = {key: states.get(str(value), value) for key, value in event.detail.items()}
    told = happened(replace(event, detail=detail))
    return Chinese(told, lead=f"{when} {event.actor} {EVENTS.get(event.event, event.event)}：")


def _problem(each: Explained) -> Json:
    more: dict[str, object] = {
        "rule": each.rule,
        "changes": each.changes,
        "read": each.read,
        "page": each.page,
        "box": list(each.box) if each.box else None,
        "confidence": each.confidence,
    }
    return {
        **outputs.problem(each.problem),
        **{key: value for key, value in more.items() if value is not None},
    }
