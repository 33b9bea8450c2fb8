"""What the paragraphs, tables and pictures of a document amount to: forms, certificates, work material."""

import hashlib
from collections.abc import Callable, Sequence

from parsers import material, pasted, pressed, secrecy, twins
from parsers.documents import Part
from parsers.flow import Block, Tabular
from parsers.form import find_forms, from_text
from parsers.licences import licence
from parsers.text import count_words

_ALMOST_NO_TEXT = 30  # 字
_CERTIFICATE_TEXT = 600  # 字; a longer text is no certificate

Fetch = Callable[[str], bytes | None]
"""Who has the picture that a block names, None where the document does not."""


def parts(shown: Sequence[Block], fetch: Fetch) -> tuple[Part, ...]:
    """Return what a document that shows `shown` holds: forms first, then certificates, then the rest as work."""
    return (*_parts(shown, fetch), *secrecy.found([_text(shown).split("\n")]))


def _parts(shown: Sequence[Block], fetch: Fetch) -> tuple[Part, ...]:
    tables = [block for block in shown if isinstance(block, Tabular)]
    found = find_forms([table.cells for table in tables])
    if found:
        taken = {id(tables[index]) for form in found for index in form.tables}
        forms = (pressed.stamped(one.form, [tables[at] for at in sorted(one.tables)], fetch) for one in found)
        return (*forms, *_rest(shown, taken, fetch))
    typed = from_text(_text(shown))
    if typed is not None:
        return (typed, *pasted.merged(pasted.read(pictures(shown, fetch))))
    return _unlabelled(shown, fetch)


def pictures(shown: Sequence[Block], fetch: Fetch) -> list[bytes]:
    """Return the distinct pictures of `shown`, ornaments left out."""
    found: dict[str, bytes] = {}
    for identity in (one for block in shown for one in block.pictures):
        if data := fetch(identity):
            found.setdefault(hashlib.sha256(data).hexdigest(), data)
    return [data for data in found.values() if pasted.shorter_side(data) >= pasted.ORNAMENT]


def _rest(shown: Sequence[Block], taken: set[int], fetch: Fetch) -> tuple[Part, ...]:
    """Return what stands around the forms, if it is more than their title and notes."""
    first = next(index for index, block in enumerate(shown) if id(block) in taken)
    rest = [block for block in shown if id(block) not in taken]
    after = [block for block in shown[first:] if id(block) not in taken]
    lines = material.cover(_text(shown[:first]).split("\n"))
    lines += material.besides_form(_text(after).split("\n"))
    shown_there = pictures(rest, fetch)
    if not material.is_little(material.work(lines, 0)):
        return _work(lines, shown_there)
    return pasted.merged(pasted.read(shown_there)) if shown_there else ()


def _unlabelled(shown: Sequence[Block], fetch: Fetch) -> tuple[Part, ...]:
    text = _text(shown)
    all_pictures = pictures(shown, fetch)
    words = count_words(text)
    if words < _ALMOST_NO_TEXT and all_pictures:
        said = (material.work(text.split("\n"), 0),) if words else ()
        return pasted.merged([*said, *pasted.read(all_pictures)])
    certificate = licence.from_lines(text.split("\n")) if words < _CERTIFICATE_TEXT else None
    if certificate:
        return (certificate,)
    return _work(text.split("\n"), all_pictures)


def _work(lines: Sequence[str], shown_there: Sequence[bytes]) -> tuple[Part, ...]:
    """Return work material, and apart from it the certificates among its pictures, which are none of the case."""
    papers, rest = pasted.papers(shown_there)
    return (*papers, material.work(lines, twins.count(rest)))


def _text(shown: Sequence[Block]) -> str:
    return "\n".join(block.text for block in shown)
