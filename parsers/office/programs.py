"""Programs of the machine that read what no library reads: run without network, in a folder of their own.

They are children of a reading process and share its limits of memory and CPU time. A program gets a
fixed environment and no shell; with its time up, its whole process group is killed, even where the
reading process was killed before.
"""

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

ANTIWORD_SECONDS = 10
OFFICE_SECONDS = 45  # a first start on a slow machine takes 10
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
{items}</oor:items>
"""
ITEM = '<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>\n'
SAFE = (
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Writer/Content/Update", "Link", "0"),
    ("Inet/Settings", "ooInetProxyType", "2"),
    ("Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPSProxyPort", "9"),
)
"""No macros, no updates of links, and a proxy that nobody serves, should a network be there."""


READERS = ("antiword", "soffice")


def is_there(*names: str) -> bool:
    """Tell whether the machine has any of the programs `names`."""
    return any(shutil.which(name) for name in names)


def antiword(data: bytes, seconds: int = ANTIWORD_SECONDS) -> bytes | None:
    """Return the DocBook of the Word 97 document `data` in UTF-8; None without the program, or if it fails."""
    program = shutil.which("antiword")
    if program is None:
        return None
    with tempfile.TemporaryDirectory(prefix="shenbao-") as folder:
        source = Path(folder) / "document.doc"
        source.write_bytes(data)
        command = [program, "-x", "db", "-m", "UTF-8.txt", str(source)]
        return _output(command, folder, seconds) or None


def to_docx(data: bytes, suffix: str) -> bytes | None:
    """Return the document `data` (of that file name suffix) as LibreOffice saves it; None without it, or if it fails."""
    return _by_office(data, suffix, "docx:MS Word 2007 XML")


def to_pdf(data: bytes, suffix: str) -> bytes | None:
    """Return the document `data` (of that file name suffix) as LibreOffice prints it; None without it, or if it fails."""
    return _by_office(data, suffix, "pdf")


def _by_office(data: bytes, suffix: str, to: str) -> bytes | None:
    program = shutil.which("soffice")
    if program is None:
        return None
    with tempfile.TemporaryDirectory(prefix="shenbao-") as folder:
        source = Path(folder) / f"document{suffix}"
        source.write_bytes(data)
        profile = Path(folder) / "profile"
        (profile / "user").mkdir(parents=True)
        items = "".join(ITEM.format(path=path, name=name, value=value) for path, name, value in SAFE)
        (profile / "user" / "registrymodifications.xcu").write_text(SETTINGS.format(items=items), "utf-8")
        command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
        command += ["--convert-to", to, "--outdir", f"{folder}/out", str(source)]
        _output(command, folder, OFFICE_SECONDS)
        made = Path(folder) / "out" / f"document.{to.partition(':')[0]}"
        return made.read_bytes() if made.is_file() else None


def _output(command: Sequence[str], folder: str, seconds: int) -> bytes | None:
    """Return what `command` prints, or None if it fails or takes longer than `seconds`."""
    environment = {"HOME": folder, "TMPDIR": folder, "PATH": os.environ.get("PATH", os.defpath)}
    environment |= {"LC_ALL": "C.UTF-8", "SAL_USE_VCLPLUGIN": "svp"}
    with subprocess.Popen(  # noqa: S603  no shell, and no word of the command is from the document
        [*_guarded(seconds), *command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            printed, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        return printed if process.returncode == 0 else None


def _guarded(seconds: int) -> list[str]:
    """Return the words before a command that end it in time and cut it off from the network, where they can be had."""
    timeout = shutil.which("timeout")
    return [*([timeout, "--signal=KILL", str(seconds + 1)] if timeout else []), *_without_network()]


@functools.cache
def _without_network() -> tuple[str, ...]:
    """Return the words that run a command in a network of its own, none where the machine forbids that."""
    program = shutil.which("unshare")
    for options in (("--net",), ("--user", "--net")) if program else ():
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            command = [str(program), *options, "--", "true"]
            if not subprocess.run(command, check=False, capture_output=True, timeout=5).returncode:  # noqa: S603
                return (str(program), *options, "--")
    return ()
