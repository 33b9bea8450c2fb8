"""Rules about what stands in a filled cell: numbers, addresses and dates that can be used."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from intake.case import Case
from intake.identity import identifies
from intake.rules.finding import Finding, Findings, unsure
from intake.rules.wording import cell, clean, place, quote
from parsers.identifiers import (
    ids,
    is_domain,
    valid_email,
    valid_icp,
    valid_mobile,
    valid_phone,
    valid_postcode,
)
from parsers.values import is_nothing
from storage.campaign import Campaign
from storage.model import Code, Kind


class Shape(NamedTuple):
    """What a value must look like, and what to write instead."""

    fits: Callable[[str], bool]
    advice: str


Shapes = Sequence[tuple[str, Shape]]
ALWAYS: Shapes = (
    ("postcode", Shape(valid_postcode, "邮政编码应为6位数字")),
    (
        "phone",
        Shape(lambda text: valid_phone(text) or valid_mobile(text), "请写明区号和号码，形如“0558-1234567”"),
    ),
    ("mobile", Shape(valid_mobile, "手机号码应为11位数字")),
    ("email", Shape(valid_email, "请填写完整的邮箱地址，形如“name@example.cn”")),
)
OF_A_WEBSITE: Shapes = (
    ("identifier", Shape(is_domain, "网站平台请填域名，形如“www.example.cn”")),
    ("icp_number", Shape(valid_icp, "请填写完整的备案号，形如“{icp}ICP备12345678号-1”")),
)
OF_AN_ACCOUNT: Shapes = (
    (
        "identifier",
        Shape(
            lambda text: identifies(text) or is_nothing(text), "账号请写明平台和账号ID，形如“微信号：abc123”"
        ),
    ),
    (
        "identifier",
        Shape(lambda text: len(ids(text)) < 2, "一份申报表只申报一个账号，请只写本次申报的那一个"),
    ),
)
DATES = ("recommendation_date", "county_opinion_date")
_FULL_DATE = re.compile(r"\d{4}\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}")


def fields_invalid(case: Case, campaign: Campaign) -> Findings:
    """Ask to mend values nobody can use; a value that may be misread is asked about elsewhere."""
    if case.form is None:
        return
    for key, written, advice in (*_misshapen(case), *_impossible_dates(case)):
        said = advice.format(icp=campaign.region.icp_prefix)
        yield Finding(
            code=Code.FIELD_INVALID,
            field=key,
            file=case.form_file,
            message=f"申报表{cell(key)}现填{quote(written)}，无法使用。{said}，请核对后更正。",
            clause=campaign.clauses.scope if key == "icp_number" else campaign.clauses.form,
            fact=f"{cell(key)}填有{quote(written)}",
            where=place(case.form_file, key),
            rests_on=(key,),
        )


def _misshapen(case: Case) -> Iterator[tuple[str, str, str]]:
    own = OF_A_WEBSITE if case.kind is Kind.WEBSITE else OF_AN_ACCOUNT
    for key, shape in (*own, *ALWAYS):
        value = getattr(case.fields, key)
        if value and not unsure(case, key) and not shape.fits(value):
            yield key, value, shape.advice


def _impossible_dates(case: Case) -> Iterator[tuple[str, str, str]]:
    """Yield dates that are written out in full and are in no calendar, e.g. 2022年2月30日."""
    for key in DATES:
        reading = case.form.readings.get(key) if case.form else None
        if reading is None or getattr(case.fields, key) or key in case.settled or unsure(case, key):
            continue
        if found := _FULL_DATE.search(reading.raw):
            yield key, clean(found.group()), "日期在日历上不存在"
