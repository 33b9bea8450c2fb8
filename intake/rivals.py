"""Where an application stands among the others: who holds the places that it competes for."""

from collections.abc import Iterable
from difflib import SequenceMatcher

from msgspec.structs import replace

from intake.case import Rival, Standing
from parsers.identifiers import operator_key
from storage import applications
from storage.applications import Holder
from storage.database import Store
from storage.model import Application, Kind
from storage.rows import GONE

ALIKE = 0.8  # of two identifiers: a letter or two mistyped, doubled, left out


def standing_of(store: Store, application: Application) -> Standing:
    """Return the rivals of `application`; none without an identifier, since it holds no place then."""
    if application.account_key is None:
        return Standing()
    me = application.receipt
    held = _held(store, application)
    account = application.kind is Kind.ACCOUNT
    operators = applications.same_operator(store.db, application.operator_key, application.operator_code, me)
    places = applications.on_quota(
        store.db, application.channel, application.county, application.submitter_key, me
    )
    return Standing(
        places=_rivals(places if account else (), application, held=held),
        same_account=_rivals(
            applications.same_account(store.db, application.account_key, me), application, held=held
        ),
        same_operator=_rivals(operators if account else (), application, held=held),
    )


def doubted(standing: Standing, submitter: str | None) -> Standing:
    """Return `standing` where the submitter's own others may be given back: no certain rivals any more."""
    ours = operator_key(submitter)

    def doubt(rivals: Iterable[Rival]) -> tuple[Rival, ...]:
        return tuple(replace(one, unsure=one.unsure or operator_key(one.submitter) == ours) for one in rivals)

    return replace(standing, places=doubt(standing.places), same_operator=doubt(standing.same_operator))


def _held(store: Store, application: Application) -> bool:
    """Say whether `application` was answered before and holds its place, as the same account of the same unit."""
    old = applications.get(store.db, application.receipt)
    return old is not None and old.state not in GONE and _identity(old) == _identity(application)


def _identity(application: Application) -> tuple[object, ...]:
    return (
        application.account_key,
        application.operator_key,
        application.submitter_key,
        application.channel,
        application.county,
    )


def _after(one: str, other: str) -> bool:
    """Say whether receipt `one` was issued after `other`."""
    return (len(one), one) > (len(other), other)


def _rivals(holders: Iterable[Holder], application: Application, *, held: bool) -> tuple[Rival, ...]:
    """Tell of the holders; what was judged after ours had its place came later, whenever it was received."""
    return tuple(
        Rival(
            receipt=holder.receipt,
            name=holder.name,
            submitter=holder.submitter,
            received_at=holder.received_at,
            later=holder.received_at > application.received_at
            or (held and _after(holder.receipt, application.receipt)),
            operator_code=holder.operator_code,
            unsure=holder.unsure or _mistyped(holder, application),
        )
        for holder in holders
    )


def _mistyped(holder: Holder, application: Application) -> bool:
    """Say whether `application` may be `holder` again, its identifier now spelt otherwise.

    Sent as a mail of its own it looks like a second account; only a person can tell. No unit runs two accounts
    of one name on one platform: there the id may have become another altogether, 微信号 and 原始ID for instance.
    """
    if None in (holder.name, holder.account_key, application.account_key):
        return False
    ours, theirs = (key.partition(":") for key in (application.account_key or "", holder.account_key or ""))
    named = operator_key(holder.name) == operator_key(application.fields.name)
    platform = ours[0] == theirs[0] or "account" in (ours[0], theirs[0])
    unit = operator_key(holder.submitter) == operator_key(application.submitter)
    told = ours[0] == theirs[0] and ours[0] not in ("account", "other", "site")
    near = 1 > _alike(ours[2], theirs[2]) >= ALIKE
    return named and unit and ((platform and near) or (told and ours[2] != theirs[2]))


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
