"""Which applications a word of staff's means: a state or a county, by whichever of its names."""

import re
import unicodedata

import msgspec

from intake import labels
from storage.campaign import Campaign
from storage.model import State

# What staff say for a state beside its own name.
STATE_WORDS = {
    "齐全": State.ACCEPTED,
    "受理": State.ACCEPTED,
    "已受理": State.ACCEPTED,
    "补正": State.CORRECTING,
    "核定": State.REVIEWING,
    "不受理": State.REJECTED,
    "撤回": State.WITHDRAWN,
    "推荐": State.RECOMMENDED,
}
_PAGE = re.compile(r"(?P<words>.*?)\s*第?(?P<page>[1-9]\d{0,4})页?")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What of the list is asked for, and which page of it, counted from 1."""

    state: State | None = None
    county: str | None = None
    page: int = 1


def wanted(text: str, campaign: Campaign) -> Wanted | None:
    """Return what `待补正`, `accepted`, `谯城 2` ask for; None if a word means nothing here."""
    folded = _folded(text)
    paged = _PAGE.fullmatch(folded)
    words, page = (paged["words"], int(paged["page"])) if paged else (folded, 1)
    found = Wanted(page=page)
    for word in words.split():
        state, county = state_of(word), county_of(word, campaign)
        if state is None and county is None:
            return None
        found = msgspec.structs.replace(found, state=state or found.state, county=county or found.county)
    return found


def state_of(word: str) -> State | None:
    """Return the state that a folded `word` names: its code, its Chinese name up to a comma, or a usual short form."""
    named = {_folded(name): state for state, name in labels.STATES.items()}
    short = {name.split(",")[0]: state for name, state in named.items()}
    codes = {state.value: state for state in State}
    return {**STATE_WORDS, **short, **named, **codes}.get(word)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def county_of(word: str, campaign: Campaign) -> str | None:
    """Return the county of the campaign that `word` names."""
    named = (
        (_folded(name), one.name)
        for one in campaign.counties
        for name in (one.name, one.office, *one.aliases)
    )
    return dict(named).get(word)
