"""Archives as Chinese Windows makes them, and files that are broken on purpose."""

import io
import zipfile
from collections.abc import Sequence

from tests.build.ooxml import EPOCH

Files = Sequence[tuple[str, bytes]]


def zipped(files: Files, encoding: str = "gbk") -> bytes:
    """Return a zip whose names are `encoding` bytes without the UTF-8 flag; `utf-8` sets the flag."""
    aliases = {}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, data) in enumerate(files):
            shown = name
            if encoding != "utf-8" and not name.isascii():
                wanted = name.encode(encoding)
                shown = f"@{number:04d}".ljust(len(wanted), "@")
                aliases[shown.encode()] = wanted
            archive.writestr(zipfile.ZipInfo(shown, EPOCH), data, zipfile.ZIP_DEFLATED)
    raw = buffer.getvalue()
    for alias, wanted in aliases.items():  # names are no part of a zip's checksums
        raw = raw.replace(alias, wanted)
    return raw


def locked(files: Files) -> bytes:
    """Return a zip whose members say that they are encrypted (bit 0 of their flags)."""
    raw = bytearray(zipped(files))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(magic)
        while at >= 0:
            raw[at + offset] |= 1
            at = raw.find(magic, at + 4)
    return bytes(raw)


def truncated(data: bytes) -> bytes:
    """Return the first half of `data`, as a cut upload leaves it."""
    return data[: len(data) // 2]


def climbing(data: bytes = b"x") -> bytes:
    """Return a zip with a member that climbs out of its folder."""
    return zipped((("../../申报表.docx", data),))


def bomb(megabytes: int = 400) -> bytes:
    """Return a small zip that unpacks to `megabytes` of zeros."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("work.docx", "w") as member,
    ):
        for _ in range(megabytes):
            member.write(bytes(1 << 20))
    return buffer.getvalue()
