"""A mail's header fields from their raw bytes: text, parameters, names of files, addresses.

RFC 2047, RFC 2231 and RFC 5322 as Chinese mail clients really write them. Structure is found before
anything is decoded, so that no decoded comma, quote or line end ever becomes structure.
"""

import binascii
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from functools import lru_cache
from urllib.parse import unquote_to_bytes

import pybase64

from intake.mail.charsets import decode, strictly
from storage.model import Noun

# A word ends at its first "?=" and holds no "=?": looking for it takes one pass, however many begin.
_PAYLOAD = r"(?:[^?=]++|=(?!\?(?!=))|\?(?!=))*+"
WORD = re.compile(rf"=\?([^?\s*]++)(?:\*[^?]*+)?\?([bBqQ])\?({_PAYLOAD})\?=")
WORDS = re.compile(rf"{WORD.pattern}(?:\s*{WORD.pattern})*")
NAME = re.compile(rb"([!-9;-~]+)[ \t]*:")
PARAMETER = re.compile(
    r"""\s*+([^\s=;]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"?[^;]*"""
    rf"""|((?:=\?[^?]++\?[bBqQ]\?{_PAYLOAD}\?=\s*+)++)(?=;|$)|([^;]*))(?:;|$)""",
    re.DOTALL,
)
NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
)
LONGEST_TAIL = 64  # bytes of padding and blank lines
MOST_PADDING = 2_000_000  # "=" in 70 MB of lines that are each padded by two
LONGEST_DATE = 256  # characters, comments included
PASSED_OVER = re.compile(r"[\s;]*+[^\s;]*+")
LONGEST_STRUCTURED = 32 * 1024  # bytes of a field with parameters or of one address; no client writes more
TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
ESCAPED = re.compile(r'\\(["\\])')
PERCENT = re.compile(r"%[89A-Fa-f][0-9A-Fa-f]")
CHINA = timezone(timedelta(hours=8))
LINE_ENDS = frozenset("\r\n\t\x0b\x0c\x85\u2028\u2029")
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# One that is never closed goes to the end: a thousand open ones cost no more than one.
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)')
COMMENT = re.compile(r"\((?:[^()\\]|\\.)*+(?:\)|\\?\Z)")
ATOM = r"[^\s<>()\[\]\\,;:@\"\x00-\x20\x7f]+"
ADDRESS = re.compile(
    rf"({ATOM})@([^\s<>()\[\]\\,;:@\"\x00-\x20\x7f.]+(?:\.[^\s<>()\[\]\\,;:@\"\x00-\x20\x7f.]+)*)"
)


class Headers(Noun, frozen=True):
    """The fields of one header block in their order: lower-case name and unfolded raw value."""

    fields: tuple[tuple[str, bytes], ...] = ()

    def raw(self, name: str) -> bytes:
        """Return the topmost field `name`, or no bytes where there is none."""
        for key, value in self.fields:  # a generator costs more than most blocks hold
            if key == name:
                return value
        return b""

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(text(value) for key, value in self.fields if key == name)

    def text(self, name: str) -> str:
        return text(self.raw(name))

    def names(self) -> frozenset[str]:
        return frozenset(key for key, _ in self.fields)


def parse(block: bytes) -> Headers:
    """Return the fields of a header block; lines that are no field are passed over."""
    fields: list[tuple[str, list[bytes]]] = []
    for line in block.splitlines():
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1][1].append(line)
        elif found := NAME.match(line):
            fields.append((found[1].decode("ascii").lower(), [line[found.end() :]]))
    return Headers(tuple((name, b"".join(lines).strip()) for name, lines in fields))


def text(value: bytes) -> str:
    """Return a header value as one line of text, encoded words and raw bytes decoded."""
    return one_line(decode_words(decode(value)))


def one_line(value: str) -> str:
    """Return `value` without line ends, and with escaped control characters that could hide text."""
    if value.isprintable():
        return value.strip()
    return "".join(_shown(letter) for letter in value).strip()


def _shown(letter: str) -> str:
    if letter in LINE_ENDS:
        return " "
    if letter in BIDI or unicodedata.category(letter) in ("Cc", "Cs"):
        return letter.encode("unicode_escape").decode("ascii")
    return letter


def decode_words(value: str) -> str:
    """Replace RFC 2047 words; the bytes of neighbours in one charset are joined before decoding."""
    if "=?" not in value:
        return value
    return WORDS.sub(lambda run: "".join(_join(run[0])), value)


