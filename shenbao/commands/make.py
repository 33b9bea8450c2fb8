"""Files for the office: the 汇总表 and the blank 申报表."""

from pathlib import Path

import click

from intake import blank, export, stable_zip
from shenbao.options import (
    campaign_of,
    campaign_option,
    console,
    data_option,
    existing_store,
    force_option,
    now,
    writable,
)


@click.command("export", help="导出申报汇总表（Excel）。")
@click.argument("file", type=click.Path(path_type=Path))
@force_option
@data_option
@campaign_option
def export_command(file: Path, data: Path, campaign: str, *, force: bool) -> None:
    terms = campaign_of(campaign)
    path = writable(file, force=force)
    with existing_store(data) as store:
        stable_zip.write(path, export.export(store, terms, now=now()), force=force)
    console().print(f"已写出：{path}")


@click.command(help="写出空白的申报表（Word）。")
@click.argument("file", type=click.Path(path_type=Path))
@force_option
@campaign_option
def form(file: Path, campaign: str, *, force: bool) -> None:
    path = writable(file, force=force)
    stable_zip.write(path, blank.blank_form(campaign_of(campaign)), force=force)
    console().print(f"已写出：{path}")
