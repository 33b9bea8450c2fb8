"""Plots as SVG of our own: bars that any browser and LibreOffice show without script or network."""

from collections.abc import Mapping, Sequence
from html import escape

from intake.width import width

BLUE, GREY, INK = "#2f6db0", "#d5dbe3", "#333333"
FONT = "'Noto Sans CJK SC','Microsoft YaHei','PingFang SC','SimHei',sans-serif"


def bars(counts: Mapping[str, int], *, across: int, label: int) -> str:
    """Return a lying bar for each name, `across` wide in all with `label` of it for the names."""
    step, most = 26, max([*counts.values(), 1])
    room = across - label - 50
    parts = []
    for number, (name, count) in enumerate(counts.items()):
        y = number * step
        long = round(room * count / most, 1)
        parts += [
            _text(label - 8, y + 17, name, "end"),
            f'<rect x="{label}" y="{y + 4}" width="{room}" height="17" fill="#f1f4f8"/>',
            f'<rect x="{label}" y="{y + 4}" width="{long}" height="17" fill="{BLUE}"/>',
            _text(label + long + 6, y + 17, str(count), "start"),
        ]
    return _svg(across, max(step * len(counts), step), parts)


def columns(days: Sequence[str], counts: Sequence[int], *, across: int, high: int) -> str:
    """Return a standing bar for each day, as many days named below as there is room for."""
    left, foot, head, most = 34, 24, 18, max([*counts, 1])
    room, each = high - foot - head, (across - left) / max(len(days), 1)
    named = max(1, -(-max(map(width, days), default=1) * 8 // max(int(each), 1)))
    parts = [
        line
        for part in sorted({0, most // 2, most})
        for line in _rule(left, across, head + room - room * part / most, part)
    ]
    for number, (day, count) in enumerate(zip(days, counts, strict=True)):
        x, tall = left + each * number, room * count / most
        wide = max(each * 0.7, 1)
        parts.append(
            f'<rect x="{x + (each - wide) / 2:.1f}" y="{head + room - tall:.1f}" width="{wide:.1f}" '
            f'height="{tall:.1f}" fill="{BLUE}"/>'
        )
        if count and each >= 14:
            parts.append(_text(x + each / 2, head + room - tall - 4, str(count), "middle"))
        if number % named == 0:
            parts.append(_text(x + each / 2, high - 7, day, "middle"))
    return _svg(across, high, parts)


def _rule(left: int, across: int, y: float, value: int) -> tuple[str, str]:
    line = f'<line x1="{left}" x2="{across}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GREY}" stroke-width="1"/>'
    return line, _text(left - 6, y + 4, str(value), "end")


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(across: int, high: int, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{high}" '
        f'viewBox="0 0 {across} {high}" font-family="{FONT}" font-size="12" fill="{INK}">'
        f"{''.join(parts)}</svg>"
    )
