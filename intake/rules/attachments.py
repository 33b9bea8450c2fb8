"""Rules about files by themselves: those nobody could open, and those nobody can assign."""

from collections.abc import Mapping
from typing import NamedTuple

from intake.case import Case
from intake.rules.finding import Finding, Findings, parts
from intake.rules.wording import clean, quote
from parsers.documents import Clip, Unreadable, Why
from storage.campaign import Campaign
from storage.model import Code


class Trouble(NamedTuple):
    """The code of a file that could not be read, what was found, and what to send instead."""

    code: Code
    found: str
    advice: str


TROUBLES: Mapping[Why, Trouble] = {
    Why.CORRUPT: Trouble(
        Code.ATTACHMENT_UNREADABLE,
        "未能打开，可能在传输中损坏或没有传完整",
        "请在本机打开确认无误后重新发来，也可另存为Word文档、PDF或图片",
    ),
    Why.ENCRYPTED: Trouble(Code.ATTACHMENT_UNREADABLE, "设有密码，无法打开", "请取消密码保护后重新发来"),
    Why.TIMEOUT: Trouble(
        Code.ATTACHMENT_UNREADABLE,
        "过大或过于复杂，未能在限定时间内读完",
        "请另存为PDF或图片、压缩图片大小或拆分后重新发来",
    ),
    Why.UNSUPPORTED: Trouble(
        Code.ATTACHMENT_UNSUPPORTED,
        "的格式无法读取",
        "请转换为Word文档（docx）、PDF或JPG图片后重新发来，视频请用MP4格式",
    ),
    Why.UNSAFE: Trouble(
        Code.ATTACHMENT_UNSAFE,
        "含有程序、宏或异常的压缩内容，出于安全考虑没有打开",
        "请把材料另存为不含宏的Word文档、PDF或图片，直接作为附件重新发来",
    ),
}


def files_unreadable(case: Case, campaign: Campaign) -> Findings:
    seen: set[tuple[str, Why]] = set()
    for file, part in parts(case, Unreadable):
        if (file, part.why) in seen:
            continue
        seen.add((file, part.why))
        yield _finding(file, _trouble(part), campaign, part.note)


def _trouble(part: Unreadable) -> Trouble:
    """Return what is wrong and how to mend it; of a file nobody reads here its reader knows the better way."""
    usual = TROUBLES[part.why]
    found, advised, advice = part.note.partition("，请")
    if part.why is not Why.UNSUPPORTED or not advised:
        return usual
    return usual._replace(found=f"未能读取：{found}", advice=f"请{advice}")


def clips_unreadable(case: Case, campaign: Campaign) -> Findings:
    """Ask again for a video whose length cannot be told: it did not arrive whole."""
    for file, clip in parts(case, Clip):
        if not clip.duration_s:
            yield _finding(file, TROUBLES[Why.CORRUPT], campaign, "读不出视频时长")


def attachments_unassigned(case: Case, campaign: Campaign) -> Findings:
    for file in case.unassigned:
        yield Finding(
            code=Code.ATTACHMENT_UNASSIGNED,
            file=file,
            message=f"本邮件含有多份申报，{quote(file)}属于哪一份还不能确定，将由工作人员核对；"
            "您也可回复本邮件说明该文件属于哪个网站平台或账号。",
            clause=campaign.clauses.form,
            fact="文件名、所在文件夹和内容都没有指明属于哪份申报",
            where=quote(file),
        )


def _finding(file: str, trouble: Trouble, campaign: Campaign, note: str) -> Finding:
    return Finding(
        code=trouble.code,
        file=file,
        message=f"附件{quote(file)}{trouble.found}。{trouble.advice}。",
        clause=campaign.clauses.electronic,
        fact=clean(note) or f"附件{trouble.found}",
        where=quote(file),
    )
