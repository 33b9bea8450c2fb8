"""Whether the store still holds everything it promised to keep."""

from collections.abc import Callable, Iterator

from sqlite_utils import Database

from storage.database import Store
from storage.driver import sqlite3
from storage.rows import snapshot

MOST_TRIES = 3


def verify(store: Store, tries: int = MOST_TRIES) -> list[str]:
    """Return what is wrong with the store, in Chinese; an empty list when nothing is.

    A mail that still waits to be judged is no fault until it was tried `tries` times.
    """
    try:
        with snapshot(store.db):
            found = [finding for check in _CHECKS for finding in check(store.db)]
            found += _stuck(store.db, tries)
            digests = referenced(store.db.conn)
    except sqlite3.DatabaseError as error:
        return [f"数据文件已损坏，无法读完：{error}。请用备份恢复。"]
    # Outside the snapshot: digesting takes long, and blobs are never changed.
    return found + [finding for sha256 in digests if (finding := unsound(store, sha256))]


def referenced(conn: sqlite3.Connection) -> list[str]:
    """Return the digests of all blobs that the store must hold, in order: of an erased mail there is none."""
    rows = conn.execute(
        """SELECT sha256 FROM messages WHERE erased_at IS NULL
           UNION SELECT sha256 FROM documents ORDER BY sha256"""
    )
    return [str(row[0]) for row in rows]


def unsound(store: Store, sha256: str) -> str | None:
    """Return what is wrong with a kept original, in Chinese; None when it is there and whole."""
    try:
        if store.blobs.whole(sha256):
            return None
        state = "内容已损坏" if store.blobs.path(sha256).exists() else "文件不见了"
    except OSError as error:
        state = f"读不出来（{error.strerror}）"
    return f"原始材料 {sha256} {state}。"


def _integrity(db: Database) -> Iterator[str]:
    for (line,) in db.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield f"数据文件自检发现问题：{line}"


def _references(db: Database) -> Iterator[str]:
    for table, row, parent, _ in db.execute("PRAGMA foreign_key_check"):
        yield f"{table} 表第 {row} 行指向的 {parent} 记录不存在。"


def _judged(db: Database) -> Iterator[str]:
    """Every application and supplement must have left a trace in some application."""
    rows = db.execute(
        """SELECT id, outcome FROM messages WHERE outcome = 'application'
           AND NOT EXISTS (SELECT 1 FROM versions WHERE message = messages.id) ORDER BY id"""
    )
    for number, _ in rows:
        yield f"第 {number} 号邮件已按申报办理，却没有对应的申报。"


def _versions(db: Database) -> Iterator[str]:
    rows = db.execute(
        """SELECT receipt FROM applications WHERE version <>
           (SELECT coalesce(max(version), 0) FROM versions WHERE versions.receipt = applications.receipt)
           ORDER BY prefix, number"""
    )
    for (receipt,) in rows:
        yield f"{receipt} 的当前版本没有留存。"


def _receipts(db: Database) -> Iterator[str]:
    """Receipts run from 1 without a gap, and none was given that the counter does not know."""
    rows = db.execute(
        """SELECT prefix, min(number), max(number), count(*), coalesce(max(last), 0)
           FROM applications LEFT JOIN receipts USING (prefix) GROUP BY prefix ORDER BY prefix"""
    )
    for prefix, first, last, number, counted in rows:
        if (first, last, counted) != (1, number, number):
            yield f"回执号不连续：{prefix} 共 {number} 份，号码从 {first} 到 {last}，计数器为 {counted}。"


def _letters(db: Database) -> Iterator[str]:
    """Find mails with more than one automatic answer: the cause of such a letter is the mail's digest."""
    rows = db.execute(
        """SELECT messages.id, count(*) FROM outbox JOIN messages ON messages.sha256 = cause
           GROUP BY cause HAVING count(*) > 1 ORDER BY messages.id"""
    )
    for number, count in rows:
        yield f"第 {number} 号邮件有 {count} 封自动回信。"


def _stuck(db: Database, tries: int) -> list[str]:
    rows = db.execute(
        "SELECT id, tries, reason FROM messages WHERE outcome IS NULL AND tries >= ? ORDER BY id", (tries,)
    )
    return [
        f"第 {number} 号邮件处理失败 {times} 次，仍未办结：{reason or '原因不明'}"
        for number, times, reason in rows
    ]


_CHECKS: tuple[Callable[[Database], Iterator[str]], ...] = (
    _integrity,
    _references,
    _judged,
    _versions,
    _receipts,
    _letters,
)
