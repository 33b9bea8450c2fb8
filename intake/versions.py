"""Which application a form in a mail is the next version of, if it is not one of its own."""

from collections.abc import Sequence

from intake.assemble import Draft, same_account
from intake.belonging import Belonging
from intake.channel import Route, submitter_of
from intake.identified import submitter_key
from intake.identity import key_of
from parsers.documents import Form
from parsers.identifiers import operator_key
from storage import applications
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Application, Channel, Code, Platform, State

DOUBTFUL = frozenset({Code.FIELD_MISSING, Code.FIELD_INVALID, Code.READING_UNSURE})


def continued_each(
    store: Store, campaign: Campaign, drafts: Sequence[tuple[Draft, Route]], whose: Belonging
) -> list[Application | None]:
    """Return what each draft of one mail continues; no application is continued by two of them."""
    found: list[Application | None] = []
    for draft, way in drafts:
        old = continued(store, campaign, draft, way, whose)
        taken = old is not None and any(one and one.receipt == old.receipt for one in found)
        found.append(None if taken else old)
    return found


def of_its_own(forms: Sequence[Form], whose: Belonging) -> bool:
    """Say whether one of `forms` is of another account than those that the mail answers or names."""
    return any(
        not any(same_account(one.account_key, key_of(form)) or same_name(one, form) for one in whose.foreign)
        for form in forms
    )


def continued(
    store: Store, campaign: Campaign, draft: Draft, way: Route, whose: Belonging
) -> Application | None:
    """Return the application that `draft` is a new version of; None when it is one of its own.

    The surest first: the same account in what the mail answers, of the same submitter, from the same
    address; then a changed identifier in a supplement; then the form that its sender still owed.
    """
    form = draft.form
    if form is None:
        return None
    key = key_of(form)
    named = [one for one in whose.named if one.state is not State.WITHDRAWN]
    same = next((one for one in named if one.account_key == key or same_account(one.account_key, key)), None)
    return (
        same
        or _of_submitter(store, campaign, form, way, key)
        or _of_address(store, way, key, whose)
        or next((one for one in named if _changed(one, form)), None)
        or _owed(form, whose)
    )


def _of_submitter(
    store: Store, campaign: Campaign, form: Form, way: Route, key: str | None
) -> Application | None:
    if key is None:
        return None
    mine = submitter_key(way, submitter_of(way, form.value("organizer"), campaign), "")
    return applications.of_submitter(store.db, mine, *_spellings(key))


def _spellings(key: str) -> tuple[str, ...]:
    """Return `key` and those that name the same account where one of the two states no platform."""
    head, _, name = key.partition(":")
    if head == "account":
        return (key, *(f"{platform}:{name}" for platform in Platform))
    return (key,) if head == "site" else (key, f"account:{name}")


def _of_address(store: Store, way: Route, key: str | None, whose: Belonging) -> Application | None:
    """Return the same account that came from this address before.

    Its 主办单位 may have been missing or written short then. By another channel it would be another
    submitter's, unless the channel is in doubt, or its own sender now says nothing of it.
    """
    same = [
        one
        for one in whose.theirs
        if one.state is not State.WITHDRAWN
        and same_account(one.account_key, key)
        and (_same_way(one, way) or (not way.told and _its_sender(store, one, whose)))
    ]
    return same[-1] if same else None


def _same_way(old: Application, way: Route) -> bool:
    if way.conflict or any(problem.code is Code.CHANNEL_UNCLEAR for problem in old.problems):
        return True
    return old.channel is way.channel and (old.channel is Channel.DIRECT or old.county == way.county)


def _its_sender(store: Store, old: Application, whose: Belonging) -> bool:
    return whose.sender is not None and whose.sender.lower() in applications.senders_of(store.db, old.receipt)


def _changed(old: Application, form: Form) -> bool:
    """Say whether `form`, in a supplement to `old`, is its next version with another identifier.

    It is, if the old identifier was missing, invalid or unsure, or if the name is unchanged.
    """
    shaky = any(problem.field == "identifier" and problem.code in DOUBTFUL for problem in old.problems)
    return shaky or old.account_key is None or same_name(old, form)


def _owed(form: Form, whose: Belonging) -> Application | None:
    """Return the sender's only open application that has no form with an identifier yet."""
    owing = [
        one
        for one in whose.still_open
        if one.account_key is None and (one.fields.name is None or same_name(one, form))
    ]
    return owing[0] if len(owing) == 1 else None


def same_name(old: Application, form: Form) -> bool:
    """Say whether `form` bears the name that `old` is applied for under."""
    name = operator_key(form.value("name"))
    return name is not None and name == operator_key(old.fields.name)
