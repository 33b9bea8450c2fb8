"""What may be done to mails in the box once they are safe: moved, where the server can do it safely."""

import imaplib
from collections.abc import Callable, Sequence

from imap_tools import BaseMailBox
from imap_tools.imap_utf7 import utf7_encode

from intake.doors.session import able

AT_ONCE = 200

Way = Callable[[BaseMailBox, str, str], str]


def move(box: BaseMailBox, uids: Sequence[int], target: str) -> str:
    """Move mails to `target`, made if it is not there; return why not in Chinese, or nothing.

    MOVE (RFC 6851), or COPY and then EXPUNGE of these very UIDs (RFC 4315); a server that has neither
    would expunge what others marked deleted, so there the mails stay. A broken connection rises.
    """
    offered = able(box)
    way = next((way for capability, way in WAYS.items() if capability in offered), None)
    if way is None:
        return "邮箱服务器不支持安全的移动（MOVE 或 UIDPLUS），邮件留在原处"
    told = _moved(box, uids, target, way)
    return f"邮件没有移到“{target}”，留在原处（服务器说：{told[:200]}）" if told else ""


def _moved(box: BaseMailBox, uids: Sequence[int], target: str, way: Way) -> str:
    """Move in lots, as long as it goes well; return what the server said against it."""
    name = utf7_encode(target).decode("ascii").replace("\\", "\\\\").replace('"', '\\"')
    folder = f'"{name}"'
    lots = (uids[place : place + AT_ONCE] for place in range(0, len(uids), AT_ONCE))
    try:
        box.client.create(folder)  # a NO says that it is there already, or the move says why it cannot be
        return next(filter(None, (way(box, ",".join(map(str, lot)), folder) for lot in lots)), "")
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        return str(error)


def _move(box: BaseMailBox, listed: str, folder: str) -> str:
    return _refusal(*box.client.uid("MOVE", listed, folder))


def _copy(box: BaseMailBox, listed: str, folder: str) -> str:
    told = _refusal(*box.client.uid("COPY", listed, folder))
    if not told:
        box.client.uid("STORE", listed, "+FLAGS.SILENT", r"(\Deleted)")
        told = _refusal(*box.client.uid("EXPUNGE", listed))
    return told


def _refusal(status: str, told: list[bytes | None]) -> str:
    return "" if status == "OK" else b" ".join(filter(None, told)).decode("utf-8", "replace") or status


WAYS = {"MOVE": _move, "UIDPLUS": _copy}
