"""The one font of all generated pages: Noto Sans CJK, as it is for Pillow, made TrueType for reportlab."""

import io
from functools import cache
from pathlib import Path
from typing import Any

import cvttf_NotoSansCJK_Regular as package
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from PIL import ImageFont

LANGUAGE = (
    None  # the shapes are chosen in the font: Pillow could only with a library that a bare machine lacks
)


def path() -> Path:
    """Return the font file."""
    return Path(package.get_TTF_path())


@cache
def sized(pixels: int) -> ImageFont.FreeTypeFont:
    """Return the font for Pillow at `pixels` an em."""
    return ImageFont.truetype(io.BytesIO(_simplified_file()), pixels, layout_engine=ImageFont.Layout.BASIC)


@cache
def _simplified_file() -> bytes:
    """Return the font with its Simplified shapes in place: the file itself shows the Traditional ones."""
    swapped = _source()[3]
    # A fresh one: tables that were never looked at are copied as they are.
    with TTFont(path(), lazy=True, recalcBBoxes=False, recalcTimestamp=False) as font:
        for table in font["cmap"].tables:
            table.cmap = {sign: swapped.get(name, name) for sign, name in table.cmap.items()}
        out = io.BytesIO()
        font.save(out, reorderTables=None)
    return out.getvalue()


@cache
def _source() -> tuple[Any, Any, dict[int, str], dict[str, str]]:
    font = TTFont(path(), lazy=True)
    return font, font.getGlyphSet(), font.getBestCmap(), _simplified(font)


def _simplified(font: Any) -> dict[str, str]:
    """Return the glyphs that Simplified Chinese replaces (OpenType `locl` of language ZHS)."""
    table = font["GSUB"].table
    script = next(each.Script for each in table.ScriptList.ScriptRecord if each.ScriptTag == "hani")
    system = next(each.LangSys for each in script.LangSysRecord if each.LangSysTag.strip() == "ZHS")
    chosen = [table.FeatureList.FeatureRecord[index] for index in system.FeatureIndex]
    lookups = [
        index for each in chosen if each.FeatureTag == "locl" for index in each.Feature.LookupListIndex
    ]
    swapped: dict[str, str] = {}
    for index in lookups:
        for subtable in table.LookupList.Lookup[index].SubTable:
            swapped |= getattr(getattr(subtable, "ExtSubTable", subtable), "mapping", {})
    return swapped


def truetype(text: str, name: str) -> bytes:
    """Return a TrueType font called `name` of the signs of `text` only, its cubic outlines made quadratic."""
    font, glyphs, cmap, swapped = _source()
    known = {ord(sign): cmap[ord(sign)] for sign in sorted({*text, " "}) if ord(sign) in cmap}
    shapes = {name: swapped.get(name, name) for name in known.values()}
    drawn, metrics = {".notdef": TTGlyphPen(None).glyph()}, {".notdef": (500, 0)}
    for sign, shape in shapes.items():
        pen = TTGlyphPen(None)
        glyphs[shape].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
        drawn[sign], metrics[sign] = pen.glyph(), (font["hmtx"][shape][0], 0)
    builder = FontBuilder(font["head"].unitsPerEm, isTTF=True)
    builder.setupGlyphOrder(list(drawn))
    builder.setupCharacterMap(known)
    builder.setupGlyf(drawn)
    builder.setupHorizontalMetrics(
        {
            name: (width, drawn[name].xMin if drawn[name].numberOfContours else 0)
            for name, (width, _) in metrics.items()
        }
    )
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": name, "styleName": "Regular", "psName": name})
    builder.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120)
    builder.setupPost()
    out = io.BytesIO()
    builder.font["head"].created = builder.font["head"].modified = 0
    builder.font.recalcTimestamp = False
    builder.save(out)
    return out.getvalue()
