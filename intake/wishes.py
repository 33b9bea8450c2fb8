"""What a mail wants, by its own words: to withdraw, to ask how things stand, or to send material."""

import re
from enum import StrEnum

from intake.envelope import Mail

REPLY_MARK = re.compile(r"^\s*(?:(?:re|fw|fwd|回复|答复|转发)\s*[:：]\s*)+", re.IGNORECASE)
WITHDRAW = re.compile(r"撤回|撤销申报|撤销申请|退出申报|取消申报")
QUERY = re.compile(
    r"^(?:请)?(?:查询|查询进度|进度查询|申报查询|查询状态|状态查询|查进度|查询申报进度)[。.!！]?$"
)
SHORT = 40  # characters: a wish is a short line, not a paragraph that happens to hold the word


class Wish(StrEnum):
    WITHDRAW = "withdraw"
    QUERY = "query"
    NONE = "none"


def wish_of(mail: Mail, prefix: str) -> Wish:
    """Return what the subject or the first line of `mail` asks for."""
    lines = [own_subject(mail.subject), *_first_lines(mail.text)]
    replies = bool(REPLY_MARK.match(mail.subject))
    said = lines[1:] if replies and len(lines) > 1 else lines
    if any(QUERY.match(re.sub(r"[\s，,：:]+", "", _without_receipts(line, prefix))) for line in said):
        return Wish.QUERY
    if any(WITHDRAW.search(line) and len(line) <= SHORT and "不撤回" not in line for line in said):
        return Wish.WITHDRAW
    return Wish.NONE


def receipts_in(text: str, prefix: str) -> tuple[str, ...]:
    """Return the receipt numbers that `text` names, in order, each once."""
    found = re.findall(rf"{re.escape(prefix)}\s*[-－—–]\s*(\d{{4,}})", text.upper())
    return tuple(dict.fromkeys(f"{prefix}-{number}" for number in found))


def own_subject(subject: str) -> str:
    """Return the subject without reply marks and without the bracketed kind of our own letters."""
    return re.sub(r"【[^】]*】", "", REPLY_MARK.sub("", subject)).strip()


def _without_receipts(line: str, prefix: str) -> str:
    return re.sub(rf"[（(]?{re.escape(prefix)}\s*[-－—–]\s*\d{{4,}}[)）]?", "", line, flags=re.IGNORECASE)


def _first_lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()][:3]
