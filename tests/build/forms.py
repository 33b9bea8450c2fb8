"""The 申报表 as a Word file, plain and in the ways that offices' copies differ."""

from collections.abc import Mapping

import msgspec

from storage.model import Fields
from tests.build import ooxml
from tests.build.cells import Block, Cell, Line, Piece
from tests.build.facts import Applicant
from tests.build.grid import NOTE, TITLE, WIDTHS, Look, grid
from tests.build.work import Work, add_work


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """A file and what must be read in it. `words` and `pictures` are those of the work material in it.

    `seals` are red seals per cell where the file shows any, else None.
    """

    name: str
    data: bytes
    fields: Fields = Fields()
    kind: str | None = None
    platform: str | None = None
    words: int = 0
    pictures: int = 0
    seals: Mapping[str, int] | None = None


class Dress(msgspec.Struct, frozen=True, kw_only=True):
    """How Word holds what is written; each setting may be combined with the others.

    `control` is the level of content controls (run, paragraph, cell, row), `tick` how the choice is
    kept (text, symbol, checkbox), `boxed` a text box round each `value` or the whole `table`,
    `tracked` shows every value as a change, `nested` puts a table into a table (value or whole),
    `merge` is how spans are kept (native, duplicates, fine), `split` cuts the form into two tables.
    """

    look: Look = Look()
    control: str = ""
    tick: str = "text"
    boxed: str = ""
    tracked: bool = False
    nested: str = ""
    merge: str = "native"
    split: bool = False
    scattered: bool = False
    font: str = "仿宋_GB2312"
    before: str = ""
    after: str = ""
    work: Work | None = None
    title: str = TITLE


VARIANTS: Mapping[str, Dress] = {
    "plain": Dress(),
    "controls round runs": Dress(control="run"),
    "controls round paragraphs": Dress(control="paragraph"),
    "controls round cells": Dress(control="cell"),
    "controls round rows": Dress(control="row"),
    "check box controls": Dress(look=Look(tick="box-check"), tick="checkbox"),
    "symbol tick": Dress(tick="symbol"),
    "symbol boxes": Dress(look=Look(tick="box-check"), tick="symbol-box"),
    "values in text boxes": Dress(boxed="value"),
    "whole table in a text box": Dress(boxed="table"),
    "tracked changes": Dress(tracked=True),
    "values in nested tables": Dress(nested="value"),
    "table in a table": Dress(nested="whole"),
    "merged cells repeated": Dress(merge="duplicates"),
    "grid of twelve columns": Dress(merge="fine"),
    "label and value in one cell": Dress(look=Look(joined=True)),
    "rows in another order": Dress(look=Look(shuffled=True)),
    "runs cut anywhere": Dress(scattered=True),
    "text before and after": Dress(
        before="亳州市文明网站平台、文明账号推选活动\n报 送 材 料\n报送时间：2022年5月",
        after="联系电话：0558-5556782",
    ),
    "two tables": Dress(split=True),
    "work material behind": Dress(work=Work(words=800, pictures=3)),
    "spaced labels": Dress(look=Look(wording="spaced")),
    "reworded labels": Dress(look=Look(wording="reworded"), font="宋体"),
    "labels with colons": Dress(look=Look(wording="colon"), font="微软雅黑"),
    "labels on one line": Dress(look=Look(wording="one-line"), font="楷体"),
    "tick in check brackets": Dress(look=Look(tick="bracket-check")),
    "heavy tick": Dress(look=Look(tick="bracket-heavy")),
    "solid square in brackets": Dress(look=Look(tick="bracket-solid")),
    "tick set wide": Dress(look=Look(tick="bracket-wide")),
    "ticked box": Dress(look=Look(tick="box-check")),
    "solid box": Dress(look=Look(tick="box-solid")),
    "crossed box": Dress(look=Look(tick="box-cross")),
    "tick before the label": Dress(look=Look(tick="before")),
    "tick after the label": Dress(look=Look(tick="after")),
    "postcode behind a space": Dress(look=Look(address="space")),
    "postcode named": Dress(look=Look(address="named")),
    "postcode in brackets": Dress(look=Look(address="brackets")),
    "summary in the first cell": Dress(look=Look(halves="first")),
    "summary in the second cell": Dress(look=Look(halves="second")),
    "slashes in website cells": Dress(look=Look(slash=True)),
    "hints deleted": Dress(look=Look(hints=False)),
}


def docx(who: Applicant, dress: Dress = VARIANTS["plain"], name: str = "申报表.docx") -> Built:
    """Return the filled form of `who` as a docx, dressed as `dress` says."""
    document = ooxml.new_document()
    ooxml.append(document, body(who, dress))
    words = pictures = 0
    if dress.work:
        document.add_page_break()
        words, pictures = add_work(document, dress.work)
    return Built(
        name=name,
        data=ooxml.saved(document),
        fields=who.fields,
        kind=who.kind,
        platform=who.platform,
        words=words,
        pictures=pictures,
    )


def docx_of_several(
    people: tuple[Applicant, ...], dress: Dress = VARIANTS["plain"]
) -> tuple[bytes, tuple[Fields, ...]]:
    """Return one docx that holds a form for each of `people`, and their fields in its order."""
    document = ooxml.new_document()
    for number, who in enumerate(people):
        if number:
            document.add_page_break()
        ooxml.append(document, body(who, dress))
    return ooxml.saved(document), tuple(who.fields for who in people)


