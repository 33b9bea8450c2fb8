"""A file's pages as pictures, whatever file it is."""

from collections.abc import Iterable

from parsers import pdf, picture
from parsers.kinds import Kind
from parsers.licences import squares
from parsers.ocr import Image
from parsers.sniff import sniff

_IMAGES = frozenset({Kind.PNG, Kind.JPEG, Kind.GIF, Kind.BMP, Kind.TIFF, Kind.WEBP})
_LONGEST_SIDE = 8000  # pixels: on a photo of a whole table the codes are small
_MOST_PAGES = 200


def pages(data: bytes, name: str, most: int) -> Iterable[Image]:
    """Return the first `most` pages of a picture or PDF; nothing for files that have no pages of their own."""
    kind = sniff(data, name)
    if kind is Kind.PDF:
        return pdf.rendered(data, most)
    return picture.frames(data)[:most] if kind in _IMAGES else ()


def coded(data: bytes, name: str) -> tuple[str, ...] | None:
    """Return the texts of all QR codes on the pages of a picture or PDF, each once; None for any other file."""
    kind = sniff(data, name)
    if kind not in _IMAGES | {Kind.PDF}:
        return None
    whole = pdf.rendered(data, _MOST_PAGES) if kind is Kind.PDF else picture.frames(data, _LONGEST_SIDE)
    return tuple(dict.fromkeys(one.text for page in whole for one in squares.on(page)))
