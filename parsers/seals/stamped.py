"""The seals of a form: those in the cells that ask for one, on the pages that show these cells."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from parsers.documents import Box, Form, Seals, Stamp
from parsers.ocr import Image
from parsers.seals import ring, seal, seal_names
from parsers.seals.seal import Mark

CELLS = ("recommendation", "county_opinion", "city_opinion")
_MOST_READ = 6  # rings of a form that are read

Reader = Callable[[Image, Mark], tuple[str, float]]


def stamped(form: Form, pages: Mapping[int, Image], read: Reader = ring.read) -> Form:
    """Return `form` with the seals that its `pages` (level, in colour, by number from 1) show in its cells.

    `read` gives the letters in the ring of a seal.
    """
    boxes = {key: box for key in CELLS if (box := form.readings[key].box) is not None and box.page in pages}
    if not boxes:
        return form
    shown = {number: pages[number] for number in sorted({box.page for box in boxes.values()})}
    areas = {key: _pixels(box, pages[box.page]) for key, box in boxes.items()}
    marks = {
        number: seal.on(page, [areas[key] for key, box in boxes.items() if box.page == number])
        for number, page in shown.items()
    }
    stamps = tuple(_stamps(form, boxes, shown, marks, read))
    counts = {key: sum(stamp.cell == key for stamp in stamps) for key in boxes}
    grey = all(seal.grey(page) for page in pages.values())
    unsure = _unsure(boxes, shown, marks, counts, colourless=grey)
    strayed = _strayed(form, boxes, stamps)
    # one grey rim shows that a page without colour is a copy of a sealed one
    blind = (grey and unsure) or all(seal.black_and_white(page) for page in pages.values())
    doubts = tuple(key for key in boxes if blind or key in unsure or key in strayed)
    seals = Seals(
        recommendation=counts.get("recommendation"),
        county_opinion=counts.get("county_opinion"),
        city_opinion=counts.get("city_opinion"),
        grey=grey,
        unsure=doubts,
        stamps=stamps,
    )
    return msgspec.structs.replace(form, seals=seals)


def shown_only(form: Form) -> Form:
    """Return the form of a document with text: a cell that shows no seal says nothing of the paper's."""
    seen = form.seals
    seals = Seals(
        recommendation=seen.recommendation or None,
        county_opinion=seen.county_opinion or None,
        city_opinion=seen.city_opinion or None,
        stamps=seen.stamps,
    )
    return msgspec.structs.replace(form, seals=seals)


def _stamps(
    form: Form,
    boxes: Mapping[str, Box],
    pages: Mapping[int, Image],
    marks: Mapping[int, Sequence[Mark]],
    read: Reader,
) -> Iterable[Stamp]:
    names = [name for name in (form.value("organizer"), *seal_names.offices()) if name]
    left = _MOST_READ
    for key, box in boxes.items():
        page = pages[box.page]
        for mark in marks[box.page]:
            if not mark.sure or not mark.within(_pixels(box, page)):
                continue
            text, confidence = read(page, mark) if left > 0 else ("", 0.0)
            left -= 1
            yield Stamp(
                cell=key,
                text=text,
                matched=seal_names.matched(text, names),
                confidence=round(confidence, 3),
                box=_thousandths(mark, page, box.page),
            )


def _unsure(
    boxes: Mapping[str, Box],
    pages: Mapping[int, Image],
    marks: Mapping[int, Sequence[Mark]],
    counts: Mapping[str, int],
    *,
    colourless: bool,
) -> frozenset[str]:
    """Return the cells that may bear a seal that is not counted: traces, seals beside a cell, grey rims."""
    found = set()
    for key, box in boxes.items():
        area = _pixels(box, pages[box.page])
        others = [_pixels(other, pages[box.page]) for other in boxes.values() if other.page == box.page]
        if seal.doubtful(marks[box.page], area) or _beside(marks[box.page], area, others):
            found.add(key)
    for number, page in pages.items():
        here = [key for key, box in boxes.items() if box.page == number and key not in found]
        if here and not any(mark.sure for mark in marks[number]):
            areas = [_pixels(boxes[key], page) for key in here]
            rims = seal.copied(page, areas, colourless=colourless)
            found |= {key for key, rim in zip(here, rims, strict=True) if rim}
    return frozenset(key for key in found if counts[key] < _USUAL[key])


_USUAL = {"recommendation": 1, "county_opinion": 2, "city_opinion": 2}


def _beside(marks: Sequence[Mark], area: seal.Box, others: Sequence[seal.Box]) -> bool:
    """Tell whether a seal that belongs to none of the cells reaches into `area`, or another's has its middle hard by."""
    return any(
        _reaches(mark, area, _HARD_BY if any(mark.within(other) for other in others) else 1.0)
        for mark in marks
        if mark.sure and not mark.within(area)
    )


def _reaches(mark: Mark, area: seal.Box, share: float) -> bool:
    left, top, right, bottom = area
    long, short = share * mark.long, share * mark.short
    return left - long < mark.x < right + long and top - short < mark.y < bottom + short


_HARD_BY = 0.4  # of a radius: so near to a line a seal may have been meant for the cell beyond it


def _strayed(form: Form, boxes: Mapping[str, Box], stamps: Sequence[Stamp]) -> frozenset[str]:
    """Return the recommendation's cell if the organizer's own seal slipped into the cell below it."""
    box = boxes.get("recommendation")
    organizer = form.value("organizer")
    slipped = (
        stamp.box.top < box.bottom
        for stamp in stamps
        if box and stamp.box and stamp.cell != "recommendation" and stamp.box.page == box.page
        if organizer and stamp.matched == organizer
    )
    return frozenset({"recommendation"} if any(slipped) else ())


def _pixels(box: Box, page: Image) -> seal.Box:
    height, width = page.shape[:2]
    return (
        box.left * width / 1000,
        box.top * height / 1000,
        box.right * width / 1000,
        box.bottom * height / 1000,
    )


def _thousandths(mark: Mark, page: Image, number: int) -> Box:
    height, width = page.shape[:2]
    reach = max(mark.long, mark.short)
    return Box(
        page=number,
        left=max(0, round(1000 * (mark.x - reach) / width)),
        top=max(0, round(1000 * (mark.y - reach) / height)),
        right=min(1000, round(1000 * (mark.x + reach) / width)),
        bottom=min(1000, round(1000 * (mark.y + reach) / height)),
    )
