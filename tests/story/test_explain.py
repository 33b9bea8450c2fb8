"""An explanation tells for each problem what was read where, and what would change it; and who decided what."""

from intake import decisions
from intake.explain import CHANGES, explain
from storage.model import Code
from tests.build import facts, mails
from tests.build.forms import docx
from tests.story.office import CAMPAIGN, Office, licence, report


def test_every_code_says_what_would_change_it() -> None:
    assert set(CHANGES) == set(Code)


def test_a_problem_of_a_cell_shows_what_stands_there(office: Office) -> None:
    who = facts.applicant(0, platform="wechat", mobile="1380013800")
    files = [("申报表.docx", docx(who).data), report(), licence(who)]
    office.take(mails.mail(who, attachments=files).raw)
    told = explain(office.store, office.now("WM2022-0001"))
    (one,) = (each for each in told.problems if each.problem.code is Code.FIELD_INVALID)
    assert (one.rule, one.read) == ("填写有误", "1380013800")
    assert "set" in one.changes
    assert one.confidence is None
    assert told.decisions == ()


def test_what_staff_decided_is_told_with_who_when_and_why(office: Office) -> None:
    who = facts.applicant(0, platform="wechat")
    office.take(mails.mail(who, attachments=[("申报表.docx", docx(who).data), report(), licence(who)]).raw)
    desk = decisions.Desk(
        store=office.store, campaign=CAMPAIGN, sender="bzscbk@163.com", by="王芳", now=office.clock
    )
    decisions.reject(desk, "WM2022-0001", "不在推选范围")
    (event,) = explain(office.store, office.now("WM2022-0001")).decisions
    assert (event.actor, event.event, event.detail["reason"]) == ("王芳", "rejected", "不在推选范围")
    assert event.at == office.clock
