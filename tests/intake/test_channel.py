from pathlib import Path

import pytest
from msgspec.structs import replace

import intake
from intake.channel import route, submitter_of
from intake.mail.envelope import Mail
from parsers.documents import FIELDS, Form, Reading, Seals, Stamp
from storage.campaign import Campaign
from storage.campaign_file import load
from storage.model import Channel

CAMPAIGN = load(Path(intake.__file__).parent / "campaigns" / "bozhou-2022.toml")


def form(**values: str) -> Form:
    return Form(readings={key: Reading(value=values.get(key)) for key in FIELDS})


def mail(subject: str = "申报材料", text: str = "", sender: str = "a@example.cn") -> Mail:
    return Mail(sender=sender, subject=subject, text=text)


OFFICE = "中共蒙城县委网络安全和信息化委员会办公室"


def sealed(*bearers: str | None, cell: str = "county_opinion", **values: str) -> Form:
    """Return a form with a seal of each of `bearers` in `cell`."""
    stamps = tuple(Stamp(cell=cell, matched=one, confidence=0.9) for one in bearers)
    return replace(form(**values), seals=Seals(stamps=stamps))


@pytest.mark.parametrize(
    ("filled", "channel", "county"),
    [
        pytest.param(sealed(OFFICE), Channel.COUNTY, "蒙城县", id="the office's seal in an empty cell"),
        pytest.param(
            sealed(OFFICE, county_opinion="同意推荐"), Channel.COUNTY, "蒙城县", id="the cell names nobody"
        ),
        pytest.param(
            sealed("涡阳县精神文明建设指导委员会办公室"), Channel.COUNTY, "涡阳县", id="the other office's"
        ),
        pytest.param(sealed(OFFICE, cell="recommendation"), Channel.DIRECT, None, id="another cell"),
        pytest.param(sealed("蒙城县文化馆"), Channel.DIRECT, None, id="another unit's"),
        pytest.param(sealed(None), Channel.DIRECT, None, id="illegible"),
    ],
)
def test_a_seal_in_the_county_cell_names_the_county(
    filled: Form, channel: Channel, county: str | None
) -> None:
    found = route(filled, mail(), CAMPAIGN)
    assert (found.channel, found.county, found.conflict) == (channel, county, None)


def test_text_and_seal_of_one_county_agree() -> None:
    found = route(sealed(OFFICE, county_opinion="同意。蒙城县委网信办"), mail(), CAMPAIGN)
    assert (found.county, found.conflict) == ("蒙城县", None)


def test_seals_of_two_counties_contradict() -> None:
    found = route(sealed(OFFICE, "谯城区文明办"), mail(), CAMPAIGN)
    assert (found.channel, found.county) == (Channel.COUNTY, None)
    assert found.conflict is not None


def test_text_and_seal_of_two_counties_contradict() -> None:
    found = route(sealed(OFFICE, county_opinion="同意。利辛县委网信办"), mail(), CAMPAIGN)
    assert found.county == "利辛县"
    assert found.conflict is not None
    assert "蒙城县" in found.conflict


