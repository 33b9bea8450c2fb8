"""Labels and values by where they stand on a page: rows, columns, values that wrap."""

import functools
from collections.abc import Sequence

import msgspec

from parsers import labels
from parsers.ocr import Line

_ABOVE = 0.35  # of a line's height: how far above its label a value may begin
_HIGHEST = 1.4  # heights: a label may stand in the middle of a value of two or three lines
_UPWARD = 2.0  # a value above its label costs this much more than one below
_COLUMN_REACH = 4.0  # lines: a nearer column's label this close takes the value
_CLOSE, _LOOSE = 1.6, 2.2  # heights: from one line of a value to the next, a finished name's and any other's
_LAP = 0.3  # heights: boxes that overlap by more hold a letter twice
_GAP = 3.0  # heights: what is further to the right is no part of the same value
_GONE = 12.0  # lines: no value is further from its label than that
_TALL = 1.8  # times its width: a line this tall runs down the page
_LONGEST_LABEL, _COLUMN = 8, 3
_SPACED = 6.0  # heights between the letters of one spaced-out word


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A label on the page; `line` is the part of the recognised line it takes."""

    key: str
    line: Line


def labelled(page: Sequence[Line]) -> labels.Labels:
    """Return the lines of `page` in reading order and the value that stands at each label."""
    upright = [part for line in page for part in _upright(line)]
    side_by_side = [_joined(row) for row in rows(upright)]
    tokens = [token for row in side_by_side for token in row]
    marks: list[Mark] = []
    pieces: list[Line] = []
    for token in tokens:
        _take(token, marks, pieces)
    marks, pieces = _strangers(*_halves(marks, pieces))
    texts = tuple(token.text for token in tokens)
    return labels.Labels(
        lines=texts,
        values=_values(marks, pieces),
        rows=tuple(" ".join(token.text for token in row) for row in side_by_side),
    )


def _upright(line: Line) -> list[Line]:
    """Return the letters of a line that runs down the page, as a column of one-letter labels is taken for."""
    left, top, right, bottom = line.box
    if len(line.text) < 2 or bottom - top < _TALL * (right - left):
        return [line]
    step = (bottom - top) / len(line.text)
    return [
        msgspec.structs.replace(line, text=letter, box=(left, top + at * step, right, top + (at + 1) * step))
        for at, letter in enumerate(line.text)
    ]


def _halves(marks: list[Mark], pieces: list[Line]) -> tuple[list[Mark], list[Line]]:
    """Take a lone letter of a spaced-out label for the label where the other letter was lost."""
    lone = [piece for piece in pieces if piece.text in labels.HALVES and _has_right(piece, pieces)]
    more = [Mark(key=labels.HALVES[piece.text], line=piece) for piece in lone]
    return marks + more, [piece for piece in pieces if piece not in lone]


def _strangers(marks: list[Mark], pieces: list[Line]) -> tuple[list[Mark], list[Line]]:
    """Take short words that stand in a column of labels for labels too, of a kind not known here."""
    strange = [piece for piece in pieces if _in_column(piece, marks) and _has_right(piece, pieces)]
    more = [Mark(key="", line=piece) for piece in strange]
    return marks + more, [piece for piece in pieces if piece not in strange]


def _in_column(piece: Line, marks: Sequence[Mark]) -> bool:
    aligned = [mark for mark in marks if abs(mark.line.box[0] - piece.box[0]) < 0.4 * piece.height]
    return (
        len(piece.text) <= _LONGEST_LABEL
        and len(aligned) >= _COLUMN
        and not any(map(str.isdigit, piece.text))
    )


def _has_right(letter: Line, pieces: Sequence[Line]) -> bool:
    return any(
        _level(letter, piece) and 0 < piece.box[0] - letter.box[2] < _SPACED * letter.height
        for piece in pieces
        if len(piece.text) > 2
    )


def rows(page: Sequence[Line]) -> list[list[Line]]:
    """Return the lines grouped into rows from top to bottom, each from left to right."""
    grouped: list[list[Line]] = []
    for line in sorted(page, key=lambda line: line.middle):
        if grouped and _level(grouped[-1][-1], line):
            grouped[-1].append(line)
        else:
            grouped.append([line])
    return [sorted(row, key=lambda line: line.box[0]) for row in grouped]


def _level(first: Line, second: Line) -> bool:
    return abs(first.middle - second.middle) < 0.5 * min(first.height, second.height)


def _joined(row: Sequence[Line]) -> list[Line]:
    """Return `row` with spaced-out words (`名    称`, `营 业 执 照`) as one line each."""
    done: list[Line] = []
    for line in row:
        if done and _one_word(done[-1], line):
            done[-1] = _union(done[-1], line)
        else:
            done.append(line)
    return done


def _one_word(first: Line, second: Line) -> bool:
    near = second.box[0] - first.box[2] < _SPACED * first.height
    if not near or labels.split(first.text):
        return False
    begins_label = len(first.text) <= 2 and bool(labels.split(first.text + second.text))
    return begins_label or (len(second.text) == 1 and len(first.text) <= 4 and _lettered(first))


def _lettered(line: Line) -> bool:
    """Say whether `line` is letters set wide apart, or one letter."""
    return line.box[2] - line.box[0] > 1.6 * line.height * len(line.text) or len(line.text) == 1


def _union(first: Line, second: Line) -> Line:
    box = (
        min(first.box[0], second.box[0]),
        min(first.box[1], second.box[1]),
        max(first.box[2], second.box[2]),
        max(first.box[3], second.box[3]),
    )
    return Line(text=_seamless(first, second), confidence=min(first.confidence, second.confidence), box=box)


def _seamless(first: Line, second: Line) -> str:
    """Return both texts as one, a letter that two overlapping boxes both hold taken once."""
    overlap = first.box[2] > second.box[0] + _LAP * second.height
    twice = overlap and first.text[-1:] == second.text[:1]
    return (first.text[:-1] if twice else first.text) + second.text


def _take(token: Line, marks: list[Mark], pieces: list[Line]) -> None:
    """Sort the parts of `token` into labels and pieces of values."""
    found = labels.split(token.text)
    near = None if found else labels.near(token.text)
    if near:
        marks.append(Mark(key=near, line=token))
    if not found:
        pieces.extend([] if near else [token])
        return
    if found[0].start > 0:
        pieces.append(_part(token, 0, found[0].start))
    for label in found:
        marks.append(Mark(key=label.key, line=_part(token, label.start, label.value_start)))
        if label.value:
            pieces.append(_part(token, label.value_start, label.value_start + len(label.value)))


def _part(token: Line, start: int, end: int) -> Line:
    """Return the letters from `start` to `end` of `token`, as if all were equally wide."""
    left, top, right, bottom = token.box
    letter = (right - left) / max(len(token.text), 1)
    box = (left + start * letter, top, left + end * letter, bottom)
    return Line(text=token.text[start:end].strip(), confidence=token.confidence, box=box)


def _values(marks: Sequence[Mark], pieces: Sequence[Line]) -> dict[str, str]:
    """Return the text of the pieces that belong to each label, the first label of a key that has any."""
    parts: dict[int, list[Line]] = {}
    for piece in sorted(pieces, key=lambda piece: piece.middle):
        at = _label_of(piece, marks)
        if at is not None and _follows(piece, parts.get(at, ())):
            parts.setdefault(at, []).append(piece)
    found: dict[str, str] = {}
    for at, mark in enumerate(marks):
        if at in parts:
            found.setdefault(mark.key, labels.trimmed(_text(parts[at])))
    used = [piece for at, taken in parts.items() if marks[at].key != "code" for piece in taken]
    orphan = None if "name" in found else _orphan([piece for piece in pieces if piece not in used])
    return {**found, "name": orphan} if orphan else found


def _orphan(pieces: Sequence[Line]) -> str | None:
    """Return the topmost value without a label that reads like a unit's name: its label was not recognised."""
    names = [piece for piece in pieces if labels.like_name(piece.text)]
    return min(names, key=lambda piece: piece.middle).text if names else None


