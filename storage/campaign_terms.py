"""What a campaign file may hold: each key with what its value must be."""

import re
import zoneinfo
from collections.abc import Callable, Mapping
from datetime import datetime

from storage.campaign import ASKED, Days
from storage.model import Code, Kind, Outcome, State

Check = Callable[[object], str | None]
"""Says in Chinese what is wrong with a value; None when nothing is."""


def words(value: object) -> str | None:
    if not isinstance(value, str):
        return f"应为加引号的文字，现在是{_named(value)}"
    return None if value.strip() else "不能为空"


def texts(value: object) -> str | None:
    if not isinstance(value, list) or any(words(entry) for entry in value):
        return '应为文字的列表，例如 ["营业执照", "法人证书"]'
    return None


def some_texts(value: object) -> str | None:
    return texts(value) or (None if value else "列表不能为空")


def kinds(value: object) -> str | None:
    return some_of(list(Kind))(value)


def material(value: object) -> str | None:
    missing = None if isinstance(value, list) and "form" in value else "申报表（form）总是要的，请写上"
    return some_of(sorted(ASKED))(value) or missing


def states(value: object) -> str | None:
    return some_of(list(State))(value)


def whole(value: object) -> str | None:
    """Accept an integer from 0; in TOML `true` is none, though in Python it is."""
    if isinstance(value, bool) or not isinstance(value, int):
        return f"应为整数，现在是{_named(value)}"
    return None if value >= 0 else f"不能是负数：{value}"


def positive(value: object) -> str | None:
    return whole(value) or (None if value else "应大于 0")


def when(value: object) -> str | None:
    if not isinstance(value, datetime):
        return f"应为日期加时间和时区，例如 2022-06-04T00:00:00+08:00，现在是{_named(value)}"
    return None if value.tzinfo else "缺少时区，请在末尾写上 +08:00"


def zone(value: object) -> str | None:
    if problem := words(value):
        return problem
    try:
        zoneinfo.ZoneInfo(str(value))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return f"没有这个时区：{value}，中国内地写 Asia/Shanghai"
    return None


def outcome(value: object) -> str | None:
    return one_of([outcome.value for outcome in Outcome])(value)


def posting(value: object) -> str | None:
    return one_of(["auto", "draft"])(value)


def one_of(allowed: list[str]) -> Check:
    def check(value: object) -> str | None:
        return None if value in allowed else f"只能写 {_choice(allowed)}，现在是 {value!r}"

    return check


def some_of(allowed: list[str]) -> Check:
    def check(value: object) -> str | None:
        fits = isinstance(value, list) and all(entry in allowed for entry in value)
        return None if fits else f"应为列表，只能写 {_choice(allowed)}"

    return check


def pattern(form: str, meaning: str) -> Check:
    def check(value: object) -> str | None:
        return words(value) or (
            None if re.fullmatch(form, str(value)) else f"应为{meaning}，现在是 {value!r}"
        )

    return check


address = pattern(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+", "一个邮箱地址")

REQUIRED: Mapping[str, Mapping[str, Check]] = {
    "campaign": {
        "name": pattern(r"[a-z0-9][a-z0-9._-]*", "小写英文字母、数字和连字符"),
        "title": words,
        "city": words,
        "receipt_prefix": pattern(r"[A-Z]+[0-9]{4}", "大写字母加四位年份，例如 WM2022"),
        "timezone": zone,
    },
    "office": {"name": words, "telephone": words, "email": address, "address": words},
    "dates": {"opens": when, "deadline": when, "deadline_text": words, "clause": words},
    "region": {
        "name": words,
        "province": words,
        "icp_prefix": words,
        "uscc_division": pattern(r"[0-9]{2}(?:[0-9]{2}){0,2}", "两位、四位或六位行政区划码"),
        "clause": words,
    },
    "quota": {"direct": whole, "county": whole, "counts": kinds, "clause": words, "clause_once": words},
    "limits": {
        "summary_words": positive,
        "work_words": positive,
        "pictures": whole,
        "video_seconds": positive,
        "video_lines": whole,
        "clause_summary": words,
        "clause_work": words,
    },
    "clauses": dict.fromkeys(
        (
            "form",
            "category",
            "website_only",
            "county_review",
            "scope",
            "qualification",
            "seal",
            "electronic",
        ),
        words,
    ),
    "qualification": {"accepted": some_texts},
    "outcomes": {code.value: outcome for code in Code},
}
OPTIONAL: Mapping[str, Mapping[str, Check]] = {
    "categories": dict.fromkeys(("government_news", "commercial", "other"), words),
    "material": {"account": material, "website": material},
    "letters": {code.value: posting for code in Code} | {"reminder": posting},
    "periods": {
        "grace_days": positive,
        "objection_days": positive,
        "days": one_of(list(Days)),
        "clause": words,
    },
}
CAMPAIGN_OPTIONAL: Mapping[str, Check] = {"templates": words}  # a folder beside the file
EXTENSION: Mapping[str, Check] = {"unit": words, "deadline": when, "deadline_text": words, "reason": words}
STAGE: Mapping[str, Check] = {"name": words, "days": words, "clause": words}
STAGE_OPTIONAL: Mapping[str, Check] = {"states": states}
CRITERION: Mapping[str, Check] = {"name": words, "weight": positive}
CRITERION_OPTIONAL: Mapping[str, Check] = {"points": positive, "clause": words}
COUNTY: Mapping[str, Check] = {"name": words, "office": words}
COUNTY_OPTIONAL: Mapping[str, Check] = {"aliases": texts}


def _choice(allowed: list[str]) -> str:
    return "、".join(allowed)


def _named(value: object) -> str:
    """Return what kind of value this is, as a person who wrote the file calls it."""
    names = ((bool, "真假值"), (int, "整数"), (float, "小数"), (str, "文字"), (list, "列表"), (dict, "一节"))
    return next((name for kind, name in names if isinstance(value, kind)), "日期")
