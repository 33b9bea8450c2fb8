"""Certificates on the picture of a page: one or several, read from its lines and from their QR codes."""

from collections.abc import Callable, Sequence

import msgspec

from parsers import ocr, view
from parsers.documents import Honour, Qualification
from parsers.licences import honour, licence, sheets, squares
from parsers.ocr import Image, Line
from parsers.view import View

Found = Qualification | Honour

_RED_PRINT = 0.004  # of the page: so much red ink may be a title, or labels
_RED_LINE = 0.0008  # of the page: so much may be one line of letters
_CONTRADICTED = 0.5  # confidence where the print and the QR code are two valid codes

Look = Callable[[Image], Sequence[Line]]


def on(seen: View, lines: Sequence[Line], look: Look, page: int = 1) -> tuple[Found, ...]:
    """Return the certificates and honours that `lines` of the page `seen` print, from top to bottom.

    It is looked at once more with its red print by `look`, since many a title is red.
    """
    if not lines:
        return ()
    found = _read(seen, lines, page)
    if (found and not any(map(_lacks, found))) or ocr.red_share(seen.image) < _least_red(found):
        return found
    return max(found, _read(seen, look(seen.image), page), key=_worth)


def _read(seen: View, lines: Sequence[Line], page: int) -> tuple[Found, ...]:
    height, width = seen.image.shape[:2]
    read = [(sheet, licence.from_page(sheet.lines)) for sheet in sheets.apart(lines, (width, height))]
    if not any(isinstance(one, Qualification) for _, one in read):
        return tuple(one for _, one in read if one is not None)
    codes = squares.on(seen.image)
    found: list[Found] = []
    for sheet, one in read:
        said = squares.said(code for code in codes if sheet.holds(code.box))
        if isinstance(one, Qualification):
            areas = _areas(sheet.lines, one) | ({"square": said.box} if said.box else {})
            places = {key: view.box(seen, area, page) for key, area in areas.items()}
            found.append(msgspec.structs.replace(_told(one, said), places=places))
        elif one is not None:
            found.append(one)
    return tuple(found)


def _told(read: Qualification, said: squares.Said) -> Qualification:
    """Return `read` with what its QR code says, which is never misread."""
    name = licence.folded(said.name) if said.name else None
    known = {key: value for key, value in (("name", name), ("uscc", said.uscc)) if value}
    against = said.uscc is not None and read.uscc_valid and read.uscc != said.uscc
    return msgspec.structs.replace(
        read,
        name=name or read.name,
        uscc=said.uscc or read.uscc,
        uscc_valid=True if said.uscc else read.uscc_valid,
        coded=tuple(known),
        confidence=min(read.confidence, _CONTRADICTED) if against else read.confidence,
    )


def _areas(lines: Sequence[Line], read: Qualification) -> dict[str, sheets.Area]:
    """Return the pixels where the name and the code of `read` stand."""
    values = {"name": read.name, "uscc": read.uscc or read.organisation_code}
    borne = {key: licence.bearing(lines, value) for key, value in values.items() if value}
    return {key: _about(bearing) for key, bearing in borne.items() if bearing}


def _about(lines: Sequence[Line]) -> sheets.Area:
    lefts, tops, rights, bottoms = zip(*(line.seen or line.box for line in lines), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _lacks(found: Found) -> bool:
    """Tell whether `found` may lack something that is printed in red: an honour may be a licence."""
    return isinstance(found, Honour) or not found.recognised or found.name is None


def _least_red(found: Sequence[Found]) -> float:
    """Return the share of red that makes another look worth while: what an honour is for is often a line of red."""
    bare = any(isinstance(one, Honour) and honour.headed_only(one) for one in found)
    return _RED_LINE if bare else _RED_PRINT


def _worth(found: Sequence[Found]) -> tuple[int, int, int]:
    """Return how much was read: certificates of a known kind, honours, names, codes and what an honour is for."""
    papers = [one for one in found if isinstance(one, Qualification)]
    values = sum((one.name is not None) + bool(one.uscc_valid) for one in papers)
    told = sum(
        (not honour.headed_only(one)) + (one.issuer is not None) + (one.year is not None)
        for one in found
        if isinstance(one, Honour)
    )
    return sum(one.recognised for one in papers), len(found), values + told
