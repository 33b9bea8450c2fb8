"""A command starts with what it needs: no recogniser for a list, no start script in a reading process."""

import subprocess
import sys
from pathlib import Path

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


def test_the_start_script_is_run_once_however_many_processes_read(tmp_path: Path) -> None:
    log, script, form = tmp_path / "log", tmp_path / "start.py", tmp_path / "申报表.docx"
    script.write_text(SCRIPT.format(log=str(log)))
    form.write_bytes(forms.docx(LIBRARY).data)
    found = subprocess.run(
        [sys.executable, script, "parse", "--json", form], check=True, capture_output=True, text=True
    )
    assert '"type":"form"' in found.stdout.replace(" ", "")
    assert log.read_text() == "run\n"
