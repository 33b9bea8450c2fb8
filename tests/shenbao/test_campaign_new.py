"""`shenbao campaign new` asks for a year's terms, asks again for what the file cannot hold, and writes a good file."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shenbao.__main__ import shenbao
from shenbao.commands.campaign_new import QUESTIONS
from shenbao.options import CAMPAIGNS
from storage.campaign_file import load

DATES = "bozhou-2023\n2023-05-22\n2023-06-02\n"


def asked(path: Path, answers: str) -> Result:
    return CliRunner().invoke(shenbao, ["campaign", "new", str(path)], input=answers)


def test_the_old_values_are_offered(tmp_path: Path) -> None:
    path = tmp_path / "bozhou-2023.toml"
    result = asked(path, DATES + "\n" * len(QUESTIONS))
    assert result.exit_code == 0, result.output
    made = load(path)
    assert (made.name, made.receipt_prefix) == ("bozhou-2023", "WM2023")
    assert made.title == "2023年亳州市文明网站平台、文明账号推选活动"
    assert made.dates.deadline.isoformat() == "2023-06-03T00:00:00+08:00"
    assert "5月22日至6月2日" in made.dates.clause


def test_what_the_file_cannot_hold_is_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "b.toml"
    wrong = "亳州\nbozhou-2023\n5月22日\n2023-05-22\n2023-05-01\n2023-06-02\n\nwm2023\nWM2023\n两个\n2\n"
    result = asked(path, wrong + "\n" * (len(QUESTIONS) - 3))
    assert result.exit_code == 0, result.output
    assert result.output.count("错误：") == 5
    assert load(path).quota.direct == 2


@pytest.mark.parametrize(
    "answers", [pytest.param("", id="at once"), pytest.param(DATES + "\n\n", id="half way")]
)
def test_answers_that_end_early_leave_no_file(tmp_path: Path, answers: str) -> None:
    path = tmp_path / "b.toml"
    assert asked(path, answers).exit_code == 1
    assert not path.exists()


def test_no_file_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "b.toml"
    path.write_text("mine")
    result = asked(path, DATES + "\n" * len(QUESTIONS))
    assert (result.exit_code, path.read_text()) == (2, "mine")


def test_the_old_campaigns_own_templates_serve_on_from_the_new_place(tmp_path: Path) -> None:
    (tmp_path / "2022" / "信函").mkdir(parents=True)
    (tmp_path / "2022" / "信函" / "letter.j2").write_text("贵单位好！", "utf-8")
    old, new = tmp_path / "2022" / "a.toml", tmp_path / "b.toml"
    text = (CAMPAIGNS / "bozhou-2022.toml").read_text("utf-8")
    old.write_text(text.replace('# templates = "templates"', 'templates = "信函"'), "utf-8")
    arguments = ["campaign", "new", str(new), "--from", str(old)]
    result = CliRunner().invoke(shenbao, arguments, input=DATES + "\n" * len(QUESTIONS))
    assert result.exit_code == 0, result.output
    assert load(new).texts == {"letter.j2": "贵单位好！"}


def test_a_mistake_in_a_template_is_told_by_campaign_check(tmp_path: Path) -> None:
    (tmp_path / "信函").mkdir()
    (tmp_path / "信函" / "letter.j2").write_text("您好\n{{ tody }}", "utf-8")
    file = tmp_path / "a.toml"
    text = (CAMPAIGNS / "bozhou-2022.toml").read_text("utf-8")
    file.write_text(text.replace('# templates = "templates"', 'templates = "信函"'), "utf-8")
    result = CliRunner().invoke(shenbao, ["campaign", "check", str(file)])
    assert result.exit_code == 1
    assert "letter.j2 第 2 行 tody：这封信里没有这个变量" in result.output
