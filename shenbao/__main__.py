"""The command `shenbao` (申报): each command lives in a module that is imported when it is asked for."""

import importlib
import os
import sys
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor

import click

from shenbao.options import FAILED, Failure
from storage.errors import StoreError

COMMANDS = {
    "demo": ("shenbao.commands.run", "demo", "一次完整的小型演示，自动结束"),
    "serve": ("shenbao.commands.run", "serve", "运行服务：收信、审核、回信、机器人"),
    "ingest": ("shenbao.commands.ingest", "ingest", "读入邮件文件"),
    "parse": ("shenbao.commands.ingest", "parse", "看一份文件里有什么"),
    "list": ("shenbao.commands.look", "list_command", "列出申报"),
    "show": ("shenbao.commands.look", "show", "一件申报的全部情况"),
    "explain": ("shenbao.commands.look", "explain", "逐项说明审核依据"),
    "search": ("shenbao.commands.look", "search_command", "查找"),
    "accept": ("shenbao.commands.decide", "accept", "人工核定齐全"),
    "reject": ("shenbao.commands.decide", "reject", "人工不予受理"),
    "reopen": ("shenbao.commands.decide", "reopen", "重新审核"),
    "rejudge": ("shenbao.commands.rejudge", "rejudge", "按改过的活动文件重新审核"),
    "withdraw": ("shenbao.commands.decide", "withdraw", "代为撤回"),
    "set": ("shenbao.commands.decide", "set_command", "改正一个栏目"),
    "attach": ("shenbao.commands.decide", "attach", "登记另外收到的材料，或采用一封来信"),
    "paper": ("shenbao.commands.papers", "paper", "登记纸质件，列出未齐的"),
    "cover": ("shenbao.commands.papers", "cover", "写出纸质材料的封面"),
    "outbox": ("shenbao.commands.look", "outbox_command", "回信及投递情况"),
    "release": ("shenbao.commands.letters", "release", "放行信件，可一次多封"),
    "drop": ("shenbao.commands.letters", "drop", "作废信件"),
    "edit": ("shenbao.commands.letters", "edit", "修改待放行的信"),
    "remind": ("shenbao.commands.papers", "remind", "拟提醒信"),
    "chat": ("shenbao.commands.talk", "chat", "在终端里与机器人对话"),
    "export": ("shenbao.commands.make", "export_command", "导出汇总表"),
    "import": ("shenbao.commands.bring", "import_command", "导入改过的汇总表"),
    "owed": ("shenbao.commands.make", "owed_command", "写出催报表"),
    "report": ("shenbao.commands.make", "report", "写出一页的活动情况"),
    "files": ("shenbao.commands.make", "files", "按申报写出材料文件夹"),
    "stage": ("shenbao.commands.stages", "stage", "初评、展播、专家评议、公示、获评"),
    "history": ("shenbao.commands.years", "history", "往年的申报和获评"),
    "form": ("shenbao.commands.make", "form", "写出空白申报表"),
    "check": ("shenbao.commands.tend", "check", "逐项检查设置"),
    "verify": ("shenbao.commands.tend", "verify_command", "检查数据是否完好"),
    "health": ("shenbao.commands.tend", "health", "服务的健康状况"),
    "quarantine": ("shenbao.commands.quarantine", "quarantine", "隔离待查的邮件"),
    "retry": ("shenbao.commands.quarantine", "retry", "重新处理隔离的邮件"),
    "backup": ("shenbao.commands.archive", "backup_command", "备份全部数据"),
    "restore": ("shenbao.commands.archive", "restore", "从备份恢复"),
    "archive": ("shenbao.commands.records", "archive_command", "把整个活动归档成一个压缩包"),
    "erase": ("shenbao.commands.records", "erase", "到期删除个人信息"),
    "campaign": ("shenbao.commands.tend", "campaign", "活动文件"),
}


class Commands(click.Group):
    """Imports a command's module when it is asked for: a quick command starts quickly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("命令"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])


@click.group(cls=Commands, help="申报：收信、读表、审核、回信。每个命令加 --help 看用法。")
@click.version_option(package_name="shenbao", prog_name="shenbao")
def shenbao() -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command: exit status 0 done, 1 failed, 2 wrong usage; errors in Chinese on standard error."""
    # As `python -m shenbao` has it: else every process that reads files runs the start script anew.
    sys.modules["__main__"].__spec__ = __spec__
    try:
        sys.exit(run(arguments))
    except BrokenPipeError:  # the reader of our output has gone, e.g. `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)


def run(arguments: Sequence[str] | None) -> int:
    """Run a command and return its exit status."""
    try:
        result = shenbao.main(args=arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except StoreError as error:
        Failure(str(error)).show()
        return FAILED
    except OSError as error:
        Failure(
            f"系统拒绝了这次操作：{error.strerror or error}{f'（{error.filename}）' if error.filename else ''}"
        ).show()
        return FAILED
    except BrokenExecutor:
        Failure(
            "读取文件的进程无法启动，请检查内存和进程数的限制；已收到的邮件都已保存，修好后再运行即可。"
        ).show()
        return FAILED
    except (click.Abort, KeyboardInterrupt):
        click.echo("已中断。", err=True)
        return FAILED
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    main()
