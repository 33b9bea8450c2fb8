"""From facts to a judged application: what counts of its material, where it stands, what the rules say."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from difflib import SequenceMatcher

import msgspec
from msgspec.structs import replace

from intake import rules
from intake.assemble import Draft, merge
from intake.case import Case, Material, Rival, Standing
from intake.channel import Route, submitter_of
from intake.reading import Reader, facts_of
from parsers.documents import FIELDS, Clip, Form, Part, Qualification, Unreadable, Work
from parsers.identifiers import account_key, operator_key
from storage import applications
from storage.applications import Holder
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Application, Channel, Code, Document, Fields, Kind, Noun, Platform, State

JUDGED = frozenset({State.CORRECTING, State.REVIEWING, State.REJECTED, State.ACCEPTED})
ALIKE = 0.8  # of two identifiers: a letter or two mistyped, doubled, left out
TOKEN_BYTES = 12  # 96 random bits; the contract's floor is 60


class Brought(Noun, frozen=True, kw_only=True):
    """What one mail, or staff by hand, brings to one application, and when it came."""

    draft: Draft
    route: Route
    received_at: datetime
    surely: bool = True
    addresses: tuple[str, ...] = ()


def renewed(
    store: Store, reader: Reader, campaign: Campaign, old: Application | None, brought: Brought
) -> Application:
    """Return the application as it stands with what was `brought`: a first version, or the next one."""
    application = _begun(store, campaign, brought) if old is None else _continued(old, brought)
    return judged(store, reader, campaign, application, brought)


def rejudged(store: Store, reader: Reader, campaign: Campaign, application: Application) -> Application:
    """Return `application` judged anew on the facts it has: after staff set a value or reopened it."""
    route = Route(channel=application.channel, county=application.county)
    brought = Brought(
        draft=Draft(), route=route, received_at=application.changed_at, surely=application.received_surely
    )
    return judged(store, reader, campaign, application, brought)


def judged(
    store: Store, reader: Reader, campaign: Campaign, application: Application, brought: Brought
) -> Application:
    """Settle identities, look at the rivals, and let the rules speak."""
    material = effective(
        [
            Material(document=document, facts=facts_of(store, reader, document.sha256, document.file))
            for document in application.documents
        ],
        frozenset(brought.draft.unassigned),
    )
    form = brought.draft.form or _standing_form(material, application.account_key)
    settled = applications.settled(store.db, application.receipt)
    fields = msgspec.structs.replace(_fields(form, application.fields), **settled)
    known = _identified(campaign, replace(application, fields=fields), form, material)
    case = _case(store, known, brought, form, material, frozenset(settled))
    problems = rules.examine(case, campaign)
    state = rules.state_of(problems) if known.state in JUDGED and not known.decided else known.state
    return replace(known, problems=problems, state=state)


def effective(material: Sequence[Material], unassigned: frozenset[str] = frozenset()) -> tuple[Material, ...]:
    """Leave out what a later version replaced.

    A later work text or video replaces the earlier one, a later certificate the earlier one, unless it may
    be another application's (`unassigned`); what could not be read is asked for again by the rule that
    misses it, so only the newest version's counts.
    """
    newest = max((one.document.version for one in material), default=0)
    ours = [one for one in material if one.document.version < newest or one.document.file not in unassigned]
    works = _latest(ours, Work, Clip)
    licences = _latest(ours, Qualification)
    since = {Unreadable: newest, Work: works, Clip: works, Qualification: licences}
    kept = []
    for one in material:
        parts = tuple(part for part in one.facts.parts if one.document.version >= since.get(type(part), 0))
        if parts:
            kept.append(replace(one, facts=replace(one.facts, parts=parts)))
    return tuple(kept)


def _latest(material: Iterable[Material], *kinds: type[Part]) -> int:
    return max(
        (
            one.document.version
            for one in material
            if any(isinstance(part, kinds) for part in one.facts.parts)
        ),
        default=0,
    )


def _begun(store: Store, campaign: Campaign, brought: Brought) -> Application:
    return Application(
        receipt=applications.issue(store.db, campaign.receipt_prefix),
        state=State.REVIEWING,
        received_at=brought.received_at,
        changed_at=brought.received_at,
        received_surely=brought.surely,
        token=secrets.token_urlsafe(TOKEN_BYTES),
        channel=brought.route.channel,
        county=brought.route.county,
        documents=_documents(brought.draft, 1),
        addresses=brought.addresses,
    )


def _continued(old: Application, brought: Brought) -> Application:
    """Return the next version of `old`; a form in it may also tell the channel better than the last did.

    A new version that says nothing of the channel leaves it as it was.
    """
    version = old.version + 1
    routed = brought.draft.form is not None and brought.route.told
    stage_kept = old.state not in JUDGED
    return replace(
        old,
        version=version,
        changed_at=brought.received_at,
        channel=brought.route.channel if routed else old.channel,
        county=brought.route.county if routed else old.county,
        decided=old.decided and stage_kept,
        documents=(*old.documents, *_documents(brought.draft, version)),
        addresses=tuple(dict.fromkeys((*old.addresses, *brought.addresses))),
    )


def _documents(draft: Draft, version: int) -> tuple[Document, ...]:
    return tuple(
        Document(file=file.file, type=file.type, sha256=file.sha256, version=version) for file in draft.files
    )


def _standing_form(material: Sequence[Material], key: str | None) -> Form | None:
    """Return the newest version's form of this account, merged where it came twice."""
    newest = _latest(material, Form)
    forms = [
        part
        for one in material
        if one.document.version == newest
        for part in one.facts.parts
        if isinstance(part, Form)
    ]
    own = [form for form in forms if account_key(form.kind, form.platform, form.value("identifier")) == key]
    return merge(own or forms) if forms else None


