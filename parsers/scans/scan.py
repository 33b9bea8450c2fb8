"""Scanned pages of the form: ruled cells with the lines recognised in them."""

import itertools
import re
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from parsers import form, ocr, view
from parsers.documents import Box, Form, Reading
from parsers.licences import rows
from parsers.ocr import Image, Line
from parsers.scans import flat, grid, marks, unruled
from parsers.scans.carried import carried
from parsers.seals import stamped
from parsers.view import View

LEAST = 2
"""A page with fewer ruled cells is no page of a form."""

_POSTCODE = re.compile(r"\d{6}")
_CATEGORY = re.compile(r"商业|政府.{0,2}新闻")
_WIDE_GAP = 1.0  # of a line's height: parts further apart are set apart by a space
_RAGGED = 2.0  # of a line's height: a line that ends this close to the edge goes on in the next
_INDENT = 0.9  # of a line's height: a line that begins this much further right begins a paragraph
_CROSSES = 0.5  # of a line's height: a line that reaches this far into a second cell is cut
_ONE_LINE = 2.0  # times the usual height of a line
_LEAST_INK = 12  # pixels high: what is lower is dirt
_HALF_WIDTH = str.maketrans({",": "，", ";": "；", ":": "：", "?": "？", "!": "！"})


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page as seen: level, without red ink and rules, and in colour; its lines, its tables as pixels."""

    image: Image
    sight: View
    lines: tuple[Line, ...]
    tables: tuple[tuple[grid.Place, ...], ...] = ()
    number: int = 1


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
    text = "\n".join(_row_text(row) for row in rows.rows(lines))
    found = form.from_text(text)
    if found is None:
        return None
    least = min(line.confidence for line in lines)
    readings = {key: _unsure(reading, least) for key, reading in found.readings.items()}
    return msgspec.structs.replace(found, readings=readings, scanned=True)


def cells(page: Page, table: Sequence[grid.Place]) -> tuple[form.Cell, ...]:
    """Return the cells of one ruled table with the text in them."""
    inside: dict[int, list[Line]] = {at: [] for at in range(len(table))}
    for line in page.lines:
        for at, part in _placed(page, line, table):
            inside[at].append(part)
    return tuple(_cell(page, place, inside[at]) for at, place in enumerate(table))


def _placed(page: Page, line: Line, table: Sequence[grid.Place]) -> list[tuple[int, Line]]:
    """Return `line` with its cell; a line that runs through several cells is cut and read again."""
    hit = [at for at, place in enumerate(table) if _across(line, place) > _CROSSES * line.height]
    if len(hit) < 2:
        home = [at for at, place in enumerate(table) if _within(line, place)]
        return [(at, line) for at in (hit or home)[:1]]
    parts = [(at, _clipped(line, table[at])) for at in hit]
    read = ocr.recognise([_crop(page.image, box) for _, box in parts])
    return [
        (at, Line(text=text, confidence=score, box=box))
        for (at, box), (text, score) in zip(parts, read, strict=True)
        if text
    ]


def _across(line: Line, place: grid.Place) -> float:
    """Return how many pixels of the width of `line` lie in `place`; 0 where it is on another row."""
    left, top, right, bottom = place.box
    if not top < line.middle < bottom:
        return 0.0
    return min(line.box[2], right) - max(line.box[0], left)


def _within(line: Line, place: grid.Place) -> bool:
    left, top, right, bottom = place.box
    return left < (line.box[0] + line.box[2]) / 2 < right and top < line.middle < bottom


def _clipped(line: Line, place: grid.Place) -> tuple[float, float, float, float]:
    left, top, right, bottom = line.box
    return (
        max(left, place.box[0]),
        max(top, place.box[1]),
        min(right, place.box[2]),
        min(bottom, place.box[3]),
    )


def _crop(image: Image, box: tuple[float, float, float, float]) -> Image:
    left, top, right, bottom = (max(0, round(edge)) for edge in box)
    return image[top : max(bottom, top + 1), left : max(right, left + 1)]


def _cell(page: Page, place: grid.Place, lines: list[Line]) -> form.Cell:
    if not lines or _wraps(lines[-1], place):
        lines = [*lines, *_overlooked(page, place, lines)]
    chosen = bool(_CATEGORY.search("".join(line.text for line in lines)))
    if chosen:
        lines = marks.ticked(lines, page.image, place.box[2])
    return form.Cell(
        text="\n".join(map(_row_text, rows.rows(lines))) if chosen else _text(lines, place),
        row=place.row,
        column=place.column,
        rowspan=place.rowspan,
        colspan=place.colspan,
        confidence=round(min((line.confidence for line in lines), default=1.0), 3),
        box=_thousandths(page, place),
    )


def _wraps(line: Line, place: grid.Place) -> bool:
    return line.box[2] > place.box[2] - _RAGGED * line.height


def _overlooked(page: Page, place: grid.Place, lines: Sequence[Line]) -> list[Line]:
    """Return the one short line of a cell that has ink where none of `lines` is: a last letter that wraps."""
    left, top, right, bottom = place.box
    inner = page.image[top + 3 : bottom - 3, left + 3 : right - 3]
    dark = inner.min(axis=2) < _INKED if inner.size else np.zeros((1, 1), bool)
    if lines:
        dark[: max(0, round(max(line.box[3] for line in lines)) - top - 3)] = False
    across, along = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    usual = float(np.median([line.height for line in page.lines])) if page.lines else 0.0
    least = _LOW * usual if lines else _LEAST_INK
    if not len(across) or not least <= across[-1] - across[0] <= _ONE_LINE * usual:
        return []
    box = (
        left + float(along[0]),
        top + float(across[0]),
        left + 6 + float(along[-1]),
        top + 6 + float(across[-1]),
    )
    text, score = ocr.recognise([_crop(page.image, box)])[0]
    return [Line(text=text, confidence=score, box=box)] if text and score > _GUESS else []


_INKED = 130
_LOW = 0.2  # of the usual height of a line: the lowest letter that wraps
_GUESS = 0.6


def _text(lines: Sequence[Line], place: grid.Place) -> str:
    """Return the text of a cell, lines that wrap joined and paragraphs apart."""
    lined = rows.rows(lines)
    if not lined:
        return ""
    margin = min(row[0].box[0] for row in lined)
    text = _row_text(lined[0])
    for before, row in itertools.pairwise(lined):
        height = row[0].height
        wraps = _wraps(before[-1], place)
        indented = row[0].box[0] - margin > _INDENT * height or _POSTCODE.fullmatch(row[0].text)
        text += _row_text(row) if wraps and not indented else "\n" + _row_text(row)
    return text


def _row_text(row: Sequence[Line]) -> str:
    text = row[0].text
    for before, line in itertools.pairwise(row):
        text += " " * (line.box[0] - before.box[2] > _WIDE_GAP * line.height) + line.text
    return re.sub(r"(?<=[一-鿿])[,;:?!]", lambda mark: mark.group().translate(_HALF_WIDTH), text)


def _thousandths(page: Page, place: grid.Place) -> Box:
    height, width = page.image.shape[:2]
    left, top, right, bottom = place.box
    return Box(
        page=page.number,
        left=1000 * left // width,
        top=1000 * top // height,
        right=1000 * right // width,
        bottom=1000 * bottom // height,
    )


def _unsure(reading: Reading, confidence: float) -> Reading:
    return msgspec.structs.replace(reading, confidence=min(reading.confidence, confidence))
