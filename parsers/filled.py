"""From the text beside each label to a filled form: values, dates, ticks, 字数."""

import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from parsers import opinions, ticks, values
from parsers.cells import Piece
from parsers.documents import FIELDS, Form, Reading
from parsers.identifiers import (
    clean_identifier,
    kind_and_platform,
    valid_email,
    valid_icp,
    valid_mobile,
    valid_phone,
    valid_postcode,
)
from parsers.lexicon import mend_value
from parsers.text import count_words, paragraphs, squash

_DATED = {
    "recommendation": "recommendation_date",
    "county_opinion": "county_opinion_date",
    "city_opinion": None,
}
_COPIED = 40  # signs; a shorter text may well be written twice
_Pieces = Mapping[str, Sequence[Piece]]


def fill(found: Sequence[Piece], *, scanned: bool = False) -> Form:
    """Return the form whose labels stand beside the texts of `found`; a field without a label is None.

    A label that a scan does not show leaves a reading of confidence 0: nobody saw its cell.
    """
    by_key: dict[str, list[Piece]] = {}
    for piece in found:
        by_key.setdefault(piece.key, []).append(piece)
    readings = {key: Reading(confidence=0.0 if scanned else 1.0) for key in FIELDS}
    for read in (_short_fields, _shared_fields, _opinions):
        readings.update(read(by_key))
    if scanned:
        readings = {
            key: _checked(key, _with_value(one, mend_value(key, one.value))) for key, one in readings.items()
        }
    readings |= _postcode_in_address(readings)
    choice = _category(by_key, readings, scanned=scanned)
    counted, attached = _summary(by_key, readings)
    name, identifier = readings["name"].value, readings["identifier"]
    kind, platform = kind_and_platform(identifier.value, name)
    if identifier.value:
        readings["identifier"] = _with_value(identifier, clean_identifier(identifier.value, kind))
    return Form(
        readings=readings,
        ticked=choice.ticked,
        kind=kind,
        platform=platform,
        summary_words=count_words(counted),
        attached_page=attached,
        scanned=scanned,
    )


def _reading(piece: Piece, value: str | None) -> Reading:
    return Reading(value=value, raw=piece.text, confidence=_sureness(piece, value), box=piece.cell.box)


_LEFT_EMPTY = 0.96
"""However blurred: no number is read as the printed hint that the cell be left empty."""


def _checked(key: str, reading: Reading) -> Reading:
    """Return a recognised `reading`, unsure where its format tells that it was written or read wrongly: a person looks."""
    valid = _FORMATS.get(key)
    if valid is None or reading.value is None or valid(reading.value):
        return reading
    return msgspec.structs.replace(reading, confidence=min(reading.confidence, _ILL_FORMED))


def _holds_digits(said: str) -> bool:
    return re.search(r"[0-9]", said) is not None


def _holds_no_number(said: str) -> bool:
    """Tell whether `said` is free of telephone numbers: with one in it, it ran together with the cell beside it."""
    return re.search(r"(?<![0-9])(?:0[0-9]{2,3}-?[0-9]{7,8}|1[3-9][0-9]{9})(?![0-9])", said) is None


_ILL_FORMED = 0.9
_FORMATS: Mapping[str, Callable[[str], bool]] = {
    "email": valid_email,
    "phone": valid_phone,
    "mobile": valid_mobile,
    "postcode": valid_postcode,
    "icp_number": valid_icp,
    "license_number": _holds_digits,
    "address": _holds_no_number,
}


def _sureness(piece: Piece, value: str | None) -> float:
    """Return the confidence of the lines that `value` stands in, that of the whole cell where they are not plain."""
    said = squash(value or "")
    if not said and len(squash(piece.text)) > 1 and values.is_nothing(piece.text):
        return max(piece.cell.confidence, _LEFT_EMPTY)
    lines = [(squash(text), sure) for text, sure in piece.cell.lines]
    own = [(text, sure) for text, sure in lines if text and (text in said or said in text)]
    whole = said and sum(len(text) for text, _ in own) >= len(said)
    return min(sure for _, sure in own) if whole else piece.cell.confidence


def _with_value(reading: Reading, value: str | None) -> Reading:
    return Reading(value=value, raw=reading.raw, confidence=reading.confidence, box=reading.box)


def _first(found: Sequence[Piece], read: Callable[[Piece], str | None]) -> Reading:
    """Return the first reading that has a value, or else that of the first piece."""
    readings = [_reading(piece, read(piece)) for piece in found]
    return next((one for one in readings if one.value is not None), readings[0])


