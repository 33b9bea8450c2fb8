"""Which other applications are much alike, though not surely the same: a person compares them.

Numbers (第二, 一中) and places tell applications apart, however alike the rest is.
"""

import re
from collections.abc import Iterator

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from intake.case import Rival, Standing
from parsers.identifiers import operator_key
from parsers.lexicon import mend
from parsers.text import normalise
from storage import likenesses
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Application, Kind
from storage.places import Holder

NAME, OPERATOR, IDENTIFIER, PLATFORMLESS, HOST = "name", "operator", "identifier", "platformless", "host"
_ADDED = re.compile(
    r"(?:官方|微信|新浪|微博|抖音|快手|公众号|视频号|订阅号|服务号|头条号|百家号|账号|号|平台|官网|官微)+$"
)
_LEAD = re.compile(r"^(?:官方|中共)+")
_SEAT = re.compile(r"(?<=[一-鿿])[省市县区](?=[一-鿿])")
_SCHOOL = re.compile(r"第([一二三四五六七八九十\d]+)(?:初级|高级)?([中小])学")
_SCHOOL_SHORT = re.compile(r"(?<=[一二三四五六七八九十\d])([中小])学")
_NUMBER = re.compile(r"\d+|[一二三四五六七八九十百甲乙丙丁东南西北大中小]")
_SAME_SITE = re.compile(r"^(?:www|m|wap|3g|mobile)\.(?=[^.]+\.)")
LEAST_NAME = 3  # letters of a name that says anything
LEAST_IDENTIFIER = 5  # letters of an identifier in which one may be a slip
NAMES_ALIKE = 75  # per cent; only beside identifiers that are a letter apart


def name_core(name: str | None) -> str:
    """Return a name without what people write differently: width, case, signs, variants, 官方, 公众号."""
    bare = _bare(name)
    return _ADDED.sub("", _LEAD.sub("", bare)) or bare


def operator_core(name: str | None) -> str:
    """Return an operator's name in short: 亳州市第一中学 and 亳州一中 are both 亳州一中."""
    short = _SEAT.sub("", _LEAD.sub("", _bare(operator_key(name))))
    return _SCHOOL_SHORT.sub(r"\1", _SCHOOL.sub(r"\1\2", short))


def likenesses_of(application: Application) -> tuple[str, ...]:
    """Return the keys that it shares with whatever may be much alike; none without an identifier."""
    return tuple(dict.fromkeys(_keys(application))) if application.account_key else ()


def with_alike(store: Store, campaign: Campaign, application: Application, standing: Standing) -> Standing:
    """Return `standing` with the holders that are much like `application`, and make it findable by its likenesses."""
    known = {one.receipt for one in (*standing.same_account, *standing.same_operator)}
    found: dict[str, Rival] = {}
    keys = likenesses_of(application)
    for key in likenesses.shared(store.db, keys, application.receipt):
        what = key.partition(":")[0]
        for holder in likenesses.find(store.db, key, application.kind, application.receipt):
            if holder.receipt in known or not _counts(what, holder, application, campaign):
                continue
            found.setdefault(holder.receipt, _rival(holder, application, what))
    likenesses.put(store.db, application.receipt, keys)
    return Standing(
        places=standing.places,
        same_account=standing.same_account,
        same_operator=standing.same_operator,
        alike=tuple(found[receipt] for receipt in sorted(found)),
    )


def _keys(application: Application) -> Iterator[str]:
    name, operator = name_core(application.fields.name), operator_core(application.fields.organizer)
    if len(name) >= LEAST_NAME:
        yield f"{NAME}:{name}"
    if operator and application.kind is Kind.ACCOUNT:
        yield f"{OPERATOR}:{operator}"
    head, _, identifier = (application.account_key or "").partition(":")
    if application.kind is Kind.WEBSITE:
        yield f"{HOST}:{_SAME_SITE.sub('', identifier)}"
    else:
        yield f"{PLATFORMLESS}:{identifier}"
    if len(identifier) >= LEAST_IDENTIFIER:
        yield f"{IDENTIFIER}:{head}:{identifier}"
        # Two identifiers a letter apart share what is left of them without that letter.
        for at in range(len(identifier)):
            yield f"{IDENTIFIER}:{head}:{identifier[:at]}{identifier[at + 1 :]}"


def _counts(what: str, holder: Holder, application: Application, campaign: Campaign) -> bool:
    """Say whether a shared key tells: one id on two platforms is two accounts, unless one does not say which."""
    if what == IDENTIFIER:
        return _slip(holder, application, campaign)
    return what != PLATFORMLESS or "account" in (_head(holder.account_key), _head(application.account_key))


def _head(account_key: str | None) -> str:
    return (account_key or "").partition(":")[0]


def _slip(holder: Holder, application: Application, campaign: Campaign) -> bool:
    """Say whether one identifier may be the other with a slip: a letter apart, of names that are alike."""
    return alike_identifiers(holder.account_key or "", application.account_key or "") and alike_names(
        holder.name, application.fields.name, campaign
    )


def alike_identifiers(one: str, other: str) -> bool:
    """Say whether two identifiers are a slip apart; a number that differs is no slip."""
    return OSA.distance(one, other) == 1 and re.findall(r"\d+", one) == re.findall(r"\d+", other)


def alike_names(one: str | None, other: str | None, campaign: Campaign) -> bool:
    """Say whether two names are much alike: of the same places, with the same numbers."""
    cores = [name_core(one), name_core(other)]
    places = [
        campaign.city,
        *(stem for county in campaign.counties for stem in (county.name, *county.aliases)),
    ]
    told = [([place for place in places if place in core], _NUMBER.findall(core)) for core in cores]
    return told[0] == told[1] and all(cores) and fuzz.ratio(*cores) >= NAMES_ALIKE


def _rival(holder: Holder, application: Application, what: str) -> Rival:
    return Rival(
        receipt=holder.receipt,
        name=holder.name,
        submitter=holder.submitter,
        received_at=holder.received_at,
        later=holder.received_at > application.received_at,
        alike=what,
    )


def _bare(text: str | None) -> str:
    folded = (
        mend(normalise(text or "")).casefold().replace("佈", "布").replace("帐", "账").replace("臺", "台")
    )
    return "".join(sign for sign in folded if sign.isalnum())
