"""Chinese on a terminal: broken between letters and by the rules of its marks; rich knows spaces only."""

import unicodedata

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.style import StyleType
from rich.text import Text

from intake.width import folded, units, width

LEAST = 16  # columns; a longer word of a table's cell may be broken


class Chinese:
    """A text in the width it is given; `lead` stands before its first line, as much space before the others."""

    def __init__(self, text: str, style: StyleType = "", lead: str = "") -> None:
        self.text = _harmless(text)
        self.style = style
        self.lead = lead

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        del console
        hang = width(self.lead)
        lines = folded(self.text, max(options.max_width - hang, 2))
        told = self.lead + lines.replace("\n", "\n" + " " * hang)
        yield Text(told, self.style, no_wrap=True, overflow="ignore")

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        del console
        hang = width(self.lead)
        widest = max(map(width, self.text.split("\n")))
        least = max((width(unit) for unit in units(self.text, LEAST)), default=0)
        return Measurement(least + hang, widest + hang).with_maximum(options.max_width)


def _harmless(text: str) -> str:
    """Return `text` without what would steer the terminal, or could not be printed at all."""
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cs"})