def blank(name: str = "申报表（空表）.docx") -> Built:
    """Return the form as printed, nothing filled in."""
    empty = Applicant(
        fields=Fields(), kind="account", platform=None, unit="institution", document="", uscc=""
    )
    return msgspec.structs.replace(docx(empty, name=name), kind=None)


def body(who: Applicant, dress: Dress) -> str:
    """Return the block-level XML of the whole form: title, tables, note and what stands around."""
    blocks = grid(who, dress.look)
    groups = (blocks[:-4], blocks[-4:]) if dress.split else (blocks,)
    tables = _text("").join(_table(group, dress) for group in groups)
    if dress.nested == "whole":
        inner = ooxml.cell(tables + _text(""), sum(WIDTHS) + 200)
        tables = ooxml.table(ooxml.row(inner), (sum(WIDTHS) + 200,))
    if dress.boxed == "table":
        tables = ooxml.paragraph(ooxml.text_box(tables + _text(""), width=5900000, height=7800000))
    title = ooxml.paragraph(ooxml.run(dress.title, font="方正小标宋简体", size=36), align="center")
    head = ooxml.paragraph(ooxml.run("附件", font="黑体", size=32))
    return f"{_text(dress.before)}{head}{title}{tables}{_text(NOTE)}{_text(dress.after)}"


def _text(text: str) -> str:
    return "".join(ooxml.paragraph(ooxml.run(line, font="宋体")) for line in text.split("\n"))


def _table(blocks: tuple[Block, ...], dress: Dress) -> str:
    rows = "".join(_block(block, dress) for block in blocks)
    widths = WIDTHS if dress.merge != "fine" else tuple(width // 3 for width in WIDTHS for _ in range(3))
    return ooxml.table(rows, widths)


def _block(block: Block, dress: Dress) -> str:
    """Return the rows of a block; cells that span rows go on in those below."""
    open_cells: list[tuple[int, Cell, int]] = []  # (column, cell, rows left)
    rows: list[str] = []
    for line in block:
        waiting = {column: (each, left) for column, each, left in open_cells if left}
        cells, column, queue = [], 0, list(line)
        open_cells = []
        while column < len(WIDTHS):
            carried = waiting.get(column)
            each = carried[0] if carried else queue.pop(0)
            left = (carried[1] if carried else each.rows) - 1
            cells.append(_cell(each, column, dress, first=carried is None))
            open_cells.append((column, each, left))
            column += each.span
        height = max([560, *(each.height for each in line)])
        made = ooxml.row("".join(cells), height)
        rows.append(ooxml.control(made, f"row{len(rows)}") if dress.control == "row" else made)
    return "".join(rows)


def _cell(each: Cell, column: int, dress: Dress, *, first: bool) -> str:
    width = sum(WIDTHS[column : column + each.span])
    merged = each.rows > 1 and dress.merge != "duplicates"
    merge = ("restart" if first else "continue") if merged else ""
    span = each.span * (3 if dress.merge == "fine" else 1)
    shown = first or dress.merge == "duplicates"
    content = "".join(_line(line, each, dress) for line in each.lines) if shown else ""
    if dress.nested == "value" and each.key and content:
        content = ooxml.table(ooxml.row(ooxml.cell(content, width - 300), 200), (width - 300,)) + _text("")
    made = ooxml.cell(content or ooxml.paragraph(""), width, span=span, merge=merge)
    return ooxml.control(made, each.key) if dress.control == "cell" and each.key else made


def _line(line: Line, each: Cell, dress: Dress) -> str:
    long = each.key == "summary" and len(line) == 1 and line[0].key == "summary"
    runs = "".join(_piece(piece, dress) for piece in line)
    signed = bool(line) and ((line[-1].key or "").endswith("_date") or line[-1].text.startswith("盖"))
    align = each.foot if signed else each.align
    made = ooxml.paragraph(runs, align=align, indent=200 if long else 0)
    return ooxml.control(made, each.key) if dress.control == "paragraph" and each.key and line else made


def _piece(piece: Piece, dress: Dress) -> str:
    if piece.tick is not None:
        return _tick(piece, dress)
    if piece.key is None:
        return ooxml.run(piece.text, font=dress.font)
    if dress.tracked:
        return ooxml.tracked("原稿" + piece.text[1:4], piece.text)
    if dress.boxed == "value" and piece.key in {"name", "organizer", "email"}:
        return ooxml.text_box(ooxml.paragraph(ooxml.run(piece.text)), width=1700000, height=600000)
    made = "".join(ooxml.run(part, font=dress.font) for part in _parts(piece.text, dress))
    return ooxml.control(made, piece.key) if dress.control == "run" else made


def _parts(text: str, dress: Dress) -> tuple[str, ...]:
    """Return `text` cut into runs as Word leaves them after editing and spell checking."""
    if not dress.scattered:
        return (text,)
    return tuple(text[start : start + 1 + start % 3] for start in _starts(len(text)))


def _starts(length: int) -> list[int]:
    starts, at = [], 0
    while at < length:
        starts.append(at)
        at += 1 + at % 3
    return starts


def _tick(piece: Piece, dress: Dress) -> str:
    if dress.tick == "checkbox":
        return ooxml.checkbox(ticked=bool(piece.tick))
    if dress.tick == "symbol":
        return ooxml.symbol("F0FC" if piece.tick else "F0A8")
    if dress.tick == "symbol-box":
        return ooxml.symbol("F052" if piece.tick else "F0A3", "Wingdings 2")
    return ooxml.run(piece.text, font="宋体")
