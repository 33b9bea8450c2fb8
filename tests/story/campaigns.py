"""Random campaigns without files: what comes in is facts, read by a reader that only looks them up.

An attachment's bytes are its facts as JSON. What turns real bytes into facts has tests of its own, and so
has the process that does it; here everything after it is real.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import NamedTuple

from parsers.containers.archive import Opened
from parsers.documents import (
    FIELDS,
    Facts,
    Form,
    Qualification,
    Reading,
    Work,
    decode,
    encode,
)
from storage.model import Application, Code, Problem, State
from tests.build import mails
from tests.build.mails import Draft
from tests.story.office import File

UNITS = ("亳州市图书馆", "亳州市博物馆", "教育局", "亳州药都网络有限公司", "张慕白")
COUNTIES = (None, "谯城区", "涡阳县")
PLACES = frozenset({Code.QUOTA_DIRECT, Code.QUOTA_COUNTY})
TWICE = frozenset({Code.DUPLICATE_ACCOUNT})
GONE = frozenset({State.REJECTED, State.WITHDRAWN})


class Lookup:
    """A reader for whom every file's bytes are its facts."""

    def read(self, data: bytes, name: str) -> Future[Facts]:
        future: Future[Facts] = Future()
        assert name
        future.set_result(decode(data))
        return future

    def unpack(self, data: bytes, name: str) -> Future[Opened]:
        raise AssertionError(name, data)


class Entry(NamedTuple):
    """What somebody hands in: unit, account and county by number; `unsure` a field that is hard to read."""

    unit: int
    account: int
    county: int
    unsure: str | None = None
    whole: bool = True
    mobile: int = 0

    @property
    def sender(self) -> str:
        name = COUNTIES[self.county]
        return f"county{self.county}@bz.example.cn" if name else f"unit{self.unit}@bz.example.cn"


def form(entry: Entry) -> Form:
    county = COUNTIES[entry.county]
    values: Mapping[str, str | None] = {
        "name": f"账号{entry.account}号",
        "identifier": f"{'abcdefgh'[entry.account] * 4}{entry.account}",
        "category": "government_news",
        "organizer": UNITS[entry.unit],
        "address": "安徽省亳州市谯城区希夷大道1号",
        "contact": "陈思远",
        "mobile": f"1380013800{entry.mobile}",
        "email": f"unit{entry.unit}@bz.example.cn",
        "summary": "讲好亳州故事。",
        "recommendation": "同意推荐。",
        "county_opinion": f"同意推荐。{county}委网信办" if county else None,
    }
    return Form(
        readings={
            key: Reading(
                value=values.get(key),
                raw=values.get(key) or "",
                confidence=0.4 if key == entry.unsure else 1.0,
            )
            for key in FIELDS
        },
        ticked=("government_news",),
        kind="account",
        platform="wechat",
        summary_words=7,
        scanned=entry.unsure is not None,
    )


def case(entry: Entry) -> Work:
    return Work(words=600, pictures=3, text=f"工作材料{UNITS[entry.unit]}账号{entry.account}号")


def licence(entry: Entry) -> Qualification:
    return Qualification(document="事业单位法人证书", name=UNITS[entry.unit])


def files(entry: Entry) -> Sequence[File]:
    made: list[tuple[str, Form | Work | Qualification]] = [
        ("申报表.docx", form(entry)),
        ("资质.pdf", licence(entry)),
    ]
    if entry.whole:
        made.append(("工作材料.docx", case(entry)))
    return [(name, encode(Facts(reader="facts", parts=(part,)))) for name, part in made]


def posted(
    entry: Entry, subject: str, answers: str = "", *, text: str = "请查收。", sender: str | None = None
) -> bytes:
    """Return the mail in which `entry` comes in."""
    draft = Draft(
        sender=sender or entry.sender,
        subject=subject,
        text=text,
        files=tuple(files(entry)),
        reply_to=answers,
    )
    return mails.post(draft).raw


def words(sender: str, subject: str, text: str) -> bytes:
    return mails.post(Draft(sender=sender, subject=subject, text=text)).raw


def asked(application: Application, codes: frozenset[Code]) -> bool:
    """Say whether a person is asked about `application` for one of `codes`."""
    return any(problem.code in codes for problem in application.problems)


def holders(applications: Sequence[Application], left_out: frozenset[Code]) -> list[Application]:
    """Return who holds a place without a person being asked whether it may."""
    return [
        one for one in applications if one.state not in GONE and one.account_key and not asked(one, left_out)
    ]


def rejecting(application: Application) -> list[Problem]:
    return [problem for problem in application.problems if problem.outcome == "reject"]
