"""Rules about cloud links (超大附件): files that lie elsewhere, and what may be in them."""

import re
from collections.abc import Iterator

from intake.case import Case
from intake.mail.cloud import expires_at
from intake.rules.finding import Finding, Findings, parts
from intake.rules.wording import clean, quote, zone
from parsers.documents import Link, Other
from storage.campaign import Campaign
from storage.model import Code

_LICENCE = re.compile(r"执照|法人|资质|登记证|信用代码|证照|证件")
_WORK = re.compile(r"工作材料|案例|事迹|视频|展播|图文|宣传片|短片")
_PAPER = re.compile(r"申报表|荣誉|获奖|奖牌|奖状|证书")
_ARCHIVE = re.compile(r"\.(?:zip|rar|7z)$", re.IGNORECASE)
_NO_SCAN = re.compile(r"\.(?:mp4|mov|avi|wmv|flv|mkv|mpe?g|docx?|wps|pptx?|xlsx?|et|txt)$", re.IGNORECASE)

# No word of "before it ends": a letter may be written, or read, after that.
_FETCHED = (
    "{}。工作人员将尽快下载并登记，其中的材料暂不按缺件处理；"
    "您也可回复本邮件，把文件直接作为附件发来（较大的请压缩，或分几封邮件发送）。"
)
_EXPIRED = (
    "{}，收到邮件时已经失效，工作人员可能无法下载，其中的材料暂不按缺件处理；"
    "为免耽误，您可现在就回复本邮件，把文件直接作为附件发来（较大的请压缩，或分几封邮件发送）。"
)


def linked(case: Case) -> Iterator[tuple[str, Link]]:
    """Yield the links that came in place of a file and count still, with the document each is kept as."""
    return ((file, part.link) for file, part in parts(case, Other) if part.link)


def may_hold_work(name: str) -> bool:
    """Say whether a linked file of this name may be 工作材料: all but a single paper of another kind."""
    other = _LICENCE.search(name) or _PAPER.search(name)
    return bool(_WORK.search(name) or _ARCHIVE.search(name)) or not other


def may_hold_qualification(name: str) -> bool:
    """Say whether a linked file of this name may be a scanned certificate, or hold one."""
    if _ARCHIVE.search(name) or _LICENCE.search(name):
        return True
    return not (_NO_SCAN.search(name) or _WORK.search(name) or _PAPER.search(name))


def work_linked(case: Case) -> bool:
    return any(may_hold_work(link.name) for _, link in linked(case))


def qualification_linked(case: Case) -> bool:
    return any(may_hold_qualification(link.name) for _, link in linked(case))


def attachment_linked(case: Case, campaign: Campaign) -> Findings:
    for file, link in linked(case):
        named = quote(link.name) if link.name else "一个文件"
        size = f"（{clean(link.size)}）" if link.size else ""
        ends = "" if link.expires in ("", "不限期") else clean(link.expires)
        yield Finding(
            code=Code.ATTACHMENT_LINKED,
            file=link.name or file,
            message=f"{named}{size}是以超大附件（云附件）的链接发来的，文件本身没有随邮件到达"
            + (_EXPIRED if _gone(case, link, campaign) else _FETCHED).format(ends and f"，链接{ends}到期"),
            clause=campaign.clauses.electronic,
            fact=f"链接{clean(link.url)}，{clean(link.expires) or '没有写明有效期'}"
            + ("到期" if ends else ""),
            where=f"邮件正文中的超大附件{named}",
        )


def _gone(case: Case, link: Link, campaign: Campaign) -> bool:
    """Say whether the link had ended when the last mail came, so that nobody could fetch its file."""
    end = expires_at(link, zone(campaign))
    return end is not None and end <= case.changed_at
