"""Labels and values by where they stand on a page: rows, columns, values that wrap."""

from collections.abc import Sequence

import msgspec

from parsers.licences import labels
from parsers.licences.beside import Mark, values
from parsers.licences.rows import level, rows, union
from parsers.ocr import Line

_TALL = 1.8  # times its width: a line this tall runs down the page
_LONGEST_LABEL, _COLUMN = 8, 3  # letters; labels that make a column
_SPACED = 6.0  # heights between the letters of one spaced-out word


def labelled(page: Sequence[Line]) -> labels.Labels:
    """Return the lines of `page` in reading order and the value that stands at each label."""
    side_by_side = words(page)
    tokens = [token for row in side_by_side for token in row]
    marks: list[Mark] = []
    pieces: list[Line] = []
    for token in tokens:
        _take(token, marks, pieces)
    marks, pieces = _strangers(*_halves(marks, pieces))
    texts = tuple(token.text for token in tokens)
    return labels.Labels(
        lines=texts,
        values=values(marks, pieces),
        rows=tuple(" ".join(token.text for token in row) for row in side_by_side),
    )


def words(page: Sequence[Line]) -> list[list[Line]]:
    """Return the rows of `page`, letters that are set wide apart as one word."""
    upright = [part for line in page for part in _upright(line)]
    return [_joined(row) for row in rows(upright)]


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
        level(letter, piece) and 0 < piece.box[0] - letter.box[2] < _SPACED * letter.height
        for piece in pieces
        if len(piece.text) > 2
    )


def _joined(row: Sequence[Line]) -> list[Line]:
    """Return `row` with spaced-out words (`名    称`, `营 业 执 照`) as one line each."""
    done: list[Line] = []
    for line in row:
        if done and _one_word(done[-1], line):
            done[-1] = union(done[-1], line)
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
    """Return the letters from `start` to `end` of `token`, a digit half as wide as a Chinese sign."""
    left, top, right, bottom = token.box
    share = (right - left) / max(_width(token.text), 1)
    begin, stop = left + share * _width(token.text[:start]), left + share * _width(token.text[:end])
    return Line(
        text=token.text[start:end].strip(), confidence=token.confidence, box=(begin, top, stop, bottom)
    )


def _width(text: str) -> float:
    return sum(0.55 if sign.isascii() else 1.0 for sign in text)
