"""Pictures by content: scanned forms, certificates, honours, pages of work material, or just pictures."""

import io
import warnings
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps, ImageSequence

from parsers import ocr, pace, secrecy, view
from parsers.documents import Facts, Form, Honour, Part, Picture, Qualification, Unreadable, Why, Work
from parsers.licences import certificates, rows
from parsers.ocr import Image
from parsers.scans import flat, inside, pages, scan, upright
from parsers.text import count_words
from parsers.view import View

LARGEST = 80_000_000
"""Pixels: a picture of more is refused before it is decoded."""

MOST_PAGES = 40
"""Pages of one picture file; further ones are not looked at."""

_TOO_LARGE = (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning)
_BROKEN = (OSError, SyntaxError, ValueError, EOFError)
_SIDE = 2600  # pixels: more adds nothing to what is recognised
_LEAST_LINES = 3  # a picture with fewer lines of text is no document
_PAGE_WORDS = 60  # a page of a document with fewer is a picture


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One page set right: its ruled cells if it has any, and its lines."""

    sight: View
    form_page: inside.Page | None
    lines: tuple[ocr.Line, ...]
    number: int = 1


def read_image(data: bytes) -> Facts:
    """Return what an image file shows: PNG, JPEG, BMP, TIFF of one or more pages, GIF or WebP."""
    try:
        shown, displayed = _opened(data)
    except _TOO_LARGE:
        return _unreadable(Why.UNSAFE, "图片尺寸过大，为安全起见不予打开")
    except _BROKEN:
        return _unreadable(Why.CORRUPT, "图片文件已损坏或不完整，无法打开，请检查后重新报送")
    if len(shown) == 1:
        return _one(shown[0], displayed)
    parts = read_pages(shown)
    return Facts(
        reader="ocr" if any(not isinstance(part, Picture) for part in parts) else "image", parts=parts
    )


def frames(data: bytes, side: int = _SIDE) -> list[Image]:
    """Return the pages of a picture file (blue-green-red) as a viewer displays them; nothing where it cannot be opened.

    No page is longer than `side` pixels.
    """
    try:
        return _opened(data, side)[0]
    except (*_TOO_LARGE, *_BROKEN):
        return []


def read_pages(images: Sequence[Image], numbers: Sequence[int] = ()) -> tuple[Part, ...]:
    """Return the documents that page images (blue-green-red) show, consecutive pages of a form as one.

    Pages of running text are one `Work` with the pictures on them and the pages that are pictures.
    """
    parts, mere = documents(images, numbers)
    if not any(isinstance(part, Work) for part in parts):
        return (*parts, *mere.values())
    return tuple(
        msgspec.structs.replace(part, pictures=part.pictures + len(mere)) if isinstance(part, Work) else part
        for part in parts
    )


def documents(
    images: Sequence[Image], numbers: Sequence[int] = ()
) -> tuple[tuple[Part, ...], Mapping[int, Picture]]:
    """Return the documents of page images as `read_pages` does, and apart from them the pages that are mere pictures.

    `numbers` are the pages' in their file, from 1 on where nothing else is said.
    """
    seen = [
        _seen(image, number)
        for image, number in zip(images, numbers or range(1, len(images) + 1), strict=True)
    ]
    forms = _forms(seen)
    used = {number for form in forms for number in form.pages}
    rest = [page for at, page in enumerate(seen) if at not in used]
    papers = [(page, _certificates(page)) for page in rest]
    others = [page for page, found in papers if not found]
    parts: list[Part] = [form.form for form in forms]
    parts += [one for _, found in papers for one in found]
    work, mere = _material(others)
    secret = secrecy.found([_texts(page) for page in seen])
    return (*parts, *work, *secret), mere


def size(data: bytes) -> tuple[int, int]:
    """Return width and height in pixels as displayed; raise OSError on what is no picture."""
    with Pillow.open(io.BytesIO(data)) as image:
        width, height = image.size
        turned = image.getexif().get(_ORIENTATION, 1) in _QUARTER_TURNS
        return (height, width) if turned else (width, height)


_ORIENTATION = 0x0112
_QUARTER_TURNS = (5, 6, 7, 8)
_TRANSPARENT = frozenset({"RGBA", "LA", "PA"})


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    form: Form
    pages: frozenset[int]


def _unreadable(why: Why, note: str) -> Facts:
    return Facts(reader="image", parts=(Unreadable(why=why, note=note),))


def _opened(data: bytes, side: int = _SIDE) -> tuple[list[Image], tuple[int, int]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # damaged metadata; the size is checked here
        warnings.simplefilter("error", Pillow.DecompressionBombWarning)
        width, height = size(data)
        if width * height > LARGEST:
            raise Pillow.DecompressionBombError
        return _frames(data, side)


def _frames(data: bytes, side: int) -> tuple[list[Image], tuple[int, int]]:
    """Return the pages of a picture file as arrays no larger than needed, and the first one's size."""
    with Pillow.open(io.BytesIO(data)) as image:
        displayed = size(data)
        if image.format == "JPEG":
            image.draft("RGB", (side, side))
        if image.format != "TIFF":
            return [_array(image, side)], displayed
        frames: list[Image] = []
        for frame in ImageSequence.Iterator(image):
            if len(frames) == MOST_PAGES:
                break
            if frame.size[0] * frame.size[1] > LARGEST:
                raise Pillow.DecompressionBombError
            frames.append(_array(frame, side))
        return frames, displayed


