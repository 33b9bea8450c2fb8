"""Every scenario under tests/scenarios, played through the real pipeline; and how strictly they are read."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from parsers.workers import Workers
from storage.model import Code
from storage.verify import verify
from tests.scenarios import scenario, stage
from tests.scenarios.scenario import Mistake, Scenario
from tests.story.office import Office

FOLDER = Path(scenario.__file__).parent
FILES = sorted(FOLDER.glob("*.toml"))
ALL = [(path, one) for path in FILES for one in scenario.load(path).scenarios]


@pytest.fixture(scope="module")
def remembering(workers: Workers) -> stage.Remembering:
    return stage.Remembering(workers)


@pytest.fixture
def desk(tmp_path: Path, remembering: stage.Remembering) -> Iterator[Office]:
    with Office(tmp_path / "data", remembering) as made:
        yield made


@pytest.mark.parametrize("told", [pytest.param(one, id=f"{path.stem}-{one.name}") for path, one in ALL])
def test_a_scenario_ends_as_it_says(desk: Office, told: Scenario) -> None:
    for number, played in enumerate(stage.play(desk, told), start=1):
        assert played.found == played.expected, f"第{number}封信"
    assert stage.certain_rejections(desk) == []
    assert verify(desk.store) == []


@pytest.mark.parametrize("code", sorted(Code))
def test_every_code_is_told_where_it_is_due_and_where_it_nearly_is(code: Code) -> None:
    assert {one.due for _, one in ALL if one.code is code} == {True, False}


def test_no_two_scenarios_of_a_file_bear_one_name() -> None:
    names = [(path, one.name) for path, one in ALL]
    assert len(set(names)) == len(names)


GOOD = """主题 = "试"

[[情形]]
名称 = "一"
针对 = "late"
应有 = true

[[情形.来信]]
单位 = 1

[[情形.来信]]
时间 = 2022-06-04T00:00:00
填写 = { 手机 = "", 主办单位 = "甲 = 乙" }  # 注 = 解
期望问题 = ["late", "field-missing:mobile"]
"""


def test_a_good_file_is_read() -> None:
    (told,) = scenario.loads(GOOD).scenarios
    assert told.mails[1].cells == {"手机": "", "主办单位": "甲 = 乙"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("单位 = 1", "单未 = 1", "第9行：没有“单未”这一项", id="an unknown key of a mail"),
        pytest.param(
            '名称 = "一"', '名字 = "一"', "第4行：没有“名字”这一项", id="an unknown key of a scenario"
        ),
        pytest.param(
            '主题 = "试"', '主提 = "试"', "第1行：没有“主提”这一项", id="an unknown key of the file"
        ),
        pytest.param('名称 = "一"\n', "", "第3行：缺少“名称”", id="a missing key"),
        pytest.param("手机 =", "手记 =", "第13行：", id="an unknown cell"),
        pytest.param('"late"\n', '"later"\n', "第5行：", id="an unknown code"),
        pytest.param("单位 = 1", '单位 = "一"', "第9行：", id="words for a number"),
        pytest.param("单位 = 1", "回复 = 1", "第9行：前面没有第1封信", id="an answer to nothing"),
        pytest.param(
            "单位 = 1", '材料 = ["申请表"]', "第9行：没有“申请表”这种材料", id="an unknown material"
        ),
        pytest.param(
            "单位 = 1", '材料 = ["照片（3字）"]', "第9行：“照片”没有“字”这种写法", id="an unknown option"
        ),
        pytest.param('"late", ', "", "第6行：“应有”与期望问题", id="due and not expected"),
        pytest.param("field-missing:mobile", "field-missing:mobil", "第14行：", id="an unknown field"),
        pytest.param("单位 = 1", "单位 = ", "第9行：TOML", id="no TOML"),
    ],
)
def test_a_mistake_is_told_with_its_line(old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(Mistake, match=f"^{re.escape(said)}"):
        scenario.loads(GOOD.replace(old, new, 1))