@pytest.mark.parametrize(
    ("came", "filled", "channel", "county"),
    [
        pytest.param(
            mail(), form(organizer="亳州市图书馆"), Channel.DIRECT, None, id="no evidence is direct"
        ),
        pytest.param(
            mail(),
            form(county_opinion="同意推荐。涡阳县委网信办"),
            Channel.COUNTY,
            "涡阳县",
            id="cell names it",
        ),
        pytest.param(
            mail(),
            form(county_opinion="同意推荐", organizer="利辛县文化馆"),
            Channel.COUNTY,
            "利辛县",
            id="by organizer",
        ),
        pytest.param(
            mail(),
            form(county_opinion="同意", organizer="某公司", address="亳州市蒙城县庄子大道1号"),
            Channel.COUNTY,
            "蒙城县",
            id="by address",
        ),
        pytest.param(mail("谯城区委网信办报送材料"), form(), Channel.COUNTY, "谯城区", id="the subject"),
        pytest.param(
            mail(text="材料见附件。\n\n利辛县 网信办"), form(), Channel.COUNTY, "利辛县", id="the signature"
        ),
        pytest.param(
            mail(text="地址：谯城区希夷大道"),
            form(),
            Channel.DIRECT,
            None,
            id="a county's name alone is none",
        ),
        pytest.param(
            mail(text="中共涡阳县委网络安全和信息化委员会办公室\n2022年5月30日"),
            form(),
            Channel.COUNTY,
            "涡阳县",
            id="its full name",
        ),
        pytest.param(
            mail("利辛县互联网信息办公室报送"), form(), Channel.COUNTY, "利辛县", id="its other name"
        ),
        pytest.param(
            mail(text="涡阳县委宣传部（网信办）"), form(), Channel.COUNTY, "涡阳县", id="under the 宣传部"
        ),
        pytest.param(
            mail(text="经谯城区委网信办审核同意，现报送"),
            form(),
            Channel.COUNTY,
            "谯城区",
            id="by its review",
        ),
        pytest.param(mail(text="抄送：谯城区委网信办"), form(), Channel.DIRECT, None, id="a copy to it"),
        pytest.param(
            mail(text="经与谯城区委网信办沟通，我单位直接报送。"),
            form(),
            Channel.DIRECT,
            None,
            id="talked with",
        ),
        pytest.param(
            mail(text="我单位未经谯城区委网信办审核，直接申报"), form(), Channel.DIRECT, None, id="without it"
        ),
        pytest.param(
            mail(),
            form(county_opinion="同意", organizer="利辛县文化馆", address="亳州市谯城区希夷大道1号"),
            Channel.COUNTY,
            "利辛县",
            id="the organizer before the address",
        ),
        pytest.param(
            mail(text="请亳州市委网信办查收"), form(), Channel.DIRECT, None, id="the city's office is none"
        ),
    ],
)
def test_route(came: Mail, filled: Form, channel: Channel, county: str | None) -> None:
    way = route(filled, came, CAMPAIGN)
    assert (way.channel, way.county, way.conflict) == (channel, county, None)


def with_sender(sender: str, unit: str) -> Campaign:
    return replace(CAMPAIGN, senders={sender: unit})


@pytest.mark.parametrize("written", ["涡阳县", "涡阳", "涡阳县委网信办"])
def test_a_known_county_office_may_be_written_in_short(written: str) -> None:
    way = route(form(), mail(sender="wx@example.cn"), with_sender("wx@example.cn", written))
    assert (way.channel, way.county, way.conflict) == (Channel.COUNTY, "涡阳县", None)


def test_two_offices_that_both_submit_leave_it_open() -> None:
    both = replace(mail(subject="蒙城县委网信办报送申报材料"), sender_name="涡阳县委网信办")
    way = route(form(), both, CAMPAIGN)
    assert (way.channel, way.county) == (Channel.COUNTY, None)
    assert way.conflict is not None
    assert "蒙城县委网信办" in way.conflict
    assert "涡阳县委网信办" in way.conflict


def test_a_known_sender_is_the_strongest_evidence() -> None:
    way = route(form(), mail(sender="WX@example.cn"), with_sender("wx@example.cn", "蒙城县"))
    assert (way.channel, way.county, way.conflict) == (Channel.COUNTY, "蒙城县", None)


def test_a_filled_cell_of_no_county_is_a_conflict() -> None:
    way = route(form(county_opinion="同意推荐", organizer="某公司"), mail(), CAMPAIGN)
    assert way.channel is Channel.COUNTY
    assert way.county is None
    assert way.conflict is not None


def test_evidence_of_two_counties_is_a_conflict() -> None:
    way = route(form(county_opinion="谯城区委网信办同意"), mail("涡阳县委网信办报送"), CAMPAIGN)
    assert way.county == "谯城区"
    assert way.conflict is not None


def test_a_direct_sender_with_a_county_cell_is_a_conflict() -> None:
    known = with_sender("tsg@example.cn", "亳州市图书馆")
    way = route(form(county_opinion="谯城区委网信办同意"), mail(sender="tsg@example.cn"), known)
    assert way.channel is Channel.DIRECT
    assert way.conflict is not None


def test_the_submitter_is_the_countys_office_or_the_organizer() -> None:
    county = route(form(county_opinion="谯城区委网信办同意"), mail(), CAMPAIGN)
    assert submitter_of(county, "某公司", CAMPAIGN) == "谯城区委网信办"
    assert submitter_of(route(form(), mail(), CAMPAIGN), "某公司", CAMPAIGN) == "某公司"