def _join(run: str) -> Iterator[str]:
    waiting: list[bytes] = []
    charset = ""
    for word in WORD.finditer(run):
        if waiting and word[1].lower() != charset:
            yield _decode_run(waiting, charset)
            waiting = []
        charset = word[1].lower()
        waiting.append(_payload(word[2], word[3]))
    yield _decode_run(waiting, charset)


def _decode_run(words: list[bytes], charset: str) -> str:
    """Decode neighbours as one, or each by itself where only that fits."""
    joined = decode(b"".join(words), charset)
    if "\\x" not in joined or len(words) == 1:
        return joined
    apart = "".join(decode(word, charset) for word in words)
    return apart if apart.count("\\x") < joined.count("\\x") else joined


def _payload(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "surrogateescape")
    if encoding in "bB":
        return from_base64(data)
    return binascii.a2b_qp(data.replace(b"\r", b"").replace(b"\n", b""), header=True)


def from_base64(data: bytes, start: int = 0, end: int | None = None) -> bytes:
    """Decode base64 however it is broken over lines, padded in the middle or cut off at the end.

    What is padded more often than once a line of the largest mail is left as it is.
    """
    stop = len(data) if end is None else end
    if _padded_at_its_end(data, start, stop):
        try:
            return pybase64.b64decode(memoryview(data)[start:stop])
        except binascii.Error:
            pass  # cut off or stray letters: the slow way below
    clean = data[start:stop].translate(None, NOT_BASE64)
    if clean.count(b"=") > MOST_PADDING:
        return data[start:stop]
    decoded = bytearray()
    for piece in re.finditer(rb"[^=]+", clean):
        decoded += _piece(piece[0])
    return bytes(decoded)


def _padded_at_its_end(data: bytes, start: int, end: int) -> bool:
    """Say whether nothing but padding and line ends follows the first "="; then nothing needs to be cut apart."""
    place = data.find(b"=", start, end)
    return place < 0 or (end - place <= LONGEST_TAIL and not data[place:end].strip(b"= \t\r\n"))


def _piece(piece: bytes) -> bytes:
    whole = piece[:-1] if len(piece) % 4 == 1 else piece
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def media_type(headers: Headers, otherwise: str = "text/plain") -> str:
    """Return the lower-case content type without its parameters."""
    value = decode(headers.raw("content-type").partition(b";")[0]).strip().lower()
    return value if TYPE.fullmatch(value) else otherwise


@lru_cache(maxsize=16)  # a part is asked for its boundary, its charset and its name
def parameters(value: bytes) -> Mapping[str, str]:
    """Return the parameters of a structured field, decoded (RFC 2231, RFC 2047, raw bytes, %XX)."""
    # A ";" is never part of a GBK or UTF-8 character, so pieces in different charsets come apart here.
    whole = ";".join(decode(piece) for piece in value[:LONGEST_STRUCTURED].split(b";"))
    if WORDS.fullmatch(whole.strip()):  # Python's own generator writes the whole field as words
        whole = decode_words(whole)
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for found in _parameters(whole, (whole + ";").index(";") + 1):
        quoted, words, plain = found[2], found[3], found[4]
        chosen = ESCAPED.sub(r"\1", quoted) if quoted is not None else (words or plain or "").strip()
        name, _, rest = found[1].lower().partition("*")
        number, star, _ = rest.partition("*")
        encoded = found[1].endswith("*")
        order = int(number) if number.isdecimal() else 0
        pieces.setdefault(name + ("*" if rest or encoded or star else ""), []).append(
            (order, encoded, chosen)
        )
    plain_values = {name: loose(found[0][2]) for name, found in pieces.items() if not name.endswith("*")}
    extended = {name[:-1]: _extended(found) for name, found in pieces.items() if name.endswith("*")}
    return plain_values | {name: value for name, value in extended.items() if value}


def _parameters(value: str, place: int) -> Iterator[re.Match[str]]:
    """Yield the parameters from `place` on, and pass over words that are none."""
    while place < len(value):
        if found := PARAMETER.match(value, place):
            yield found
            place = found.end()
        else:
            word = PASSED_OVER.match(value, place)
            place = word.end() if word and word.end() > place else place + 1


