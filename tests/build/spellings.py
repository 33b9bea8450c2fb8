"""The ways that mail programs write Chinese into a header: subjects, names of people and of files."""

import base64
from collections.abc import Callable, Mapping
from urllib.parse import quote


def word(data: bytes, label: str, how: str = "B") -> bytes:
    """Return `data` as one encoded word (RFC 2047) labelled `label`."""
    if how == "B":
        return b"=?" + label.encode() + b"?B?" + base64.b64encode(data) + b"?="
    safe = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    quoted = b"".join(bytes([byte]) if byte in safe else b"=%02X" % byte for byte in data)
    return b"=?" + label.encode() + b"?Q?" + quoted + b"?="


def words(text: str, label: str, charset: str = "", how: str = "B", every: int = 0) -> bytes:
    """Return `text` as adjacent encoded words, cut after `every` bytes even inside a character (0: one word)."""
    data = text.encode(charset or label)
    step = every or len(data) or 1
    return b"\r\n ".join(word(data[at : at + step], label, how) for at in range(0, len(data), step))


Subject = Callable[[str], bytes]
SUBJECTS: Mapping[str, Subject] = {
    "gb2312 B": lambda text: words(text, "gb2312", "gb18030"),
    "gbk Q": lambda text: words(text, "GBK", "gb18030", "Q"),
    "gb18030 B": lambda text: words(text, "gb18030"),
    "utf-8 B": lambda text: words(text, "UTF-8"),
    "utf-8 Q": lambda text: words(text, "utf-8", how="Q"),
    "utf-8 cut inside a character": lambda text: words(text, "utf-8", every=10),
    "gbk cut inside a character": lambda text: words(text, "gbk", "gb18030", every=9),
    "raw gbk": lambda text: text.encode("gb18030"),
    "raw utf-8": lambda text: text.encode(),
}

# File name -> (parameters of Content-Type, parameters of Content-Disposition).
Spelling = Callable[[str], tuple[bytes, bytes]]


def _both(form: Callable[[str], bytes]) -> Spelling:
    return lambda name: (b'; name="' + form(name) + b'"', b'; filename="' + form(name) + b'"')


def _rfc2231(charset: str, label: str = "") -> Spelling:
    def spell(name: str) -> tuple[bytes, bytes]:
        value = quote(name.encode(charset), safe="")
        return b"", f"; filename*={label or charset}''{value}".encode()

    return spell


def _continued(charset: str) -> Spelling:
    def spell(name: str) -> tuple[bytes, bytes]:
        value = quote(name.encode(charset), safe="")
        parts = [value[at : at + 30] for at in range(0, len(value), 30)]
        marks = [f"{charset}''{parts[0]}", *parts[1:]]
        return b"", "".join(f";\r\n filename*{at}*={part}" for at, part in enumerate(marks)).encode()

    return spell


SPELLINGS: Mapping[str, Spelling] = {
    "gb2312 B over gbk": _both(SUBJECTS["gb2312 B"]),
    "gbk Q": _both(SUBJECTS["gbk Q"]),
    "gb18030 B": _both(SUBJECTS["gb18030 B"]),
    "utf-8 B": _both(SUBJECTS["utf-8 B"]),
    "utf-8 cut inside a character": _both(SUBJECTS["utf-8 cut inside a character"]),
    "gbk cut inside a character": _both(SUBJECTS["gbk cut inside a character"]),
    "RFC 2231 utf-8": _rfc2231("utf-8"),
    "RFC 2231 gb2312": _rfc2231("gb18030", "gb2312"),
    "RFC 2231 continued": _continued("utf-8"),
    "raw gbk": _both(lambda name: name.encode("gb18030")),
    "raw utf-8": _both(lambda name: name.encode()),
    "name only": lambda name: (b'; name="' + words(name, "gb2312", "gb18030") + b'"', b""),
    "unquoted word": lambda name: (b"; name=" + words(name, "utf-8"), b"; filename=" + words(name, "utf-8")),
    "percent-encoded": _both(lambda name: quote(name.encode()).encode()),
    "unknown charset": _both(lambda name: words(name, "x-unknown", "utf-8")),
    "gb label over utf-8": _both(lambda name: words(name, "gb2312", "utf-8")),
}
