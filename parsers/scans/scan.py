"""Scanned pages of the form: from the page as it came to the fields and seals on it."""

from collections.abc import Mapping, Sequence

import msgspec

from parsers import form, ocr, view
from parsers.documents import Box, Form, Reading
from parsers.licences import rows
from parsers.ocr import Line
from parsers.scans import flat, grid, unruled
from parsers.scans.carried import carried
from parsers.scans.inside import Page, cells, row_text
from parsers.seals import stamped
from parsers.view import View

LEAST = 2
"""A page with fewer ruled cells is no page of a form."""


def see(upright: View, number: int = 1, least: int = LEAST) -> Page | None:
    """Return what is on a scanned page with ruled cells; None where it has fewer than `least`."""
    sight = flat.flattened(upright)
    level = ocr.without_red(flat.evened(sight.image))
    tables = grid.tables(level)
    if sum(map(len, tables)) < least:
        return None
    bare = grid.without_rules(level, tables)
    return Page(image=bare, sight=sight, lines=tuple(ocr.lines(bare)), tables=tables, number=number)


def read(pages: Sequence[Page]) -> list[Form]:
    """Return the forms on consecutive pages; a form may go on from one page to the next."""
    return [found for found, _ in read_with_pages(pages)]


def read_with_pages(pages: Sequence[Page]) -> list[tuple[Form, frozenset[int]]]:
    """Return the forms on consecutive pages, each with the indexes of its pages.

    What torn or missing rules hide is read by the labels and their neighbours, and never counts as sure.
    """
    ruled = _read(pages)
    if ruled and all(_whole(found) for found, _ in ruled):
        return ruled
    loose = _read([laid_out(page) for page in pages])
    if len(ruled) != 1 or len(loose) != 1:
        return ruled or loose
    (found, used), (more, _) = ruled[0], loose[0]
    return [(_completed(found, more), used)]


def laid_out(page: Page) -> Page:
    """Return `page` with the cells that its labels and their neighbours make, whatever rules it has."""
    found = unruled.places(page.lines)
    return msgspec.structs.replace(page, tables=(found,) if found else ())


def _whole(found: Form) -> bool:
    """Tell whether every cell that each form fills has something in it."""
    return all(found.value(key) is not None for key in _FILLED)


_FILLED = ("name", "identifier", "organizer", "address", "contact", "email", "summary")


def _completed(found: Form, more: Form) -> Form:
    """Return `found` with the fields that only `more` has, none of them sure."""
    lacking = {
        key: _unsure(more.readings[key], _LOOSE)
        for key, reading in found.readings.items()
        if reading.value is None and more.value(key) is not None
    }
    kind = {"kind": more.kind, "platform": more.platform} if "identifier" in lacking else {}
    words = more.summary_words if "summary" in lacking else found.summary_words
    readings = {**found.readings, **lacking}
    return msgspec.structs.replace(found, readings=readings, summary_words=words, **kind)


_LOOSE = 0.8  # confidence of what stands beside a label with no rule to tell that it is its cell


def _read(pages: Sequence[Page]) -> list[tuple[Form, frozenset[int]]]:
    tables = [(at, cells(page, table)) for at, page in enumerate(pages) for table in page.tables]
    found = form.find_forms(carried([table for _, table in tables]), scanned=True)
    taken = [frozenset(tables[at][0] for at in each.tables) for each in found]
    return [(_stamped(each.form, pages, used), used) for each, used in zip(found, taken, strict=True)]


def continued(pages: Sequence[Page]) -> Form | None:
    """Return what `pages` hold of a form that began in another file, a photo of its second page for instance."""
    tables = [cells(page, table) for page in pages for table in page.tables]
    found = form.continuation(carried(tables))
    return _stamped(found, pages, frozenset(range(len(pages)))) if found else None


def _stamped(found: Form, pages: Sequence[Page], used: frozenset[int]) -> Form:
    here = {pages[at].number: pages[at].sight for at in sorted(used)}
    sealed = stamped.stamped(found, {number: sight.image for number, sight in here.items()})
    readings = {
        key: msgspec.structs.replace(one, box=_came(one.box, here)) for key, one in sealed.readings.items()
    }
    stamps = tuple(msgspec.structs.replace(one, box=_came(one.box, here)) for one in sealed.seals.stamps)
    seals = msgspec.structs.replace(sealed.seals, stamps=stamps)
    return msgspec.structs.replace(sealed, readings=readings, seals=seals)


def _came(box: Box | None, sights: Mapping[int, View]) -> Box | None:
    """Return where `box`, in thousandths of the page set right, lies on the page as it came."""
    if box is None:
        return None
    sight = sights[box.page]
    height, width = sight.image.shape[:2]
    left, right = box.left * width / 1000, box.right * width / 1000
    return view.box(sight, (left, box.top * height / 1000, right, box.bottom * height / 1000), box.page)


def typed(lines: Sequence[Line]) -> Form | None:
    """Return the form read from `lines` alone, by their rows: a form whose rules do not show."""
    text = "\n".join(row_text(row) for row in rows.rows(lines))
    found = form.from_text(text)
    if found is None:
        return None
    least = min(line.confidence for line in lines)
    readings = {key: _unsure(reading, least) for key, reading in found.readings.items()}
    return msgspec.structs.replace(found, readings=readings, scanned=True)


def _unsure(reading: Reading, confidence: float) -> Reading:
    return msgspec.structs.replace(reading, confidence=min(reading.confidence, confidence))
