"""Rules about seals: that a scanned form bears those its cells ask for, and that nobody judges what cannot be seen."""

from collections.abc import Iterator
from typing import NamedTuple

from intake.case import Case
from intake.rules.finding import Finding, Findings, unsure
from intake.rules.wording import cell, place
from parsers.identifiers import person_operated
from storage.campaign import Campaign
from storage.model import Channel, Code, Outcome

# How many seals each cell asks for, and whose.
NEEDED = {
    "recommendation": (1, "主办单位公章"),
    "county_opinion": (2, "县区委网信办和县区文明办的公章"),
}
NUMBERS = ("零", "一", "两")


class Asked(NamedTuple):
    """A cell that asks for seals: how many, whose, how many were counted (None: no picture of the cell)."""

    key: str
    needs: int
    whose: str
    seen: int | None

    @property
    def absent(self) -> int:
        return max(0, self.needs - (self.seen or 0))


def seal_missing(case: Case, campaign: Campaign) -> Findings:
    """Ask for the seals that a picture of the cell surely does not show."""
    for asked in _asked(case):
        if asked.seen is None or not asked.absent or _hidden(case, asked.key):
            continue
        yield Finding(
            code=Code.SEAL_MISSING,
            field=asked.key,
            file=case.form_file,
            message=_missing(asked),
            clause=campaign.clauses.seal,
            fact=f"{cell(asked.key)}应有{asked.needs}枚公章，扫描件上见到{asked.seen}枚",
            where=place(case.form_file, asked.key),
            rests_on=(asked.key, "organizer"),
            outcome=Outcome.REVIEW if _may_be_a_persons(case, asked.key) else None,
        )


def seal_unseen(case: Case, campaign: Campaign) -> Findings:
    """Note once that seals will be seen on paper only, and why they were not seen here."""
    unseen = [
        asked for asked in _asked(case) if asked.absent and (asked.seen is None or _hidden(case, asked.key))
    ]
    if not unseen or case.form is None:
        return
    cells = "、".join(cell(asked.key) for asked in unseen)
    why = _why(case, unseen)
    yield Finding(
        code=Code.SEAL_UNSEEN,
        field=unseen[0].key if len(unseen) == 1 else None,
        file=case.form_file,
        message=f"{why}{cells}的公章将以纸质件为准，请在报送的纸质申报表上加盖公章；电子材料不必因此重报。",
        clause=campaign.clauses.seal,
        fact=f"{cells}的公章在电子材料中未能看到",
        where=place(case.form_file, unseen[0].key),
        certain=False,
    )


def _asked(case: Case) -> Iterator[Asked]:
    if case.form is None:
        return
    for key, (needs, whose) in NEEDED.items():
        if not _spared(case, key):
            yield Asked(key, needs, whose, getattr(case.form.seals, key))


def _spared(case: Case, key: str) -> bool:
    """Say whether a cell asks for no seal: an individual has none, only counties review."""
    if key == "recommendation":
        return person_operated(case.fields.organizer)
    return case.channel is not Channel.COUNTY


def _hidden(case: Case, key: str) -> bool:
    """Say whether a seal may be there that the picture does not show plainly."""
    return case.form is not None and key in case.form.seals.unsure


def _may_be_a_persons(case: Case, key: str) -> bool:
    return key == "recommendation" and (case.fields.organizer is None or unsure(case, "organizer"))


def _missing(asked: Asked) -> str:
    number = NUMBERS[asked.absent] if asked.absent < len(NUMBERS) else str(asked.absent)
    seen = f"只见到{asked.seen}枚，还缺{number}枚" if asked.seen else f"没有见到公章，缺{number}枚"
    return f"申报表扫描件{cell(asked.key)}{seen}。请加盖{asked.whose}后，将该页重新扫描或拍照（彩色、清晰、完整），回复本邮件发来。"


def _why(case: Case, unseen: list[Asked]) -> str:
    if case.form is not None and case.form.seals.grey and any(_hidden(case, asked.key) for asked in unseen):
        return "申报表是黑白（灰度）扫描件，无法辨认红色印章，"
    if any(asked.seen is not None for asked in unseen):
        return "申报表扫描件上的印迹较淡、不完整或被遮挡，未能辨认，"
    if case.form is not None and case.form.scanned:
        return "申报表扫描件没有拍到盖章的部分，"
    return "申报表为电子文档，看不到印章，"
