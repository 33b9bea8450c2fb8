"""What a mail wants, by its own words: to withdraw, to ask how things stand, or to send material."""

import re
from enum import StrEnum

from intake.mail.envelope import Mail

REPLY_MARK = re.compile(r"^\s*(?:(?:re|fw|fwd|回复|答复|转发)\s*[:：]\s*)+", re.IGNORECASE)
OUR_MARK = re.compile(r"【(?:收到|请补正|暂未纳入|进度|已撤回|来信收到|核定结果|核对结果)】")
_BACK = re.compile(r"撤回|撤销|退出(?:申报|推选|参评)|取消申报")
_WITHDRAW = re.compile(
    r"(?:申请|要求|请求|请予?|现|决定|自愿)(?:撤回|撤销)|退出(?:申报|推选|参评)|取消申报"
    r"|撤[回销].{0,30}?(?:申报|申请|参评|推选|报名|资格|[账帐]号|公众号|网站|WM\d)|撤[回销]函?(?:\W|$)",
    re.IGNORECASE,
)
# A question is none, nor is the word not; what a mail program recalls, or a file exchanged, is no application.
_NOT = re.compile(
    r"[?？吗呢]|如何|怎[么样]|能否|能不能|可否|可不可以|是否|什么|咨询|请[问教]|不(?!再参|参|便|符|够|具备)\w{0,4}(?:撤|退出|取消)|勿|误(?:撤|点|操作|发)"
    r"|不要|无[需须]|[没未]有?撤|邮件|消息|照片|图片|视频|附件|执照|证[书件]|文档|上次发|替换|更换|为准|recall"
)
_POLITE = re.compile(
    r"[\W_]|[您你]好|谢谢|麻烦|辛苦|老师|领导|烦请|帮忙|帮|一下|我单位|我局|我方|我们?|本单位|本人|贵办|关于|想要?|需要|希望|申请(?=查)|请|的|了|给|下(?=$)|告知"
)
_QUERY = re.compile(
    r"查(?:询|看|一?查)?(?:申报|审核|材料|办理|受理|评审|账号|网站|单位)*(?:进度|状态|进展|情况|结果)?"
    r"|(?:申报|审核|办理|材料|受理)*(?:进度|状态|进展|情况|结果)查询"
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
    if any(_QUERY.fullmatch(_POLITE.sub("", _without_receipts(line, prefix))) for line in said):
        return Wish.QUERY
    back = [line for line in said if _BACK.search(line)]
    plain = any(_WITHDRAW.search(line) and len(line) <= SHORT for line in back)
    return Wish.WITHDRAW if plain and not any(map(_NOT.search, back)) else Wish.NONE


def receipts_in(text: str, prefix: str) -> tuple[str, ...]:
    """Return the receipt numbers that `text` names, in order, each once."""
    found = re.findall(rf"{re.escape(prefix)}\s*[-－—–]\s*(\d{{4,}})", text.upper())
    return tuple(dict.fromkeys(f"{prefix}-{number}" for number in found))


def own_subject(subject: str) -> str:
    """Return the subject without reply marks and without the bracketed kind of our own letters."""
    return OUR_MARK.sub("", REPLY_MARK.sub("", subject)).strip()


def _without_receipts(line: str, prefix: str) -> str:
    return re.sub(rf"[（(]?{re.escape(prefix)}\s*[-－—–]\s*\d{{4,}}[)）]?", "", line, flags=re.IGNORECASE)


def _first_lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()][:3]
