"""Recognised lines side by side: rows of a page, pieces of one word."""

from collections.abc import Sequence

from parsers.ocr import Line

_LAP = 0.3  # heights: boxes that overlap by more hold a letter twice


def rows(page: Sequence[Line]) -> list[list[Line]]:
    """Return the lines grouped into rows from top to bottom, each from left to right."""
    grouped: list[list[Line]] = []
    for line in sorted(page, key=lambda line: line.middle):
        if grouped and level(grouped[-1][-1], line):
            grouped[-1].append(line)
        else:
            grouped.append([line])
    return [sorted(row, key=lambda line: line.box[0]) for row in grouped]


def level(first: Line, second: Line) -> bool:
    return abs(first.middle - second.middle) < 0.5 * min(first.height, second.height)


def union(first: Line, second: Line) -> Line:
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
