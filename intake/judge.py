"""From facts to a judged application: what counts of its material, where it stands, what the rules say."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from intake import rules
from intake.assemble import Draft, merge
from intake.case import Case, Material, Standing
from intake.channel import Route, submitter_of
from intake.effective import effective, latest
from intake.identity import account_key, key_of
from intake.likeness import with_alike
from intake.reading import Reader, facts_of
from intake.rivals import standing_of
from intake.rules.works import attached_pages
from parsers.documents import FIELDS, Form, Qualification
from parsers.identifiers import operator_key, valid_email
from parsers.text import paragraphs
from storage import applications
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Application, Channel, Code, Document, Fields, Kind, Noun, Platform, State

JUDGED = frozenset({State.CORRECTING, State.REVIEWING, State.REJECTED, State.ACCEPTED})
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
    read = {file.sha256: file.facts for file in brought.draft.files}
    material = effective(
        [
            Material(document=one, facts=read.get(one.sha256) or facts_of(store, reader, one))
            for one in application.documents
        ],
        frozenset(brought.draft.unassigned),
    )
    form = brought.draft.form or _standing_form(material, application.account_key)
    settled = applications.settled(store.db, application.receipt)
    fields = msgspec.structs.replace(_fields(form, application.fields), **settled)
    known = _identified(campaign, replace(application, fields=fields), form, material)
    standing = with_alike(store, campaign, known, standing_of(store, known))
    case = _case(standing, known, brought, form, material, frozenset(settled))
    problems = rules.examine(case, campaign)
    state = rules.state_of(problems) if known.state in JUDGED and not known.decided else known.state
    return replace(known, fields=_with_attached(case), problems=problems, state=state)


def _with_attached(case: Case) -> Fields:
    """Return the fields with the attached page as the summary where its cell only refers to one."""
    pages = attached_pages(case)
    text = paragraphs(pages[0].text) if pages and case.fields.summary is None else None
    return replace(case.fields, summary=text) if text else case.fields


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

    A new version that says nothing of the channel leaves it as it was. What staff decided stands, but a
    new form is judged anew after they had accepted an earlier one.
    """
    version = old.version + 1
    routed = brought.draft.form is not None and brought.route.told
    standing = old.state is not State.ACCEPTED or brought.draft.form is None
    return replace(
        old,
        version=version,
        changed_at=brought.received_at,
        channel=brought.route.channel if routed else old.channel,
        county=brought.route.county if routed else old.county,
        decided=old.decided and standing,
        documents=(*old.documents, *_documents(brought.draft, version)),
        addresses=tuple(dict.fromkeys((*old.addresses, *brought.addresses))),
    )


def _documents(draft: Draft, version: int) -> tuple[Document, ...]:
    return tuple(
        Document(file=file.file, type=file.type, sha256=file.sha256, version=version) for file in draft.files
    )


def _standing_form(material: Sequence[Material], key: str | None) -> Form | None:
    """Return the newest version's form of this account, merged where it came twice."""
    newest = latest(material, Form)
    forms = [
        part
        for one in material
        if one.document.version == newest
        for part in one.facts.parts
        if isinstance(part, Form)
    ]
    own = [form for form in forms if key_of(form) == key]
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
    """Return the addresses and those of the form's cell, which may hold several."""
    written = [one.strip().lower() for one in re.split(r"[、,;|\s/]+", email or "") if one]
    return tuple(dict.fromkeys((*addresses, *(one for one in written if valid_email(one)))))


def _case(
    standing: Standing,
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
        standing=standing,
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
