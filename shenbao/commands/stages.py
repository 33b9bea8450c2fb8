"""`shenbao stage`: moving on, the lists and letters of what comes after judging."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.text import Text

from intake.decisions import Desk, NoSuchReceipt, NotPossible
from intake.labels import STATES
from intake.office import lists, results, stable_zip, staging
from intake.stages import LATER, TARGETS, Move
from shenbao.commands import scoring
from shenbao.commands.scoring import kind_option
from shenbao.options import (
    Failure,
    Misuse,
    by_option,
    campaign_of,
    campaign_option,
    console,
    data_option,
    existing_store,
    force_option,
    no_such,
    now,
    writable,
)
from storage.model import Kind, State


@click.group(help="初评、展播、专家评议、公示、获评、推荐省级。")
def stage() -> None:
    pass


for _command in (scoring.sheets, scoring.scores_command, scoring.ranking, scoring.dismiss):
    stage.add_command(_command)


@stage.command(help="转到下一阶段的状态：先看会怎样，加 --apply 才真正改变；退回更正要写 --reason。")
@click.argument("target", metavar="STATE", type=click.Choice([one.value for one in TARGETS]))
@click.argument("receipts", metavar="[RECEIPT]...", nargs=-1)
@click.option("--top", type=click.IntRange(1), metavar="N", help="按评分取前 N 名")
@click.option(
    "--from", "source", type=click.Choice([one.value for one in State]), help="现在是这一状态的全部"
)
@kind_option
@click.option("--incomplete", is_flag=True, help="与 --top 一起：评分不齐也按现有分数排")
@click.option("--reason", default="", help="理由，记入审计记录")
@click.option("--apply", "apply_", is_flag=True, help="真正改变")
@by_option
@data_option
@campaign_option
def move(
    target: str,
    receipts: tuple[str, ...],
    top: int | None,
    source: str | None,
    kind: str | None,
    reason: str,
    by: str,
    data: Path,
    campaign: str,
    *,
    incomplete: bool,
    apply_: bool,
) -> None:
    if sum(map(bool, (receipts, top, source))) != 1:
        raise Misuse("请写收件编号，或 --top N，或 --from 状态，三者取一。")
    terms, aim, only = campaign_of(campaign), State(target), Kind(kind) if kind else None
    with existing_store(data) as store:
        desk = Desk(store=store, campaign=terms, sender=terms.office.email, by=by, now=now())
        try:
            if top:
                receipts = staging.best(store, terms, aim, top, only, incomplete=incomplete)
            elif source:
                them = staging.of_campaign(store, terms, State(source))
                receipts = tuple(one.receipt for one in them if only is None or one.kind is only)
            moves = (staging.apply if apply_ else staging.planned)(desk, receipts, aim, reason)
        except NoSuchReceipt as error:
            no_such(str(error))
        except NotPossible as error:
            raise Failure(str(error)) from error
    _told(moves, applied=apply_)


def _told(moves: Sequence[Move], *, applied: bool) -> None:
    for one in moves:
        way = f"{STATES[one.application.state]} → {STATES[one.target]}"
        fate = f"不能：{one.refused}" if one.refused else "已经是，不变" if one.there else way
        console().print(Text(f"{one.application.receipt} {one.application.fields.name or ''}：{fate}"))
    going = sum(not one.refused and not one.there for one in moves)
    stay = sum(bool(one.refused) for one in moves)
    if applied:
        console().print(f"已转 {going} 件。")
    else:
        console().print(
            f"会转 {going} 件{f'，{stay} 件不能，须先去掉' if stay else ''}。什么都没有改；要改变请加 --apply。"
        )


@stage.command(
    "list",
    help="写出名单：showcase 展播、publicity 公示（拟获评）、awarded 获评、recommended 推荐省级；.docx 为公文格式、隐去个人信息，.xlsx 供内部使用。",
)
@click.argument("name", type=click.Choice(list(lists.LISTINGS)))
@click.argument("file", type=click.Path(path_type=Path))
@force_option
@data_option
@campaign_option
def list_command(name: str, file: Path, data: Path, campaign: str, *, force: bool) -> None:
    makers = {".docx": lists.as_document, ".xlsx": lists.as_table}
    if file.suffix.lower() not in makers:
        raise Misuse("文件名要以 .docx（公文格式）或 .xlsx（表格）结尾。")
    terms, path = campaign_of(campaign), writable(file, force=force)
    with existing_store(data) as store:
        count = len(lists.held(store, terms, name))
        if not count:
            raise Failure(f"{lists.LISTINGS[name].title}里还没有人：没有处在相应状态的申报。")
        stable_zip.write(path, makers[file.suffix.lower()](store, terms, name, now=now()), force=force)
    console().print(f"已写出：{path}（{count}个）")


@stage.command(help="拟结果通知，都是草稿，过目后用 shenbao release 放行；不写收件编号就是这一状态的全部。")
@click.argument("state", type=click.Choice([one.value for one in TARGETS if one in LATER]))
@click.argument("receipts", metavar="[RECEIPT]...", nargs=-1)
@by_option
@data_option
@campaign_option
def letters(state: str, receipts: tuple[str, ...], by: str, data: Path, campaign: str) -> None:
    terms = campaign_of(campaign)
    with existing_store(data) as store:
        desk = Desk(store=store, campaign=terms, sender=terms.office.email, by=by, now=now())
        try:
            found = results.draft(desk, State(state), receipts)
        except NoSuchReceipt as error:
            no_such(str(error))
        except NotPossible as error:
            raise Failure(str(error)) from error
    known = f"，{len(found.known)} 件已经拟过" if found.known else ""
    console().print(
        f"已拟 {len(found.letters)} 封草稿{known}。用 shenbao outbox 过目，shenbao release 放行。"
    )
    for one in found.unreachable:
        console().print(Text(f"没有可写信的邮箱，请打电话：{one.receipt} {one.fields.name or ''}"))
