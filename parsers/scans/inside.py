"""What stands in the ruled cells of a page: lines placed, cut where they cross a rule, joined where they wrap."""

import itertools
import re
from collections.abc import Sequence

import msgspec
import numpy as np

from parsers import form, ocr
from parsers.documents import FREE_TEXTS, Box
from parsers.form_labels import field_of
from parsers.identifiers import valid_email, valid_phone
from parsers.licences import rows
from parsers.ocr import Image, Line
from parsers.scans import again, grid, marks
from parsers.view import View

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


def cells(page: Page, table: Sequence[grid.Place]) -> tuple[form.Cell, ...]:
    """Return the cells of one ruled table with the text in them."""
    inside: dict[int, list[Line]] = {at: [] for at in range(len(table))}
    for line in page.lines:
        for at, part in _placed(page, line, table):
            inside[at].append(part)
    found = [_cell(page, place, inside[at]) for at, place in enumerate(table)]
    return tuple(_doubted(cell) if _beside_two(cell, found) else cell for cell in found)


def _beside_two(cell: form.Cell, table: Sequence[form.Cell]) -> bool:
    """Tell whether `cell` stands beside the labels of two long texts: the rule between them was not seen."""
    level = range(cell.row, cell.row + cell.rowspan)
    labels = {
        field_of(one.text, fuzzy=True) for one in table if one.row in level and one.column < cell.column
    }
    return cell.rowspan > 1 and len(labels & FREE_TEXTS) > 1


def _doubted(cell: form.Cell) -> form.Cell:
    lines = tuple((text, _MERGED) for text, _ in cell.lines)
    return msgspec.structs.replace(cell, confidence=_MERGED, lines=lines)


_MERGED = 0.4  # confidence of two cells read as one: below what is asked of a long text


def _placed(page: Page, line: Line, table: Sequence[grid.Place]) -> list[tuple[int, Line]]:
    """Return `line` with its cell; a line that runs through several cells is cut and read again."""
    hit = [at for at, place in enumerate(table) if _across(line, place) > _CROSSES * line.height]
    if len(hit) < 2:
        home = [at for at, place in enumerate(table) if _within(line, place)]
        return [(at, line) for at in (hit or home)[:1]]
    parts = [(at, _clipped(line, table[at])) for at in hit]
    read = ocr.spelt([_crop(page.image, box) for _, box in parts])
    whole = not any(_cut_through(page.image, line, table[at]) for at in hit)
    return [
        (at, Line(text=text, confidence=score, box=box, least=least if whole else min(least, _TORN)))
        for (at, box), (text, score, least) in zip(parts, read, strict=True)
        if text
    ]


def _cut_through(page: Image, line: Line, place: grid.Place) -> bool:
    """Tell whether letters of `line` touch an edge of `place` that it crosses: between cells they keep away from a rule."""
    near = _CLOSE * line.height
    crossed = [
        edge for edge in (place.box[0], place.box[2]) if line.box[0] + near < edge < line.box[2] - near
    ]
    part = [_crop(page, (edge - near, line.box[1], edge + near, line.box[3])) for edge in crossed]
    grey = _crop(page, line.box).min(axis=2)
    print_ = max(_INKED, (np.percentile(grey, 80) + np.percentile(grey, 2)) / 2)  # faded letters are pale
    return any(float((one.min(axis=2) < print_).any(axis=0).mean()) > _TOUCHED for one in part if one.size)


_TORN = 0.5  # how sure the worst letter is where a rule that is none may have cut a word
_CLOSE = 0.3  # of a line's height, on both sides of a rule
_TOUCHED = 0.45  # of the columns beside a rule: where more bear ink, it runs through letters


def _across(line: Line, place: grid.Place) -> float:
    """Return how many pixels of the width of `line` lie in `place`; 0 where it is on another row."""
    left, top, right, bottom = place.box
    return min(line.box[2], right) - max(line.box[0], left) if top < line.middle < bottom else 0.0


def _within(line: Line, place: grid.Place) -> bool:
    left, top, right, bottom = place.box
    return left < (line.box[0] + line.box[2]) / 2 < right and top < line.middle < bottom


def _clipped(line: Line, place: grid.Place) -> tuple[float, float, float, float]:
    (left, top, right, bottom), cell = line.box, place.box
    return max(left, cell[0]), max(top, cell[1]), min(right, cell[2]), min(bottom, cell[3])


