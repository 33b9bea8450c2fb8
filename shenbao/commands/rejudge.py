"""`shenbao rejudge`: what a changed campaign file would change, and changing it when told to."""

from pathlib import Path

import click
from rich.text import Text

from intake import labels, rejudging
from intake.decisions import Desk, NoSuchReceipt
from intake.rejudging import Difference
from parsers.workers import Workers
from shenbao.options import (
    Misuse,
    by_option,
    campaign_of,
    campaign_option,
    console,
    data_option,
    existing_store,
    json_option,
    no_such,
    now,
    say,
)
from shenbao.tables import short
from storage.model import Problem


@click.command(
    help="按活动文件重新审核：先看会改变什么；加 --apply 才真正改变，已答复过的还要加 --answered。"
)
@click.argument("receipts", nargs=-1, metavar="[RECEIPT]...")
@click.option("--dry-run", is_flag=True, help="只看不改（不加 --apply 时就是这样）")
@click.option("--apply", "apply_", is_flag=True, help="真正改变，记入审计记录")
@click.option("--answered", is_flag=True, help="与 --apply 一起：已经答复过申报单位的也改")
@click.option("--letters", is_flag=True, help="与 --apply 一起：状态改变的，给申报单位去信")
@by_option
@data_option
@campaign_option
@json_option
def rejudge(
    receipts: tuple[str, ...],
    by: str,
    data: Path,
    campaign: str,
    *,
    dry_run: bool,
    apply_: bool,
    answered: bool,
    letters: bool,
    as_json: bool,
) -> None:
    if (dry_run or not apply_) and (answered or letters or (dry_run and apply_)):
        raise Misuse("--answered、--letters 要与 --apply 一起使用，--apply 不能与 --dry-run 一起使用。")
    terms = campaign_of(campaign)
    with existing_store(data) as store, Workers() as workers:
        desk = Desk(store=store, campaign=terms, sender=terms.office.email, by=by, now=now())
        try:
            if apply_:
                found = rejudging.apply(desk, workers, receipts, answered=answered, letters=letters)
            else:
                found = rejudging.compare(desk, workers, receipts)
        except NoSuchReceipt as error:
            no_such(str(error))
    for one in found:
        _tell(one, as_json=as_json)
    if not as_json:
        console().print(_summary(found, applied=apply_))


def _tell(one: Difference, *, as_json: bool) -> None:
    if as_json:
        say(
            {
                "receipt": one.old.receipt,
                "before": one.old.state,
                "after": one.new.state,
                "gone": [problem.code for problem in one.gone],
                "come": [problem.code for problem in one.come],
                "answered": one.answered,
                "applied": one.applied,
            }
        )
        return
    before, after = labels.STATES[one.old.state], labels.STATES[one.new.state]
    state = before if before == after else f"{before} → {after}"
    console().print(
        Text(
            f"{one.old.receipt} {one.old.fields.name or ''}：{state}{'（已答复过）' if one.answered else ''}"
        )
    )
    for sign, problems in (("－", one.gone), ("＋", one.come)):
        for problem in problems:
            console().print(Text(f"   {sign} {_told(problem)}"))


def _told(problem: Problem) -> str:
    return f"{short(problem)} → {labels.OUTCOMES[problem.outcome]}" + (
        f"：{problem.fact}" if problem.fact else ""
    )


def _summary(found: list[Difference], *, applied: bool) -> str:
    if not found:
        return "没有变化。"
    if not applied:
        return f"会改变 {len(found)} 件申报。什么都没有改；要改变请加 --apply。"
    kept = sum(not one.applied for one in found)
    return f"已改变 {len(found) - kept} 件申报。" + (
        f"另有 {kept} 件已答复过，没有改；要改变请加 --answered。" if kept else ""
    )