def _array(image: Pillow.Image, side: int) -> Image:
    """Return `image` upright as its EXIF says, on white, in blue-green-red."""
    image = _squared(_smooth(image))
    image.thumbnail((side, side), Pillow.Resampling.LANCZOS)
    shown = ImageOps.exif_transpose(image)
    if shown.mode in _TRANSPARENT or "transparency" in shown.info:
        paper = Pillow.new("RGBA", shown.size, "white")
        shown = Pillow.alpha_composite(paper, shown.convert("RGBA"))
    if shown.mode.startswith("I;16"):
        shown = Pillow.fromarray((np.asarray(shown) >> 8).astype(np.uint8))
    return np.ascontiguousarray(np.asarray(shown.convert("RGB"), np.uint8)[:, :, ::-1])


def _smooth(image: Pillow.Image) -> Pillow.Image:
    """Return `image` in levels that can be scaled: of black and white alone, or a palette, points would be left out."""
    if image.mode == "P":
        return image.convert("RGBA" if "transparency" in image.info else "RGB")
    return image.convert("L") if image.mode == "1" else image


def _squared(image: Pillow.Image) -> Pillow.Image:
    """Return `image` as high as it is on paper: a fax has 204 points an inch across, and 98 or 196 down."""
    across, down = (float(each) for each in image.info.get("dpi", (1, 1)))
    if min(across, down) <= 0 or not _OBLONG < max(across / down, down / across) < _MOST_OBLONG:
        return image
    wide, high = image.size
    larger = max(across, down)
    size = (round(wide * larger / across), round(high * larger / down))
    return image.resize(size, Pillow.Resampling.BICUBIC)


_OBLONG, _MOST_OBLONG = 1.2, 4.0


def _one(image: Image, displayed: tuple[int, int]) -> Facts:
    """Return what one picture shows; one that is no document stays a picture, however much text it has."""
    page = _seen(image, 1)
    parts: tuple[Part, ...] = ()
    if page.form_page is not None:
        rest = scan.continued([page.form_page])
        parts = tuple(scan.read([page.form_page])[:1]) or ((rest,) if rest else ())
    if not parts and page.lines:
        typed = scan.typed(page.lines)
        parts = _certificates(page) or ((typed,) if typed else ())
    shown = Picture(width=displayed[0], height=displayed[1])
    return Facts(
        reader="ocr" if page.lines else "image", parts=(*(parts or (shown,)), *secrecy.found([_texts(page)]))
    )


def _texts(page: Seen) -> list[str]:
    """Return the lines of a page from top to bottom."""
    return [" ".join(line.text for line in row) for row in rows.rows(page.lines)]


def _seen(image: Image, number: int) -> Seen:
    pace.page()
    came = view.of(image)
    told = upright.glance(image)
    if told.lines < _LEAST_LINES:
        return Seen(sight=came, form_page=None, lines=(), number=number)
    sight = view.turned(came, told.turns)
    ruled = scan.see(sight, number)
    if ruled is not None:
        return Seen(sight=ruled.sight, form_page=ruled, lines=ruled.lines, number=number)
    sight = flat.levelled(sight, told.slope)
    bare = ocr.without_red(sight.image)
    # a plaque or a poster may be printed in red alone
    lines = tuple(ocr.lines(bare, _LEAST_LINES) or ocr.lines(sight.image, _LEAST_LINES))
    loose = scan.laid_out(inside.Page(image=bare, sight=sight, lines=lines, number=number))
    return Seen(sight=sight, form_page=loose if loose.tables else None, lines=lines, number=number)


def _certificates(page: Seen) -> tuple[Qualification | Honour, ...]:
    return certificates.on(page.sight, page.lines, _look, page.number)


def _look(image: Image) -> list[ocr.Line]:
    return ocr.lines(image, _LEAST_LINES)


def _forms(seen: Sequence[Seen]) -> list[_Found]:
    """Return the forms of each run of ruled pages with the pages they take."""
    found: list[_Found] = []
    run: list[tuple[int, inside.Page]] = []
    for at, page in enumerate([*seen, None]):
        if page is not None and page.form_page is not None:
            run.append((at, page.form_page))
            continue
        found.extend(_of_run(run))
        run = []
    return found


def _of_run(run: Sequence[tuple[int, inside.Page]]) -> list[_Found]:
    ruled = [page for _, page in run]
    found = [
        _Found(form=form, pages=frozenset(run[number][0] for number in numbers))
        for form, numbers in scan.read_with_pages(ruled)
    ]
    rest = None if found or not run else scan.continued(ruled)
    return [_Found(form=rest, pages=frozenset(at for at, _ in run))] if rest else found


def _material(others: Sequence[Seen]) -> tuple[list[Work], dict[int, Picture]]:
    """Return the pages of running text as one `Work`, and by their numbers the pages that are mere pictures."""
    texts = {
        page.number: "\n".join(line.text for row in rows.rows(page.lines) for line in row) for page in others
    }
    written = [page for page in others if count_words(texts[page.number]) >= _PAGE_WORDS]
    kept = [texts[page.number] for page in written]
    work = Work(
        words=sum(map(count_words, kept)),
        pictures=sum(pages.pictures(page.sight.image, page.lines) for page in written),
        text="\n".join(kept),
    )
    mere = {
        page.number: Picture(width=page.sight.size[0], height=page.sight.size[1])
        for page in others
        if not any(page is each for each in written)
    }
    return [work] if written else [], mere
