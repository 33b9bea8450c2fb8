"""The 汇总表 that staff edited, brought back: shown first, then done."""

import sys
from pathlib import Path

import click

from intake import labels
from intake.decisions import Desk
from intake.office import importing
from intake.office.entry import NotReadable
from intake.office.importing import Change, Plan, Trouble
from parsers.workers import Workers
from shenbao.options import (
    FAILED,
    Failure,
    Misuse,
    by_option,
    campaign_of,
    campaign_option,
    data_option,
    existing_store,
    json_option,
    now,
    say,
)
from shenbao.outputs import Json


@click.command(
    "import",
    help="导入改过的汇总表（只看黄色单元格）：先列出会改什么；加 --apply 才改，在终端里会询问。改完自动重新审核。",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--apply", "at_once", is_flag=True, help="不再询问，照改")
@by_option
@data_option
@campaign_option
@json_option
def import_command(file: Path, by: str, data: Path, campaign: str, *, at_once: bool, as_json: bool) -> int:
    terms = campaign_of(campaign)
    if not file.is_file():
        raise Misuse(f"没有这个文件：{file}")
    with existing_store(data) as store:
        try:
            plan = importing.plan(store, terms, file.read_bytes())
        except NotReadable as reason:
            raise Failure(f"{file}：{reason}") from reason
        _show(plan, as_json=as_json)
        if not plan.changes or not (at_once or (not as_json and _agreed(len(plan.changes)))):
            return FAILED if at_once and _left(plan) else 0
        desk = Desk(store=store, campaign=terms, sender=terms.office.email, by=by, now=now())
        missed = _apply(desk, plan, as_json=as_json)
    return FAILED if missed or _left(plan) else 0


def _left(plan: Plan) -> bool:
    return bool(plan.wrong or plan.conflicts)


def _agreed(count: int) -> bool:
    """Ask on a terminal whether to make the changes; elsewhere nobody is there to agree."""
    if sys.stdin.isatty():
        return click.confirm(f"照此修改这 {count} 处？", err=True)
    click.echo("以上只是预览，什么都没有改；确认后加 --apply 再运行一次。", err=True)
    return False


def _apply(desk: Desk, plan: Plan, *, as_json: bool) -> int:
    """Make the changes; return how many were not made because the store changed under them."""
    missed = 0
    with Workers() as workers:
        for change, done in importing.apply(desk, workers, plan.changes):
            missed += not done
            if as_json:
                say({**_json(change), "outcome": "done" if done else "conflict"})
            elif not done:
                click.echo(f"没有改（刚刚被别处改过，请重新导入）：{_told(change)}")
    if not as_json:
        click.echo(f"已改 {len(plan.changes) - missed} 处，相关申报已重新审核。")
    return missed


def _show(plan: Plan, *, as_json: bool) -> None:
    groups: tuple[tuple[str, str, tuple[Change | Trouble, ...]], ...] = (
        ("change", "将修改", plan.changes),
        ("conflict", "冲突，不改", plan.conflicts),
        ("wrong", "不能导入", plan.wrong),
    )
    for outcome, title, group in groups:
        if as_json:
            for one in group:
                say({**_json(one), "outcome": outcome})
        elif group:
            click.echo(f"{title} {len(group)} 处：")
            click.echo("\n".join(f"  {_told(one)}" for one in group))
    if not as_json and not any(group for _, _, group in groups):
        click.echo("黄色单元格没有改动。")


def _told(one: Change | Trouble) -> str:
    if isinstance(one, Trouble):
        return f"{one.receipt}　{one.cell}：{one.why}"
    field = labels.FIELDS[one.field]
    return f"{one.receipt}　{field}（{one.cell}）：{one.old or '（空）'} → {one.new or '（空）'}"


def _json(one: Change | Trouble) -> Json:
    if isinstance(one, Trouble):
        return {"receipt": one.receipt, "cell": one.cell, "why": one.why}
    return {"receipt": one.receipt, "cell": one.cell, "field": one.field, "old": one.old, "new": one.new}
