"""One archive that installs shenbao where there is no network: `make bundle`.

It holds every pinned wheel for Linux on x86-64 and aarch64 (麒麟 and 统信 have glibc 2.28 and more), the
program's own wheel and an installer. On the machine that makes it, it is installed and run in a network
namespace of its own, where nothing but loopback answers.
"""

import argparse
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from packaging.requirements import Requirement

HERE = Path(__file__).parent
ROOT = HERE.parent
PINS = HERE / "run.txt"
MACHINES = ("x86_64", "aarch64")
PYTHONS = ("3.11", "3.12", "3.13")
GLIBC = range(17, 29)  # manylinux_2_17 to manylinux_2_28
PROOF = """
set -e
ip link set lo up
sh "$1/install.sh" "$2"
"$2/bin/shenbao" demo
"""


def main() -> None:
    told = _arguments()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / told.file.name.removesuffix(".gz").removesuffix(".tar")
        wheels = folder / "wheels"
        wheels.mkdir(parents=True)
        for machine in told.machine:
            for python in told.python:
                print(f"{machine}, Python {python} ...", flush=True)
                _download(wheels, machine, python)
        _own_wheel(wheels)
        for name in (PINS, HERE / "install.sh"):
            shutil.copy(name, folder / name.name)
        _pack(folder, told.file)
        if told.prove:
            _prove(told.file, Path(scratch) / "proof")


def pins_for(lines: Sequence[str], machine: str, python: str) -> Iterator[str]:
    """Yield the pins of `lines`, with their hashes, that Linux on `machine` needs under `python`."""
    needed = False
    for line in lines:
        if not line.startswith((" ", "#")):
            named = Requirement(line.rstrip("\\ \n"))
            needed = named.marker is None or named.marker.evaluate(_environment(machine, python))
        if needed:
            yield line


def _environment(machine: str, python: str) -> dict[str, str]:
    return {
        "platform_machine": machine,
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }


def _download(wheels: Path, machine: str, python: str) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as pins:
        pins.writelines(pins_for(PINS.read_text().splitlines(keepends=True), machine, python))
        pins.flush()
        tags = [f"manylinux_2_{minor}_{machine}" for minor in GLIBC] + [f"manylinux2014_{machine}"]
        _pip(
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--require-hashes",
            f"--python-version={python}",
            "--implementation=cp",
            *(f"--platform={tag}" for tag in tags),
            f"--dest={wheels}",
            f"--requirement={pins.name}",
        )


def _own_wheel(wheels: Path) -> None:
    _pip("wheel", "--quiet", "--no-deps", "--no-build-isolation", f"--wheel-dir={wheels}", str(ROOT))


def _pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", *arguments], check=True)


def _pack(folder: Path, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file, "w") as archive:  # wheels are packed already
        archive.add(folder, folder.name)


def _prove(file: Path, scratch: Path) -> None:
    """Install and run what is in `file` where no network is; raises CalledProcessError if that fails."""
    with tarfile.open(file) as archive:
        archive.extractall(scratch, filter="data")
    (folder,) = scratch.iterdir()
    subprocess.run(
        ["unshare", "--map-root-user", "--net", "sh", "-c", PROOF, "proof", folder, scratch / "venv"],
        check=True,
        cwd=scratch,
        env={
            "PATH": f"{Path(sys.executable).resolve().parent}:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(scratch),
        },
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=ROOT / "dist" / "shenbao-offline.tar")
    parser.add_argument("--machine", action="append", choices=MACHINES)
    parser.add_argument("--python", action="append", choices=PYTHONS)
    parser.add_argument("--here", action="store_true", help="only for this machine and this Python")
    parser.add_argument("--no-proof", dest="prove", action="store_false")
    told = parser.parse_args()
    here = ([platform.machine()], [f"{sys.version_info.major}.{sys.version_info.minor}"])
    told.machine = told.machine or (here[0] if told.here else list(MACHINES))
    told.python = told.python or (here[1] if told.here else list(PYTHONS))
    return told


if __name__ == "__main__":
    main()
