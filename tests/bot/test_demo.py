"""The demo of the bot over the emulated Telegram, and the picture of it in the README."""

from pathlib import Path

import pytest
from PIL import Image

from tests.bot import demo

LARGEST = 300_000
SHOWN = Path(__file__).parents[2] / "docs" / "chat.png"


def test_each_talk_ends_with_what_was_asked_for() -> None:
    today, decided, asked = demo.talked()
    assert [turn.answers[0].text.splitlines()[0] for turn in today.turns][1:] == [
        "【核对证照与公章】",
        "县区账号  名额  已占  剩余  未定",
        "待补正 2件",
    ]
    assert decided.turns[-1].answers[0].text.startswith("已办理。WM2022-0003 魏武故里")
    assert [one.count("状态：") for one in (turn.answers[0].text for turn in asked.turns)] == [1, 1, 2]


@pytest.mark.debian("chromium")
def test_the_picture_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "chat.png"
    demo.main(["--picture", str(made)])
    assert "› /today" in capsys.readouterr().out
    with Image.open(made) as picture, Image.open(SHOWN) as shown:
        assert picture.width == shown.width
        assert picture.height > 1000
    assert made.stat().st_size < LARGEST
    assert SHOWN.stat().st_size < LARGEST
