"""Bytes to facts: what one file holds, told by its content; no store, no network, no clock.

`read(data, name)` reads one file in this process, `parsers.workers.Workers` does it within limits.
`VERSION` belongs to the key of every cache of facts.
"""

import functools
import hashlib
import sys
from pathlib import Path

from parsers.office import programs
from parsers.reader import read

__all__ = ["VERSION", "read"]

VERSION: str  # computed at first use, since it opens every file of the package

LIBRARIES = (
    "lxml",
    "onnxruntime",
    "opencv-python-headless",
    "pdfplumber",
    "pillow",
    "pymediainfo",
    "pypdfium2",
    "rapidocr",
    "rars",
    "zxing-cpp",
)


def __getattr__(name: str) -> str:
    if name == "VERSION":
        return _version()
    raise AttributeError(name)


@functools.cache
def _version() -> str:
    """Return 16 hex digits that change with the code of this package or of what it reads with.

    A number kept by hand is forgotten the one time it matters, and then yesterday's misreading is
    served for ever; reading a file again after a change of some comment costs seconds.
    """
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    folder = Path(__file__).parent
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix != ".pyc":
            digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    for program in programs.READERS:
        digest.update(
            f"{program}={programs.is_there(program)}".encode()
        )  # what nobody could read may be readable now
    for library in LIBRARIES:
        digest.update(f"{library}=={_installed(library)}".encode())
    return digest.hexdigest()[:16]


def _installed(library: str) -> str:
    """Return the version of `library`, nothing where this machine does without it."""
    from importlib import metadata  # noqa: PLC0415 -- many commands read no file

    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""
