"""From facts to a judged application: what counts of its material, where it stands, what the rules say."""

import secrets
from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from intake import rules
from intake.assemble import Draft, merge
from intake.case import Case, Material, Standing, Unconfirmed
from intake.channel import Route
from intake.effective import effective, latest
from intake.identified import identified
from intake.identity import key_of
from intake.likeness import with_alike
from intake.readers import Reader
from intake.reading import facts_of
from intake.rivals import doubted, standing_of
from intake.rules.works import attached_pages
from parsers.documents import FIELDS, Form
from parsers.text import paragraphs
from storage import applications, audit, pending
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Application, Code, Document, Fields, Noun, Problem, State

JUDGED = frozenset({State.CORRECTING, State.REVIEWING, State.REJECTED, State.ACCEPTED})
TOKEN_BYTES = 12  # 96 random bits; the contract's floor is 60


class Brought(Noun, frozen=True, kw_only=True):
    """What one mail, or staff by hand, brings to one application, and when it came.

    `in_exchange` says that the mail gives back another application, though not surely which.
    """

    draft: Draft
    route: Route
    received_at: datetime
    surely: bool = True
    addresses: tuple[str, ...] = ()
    in_exchange: bool = False


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
        ]
    )
    form = brought.draft.form or _standing_form(material, application.account_key)
    settled = applications.settled(store.db, application.receipt)
    fields = msgspec.structs.replace(_fields(form, application.fields), **settled)
    known = identified(campaign, replace(application, fields=fields), form, material)
    standing = with_alike(store, campaign, known, standing_of(store, known))
    standing = doubted(standing, known.submitter) if brought.in_exchange else standing
    case = _case(standing, known, brought, form, material, frozenset(settled))
    case = replace(case, unconfirmed=_unconfirmed(store, known))
    problems = rules.examine(case, campaign)
    state = _state(known, problems)
    return replace(known, fields=_with_attached(case), problems=problems, state=state)


def record(
    store: Store, application: Application, *, at: datetime, evidence: str, message: int | None
) -> None:
    """Add to the audit trail what was judged of `application`, and on what evidence its channel rests."""
    problems = [f"{problem.code}: {problem.fact or problem.message}" for problem in application.problems]
    audit.record(
        store.db,
        at=at,
        actor="system",
        event="judged",
        receipt=application.receipt,
        message=message,
        detail={
            "version": application.version,
            "state": application.state,
            "channel": evidence,
            "problems": problems,
        },
    )


def flagged(store: Store, campaign: Campaign, application: Application) -> Application:
    """Return `application` with what waits beside it told, and nothing else of it judged anew."""
    brought = Brought(
        draft=Draft(), route=Route(channel=application.channel), received_at=application.changed_at
    )
    case = _case(Standing(), application, brought, None, (), frozenset())
    told = rules.examine_offers(replace(case, unconfirmed=_unconfirmed(store, application)), campaign)
    others = (one for one in application.problems if one.code is not Code.VERSION_UNCONFIRMED)
    problems = (*others, *told)
    return replace(application, problems=problems, state=_state(application, problems))


def _state(application: Application, problems: Sequence[Problem]) -> State:
    """Return the state by `problems`; what staff decided, and what comes after judging, stands."""
    judged = application.state in JUDGED and not application.decided
    return rules.state_of(problems) if judged else application.state


def _unconfirmed(store: Store, application: Application) -> tuple[Unconfirmed, ...]:
    return tuple(
        Unconfirmed(message=one.message, sender=one.sender, received_at=one.received_at)
        for one in pending.offers(store.db, application.receipt)
        if one.renews
    )


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
        Document(
            file=file.file,
            type=file.type,
            sha256=file.sha256,
            version=version,
            unassigned=file.file in draft.unassigned,
        )
        for file in draft.files
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
        unassigned=_unassigned(application.documents),
        channel_conflict=_conflict(application, brought),
        operator_code=application.operator_code,
    )


def _unassigned(documents: Sequence[Document]) -> tuple[str, ...]:
    """Return the files that may be another application's, until the same came again as surely ours."""
    sure = [one for one in documents if not one.unassigned]
    known = {one.sha256 for one in sure} | {one.file.rpartition("/")[2] for one in sure}
    return tuple(
        one.file
        for one in documents
        if one.unassigned and known.isdisjoint({one.sha256, one.file.rpartition("/")[2]})
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
