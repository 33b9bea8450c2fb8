"""The 评分表 of one reviewer: made for Excel and WPS, and read back with every mistake named by its cell."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from intake.labels import kind_of
from intake.office import entry
from intake.office.entry import Blank, Cells, NotReadable, Place, address
from intake.office.scores import HUNDREDTHS, conflict
from intake.office.workbook import Column, Paper, Sheet, Value, workbook
from storage.campaign import Campaign, Criterion
from storage.model import Application, Noun
from storage.scores import Reviewer, Round, Score

ROUNDS = {Round.PRELIMINARY: "初评", Round.EXPERT: "专家评议"}
ASIDE, RECEIPT, HEAD_ROW = "回避", "收件编号", 3
OWN_UNIT = "评委所在单位即申报单位"
_REVIEWER, _NOT = "评委：", frozenset({"否", "不", "无", "0", "N", "NO", "X", "×"})
STANDARDS = (
    Column(head="序号", width=6, look="number"),
    Column(head="推选标准", width=18, look="centre"),
    Column(head="满分", width=8, look="number"),
    Column(head="权重", width=8, look="number"),
    Column(head="通知原文", width=100),
)


class Returned(Noun, frozen=True, kw_only=True):
    """What a filled 评分表 says: its round, reviewer, scores; what is wrong, empty or strange, each with its cell."""

    round: Round
    reviewer: str
    scores: tuple[Score, ...]
    mistakes: tuple[str, ...]
    empty: tuple[str, ...]
    notes: tuple[str, ...]


def sheet(
    reviewer: Reviewer, round_: Round, applications: Sequence[Application], campaign: Campaign, now: datetime
) -> bytes:
    """Return the 评分表 of `reviewer` as an xlsx; what the reviewer must not judge is marked 回避 and locked."""
    criteria, name = campaign.criteria, ROUNDS[round_]
    sheets = [
        Sheet(name=name, columns=_columns(criteria), rows=tuple(_rows(reviewer, applications, criteria))),
        Sheet(name="推选标准", columns=STANDARDS, rows=tuple(_standards(criteria))),
    ]
    day = now.astimezone(ZoneInfo(campaign.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    paper = Paper(title=f"{campaign.title}评分表", unit=campaign.office.name, as_of=day)
    note = f"{_REVIEWER}{reviewer.name}　　　所在单位：{reviewer.unit or '（未登记）'}　　　请在黄色格内打分；有利害关系的，在“回避”栏选“回避”，不打分。"
    blanks = _blanks(reviewer, applications, criteria)
    return entry.fillable(workbook(sheets, paper), name, blanks, note=note)


def returned(data: bytes, campaign: Campaign, applications: Mapping[str, Application]) -> Returned:
    """Return what a filled 评分表 says of `applications` by receipt; raises NotReadable for what is none."""
    sheets = entry.read(data)
    round_ = next((one for one, name in ROUNDS.items() if name in sheets), None)
    if round_ is None:
        raise NotReadable(f"里面没有名为“{'”或“'.join(ROUNDS.values())}”的工作表，不是评分表。")
    cells = sheets[ROUNDS[round_]]
    heads = _heads(cells, campaign.criteria)
    found = [
        _Row(cells, place[0], heads, campaign.criteria).read(_reviewer(cells), applications)
        for place in sorted(cells)
        if place[1] == heads[RECEIPT][1] and place[0] > heads[RECEIPT][0]
    ]
    scores = [one.score for one in found if one.score]
    told = any((one.score and one.score.points) or one.mistakes for one in found)
    if not told and any(one.empty for one in found):
        raise NotReadable("一件的分都没有填全，没有可登记的。")
    twice = sorted(
        {one.receipt for one in scores if [each.receipt for each in scores].count(one.receipt) > 1}
    )
    return Returned(
        round=round_,
        reviewer=_reviewer(cells),
        scores=tuple(scores),
        mistakes=(*_flat(one.mistakes for one in found), *(f"{one} 出现了两次" for one in twice)),
        empty=_flat(one.empty for one in found),
        notes=_flat(one.notes for one in found),
    )


def _columns(criteria: Iterable[Criterion]) -> tuple[Column, ...]:
    return (
        Column(head="序号", width=5, look="number"),
        Column(head=RECEIPT, width=13, look="centre"),
        Column(head="类别", width=10, look="centre"),
        Column(head="网站平台或账号名称", width=20),
        Column(head="主办单位", width=24),
        *(Column(head=_head(one), width=12, look="number") for one in criteria),
        Column(head=ASIDE, width=8, look="centre"),
    )


def _head(one: Criterion) -> str:
    return f"{one.name}\n（0至{one.points}分）"


def _rows(
    reviewer: Reviewer, applications: Iterable[Application], criteria: Sequence[Criterion]
) -> Iterator[tuple[Value, ...]]:
    for number, one in enumerate(applications, 1):
        aside = ASIDE if conflict(reviewer, one) else None
        about = (one.receipt, kind_of(one), one.fields.name, one.fields.organizer)
        yield (number, *about, *(None for _ in criteria), aside)


def _standards(criteria: Iterable[Criterion]) -> Iterator[tuple[Value, ...]]:
    for number, one in enumerate(criteria, 1):
        yield number, one.name, one.points, one.weight, one.clause


def _blanks(
    reviewer: Reviewer, applications: Iterable[Application], criteria: Sequence[Criterion]
) -> Iterator[Blank]:
    first = len(_columns(())) - 1
    for row, one in enumerate(applications, HEAD_ROW + 1):
        if conflict(reviewer, one):
            continue
        for column, each in enumerate(criteria, first + 1):
            yield Blank(place=(row, column), most=each.points)
        yield Blank(place=(row, first + len(criteria) + 1), options=(ASIDE,))


def _heads(cells: Cells, criteria: Iterable[Criterion]) -> dict[str, Place]:
    """Return where each head stands, by its first line; raises NotReadable where one is missing."""
    row = next((place[0] for place, value in sorted(cells.items()) if value == RECEIPT), None)
    heads = {str(value).split("\n")[0].strip(): place for place, value in cells.items() if place[0] == row}
    absent = [name for name in (RECEIPT, *(one.name for one in criteria), ASIDE) if name not in heads]
    if absent:
        raise NotReadable(f"表头里没有“{'”、“'.join(absent)}”，请用最新的评分表，不要改动表头。")
    return heads


def _reviewer(cells: Cells) -> str:
    """Return whose 评分表 it is; raises NotReadable where the line that says so is gone."""
    lines = (str(value) for place, value in sorted(cells.items()) if place[0] < HEAD_ROW)
    line = next((line for line in lines if line.startswith(_REVIEWER)), "")
    name = line.removeprefix(_REVIEWER).partition("　")[0].strip()
    if not name:
        raise NotReadable("标题下没有“评委：姓名”，不知道是谁的评分表。")
    return name


def _flat(lots: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(one for lot in lots for one in lot)


class _Read(Noun, frozen=True, kw_only=True):
    """What one row says."""

    score: Score | None = None
    mistakes: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class _Row:
    """One row of a filled 评分表."""

    def __init__(
        self, cells: Cells, row: int, heads: Mapping[str, Place], criteria: Sequence[Criterion]
    ) -> None:
        self.cells, self.row, self.heads, self.criteria = cells, row, heads, criteria

    def read(self, reviewer: str, applications: Mapping[str, Application]) -> _Read:
        receipt = str(self._value(RECEIPT)).strip()
        if receipt not in applications:
            return _Read(mistakes=(f"{self._at(RECEIPT)}：没有收件编号 {receipt}",))
        values = {one.name: self._value(one.name) for one in self.criteria}
        given = {name: value for name, value in values.items() if value is not None}
        if self._stands_aside():
            note = (f"{self._at(ASIDE)}：已标回避，{receipt} 的分不计",) if given else ()
            return _Read(score=Score(receipt=receipt, reviewer=reviewer, aside=ASIDE), notes=note)
        points = {
            one.name: _points(given[one.name], one.points) for one in self.criteria if one.name in given
        }
        wrong = [name for name, value in points.items() if value is None]
        most = {one.name: one.points for one in self.criteria}
        mistakes = (
            f"{self._at(name)}：“{values[name]}”不是0至{most[name]}之间、最多两位小数的数" for name in wrong
        )
        empty = [self._at(name) for name in values if name not in given]
        good = {name: value for name, value in points.items() if value is not None}
        full = len(good) == len(self.criteria)
        return _Read(
            score=Score(receipt=receipt, reviewer=reviewer, points=good) if full else None,
            mistakes=tuple(mistakes),
            empty=(f"{receipt}：{'、'.join(empty) if given else f'{empty[0]}起整行'}",) if empty else (),
        )

    def _value(self, head: str) -> object:
        return self.cells.get((self.row, self.heads[head][1]))

    def _at(self, head: str) -> str:
        return address((self.row, self.heads[head][1]))

    def _stands_aside(self) -> bool:
        return _plain(self._value(ASIDE) or "").upper() not in _NOT | {""}


def _plain(value: object) -> str:
    return unicodedata.normalize("NFKC", str(value)).strip()


def _points(value: object, most: int) -> int | None:
    """Return a score in hundredths; None for what is no number from 0 to `most` of at most two decimals."""
    if isinstance(value, bool):
        return None
    try:
        hundredths = Decimal(_plain(value).removesuffix("分").strip()) * HUNDREDTHS
    except InvalidOperation:
        return None
    if not hundredths.is_finite() or hundredths != hundredths.to_integral_value():
        return None
    return int(hundredths) if 0 <= hundredths <= most * HUNDREDTHS else None