def _extended(pieces: list[tuple[int, bool, str]]) -> str:
    """Join RFC 2231 continuations as bytes, then decode them by the charset of the first."""
    ordered = sorted(pieces, key=lambda piece: piece[0])
    charset, joined, encoded = "", b"", ""
    for place, (_, is_encoded, value) in enumerate(ordered):
        content = value
        if is_encoded and place == 0 and value.count("'") >= 2:
            charset, _, content = value.split("'", 2)
        if is_encoded:
            encoded += content  # decoded with its neighbours: some clients cut inside a %XX
        else:
            joined += unquote_to_bytes(encoded) + content.encode(_known(charset), "replace")
            encoded = ""
    return decode_words(decode(joined + unquote_to_bytes(encoded), charset))


def _known(charset: str) -> str:
    return "gb18030" if charset.lower().startswith("gb") else "utf-8"


def loose(value: str) -> str:
    """Decode a plain parameter: encoded words, else a percent-encoded name, else as it stands."""
    if WORD.search(value):
        return decode_words(value)
    if PERCENT.search(value):
        data = unquote_to_bytes(value)
        return strictly(data, "utf-8") or strictly(data, "gb18030") or value
    return value


def file_name(headers: Headers) -> str:
    """Return the attachment's name, from filename or name, the first that lost nothing; else empty."""
    first = ""
    for field, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        name = parameters(headers.raw(field)).get(parameter, "")
        found = one_line(name) if name.strip() else ""
        if found and not any(lost in found for lost in ("?", "\ufffd", "\\x")):
            return found
        first = first or found
    return first


def addresses(value: bytes) -> tuple[str, ...]:
    """Return every plain address in an address field, in order; display names are never taken for one."""
    plain = QUOTED.sub(" ", WORDS.sub(" ", decode(value)))
    within = re.findall(r"<([^<>]*)>", plain)
    bare = re.sub(r"[^,;<]*<[^<>]*>", " ", plain)
    found = [ADDRESS.fullmatch(piece.strip()) for piece in [*within, *re.split(r"[,;:\s]", bare)]]
    return tuple(_address(match) for match in found if match)


def one_address(headers: Headers, name: str) -> tuple[str | None, str]:
    """Return the field's single plain address (None unless there is exactly one) and its display name."""
    values = [value for key, value in headers.fields if key == name]
    if len(values) != 1 or len(values[0]) > LONGEST_STRUCTURED:
        return None, text(values[0]) if values else ""
    return _one_address(values[0])


@lru_cache(maxsize=4)  # From is asked for by several
def _one_address(field: bytes) -> tuple[str | None, str]:
    shown = text(field)
    whole = decode(field).strip()
    whole = decode_words(whole) if WORDS.fullmatch(whole) else whole
    value = COMMENT.sub(" ", whole).strip()
    found = re.fullmatch(rf'((?:"(?:[^"\\]|\\.)*+"|[^<>"])*+)<\s*({ADDRESS.pattern})\s*>', value)
    if found:
        phrase, address = found[1].strip(), ADDRESS.fullmatch(found[2])
        return (_address(address) if address and _honest(phrase, found[2]) else None), _display(phrase)
    alone = ADDRESS.fullmatch(value)
    return (_address(alone) if alone else None), "" if alone else shown


def _honest(phrase: str, address: str) -> bool:
    """Refuse a bare second address or list before the real one; RFC 5322 wants those quoted."""
    bare = QUOTED.sub("", WORDS.sub("", phrase)).strip()
    return bare.lower() == address.lower() or not re.search(r"[@,;:]", bare)


def _display(phrase: str) -> str:
    return one_line(decode_words(re.sub(r'^"((?:[^"\\]|\\.)*)"$', r"\1", phrase.strip()).replace('\\"', '"')))


def _address(found: re.Match[str]) -> str:
    return f"{found[1]}@{found[2].lower()}"


def when(value: str) -> datetime | None:
    """Return the moment a date field names, aware; without a zone it is China's time (`CST` too)."""
    value = value[:LONGEST_DATE]
    fields = parsedate_tz(re.sub(r"\bCST\b", "+0800", re.sub(r"\([^()]*\)", " ", value)))
    if fields is None:
        return None
    zone = timezone(timedelta(seconds=fields[9])) if _zoned(value) and fields[9] is not None else CHINA
    if re.search(r"-0000\b", value):
        zone = UTC
    try:
        return datetime(*fields[:6], tzinfo=zone)
    except (ValueError, OverflowError):
        return None


def _zoned(value: str) -> bool:
    return re.search(r"[+-]\d{4}\b|\b(?:UT|UTC|GMT|Z|[ECMP][SD]T)\b", value) is not None
