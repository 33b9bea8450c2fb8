"""What `shenbao check` tries: each part for real, with what is wrong said in Chinese."""

import asyncio
import errno
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import cv2
import msgspec
import numpy as np

from bot import dingtalk, telegram
from intake.doors import mailbox
from intake.doors.mailbox import MailboxError
from intake.letters import sender
from intake.letters.sender import SendingError
from parsers import ocr
from parsers.cluster import members as cluster
from parsers.office import programs
from shenbao import condition
from shenbao.service import why_not
from shenbao.settings import Settings
from storage.campaign import Campaign
from storage.database import FILE_NAME, open_store
from storage.driver import sqlite3
from storage.errors import StoreError

CONVERTERS = {
    (): "LibreOffice 和 antiword 都在",
    ("antiword",): "没有安装 antiword；旧版 .doc、.wps 文件由 LibreOffice 读取，较慢",
    (
        "soffice",
    ): "没有安装 LibreOffice；旧版 .doc、.wps 文件由 antiword 读取，其中的文本框读不到；也不能生成 PDF 封面",
    ("antiword", "soffice"): "没有安装 antiword、LibreOffice；旧版 .doc、.wps 文件会请对方改发 docx 或 PDF",
}
"""What is said of the machine by the programs that it lacks."""
SAMPLE = "SHENBAO 2022"


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """One part: `good` is None where the settings leave it out or it is only advice."""

    part: str
    good: bool | None
    message: str


def every(settings: Settings, campaign_of: Callable[[str], Campaign]) -> Iterator[Checked]:
    """Yield the parts one by one as they are tried."""
    for note in settings.notes:
        yield Checked(part="设置", good=None, message=note)
    yield _campaign(settings, campaign_of)
    yield _store(Path(settings.store.data))
    yield _recognition()
    yield _converters()
    yield _cluster(settings)
    yield _mailbox(settings)
    yield _listener(settings)
    yield _outgoing(settings)
    yield _telegram(settings)
    yield _dingtalk(settings)


def _campaign(settings: Settings, campaign_of: Callable[[str], Campaign]) -> Checked:
    try:
        terms = campaign_of(settings.campaign)
    except click.ClickException as error:
        return Checked(part="活动文件", good=False, message=error.message)
    return Checked(part="活动文件", good=True, message=f"{terms.title}，{terms.dates.deadline_text}截止")


def _store(folder: Path) -> Checked:
    if not (folder / FILE_NAME).exists():
        return _to_be_made(folder)
    try:
        with open_store(folder, create=False, patience=5) as store, store.transaction():
            pass
    except StoreError as error:
        return Checked(part="数据", good=False, message=str(error))
    if (free := condition.disk_low(folder)) is not None:
        return Checked(part="数据", good=False, message=f"{folder} 所在的磁盘只剩{free / 1024**3:.1f}GB")
    return Checked(part="数据", good=True, message=f"{folder} 可以读写（SQLite {sqlite3.sqlite_version}）")


def _to_be_made(folder: Path) -> Checked:
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return Checked(part="数据", good=False, message=f"不能在 {there} 里建立数据文件夹 {folder}")
    return Checked(part="数据", good=None, message=f"{folder} 里还没有数据，首次运行时建立")


def _recognition() -> Checked:
    page = np.full((120, 640, 3), 255, np.uint8)
    cv2.putText(page, SAMPLE, (20, 80), cv2.FONT_HERSHEY_SIMPLEX, 2, (0, 0, 0), 4)
    try:
        read = " ".join(line.text for line in ocr.lines(page))
    except (ImportError, OSError, RuntimeError) as error:
        read = f"（{error}）"
    good = SAMPLE.replace(" ", "") in read.replace(" ", "").upper()
    message = "可以识别扫描件" if good else f"试读一行文字，读成了“{read}”，请重新安装本程序"
    return Checked(part="文字识别", good=good, message=message)


def _converters() -> Checked:
    missing = tuple(program for program in programs.READERS if not programs.is_there(program))
    return Checked(part="转换程序", good=None if missing else True, message=CONVERTERS[missing])


def _cluster(settings: Settings) -> Checked:
    if not settings.parsing.cluster:
        return Checked(part="集群", good=None, message="没有设置 [parsing] cluster，在本机读取")
    good, message = cluster.attempt(settings.parsing.cluster)
    return Checked(part="集群", good=good, message=message)


def _mailbox(settings: Settings) -> Checked:
    if settings.mailbox is None:
        return Checked(part="邮箱", good=None, message="没有设置 [mailbox]")
    try:
        return Checked(part="邮箱", good=True, message=mailbox.attempt(settings.mailbox))
    except MailboxError as error:
        return Checked(part="邮箱", good=False, message=str(error))


def _listener(settings: Settings) -> Checked:
    """Try the address; where something listens already, see whether it is our own service."""
    if settings.listener is None:
        return Checked(part="接收投递", good=None, message="没有设置 [listener]")
    host, port = settings.listener.host, settings.listener.port
    try:
        with socket.create_server((host, port), family=_family(host)):
            return Checked(part="接收投递", good=True, message=f"{host}:{port} 可以使用")
    except OSError as error:
        if error.errno == errno.EADDRINUSE and b" shenbao" in _greeting(host, port):
            return Checked(part="接收投递", good=True, message=f"服务正在 {host}:{port} 接收投递")
        return Checked(part="接收投递", good=False, message=f"不能使用 {host}:{port}：{why_not(error)}")


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _greeting(host: str, port: int) -> bytes:
    """Return what is said first to whoever connects (RFC 5321, 4.2), nothing where it stays silent."""
    try:
        with socket.create_connection((host, port), timeout=2) as there:
            return there.recv(512)
    except OSError:
        return b""


def _outgoing(settings: Settings) -> Checked:
    if settings.outgoing is None:
        return Checked(part="发信", good=None, message="没有设置 [outgoing]，回信只留在发件箱里")
    try:
        return Checked(part="发信", good=True, message=sender.attempt(settings.outgoing))
    except SendingError as error:
        return Checked(part="发信", good=False, message=str(error))


def _telegram(settings: Settings) -> Checked:
    if settings.telegram is None:
        return Checked(part="机器人", good=None, message="没有设置 [telegram]")
    name = asyncio.run(telegram.attempt(settings.telegram))
    if name is None:
        return Checked(part="机器人", good=False, message="连不上 Telegram，或令牌不对，请检查网络和 token")
    return Checked(part="机器人", good=True, message=f"令牌有效，机器人是 @{name}")


def _dingtalk(settings: Settings) -> Checked:
    if settings.dingtalk is None:
        return Checked(part="钉钉", good=None, message="没有设置 [dingtalk]")
    if not dingtalk.installed():
        told = "没有安装钉钉的组件，请运行：.venv/bin/pip install dingtalk-stream"
        return Checked(part="钉钉", good=False, message=told)
    known = asyncio.run(dingtalk.attempt(settings.dingtalk))
    wrong = (
        "连不上钉钉，请检查网络"
        if known is None
        else "钉钉不认 client_id 或 client_secret，请到开发者后台核对"
    )
    return Checked(part="钉钉", good=bool(known), message="凭证有效，可以连接" if known else wrong)
