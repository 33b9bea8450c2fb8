"""Pictures that are the same though their bytes differ: saved again, made smaller, stored in another format."""

from collections.abc import Sequence

import numpy as np

from parsers.glance import Glance

MOST_COMPARED = 60  # pictures of one document; further ones count as different
_SHAPE = 0.03  # by which the ratio of width to height may differ
_MEAN, _MOST = 3.0, 30.0  # levels of 255 between two cells: on average, and at the worst


def count(seen: Sequence[Glance | None]) -> int:
    """Return how many different pictures there are among those `seen`; what cannot be opened is one each."""
    kept: list[Glance] = []
    unseen = max(0, len(seen) - MOST_COMPARED)
    for one in seen[:MOST_COMPARED]:
        if one is None:
            unseen += 1
        elif not any(_same(one, other) for other in kept):
            kept.append(one)
    return len(kept) + unseen


def _same(one: Glance, other: Glance) -> bool:
    if abs(one.ratio / other.ratio - 1) > _SHAPE:
        return False
    apart = np.abs(one.cells - other.cells)
    return bool(apart.mean() < _MEAN and apart.max() < _MOST)
