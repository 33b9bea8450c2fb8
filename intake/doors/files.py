"""The door for filed mail: .eml files, mbox, Maildir, and folders of them, in sorted order."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

MAILDIR = ("cur", "new")
SNIFFED = 65536


class PathError(Exception):
    """Paths that are not there or cannot be read; `paths` are all of them, the text says why in Chinese."""

    def __init__(self, paths: Sequence[tuple[Path, str]]) -> None:
        super().__init__("；".join(f"{why}：{path}" for path, why in paths))
        self.paths = tuple(path for path, _ in paths)


class Found(NamedTuple):
    """A mail in a file: `origin` names it (`file.mbox#3`, counted from 1), `read` gives its `size` bytes."""

    origin: str
    read: Callable[[], bytes]
    size: int


class Mails(NamedTuple):
    """The mails at some paths, in order, and the files of their folders that are none."""

    found: tuple[Found, ...]
    skipped: tuple[Path, ...]


def mails(paths: Sequence[Path]) -> Mails:
    """Return the mails of `paths`, none of them read yet; raise `PathError` naming every bad path.

    A file named directly is always a mail; in a folder it is one by its place (Maildir) or by its kind.
    """
    faults: list[tuple[Path, str]] = []
    found: dict[str, Found] = {}
    skipped: list[Path] = []
    for path in paths:
        for file, named in _walk(path, faults):
            try:
                opened = list(_opened(file, named=named))
            except OSError as error:
                faults.append((file, f"无法读取（{error.strerror}）"))
                continue
            found |= {one.origin: one for one in opened}
            skipped += [] if opened else [file]
    if faults:
        raise PathError(list(dict.fromkeys(faults)))
    return Mails(tuple(found.values()), tuple(dict.fromkeys(skipped)))


def _opened(file: Path, *, named: bool) -> Iterator[Found]:
    if not file.is_file():
        return
    single = file.suffix.lower() == ".eml" or _in_maildir(file)
    if not single and _is_mbox(file):
        yield from _members(file)
    elif single or named:
        yield Found(str(file), file.read_bytes, file.stat().st_size)


def _walk(path: Path, faults: list[tuple[Path, str]]) -> Iterator[tuple[Path, bool]]:
    """Yield every file at `path`, and whether it was named itself; note what cannot be read."""
    try:
        if not path.exists():
            faults.append((path, "路径不存在"))
        elif path.is_dir():
            for inner in sorted(path.iterdir()):
                # A link to a folder may lead back to where we are; a Maildir's tmp holds half mails.
                if (inner.is_symlink() and inner.is_dir()) or (inner.name == "tmp" and _is_maildir(path)):
                    continue
                regular = inner.is_dir() or inner.is_file()
                yield from (
                    ((file, False) for file, _ in _walk(inner, faults)) if regular else [(inner, False)]
                )
        elif not path.is_file():
            faults.append((path, "不是普通文件"))
        else:
            with path.open("rb"):
                yield path, True
    except PermissionError:
        faults.append((path, "没有读取权限"))
    except OSError as error:
        faults.append((path, f"无法读取（{error.strerror}）"))


def _in_maildir(file: Path) -> bool:
    """Say whether a file lies in a Maildir: in `cur` or `new` beside each other, under no dotted name."""
    folder = file.parent
    return folder.name in MAILDIR and _is_maildir(folder.parent) and not file.name.startswith(".")


def _is_maildir(folder: Path) -> bool:
    return all((folder / name).is_dir() for name in MAILDIR)


def _is_mbox(file: Path) -> bool:
    """Say whether the content is an mbox: a `From ` line and then a header field."""
    with file.open("rb") as stream:
        if stream.read(5) != b"From ":
            return False
        start = stream.read(SNIFFED)
    _, _, following = start.partition(b"\n")
    name, colon, _ = following.partition(b":")
    return not following or (
        bool(colon) and name.isascii() and b" " not in name.strip() and b"\n" not in name
    )


def _members(file: Path) -> Iterator[Found]:
    """Yield the mails of an mbox by their places in it."""
    starts = list(_starts(file))
    ends = [*starts[1:], file.stat().st_size]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=1):
        yield Found(f"{file}#{number}", partial(_member, file, start, end), end - start)


def _starts(file: Path) -> Iterator[int]:
    """Yield where each mail starts: a `From ` line at the top or after an empty line (RFC 4155)."""
    place, blank = 0, True
    with file.open("rb") as stream:
        for line in stream:
            if blank and line.startswith(b"From "):
                yield place
            blank = line in (b"\n", b"\r\n")
            place += len(line)


def _member(file: Path, start: int, end: int) -> bytes:
    """Return one mail of an mbox without its `From ` line, its empty last line and the quoting of `>From `."""
    with file.open("rb") as stream:
        stream.seek(start)
        stream.readline()
        raw = stream.read(max(0, end - stream.tell()))
    mark = b"\r\n" if raw.endswith(b"\r\n") else b"\n"
    raw = raw.removesuffix(mark) if raw.endswith(mark * 2) else raw
    return b"".join(_unquoted(line) for line in raw.splitlines(keepends=True)) if b">From " in raw else raw


def _unquoted(line: bytes) -> bytes:
    return line[1:] if line.startswith(b">") and line.lstrip(b">").startswith(b"From ") else line
