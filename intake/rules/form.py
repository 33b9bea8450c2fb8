"""Rules about the 申报表: that there is one, that its required cells are filled, that its category is clear."""

from collections.abc import Iterator, Mapping

from intake.case import APART, Case
from intake.rules.finding import Finding, Findings, unread, unsure
from intake.rules.linked import linked, work_linked
from intake.rules.wording import cell, place, quote
from intake.rules.works import attached_pages
from parsers.documents import FIELDS
from parsers.text import count_words
from parsers.values import is_nothing
from storage.campaign import Campaign
from storage.model import Channel, Code, Kind

# What to write into a required cell that stands empty.
REQUIRED: Mapping[str, str] = {
    "name": "没有填写，请补填网站平台或账号的全称",
    "identifier": "没有填写。网站平台请填域名（如 www.example.cn），账号请写明平台和账号ID（如“微信号：abc123”）",
    "icp_number": "没有填写。网站平台须依法办理备案，请补填备案号（形如“{icp}ICP备12345678号-1”）",
    "organizer": "没有填写，请补填主办单位全称；个人运营的账号请填本人姓名",
    "address": "没有填写通信地址，请补填",
    "contact": "没有填写，请补填负责人（联系人）姓名",
    "mobile": "和“电话”栏都没有填写，请至少补填一项，方便与您联系",
    "email": "没有填写，请补填电子邮箱",
    "summary": "没有填写，请补填（{words}字以内）；内容较多的，也可另附页，随邮件一并发来",
}
WHERE_TO_GET = "请填写通知所附的申报表（Word文档、PDF或清晰的扫描件、照片均可），作为附件回复本邮件发来"


def form_missing(case: Case, campaign: Campaign) -> Findings:
    if case.form is not None:
        return
    closed = unread(case)
    hint = f"（{'、'.join(map(quote, closed))}未能读出，如申报表在其中，重发该文件即可）" if closed else ""
    if not closed and any(linked(case)):
        hint = "（如申报表在以链接发来的超大附件中，直接重发申报表即可，便于尽早登记）"
    yield Finding(
        code=Code.FORM_MISSING,
        message=f"来件中没有找到申报表。{WHERE_TO_GET}{hint}。",
        clause=campaign.clauses.form,
        fact="全部附件和正文中没有读到申报表",
        where="来件的全部附件和正文",
        certain=not closed and not any(linked(case)),
    )


def fields_missing(case: Case, campaign: Campaign) -> Findings:
    """Ask for required cells that are empty; a cell that could not be read is asked about elsewhere."""
    for key in _missing(case):
        advice = REQUIRED[key].format(icp=campaign.region.icp_prefix, words=campaign.limits.summary_words)
        yield Finding(
            code=Code.FIELD_MISSING,
            field=key,
            file=case.form_file,
            message=f"申报表{cell(key)}{advice}。",
            clause=campaign.clauses.scope if key == "icp_number" else campaign.clauses.form,
            fact=f"{cell(key)}为空",
            where=place(case.form_file, key),
        )


def _missing(case: Case) -> Iterator[str]:
    if case.form is None:
        return
    for key in REQUIRED:
        keys = ("mobile", "phone") if key == "mobile" else (key,)
        filled = any(_written(case, each) or unsure(case, each) for each in keys)
        if not filled and not _spared(case, key):
            yield key


def _written(case: Case, key: str) -> bool:
    value = getattr(case.fields, key)
    return bool(value) and not is_nothing(value)


def _spared(case: Case, key: str) -> bool:
    """Say whether an empty cell is in order: no 备案号 for an account, an attached page for the summary."""
    if key == "icp_number":
        return case.kind is not Kind.WEBSITE
    page = case.form is not None and case.form.attached_page
    return key == "summary" and (bool(attached_pages(case)) or (page and work_linked(case)))


def category_unclear(case: Case, campaign: Campaign) -> Findings:
    if case.form is None or unsure(case, "category"):
        return
    category, ticked = case.fields.category, case.form.ticked
    if category == "other" and not case.fields.category_other and not unsure(case, "category_other"):
        said = "选择了“其他”，但括号内没有注明具体类型，请在括号内补注"
    elif category is not None:
        return
    elif len(ticked) > 1:
        named = "、".join(f"“{campaign.categories.named(key)}”" for key in ticked)
        said = f"同时勾选了{named}，请只保留一项"
    else:
        choices = "".join(f"“{name}”" for name in campaign.categories.names())
        said = f"没有打“√”，请在{choices}中选择一项打“√”，选“{campaign.categories.other}”的请注明具体类型"
    yield Finding(
        code=Code.CATEGORY_UNCLEAR,
        file=case.form_file,
        message=f"申报表{cell('category')}{said}。",
        clause=campaign.clauses.category,
        fact=f"类别栏勾选{len(ticked)}项",
        where=place(case.form_file, "category"),
        rests_on=("category", "category_other"),
    )


