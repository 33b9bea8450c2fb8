"""The names of a container's members: in whatever encoding they were written, without what systems leave behind."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator

LOCAL_HEADER = 30  # bytes before the name, APPNOTE 4.3.7
UTF_8_FLAG = 0x800
UNICODE_PATH = 0x7075  # Info-ZIP's extra field, APPNOTE 4.6.9
LEFT_BEHIND = frozenset({".ds_store", "thumbs.db", "desktop.ini", "ehthumbs.db", ".directory"})
CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
NOWHERE = frozenset({"", ".", ".."})
DRIVE = re.compile(r"[A-Za-z]:")
VOLUME = re.compile(r"\.(?:[zr][0-9]{2}|part0*[0-9]+\.rar|[0-9]{3})\s*$", re.IGNORECASE)
BEYOND_TWO_BYTES = "\u0800"  # where UTF-8 begins to take three bytes a character, Chinese among them


def forget_flags(file: io.BytesIO) -> None:
    """Clear the UTF-8 flag of every directory entry in `file`."""
    data = file.getvalue()
    at = data.find(b"PK\x01\x02")
    with file.getbuffer() as view:
        while 0 <= at < len(data) - 10:
            view[at + 9] &= ~(UTF_8_FLAG >> 8) & 0xFF
            at = data.find(b"PK\x01\x02", at + 4)


def restore_names(entries: Iterable[zipfile.ZipInfo], file: io.BytesIO) -> Iterator[zipfile.ZipInfo]:
    """Yield each of `entries` of the zip `file` with its name as it was meant, ready to be opened."""
    for entry in entries:
        entry.filename = _name(entry)
        with file.getbuffer() as view:
            _expect_local_name(entry, view)
        yield entry


def _expect_local_name(entry: zipfile.ZipInfo, view: memoryview) -> None:
    """Make `entry` expect the name that its local header has.

    It may differ from the directory's, in its encoding mostly; `zipfile` calls that damage, every
    other program opens it.
    """
    start = entry.header_offset + LOCAL_HEADER
    if entry.header_offset < 0 or start > len(view):
        return
    view[entry.header_offset + 7] &= ~(UTF_8_FLAG >> 8) & 0xFF
    length = int.from_bytes(view[start - 4 : start - 2], "little")
    entry.flag_bits &= ~UTF_8_FLAG
    entry.orig_filename = str(view[start : start + length], "cp437")


def tidy(name: str) -> str:
    """Return the path `name` inside its container: parts apart by /, none empty, no control characters."""
    return CONTROLS.sub("_", "/".join(part for part in _parts(name) if part not in NOWHERE))


def has_escape(name: str) -> bool:
    """Whether `name` would lead out of the folder it is unpacked in."""
    return name.startswith(("/", "\\")) or bool(DRIVE.match(name)) or ".." in _parts(name)


def _parts(name: str) -> list[str]:
    return name.replace("\\", "/").split("/")


def left_behind(path: str) -> bool:
    """Whether the tidy `path` is no file of anybody's: a system's or an editor's leavings."""
    *folders, name = path.split("/")
    return "__MACOSX" in folders or name.lower() in LEFT_BEHIND or name.startswith(("~$", ".~lock."))


def _name(entry: zipfile.ZipInfo) -> str:
    if entry.flag_bits & UTF_8_FLAG:
        return entry.orig_filename
    raw = entry.orig_filename.encode("cp437")
    return _unicode_path(entry.extra, raw) or decoded(raw)


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """Return the name in the Unicode path field of `extra`, if it was made for the name `raw`."""
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == UNICODE_PATH and field[1:5] == zlib.crc32(raw).to_bytes(4, "little"):
            return field[5:].decode("utf-8", "replace")
    return None


def is_volume(name: str) -> bool:
    """Whether a file called `name` is one volume of several: `材料.part2.rar`, `材料.7z.001`, `材料.z01`."""
    return bool(VOLUME.search(name))


def decoded(raw: bytes) -> str:
    """Return `raw` as text: UTF-8 if it must be, else GBK, as Chinese Windows writes.

    Two GBK bytes may by chance be one character of UTF-8, but never three bytes one of Chinese script.
    """
    utf_8 = _try(raw, "utf-8")
    if utf_8 is not None and (utf_8.isascii() or max(utf_8) >= BEYOND_TWO_BYTES):
        return utf_8
    return _try(raw, "gb18030") or utf_8 or raw.decode("cp437")


def _try(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None
