"""Office files that are the same bytes whenever they are made of the same content."""

import io
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

EPOCH = (1980, 1, 1, 0, 0, 0)
UNIX = 3  # the system that made it, whichever did


def restamp(data: bytes, parts: Mapping[str, bytes]) -> bytes:
    """Return the zip `data` with no moment of making in it, its members named in `parts` replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = UNIX
            target.writestr(member, parts.get(name, source.read(name)))
    return out.getvalue()


def write(path: Path, data: bytes, *, force: bool = False) -> None:
    """Put `data` at `path` whole or not at all; raise `FileExistsError` for a file there without `force`."""
    with replacing(path, force=force) as file:
        file.write(data)


@contextmanager
def replacing(path: Path, *, force: bool = False) -> Iterator[IO[bytes]]:
    """Give a file to write that becomes `path` once it is whole and on the disk, and never before.

    Raises FileExistsError for a file there without `force`.
    """
    # A hard link would be simpler, but a USB stick has none.
    reserved = not force
    if reserved:
        path.touch(exist_ok=False)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        kept = Path(file.name)
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            kept.replace(path)
        except BaseException:
            kept.unlink(missing_ok=True)
            if reserved:
                path.unlink(missing_ok=True)
            raise
