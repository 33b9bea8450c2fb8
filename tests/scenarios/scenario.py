"""The scenario files: Chinese TOML, read strictly, every mistake with its line."""

import re
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from intake.labels import PLATFORMS, PROBLEMS, STATES
from storage import toml_lines
from storage.model import Code, LetterKind, MailOutcome
from tests.scenarios.vocabulary import CELLS, NATURES, Item, item

# What a mail came to, its state and its letter, in the words of the scenario files.
RESULTS = {
    "申报": MailOutcome.APPLICATION,
    "补充": MailOutcome.SUPPLEMENT,
    "撤回": MailOutcome.WITHDRAWAL,
    "查询": MailOutcome.QUERY,
    "来信": MailOutcome.INQUIRY,
    "重复": MailOutcome.DUPLICATE,
    "忽略": MailOutcome.IGNORED,
    "隔离": MailOutcome.QUARANTINED,
}
SHORT_STATES = {said.partition("，")[0]: state for state, said in STATES.items()}
LETTERS = {
    "收件回执": LetterKind.ACKNOWLEDGEMENT,
    "补正通知": LetterKind.CORRECTION,
    "不予受理": LetterKind.REJECTION,
    "进度": LetterKind.STATUS,
    "撤回确认": LetterKind.WITHDRAWAL,
    "来信答复": LetterKind.INQUIRY,
    "无": None,
}
PLATFORM_KEYS: dict[str, str | None] = {said: str(platform) for platform, said in PLATFORMS.items()}
PLATFORM_KEYS["没写"] = None

County = Literal["谯城区", "涡阳县", "蒙城县", "利辛县"]


class Mail(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={
        "sender": "发件人",
        "at": "时间",
        "imported": "只有导入时间",
        "unit": "单位",
        "nature": "性质",
        "county": "县区",
        "website": "网站",
        "platform": "平台",
        "cells": "填写",
        "words": "主要情况字数",
        "material": "材料",
        "subject": "主题",
        "text": "正文",
        "answers": "回复",
        "result": "期望结果",
        "states": "期望状态",
        "problems": "期望问题",
        "letter": "期望回信",
        "receipts": "期望编号",
    },
):
    """One mail and what is expected of it; what is not written is not looked at, but for the problems."""

    sender: str | None = None
    at: datetime | None = None
    imported: bool = False
    unit: int = 0
    nature: Literal[tuple(NATURES)] = "事业单位"  # type: ignore[valid-type]  # made from the table
    county: County | None = None
    website: bool = False
    platform: Literal[tuple(PLATFORM_KEYS)] = "微信"  # type: ignore[valid-type]  # made from the table
    cells: dict[Literal[tuple(CELLS)], str] = {}  # type: ignore[valid-type]  # made from the table
    words: int = 320
    material: tuple[str, ...] = ("申报表", "工作材料", "资质证明")
    subject: str | None = None
    text: str | None = None
    answers: int | None = None
    result: Literal[tuple(RESULTS)] | None = None  # type: ignore[valid-type]  # made from the table
    states: tuple[Literal[tuple(SHORT_STATES)], ...] | None = None  # type: ignore[valid-type]  # made from the table
    problems: tuple[str, ...] = ()
    letter: Literal[tuple(LETTERS)] | None = None  # type: ignore[valid-type]  # made from the table
    receipts: tuple[str, ...] | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(map(item, self.material))


class Scenario(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"name": "名称", "code": "针对", "due": "应有", "senders": "登记邮箱", "mails": "来信"},
):
    """Mails that come in one after another; `due` says whether the code it is about applies in the end."""

    name: str
    code: Code
    due: bool
    senders: dict[str, str] = {}
    mails: tuple[Mail, ...]


class Sheet(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"theme": "主题", "scenarios": "情形"},
):
    """One file: its theme and its scenarios."""

    theme: str
    scenarios: tuple[Scenario, ...]


class Mistake(ValueError):
    """A scenario file cannot be used; the message begins with the line."""


