"""What is wrong with the tables of a campaign file: what is missing, unknown, of a wrong kind, or contradicts itself."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from storage import campaign_terms
from storage.campaign_terms import Check
from storage.model import Noun, Outcome

Tables = Mapping[str, Any]


class Mistake(Noun, frozen=True, kw_only=True):
    """One thing to mend in a campaign file: its line where it has one, its key, what to do, in Chinese.

    `file` names the template of the campaign's own folder that it stands in, if it is one.
    """

    line: int | None
    key: str
    message: str
    file: str = ""

    def __str__(self) -> str:
        line = "" if self.line is None else f"第 {self.line} 行 "
        return f"{line}{self.key}：{self.message}" if self.key else f"{line}{self.message}"


def mistakes(tables: Tables) -> list[Mistake]:
    """Return all that is wrong with a campaign file's tables, without the lines."""
    return [*_shape(tables), *_sense(tables)]


def _shape(tables: Tables) -> Iterator[Mistake]:
    """Yield what is missing, unknown, or of another kind than it must be."""
    others = ("counties", "senders", "extensions", "criteria", "stages")
    yield from _unknown("", tables, [*campaign_terms.REQUIRED, *campaign_terms.OPTIONAL, *others])
    for section, required in campaign_terms.REQUIRED.items():
        more = campaign_terms.CAMPAIGN_OPTIONAL if section == "campaign" else {}
        yield from _section(section, tables.get(section), required, more)
    for section, optional in campaign_terms.OPTIONAL.items():
        yield from _section(section, tables.get(section, {}), {}, optional)
    yield from _counties(tables.get("counties"))
    yield from _senders(tables.get("senders", {}))
    yield from _extensions(tables.get("extensions", []))
    yield from _criteria(tables.get("criteria", []))
    yield from _stages(tables.get("stages", []))


def _section(
    section: str, table: object, required: Mapping[str, Check], optional: Mapping[str, Check]
) -> Iterator[Mistake]:
    if table is None:
        yield _mistake(section, "", f"缺少 [{section}] 一节")
        return
    if not isinstance(table, dict):
        yield _mistake("", section, f"应为 [{section}] 一节")
        return
    yield from _unknown(section, table, [*required, *optional])
    for key in required:
        if key not in table:
            yield _mistake(section, key, "缺少这一项")
    for key, check in {**required, **optional}.items():
        if key in table and (problem := check(table[key])):
            yield _mistake(section, key, problem)


def _unknown(section: str, table: Tables, known: list[str]) -> Iterator[Mistake]:
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"，是不是 {near[0]}？" if near else ""
            yield _mistake(section, key, f"没有这一项{hint}")


def _counties(counties: object) -> Iterator[Mistake]:
    if not isinstance(counties, list):
        yield _mistake("counties", "", "缺少 [[counties]]：每个县区一节，没有县区就写 counties = []")
        return
    for number, county in enumerate(counties):
        yield from _section(
            f"counties.{number}", county, campaign_terms.COUNTY, campaign_terms.COUNTY_OPTIONAL
        )


def _extensions(extensions: object) -> Iterator[Mistake]:
    if not isinstance(extensions, list):
        yield _mistake("", "extensions", "应为 [[extensions]]：每个延期的单位一节")
        return
    for number, extension in enumerate(extensions):
        yield from _section(f"extensions.{number}", extension, campaign_terms.EXTENSION, {})


def _stages(stages: object) -> Iterator[Mistake]:
    if not isinstance(stages, list):
        yield _mistake("", "stages", "应为 [[stages]]：推选安排的每个阶段一节，按先后排列")
        return
    for number, stage in enumerate(stages):
        yield from _section(f"stages.{number}", stage, campaign_terms.STAGE, campaign_terms.STAGE_OPTIONAL)


def _criteria(criteria: object) -> Iterator[Mistake]:
    if not isinstance(criteria, list):
        yield _mistake("", "criteria", "应为 [[criteria]]：每条推选标准一节")
        return
    names: set[object] = set()
    for number, criterion in enumerate(criteria):
        place = f"criteria.{number}"
        yield from _section(place, criterion, campaign_terms.CRITERION, campaign_terms.CRITERION_OPTIONAL)
        name = criterion.get("name") if isinstance(criterion, dict) else None
        if isinstance(name, str) and name in names:
            yield _mistake(place, "name", f"“{name}”与前面的推选标准重复")
        names |= {name} if isinstance(name, str) else set()


def _senders(senders: object) -> Iterator[Mistake]:
    if not isinstance(senders, dict):
        yield _mistake("", "senders", "应为 [senders] 一节")
        return
    for key, value in senders.items():
        if problem := campaign_terms.address(key) or campaign_terms.words(value):
            yield _mistake("senders", key, problem)


def _sense(tables: Tables) -> Iterator[Mistake]:
    """Yield what contradicts itself, among what has the right shape."""
    dates = _table(tables, "dates")
    opens, deadline = _moment(dates.get("opens")), _moment(dates.get("deadline"))
    if opens and deadline and deadline <= opens:
        yield _mistake("dates", "deadline", "截止时间应晚于开始时间")
    outcomes = _table(tables, "outcomes")
    for code in _table(tables, "letters"):
        found = outcomes.get(code)
        if campaign_terms.outcome(found) is None and found != Outcome.REJECT:
            yield _mistake("letters", code, f"它的后果是 {found}，只有后果为 reject 的才能在这里设定")
    yield from _repeated(tables.get("counties"))
    yield from _too_early(tables.get("extensions"), deadline)


def _too_early(extensions: object, deadline: datetime | None) -> Iterator[Mistake]:
    """Yield each extension that gives no more time than all have."""
    for number, extension in enumerate(extensions if isinstance(extensions, list) else []):
        own = _moment(extension.get("deadline")) if isinstance(extension, dict) else None
        if own and deadline and own <= deadline:
            yield _mistake(f"extensions.{number}", "deadline", "延期应晚于 [dates] 里的截止时间")


def _repeated(counties: object) -> Iterator[Mistake]:
    """Yield each county name or short name that another county has too."""
    owners: dict[str, int] = {}
    for number, county in enumerate(counties if isinstance(counties, list) else []):
        table = county if isinstance(county, dict) else {}
        aliases = table.get("aliases", [])
        listed = [("aliases", alias) for alias in aliases] if isinstance(aliases, list) else []
        for key, name in (("name", table.get("name")), *listed):
            if isinstance(name, str) and owners.setdefault(name, number) != number:
                yield _mistake(f"counties.{number}", key, f"“{name}”与前面的县区重复")


def _moment(value: object) -> datetime | None:
    return value if isinstance(value, datetime) and value.tzinfo else None


def _table(tables: Tables, section: str) -> Tables:
    table = tables.get(section)
    return table if isinstance(table, dict) else {}


def _mistake(section: str, key: str, message: str) -> Mistake:
    return Mistake(line=None, key=".".join(part for part in (section, key) if part), message=message)
