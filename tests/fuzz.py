"""Readers under damaged and foreign files: `python -m tests.fuzz [--seconds N] [--seed N] [FILE OR FOLDER ...]`.

Without files, samples of every format are damaged in ever new ways for `--seconds` (60) and read in this
project's own worker processes; with files, each is read as it is. What counts as a fault: a reader that
raised, died, or passed a limit. Every fault is printed with the seed that makes it again; any ends with 1.
"""

import argparse
import io
import random
import sys
import tarfile
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import NamedTuple

import openpyxl
import rars
from PIL import Image

from parsers.containers.archive import Opened, is_container
from parsers.documents import Facts, Unreadable
from parsers.workers import Workers
from tests.build import archives, forms, pdfs
from tests.build.facts import applicant
from tests.build.tnef import Attached, winmail

MATERIAL = Path(__file__).parent / "material"
FILMS = ("h264-fragments.mp4", "h264.flv", "h264.mkv", "h264.mp4", "wmv.wmv", "xvid.avi")
AT_ONCE = 8
TELLING = (
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\xff\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\0\0\0\x80",
    b"9999999999",
)
MARKUP = (b"<", b"/>", b"&lt;", b"]]>", b'="', b"{", b"}", b"\\u-1", b"\\bin9999 ", b"<!DOCTYPE x>")


class Fault(NamedTuple):
    """What went wrong with which file: `note` is the worker's own."""

    file: str
    note: str


def samples() -> Mapping[str, bytes]:
    """Return a small file of every format by its name."""
    who = applicant(1)
    docx = forms.docx(who).data
    named = {path.name: path.read_bytes() for path in (MATERIAL / "legacy").iterdir() if path.stem == "plain"}
    named |= {path.name: path.read_bytes() for path in sorted((MATERIAL / "archives").glob("*.7z"))[:4]}
    named |= {path.name: path.read_bytes() for path in sorted((MATERIAL / "archives").glob("rar[35]-s*.rar"))}
    named |= {name: (MATERIAL / "videos" / name).read_bytes() for name in FILMS}
    builder = rars.RarBuilder(format="rar29")
    builder.add_bytes(docx, "a.docx")
    named |= {
        "a.docx": docx,
        "a.pdf": pdfs.form(who).data,
        "a.zip": archives.zipped([("谯城/a.docx", docx), ("b.txt", b"x" * 99)]),
        "a.rar": bytes(builder.to_bytes()),
        "winmail.dat": winmail(
            [Attached("表.txt".encode("gbk"), b"x" * 99, "申报表.txt"), Attached(b"a.docx", docx)]
        ),
        "a.html": f"<html><table><tr><td>网站平台或账号名称<td>{who.fields.name}</table></html>".encode(),
        "a.xlsx": _sheet(who.fields.name),
        "a.tar.gz": _tarred(docx),
        "a.txt": (who.fields.summary or "").encode("gb18030"),
    }
    return named | {
        f"a.{kind.lower()}": _picture(kind) for kind in ("PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP")
    }


def _sheet(name: str | None) -> bytes:
    book = openpyxl.Workbook()
    book.create_sheet("申报").append(("网站平台或账号名称", name))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _tarred(content: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as opened:
        member = tarfile.TarInfo("谯城/a.docx")
        member.size = len(content)
        opened.addfile(member, io.BytesIO(content))
    return file.getvalue()


def _picture(kind: str) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((60, 40), 60).convert("RGB").save(file, kind)
    return file.getvalue()


def damaged(data: bytes, rng: random.Random, *, inside: bool = True) -> bytes:
    """Return `data` damaged in a few places; a zip's members rather than its own bytes, half of the time."""
    if inside and data.startswith(b"PK\x03\x04") and rng.random() < 0.5:
        return _damaged_inside(data, rng)
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 8, 30))):
        _damage(changed, rng)
    return bytes(changed)


def _damage(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data) + 1)
    size = rng.choice((1, 2, 4, 16, 200))
    match rng.randrange(6):
        case 0:
            data[at : at + 1] = bytes([rng.randrange(256)])
        case 1:
            word = rng.choice(TELLING)
            data[at : at + len(word)] = word
        case 2:
            data[at:at] = rng.choice(MARKUP)
        case 3:
            del data[at : at + size]
        case 4:
            data[at:at] = data[at : at + size] * rng.choice((1, 2, 50))
        case _:
            other = rng.randrange(len(data) + 1)
            data[at : at + size] = data[other : other + size]
    if rng.random() < 0.03:
        del data[rng.randrange(len(data) + 1) :]


def _damaged_inside(data: bytes, rng: random.Random) -> bytes:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as opened,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as written,
    ):
        names = opened.namelist()
        chosen = rng.choice(names)
        for name in names:
            content = opened.read(name)
            written.writestr(name, damaged(content, rng, inside=False) if name == chosen else content)
    return file.getvalue()


def fault(file: str, facts: Facts) -> Fault | None:
    """Return the fault that `facts` tell of, if any: the worker's own words, and a limit that was passed."""
    part = facts.parts[0]
    if facts.reader == "limits" and isinstance(part, Unreadable):
        return Fault(file, part.note)
    return None


def made(seconds: float, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield damaged samples for `seconds`, each under a name that holds its format and its seed."""
    all_samples = sorted(samples().items())
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        name, data = all_samples[seed % len(all_samples)]
        yield f"{seed}-{name}", damaged(data, random.Random(seed))
        seed += 1


def found(paths: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield the files in `paths`, folders walked."""
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                yield str(file), file.read_bytes()


def faults(
    files: Iterator[tuple[str, bytes]], workers: Workers, tally: Counter[str] | None = None
) -> Iterator[Fault]:
    """Yield what goes wrong as `workers` read `files` and the containers among them; count in `tally` what they are."""
    waiting: list[tuple[str, bytes, Future[Facts] | Future[Opened]]] = []
    tally = Counter() if tally is None else tally
    for name, data in files:
        begun = workers.unpack(data, name) if is_container(data) else workers.read(data, name)
        waiting.append((name, data, begun))
        if len(waiting) >= AT_ONCE:
            yield from _told(*waiting.pop(0), tally)
    for one in waiting:
        yield from _told(*one, tally)


def _told(
    name: str, data: bytes, begun: "Future[Facts] | Future[Opened]", tally: Counter[str]
) -> Iterator[Fault]:
    result = begun.result()
    facts = result.facts if isinstance(result, Opened) else result
    part = facts.parts[0]
    tally[f"{facts.reader} {part.why if isinstance(part, Unreadable) else facts.type}"] += 1
    if seen := fault(name, facts):
        kept = Path(tempfile.gettempdir()) / f"fault-{Path(name).name}"
        kept.write_bytes(data)
        yield seen._replace(file=str(kept))


def main(arguments: Sequence[str]) -> int:
    """Read damaged samples or given files; return 1 after any fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=60, help="seconds that a file may take")
    given = parser.parse_args(arguments)
    files = found(given.paths) if given.paths else made(given.seconds, given.seed)
    tally: Counter[str] = Counter()
    bad = 0
    with Workers(seconds=given.limit) as workers:
        for seen in faults(files, workers, tally):
            bad += 1
            print(f"{seen.file}: {seen.note}", flush=True)  # noqa: T201
    for what, count in tally.most_common():
        print(f"{count:6} {what}")  # noqa: T201
    print(f"{tally.total()} files, {bad} faults")  # noqa: T201
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
