"""A missing Debian program is a skip that says so, and a failure where no skip is allowed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")
MARKED = """
import pytest
@pytest.mark.debian({program!r})
def test_it():
    pass
"""


def run(folder: Path, program: str, *, no_skips: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(CONFTEST, folder / "conftest.py")
    (folder / "test_marked.py").write_text(MARKED.format(program=program))
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    debian: needs programs\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)],
        env=os.environ | {"SHENBAO_NO_SKIPS": no_skips},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("program", "no_skips", "status"),
    [
        pytest.param("sh", "1", 0, id="installed"),
        pytest.param("no-such-program", "", 0, id="missing is a skip"),
        pytest.param("no-such-program", "1", 1, id="missing is a failure where no skip is allowed"),
    ],
)
def test_debian_marker(tmp_path: Path, program: str, no_skips: str, status: int) -> None:
    done = run(tmp_path, program, no_skips=no_skips)
    assert done.returncode == status, done.stdout
    assert ("not installed here: no-such-program" in done.stdout) == (program != "sh")
