"""The offline archive: which pins go where, and an installer that says what it misses."""

import os
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parent.parent / "requirements"
PINS = (REQUIREMENTS / "run.txt").read_text().splitlines(keepends=True)
pins_for = runpy.run_path(str(REQUIREMENTS / "bundle.py"))["pins_for"]


def named(machine: str, python: str) -> dict[str, str]:
    pins = (line.split() for line in pins_for(PINS, machine, python) if not line.startswith(" "))
    return {name: version for name, _, version in (pin[0].partition("==") for pin in pins)}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_each_machine_and_python_gets_one_version_of_each_pin_that_is_for_it(
    machine: str, python: str
) -> None:
    pins = named(machine, python)
    assert ("pysqlite3" in pins) == (machine == "x86_64")  # it has no wheel elsewhere
    assert pins["numpy"].startswith("2.4" if python == "3.11" else "2.5")
    assert "colorama" not in pins  # for Windows
    kept = list(pins_for(PINS, machine, python))
    assert all(line.startswith(" ") for line in kept if "--hash" in line)
    assert sum("--hash" in line for line in kept) > len(pins)


def test_the_installer_says_which_python_it_needs(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for program in ("dirname", "sh"):
        (programs / program).symlink_to(shutil.which(program) or "")
    environment = os.environ | {"PATH": str(programs), "PYTHON": "no-such-python"}
    ran = subprocess.run(
        ["sh", REQUIREMENTS / "install.sh", tmp_path / "to"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "Python 3.11" in ran.stderr
    assert not (tmp_path / "to").exists()
