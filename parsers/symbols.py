"""Signs that Word keeps in symbol fonts, as the characters they look like."""

_WINGDINGS = {
    0xFC: "√",
    0xFE: "☑",
    0xFD: "☒",
    0xFB: "×",
    0xA8: "□",
    0x6F: "□",
    0x70: "□",
    0x71: "□",
    0x72: "□",
    0x6E: "■",
    0x6C: "●",
    0xA1: "○",
    0xA4: "◉",
}
_WINGDINGS_2 = {
    0x50: "√",
    0x52: "☑",
    0x51: "☒",
    0x53: "☒",
    0x54: "☒",
    0x4F: "×",
    0xA2: "■",
    0xA3: "□",
    0x2A: "□",
    0x30: "□",
    0x97: "●",
    0x99: "○",
}
_WEBDINGS = {0x61: "√", 0x63: "□", 0x67: "■", 0x72: "×", 0x3D: "●"}
_SYMBOL = {0xD6: "√", 0xB4: "×", 0xB7: "·", 0xA8: "◆"}
_FONTS = {"wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2, "webdings": _WEBDINGS, "symbol": _SYMBOL}


def shown(code: int, font: str) -> str:
    """Return what `code` (as Word keeps it, F0xx or xx) looks like in `font`, empty if it is an ornament."""
    return _FONTS.get(font.strip().lower(), {}).get(code & 0xFF, "")


def is_symbol_font(font: str) -> bool:
    return font.strip().lower() in _FONTS


def in_font(text: str, font: str) -> str:
    """Return `text` typed in `font`; letters of a symbol font become the signs they show."""
    if not is_symbol_font(font):
        return text
    return "".join(
        shown(ord(sign), font) if ord(sign) < 0x100 or 0xF000 <= ord(sign) < 0xF100 else sign for sign in text
    )
