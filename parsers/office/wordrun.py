"""The text of one Word paragraph as a reader sees it: controls, symbols, fields, changes accepted."""

import functools
import re
from collections.abc import Iterator

from lxml import etree

from parsers import symbols, ticks

# Struck out, moved away, or no text at all.
_NAMES = """
del moveFrom pPr rPr sdtPr sdtEndPr tblPr tblGrid tblPrEx trPr tcPr delText delInstrText rt object
footnoteReference endnoteReference commentReference proofErr
"""
SKIPPED = frozenset(_NAMES.split())
_BREAKS = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_OFF = frozenset({"0", "false", "off", "none"})
_PLACEHOLDER = re.compile(r"单击|点击|选择|输入|click|choose|enter", re.IGNORECASE)
_ENCIRCLED = re.compile(r"\\o\s*(?:\\a[clr])?\s*\(\s*([^,，;]*)\s*[,，;]\s*([^)]*)\)", re.IGNORECASE)
_TICKS = frozenset(ticks.TICKS)
_TINY = 360_000  # EMU, which is one centimetre


def local(element: etree._Element) -> str:
    """Return the name of `element` without its namespace, so that the strict variant reads alike."""
    return _bare(str(element.tag))


@functools.lru_cache(1024)
def _bare(name: str) -> str:
    return name.rpartition("}")[2]


def attribute(element: etree._Element, name: str) -> str | None:
    """Return the attribute of that local name, whatever its namespace."""
    return next((str(value) for key, value in element.items() if _bare(str(key)) == name), None)


def child(element: etree._Element, *path: str) -> etree._Element | None:
    """Return the first descendant along `path` of local names."""
    found: etree._Element | None = element
    for name in path:
        if found is None:
            return None
        found = next(found.iterchildren(f"{{*}}{name}"), None)
    return found


def is_on(element: etree._Element | None) -> bool:
    """Tell whether a toggle is there and not switched off (ECMA-376 ST_OnOff)."""
    return element is not None and (attribute(element, "val") or "1").lower() not in _OFF


def chosen(alternatives: etree._Element) -> etree._Element | None:
    """Return the branch of `mc:AlternateContent` that is shown: the first choice, else the fallback."""
    return (
        child(alternatives, "Choice")
        if child(alternatives, "Choice") is not None
        else child(alternatives, "Fallback")
    )


def control_state(control: etree._Element) -> str | None:
    """Return the sign of a check box control, or None for any other content control."""
    box = child(control, "sdtPr", "checkbox")
    if box is None:
        return None
    return "☑" if is_on(child(box, "checked")) else "☐"


def control_content(control: etree._Element) -> etree._Element | None:
    """Return the content of a content control, None while it shows its prompt."""
    content = child(control, "sdtContent")
    if content is None or not is_on(child(control, "sdtPr", "showingPlcHdr")):
        return content
    said = "".join(str(each.text or "") for each in content.iter() if local(each) == "t")
    return None if not said.strip() or _PLACEHOLDER.search(said) else content


