"""Doubtful short lines looked at again, in other widths and margins: as sure as the looks agree."""

from collections.abc import Sequence

import cv2
import msgspec
import numpy as np

from parsers import ocr
from parsers.ocr import Image, Line, Spelt
from parsers.text import squash

_CLEAR = 0.8  # of the worst letter: what is clearer needs no second look
_LONGEST = 40  # signs: a line of running text is no value to be compared sign by sign
_MARGIN = 0.3  # of the line's height, at both its ends
_WIDER = 1.25
_EDGE = 0.12  # of the line's height: how much is cut off or added above and below
_SPLIT = 0.5  # how sure the worst letter is where the looks differ
_PLAIN = 0.95  # where most looks agree as surely as this
_FAINT = 0.7  # and the others were no surer than this, they do not count


def surer(line: Line, page: Image) -> Line:
    """Return `line` as several looks at it agree on, where one of its letters is doubtful; else as it is."""
    if line.least >= _CLEAR or len(line.text) > _LONGEST:
        return line
    looks = ocr.spelt(_looks(_part(line, page)))
    told = agreed([Spelt(line.text, line.confidence, line.least), *looks])
    return msgspec.structs.replace(line, text=told.text, confidence=told.confidence, least=told.least)


def agreed(looks: Sequence[Spelt]) -> Spelt:
    """Return what most of `looks` read, the surest of them where they are even; unsure unless they agree.

    A dissenter counts for nothing where it was itself unsure and the others are plain.
    """
    groups: dict[str, list[Spelt]] = {}
    for look in looks:
        groups.setdefault(squash(look.text), []).append(look)
    ranked = sorted(groups.values(), key=lambda group: (len(group), max(look.least for look in group)))
    best = max(ranked[-1], key=lambda look: look.least)
    dissent = max((look.least for group in ranked[:-1] for look in group), default=0.0)
    plain = len(ranked[-1]) > 1 and best.least >= _PLAIN and dissent < _FAINT
    if len(ranked) == 1 or plain:
        return best
    return best._replace(least=min(best.least, _SPLIT))


def _part(line: Line, page: Image) -> Image:
    left, top, right, bottom = line.box
    margin = _MARGIN * line.height
    first, last = max(0, round(left - margin)), round(right + margin)
    upper = max(0, round(top))
    part = page[upper : max(round(bottom), upper + 1), first : max(last, first + 1)]
    return part if part.size else np.full((8, 8, 3), 255, np.uint8)


def _looks(part: Image) -> list[Image]:
    """Return `part` drawn wider, cut closer, and on more paper."""
    edge = round(_EDGE * part.shape[0])
    wider = cv2.resize(part, None, fx=_WIDER, fy=1.0, interpolation=cv2.INTER_CUBIC)
    closer = part[edge : part.shape[0] - edge]
    framed = cv2.copyMakeBorder(part, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    return [np.asarray(each, np.uint8) for each in (wider, closer, framed)]
