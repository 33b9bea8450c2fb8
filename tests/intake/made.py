"""Cases and applications made by hand for the tests of rules and letters: all in order unless told otherwise."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from intake import rules
from intake.case import Case, Material, Rival
from parsers.documents import FIELDS, Facts, Form, Part, Qualification, Reading, Seals, Work, encode
from storage.campaign_file import load
from storage.model import (
    Application,
    Channel,
    Document,
    DocumentType,
    Fields,
    Kind,
    Platform,
    Problem,
)

CAMPAIGN = load(Path(__file__).parents[2] / "intake" / "campaigns" / "bozhou-2022.toml")
DEADLINE = CAMPAIGN.dates.deadline
IN_TIME = DEADLINE - timedelta(days=4)
CODE = "12341600486358000Y"
FILLED: dict[str, str | None] = {
    "name": "文明亳州",
    "identifier": "bzwenming",
    "category": "government_news",
    "organizer": "亳州市文化馆",
    "address": "安徽省亳州市谯城区芍花路1号",
    "postcode": "236800",
    "contact": "陈思远",
    "phone": "0558-5512345",
    "mobile": "13800138000",
    "email": "wenhuaguan@bz.example.cn",
    "summary": "坚持正确政治方向。",
}


def form(*, unsure: tuple[str, ...] = (), raw: dict[str, str] | None = None, **cells: Any) -> Form:
    """Return a filled form; `cells` are field values or attributes of `Form`, `unsure` fields read badly."""
    shape = {key: cells.pop(key) for key in tuple(cells) if key not in FIELDS}
    values = {**dict.fromkeys(FIELDS), **FILLED, **cells}
    readings = {
        key: Reading(value=value, raw=(raw or {}).get(key, ""), confidence=0.3 if key in unsure else 1.0)
        for key, value in values.items()
    }
    ticked = (values["category"],) if values["category"] else ()
    standard: dict[str, Any] = {
        "kind": "account",
        "platform": "wechat",
        "ticked": ticked,
        "summary_words": 9,
        "seals": Seals(recommendation=1),
    }
    return Form(readings=readings, **{**standard, **shape})


def website(**cells: Any) -> Form:
    site = {"identifier": "www.bzwh.example.cn", "icp_number": "皖ICP备12345678号-1"}
    return form(**{"kind": "website", "platform": None, **site, **cells})


def material(file: str, *parts: Part, sha256: str | None = None) -> Material:
    facts = Facts(reader="made", parts=parts)
    digest = sha256 or encode(facts).hex().ljust(64, "0")[-64:]
    return Material(document=Document(file=file, type=DocumentType(facts.type), sha256=digest), facts=facts)


WORK = material("工作材料.docx", Work(words=1200, pictures=3, text="亮点"))
LICENCE = Qualification(
    document="事业单位法人证书", name="亳州市文化馆", uscc=CODE, uscc_valid=True, address="亳州市芍花路1号"
)
QUALIFICATION = material("法人证书.jpg", LICENCE)


def case(
    read: Form | None = None, *others: Material, sent: tuple[Material, ...] | None = None, **changes: Any
) -> Case:
    """Return a case of the form with work and certificate, or with what is `sent` instead, and `others`."""
    read = read or form()
    came = (WORK, QUALIFICATION) if sent is None else sent
    standard: dict[str, Any] = {
        "kind": Kind(read.kind) if read.kind else None,
        "platform": Platform(read.platform) if read.platform else None,
        "channel": Channel.DIRECT,
        "county": None,
        "submitter": read.value("organizer"),
        "fields": Fields(**{key: read.value(key) for key in FIELDS}),
        "form": read,
        "form_file": "申报表.docx",
        "material": (material("申报表.docx", read), *came, *others),
        "received_at": IN_TIME,
        "changed_at": IN_TIME,
    }
    return Case(**{**standard, **changes})


def formless(*sent: Material, **changes: Any) -> Case:
    """Return a case in which no form came."""
    empty: dict[str, Any] = {"kind": None, "platform": None, "submitter": None, "fields": Fields()}
    return case(**{**empty, "form": None, "form_file": None, "material": sent, **changes})


def rival(number: int = 1, **changes: Any) -> Rival:
    standard: dict[str, Any] = {
        "receipt": f"WM2022-{number:04d}",
        "name": "文化亳州",
        "submitter": "亳州市文化馆",
        "received_at": IN_TIME - timedelta(hours=number),
    }
    return Rival(**{**standard, **changes})


def examined(judged: Case) -> dict[str, Problem]:
    """Return the problems of a case by code; of several with one code the first."""
    problems = rules.examine(judged, CAMPAIGN)
    return {problem.code: problem for problem in reversed(problems)}


def application(judged: Case | None = None, number: int = 1, **changes: Any) -> Application:
    """Return a judged application with receipt `number`."""
    judged = judged or case()
    problems = rules.examine(judged, CAMPAIGN)
    standard: dict[str, Any] = {
        "receipt": f"WM2022-{number:04d}",
        "state": rules.state_of(problems),
        "kind": judged.kind,
        "platform": judged.platform,
        "channel": judged.channel,
        "county": judged.county,
        "submitter": judged.submitter,
        "fields": judged.fields,
        "documents": tuple(one.document for one in judged.material),
        "problems": problems,
        "received_at": judged.received_at,
        "changed_at": judged.changed_at,
        "token": "Zm9vYmFyYmF6cXV4",
        "addresses": ("wenhuaguan@bz.example.cn",),
    }
    return Application(**{**standard, **changes})