def _text(parts: Sequence[Line]) -> str:
    return "".join(_row_text(row) for row in rows(parts))


def _row_text(row: Sequence[Line]) -> str:
    return functools.reduce(_union, row).text


def _follows(piece: Line, earlier: Sequence[Line]) -> bool:
    """Say whether `piece` goes on what a label has so far: beside it, or right below in its column."""
    if not earlier:
        return True
    last = earlier[-1]
    if _level(last, piece):
        return 0 <= piece.box[0] - last.box[2] + piece.height < _GAP * piece.height
    aligned = abs(piece.box[0] - min(part.box[0] for part in earlier)) < 2.5 * piece.height
    complete = labels.like_name("".join(part.text for part in earlier))
    reach = _CLOSE if complete else _LOOSE
    return aligned and piece.middle - last.middle < reach * max(last.height, piece.height)


def _label_of(piece: Line, marks: Sequence[Mark]) -> int | None:
    costs = [(_cost(piece, mark, marks), at) for at, mark in enumerate(marks)]
    return min((cost for cost in costs if cost[0] < _GONE), default=(0, None))[1]


def _cost(piece: Line, mark: Mark, marks: Sequence[Mark]) -> float:
    """Return how little `piece` looks like the value of `mark`, in heights of a line."""
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
        mark.line.box[2] < other.line.box[0] < piece.box[0]
        and -_UPWARD < (piece.middle - other.line.middle) / other.line.height < _COLUMN_REACH
        for other in marks
    )
