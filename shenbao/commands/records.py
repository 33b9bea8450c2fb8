"""The end of a campaign: everything in one checked archive, and personal data erased when its time is over."""

import hashlib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from intake.decisions import NoSuchReceipt
from intake.office import archive, erasure, stable_zip
from intake.office.erasure import Proof
from shenbao.alone import alone
from shenbao.desk import desk_of
from shenbao.options import (
    FAILED,
    Misuse,
    by_option,
    campaign_option,
    console,
    data_option,
    force_option,
    json_option,
    no_such,
    say,
    writable,
)
from storage import audit
from storage.erasure import Traces


@click.command(
    "archive",
    help="把整个活动归档成一个压缩包（原件、汇总表、信件、审计记录、校验清单）；--check 核对一个归档。",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--check", "checking", is_flag=True, help="只核对这个归档是否完好")
@force_option
@by_option
@data_option
@campaign_option
@json_option
@click.pass_context
def archive_command(
    context: click.Context,
    file: Path,
    by: str,
    data: Path,
    campaign: str,
    *,
    checking: bool,
    force: bool,
    as_json: bool,
) -> None:
    if checking and not file.is_file():
        raise Misuse(f"没有这个文件：{file}")
    if not checking:
        _archive(writable(file, force=force), by, data, campaign, force=force, as_json=as_json)
    with file.open("rb") as opened:
        checked = archive.check(opened)
    if as_json and checking:
        say({"file": str(file), "members": checked.members, "findings": list(checked.findings)})
    elif checking and not checked.findings:
        console().print(f"完好：{checked.members}个文件都与清单一致。")
    for finding in checked.findings:
        click.echo(f"错误：{finding}", err=True)
    context.exit(FAILED if checked.findings else 0)


def _archive(path: Path, by: str, data: Path, campaign: str, *, force: bool, as_json: bool) -> None:
    with desk_of(data, campaign, by) as desk:
        with stable_zip.replacing(path, force=force) as opened:
            made = archive.write(desk.store, desk.campaign, opened, now=desk.now)
        with desk.store.transaction() as db:
            detail = {"files": made.members, "left_out": made.left_out, "digest": made.digest}
            audit.record(db, at=desk.now, actor=by, event="archived", detail=detail)
    if as_json:
        say({"file": str(path), "members": made.members, "left_out": made.left_out, "digest": made.digest})
        return
    console().print(
        f"已归档到 {path}：{made.members}个文件。校验清单的 SHA-256：{made.digest}", soft_wrap=True
    )
    if made.left_out:
        console().print(f"有{made.left_out}项没有收入，见压缩包里的{archive.LEFT_OUT}。")


@click.command(
    help="到期删除个人信息：写收件编号，或 --before 日期；不加 --yes 只说明会删除什么。删除后不能恢复。"
)
@click.argument("receipts", metavar="[RECEIPT]...", nargs=-1)
@click.option("--before", "day", type=click.DateTime(["%Y-%m-%d"]), help="最后变动早于这一天的全部申报和来信")
@click.option("--yes", is_flag=True, help="确认删除")
@click.option("--proof", type=click.Path(path_type=Path), help="删除证明写到哪里，默认在当前文件夹")
@by_option
@data_option
@campaign_option
@json_option
def erase(
    receipts: tuple[str, ...],
    day: datetime | None,
    proof: Path | None,
    by: str,
    data: Path,
    campaign: str,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    if bool(receipts) == bool(day):
        raise Misuse("请写收件编号，或用 --before 写日期，两者取一。")
    with desk_of(data, campaign, by) as desk:

        def find() -> Traces:
            if day is None:
                return erasure.of_receipts(desk, receipts)
            return erasure.before(desk, day.replace(tzinfo=ZoneInfo(desk.campaign.timezone)))

        try:
            planned = erasure.proof_of(desk, find())
        except NoSuchReceipt as error:
            no_such(str(error))
        if not yes:
            _tell(planned, as_json=as_json)
            click.echo("什么都没有删除。确认无误后加 --yes 执行；执行后不能恢复。", err=True)
            return
        path = writable(proof or Path(f"删除证明-{desk.now:%Y%m%d-%H%M%S}.json"), force=False)

        def keep(text: bytes) -> str:
            stable_zip.write(path, text)
            return hashlib.sha256(text).hexdigest()

        with alone(data):
            try:
                done = erasure.erase(desk, find, keep)
            except BaseException:
                path.unlink(missing_ok=True)  # it would prove what did not happen
                raise
    _tell(done, as_json=as_json)
    click.echo(
        f"删除证明：{path}。此前的备份、归档、导出的文件和邮箱里的原信不在其内，请另行处理。", err=True
    )


def _tell(proof: Proof, *, as_json: bool) -> None:
    counts = {
        "applications": len(proof.receipts),
        "mails": len(proof.mails),
        "documents": proof.documents,
        "letters": proof.letters,
        "blobs": len(proof.blobs),
    }
    if as_json:
        say(
            {
                **counts,
                "receipts": list(proof.receipts),
                "shared": list(proof.shared),
                "waiting": proof.waiting,
            }
        )
        return
    names = ("申报{}件", "来信{}封", "材料{}份", "信件{}封", "原件{}个")
    told = "、".join(name.format(count) for name, count in zip(names, counts.values(), strict=True))
    console().print(f"{told}。保留：{'、'.join(proof.kept)}。", soft_wrap=True)
    if proof.shared:
        mails = "、".join(map(str, proof.shared))
        console().print(
            f"来信 {mails} 里还有其他申报的材料，原信保留，要等那些申报一并删除。", soft_wrap=True
        )
    if proof.waiting:
        console().print(f"另有{proof.waiting}封隔离待查的邮件没有处理，不在其内。")
