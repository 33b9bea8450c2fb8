"""A command starts with what it needs: no recogniser for a list, no start script in a reading process."""

import subprocess
import sys
from pathlib import Path

import pytest

from storage.database import open_store
from tests.build import forms
from tests.story.office import LIBRARY

SCRIPT = """
import pathlib
with pathlib.Path({log!r}).open("a") as log:
    print("run", file=log)
from shenbao.__main__ import main
if __name__ == "__main__":
    main()
"""

# What a command that reads no file has no use for; each costs a good part of its start.
HEAVY = """
aiosmtpd cv2 distributed docx httpx numpy onnxruntime openpyxl pandas pdfplumber pebble PIL pypdfium2 rapidocr rars
telegram zxingcpp
"""
LOADED = """
import sys
from shenbao.__main__ import run
status = run(sys.argv[2:])
print(status, *sorted(set(sys.argv[1].split()) & set(sys.modules)))
"""


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["list"], id="list"),
        pytest.param(["search", "谯城"], id="search"),
        pytest.param(["outbox"], id="outbox"),
        pytest.param(["health"], id="health"),
        pytest.param(["verify"], id="verify"),
        pytest.param(["quarantine"], id="quarantine"),
        pytest.param(["chat", "--as", "staff"], id="chat"),
    ],
)
def test_a_light_command_loads_nothing_heavy(tmp_path: Path, command: list[str]) -> None:
    with open_store(tmp_path):
        pass
    found = subprocess.run(
        [sys.executable, "-c", LOADED, HEAVY, *command, "--data", str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
        input="/status\n",
    )
    assert found.stdout.splitlines()[-1] == "0"


def test_the_start_script_is_run_once_however_many_processes_read(tmp_path: Path) -> None:
    log, script, form = tmp_path / "log", tmp_path / "start.py", tmp_path / "申报表.docx"
    script.write_text(SCRIPT.format(log=str(log)))
    form.write_bytes(forms.docx(LIBRARY).data)
    found = subprocess.run(
        [sys.executable, script, "parse", "--json", form], check=True, capture_output=True, text=True
    )
    assert '"type":"form"' in found.stdout.replace(" ", "")
    assert log.read_text() == "run\n"
