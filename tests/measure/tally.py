"""What a measurement counts: how many of how many were right by name, and what was not."""

from collections import Counter
from collections.abc import Iterator


class Tally:
    """Rights and totals by name, costs by name, and a line for each thing that was not right."""

    def __init__(self) -> None:
        self.right: Counter[str] = Counter()
        self.total: Counter[str] = Counter()
        self.spent: Counter[str] = Counter()
        self.told: list[str] = []

    def count(self, name: str, *, right: bool, otherwise: str = "") -> None:
        """Count one more of `name`; what is not right is told in the words of `otherwise`."""
        self.add(name, right, 1)
        if not right and otherwise:
            self.told.append(f"{name}: {otherwise}")

    def add(self, name: str, right: int, total: int) -> None:
        """Count `total` more of `name`, `right` of them right."""
        self.total[name] += total
        self.right[name] += right

    def spend(self, name: str, milliseconds: float) -> None:
        """Add CPU time to the mean that is printed for `name`."""
        self.total[name] += 1
        self.spent[name] += round(milliseconds)

    def figures(self) -> Iterator[str]:
        """Yield a line for each name, in the order in which it was first counted."""
        for name, total in self.total.items():
            if name in self.spent:
                yield f"{name:40} {self.spent[name] / total:6.0f} ms"
            else:
                yield f"{name:40} {self.right[name]:5} of {total:<5} {100 * self.right[name] / total:5.1f} %"
