"""A talk drawn as it looks on a telephone: a page of HTML, of which a browser takes the picture."""

import html
import subprocess
import tempfile
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import msgspec
from PIL import Image

from tests.build import fonts

WIDTH, PHONE, HEIGHT, SCALE = 1180, 372, 2000, 2
COLOURS = 48
STYLE = f"""
@font-face {{ font-family: face; src: local("Noto Sans CJK SC"), url("{fonts.path().as_uri()}"); }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; width: {WIDTH}px; padding: 14px 16px; background: #fff; font: 15px/1.5 face; color: #17212b;
       display: flex; justify-content: space-between; align-items: stretch; }}
section {{ width: {PHONE}px; border: 1px solid #c9d1d8; border-radius: 18px; overflow: hidden; background: #dfe8ee; }}
h1 {{ margin: 0; padding: 10px 16px; font-size: 15px; font-weight: 600; background: #f6f8f9;
     border-bottom: 1px solid #d5dde3; }}
article {{ padding: 10px 10px 14px; }}
p {{ margin: 0 0 8px; display: flex; }}
.mine {{ justify-content: flex-end; }}
.text {{ white-space: pre-wrap; overflow-wrap: anywhere; padding: 6px 11px; border-radius: 12px; background: #fff;
        max-width: 336px; }}
.mine .text {{ background: #d5f3c6; }}
.keys {{ margin: -4px 0 8px; width: 336px; }}
.keys div {{ display: flex; gap: 4px; margin-bottom: 4px; }}
.keys span {{ flex: 1; text-align: center; padding: 5px 2px; border-radius: 8px; background: #b9cbd8; font-size: 14px; }}
.keys .pressed {{ background: #5a86a6; color: #fff; }}
.cell {{ display: inline-block; text-align: center; width: .5em; }}
.wide {{ width: 1em; }}
"""


class Bubble(msgspec.Struct, frozen=True):
    """One message: of the person who asks, or of the bot, perhaps in columns, perhaps with buttons."""

    text: str
    mine: bool = False
    table: bool = False
    rows: tuple[tuple[str, ...], ...] = ()
    pressed: str = ""


def draw(phones: Iterable[tuple[str, Iterable[Bubble]]], target: Path) -> None:
    """Write the phones side by side as a PNG."""
    body = "".join(
        f"<section><h1>{html.escape(title)}</h1><article>{''.join(map(_bubble, bubbles))}</article></section>"
        for title, bubbles in phones
    )
    with tempfile.TemporaryDirectory() as folder:
        page, shot = Path(folder) / "page.html", Path(folder) / "shot.png"
        page.write_text(
            f"<!doctype html><html lang=zh-CN><meta charset=utf-8><style>{STYLE}</style>{body}", "utf-8"
        )
        command = (
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder}/p",
            f"--window-size={WIDTH},{HEIGHT}", f"--force-device-scale-factor={SCALE}", f"--screenshot={shot}", page.as_uri(),
        )  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        _small(shot, target)


def _small(shot: Path, target: Path) -> None:
    """Cut what is empty below, and keep few colours."""
    with Image.open(shot) as picture:
        plain = picture.convert("RGB")
    box = Image.eval(plain.convert("L"), lambda level: 255 if level < 250 else 0).getbbox()
    assert box
    cut = plain.crop((0, 0, plain.width, min(plain.height, box[3] + 14 * SCALE)))
    cut.quantize(COLOURS, dither=Image.Dither.NONE).save(target, "PNG", optimize=True)


def _bubble(one: Bubble) -> str:
    text = _columns(one.text) if one.table else html.escape(one.text)
    side = ' class="mine"' if one.mine else ""
    keys = "".join(f"<div>{''.join(_key(label, one.pressed) for label in row)}</div>" for row in one.rows)
    return f'<p{side}><span class="text">{text}</span></p>' + (
        f'<div class="keys">{keys}</div>' if keys else ""
    )


def _key(label: str, pressed: str) -> str:
    return f"<span{' class=pressed' if label == pressed else ''}>{html.escape(label)}</span>"


def _columns(text: str) -> str:
    """Return a text in columns, a cell a letter: the font's own letters are of no one width."""
    cells = []
    for letter in text:
        wide = unicodedata.east_asian_width(letter) in "WF"
        cell = f'<i class="cell{" wide" if wide else ""}" style="font-style:normal">{html.escape(letter)}</i>'
        cells.append(letter if letter == "\n" else cell)
    return "".join(cells)
