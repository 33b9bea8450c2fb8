from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from intake import terms
from intake.letters import letter_texts, replies
from storage.campaign import Campaign
from storage.campaign_file import CampaignError
from storage.model import State
from tests.intake.made import CAMPAIGN, application

FILE = Path(__file__).parent.parents[2] / "intake" / "campaigns" / "bozhou-2022.toml"
OWN = '# templates = "templates"'


def campaign_with(folder: Path, templates: dict[str, str]) -> Path:
    """Return a campaign file in `folder` that has these templates of its own beside it."""
    (folder / "信函").mkdir()
    for name, source in templates.items():
        (folder / "信函" / name).write_text(source, "utf-8")
    file = folder / "next.toml"
    file.write_text(FILE.read_text("utf-8").replace(OWN, 'templates = "信函"'), "utf-8")
    return file


def letter(campaign: Campaign, state: State = State.SHORTLISTED) -> str:
    return replies.result(
        application(state=state),
        cause="c",
        to="wxb@example.cn",
        campaign=campaign,
        now=datetime(2022, 6, 10, tzinfo=UTC),
        sender="bzscbk@163.com",
    ).body


def test_our_own_templates_would_pass_as_a_campaigns() -> None:
    ours = {path.name: path.read_text("utf-8") for path in letter_texts.FOLDER.glob("*.j2")}
    assert set(ours) == set(letter_texts.KNOWN)
    assert list(letter_texts.mistakes(replace(CAMPAIGN, texts=ours))) == []


def test_a_campaigns_own_template_stands_in_place_of_ours_and_the_others_stay(tmp_path: Path) -> None:
    frame = (letter_texts.FOLDER / "letter.j2").read_text("utf-8").replace("您好！", "贵单位好！")
    own = terms.load(campaign_with(tmp_path, {"letter.j2": frame}))
    assert "贵单位好！" in letter(own)
    assert letter(own).replace("贵单位好！", "您好！") == letter(CAMPAIGN)


@pytest.mark.parametrize(
    ("name", "source", "told"),
    [
        pytest.param("letter.j2", "您好\n{% if today %}", "第 2 行 模板的写法不对", id="a block left open"),
        pytest.param("letter.j2", "{{ today | dya }}", "第 1 行 模板的写法不对", id="an unknown filter"),
        pytest.param("letter.j2", "\n{{ tody }}", "第 2 行 tody：这封信里没有这个变量，是不是 today", id="a name misspelt"),
        pytest.param("status.j2", "{{ accepted }}", "accepted：这封信里没有", id="what only another letter knows"),
        pytest.param("letter.j2", "{{ campaign.office.phone }}", "campaign.office.phone：没有这一项", id="no such term"),
        pytest.param("result.j2", "{{ told.tokn }}", "told.tokn：没有这一项", id="no such part of an application"),
        pytest.param("result.j2", '{% extends "leter.j2" %}', "leter.j2：没有这个模板", id="another file that is not there"),
        pytest.param("anser.j2", "您好", "没有这个名称的信函模板，是不是 answer.j2", id="a file's name misspelt"),
    ],
)  # fmt: skip
def test_a_template_that_cannot_be_used_is_named(tmp_path: Path, name: str, source: str, told: str) -> None:
    with pytest.raises(CampaignError) as raised:
        terms.load(campaign_with(tmp_path, {name: source}))
    (mistake,) = raised.value.mistakes
    assert mistake.file == name
    assert told in str(mistake)


def test_a_folder_that_is_not_there_is_told_with_its_line(tmp_path: Path) -> None:
    file = campaign_with(tmp_path, {})
    (tmp_path / "信函").rmdir()
    with pytest.raises(CampaignError, match=r"第 \d+ 行 campaign.templates：没有这个文件夹"):
        terms.load(file)


def test_a_result_quotes_its_stage_and_what_comes_next() -> None:
    shortlisted, out = letter(CAMPAIGN), letter(CAMPAIGN, State.ELIMINATED)
    assert "依据：五、推选安排 2：6月3日至6月13日" in shortlisted
    assert "后续安排：五、推选安排 3：6月13日至6月20日" in shortlisted
    assert "推选安排" not in out
    assert "依据：六、奖项设置" in letter(CAMPAIGN, State.RECOMMENDED)
