"""The 汇总表 read back: what staff changed in its yellow cells, against what stands in the store by now."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from intake import decisions, labels
from intake.decisions import Desk
from intake.office import entry, register
from intake.office.entry import Cells, NotReadable, address
from intake.readers import Reader
from intake.rules import shape
from parsers import values
from parsers.identifiers import clean_identifier
from storage import applications
from storage.applications import normal
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Application, Kind, Noun

SHEETS = ("账号", "网站平台", "类型待定")
Base = Mapping[str, Mapping[str, str]]


class Change(Noun, frozen=True, kw_only=True):
    """One field of one application that `cell` wants otherwise than the store has it."""

    receipt: str
    cell: str
    field: str
    old: str | None
    new: str | None


class Trouble(Noun, frozen=True, kw_only=True):
    """A cell that is not taken, and why, in Chinese."""

    cell: str
    receipt: str
    why: str


class Plan(Noun, frozen=True, kw_only=True):
    """What an import would change; `conflicts` were changed in the store too since the table was made."""

    changes: tuple[Change, ...] = ()
    conflicts: tuple[Trouble, ...] = ()
    wrong: tuple[Trouble, ...] = ()


class _Edit(Noun, frozen=True, kw_only=True):
    """A yellow cell that shows `now` and showed `base` when the table was made."""

    receipt: str
    cell: str
    head: str
    base: str
    now: str


def plan(store: Store, campaign: Campaign, data: bytes) -> Plan:
    """Return what the edited 汇总表 `data` would change; raises NotReadable for what is none."""
    sheets = entry.read(data)
    base = _base(sheets)
    found: list[Change | Trouble] = []
    conflicts: list[Trouble] = []
    for edit in _edits(sheets, base, found):
        one = applications.get(store.db, edit.receipt)
        if one is None:
            found.append(_trouble(edit, f"没有收件编号 {edit.receipt}"))
        elif (now := register.shown(one.fields, register.YELLOW[edit.head])) not in (edit.base, edit.now):
            conflicts.append(_trouble(edit, _conflict(edit, now)))
        elif now != edit.now:
            found += _wanted(edit, one, campaign)
    changes = tuple(one for one in found if isinstance(one, Change))
    twice = _told_apart(changes)
    return Plan(
        changes=tuple(one for one in changes if one.cell not in {each.cell for each in twice}),
        conflicts=tuple(conflicts),
        wrong=(*(one for one in found if isinstance(one, Trouble)), *twice),
    )


def apply(desk: Desk, reader: Reader, changes: Iterable[Change]) -> Iterator[tuple[Change, bool]]:
    """Make each change, audited under who decides; false for one whose value has changed meanwhile."""
    for change in changes:
        standing = getattr(decisions.found(desk, change.receipt).fields, change.field)
        if standing == change.old:
            decisions.set_field(desk, reader, change.receipt, change.field, change.new)
        yield change, standing in (change.old, change.new)


def _base(sheets: Mapping[str, Cells]) -> Base:
    """Return what each yellow cell showed when the table was made, by receipt and head."""
    if register.BASE not in sheets:
        raise NotReadable(
            f"里面没有“{register.BASE}”这张隐藏的表，不是 shenbao export 导出的汇总表，"
            "或者复制成了新文件。请重新导出，在导出的文件里修改。"
        )
    cells = sheets[register.BASE]
    heads = {column: str(value) for (row, column), value in cells.items() if row == 1}
    base: dict[str, dict[str, str]] = {}
    for row in sorted({row for row, _ in cells if row > 1}):
        said = {head: _text(cells.get((row, column))) or "" for column, head in heads.items()}
        base[said.pop(register.RECEIPT, "")] = said
    return base


def _edits(sheets: Mapping[str, Cells], base: Base, wrong: list[Change | Trouble]) -> Iterator[_Edit]:
    """Yield the yellow cells that were changed; what no one could mean goes to `wrong`."""
    for name in SHEETS:
        cells = sheets.get(name, {})
        row, heads = _heads(cells)
        for place in sorted(place for place in cells if place[1] == heads.get(register.RECEIPT)):
            receipt, where = normal(str(cells[place])), f"{name}!{address(place)}"
            if place[0] <= row:
                continue
            if receipt not in base:
                wrong.append(Trouble(cell=where, receipt=receipt, why="导出时没有这个收件编号，这一行不导入"))
                continue
            yield from _row(cells, (name, place[0], receipt), heads, base[receipt], wrong)


def _row(
    cells: Cells,
    where: tuple[str, int, str],
    heads: Mapping[str, int],
    base: Mapping[str, str],
    wrong: list[Change | Trouble],
) -> Iterator[_Edit]:
    name, row, receipt = where
    for head in register.YELLOW:
        if head not in heads:
            continue
        place = row, heads[head]
        cell, now = f"{name}!{address(place)}", _text(cells.get(place))
        if now is None:
            why = f"“{cells[place]}”不是文字或号码"
            wrong.append(Trouble(cell=cell, receipt=receipt, why=why))
        elif now != base.get(head, ""):
            yield _Edit(receipt=receipt, cell=cell, head=head, base=base.get(head, ""), now=now)


def _heads(cells: Cells) -> tuple[int, Mapping[str, int]]:
    """Return the last row of the heads and the column of each, wherever staff moved them."""
    top = next((row for (row, _), value in sorted(cells.items()) if value == register.RECEIPT), 0)
    wanted = {register.RECEIPT, *register.YELLOW}
    rows = (top, top + 1)
    found = {
        str(value): (row, column)
        for (row, column), value in sorted(cells.items())
        if row in rows and value in wanted
    }
    return max((row for row, _ in found.values()), default=0), {head: at[1] for head, at in found.items()}


def _text(value: object) -> str | None:
    """Return what a cell says as text, folded; None for a date, a truth or what else is no text or number."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole else value).strip()


