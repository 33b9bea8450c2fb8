"""The 申报表 as a grid of cells, before any file format: rows, spans, labels, hints and filled values."""

from collections.abc import Mapping
from datetime import date

import msgspec

from storage.model import Fields
from tests.build.cells import BY_HAND, TICKS, WORDINGS, Block, Cell, Line, Piece
from tests.build.facts import CATEGORIES, Applicant, chinese_date

TITLE = "亳州市文明网站平台文明账号申报表"
NOTE = (
    "注：1.请在网站平台或账号类别选项内打“√”，“其他”请在括弧内注明具体类型。"
    "2.网站备案号、网站经营许可证号账号不用填写。"
    "3.县区委网信办和县区文明办需对推荐的网站平台、账号进行审核并盖章。"
)
WIDTHS = (1700, 3000, 1700, 2900)  # twips; the printed area of an A4 page


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """How the form is laid out and worded, whatever the file format.

    `joined` puts label and value into one cell, `shuffled` moves the rows about, `halves` says where
    the summary goes: the first of its two cells, the second, or both. `stamps` are seals per cell.
    """

    wording: str = "official"
    tick: str = "bracket-root"
    joined: bool = False
    shuffled: bool = False
    halves: str = "both"
    address: str = "lines"
    slash: bool = False
    hints: bool = True
    stamps: Mapping[str, int] = {}


def grid(who: Applicant, look: Look) -> tuple[Block, ...]:
    """Return the filled form of `who` as blocks of rows, in the order of `look`."""
    labels = WORDINGS[look.wording]
    blocks = _joined(who, look, labels) if look.joined else _heads(who, look, labels)
    if look.shuffled:
        blocks = (*blocks[3:], *blocks[:3]) if len(blocks) > 3 else tuple(reversed(blocks))
    return (*blocks, *_tails(who, look, labels))


def _heads(who: Applicant, look: Look, labels: Mapping[str, str]) -> tuple[Block, ...]:
    pair = {
        key: (_label(labels[key]), _value(who, key, look))
        for key in labels
        if key in Fields.__struct_fields__
    }
    category = Cell(lines=category_lines(who, look), rows=2, key="category")
    contact = tuple(_tall(cell, 3) for cell in pair["contact"])
    return (
        ((*pair["name"], *pair["identifier"]),),
        (
            (_tall(_label(labels["category"]), 2), category, *pair["icp_number"]),
            pair["license_number"],
        ),
        ((*pair["organizer"], _label(labels["address"]), _address(who, look)),),
        ((*contact, *pair["phone"]), pair["mobile"], pair["email"]),
    )


def _joined(who: Applicant, look: Look, labels: Mapping[str, str]) -> tuple[Block, ...]:
    def both(key: str, span: int = 2) -> Cell:
        label = labels[key].replace("\n", "").rstrip("：")
        value = address_lines(who, look) if key == "address" else _value(who, key, look).lines
        head, *rest = value or ((),)
        return Cell(lines=((Piece(f"{label}："), *head), *rest), span=span, key=key)

    category = Cell(lines=((Piece("类别："),), *category_lines(who, look)), span=4, key="category")
    return (
        ((both("name"), both("identifier")),),
        ((category,),),
        ((both("icp_number"), both("license_number")),),
        ((both("organizer"), both("address")),),
        ((both("contact"), both("phone")),),
        ((both("mobile"), both("email")),),
    )


def _tails(who: Applicant, look: Look, labels: Mapping[str, str]) -> tuple[Block, ...]:
    first, second = _halves(who, look)
    hint = (Piece("（可另附页）"),) if look.hints else ()
    return (
        ((_label(labels["summary"]), Cell(lines=(*first, hint), span=3, key="summary", height=1200)),),
        ((_label(labels["summary_rest"]), Cell(lines=second, span=3, key="summary", height=2400)),),
        ((_label(labels["recommendation"]), _opinion(who, "recommendation", look)),),
        ((_label(labels["county_opinion"]), _opinion(who, "county_opinion", look)),),
        ((_label(labels["city_opinion"]), _opinion(who, "city_opinion", look)),),
    )


def category_lines(who: Applicant, look: Look) -> tuple[Line, ...]:
    """Return the three choices of the 类别 cell, marked as `look.tick` marks them."""
    chosen = (who.cell("category") or "").split("+")  # several ticks are written a+b
    other = who.fields.category_other or ""
    marked = TICKS.get(look.tick) or BY_HAND[look.tick]
    return tuple(
        marked(label, key in chosen, other if key == "other" else "") for key, label in CATEGORIES.items()
    )


def address_lines(who: Applicant, look: Look) -> tuple[Line, ...]:
    """Return address and postcode as they share their cell."""
    address, postcode = Piece(who.cell("address"), "address"), Piece(who.cell("postcode"), "postcode")
    layouts: Mapping[str, tuple[Line, ...]] = {
        "lines": ((address,), (postcode,)),
        "space": ((address, Piece("  "), postcode),),
        "named": ((address,), (Piece("邮编："), postcode)),
        "brackets": ((address, Piece("（"), postcode, Piece("）")),),
    }
    return tuple(tuple(piece for piece in line if piece.text) for line in layouts[look.address])


def _address(who: Applicant, look: Look) -> Cell:
    return Cell(lines=address_lines(who, look), key="address")


def _label(text: str) -> Cell:
    return Cell(lines=tuple((Piece(line),) for line in text.split("\n")), align="center")


def _tall(cell: Cell, rows: int) -> Cell:
    return msgspec.structs.replace(cell, rows=rows)


def _value(who: Applicant, key: str, look: Look) -> Cell:
    text = who.cell(key)
    if not text and key in {"icp_number", "license_number"}:
        hint = "/" if look.slash else "（账号不填）" if look.hints else ""
        return Cell(lines=((Piece(hint),),), align="center", key=key)
    return Cell(lines=((Piece(text, key),),) if text else (), key=key)


def _halves(who: Applicant, look: Look) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    paragraphs = tuple((Piece(part, "summary"),) for part in who.cell("summary").split("\n") if part)
    cut = {"first": len(paragraphs), "second": 0, "both": min(1, len(paragraphs))}[look.halves]
    return paragraphs[:cut], paragraphs[cut:]


def _opinion(who: Applicant, key: str, look: Look) -> Cell:
    offices = 1 if key == "recommendation" else 2
    written = who.cell(key)
    text = tuple((Piece(part, key),) for part in written.split("\n") if part)
    gap = " " * 20
    seal = gap.join(["盖  章"] * offices)
    return Cell(
        lines=(*text, (), (Piece(seal),), (Piece(_dates(who, key, offices, gap), f"{key}_date"),)),
        span=3,
        key=key,
        height=1900,
        foot="right" if offices == 1 else "center",
        seals=look.stamps.get(key, 0),
    )


def _dates(who: Applicant, key: str, offices: int, gap: str) -> str:
    """Return the dates of a cell; the first of two offices signs a day earlier, the later one counts."""
    iso = getattr(who.fields, f"{key}_date", None)
    if not iso:
        return gap.join(["年  月  日"] * offices)
    later = date.fromisoformat(iso)
    earlier = later.replace(day=max(1, later.day - 1))
    return gap.join(chinese_date(day.isoformat()) for day in (earlier, later)[2 - offices :])