def load(path: Path) -> Sheet:
    """Return the scenarios of a file; raises Mistake, OSError if it cannot be read."""
    return loads(path.read_text("utf-8"))


def loads(text: str) -> Sheet:
    """Return the scenarios written in `text`; raises Mistake with the line of the first mistake."""
    quoted = "\n".join(map(_quoted, text.split("\n")))
    try:
        tables = tomllib.loads(quoted)
    except tomllib.TOMLDecodeError as error:
        raise Mistake(f"第{toml_lines.syntax_line(str(error), quoted)}行：TOML写法不对（{error}）") from error
    try:
        sheet = msgspec.convert(tables, Sheet)
    except msgspec.ValidationError as error:
        key = _key(str(error), tables)
        raise Mistake(f"第{_line(quoted, key)}行：{_said(str(error))}") from error
    for key, said in _nonsense(sheet):
        raise Mistake(f"第{_line(quoted, key)}行：{said}")
    return sheet


# TOML wants quotes round keys that are not ASCII; here nobody has to write them.
_WORD = re.compile(r"(?<![\w一-鿿])([\w一-鿿]*[一-鿿][\w一-鿿]*)")
_STRING = re.compile(r'("(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*)')


def _quoted(line: str) -> str:
    """Return `line` with quotes round its keys, line for line the same."""
    if line.lstrip().startswith("["):
        return _WORD.sub(r'"\1"', line) if '"' not in line and "=" not in line else line
    pieces = _STRING.split(line)
    keys = re.compile(_WORD.pattern + r"(?=\s*=)")
    return "".join(keys.sub(r'"\1"', piece) if at % 2 == 0 else piece for at, piece in enumerate(pieces))


def _key(message: str, tables: dict[str, Any]) -> str:
    """Return the key, as `toml_lines` names it, that msgspec's message is about."""
    path = re.search(r"`\$\.?([^`]*)`$", message)
    unknown = re.search(r"field `(.+?)`", message)
    steps = re.findall(r"[^.\[\]]+", path[1] if path else "")
    if unknown:
        steps.append(unknown[1])
    if steps[:1] != ["情形"] or len(steps) < 2:
        return ".".join(steps)
    before = tables["情形"][: int(steps[1])]
    if len(steps) > 3 and steps[2] == "来信":
        number = sum(len(each.get("来信", ())) for each in before) + int(steps[3])
        return ".".join(("情形.来信", str(number), *steps[4:5]))
    return ".".join(steps[:3])


def _line(text: str, key: str) -> int:
    return toml_lines.place(toml_lines.positions(text), key) or 1


def _said(message: str) -> str:
    unknown = re.search(r"unknown field `(.+?)`", message)
    missing = re.search(r"missing required field `(.+?)`", message)
    if unknown:
        return f"没有“{unknown[1]}”这一项"
    return f"缺少“{missing[1]}”" if missing else f"写法不对（{message}）"


def _nonsense(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """Yield what is well written and means nothing, with its key."""
    number = 0
    for at, scenario in enumerate(sheet.scenarios):
        expected = {code.partition(":")[0] for mail in scenario.mails for code in mail.problems}
        if scenario.due is not (scenario.code in expected):
            yield f"情形.{at}.应有", f"“应有”与期望问题里有没有“{scenario.code}”不一致"
        for place, mail in enumerate(scenario.mails):
            for key, said in _nonsense_of(mail, place):
                yield f"情形.来信.{number}.{key}", said
            number += 1


def _nonsense_of(mail: Mail, place: int) -> Iterator[tuple[str, str]]:
    if mail.answers is not None and not 1 <= mail.answers <= place:
        yield "回复", f"前面没有第{mail.answers}封信"
    for written in mail.problems:
        code, _, field = written.partition(":")
        if code not in set(Code) or (field and field not in CELLS.values()):
            yield "期望问题", f"没有“{written}”这种问题（可用：{'、'.join(PROBLEMS)}）"
    for written in mail.material:
        try:
            item(written)
        except ValueError as error:
            yield "材料", str(error)
