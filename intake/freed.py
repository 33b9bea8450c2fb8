"""Places of the quota that become free: staff are told who might use them, and nothing else changes."""

from collections.abc import Mapping
from datetime import datetime

from storage import audit, places, tallies
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Application, Channel
from storage.rows import holds_place

Slot = tuple[Channel, str | None]


def tell(
    store: Store,
    campaign: Campaign,
    before: Application | None,
    after: Application,
    *,
    at: datetime,
    actor: str,
) -> None:
    """Record that `after` no longer holds the place, or the account, that it held as `before`."""
    if before is None or not holds_place(before):
        return
    waiting = places.turned_away(store.db, before)
    slot = _slot(before, campaign)
    if slot == _slot(after, campaign) and not _gave_up(before, after, waiting):
        return
    audit.record(
        store.db,
        at=at,
        actor=actor,
        event="place-free",
        receipt=before.receipt,
        detail={**_detail(store, campaign, before, slot), "waiting": waiting},
    )


def _gave_up(before: Application, after: Application, waiting: list[str]) -> bool:
    """Say whether somebody waits for the account that `after` holds no more."""
    return bool(waiting) and (not holds_place(after) or before.account_key != after.account_key)


def _slot(application: Application, campaign: Campaign) -> Slot | None:
    """Return whose quota the application is on; None where it takes no place of one."""
    if not holds_place(application) or application.kind not in campaign.quota.counts:
        return None
    county = application.channel is Channel.COUNTY
    return application.channel, application.county if county else application.submitter_key


def _detail(store: Store, campaign: Campaign, before: Application, slot: Slot | None) -> Mapping[str, object]:
    whose = {"submitter": before.county or before.submitter}
    if slot is None or slot[1] is None:
        return whose
    county = before.channel is Channel.COUNTY
    allowed = campaign.quota.county if county else campaign.quota.direct
    return {**whose, "left": max(0, allowed - tallies.taken(store.db, before.channel, slot[1]))}
