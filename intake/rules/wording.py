"""How the rules and the letters name things: cells as printed, times of the day here, values made harmless."""

import unicodedata
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from intake.labels import FIELDS
from storage.campaign import Campaign

CELLS = FIELDS | {
    "category_other": "类别“其他（ ）”",
    "address": "通信地址、邮政编码",
    "postcode": "通信地址、邮政编码",
    "summary": "网站平台或账号主要情况",
    "recommendation_date": "单位推荐意见",
    "county_opinion": "县区委网信办、县文明办审核意见",
    "county_opinion_date": "县区委网信办、县文明办审核意见",
    "city_opinion": "市委网信办、市文明办意见",
}
LONGEST = 80  # characters of a quoted value: enough to know it again
_SPACES = frozenset({"Cc", "Zl", "Zp", "Zs"})
_NOTHING = frozenset({"Cf", "Cs", "Cn"})


def clean(text: str) -> str:
    """Return `text` on one line without control characters, text-direction marks and lone surrogates."""
    harmless = text if text.isprintable() else "".join(map(_harmless, text))
    return " ".join(harmless.split())


def quote(text: str | None, longest: int = LONGEST) -> str:
    """Return a value for a sentence: clean, in Chinese quotation marks, cut after `longest` characters."""
    plain = clean(text or "")
    return f"“{plain[:longest]}…”" if len(plain) > longest else f"“{plain}”"


def cell(key: str) -> str:
    """Return the printed name of a cell: “手机号码”栏."""
    return f"“{CELLS.get(key, key)}”栏"


def place(file: str | None, key: str | None = None) -> str:
    """Return where something stands: the file, and the cell in it."""
    spot = f"申报表{cell(key)}" if key else ""
    return "，".join(filter(None, (quote(file) if file else "", spot)))


def zone(campaign: Campaign) -> tzinfo:
    """Return the office's time zone; a machine without a zone database goes by the deadline's own offset."""
    try:
        return ZoneInfo(campaign.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return campaign.dates.deadline.tzinfo or UTC


def moment(when: datetime, campaign: Campaign) -> str:
    """Return a time as an office writes it: 2022年5月30日 14:05."""
    here = when.astimezone(zone(campaign))
    return f"{here.year}年{here.month}月{here.day}日 {here:%H:%M}"


def day(when: datetime, campaign: Campaign) -> str:
    """Return a date as an office writes it: 2022年5月30日."""
    return moment(when, campaign).partition(" ")[0]


def _harmless(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in _NOTHING:
        return ""
    return " " if category in _SPACES else sign
