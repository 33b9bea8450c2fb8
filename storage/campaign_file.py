"""Reading a campaign's terms from its TOML file, with all its mistakes at once."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from storage import campaign_terms, toml_lines
from storage.campaign import Campaign
from storage.campaign_terms import Check
from storage.model import Code, Noun, Outcome

Tables = Mapping[str, Any]


class Mistake(Noun, frozen=True, kw_only=True):
    """One thing to mend in a campaign file: its line where it has one, its key, what to do, in Chinese."""

    line: int | None
    key: str
    message: str

    def __str__(self) -> str:
        line = "" if self.line is None else f"第 {self.line} 行 "
        return f"{line}{self.key}：{self.message}" if self.key else f"{line}{self.message}"


class CampaignError(ValueError):
    """A campaign file cannot be used; `mistakes` are all that was found, in the file's order."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


def load(path: Path) -> Campaign:
    """Return the campaign of the file; raises CampaignError with all mistakes, OSError if it cannot be read."""
    return loads(path.read_bytes())


def loads(data: bytes) -> Campaign:
    """Return the campaign written in `data`; raises CampaignError with all its mistakes."""
    text = _text(data)
    tables = _tables(text)
    mistakes = [*_shape(tables), *_sense(tables)]
    if mistakes:
        lines = toml_lines.positions(text)
        placed = [msgspec.structs.replace(one, line=toml_lines.place(lines, one.key)) for one in mistakes]
        raise CampaignError(tuple(sorted(placed, key=lambda one: one.line or 0)))
    return _campaign(tables)


def redated(text: str, *, opens: datetime, deadline: datetime, name: str) -> str:
    """Return the campaign file `text` under another name and other dates, told so in its texts too."""
    dates, zone = loads(text.encode()).dates, ZoneInfo(loads(text.encode()).timezone)
    moved = text.replace(_period(dates.opens, dates.deadline, zone), _period(opens, deadline, zone))
    lines = {
        "name": f'"{name}"',
        "opens": opens.isoformat(),
        "deadline": deadline.isoformat(),
        "deadline_text": f'"{_last_moment(deadline, zone)}"',
    }
    for key, value in lines.items():
        moved = re.sub(rf"^{key} *=.*$", f"{key} = {value}", moved, count=1, flags=re.MULTILINE)
    return moved


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = "文件不是 UTF-8 编码，请在编辑器里另存为 UTF-8"
        raise CampaignError((Mistake(line=line, key="", message=message),)) from error


_SYNTAX = (
    ("Cannot overwrite a value", "同一个名称写了两次"),
    ("Cannot declare", "同一节写了两次"),
    ("Expected '=' after a key", "名称后面应是半角等号 ="),
    ("Invalid value", "值的写法不对：文字要放在半角引号里，列表要有右方括号 ]"),
    ("Invalid initial character", "名称的写法不对：中文和全角符号要放在半角引号里"),
    ("Invalid statement", "看不懂这一行：应是 [节] 或 名称 = 值，符号用半角"),
    ("Expected ']'", "节的名称缺少右方括号 ]"),
    ("Unterminated string", "引号没有成对"),
    ("Illegal character", "引号没有成对，或有不能使用的字符"),
    ("Unclosed array", "列表缺少右方括号 ]"),
    ("Expected newline or end of document", "一行只能写一项；值后面有多余的内容"),
    ("Invalid date or datetime", "没有这个日期或时间"),
)


def _tables(text: str) -> Tables:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        meaning = next(
            (chinese for english, chinese in _SYNTAX if said.startswith(english)), "不合 TOML 的写法"
        )
        line = toml_lines.syntax_line(said, text)
        raise CampaignError((Mistake(line=line, key="", message=f"{meaning}（{said}）"),)) from error


def _shape(tables: Tables) -> Iterator[Mistake]:
    """Yield what is missing, unknown, or of another kind than it must be."""
    others = ("counties", "senders", "extensions", "criteria")
    yield from _unknown("", tables, [*campaign_terms.REQUIRED, *campaign_terms.OPTIONAL, *others])
    for section, required in campaign_terms.REQUIRED.items():
        yield from _section(section, tables.get(section), required, {})
    for section, optional in campaign_terms.OPTIONAL.items():
        yield from _section(section, tables.get(section, {}), {}, optional)
    yield from _counties(tables.get("counties"))
    yield from _senders(tables.get("senders", {}))
    yield from _extensions(tables.get("extensions", []))
    yield from _criteria(tables.get("criteria", []))


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


def _campaign(tables: Tables) -> Campaign:
    """Return the campaign of tables in which nothing is wrong."""
    outcomes = {Code(code): Outcome(outcome) for code, outcome in tables["outcomes"].items()}
    letters = tables.get("letters", {})
    drafted = [Code(code) for code, how in letters.items() if how == "draft" and code != "reminder"]
    senders = {sender.lower(): of for sender, of in tables.get("senders", {}).items()}
    whole = {
        **tables["campaign"],
        **{
            section: tables[section]
            for section in ("office", "dates", "region", "quota", "limits", "clauses")
        },
        "counties": tables["counties"],
        "accepted_qualifications": tables["qualification"]["accepted"],
        "outcomes": outcomes,
        "drafted": drafted,
        "reminders_drafted": letters.get("reminder", "draft") == "draft",
        "senders": senders,
        "periods": tables.get("periods", {}),
        "extensions": tables.get("extensions", []),
        "criteria": tables.get("criteria", []),
    }
    return msgspec.convert(whole, Campaign)


def _period(opens: datetime, deadline: datetime, zone: ZoneInfo) -> str:
    """Return the days from `opens` to the last one in time, as the notice writes them."""
    first, last = opens.astimezone(zone), _last(deadline, zone)
    return f"{first.month}月{first.day}日至{last.month}月{last.day}日"


def _last_moment(deadline: datetime, zone: ZoneInfo) -> str:
    """Return until when a mail is in time: a day if the deadline is its end, else the hour and minute."""
    last, local = _last(deadline, zone), deadline.astimezone(zone)
    if local.hour == local.minute == 0:
        return f"{last.year}年{last.month}月{last.day}日"
    return f"{local.year}年{local.month}月{local.day}日{local.hour}时{local.minute:02d}分"


def _last(deadline: datetime, zone: ZoneInfo) -> datetime:
    return (deadline - timedelta(microseconds=1)).astimezone(zone)
