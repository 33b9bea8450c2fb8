"""What can be wrong with the store as a machine; each message is for staff, in Chinese."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.driver import sqlite3

_BUSY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _NOTADB, _READONLY = 5, 10, 11, 13, 14, 26, 8


class StoreError(Exception):
    """The store cannot do its work; the text says why and what helps."""


class NoStore(StoreError):
    """The folder holds no store."""


class NewerStore(StoreError):
    """The store was written by a newer version of the program."""


class StoreBusy(StoreError):
    """Another process held the store for longer than we wait."""


class StoreBroken(StoreError):
    """The file is no database of ours, or it is damaged."""


class StoreFull(StoreError):
    """The disk is full; nothing of the transaction was kept."""


class StoreUnusable(StoreError):
    """The folder or its disk refuses reading or writing."""


_MEANINGS: dict[int, tuple[type[StoreError], str]] = {
    _BUSY: (StoreBusy, "数据正被另一个程序占用，等候超时：{folder}。请稍后再试，或先结束另一个 shenbao。"),
    _FULL: (StoreFull, "磁盘已满，本次写入未保存：{folder}。请腾出空间后重试，已收到的材料不受影响。"),
    _NOTADB: (StoreBroken, "这不是申报系统的数据文件：{folder}。请检查 --data 指向的文件夹。"),
    _CORRUPT: (StoreBroken, "数据文件已损坏：{folder}。请用备份恢复，原文件请留存。"),
    _IOERR: (StoreUnusable, "读写磁盘出错，本次写入未保存：{folder}。请检查磁盘是否已满或损坏。"),
    _CANTOPEN: (StoreUnusable, "打不开数据文件：{folder}。请检查文件夹是否存在、是否有读写权限。"),
    _READONLY: (StoreUnusable, "数据文件不可写：{folder}。请检查文件夹的写权限。"),
}


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Raise what SQLite says of a broken, busy or full machine as the error that names it."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        meaning = _MEANINGS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if meaning is None:
            raise
        kind, text = meaning
        raise kind(text.format(folder=folder)) from error
