"""Which value stands at which label: beside it, a little above or below, wrapped in its column."""

import functools
import re
from collections.abc import Sequence

import msgspec

from parsers.licences import labels
from parsers.licences.rows import level, rows, union
from parsers.ocr import Line

_ABOVE = 0.35  # of a line's height: how far above its label a value may begin
_HIGHEST = 1.4  # heights: a label may stand in the middle of a value of two or three lines
_UPWARD = 2.0  # a value above its label costs this much more than one below
_COLUMN_REACH = 4.0  # lines: a nearer column's label this close takes the value
_CLOSE, _LOOSE = 1.6, 2.2  # heights: from one line of a value to the next, a finished name's and any other's
_GAP = 3.0  # heights: what is further to the right is no part of the same value
_TALLER = 2.2  # times its label's height: a title, no value
_HAN = re.compile(r"[一-鿿]")
_DOOR = re.compile(r"\d号|\d室")
_NO_NAME = ("code", "")  # keys of labels whose value may be the name, its own label misread
_ENDS = frozenset("称所型")  # what is left of a label whose first letter was lost: no column of its own
_GONE = 12.0  # lines: no value is further from its label than that


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A label on the page; `line` is the part of the recognised line it takes."""

    key: str
    line: Line


def values(marks: Sequence[Mark], pieces: Sequence[Line]) -> dict[str, str]:
    """Return the text of the pieces that belong to each label, the first label of a key that has any."""
    near: dict[int, list[tuple[float, Line]]] = {}
    for piece in pieces:
        cost, at = _label_of(piece, marks)
        if at is not None:
            near.setdefault(at, []).append((cost, piece))
    parts = {at: _grown(candidates) for at, candidates in near.items()}
    found: dict[str, str] = {}
    for at, mark in enumerate(marks):
        if at in parts:
            found.setdefault(mark.key, labels.trimmed(_text(parts[at])))
    used = [piece for at, taken in parts.items() if marks[at].key not in _NO_NAME for piece in taken]
    orphan = None if "name" in found else _orphan([piece for piece in pieces if piece not in used])
    return {**found, "name": orphan} if orphan else found


def _grown(candidates: Sequence[tuple[float, Line]]) -> list[Line]:
    """Return the piece nearest to its label with those that go on from it, down and up."""
    _, seed = min(candidates, key=lambda candidate: (round(candidate[0], 1), candidate[1].box[0]))
    others = sorted((piece for _, piece in candidates if piece is not seed), key=lambda piece: piece.middle)
    parts = [seed]
    for piece in others:
        if (piece.middle > seed.middle or level(piece, seed)) and _follows(piece, parts):
            parts.append(piece)
    for piece in reversed(others):
        if piece.middle < seed.middle and not level(piece, seed) and _precedes(piece, parts[0]):
            parts.insert(0, piece)
    return parts


def _precedes(piece: Line, first: Line) -> bool:
    aligned = abs(piece.box[0] - first.box[0]) < piece.height
    return aligned and first.middle - piece.middle < _CLOSE * max(first.height, piece.height)


def _orphan(pieces: Sequence[Line]) -> str | None:
    """Return the topmost value without a label that reads like a unit's name: its label was not recognised."""
    names = [piece for piece in pieces if labels.like_name(piece.text) and not _DOOR.search(piece.text)]
    return min(names, key=lambda piece: piece.middle).text if names else None


def _text(parts: Sequence[Line]) -> str:
    return "".join(_row_text(row) for row in rows(parts))


def _row_text(row: Sequence[Line]) -> str:
    return functools.reduce(union, row).text


def _follows(piece: Line, earlier: Sequence[Line]) -> bool:
    """Say whether `piece` goes on what a label has so far: beside it, or right below in its column."""
    last = earlier[-1]
    if level(last, piece):
        return 0 <= piece.box[0] - last.box[2] + piece.height < _GAP * piece.height
    aligned = abs(piece.box[0] - min(part.box[0] for part in earlier)) < 2.5 * piece.height
    complete = labels.like_name("".join(part.text for part in earlier))
    reach = _CLOSE if complete else _LOOSE
    return aligned and piece.middle - last.middle < reach * max(last.height, piece.height)


def _label_of(piece: Line, marks: Sequence[Mark]) -> tuple[float, int | None]:
    costs = [(_cost(piece, mark, marks), at) for at, mark in enumerate(marks)]
    return min((cost for cost in costs if cost[0] < _GONE), default=(_GONE, None))


def _cost(piece: Line, mark: Mark, marks: Sequence[Mark]) -> float:
    """Return how little `piece` looks like the value of `mark`, in heights of a line."""
    if piece.height > _TALLER * mark.line.height or (mark.key == "name" and not _HAN.search(piece.text)):
        return _GONE
    if mark.line.box[0] >= piece.box[0] - 0.2 * piece.height:
        return _below(piece, mark)
    down = (piece.middle - mark.line.middle) / mark.line.height
    if down < -_HIGHEST:
        return _GONE
    cost = down if down >= -_ABOVE else -down * _UPWARD
    return abs(cost) + (_GONE if _hidden(piece, mark, marks) else 0.0)


def _below(piece: Line, mark: Mark) -> float:
    """Return the cost of a value that stands under its label, as a credit code may."""
    down = (piece.middle - mark.line.middle) / mark.line.height
    near = mark.key == "code" and abs(piece.box[0] - mark.line.box[0]) < 2 * piece.height and down > 0
    return 1 + down if near else _GONE


def _hidden(piece: Line, mark: Mark, marks: Sequence[Mark]) -> bool:
    """Say whether a label of a nearer column stands between `mark` and `piece`."""
    return any(
        other.line.text not in _ENDS
        and mark.line.box[2] < other.line.box[0] < piece.box[0]
        and -_UPWARD < (piece.middle - other.line.middle) / other.line.height < _COLUMN_REACH
        for other in marks
    )
