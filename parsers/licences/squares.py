"""The one door to zxing-cpp: QR codes on a certificate, and what they say of its holder."""

import json
import re
from collections.abc import Iterable
from urllib.parse import unquote

import cv2
import msgspec
import zxingcpp

from parsers.licences import uscc
from parsers.ocr import Image

_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-Z]{18}(?![0-9A-Za-z])")
_NAME = re.compile(
    r"(?:名称|entName|ent_name|orgName|corpName|etpsName|jgmc|qymc)[\"']?\s*[:：=]\s*[\"']?(?P<name>[^\"'；;,，|&\s]{4,60})"
)
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_HAN = re.compile(r"[一-鿿]{4}")


Area = tuple[float, float, float, float]


class Square(msgspec.Struct, frozen=True, kw_only=True):
    """One QR code: its text, and its bounds in pixels (left, top, right, bottom)."""

    text: str
    box: Area


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a certificate's QR code says: a valid credit code, the holder's name, and which code says so."""

    uscc: str | None = None
    name: str | None = None
    box: Area | None = None


def on(image: Image) -> tuple[Square, ...]:
    """Return the QR codes on `image`, whichever way up: some 15 ms a page."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    found = zxingcpp.read_barcodes(grey, formats=_QR)
    return tuple(Square(text=one.text, box=_bounds(one.position)) for one in found)


def said(squares: Iterable[Square]) -> Said:
    """Return what the first of `squares` that names a unit says; none is ever opened as a link."""
    for square in squares:
        text = unquote(square.text)
        code = next(filter(uscc.valid, _CODE.findall(text.upper())), None)
        name = _NAME.search(_unescaped(text))
        if code or (name and _HAN.search(name["name"])):
            return Said(uscc=code, name=name["name"] if name else None, box=square.box)
    return Said()


def _unescaped(text: str) -> str:
    """Return `text`, its escapes undone where it is JSON."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text


def _bounds(place: zxingcpp.Position) -> Area:
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    across, down = [corner.x for corner in corners], [corner.y for corner in corners]
    return min(across), min(down), max(across), max(down)
