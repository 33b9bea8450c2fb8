"""Word 97 documents (.doc, and .wps of the same format): by antiword, else by LibreOffice."""

import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from parsers import contents
from parsers.documents import Facts, Form, Part, Unreadable, Why
from parsers.flow import Block, Paragraph
from parsers.office import blips, compound, docbook, programs
from parsers.office.word import read_docx

NO_PROGRAM = Unreadable(
    why=Why.UNSUPPORTED, note="暂不能读取旧版 Word 或 WPS 文档（.doc、.wps），请另存为 docx 或 PDF 后重新报送"
)
DAMAGED = Unreadable(why=Why.CORRUPT, note="文件已损坏或不完整，无法打开，请另存为 docx 或 PDF 后重新报送")
LOCKED = Unreadable(why=Why.ENCRYPTED, note="文档设有打开密码，请去掉密码后重新报送")
ENCRYPTED = 0x0100  # fEncrypted, [MS-DOC] 2.5.2
_EXPECTED = ("name", "identifier", "organizer", "contact", "summary")


class _Reading(NamedTuple):
    parts: tuple[Part, ...]
    doubtful: bool


def read_doc(data: bytes) -> Facts:
    """Return what a Word 97 document holds; where the machine has no program for it, a docx is asked for.

    antiword is quick and sees everything but text boxes and the signs of symbol fonts; where it may have
    missed something, LibreOffice reads the document again if it is installed.
    """
    try:
        streams = compound.streams(data)
    except (ValueError, struct.error):
        streams = {}
    if "WordDocument" not in streams:
        return _facts("doc", (DAMAGED,))
    if _is_locked(streams["WordDocument"]):
        return _facts("doc", (LOCKED,))
    first = _by_antiword(data, streams)
    if first is not None and not first.doubtful:
        return _facts("antiword", first.parts)
    second = _by_office(data)
    if second is not None and not (first is not None and _forms(first.parts) > _forms(second)):
        return _facts("soffice", second)
    if first is not None:
        return _facts("antiword", first.parts)
    return _facts("doc", (DAMAGED if programs.is_there(*programs.READERS) else NO_PROGRAM,))


def _is_locked(stream: bytes) -> bool:
    return bool(int.from_bytes(stream[10:12], "little") & ENCRYPTED)


def _facts(reader: str, parts: tuple[Part, ...]) -> Facts:
    return Facts(reader=reader, parts=parts)


def _by_antiword(data: bytes, streams: Mapping[str, bytes]) -> _Reading | None:
    docbook_of = programs.antiword(data)
    if docbook_of is None:
        return None
    try:
        printed = docbook.printed(docbook_of)
    except ValueError:
        return None
    inline, floating = blips.pictures(streams)
    shown: list[Block] = [
        *printed.blocks,
        Paragraph("", tuple(f"floating {n}" for n in range(len(floating)))),
    ]
    found = {str(n): each for n, each in enumerate(inline)}
    found |= {f"floating {n}": each for n, each in enumerate(floating)}
    if not any(block.text.strip() or block.pictures for block in shown):
        return _Reading((DAMAGED,), doubtful=True)
    parts = contents.parts(shown, found.get)
    return _Reading(parts, printed.doubtful or _misses_something(parts))


def _misses_something(parts: Sequence[Part]) -> bool:
    """Tell whether a form lacks what every form has, perhaps because it stands where antiword does not look."""
    forms = [part for part in parts if isinstance(part, Form)]
    return any(form.value(key) is None for form in forms for key in _EXPECTED)


def _by_office(data: bytes) -> tuple[Part, ...] | None:
    converted = programs.to_docx(data, ".doc")
    if converted is None:
        return None
    parts = read_docx(converted).parts
    return None if any(isinstance(part, Unreadable) for part in parts) else parts


def _forms(parts: Sequence[Part]) -> int:
    return sum(isinstance(part, Form) for part in parts)
