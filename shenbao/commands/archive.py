"""`shenbao backup` and `shenbao restore`: everything as one file, and back."""

from pathlib import Path

import click

from intake.office import stable_zip
from shenbao.options import (
    FAILED,
    Failure,
    Misuse,
    console,
    data_option,
    existing_store,
    json_option,
    now,
    say,
    writable,
)
from storage import backup
from storage.backup import BackupBroken, Copied

AFTER = (
    "备份时还没有发出的信都标成了“是否送达不明”，请在 shenbao outbox 里核对后 release 或 drop。\n"
    "备份之后收到的信会从邮箱重新读入并重新拟信：启动 serve 前可先去掉 [outgoing]，核对后再发。"
)


@click.command("backup", help="把全部数据备份成一个文件；serve 运行时也可以备份。")
@click.argument("file", type=click.Path(path_type=Path))
@data_option
@json_option
@click.pass_context
def backup_command(context: click.Context, file: Path, data: Path, *, as_json: bool) -> None:
    path = writable(file, force=False)
    with existing_store(data) as store:
        try:
            with stable_zip.replacing(path) as opened:
                copied = backup.write(store, opened)
        except BackupBroken as error:
            raise Failure(str(error)) from error
    done = f"已备份到 {path}：数据库和{copied.blobs}份原件。"
    context.exit(_told(file, data, copied, None if as_json else done))


@click.command(help="从备份恢复到一个空的数据文件夹（用 --data 指明），先校验后就位。")
@click.argument("file", type=click.Path(path_type=Path))
@data_option
@json_option
@click.pass_context
def restore(context: click.Context, file: Path, data: Path, *, as_json: bool) -> None:
    if not file.is_file():
        raise Misuse(f"没有这个备份文件：{file}")
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise Misuse(f"{data} 不是空文件夹。恢复不会覆盖已有的数据，请用 --data 指一个新的文件夹。")
    try:
        with file.open("rb") as opened:
            copied = backup.restore(opened, data, now())
    except BackupBroken as error:
        raise Failure(str(error)) from error
    done = f"已恢复到 {data}：数据库和{copied.blobs}份原件，都与备份时一致。\n{AFTER}"
    context.exit(_told(file, data, copied, None if as_json else done))


def _told(file: Path, data: Path, copied: Copied, done: str | None) -> int:
    """Print what was copied, as JSON without `done`, and what is wrong with it; return the exit status."""
    if done is None:
        findings = list(copied.findings)
        say({"file": str(file), "data": str(data), "blobs": copied.blobs, "findings": findings})
    else:
        console().print(done)
        for finding in copied.findings:
            click.echo(f"注意：{finding}", err=True)
    return FAILED if copied.findings else 0
