"""An application given back in the mail that brings another: 撤回 one, 改报 another."""

import re
from collections.abc import Collection, Iterable

from intake.belonging import CLOSED, Belonging
from intake.mail.envelope import Mail
from intake.mail.wishes import own_subject, receipts_in
from parsers.identifiers import operator_key
from storage.model import Application, Noun

_GIVES = re.compile(
    r"撤回|(?:申请|请予?|予以|现|同意)撤销|撤下|退出(?:本次)?(?:申报|推选|参评|评选)"
    r"|(?:取消|放弃|不再).{0,16}(?:申报|参评|推选|推荐|名额|资格)"
)
_SWAPS = re.compile(r"撤[回销下]|改报|改推|换报|换成|换为|更换|替换|调换|调整为|改为|取消|放弃|退出")
_ASKS = re.compile(r"[?？吗呢]|如何|怎[么样]|能否|能不能|可否|可不可以|是否|请[问教]|咨询")
_NOT = re.compile(
    r"不(?!再)\w{0,3}(?:撤|退出|取消|放弃)|[勿误别莫]|不要|无[需须]|[没未]有?撤|[已曾](?:于|经)?.{0,10}(?:撤|退出|取消)"
    r"|邮件|消息|照片|图片|视频|附件|执照|证[书件]|文档|表[格中]|栏|公章"
)
_CLAUSES = re.compile(r"[，,。；;！!\n]")
_QUOTED = re.compile(r"[“\"「『《【]([^”\"」』》】]{2,60})[”\"」』》】]")
LINES = 8  # what a mail is about stands at its top; a form typed into it stands below
LONGEST = 60  # characters of a clause that gives back


class Exchange(Noun, frozen=True, kw_only=True):
    """What a mail with a form gives back: `taken` surely, or only `meant` without telling which."""

    taken: tuple[Application, ...] = ()
    meant: bool = False


def given_back(mail: Mail, whose: Belonging, continued: Collection[str], prefix: str) -> Exchange:
    """Return which applications of its sender a mail gives back for the one it brings.

    `continued` are the receipts of which it brings a new version: those stay. Only a plain word takes back,
    and only what it names, or the only other one that stands; what else sounds like it is for a person.
    """
    clauses = [text for text in _clauses(mail) if _SWAPS.search(text) and not _ASKS.search(text)]
    mine = {one.receipt: one for one in (*whose.named, *whose.theirs) if one.state not in CLOSED}
    others = [one for receipt, one in mine.items() if receipt not in continued]
    taken: dict[str, Application] = {}
    for text in clauses:
        if _GIVES.search(text) and not _NOT.search(text) and len(text) <= LONGEST:
            taken |= {one.receipt: one for one in _meant(text, others, alone=not continued, prefix=prefix)}
    return Exchange(taken=tuple(taken.values()), meant=bool(clauses and others and not taken))


def _clauses(mail: Mail) -> Iterable[str]:
    lines = [line for line in mail.text.splitlines() if line.strip()][:LINES]
    return (text.strip() for line in (own_subject(mail.subject), *lines) for text in _CLAUSES.split(line))


def _meant(text: str, others: list[Application], *, alone: bool, prefix: str) -> list[Application]:
    """Return which of `others` a clause gives back: by receipt, by name, else the only one there is."""
    receipts = receipts_in(text, prefix)
    if receipts:
        return [one for one in others if one.receipt in receipts]
    said = operator_key(text) or ""
    named = [one for one in others if (name := operator_key(one.fields.name)) and name in said]
    if named or _QUOTED.search(text):
        return named
    return others if alone and len(others) == 1 else []
