"""`shenbao campaign new`: asks for a new year's terms, one after another, and writes the campaign file."""

import os
import tomllib
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import click

from intake.office import stable_zip
from shenbao.options import CAMPAIGNS, Failure, Misuse, campaign_of, console, told, writable
from storage.campaign_file import CampaignError, loads
from storage.campaign_new import renewed
from storage.campaign_terms import REQUIRED


class Question(NamedTuple):
    """A term that changes from year to year: its key in the file and what staff are asked."""

    key: str
    text: str
    number: bool = False


# Asked in this order after the name and the dates; the old file's value is offered.
QUESTIONS = (
    Question("campaign.title", "活动名称"),
    Question("campaign.receipt_prefix", "收件编号前缀"),
    Question("quota.direct", "市直单位可申报账号（个）", number=True),
    Question("quota.county", "每个县区可申报账号（个）", number=True),
    Question("quota.clause", "名额的通知原文"),
    Question("limits.summary_words", "主要情况字数上限", number=True),
    Question("limits.work_words", "工作材料字数上限", number=True),
    Question("limits.pictures", "图文案例最少图片（张）", number=True),
    Question("limits.video_seconds", "视频时长上限（秒）", number=True),
    Question("limits.clause_work", "工作材料的通知原文"),
    Question("dates.clause", "申报时间的通知原文"),
    Question("office.telephone", "联系电话"),
    Question("office.email", "电子邮箱"),
    Question("office.address", "报送地址"),
)


@click.command("new", help="逐项询问新一年的规定，写出活动文件；直接回车沿用原来的值。")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "old", default="bozhou-2022", show_default=True, help="以哪个活动为底本")
def campaign_new(file: Path, old: str) -> None:
    if file.exists():
        raise Misuse(f"文件已存在：{file}。请换一个文件名，这个命令从不覆盖文件。")
    path = writable(file, force=False)
    terms, text = campaign_of(old), _text_of(old)
    name = _ask("活动代号（小写字母、数字和连字符）", file.stem.lower(), REQUIRED["campaign"]["name"])
    zone = ZoneInfo(terms.timezone)
    opens = _day("开始日期")
    last = _day("截止日期（当天24时截止）", least=opens)
    first = datetime.combine(opens, time(), zone)
    deadline = datetime.combine(last + timedelta(days=1), time(), zone)
    moved = loads(renewed(text, name=name, opens=first, deadline=deadline, terms={}).encode())
    answers = {
        one.key: _answer(one, _offer(one.key, moved, terms.dates.opens.year, first.year)) for one in QUESTIONS
    }
    made = renewed(
        text, name=name, opens=first, deadline=deadline, terms=answers | _templates(text, old, path)
    )
    try:
        loads(made.encode())
    except CampaignError as error:
        raise Failure("\n".join(told(path, error))) from error
    stable_zip.write(path, made.encode(), force=False)
    console().print(
        f"已写出：{path}。请对照新通知核对其中的条款原文、推选安排、县区和已知邮箱，再用 shenbao campaign check 检查。"
    )


def _templates(text: str, old: str, new: Path) -> dict[str, str | int]:
    """Return the term of the old campaign's own templates, as it is written in the new file's place."""
    folder = tomllib.loads(text)["campaign"].get("templates")
    if not folder:
        return {}
    return {"campaign.templates": Path(os.path.relpath(_file_of(old).parent / folder, new.parent)).as_posix()}


def _file_of(name: str) -> Path:
    path = CAMPAIGNS / f"{name}.toml"
    return path if path.is_file() else Path(name)


def _text_of(name: str) -> str:
    return _file_of(name).read_text("utf-8-sig").replace("\r\n", "\n")


def _offer(key: str, moved: object, before: int, after: int) -> Any:
    """Return the old file's value of `key`, with the new year where it names the old one."""
    for step in key.removeprefix("campaign.").split("."):
        moved = getattr(moved, step)
    return moved.replace(str(before), str(after)) if isinstance(moved, str) else moved


def _answer(question: Question, offered: Any) -> str | int:
    section, _, key = question.key.partition(".")
    check = REQUIRED[section][key]
    if question.number:
        return int(
            _ask(
                question.text, str(offered), lambda said: check(int(said)) if said.isdecimal() else "请填整数"
            )
        )
    return _ask(question.text, offered, check)


def _ask(text: str, offered: str | None, check: Callable[[str], str | None]) -> str:
    """Ask until the answer is one that the campaign file may hold."""
    while True:
        said = str(click.prompt(text, default=offered, err=True)).strip()
        problem = check(said)
        if problem is None:
            return said
        click.echo(f"错误：{problem}", err=True)


def _day(text: str, *, least: date | None = None) -> date:
    def check(said: str) -> str | None:
        try:
            day = date.fromisoformat(said)
        except ValueError:
            return "请写成 2023-05-23 的样子"
        return f"不能早于 {least}" if least and day < least else None

    return date.fromisoformat(_ask(f"{text}，如 2023-06-03", None, check))
