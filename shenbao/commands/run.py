"""`shenbao serve` and `shenbao demo`."""

import logging
import os
import signal
from pathlib import Path
from types import FrameType

import click

from shenbao.options import FAILED, Failure, Misuse, campaign_of
from storage.errors import StoreError

log = logging.getLogger("shenbao.serve")


@click.command(help="运行服务：查看邮箱、接收投递、审核、回信、机器人。按 Ctrl-C 或 SIGTERM 正常结束。")
@click.option("--config", type=click.Path(path_type=Path), help="设置文件（shenbao.toml）")
@click.option("--log-json", is_flag=True, help="日志每行一个 JSON 对象")
@click.pass_context
def serve(context: click.Context, config: Path | None, *, log_json: bool) -> None:
    from shenbao import logs  # noqa: PLC0415 - the service's parts take a second to import

    if config is not None and not config.is_file():
        raise Misuse(f"没有这个设置文件：{config}")
    logs.start(as_json=log_json)
    try:
        _serve(config)
    except (Failure, StoreError) as error:
        if not log_json:
            raise
        log.error("failed", extra={"told": str(error)})  # noqa: TRY400 - a person's mistake has no trace
        context.exit(error.exit_code if isinstance(error, Failure) else FAILED)


def _serve(config: Path | None) -> None:
    from shenbao.service import Service  # noqa: PLC0415 - as above
    from shenbao.settings import SettingsError, load  # noqa: PLC0415

    try:
        settings = load(config, os.environ)
    except SettingsError as error:
        raise Failure(str(error)) from error
    if not (settings.mailbox or settings.listener):
        raise Failure("设置里没有 [mailbox]，也没有 [listener]：没有地方收信。")
    for note in settings.notes:
        log.warning("settings-note", extra={"note": note})
    service = Service(settings, campaign_of(settings.campaign))

    def stop(_signal: int, _frame: FrameType | None) -> None:
        service.stop.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # under nohup it outlives its terminal
        signal.signal(signal.SIGHUP, stop)
    service.run()


@click.command(help="在本机内嵌的邮箱上完整演示一次小型活动，不需要任何账号，自动结束。")
@click.option(
    "--data", type=click.Path(path_type=Path), default=Path("demo-data"), show_default=True, help="数据文件夹"
)
def demo(data: Path) -> None:
    from shenbao.demo.show import run  # noqa: PLC0415 - only the demo needs the embedded servers

    for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: what runs beside it ends with it
        signal.signal(number, signal.default_int_handler)
    run(data)
