"""Cloud links that are about to expire: staff are told in time to fetch the files by hand."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from intake.mail import cloud
from intake.rules.wording import zone
from parsers.documents import Link, Other
from storage import audit, documents
from storage.campaign import Campaign
from storage.database import Store
from storage.documents import Held

WARNING = timedelta(hours=48)
EVENT = "link-expiring"
_EXPIRES = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日(?: (\d{2}):(\d{2}))?")


def expires_at(link: Link, local: tzinfo) -> datetime | None:
    """Return when `link` ends, a day without an hour at its end; None where it says nothing or never ends."""
    found = _EXPIRES.fullmatch(link.expires)
    if found is None:
        return None
    year, month, day, hour, minute = (int(one) if one else None for one in found.groups())
    try:
        start = datetime(year or 0, month or 0, day or 0, hour or 0, minute or 0, tzinfo=local)
    except ValueError:
        return None
    return start if hour is not None else start + timedelta(days=1)


def is_expiring(link: Link, at: datetime, local: tzinfo) -> bool:
    """Say whether `link` can be fetched still, and not much longer."""
    end = expires_at(link, local)
    return end is not None and end - WARNING <= at < end


def expiring(store: Store, campaign: Campaign, at: datetime) -> Iterator[tuple[Held, Link]]:
    """Yield the links that came in place of files and end within `WARNING`, with whose they are."""
    for held in documents.of_links(store.db):
        facts = cloud.facts_in(store.blobs.read(held.sha256))
        for part in facts.parts if facts else ():
            if isinstance(part, Other) and part.link and is_expiring(part.link, at, zone(campaign)):
                yield held, part.link


def warn(store: Store, campaign: Campaign, at: datetime) -> int:
    """Call staff once for each link that is about to expire; return how many calls that were."""
    told = 0
    for held, link in expiring(store, campaign, at):
        key = f"{held.sha256}:{held.receipt or ''}"
        with store.transaction():
            if audit.told(store.db, EVENT, key):
                continue
            detail = {"key": key, "file": link.name, "expires": link.expires}
            audit.record(
                store.db,
                at=at,
                actor="system",
                event=EVENT,
                receipt=held.receipt,
                message=held.message,
                detail=detail,
            )
            told += 1
    return told
