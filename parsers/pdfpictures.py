"""The pictures among the text of a PDF: which are certificates, and how many different ones the others are."""

import io
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from PIL import Image
from pypdfium2 import PdfiumError

from parsers import glance, pasted, pdfplain, picture, twins
from parsers.documents import Part
from parsers.pdflines import Area
from parsers.pdfpages import Page

_DEEPEST = 5  # forms within forms of a page
_LONGEST_SIDE = 2600  # pixels


def told(leaves: Sequence[Any], pages: Sequence[Page]) -> tuple[tuple[Part, ...], int]:
    """Return the certificates among the pictures of `pages` (pdfium's `leaves`), and the number of other ones."""
    letterhead = _repeated([page.pictures for page in pages if page.glyphs])
    shown = dict.fromkeys(name for page in pages for name, _ in page.pictures if name not in letterhead)
    looked = list(shown)[-twins.MOST_COMPARED :]  # what proves something is put at the end
    files = _files(leaves, looked)
    known = {page.pictures[0][0] for page in pages if not page.glyphs and len(page.pictures) == 1}
    papers, rest = pasted.papers([files.get(each, b"") for each in looked if each not in known])
    rest += [glance.at(files.get(each, b"")) for each in looked if each in known]
    return papers, len(shown) - len(looked) + twins.count(rest)


def _repeated(pages: Sequence[Sequence[tuple[str, Area]]]) -> set[str]:
    """Return the pictures that most pages show, or several in the same place: a letterhead, not the case."""
    on = Counter(name for page in pages for name in {name for name, _ in page})
    placed = Counter(each for page in pages for each in {(name, tuple(map(round, at))) for name, at in page})
    often = {name for name, count in on.items() if count > 2 and count * 2 > len(pages)}
    return often | {name for (name, _), count in placed.items() if count > 1}


def _files(leaves: Sequence[Any], wanted: Collection[str]) -> Mapping[str, bytes]:
    """Return the pictures whose digests are `wanted`, each as a file of its own."""
    found: dict[str, bytes] = {}
    for leaf in leaves if wanted else ():
        for image in pdfplain.images(leaf, _DEEPEST):
            name = pdfplain.digest(image)
            if name in wanted and name not in found:
                found[name] = _file(image)
    return found


def _file(image: Any) -> bytes:
    """Return a JPEG as it lies in the file, anything else as PNG; nothing of what is too large or damaged."""
    try:
        wide, high = image.get_px_size()
        if wide * high > picture.LARGEST:
            return b""
        if image.get_filters()[-1:] == ["DCTDecode"]:
            return bytes(image.get_data(decode_simple=True))
        shown: Image.Image = image.get_bitmap(render=False).to_pil()
    except PdfiumError:
        return b""
    shown.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    file = io.BytesIO()
    shown.save(file, "PNG", compress_level=1)
    return file.getvalue()
