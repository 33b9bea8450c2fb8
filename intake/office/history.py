"""Works over the years: what the same account or unit applied with before, shown and never filled in."""

import re
from collections.abc import Iterator, Mapping

from intake.labels import STATES
from intake.office import entry
from intake.office.entry import Cells, NotReadable, Place, address
from parsers.identifiers import operator_key
from parsers.text import normalise
from storage import applications, earlier
from storage.campaign import Campaign
from storage.database import Store
from storage.earlier import Work
from storage.model import Application, Fields, Noun

# How the columns of an office's own list may be called; those of our 汇总表 are among them.
HEADS: Mapping[str, tuple[str, ...]] = {
    "year": ("年份", "年度"),
    "name": ("网站平台或账号名称", "名称", "账号名称", "网站平台名称", "网站名称"),
    "organizer": ("主办单位", "运营主体", "申报单位", "单位"),
    "identifier": ("域名或账号ID", "网站平台域名或账号ID", "域名", "账号ID"),
    "result": ("结果", "获评情况", "奖项", "状态"),
}
FIRST_YEAR = 1994  # before it China had no websites


class Past(Noun, frozen=True, kw_only=True):
    """One earlier work: its year, what came of it, and `why` it is shown; `fields` where its form is in the store."""

    year: int
    name: str
    organizer: str
    identifier: str
    result: str
    why: tuple[str, ...]
    receipt: str | None = None
    fields: Fields | None = None


class Brought(Noun, frozen=True, kw_only=True):
    """What a list holds: its works, and what is wrong with it, each with its cell."""

    works: tuple[Work, ...]
    mistakes: tuple[str, ...]


def past(store: Store, campaign: Campaign, one: Application) -> tuple[Past, ...]:
    """Return the earlier works of the same account, unit or name, the newest first."""
    found = [*_in_store(store, campaign, one), *_listed(store, campaign, one)]
    return tuple(sorted(found, key=lambda each: -each.year))


def year_of(prefix: str) -> int:
    """Return the year that a campaign's receipts bear: 2022 of WM2022."""
    return int(re.sub(r"\D", "", prefix) or 0)


def listed(data: bytes, year: int | None) -> Brought:
    """Return the works of an xlsx, of `year` where it has no column for it; raises NotReadable for what is no list."""
    works: list[Work] = []
    mistakes: list[str] = []
    tables = [(name, cells, heads) for name, cells in entry.read(data).items() if (heads := _heads(cells))]
    if not tables:
        raise NotReadable("没有找到名单：表头要有“名称”“结果”（可以还有“年份”“主办单位”“域名或账号ID”）。")
    for name, cells, heads in tables:
        for row in _rows(cells, heads):
            found = _work(row, year)
            if found is None:
                at = address(heads.get("year", heads["name"]))[0]
                mistakes.append(f"{name} {at}{row['row']}：不知道是哪一年的，请补上年份，或用 --year 写明")
            else:
                works.append(found)
    return Brought(works=tuple(works), mistakes=tuple(mistakes))


def _in_store(store: Store, campaign: Campaign, one: Application) -> Iterator[Past]:
    receipts = earlier.receipts(
        store.db,
        but=campaign.receipt_prefix,
        account=one.account_key,
        operator=one.operator_key,
        code=one.operator_code,
    )
    for old in filter(None, (applications.get(store.db, receipt) for receipt in receipts)):
        account = one.account_key is not None and old.account_key == one.account_key
        yield Past(
            year=year_of(old.receipt.partition("-")[0]),
            name=old.fields.name or "",
            organizer=old.fields.organizer or "",
            identifier=old.fields.identifier or "",
            result=STATES[old.state],
            why=("同一账号或网站",) if account else ("同一单位",),
            receipt=old.receipt,
            fields=old.fields,
        )


def _listed(store: Store, campaign: Campaign, one: Application) -> Iterator[Past]:
    name, unit = operator_key(one.fields.name), one.operator_key
    for work in earlier.alike(store.db, name, unit):
        if work.year == year_of(campaign.receipt_prefix):
            continue
        same_unit = unit is not None and work.organizer_key == unit
        why = [text for text, true in (("同名", work.name_key == name), ("同一单位", same_unit)) if true]
        yield Past(
            year=work.year,
            name=work.name,
            organizer=work.organizer,
            identifier=work.identifier,
            result=work.result,
            why=tuple(why),
        )


def _heads(cells: Cells) -> dict[str, Place]:
    """Return where the heads of a list stand, by key; nothing where the sheet is none."""
    for row in sorted({place[0] for place in cells}):
        line = {normalise(str(cells[place])): place for place in cells if place[0] == row}
        found = {
            key: next((line[name] for name in names if name in line), None) for key, names in HEADS.items()
        }
        if found["name"] and found["result"]:
            return {key: place for key, place in found.items() if place}
    return {}


def _rows(cells: Cells, heads: Mapping[str, Place]) -> Iterator[dict[str, str]]:
    """Yield the rows under the heads that have a name, as texts by key, with their number."""
    for row in sorted({place[0] for place in cells if place[0] > heads["name"][0]}):
        values = {key: normalise(str(cells.get((row, place[1]), ""))).strip() for key, place in heads.items()}
        if values["name"]:
            yield values | {"row": str(row)}


def _work(row: Mapping[str, str], year: int | None) -> Work | None:
    """Return the work of a row; None where nobody knows its year."""
    told = re.match(r"\d{4}", row.get("year", ""))
    when = int(told.group()) if told else year
    key = operator_key(row["name"])
    if when is None or when < FIRST_YEAR or key is None:
        return None
    return Work(
        year=when,
        name=row["name"],
        organizer=row.get("organizer", ""),
        identifier=row.get("identifier", ""),
        result=row["result"] or "申报",
        name_key=key,
        organizer_key=operator_key(row.get("organizer")),
    )