class Inline:
    """What a paragraph holds: its text, the ids of its pictures, its text boxes."""

    def __init__(self, paragraph: etree._Element) -> None:
        self._text: list[str] = []
        self.pictures: list[str] = []
        self.boxes: list[etree._Element] = []
        self._fields: list[list[str]] = []
        self._walk(paragraph)

    @property
    def text(self) -> str:
        return "".join(self._text)

    def _walk(self, parent: etree._Element) -> None:
        for element in parent:
            self._take(element, local(element))

    def _take(self, element: etree._Element, name: str) -> None:
        special = {
            "r": self._run,
            "sdt": self._control,
            "AlternateContent": self._alternatives,
            "drawing": self._drawing,
            "pict": self._drawing,
            "fldSimple": self._simple_field,
            "t": self._plain,
        }
        if name and name not in SKIPPED:
            special.get(name, self._walk)(element)

    def _plain(self, element: etree._Element) -> None:
        self._text.append(str(element.text or ""))

    def _simple_field(self, element: etree._Element) -> None:
        self._text.append(_field_sign(attribute(element, "instr") or ""))
        self._walk(element)

    def _alternatives(self, element: etree._Element) -> None:
        if (shown := chosen(element)) is not None:
            self._walk(shown)

    def _control(self, element: etree._Element) -> None:
        if (sign := control_state(element)) is not None:
            self._text.append(sign)
        elif (content := control_content(element)) is not None:
            self._walk(content)

    def _run(self, run: etree._Element) -> None:
        properties = child(run, "rPr")
        if properties is not None and is_on(child(properties, "vanish")):
            return
        font = _symbol_font(properties)
        for element in run:
            name = local(element)
            if name == "t":
                text = str(element.text or "").replace("\n", " ")
                self._text.append(symbols.in_font(text, font) if font else text)
            elif name == "sym":
                code = int(attribute(element, "char") or "0", 16)
                self._text.append(symbols.shown(code, attribute(element, "font") or ""))
            elif name in _BREAKS:
                self._text.append(_BREAKS[name])
            elif name in ("fldChar", "instrText"):
                self._field(element, name)
            else:
                self._take(element, name)

    def _field(self, element: etree._Element, name: str) -> None:
        """Collect a field's code; an EQ field that draws a sign in a ring has no other text."""
        if name == "instrText":
            if self._fields:
                self._fields[-1].append(str(element.text or ""))
            return
        state = attribute(element, "fldCharType")
        if state == "begin":
            self._fields.append([])
            box = child(element, "ffData", "checkBox")
            if box is not None:
                self._text.append("☑" if _legacy_checked(box) else "☐")
        elif state == "end" and self._fields:
            self._text.append(_field_sign("".join(self._fields.pop())))

    def _drawing(self, parent: etree._Element, *, tiny: bool = False) -> None:
        for element in parent:
            name = local(element)
            if name == "txbxContent":
                self.boxes.append(element)
            elif name in ("blip", "imagedata"):
                if (identity := attribute(element, "embed") or attribute(element, "id")) and not tiny:
                    self.pictures.append(identity)
            elif name == "AlternateContent":
                if (shown := chosen(element)) is not None:
                    self._drawing(shown, tiny=tiny)
            else:
                self._drawing(element, tiny=tiny or _is_tiny(element))


def _is_tiny(drawing: etree._Element) -> bool:
    """Tell whether a drawing is shown so small that a picture in it decorates, however many pixels it has."""
    extent = child(drawing, "extent") if local(drawing) in ("inline", "anchor") else None
    sides = (attribute(extent, side) or "" for side in ("cx", "cy")) if extent is not None else ()
    return any(side.isdecimal() and 0 < int(side[:12]) < _TINY for side in sides)


def _legacy_checked(box: etree._Element) -> bool:
    checked = child(box, "checked")
    return is_on(checked) if checked is not None else is_on(child(box, "default"))


def _field_sign(code: str) -> str:
    """Return what an EQ field shows that lays one sign over another (带圈字符): a tick in a box is a tick."""
    found = _ENCIRCLED.search(code) if code.strip().upper().startswith("EQ") else None
    if found is None:
        return ""
    outer, inner = (re.sub(r"\\[a-z]+\s*[0-9]*|[\\()\s]", "", part) for part in found.groups())
    signs = outer + inner
    return "☑" if _TICKS & set(signs) else inner or outer


def _symbol_font(properties: etree._Element | None) -> str:
    fonts = child(properties, "rFonts") if properties is not None else None
    if fonts is None:
        return ""
    named = (attribute(fonts, key) or "" for key in ("ascii", "hAnsi"))
    return next((font for font in named if symbols.is_symbol_font(font)), "")


def shown_children(parent: etree._Element) -> Iterator[etree._Element]:
    """Yield the children of `parent` that are shown, looking through controls, changes and alternatives."""
    for element in parent:
        name = local(element)
        if name in SKIPPED or not name:
            continue
        if name == "AlternateContent":
            if (branch := chosen(element)) is not None:
                yield from shown_children(branch)
        elif name == "sdt" and control_state(element) is None:
            if (content := control_content(element)) is not None:
                yield from shown_children(content)
        elif name in ("ins", "moveTo", "customXml", "smartTag", "txbxContent"):
            yield from shown_children(element)
        else:
            yield element