def _fields(form: Form | None, otherwise: Fields) -> Fields:
    return Fields(**{key: form.value(key) for key in FIELDS}) if form else otherwise


def _identified(
    campaign: Campaign, application: Application, form: Form | None, material: Sequence[Material]
) -> Application:
    fields = application.fields
    kind = Kind(form.kind) if form and form.kind else application.kind
    platform = Platform(form.platform) if form and form.platform else None if form else application.platform
    route = Route(channel=application.channel, county=application.county)
    submitter = submitter_of(route, fields.organizer, campaign)
    key = account_key(kind, platform, fields.identifier) if fields.identifier else None
    operator = operator_key(fields.organizer)
    sender = application.addresses[0] if application.addresses else application.receipt
    return replace(
        application,
        kind=kind,
        platform=platform,
        submitter=submitter,
        submitter_key=submitter_key(route, submitter, sender),
        account_key=key,
        operator_key=operator,
        operator_code=_code(material, operator),
        addresses=_with(application.addresses, fields.email),
    )


def submitter_key(route: Route, submitter: str | None, sender: str) -> str:
    """Return the identity that quota and versions go by: the county, the unit, or failing both the sender."""
    if route.channel is Channel.COUNTY and route.county:
        return f"county:{route.county}"
    unit = operator_key(submitter)
    return f"unit:{unit}" if unit else f"mail:{sender}"


def _code(material: Sequence[Material], operator: str | None) -> str | None:
    """Return the valid 统一社会信用代码 of the certificate that bears the operator's own name."""
    codes = [
        part.uscc
        for one in material
        for part in one.facts.parts
        if isinstance(part, Qualification)
        and part.uscc_valid
        and operator
        and operator_key(part.name) == operator
    ]
    return codes[0] if codes else None


def _with(addresses: tuple[str, ...], email: str | None) -> tuple[str, ...]:
    if not email or "@" not in email:
        return addresses
    return tuple(dict.fromkeys((*addresses, email.lower())))


def _case(
    store: Store,
    application: Application,
    brought: Brought,
    form: Form | None,
    material: tuple[Material, ...],
    settled: frozenset[str],
) -> Case:
    return Case(
        kind=application.kind,
        platform=application.platform,
        channel=application.channel,
        county=application.county,
        submitter=application.submitter,
        fields=application.fields,
        form=form,
        form_file=brought.draft.form_file or _form_file(material),
        material=material,
        received_at=application.received_at,
        changed_at=application.changed_at,
        surely=application.received_surely and brought.surely,
        standing=_standing(store, application),
        settled=settled,
        unassigned=brought.draft.unassigned,
        channel_conflict=_conflict(application, brought),
        operator_code=application.operator_code,
    )


def _conflict(application: Application, brought: Brought) -> str | None:
    """Return how the evidence of the channel contradicts itself; it stands until a form tells better."""
    if brought.route.conflict or (brought.draft.form is not None and brought.route.told):
        return brought.route.conflict
    open_ = (one.fact for one in application.problems if one.code is Code.CHANNEL_UNCLEAR)
    return next(open_, None)


def _form_file(material: Sequence[Material]) -> str | None:
    holding = (one for one in reversed(material) if any(isinstance(part, Form) for part in one.facts.parts))
    return next((one.document.file for one in holding), None)


def _standing(store: Store, application: Application) -> Standing:
    """Return the rivals of `application`; none without an identifier, since it holds no place then."""
    if application.account_key is None:
        return Standing()
    me = application.receipt
    account = application.kind is Kind.ACCOUNT
    operators = applications.same_operator(store.db, application.operator_key, application.operator_code, me)
    places = applications.on_quota(
        store.db, application.channel, application.county, application.submitter_key, me
    )
    return Standing(
        places=_rivals(places if account else (), application),
        same_account=_rivals(applications.same_account(store.db, application.account_key, me), application),
        same_operator=_rivals(operators if account else (), application),
    )


def _rivals(holders: Iterable[Holder], application: Application) -> tuple[Rival, ...]:
    return tuple(
        Rival(
            receipt=holder.receipt,
            name=holder.name,
            submitter=holder.submitter,
            received_at=holder.received_at,
            later=holder.received_at > application.received_at,
            operator_code=holder.operator_code,
            unsure=holder.unsure or _mistyped(holder, application),
        )
        for holder in holders
    )


def _mistyped(holder: Holder, application: Application) -> bool:
    """Say whether `application` may be `holder` again, its identifier now spelt otherwise.

    Sent as a mail of its own it looks like a second account; only a person can tell.
    """
    if None in (holder.name, holder.account_key, application.account_key):
        return False
    ours, theirs = (key.partition(":") for key in (application.account_key or "", holder.account_key or ""))
    named = operator_key(holder.name) == operator_key(application.fields.name)
    platform = ours[0] == theirs[0] or "account" in (ours[0], theirs[0])
    unit = operator_key(holder.submitter) == operator_key(application.submitter)
    return named and platform and unit and 1 > _alike(ours[2], theirs[2]) >= ALIKE


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