def _short_fields(by_key: _Pieces) -> dict[str, Reading]:
    def read(key: str) -> Callable[[Piece], str | None]:
        return lambda piece: values.SHORT[key](values.without_label(key, piece.text))

    return {key: _first(by_key[key], read(key)) for key in values.SHORT if key in by_key}


def _shared_fields(by_key: _Pieces) -> dict[str, Reading]:
    """Return the fields of cells that hold two of them; a cell of a field's own wins."""
    found: dict[str, Reading] = {}
    own = _short_fields(by_key)
    for shared, split in values.SHARED.items():
        for piece in by_key.get(shared, ()):
            both = split(values.without_label(shared, piece.text))
            for key, value in both.items():
                if found.get(key, own.get(key, Reading())).value is None:
                    found[key] = _reading(piece, value)
    return found


def _postcode_in_address(readings: Mapping[str, Reading]) -> dict[str, Reading]:
    """Split an address that has the postcode with it though the form gives that a place of its own."""
    address = readings["address"]
    if address.value is None or readings["postcode"].value is not None:
        return {}
    both = values.address_and_postcode(values.without_label("address", address.raw))
    if both["postcode"] is None:
        return {}
    return {key: _with_value(address, both[key]) for key in ("address", "postcode")}


def _category(by_key: _Pieces, readings: dict[str, Reading], *, scanned: bool) -> ticks.Choice:
    choices = [(piece, _ticked(piece.text, scanned=scanned)) for piece in by_key.get("category", ())]
    if not choices:
        return ticks.Choice((), None)
    piece, choice = next((one for one in choices if one[1].ticked), choices[0])
    readings["category"] = _reading(piece, choice.ticked[0] if len(choice.ticked) == 1 else None)
    readings["category_other"] = _reading(piece, choice.other)
    return choice


def _ticked(text: str, *, scanned: bool) -> ticks.Choice:
    choice = ticks.read(text)
    return choice._replace(other=mend_value("category_other", choice.other)) if scanned else choice


def _summary(by_key: _Pieces, readings: dict[str, Reading]) -> tuple[str, bool]:
    """Set the summary of both its cells; return the text that is counted and whether a page is attached."""
    found = _without_repeats(by_key.get("summary", ()))
    parts = [values.summary_of(piece.text) for piece in found]
    value = "\n".join(value for value, _, _ in parts if value) or None
    counted = "\n".join(text for _, text, _ in parts)
    if found:
        filled = [piece for piece in found if piece.text.strip()] or found
        least = min(filled, key=lambda piece: piece.cell.confidence)
        readings["summary"] = Reading(
            value=value,
            raw="\n".join(piece.text for piece in found),
            confidence=least.cell.confidence,
            box=filled[0].cell.box,
        )
    return counted, any(attached for _, _, attached in parts)


def _date_sureness(piece: Piece) -> float:
    """Return the confidence of the lines that look like dates, that of the whole cell where none does."""
    return min(
        (sure for text, sure in piece.cell.lines if _DATED_LINE.search(text)), default=piece.cell.confidence
    )


_DATED_LINE = re.compile(r"[0-9].*[年月日]|[年月].*[0-9]|20[0-9]{2}\W")


def _without_repeats(found: Sequence[Piece]) -> list[Piece]:
    """Leave out a long text that stands there twice: a merged cell that some program has copied."""
    kept: list[Piece] = []
    for piece in found:
        if len(piece.text.strip()) < _COPIED or piece.text not in {one.text for one in kept}:
            kept.append(piece)
    return kept


def _opinions(by_key: _Pieces) -> dict[str, Reading]:
    found: dict[str, Reading] = {}
    for key, dated in _DATED.items():
        if not (cells := _without_repeats(by_key.get(key, ()))):
            continue
        said = [(piece, opinions.read(piece.text)) for piece in cells]
        texts = [opinion.text for _, opinion in said if opinion.text]
        text = paragraphs("\n".join(texts)) or None
        if key == "county_opinion" and text and opinions.is_nothing(text):
            text = None
        piece = min(cells, key=lambda piece: piece.cell.confidence)
        raw = "\n".join(one.text for one in cells)
        found[key] = Reading(value=text, raw=raw, confidence=piece.cell.confidence, box=cells[0].cell.box)
        if dated:
            days = [opinion.date for _, opinion in said if opinion.date]
            found[dated] = Reading(
                value=max(days, default=None),
                raw=raw,
                confidence=min(map(_date_sureness, cells)),
                box=cells[0].cell.box,
            )
    return found
