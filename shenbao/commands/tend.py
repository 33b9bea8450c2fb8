"""Commands that look after the service: check, verify, health, campaign."""

import os
from collections.abc import Iterable
from pathlib import Path

import click
from click.core import ParameterSource
from msgspec.structs import replace
from rich.text import Text

from intake.terms import load
from shenbao import condition
from shenbao.commands.campaign_new import campaign_new
from shenbao.options import (
    FAILED,
    Failure,
    Misuse,
    campaign_of,
    campaign_option,
    console,
    data_option,
    existing_store,
    json_option,
    now,
    say,
    told,
)
from shenbao.outputs import moment
from storage import messages
from storage.campaign_file import CampaignError
from storage.verify import verify

MARKS = {True: ("正常", "green"), False: ("有误", "red"), None: ("未用", "dim")}


@click.command(help="逐项试一试：活动文件、数据、识别、转换程序、邮箱、发信、机器人，说明哪里不对。")
@click.option("--config", type=click.Path(path_type=Path), help="设置文件（shenbao.toml）")
@data_option
@campaign_option
@json_option
@click.pass_context
def check(context: click.Context, config: Path | None, data: Path, campaign: str, *, as_json: bool) -> None:
    from shenbao import checks  # noqa: PLC0415 - it imports every part, and takes a second for it
    from shenbao.settings import SettingsError, StoreSettings  # noqa: PLC0415
    from shenbao.settings import load as load_settings  # noqa: PLC0415

    if config is not None and not config.is_file():
        raise Misuse(f"没有这个设置文件：{config}")
    try:
        settings = load_settings(config, os.environ)
    except SettingsError as error:
        raise Failure(str(error)) from error
    if _typed(context, "campaign"):
        settings = replace(settings, campaign=campaign)
    if _typed(context, "data"):
        settings = replace(settings, store=StoreSettings(data=str(data)))
    good = True
    for one in checks.every(settings, campaign_of):
        good = good and one.good is not False
        if as_json:
            say({"part": one.part, "good": one.good, "message": one.message})
        else:
            console().print(Text.assemble(MARKS[one.good], f" {one.part}：{one.message}"))
    context.exit(0 if good else FAILED)


def _typed(context: click.Context, option: str) -> bool:
    return context.get_parameter_source(option) is ParameterSource.COMMANDLINE


@click.command("verify", help="检查数据是否完好：数据库、每份原件、每封邮件的结果、回信有无重复。")
@data_option
@json_option
@click.pass_context
def verify_command(context: click.Context, data: Path, *, as_json: bool) -> None:
    with existing_store(data) as store:
        findings = verify(store)
        counted = messages.count(store.db)
    if as_json:
        say({"good": not findings, "messages": counted, "findings": findings})
    elif findings:
        _lines(findings)
    else:
        console().print(f"完好：{counted}封邮件的原件齐全，结果唯一，回信没有重复。")
    context.exit(FAILED if findings else 0)


@click.command(help="服务的健康状况：最近一次查看邮箱、各队列、等人处理的事项。")
@data_option
@json_option
@click.pass_context
def health(context: click.Context, data: Path, *, as_json: bool) -> None:
    with existing_store(data) as store:
        report = condition.report(store, now())
    if as_json:
        say(report)
    else:
        _lines(condition.told(report))
    context.exit(0 if report["good"] else FAILED)


@click.group(help="活动文件。")
def campaign() -> None:
    pass


@campaign.command("check", help="检查活动文件，一次列出全部错误。")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def campaign_check(file: Path, *, as_json: bool) -> None:
    if not file.is_file():
        raise Misuse(f"没有这个文件：{file}")
    try:
        terms = load(file)
    except CampaignError as error:
        if as_json:
            for one in error.mistakes:
                say({"file": one.file or file.name, "line": one.line, "key": one.key, "message": one.message})
            raise Failure(f"{file.name} 有 {len(error.mistakes)} 处错误") from error
        raise Failure("\n".join(told(file, error))) from error
    if not as_json:
        console().print(f"没有错误：{terms.title}，截止 {moment(terms.dates.deadline)}。")


campaign.add_command(campaign_new)


def _lines(texts: Iterable[str]) -> None:
    for text in texts:
        console().print(text)
