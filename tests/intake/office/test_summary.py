import base64
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from intake.office import plots
from intake.office.summary import Course, course_of, page
from storage import audit
from storage.database import Store, open_store
from tests.bot import made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "data", patience=5) as opened:
        made.keep(opened, *made.office())
        yield opened


def shown(told: Course) -> str:
    return page(told, made.CAMPAIGN, now=made.NOW).decode()


def plain(told: Course) -> str:
    return re.sub(r"<[^>]+>", " ", shown(told))


def test_what_the_store_holds_is_counted(store: Store) -> None:
    told = course_of(store, made.CAMPAIGN)
    assert (told.mails, len(told.entries), told.answers) == (0, 9, ())
    assert (
        list(told.problems.items())[:2] == [("资质与主办单位不一致", 2), ("缺公章", 2)]
        or told.problems["缺公章"] == 2
    )
    assert "提示" not in told.problems


def test_a_person_who_acted_is_no_robot_and_no_applicant(store: Store) -> None:
    for actor in ("system", "sender", "zhang@example.cn"):
        audit.record(store.db, at=made.NOW, actor=actor, event="judged", receipt="WM2022-0001")
    assert not any(one.by_hand for one in course_of(store, made.CAMPAIGN).entries)
    audit.record(store.db, at=made.NOW, actor="王科长", event="accepted", receipt="WM2022-0001")
    assert [one.by_hand for one in course_of(store, made.CAMPAIGN).entries] == [True, *[False] * 8]
    assert "89%" in plain(course_of(store, made.CAMPAIGN))


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        pytest.param((3.0,), "3秒", id="seconds"),
        pytest.param((600.0,), "10分钟", id="minutes"),
        pytest.param((10_800.0,), "3小时", id="hours"),
        pytest.param((259_200.0,), "3.0天", id="days"),
        pytest.param((), "—", id="nothing answered"),
    ],
)
def test_the_time_to_the_first_answer_is_said_as_people_would(seconds: tuple[float, ...], told: str) -> None:
    course = Course(mails=1, entries=(), by_day={}, answers=seconds, problems={})
    assert told in plain(course)


def test_the_page_needs_no_network_and_no_script(store: Store) -> None:
    html = shown(course_of(store, made.CAMPAIGN))
    assert "<script" not in html
    assert not re.search(r"(?:src|href)=\"(?!data:)", html)


def test_plots_are_well_formed_and_names_escaped() -> None:
    days = [f"5.{day}" for day in range(1, 31)]
    for svg in (
        plots.bars({"<县>&": 3, "空": 0}, across=600, label=80),
        plots.columns(days, list(range(30)), across=600, high=150),
        plots.columns([], [], across=600, high=150),
    ):
        assert ET.fromstring(svg).tag.endswith("svg")  # noqa: S314  our own text


def test_days_without_mail_are_drawn_too() -> None:
    by_day = {date(2022, 5, 30): 2, date(2022, 5, 30) + timedelta(days=2): 1}
    html = shown(Course(mails=3, entries=(), by_day=by_day, answers=(), problems={}))
    svgs = [base64.b64decode(data).decode() for data in re.findall(r"base64,([^\"]+)", html)]
    assert any(all(day in svg for day in ("5.30", "5.31", "6.1")) for svg in svgs)


@pytest.mark.debian("soffice", "pdftotext")
def test_another_program_opens_it(store: Store, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_bytes(page(course_of(store, made.CAMPAIGN), made.CAMPAIGN, now=made.NOW))
    program, reader = shutil.which("soffice"), shutil.which("pdftotext")
    assert program
    assert reader
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "report.html")], check=True, capture_output=True, timeout=120)
    text = subprocess.run(
        [reader, str(tmp_path / "report.pdf"), "-"], check=True, capture_output=True, timeout=60
    ).stdout.decode()
    assert "各县区和市直" in text
    assert "谯城区" in text
