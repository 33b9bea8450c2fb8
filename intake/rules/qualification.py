"""Rules about the 资质证明: that one came, that it is one, that it is the organizer's, that its code is right."""

from collections.abc import Iterator

from intake.case import Case
from intake.rules.finding import SURE, Finding, Findings, parts, unread
from intake.rules.linked import qualification_linked
from intake.rules.wording import quote
from parsers.documents import Qualification
from parsers.identifiers import operator_key, person_operated
from storage.campaign import Campaign
from storage.model import Code, DocumentType, Kind, Outcome


def qualification_missing(case: Case, campaign: Campaign) -> Findings:
    asked = campaign.asks(case.kind, DocumentType.QUALIFICATION)
    if not asked or any(parts(case, Qualification)) or qualification_linked(case):
        return
    closed = unread(case)
    if case.kind is not Kind.WEBSITE and person_operated(case.fields.organizer):
        message = (
            "本账号由个人运营，来件中没有资质证明，以何种材料证明身份将由工作人员核定后与您联系；"
            "如有营业执照等证件，也可扫描后回复本邮件发来。在此之前请先不要用邮件发送身份证件。"
        )
        outcome = Outcome.REVIEW
    else:
        hint = (
            f"（{'、'.join(map(quote, closed))}未能读出，如资质证明在其中，重发该文件即可）" if closed else ""
        )
        message = (
            "来件中没有找到资质证明。请将营业执照、法人证书、社会组织登记证或统一社会信用代码证书"
            f"扫描或拍照（四角完整、字迹清楚），回复本邮件发来{hint}。"
        )
        outcome = None
    yield Finding(
        code=Code.QUALIFICATION_MISSING,
        message=message,
        clause=campaign.clauses.qualification,
        fact="全部附件中没有读到资质证明",
        where="来件的全部附件",
        certain=not closed,
        outcome=outcome,
    )


def qualification_unclear(case: Case, campaign: Campaign) -> Findings:
    """Ask a person about certificates of other kinds or without a legible name, unless a good one came too."""
    if any(_accepted(part, campaign) and part.name for _, part in parts(case, Qualification)):
        return
    for file, part in parts(case, Qualification):
        kind = quote(part.document) if part.document else "证件种类未能识别"
        legible = part.name is not None or not _accepted(part, campaign)
        yield Finding(
            code=Code.QUALIFICATION_UNCLEAR,
            file=file,
            message=f"{quote(file)}（{kind}）{_UNCLEAR[legible]}",
            clause=campaign.clauses.qualification,
            fact=(f"识别为{kind}" if part.document else kind) + ("" if legible else "，名称未能读出"),
            where=quote(file),
        )


_UNCLEAR = {
    True: "能否作为资质证明，将由工作人员核定；如有营业执照、法人证书等，可扫描后回复本邮件补充。",
    False: "上的单位名称未能读出，将由工作人员核对；方便时可回复本邮件补发更清晰的扫描件。",
}


def qualification_mismatch(case: Case, campaign: Campaign) -> Findings:
    """Ask a person when no accepted certificate bears the organizer's name."""
    wanted = operator_key(case.fields.organizer)
    named = [(file, part) for file, part in _own(case, campaign) if part.name]
    if wanted is None or any(operator_key(part.name) == wanted for _, part in named):
        return
    for file, part in named:
        yield Finding(
            code=Code.QUALIFICATION_MISMATCH,
            file=file,
            message=f"资质证明{quote(file)}上的名称为{quote(part.name)}，申报表填写的主办单位为{quote(case.fields.organizer)}，"
            "两者不一致，将由工作人员核对；如主办单位填的是简称，或证件有误，请回复本邮件更正或说明。",
            clause=campaign.clauses.qualification,
            fact=f"证件名称{quote(part.name)}，主办单位{quote(case.fields.organizer)}",
            where=quote(file),
            rests_on=("organizer",),
            certain=part.confidence >= SURE,
        )


def uscc_invalid(case: Case, campaign: Campaign) -> Findings:
    for file, part in _own(case, campaign):
        if part.uscc and part.uscc_valid is False:
            yield Finding(
                code=Code.USCC_INVALID,
                file=file,
                message=f"资质证明{quote(file)}上的统一社会信用代码读作{quote(part.uscc)}，与校验规则不符，"
                "可能是图像不清所致，将由工作人员对照原件核对；方便时可补发更清晰的扫描件。",
                clause=campaign.clauses.qualification,
                fact=f"统一社会信用代码{quote(part.uscc)}的校验位不符",
                where=quote(file),
                certain=part.confidence >= SURE,
            )


def _accepted(part: Qualification, campaign: Campaign) -> bool:
    """Say whether a certificate is one that the notice names, or of a kind the campaign lists."""
    document = part.document or ""
    return part.recognised or any(kind in document for kind in campaign.accepted_qualifications)


def _own(case: Case, campaign: Campaign) -> Iterator[tuple[str, Qualification]]:
    """Yield the accepted certificates that are surely of this application."""
    for file, part in parts(case, Qualification):
        if file not in case.unassigned and _accepted(part, campaign):
            yield file, part
