"""Rules about the 工作材料: text with three pictures, or a video, within their limits."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from intake.case import Case
from intake.rules.finding import Finding, Findings, unread
from intake.rules.linked import work_linked
from intake.rules.wording import quote
from intake.rules.works import clips, loose_pictures, pictures, texts
from parsers.documents import Clip
from storage.campaign import Campaign
from storage.model import Code, DocumentType

P = TypeVar("P")
# The names that readers give the container the notice asks for.
MP4 = frozenset({"mp4", "mpeg-4", "mpeg4", "m4v"})


def work_missing(case: Case, campaign: Campaign) -> Findings:
    if not campaign.asks(case.kind, DocumentType.WORK):
        return
    if clips(case) or any(texts(case)) or work_linked(case):
        return
    limits = campaign.limits
    loose = loose_pictures(case)
    found = f"来件中有{loose}张图片，但没有配套的文字说明" if loose else "来件中没有找到工作材料"
    closed = unread(case)
    hint = f"（{'、'.join(map(quote, closed))}未能读出，如工作材料在其中，重发该文件即可）" if closed else ""
    yield Finding(
        code=Code.WORK_MISSING,
        message=f"{found}。请发来图文案例（{limits.work_words}字以内，配{limits.pictures}张以上图片）"
        f"或视频案例（MP4格式，{_minutes(limits.video_seconds)}以内），二者有其一即可{hint}。",
        clause=limits.clause_work,
        fact=found,
        where="来件的全部附件",
        certain=not closed,
    )


def work_too_long(case: Case, campaign: Campaign) -> Findings:
    """Judge each text by itself: a docx and its PDF copy are one case, not twice as long."""
    limit = campaign.limits.work_words
    for file, part in _surely_ours(case, texts(case)):
        if part.words > limit:
            yield Finding(
                code=Code.WORK_TOO_LONG,
                file=file,
                message=f"工作材料{quote(file)}现为{part.words}字，超出{limit}字的限制，请压缩到{limit}字以内后重新发来。",
                clause=campaign.limits.clause_work,
                fact=f"按Word“字数”统计为{part.words}字",
                where=quote(file),
            )


def pictures_too_few(case: Case, campaign: Campaign) -> Findings:
    told = list(_surely_ours(case, texts(case)))
    count, least = pictures(case), campaign.limits.pictures
    if not told or clips(case) or count >= least or work_linked(case):
        return
    yield Finding(
        code=Code.PICTURES_TOO_FEW,
        file=told[0][0],
        message=f"图文案例{quote(told[0][0])}现有{count}张图片，需要{least}张以上，请再补{least - count}张以上与案例相关的图片；"
        "可插入文档，也可作为附件单独发来（资质证明和荣誉证书不计在内）。",
        clause=campaign.limits.clause_work,
        fact=f"文档内和单独发来的图片合计{count}张",
        where=quote(told[0][0]),
    )


def video_too_long(case: Case, campaign: Campaign) -> Findings:
    limit = campaign.limits.video_seconds
    for file, clip in _surely_ours(case, clips(case)):
        # Players show whole seconds: a 5:00 video has a frame or two more than 300.0.
        if clip.duration_s is not None and clip.duration_s >= limit + 1:
            yield Finding(
                code=Code.VIDEO_TOO_LONG,
                file=file,
                message=f"视频{quote(file)}时长{_minutes(clip.duration_s)}，超出{_minutes(limit)}的限制，"
                f"请剪辑到{_minutes(limit)}以内后重新发来。",
                clause=campaign.limits.clause_work,
                fact=f"视频时长{clip.duration_s:.1f}秒",
                where=quote(file),
            )


def video_format(case: Case, campaign: Campaign) -> Findings:
    for file, clip in clips(case):
        if clip.container and clip.container.casefold() not in MP4:
            yield Finding(
                code=Code.VIDEO_FORMAT,
                file=file,
                message=f"视频{quote(file)}为{quote(clip.container)}格式，通知建议以MP4格式报送；"
                "为便于展播，方便时请换成MP4格式，不换也不影响申报。",
                clause=campaign.limits.clause_work,
                fact=f"封装格式为{quote(clip.container)}",
                where=quote(file),
            )


def video_resolution(case: Case, campaign: Campaign) -> Findings:
    least = campaign.limits.video_lines
    for file, clip in clips(case):
        lines = _lines(clip)
        if lines is not None and lines < least:
            yield Finding(
                code=Code.VIDEO_RESOLUTION,
                file=file,
                message=f"视频{quote(file)}画面为{clip.width}×{clip.height}，低于标清（{least}线）；"
                "为便于展播，方便时请换用更清晰的版本，不换也不影响申报。",
                clause=campaign.limits.clause_work,
                fact=f"画面{clip.width}×{clip.height}像素",
                where=quote(file),
            )


def _surely_ours(case: Case, found: Iterable[tuple[str, P]]) -> Iterator[tuple[str, P]]:
    """Yield what no other application of the same mail may own: nobody mends another's file."""
    return ((file, part) for file, part in found if file not in case.unassigned)


def _lines(clip: Clip) -> int | None:
    """Return a video's lines: its shorter side after rotation."""
    return min(clip.width, clip.height) if clip.width and clip.height else None


def _minutes(seconds: float) -> str:
    """Return a duration as 5分钟 or 5分12秒."""
    minutes, rest = divmod(int(seconds), 60)
    if not minutes:
        return f"{rest}秒"
    return f"{minutes}分{rest}秒" if rest else f"{minutes}分钟"
