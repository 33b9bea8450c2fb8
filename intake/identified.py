"""Who applies with what: the identities that quota, versions and duplicates go by."""

import re
from collections.abc import Sequence

from msgspec.structs import replace

from intake.case import Material
from intake.channel import Route, submitter_of
from intake.identity import account_key
from parsers.documents import Form, Qualification
from parsers.identifiers import operator_key, valid_email
from storage.campaign import Campaign
from storage.model import Application, Channel, Kind, Platform


def identified(
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
