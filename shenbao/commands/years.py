"""`shenbao history`: what applicants did in earlier years, from other campaigns in the store and from lists."""

from collections.abc import Iterable
from pathlib import Path

import click
import msgspec
from rich.text import Text

from intake.labels import FIELDS
from intake.office import history as years
from intake.office import staging
from intake.office.entry import NotReadable
from intake.office.history import Past
from shenbao.cells import Chinese
from shenbao.options import (
    Failure,
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
from storage import applications, audit, earlier
from storage.database import Store
from storage.model import Application


@click.command(
    "history",
    help="往年的申报和获评：不写收件编号，列出今年申报里往年来过的；写收件编号，连同往年的申报表一并显示（只看，不自动填入）。",
)
@click.argument("receipt", required=False)
@click.option(
    "--import",
    "source",
    type=click.Path(path_type=Path),
    metavar="FILE.xlsx",
    help="登记往年名单：表头有“名称”“结果”，可以有“年份”“主办单位”“域名或账号ID”",
)
@click.option("--year", type=int, help="名单是哪一年的（表里没有年份时）")
@by_option
@data_option
@campaign_option
@json_option
def history(
    receipt: str | None,
    source: Path | None,
    year: int | None,
    by: str,
    data: Path,
    campaign: str,
    *,
    as_json: bool,
) -> None:
    if (receipt and source) or (year is not None and not source):
        raise Misuse("收件编号与 --import 取一；--year 只与 --import 同用。")
    terms = campaign_of(campaign)
    with existing_store(data) as store:
        if source:
            _bring(store, source, year, by)
            return
        if receipt:
            found = applications.get(store.db, receipt)
            chosen: Iterable[Application] = [found] if found else no_such(receipt)
        else:
            chosen = staging.of_campaign(store, terms)
        told = 0
        for one in chosen:
            pasts = years.past(store, terms, one)
            told += bool(pasts)
            if as_json and (pasts or receipt):
                say({"receipt": one.receipt, "past": [msgspec.to_builtins(each) for each in pasts]})
            elif pasts:
                _tell(one, pasts, whole=receipt is not None)
    if not told and not as_json:
        console().print("没有往年的记录。")


def _bring(store: Store, source: Path, year: int | None, by: str) -> None:
    """Keep the works of a list, or tell all that is wrong with it and keep none."""
    if not source.is_file():
        raise Misuse(f"没有这个文件：{source}")
    try:
        found = years.listed(source.read_bytes(), year)
    except NotReadable as error:
        raise Failure(f"{source.name}：{error}") from error
    if found.mistakes:
        raise Failure("\n".join(found.mistakes))
    with store.transaction() as db:
        new = sum(earlier.put(db, work) for work in found.works)
        if new:
            detail = {"file": source.name, "works": new}
            audit.record(db, at=now(), actor=by, event="earlier-works", detail=detail)
    console().print(f"名单里有 {len(found.works)} 件，新登记 {new} 件。")


def _tell(one: Application, pasts: Iterable[Past], *, whole: bool) -> None:
    console().print(
        Text(f"{one.receipt} {one.fields.name or '（名称未填）'}（{one.fields.organizer or '单位未填'}）")
    )
    for past in pasts:
        about = "　".join(filter(None, (past.name, past.organizer, past.identifier)))
        lead = f"  {past.year}年 {past.result}　"
        console().print(Chinese(f"{about}（{'、'.join(past.why)}）{past.receipt or ''}", lead=lead))
        if whole and past.fields:
            values = msgspec.structs.asdict(past.fields)
            for key, value in values.items():
                if value:
                    console().print(Chinese(str(value), lead=f"    {FIELDS[key]}："))