def _wanted(edit: _Edit, one: Application, campaign: Campaign) -> Sequence[Change | Trouble]:
    """Return the changes that an edited cell means, or why it cannot be taken."""
    if not edit.now:
        return [_trouble(edit, f"“{edit.head}”被清空了，不导入；确要清空请用 shenbao set")]
    field = register.YELLOW[edit.head]
    told = (
        register.category_told(edit.now)
        if field == "category"
        else {field: _value(field, edit.now, one.kind)}
    )
    if told is None:
        names = "、".join(labels.CATEGORIES.values())
        return [_trouble(edit, f"“{edit.now}”不是类别，应为：{names}；“其他”请写成“其他（具体类型）”")]
    wrong = [why for key, value in told.items() if (why := _why_not(key, value, one.kind, campaign))]
    if wrong:
        return [_trouble(edit, f"“{edit.now}”无法使用。{wrong[0]}")]
    return [
        Change(receipt=one.receipt, cell=edit.cell, field=key, old=old, new=new)
        for key, new in told.items()
        if (old := getattr(one.fields, key)) != new
    ]


def _value(field: str, text: str, kind: Kind | None) -> str | None:
    """Return `text` as the contract has the value of `field`."""
    plain = values.SHORT[field](text)
    return clean_identifier(plain, kind) if field == "identifier" and plain else plain


def _why_not(field: str, value: str | None, kind: Kind | None, campaign: Campaign) -> str | None:
    if value is None:
        return None if field == "category_other" else "这里没有写出内容"
    own = {Kind.WEBSITE: shape.OF_A_WEBSITE, Kind.ACCOUNT: shape.OF_AN_ACCOUNT}
    shapes = (*(own[kind] if kind else ()), *shape.ALWAYS)
    advice = next((each.advice for key, each in shapes if key == field and not each.fits(value)), None)
    return advice and advice.format(icp=campaign.region.icp_prefix)


def _told_apart(changes: Iterable[Change]) -> list[Trouble]:
    """Return every cell of a field that two rows of one application want differently."""
    wanted: dict[tuple[str, str], list[Change]] = {}
    for one in changes:
        wanted.setdefault((one.receipt, one.field), []).append(one)
    return [
        Trouble(cell=one.cell, receipt=one.receipt, why="同一件申报有两行，改得不一样")
        for several in wanted.values()
        if len({one.new for one in several}) > 1
        for one in several
    ]


def _conflict(edit: _Edit, now: str) -> str:
    return f"“{edit.head}”导出时是“{edit.base}”，表里改成“{edit.now}”，而库里已改为“{now}”"


def _trouble(edit: _Edit, why: str) -> Trouble:
    return Trouble(cell=edit.cell, receipt=edit.receipt, why=why)
