"""What the service writes: one event a line, for a machine or a person, whatever it holds."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shenbao.logs import JsonLines, TextLines
from tests.shenbao.serving import config


def record(event: str, **values: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"msg": event, "levelname": "WARNING", "created": 1654068600.5})
    vars(made).update(values)
    return made


def test_an_event_as_json() -> None:
    line = JsonLines().format(record("letter", told="一\n二", path=Path("x"), count=2))
    told = json.loads(line)
    assert "\n" not in line
    assert told.pop("at").startswith("2022-06-01T")
    assert told == {"level": "warning", "event": "letter", "told": "一\n二", "path": "x", "count": 2}


def test_an_event_for_a_person() -> None:
    at, told = TextLines().format(record("letter", told="一", count=2)).split(" ", 1)
    assert at.startswith("2022-06-01T")
    assert told == "letter told=一 count=2"


@pytest.mark.parametrize("lines", [JsonLines(), TextLines()])
def test_a_fault_has_its_trace(lines: logging.Formatter) -> None:
    try:
        int("no")
    except ValueError:
        told = lines.format(record("duty-failed", exc_info=sys.exc_info()))
    assert "ValueError: invalid literal" in told
    assert "Traceback" in told


@pytest.mark.parametrize(
    ("option", "said"),
    [
        pytest.param("--log-json", '"event": "failed"', id="a machine reads"),
        pytest.param("", "错误：[listener] prot", id="a person reads"),
    ],
)
def test_a_service_that_cannot_begin_says_why(tmp_path: Path, option: str, said: str) -> None:
    settings = config(tmp_path, listener={"prot": 25})
    command = [sys.executable, "-m", "shenbao", "serve", "--config", str(settings), *filter(None, [option])]
    ran = subprocess.run(
        command, check=False, capture_output=True, text=True, env=dict(os.environ), timeout=60
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert said in ran.stderr
    assert "是不是 port？" in ran.stderr
