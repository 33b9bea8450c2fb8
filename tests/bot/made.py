"""Applications as an office would have them on 1 June: every state, both channels, one of each kind."""

from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import intake
from storage import applications
from storage.campaign_file import load
from storage.database import Store
from storage.model import (
    Application,
    Channel,
    Code,
    Fields,
    Kind,
    Outcome,
    Platform,
    Problem,
    State,
)

CAMPAIGN = load(Path(intake.__file__).parent / "campaigns" / "bozhou-2022.toml")
BEIJING = timezone(timedelta(hours=8))
NOW = datetime(2022, 6, 1, 15, 30, tzinfo=BEIJING)
TOKEN = "kV3_tq8ZrWn-2pXf"


def token_of(number: int) -> str:
    return f"{TOKEN}{number:04d}"


def problem(code: Code, outcome: Outcome, **more: str) -> Problem:
    return Problem(code=code, outcome=outcome, message=more.pop("message", "请补正后重新发来。"), **more)


NO_SEAL = problem(
    Code.SEAL_MISSING,
    Outcome.CORRECT,
    field="recommendation",
    message="“单位推荐意见”栏没有看到公章，请加盖公章后扫描发来。",
    clause="五、推选安排 1：申报材料加盖公章后统一报市委网信办。",
)
FEW_PICTURES = problem(Code.PICTURES_TOO_FEW, Outcome.CORRECT, file="工作材料.docx", fact="2张图片")
MISMATCH = problem(
    Code.QUALIFICATION_MISMATCH, Outcome.REVIEW, file="营业执照.jpg", fact="证上是亳州市测试局"
)
LATE = problem(Code.LATE, Outcome.REJECT)
NOTE = problem(Code.SEAL_UNSEEN, Outcome.NOTE)


def application(number: int, name: str, state: State, **changes: object) -> Application:
    """Return a 微信账号 of a unit of its own, with `changes`; `number` also sets when it came."""
    came = datetime(2022, 5, 30, 9, 0, tzinfo=BEIJING) + timedelta(hours=number)
    organizer = f"亳州市第{number}实验单位"
    values: dict[str, object] = {
        "receipt": f"WM2022-{number:04d}",
        "state": state,
        "kind": Kind.ACCOUNT,
        "platform": Platform.WECHAT,
        "channel": Channel.DIRECT,
        "submitter": organizer,
        "submitter_key": organizer,
        "account_key": f"wechat:bz{number}",
        "operator_key": organizer,
        "fields": Fields(
            name=name,
            identifier=f"bz{number}",
            category="government_news",
            organizer=organizer,
            contact="张晓明",
            phone="0558-5550000",
            mobile="13800138000",
            email="zhang@example.cn",
        ),
        "received_at": came,
        "changed_at": came,
        "token": token_of(number),
        "addresses": ("zhang@example.cn",),
    }
    return Application(**(values | changes))  # type: ignore[arg-type]  # the keys are the struct's own


def county(number: int, name: str, state: State, county_name: str, **changes: object) -> Application:
    office = f"{county_name}委网信办"
    route: dict[str, object] = {
        "channel": Channel.COUNTY,
        "county": county_name,
        "submitter": office,
        "submitter_key": office,
    }
    return application(number, name, state, **(route | changes))


def office() -> tuple[Application, ...]:
    """Return nine applications: what staff of a small city would have in hand."""
    site = Fields(
        name="亳州教育网",
        identifier="www.bzjy.example.cn",
        category="other",
        category_other="教育",
        icp_number="皖ICP备12345678号-1",
    )
    return (
        application(1, "亳州发布", State.ACCEPTED, paper_received=date(2022, 5, 31), problems=(NOTE,)),
        application(2, "药都之声", State.CORRECTING, problems=(NO_SEAL, FEW_PICTURES, NOTE)),
        application(3, "魏武故里", State.REVIEWING, problems=(MISMATCH,), version=2),
        application(4, "晚到的账号", State.REJECTED, problems=(LATE,)),
        county(5, "谯城融媒", State.ACCEPTED, "谯城区"),
        county(6, "谯城文旅", State.CORRECTING, "谯城区", problems=(NO_SEAL,)),
        county(7, "涡阳在线", State.REVIEWING, "涡阳县", problems=(MISMATCH,)),
        application(8, "亳州教育网", State.ACCEPTED, kind=Kind.WEBSITE, platform=None, fields=site),
        application(9, "撤回的号", State.WITHDRAWN),
    )


def keep(store: Store, *them: Application) -> None:
    with store.transaction() as db:
        for one in them:
            applications.issue(db, "WM2022")
            applications.save(db, one, message=None, documents=())
