"""What every command shares: its options, opening the store and the campaign, printing, failing."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NoReturn, TypeVar
from zoneinfo import ZoneInfo

import click
from rich.console import Console

import intake
from intake.terms import load
from shenbao.outputs import Json, line
from storage.campaign import Campaign
from storage.campaign_file import CampaignError
from storage.database import Store, open_store

CHINA = ZoneInfo("Asia/Shanghai")
CAMPAIGNS = Path(intake.__file__).parent / "campaigns"
FAILED = 1
WRONG_USAGE = 2

Command = TypeVar("Command", bound=Callable[..., object])


class Failure(click.ClickException):
    """A failure that a person is told of in Chinese; exit status 1."""

    exit_code = FAILED

    def show(self, file: object = None) -> None:
        del file
        for text in self.message.splitlines():
            click.echo(f"错误：{text}", err=True)


class Misuse(Failure):
    """Wrong usage, or a path that is not there; exit status 2."""

    exit_code = WRONG_USAGE


def data_option(command: Command) -> Command:
    return click.option(
        "--data", default="./data", show_default=True, type=click.Path(path_type=Path), help="数据文件夹"
    )(command)


def config_option(command: Command) -> Command:
    return click.option(
        "--config", type=click.Path(path_type=Path), help="设置文件（shenbao.toml），只用其中 [parsing] 一节"
    )(command)


def campaign_option(command: Command) -> Command:
    return click.option(
        "--campaign", default="bozhou-2022", show_default=True, help="活动的名称，或活动文件的路径"
    )(command)


def json_option(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="每行输出一个 JSON 对象")(command)


def by_option(command: Command) -> Command:
    return click.option("--by", default="staff", show_default=True, help="经办人，记入审计记录")(command)


def force_option(command: Command) -> Command:
    return click.option("--force", is_flag=True, help="覆盖已有的文件")(command)


def now() -> datetime:
    return datetime.now(CHINA)


def campaign_of(name: str) -> Campaign:
    """Return the campaign of this name, or of the file at this path, with all its mistakes told at once."""
    path = CAMPAIGNS / f"{name}.toml"
    if not path.is_file():
        path = Path(name)
    if not path.is_file():
        known = "、".join(sorted(one.stem for one in CAMPAIGNS.glob("*.toml")))
        raise Misuse(f"没有名为“{name}”的活动，也没有这个文件。现有活动：{known}")
    try:
        return load(path)
    except CampaignError as error:
        raise Failure("\n".join(told(path, error))) from error


def told(path: Path, error: CampaignError) -> list[str]:
    """Return the mistakes of a campaign file as lines for a person."""
    return [f"{mistake.file or path.name} {mistake}" for mistake in error.mistakes]


def store_of(data: Path) -> Store:
    """Open the store in `data`, made when there is none."""
    return open_store(data)


def existing_store(data: Path) -> Store:
    """Open the store in `data`; it is a wrong path when there is none."""
    if not data.exists():
        raise Misuse(f"没有这个数据文件夹：{data}。请用 --data 指明，或先运行 shenbao ingest。")
    return open_store(data, create=False)


def say(value: Json) -> None:
    """Print one JSON line on standard output."""
    click.echo(line(value))


def console() -> Console:
    return Console(file=sys.stdout, highlight=False)


def progress_console() -> Console:
    return Console(file=sys.stderr, highlight=False)


def writable(path: Path, *, force: bool) -> Path:
    """Return `path` if it may be written; nothing is overwritten unasked."""
    if path.exists() and not force:
        raise Misuse(f"文件已存在：{path}。要覆盖请加 --force。")
    if not path.absolute().parent.is_dir():
        raise Misuse(f"没有这个文件夹：{path.parent}")
    return path


def no_such(receipt: str) -> NoReturn:
    raise Failure(f"没有找到收件编号 {receipt}。可用 shenbao search 按名称查找。")
