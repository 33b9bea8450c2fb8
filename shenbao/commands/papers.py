"""The paper copies: their cover sheets, ticking them off, what has not come, reminders."""

from datetime import datetime
from pathlib import Path

import click

from intake.office import paper as papers
from intake.office import reminders, stable_zip
from intake.office.cover import cover_sheet
from intake.office.paper import Fate, Tick
from parsers.office import programs
from shenbao import outputs
from shenbao.commands.look import found
from shenbao.desk import desk_of
from shenbao.options import (
    FAILED,
    Failure,
    Misuse,
    by_option,
    campaign_of,
    campaign_option,
    console,
    data_option,
    existing_store,
    force_option,
    json_option,
    now,
    say,
    writable,
)
from shenbao.tables import application_line, list_table
from storage import applications

LISTS = {"only-electronic": papers.only_electronic, "only-paper": papers.only_paper}
NO_OFFICE = "这台电脑没有安装 LibreOffice，写不出 PDF。请改写 .docx，在 Word 或 WPS 里另存为 PDF。"


@click.command(help="写出纸质材料的封面（收件编号、二维码、装订清单、报送地址和期限）：.docx，或 .pdf。")
@click.argument("receipt")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@force_option
@data_option
@campaign_option
def cover(receipt: str, file: Path | None, data: Path, campaign: str, *, force: bool) -> None:
    terms = campaign_of(campaign)
    with existing_store(data) as store:
        one = found(store, receipt)
    path = writable(file or Path(f"{one.receipt}_封面.docx"), force=force)
    if path.suffix.lower() not in {".docx", ".pdf"}:
        raise Misuse(f"封面只能写成 .docx 或 .pdf：{path}")
    if path.suffix.lower() == ".pdf" and not programs.is_there("soffice"):
        raise Failure(NO_OFFICE)
    made: bytes | None = cover_sheet(one, terms, now=now())
    if made and path.suffix.lower() == ".pdf":
        made = programs.to_pdf(made, ".docx")
    if made is None:
        raise Failure("LibreOffice 没有写出 PDF，请改写 .docx。")
    stable_zip.write(path, made, force=force)
    console().print(f"已写出：{path}")


@click.command(
    help="登记纸质材料已收到：写收件编号，或读封面的照片、扫描件、扫码枪的文本；--list 列出未齐的。"
)
@click.argument("receipts", metavar="[RECEIPT]...", nargs=-1)
@click.option(
    "--scan",
    "scans",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="封面的照片、扫描件（可拍多份），或扫码枪的文本，可写多次",
)
@click.option(
    "--list", "listed", type=click.Choice(list(LISTS)), help="只有电子版的，或只有纸质版的（电子材料未齐）"
)
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="收到的日期，默认今天；也用来改正登记过的日期")
@by_option
@data_option
@campaign_option
@json_option
@click.pass_context
def paper(
    context: click.Context,
    receipts: tuple[str, ...],
    scans: tuple[Path, ...],
    listed: str | None,
    day: datetime | None,
    by: str,
    data: Path,
    campaign: str,
    *,
    as_json: bool,
) -> None:
    if bool(receipts or scans) == bool(listed):
        raise Misuse("请写收件编号或 --scan 文件来登记，或用 --list 列出，两者取一。")
    if listed:
        _list(data, listed, as_json=as_json)
        return
    prefix = campaign_of(campaign).receipt_prefix
    read, strange = _scanned(scans, prefix)
    with desk_of(data, campaign, by) as desk:
        ticks = papers.tick(desk, [*receipts, *read], day.date() if day else None)
    for one in ticks:
        _tell(one, as_json=as_json)
    for text in strange:
        click.echo(f"错误：没有认出收件编号：{text}", err=True)
    if scans:
        click.echo(f"扫描到{len(read)}个收件编号。", err=True)
    good = bool(ticks) and not strange and all(one.fate in {Fate.TICKED, Fate.ALREADY} for one in ticks)
    context.exit(0 if good else FAILED)


def _list(data: Path, listed: str, *, as_json: bool) -> None:
    with existing_store(data) as store:
        chosen = LISTS[listed](applications.every(store.db))
    if as_json:
        for one in chosen:
            say(outputs.application(one))
    else:
        console().print(list_table(chosen))
        console().print(f"共{len(chosen)}件。")


def _scanned(scans: tuple[Path, ...], prefix: str) -> tuple[list[str], list[str]]:
    read, strange = [], []
    for path in scans:
        if not path.is_file():
            raise Misuse(f"没有这个文件：{path}")
        found_here, others = papers.scanned(path.read_bytes(), path.name, prefix)
        read += found_here
        strange += [f"{path.name}：{text[:40]}" for text in others]
    return list(dict.fromkeys(read)), strange


def _tell(one: Tick, *, as_json: bool) -> None:
    if one.application is None:
        click.echo(f"错误：没有找到收件编号 {one.typed}。可用 shenbao search 按名称查找。", err=True)
    elif one.fate is Fate.WITHDRAWN:
        click.echo(f"错误：{one.typed} 已撤回，没有登记；确要恢复的请先 reopen。", err=True)
    elif as_json:
        say(outputs.application(one.application))
    else:
        told = "纸质件此前已登记" if one.fate is Fate.ALREADY else "纸质件已登记"
        text = application_line(one.application)
        console().print(text.append(f"　{told}（{one.application.paper_received}）"))


@click.command(help="给还有事项未办结、纸质件未到的申报单位拟提醒信（默认是草稿，放行后才寄出）。")
@click.option("--again", is_flag=True, help="提醒过的再提醒一次，一天至多一次")
@by_option
@data_option
@campaign_option
@json_option
def remind(by: str, data: Path, campaign: str, *, again: bool, as_json: bool) -> None:
    with desk_of(data, campaign, by) as desk:
        done = reminders.remind(desk, again=again)
        drafted = desk.campaign.reminders_drafted
    for letter in done.letters:
        if as_json:
            say(outputs.letter(letter))
        else:
            console().print(f"{letter.to[0]}　{'、'.join(letter.receipts)}")
    for one in done.unreached:
        click.echo(f"请打电话：{one.receipt} {one.fields.name or ''}，没有可用的邮箱。", err=True)
    if not as_json:
        how = "已拟成草稿，用 shenbao release --kind reminder 放行" if drafted else "已排队待发"
        console().print(f"共{len(done.letters)}封提醒信{f'，{how}' if done.letters else ''}。")
