"""What `shenbao check` tries: each part for real, with what is wrong said in Chinese."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import cv2
import msgspec
import numpy as np

from bot import telegram
from intake import mailbox, sender
from intake.mailbox import MailboxError
from intake.sender import SendingError
from parsers import ocr
from shenbao.settings import Settings
from storage.campaign import Campaign
from storage.database import open_store
from storage.driver import sqlite3
from storage.errors import StoreError

CONVERTERS = {"soffice": "LibreOffice", "antiword": "antiword"}
SAMPLE = "SHENBAO 2022"


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """One part: `good` is None where the settings leave it out or it is only advice."""

    part: str
    good: bool | None
    message: str


def every(settings: Settings, campaign_of: Callable[[str], Campaign]) -> Iterator[Checked]:
    """Yield the parts one by one as they are tried."""
    yield _campaign(settings, campaign_of)
    yield _store(Path(settings.store.data))
    yield _recognition()
    yield _converters()
    yield _mailbox(settings)
    yield _outgoing(settings)
    yield _telegram(settings)


def _campaign(settings: Settings, campaign_of: Callable[[str], Campaign]) -> Checked:
    try:
        terms = campaign_of(settings.campaign)
    except click.ClickException as error:
        return Checked(part="活动文件", good=False, message=error.message)
    return Checked(part="活动文件", good=True, message=f"{terms.title}，{terms.dates.deadline_text}截止")


def _store(folder: Path) -> Checked:
    if not folder.exists():
        return Checked(part="数据", good=None, message=f"文件夹 {folder} 还没有，首次运行时建立")
    try:
        open_store(folder, create=False).close()
    except StoreError as error:
        return Checked(part="数据", good=False, message=str(error))
    return Checked(part="数据", good=True, message=f"{folder} 可以读写（SQLite {sqlite3.sqlite_version}）")


def _recognition() -> Checked:
    page = np.full((120, 640, 3), 255, np.uint8)
    cv2.putText(page, SAMPLE, (20, 80), cv2.FONT_HERSHEY_SIMPLEX, 2, (0, 0, 0), 4)
    read = " ".join(line.text for line in ocr.lines(page))
    good = SAMPLE.replace(" ", "") in read.replace(" ", "").upper()
    message = "可以识别扫描件" if good else f"试读一行文字，读成了“{read}”，请重新安装本程序"
    return Checked(part="文字识别", good=good, message=message)


def _converters() -> Checked:
    missing = [name for program, name in CONVERTERS.items() if shutil.which(program) is None]
    if not missing:
        return Checked(part="转换程序", good=True, message="LibreOffice 和 antiword 都在")
    message = f"没有安装 {'、'.join(missing)}；旧版 .doc 文件会请对方改发 docx 或 PDF"
    return Checked(part="转换程序", good=None, message=message)


def _mailbox(settings: Settings) -> Checked:
    if settings.mailbox is None:
        return Checked(part="邮箱", good=None, message="没有设置 [mailbox]")
    try:
        return Checked(part="邮箱", good=True, message=mailbox.attempt(settings.mailbox))
    except MailboxError as error:
        return Checked(part="邮箱", good=False, message=str(error))


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
