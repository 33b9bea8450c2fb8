"""The material folder written out: as a folder, or as one zip."""

import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from intake.office.folders import INDEX, Entry
from intake.office.stable_zip import EPOCH, UNIX, replacing
from storage.blobs import Blobs

# Already packed: packing them again takes long and saves nothing.
PACKED = frozenset(
    {".docx", ".xlsx", ".pptx", ".jpg", ".jpeg", ".png", ".mp4", ".mov", ".zip", ".rar", ".7z"}
)


def write_folder(folder: Path, entries: Iterable[Entry], blobs: Blobs, index: bytes) -> None:
    """Put the material under `folder`, whole or not at all where it is new; what else lies there stays.

    The files are copies: a person may change them without changing what is kept.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as making:
        made = Path(making) / "made"
        made.mkdir(mode=0o700)
        for entry in entries:
            if entry.path:
                _copy(blobs.path(entry.document.sha256), made / entry.path)
        (made / INDEX).write_bytes(index)
        if folder.exists():
            shutil.copytree(made, folder, dirs_exist_ok=True)
        else:
            made.rename(folder)


def write_zip(
    path: Path, entries: Iterable[Entry], blobs: Blobs, index: bytes, *, force: bool = False
) -> None:
    """Put the material into the zip `path`; the same material gives the same bytes.

    Raises FileExistsError for a file there without `force`.
    """
    with replacing(path, force=force) as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr(member(INDEX), index)
        for entry in entries:
            if entry.path:
                pack(archive, entry.path, blobs.path(entry.document.sha256))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    shutil.copyfile(source, target)


def pack(archive: zipfile.ZipFile, name: str, source: Path) -> None:
    """Put the file `source` into the archive as `name`, in pieces."""
    with source.open("rb") as read, archive.open(member(name), "w", force_zip64=True) as write:
        shutil.copyfileobj(read, write, 1 << 20)


def member(name: str) -> zipfile.ZipInfo:
    """Return a member of an archive that is the same whenever it is made; what is packed already is only stored."""
    made = zipfile.ZipInfo(name, EPOCH)
    packed = Path(name).suffix in PACKED
    made.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    made.create_system = UNIX
    made.external_attr = 0o600 << 16
    return made
