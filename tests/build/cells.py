"""What the form is made of: labels in several wordings, cells and pieces of text, marks of choice."""

from collections.abc import Callable, Mapping

import msgspec

from tests.build import strokes

OFFICIAL: Mapping[str, str] = {
    "name": "网站平台或账号名称",
    "identifier": "网站平台域名或账号ID",
    "category": "类别",
    "icp_number": "网站备案号",
    "license_number": "网站经营\n许可证号",
    "organizer": "主办单位",
    "address": "通信地址\n邮政编码",
    "contact": "负责人\n（联系人）",
    "phone": "电  话",
    "mobile": "手机号码",
    "email": "电子邮箱",
    "summary": "网站平台或账号主要\n情况",
    "summary_rest": "网站平台或账号主要\n情况\n（1500字）",
    "recommendation": "单位推荐\n意见",
    "county_opinion": "县区委网信办、县文明办审核意见",
    "city_opinion": "市委网信办、市文明办意见",
}
REWORDED: Mapping[str, str] = {
    **OFFICIAL,
    "name": "网站平台（账号）名称：",
    "identifier": "域名或账号ID",
    "icp_number": "网站ICP备案号",
    "license_number": "经营许可证号",
    "organizer": "主办单位（盖章）",
    "address": "通讯地址及邮编",
    "contact": "联系人",
    "phone": "联系电话",
    "mobile": "手机",
    "email": "E-mail",
    "summary": "主要情况（可另附页）",
    "summary_rest": "主要情况（1500字以内）",
    "recommendation": "推荐单位意见",
    "county_opinion": "县（区）委网信办、文明办审核意见",
    "city_opinion": "市委网信办、市文明办审核意见",
}


def spaced(label: str) -> str:
    """Return `label` set wide, as typists do to fill a narrow column: 主 办 单 位."""
    return "\n".join(" ".join(line.replace(" ", "")) for line in label.split("\n"))


WORDINGS: Mapping[str, Mapping[str, str]] = {
    "official": OFFICIAL,
    "spaced": {key: spaced(label) for key, label in OFFICIAL.items()},
    "reworded": REWORDED,
    "one-line": {key: label.replace("\n", "") for key, label in OFFICIAL.items()},
    "colon": {key: label.replace("\n", "") + "：" for key, label in OFFICIAL.items()},
}


class Piece(msgspec.Struct, frozen=True):
    """A stretch of text; `key` names the field whose value it is, `tick` a mark of choice."""

    text: str
    key: str | None = None
    tick: bool | None = None


Line = tuple[Piece, ...]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """A cell: its lines, how many columns and rows it spans, the least height in twips, the seals on it."""

    lines: tuple[Line, ...]
    span: int = 1
    rows: int = 1
    align: str = "left"
    height: int = 0
    key: str | None = None  # set for a cell that holds a value
    foot: str = "right"  # where 盖章 and the date stand
    seals: int = 0


Row = tuple[Cell, ...]
Block = tuple[Row, ...]  # rows tied together by cells that span them

# How a choice is marked: (label, chosen?, type of 其他) -> the line of the 类别 cell.
Tick = Callable[[str, bool, str], Line]


def _bracket(mark: str) -> Tick:
    def line(label: str, chosen: bool, other: str) -> Line:
        inside = Piece(mark, "category", tick=True) if chosen else Piece("  ")
        return Piece(f"{label} （"), inside, Piece(f"{other}）")

    return line


def _box(on: str, off: str) -> Tick:
    def line(label: str, chosen: bool, other: str) -> Line:
        shown = f"（{other}）" if other else ""
        return Piece(on if chosen else off, "category", tick=chosen), Piece(f"{label}{shown}")

    return line


def _before(mark: str) -> Tick:
    def line(label: str, chosen: bool, other: str) -> Line:
        return (
            *((Piece(mark, "category", tick=True),) if chosen else ()),
            Piece(f"{label} （{other or '  '}）"),
        )

    return line


def _after(mark: str) -> Tick:
    def line(label: str, chosen: bool, other: str) -> Line:
        tail = (Piece(mark, "category", tick=True),) if chosen else ()
        return (Piece(f"{label} （{other or '  '}）"), *tail)

    return line


TICKS: Mapping[str, Tick] = {
    "bracket-root": _bracket("√"),
    "bracket-check": _bracket("✓"),
    "bracket-heavy": _bracket("✔"),
    "bracket-solid": _bracket("■"),
    "bracket-wide": _bracket(" √ "),
    "box-check": _box("☑", "□"),
    "box-solid": _box("■", "□"),
    "box-cross": _box("☒", "☐"),
    "before": _before("√"),
    "after": _after("√"),
}
BY_HAND: Mapping[str, Tick] = {  # on paper only
    "hand-tick": _bracket(f" {strokes.TICK} "),
    "hand-cross": _bracket(f" {strokes.CROSS} "),
    "hand-circle": _bracket(f" {strokes.CIRCLE} "),
    "hand-blot": _bracket(f" {strokes.BLOT} "),
    "hand-tick-before": _before(strokes.TICK),
    "hand-tick-after": _after(strokes.TICK),
    "hand-ring": _before(strokes.RING),
}
