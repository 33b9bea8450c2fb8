"""What the service writes: one event a line, for a machine or a person, whatever it holds."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from shenbao.logs import JsonLines, TextLines
from storage.model import State
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
    at, told = (
        TextLines().format(record("letter", told="一", states=[State.ACCEPTED, State.REJECTED])).split(" ", 1)
    )
    assert at.startswith("2022-06-01T")
    assert told == "letter told=一 states=accepted,rejected"


@pytest.mark.parametrize("lines", [JsonLines(), TextLines()])
def test_a_fault_has_its_trace(lines: logging.Formatter) -> None:
    try:
        int("no")
    except ValueError:
        told = lines.format(record("duty-failed", exc_info=sys.exc_info()))
    assert "ValueError: invalid literal" in told
    assert "Traceback" in told


def test_a_service_that_cannot_begin_says_why_in_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "shenbao", "serve", "--log-json", "--config"]
    settings = config(tmp_path, listener={"prot": 25})
    ran = subprocess.run([*command, str(settings)], check=False, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout) == (1, "")
    told = json.loads(ran.stderr)
    assert (told["event"], told["told"]) == ("failed", "[listener] prot：没有这个设置项，是不是 port？")