def _crop(image: Image, box: tuple[float, float, float, float]) -> Image:
    left, top, right, bottom = (max(0, round(edge)) for edge in box)
    return image[top : max(bottom, top + 1), left : max(right, left + 1)]


def _cell(page: Page, place: grid.Place, lines: list[Line]) -> form.Cell:
    if not lines or _wraps(lines[-1], place):
        lines = [*lines, *_overlooked(page, place, lines)]
    chosen = bool(_CATEGORY.search("".join(line.text for line in lines)))
    if chosen:
        lines = marks.ticked(lines, page.image, place.box)
    elif _short(lines):
        lines = [again.surer(line, page.image) for line in lines]
    if place.faint:
        lines = [msgspec.structs.replace(line, confidence=min(line.confidence, _FAINT)) for line in lines]
    return form.Cell(
        text="\n".join(map(row_text, rows.rows(lines))) if chosen else _text(lines, place),
        row=place.row,
        column=place.column,
        rowspan=place.rowspan,
        colspan=place.colspan,
        confidence=round(min(map(_sure, lines), default=1.0), 3),
        box=_thousandths(page, place),
        lines=tuple((line.text, round(_sure(line), 3)) for line in lines),
    )


_FAINT = 0.9  # confidence of what stands between rules that may be none: they may cut or hide letters


def _short(lines: Sequence[Line]) -> bool:
    """Tell whether `lines` are the value of a short field: few, no label, nothing that is signed and sealed."""
    text = "".join(line.text for line in lines)
    return len(lines) <= _FEW_LINES and not _SIGNED.search(text) and not field_of(text, fuzzy=True)


_FEW_LINES = 3
_SIGNED = re.compile(r"盖|年.*月")


def _sure(line: Line) -> float:
    """Return how sure `line` is: as sure as its letters together, and no surer than its worst one lets it be."""
    return min(line.confidence, 1 - _ONE_LETTER * (1 - line.least))


_ONE_LETTER = 0.25  # of what the worst letter lacks: below 0.8 it makes the line unsure


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
    text, score, least = ocr.spelt([_crop(page.image, box)])[0]
    return [Line(text=text, confidence=score, box=box, least=least)] if text and score > _GUESS else []


_INKED = 130
_LOW = 0.2  # of the usual height of a line: the lowest letter that wraps
_GUESS = 0.6


def _text(lines: Sequence[Line], place: grid.Place) -> str:
    """Return the text of a cell, lines that wrap joined and paragraphs apart."""
    lined = rows.rows(lines)
    if not lined:
        return ""
    margin = min(row[0].box[0] for row in lined)
    text = row_text(lined[0])
    for before, row in itertools.pairwise(lined):
        height = row[0].height
        wraps = _wraps(before[-1], place) or _unfinished(before, place) or _goes_on(text, row)
        indented = row[0].box[0] - margin > _INDENT * height or _POSTCODE.fullmatch(row[0].text)
        text += row_text(row) if wraps and not indented else "\n" + row_text(row)
    return text


def _unfinished(row: Sequence[Line], place: grid.Place) -> bool:
    """Tell whether a line of prose breaks off before the edge: its next sign had no room, or may begin no line."""
    text = row_text(row)
    clearly_short = row[-1].box[2] < place.box[2] - _SHORT * (place.box[2] - place.box[0])
    return len(text) >= _PROSE and not clearly_short and text[-1] not in _STOPS


_PROSE = 12  # signs
_SHORT = 0.2  # of the width of its cell: a line that ends further from the edge ends a paragraph
_STOPS = "。.！!？?；;：:…”』）)"


def _goes_on(text: str, row: Sequence[Line]) -> bool:
    """Tell whether an address without spaces was broken: what stands before and behind is none by itself."""
    last, first = text.rpartition("\n")[2], row_text(row)
    if not (_ADDRESS.search(last) and _ADDRESS.match(first)):
        return False
    return not any(whole(part) for part in (last, first) for whole in (valid_email, valid_phone))


_ADDRESS = re.compile(r"(?<![A-Za-z0-9._@-])[A-Za-z0-9._@-]*[A-Za-z._@-][A-Za-z0-9._@-]*$|^[A-Za-z0-9._@-]+$")


def row_text(row: Sequence[Line]) -> str:
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
