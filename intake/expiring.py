"""Cloud links that are about to expire: staff are told in time to fetch the files by hand."""

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


def is_expiring(link: Link, at: datetime, local: tzinfo) -> bool:
    """Say whether `link` can be fetched still, and not much longer."""
    end = cloud.expires_at(link, local)
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
