"""What staff decide from the command line; each is audited with `--by`."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import click

from intake import attaching, decisions
from intake.decisions import NoSuchReceipt, NotPossible
from parsers.workers import Workers
from shenbao import outputs
from shenbao.desk import desk_of
from shenbao.options import (
    Failure,
    Misuse,
    by_option,
    campaign_option,
    console,
    data_option,
    json_option,
    no_such,
    say,
)
from shenbao.tables import application_line
from storage.model import Application, Fields


def _done(decide: Callable[[], Application], receipt: str, *, as_json: bool) -> None:
    try:
        application = decide()
    except NoSuchReceipt:
        no_such(receipt)
    except NotPossible as reason:
        raise Failure(str(reason)) from reason
    if as_json:
        say(outputs.application(application))
    else:
        console().print(application_line(application))


@click.command(help="人工核定：电子材料齐全。")
@click.argument("receipt")
@by_option
@data_option
@campaign_option
@json_option
def accept(receipt: str, by: str, data: Path, campaign: str, *, as_json: bool) -> None:
    with desk_of(data, campaign, by) as desk:
        _done(lambda: decisions.accept(desk, receipt), receipt, as_json=as_json)


@click.command(help="人工核定：不予受理，理由会写进给申报单位的信。")
@click.argument("receipt")
@click.argument("reason")
@by_option
@data_option
@campaign_option
@json_option
def reject(receipt: str, reason: str, by: str, data: Path, campaign: str, *, as_json: bool) -> None:
    with desk_of(data, campaign, by) as desk:
        _done(lambda: decisions.reject(desk, receipt, reason), receipt, as_json=as_json)


@click.command(help="代申报单位撤回（电话或当面提出的）。")
@click.argument("receipt")
@by_option
@data_option
@campaign_option
@json_option
def withdraw(receipt: str, by: str, data: Path, campaign: str, *, as_json: bool) -> None:
    with desk_of(data, campaign, by) as desk:
        _done(lambda: decisions.withdraw(desk, receipt), receipt, as_json=as_json)


@click.command(help="撤销人工结论或撤回，按现有材料重新审核。")
@click.argument("receipt")
@by_option
@data_option
@campaign_option
@json_option
def reopen(receipt: str, by: str, data: Path, campaign: str, *, as_json: bool) -> None:
    with desk_of(data, campaign, by) as desk, Workers() as workers:
        _done(lambda: decisions.reopen(desk, workers, receipt), receipt, as_json=as_json)


@click.command("set", help="人工改正一个栏目的值（例如扫描识别错的），并重新审核。")
@click.argument("receipt")
@click.argument("field")
@click.argument("value")
@by_option
@data_option
@campaign_option
@json_option
def set_command(
    receipt: str, field: str, value: str, by: str, data: Path, campaign: str, *, as_json: bool
) -> None:
    if field not in Fields.__struct_fields__:
        raise Misuse(f"没有这个栏目：{field}。可用的栏目：{'、'.join(Fields.__struct_fields__)}")
    with desk_of(data, campaign, by) as desk, Workers() as workers:
        _done(
            lambda: decisions.set_field(desk, workers, receipt, field, value.strip() or None),
            receipt,
            as_json=as_json,
        )


@click.command(
    help="登记另外收到的材料（U盘、下载的超大附件等）并重新审核；--message 则采用一封来信里的材料，或确认其中的新版本。"
)
@click.argument("receipt")
@click.argument("paths", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--message", type=int, metavar="N", help="采用第 N 号来信里的材料")
@click.option("--only", multiple=True, metavar="NAME", help="只采用来信里的这个文件，可写多次")
@click.option("--refuse", is_flag=True, help="第 N 号来信不属于这件申报，不采用")
@by_option
@data_option
@campaign_option
@json_option
def attach(
    receipt: str,
    paths: tuple[Path, ...],
    message: int | None,
    only: tuple[str, ...],
    by: str,
    data: Path,
    campaign: str,
    *,
    refuse: bool,
    as_json: bool,
) -> None:
    if bool(paths) == (message is not None) or ((only or refuse) and message is None) or (only and refuse):
        raise Misuse(
            "请写要登记的文件，或用 --message 写来信的编号，两者取一；--only 和 --refuse 只与 --message 同用。"
        )
    files = [] if message is not None else _files(paths)
    with desk_of(data, campaign, by) as desk, Workers() as workers:
        if message is None:
            act = partial(attaching.attach, desk, workers, receipt, files)
        elif refuse:
            act = partial(attaching.refuse, desk, receipt, message)
        else:
            act = partial(attaching.take, desk, workers, receipt, message, only)
        _done(act, receipt, as_json=as_json)


def _files(paths: Iterable[Path]) -> list[tuple[str, bytes]]:
    """Return the files with their contents, those in a folder under their path through it."""
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise Misuse("\n".join(f"没有这个文件：{path}" for path in missing))
    found = [
        (inside, path.name if inside == path else f"{path.name}/{inside.relative_to(path).as_posix()}")
        for path in paths
        for inside in (
            [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
        )
    ]
    return [(name, inside.read_bytes()) for inside, name in found]