def account_has_icp(case: Case, campaign: Campaign) -> Findings:
    if case.kind is not Kind.ACCOUNT:
        return
    filled = [key for key in ("icp_number", "license_number") if getattr(case.fields, key)]
    if filled:
        cells = "、".join(map(cell, filled))
        yield Finding(
            code=Code.ACCOUNT_HAS_ICP,
            file=case.form_file,
            message=f"申报的是账号，{cells}无需填写；已填的内容不影响申报，不必重报。",
            clause=campaign.clauses.website_only,
            fact="；".join(f"{cell(key)}填有{quote(getattr(case.fields, key))}" for key in filled),
            where=place(case.form_file, filled[0]),
        )


def summary_too_long(case: Case, campaign: Campaign) -> Findings:
    limit = campaign.limits.summary_words
    words = _summary_words(case)
    if words > limit:
        yield Finding(
            code=Code.SUMMARY_TOO_LONG,
            file=case.form_file,
            message=f"申报表{cell('summary')}现为{words}字，超出{limit}字的限制，请压缩到{limit}字以内后重新发来。",
            clause=campaign.limits.clause_summary,
            fact=f"按Word“字数”统计为{words}字",
            where=place(case.form_file, "summary"),
            rests_on=("summary",),
        )


def _summary_words(case: Case) -> int:
    """Return the 字数 of the summary: as counted on the form, of the attached page, or of staff's text."""
    if case.form is None:
        return 0
    if "summary" in case.settled:
        return count_words(case.fields.summary or "")
    if case.fields.summary is None:
        return max((page.words for page in attached_pages(case)), default=0)
    return case.form.summary_words


def county_review_missing(case: Case, campaign: Campaign) -> Findings:
    if case.form is None or case.channel is not Channel.COUNTY:
        return
    seals = case.form.seals.county_opinion or "county_opinion" in case.form.seals.unsure
    if (
        seals
        or case.fields.county_opinion
        or case.fields.county_opinion_date
        or unsure(case, "county_opinion")
    ):
        return
    yield Finding(
        code=Code.COUNTY_REVIEW_MISSING,
        file=case.form_file,
        message=f"申报表{cell('county_opinion')}是空的。经县区报送的，请由县区委网信办和文明办填写审核意见并盖章后，"
        "把该页扫描或拍照发来。",
        clause=campaign.clauses.county_review,
        fact=f"经{quote(case.submitter)}报送，审核意见栏为空" if case.submitter else "审核意见栏为空",
        where=place(case.form_file, "county_opinion"),
    )


def reading_unsure(case: Case, campaign: Campaign) -> Findings:
    """Ask a person about every cell that was read with too little confidence."""
    if case.form is None:
        return
    for key in FIELDS:
        if key == "city_opinion" or not unsure(case, key) or _of_no_weight(case, key):
            continue
        if told := _told_twice(case, key):
            yield _conflict(case, campaign, key, told)
            continue
        value = getattr(case.fields, key)
        read = f"现读作{quote(value, 30)}" if value else "未能读出"
        yield Finding(
            code=Code.READING_UNSURE,
            field=key,
            file=case.form_file,
            message=f"申报表{cell(key)}的字迹未能可靠识别（{read}），将由工作人员对照原件核对；"
            "您也可回复本邮件补发Word版申报表，便于核对。",
            clause=campaign.clauses.form,
            fact=f"{read}，把握程度{case.form.readings[key].confidence:.0%}",
            where=place(case.form_file, key),
            rests_on=(key,),
        )


def _of_no_weight(case: Case, key: str) -> bool:
    """Say whether `key` is a date that was not found, beside an opinion that was read: no rule asks for it."""
    opinion = key.removesuffix("_date")
    return opinion != key and getattr(case.fields, key) is None and not unsure(case, opinion)


def _told_twice(case: Case, key: str) -> list[str]:
    """Return the values of a cell that two sure forms of one account fill differently."""
    reading = case.form.readings[key] if case.form else None
    return reading.raw.split(APART) if reading and not reading.confidence and APART in reading.raw else []


def _conflict(case: Case, campaign: Campaign, key: str, told: list[str]) -> Finding:
    values = "、".join(quote(value, 30) for value in told)
    return Finding(
        code=Code.READING_UNSURE,
        field=key,
        file=case.form_file,
        message=f"来件中有不止一份申报表，{cell(key)}填写不一致（{values}），将由工作人员核对；"
        "您也可回复本邮件说明以哪一份为准。",
        clause=campaign.clauses.form,
        fact=f"{cell(key)}在几份申报表中不一致：{values}",
        where=place(case.form_file, key),
        rests_on=(key,),
    )
