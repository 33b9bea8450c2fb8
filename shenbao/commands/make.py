"""Files for the office: the 汇总表, the 催报表, the report, the material folder and the blank 申报表."""

from pathlib import Path

import click

from intake.office import blank, export, filing, filled, folders, owed, stable_zip, summary
from shenbao.options import (
    Failure,
    Misuse,
    campaign_of,
    campaign_option,
    console,
    data_option,
    existing_store,
    force_option,
    now,
    writable,
)
from storage import applications
from storage.campaign import Campaign
from storage.database import Store
from storage.model import State


@click.command(
    "export",
    help="导出申报汇总表（Excel）；黄色单元格改后可用 import 导入。--template 则填写本单位自己的表样。",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--template", type=click.Path(path_type=Path), help="表样（xlsx），单元格里写 {{收件编号}} 等栏目名"
)
@force_option
@data_option
@campaign_option
def export_command(file: Path, template: Path | None, data: Path, campaign: str, *, force: bool) -> None:
    terms = campaign_of(campaign)
    path = writable(file, force=force)
    with existing_store(data) as store:
        made = _filled(store, terms, template) if template else export.export(store, terms, now=now())
        stable_zip.write(path, made, force=force)
    console().print(f"已写出：{path}")


def _filled(store: Store, campaign: Campaign, template: Path) -> bytes:
    if not template.is_file():
        raise Misuse(f"没有这个表样：{template}")
    try:
        return filled.fill(store, campaign, template.read_bytes(), now=now())
    except filled.WrongTemplate as wrong:
        raise Failure("\n".join(f"{template.name} {mistake}" for mistake in wrong.mistakes)) from wrong


@click.command("owed", help="写出催报表（Excel）：哪些单位没有报、每件申报还缺什么，附联系人和电话。")
@click.argument("file", type=click.Path(path_type=Path))
@force_option
@data_option
@campaign_option
def owed_command(file: Path, data: Path, campaign: str, *, force: bool) -> None:
    terms = campaign_of(campaign)
    path = writable(file, force=force)
    with existing_store(data) as store:
        stable_zip.write(path, owed.owed(store, terms, now=now()), force=force)
    console().print(f"已写出：{path}")


@click.command(help="写出一页的活动情况（HTML），用浏览器打开，可打印或另存为 PDF。")
@click.argument("file", type=click.Path(path_type=Path))
@force_option
@data_option
@campaign_option
def report(file: Path, data: Path, campaign: str, *, force: bool) -> None:
    terms = campaign_of(campaign)
    if file.suffix.lower() not in {".html", ".htm"}:
        raise Misuse(f"文件名应以 .html 结尾：{file}。要 PDF 请用浏览器打开后打印成 PDF。")
    path = writable(file, force=force)
    with existing_store(data) as store:
        page = summary.page(summary.course_of(store, terms), terms, now=now())
    stable_zip.write(path, page, force=force)
    console().print(f"已写出：{path}")


@click.command(help="把申报材料按申报写成文件夹，一件申报一个；名称以 .zip 结尾时写成一个压缩包。")
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--state", type=click.Choice([state.value for state in State]), help="只要这一状态的申报")
@click.option("--county", help="只要这个县区的申报")
@force_option
@data_option
@campaign_option
def files(
    target: Path, state: str | None, county: str | None, data: Path, campaign: str, *, force: bool
) -> None:
    terms = campaign_of(campaign)
    zipped = target.suffix.lower() == ".zip"
    path = writable(target, force=force) if zipped else _fillable(target, force=force)
    with existing_store(data) as store:
        chosen = applications.every(store.db, state=State(state) if state else None, county=county)
        listed = list(folders.entries(store, chosen))
        index = folders.index(listed, terms, now=now())
        if zipped:
            filing.write_zip(path, listed, store.blobs, index, force=force)
        else:
            filing.write_folder(path, listed, store.blobs, index)
    count = len({entry.application.receipt for entry in listed})
    console().print(f"已写出 {count} 件申报的材料：{path}")


def _fillable(folder: Path, *, force: bool) -> Path:
    """Return `folder` if it may be filled: not there yet, empty, or with leave to write over what is in it."""
    if folder.is_file():
        raise Misuse(f"这是一个文件，不是文件夹：{folder}")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise Misuse(f"文件夹里已有东西：{folder}。请换一个空文件夹；要覆盖同名文件请加 --force。")
    if not folder.absolute().parent.is_dir():
        raise Misuse(f"没有这个文件夹：{folder.parent}")
    return folder


@click.command(help="写出空白的申报表（Word）。")
@click.argument("file", type=click.Path(path_type=Path))
@force_option
@campaign_option
def form(file: Path, campaign: str, *, force: bool) -> None:
    path = writable(file, force=force)
    stable_zip.write(path, blank.blank_form(campaign_of(campaign)), force=force)
    console().print(f"已写出：{path}")
