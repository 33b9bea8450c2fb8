"""Reading a campaign's terms from its TOML file, with all its mistakes at once."""

import re
import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from storage import campaign_checks, toml_lines
from storage.campaign import Campaign
from storage.campaign_checks import Mistake, Tables
from storage.model import Code, Outcome


class CampaignError(ValueError):
    """A campaign file cannot be used; `mistakes` are all that was found, in the file's order."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


def load(path: Path) -> Campaign:
    """Return the campaign of the file; raises CampaignError with all mistakes, OSError if it cannot be read."""
    data = path.read_bytes()
    campaign = loads(data)
    folder = _tables(_text(data))["campaign"].get("templates")
    return replace(campaign, texts=_templates(path.parent / folder, data)) if folder else campaign


def _templates(folder: Path, data: bytes) -> dict[str, str]:
    """Return the templates of a campaign's own folder by their names."""
    if not folder.is_dir():
        line = toml_lines.place(toml_lines.positions(_text(data)), "campaign.templates")
        raise CampaignError((Mistake(line=line, key="campaign.templates", message="没有这个文件夹"),))
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.j2")):
        try:
            found[path.name] = _text(path.read_bytes())
        except CampaignError as error:
            raise CampaignError(tuple(replace(one, file=path.name) for one in error.mistakes)) from error
    return found


def loads(data: bytes) -> Campaign:
    """Return the campaign written in `data`; raises CampaignError with all its mistakes."""
    text = _text(data)
    tables = _tables(text)
    mistakes = campaign_checks.mistakes(tables)
    if mistakes:
        lines = toml_lines.positions(text)
        placed = [replace(one, line=toml_lines.place(lines, one.key)) for one in mistakes]
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


def _campaign(tables: Tables) -> Campaign:
    """Return the campaign of tables in which nothing is wrong."""
    outcomes = {Code(code): Outcome(outcome) for code, outcome in tables["outcomes"].items()}
    letters = tables.get("letters", {})
    drafted = [Code(code) for code, how in letters.items() if how == "draft" and code != "reminder"]
    senders = {sender.lower(): of for sender, of in tables.get("senders", {}).items()}
    whole = {
        **{key: value for key, value in tables["campaign"].items() if key != "templates"},
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
        "material": tables.get("material", {}),
        "categories": tables.get("categories", {}),
        "stages": tables.get("stages", []),
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
