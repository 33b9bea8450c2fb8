"""Staff are called once, in time, for a file that is only a link and about to be gone."""

from datetime import datetime, timedelta, timezone

import pytest

from intake import expiring
from parsers.documents import Link
from shenbao import condition
from tests.build import mails
from tests.build.mails import Draft
from tests.story.office import CAMPAIGN, LIBRARY, START, Office

CHINA = timezone(timedelta(hours=8))
NOON = datetime(2022, 6, 1, 12, 0, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("expires", "due"),
    [
        pytest.param("2022年6月3日 12:00", True, id="in 48 hours"),
        pytest.param("2022年6月3日 12:01", False, id="a minute later"),
        pytest.param("2022年6月1日", True, id="today, to the end of the day"),
        pytest.param("2022年6月1日 12:00", False, id="gone"),
        pytest.param("2022年5月31日", False, id="gone yesterday"),
        pytest.param("不限期", False, id="never"),
        pytest.param("", False, id="not said"),
        pytest.param("2022年2月31日", False, id="no day"),
    ],
)
def test_when_a_link_is_about_to_expire(expires: str, *, due: bool) -> None:
    link = Link(url="https://mail.qq.com/cgi-bin/ftnExs_download?k=1", expires=expires)
    assert expiring.is_expiring(link, NOON, CHINA) is due


def test_staff_are_called_once(office: Office) -> None:
    text = "超大附件\n工作视频.mp4 (35M, 2022年6月5日 12:00 到期)\nhttps://mail.qq.com/cgi-bin/ftnExs_download?k=1"
    office.take(mails.post(Draft(sender=LIBRARY.fields.email or "", subject="申报", text=text)).raw)
    assert expiring.warn(office.store, CAMPAIGN, START) == 0
    later = datetime(2022, 6, 4, 9, 0, tzinfo=CHINA)
    assert [expiring.warn(office.store, CAMPAIGN, later) for _ in range(2)] == [1, 0]
    (event,) = [row for row in office.store.db["audit"].rows if row["event"] == "link-expiring"]
    assert "工作视频.mp4" in event["detail"]
    assert event["receipt"] == "WM2022-0001"


def test_health_shows_it(office: Office) -> None:
    text = "超大附件\n工作视频.mp4 (35M, 2022年6月5日 12:00 到期)\nhttps://mail.qq.com/cgi-bin/ftnExs_download?k=1"
    office.take(mails.post(Draft(sender=LIBRARY.fields.email or "", subject="申报", text=text)).raw)
    expiring.warn(office.store, CAMPAIGN, datetime(2022, 6, 4, 9, 0, tzinfo=CHINA))
    found = condition.report(office.store, datetime(2022, 6, 4, 10, 0, tzinfo=CHINA))
    assert found["links_expiring"] == 1
    assert any("两天内失效" in line for line in condition.told(found))
