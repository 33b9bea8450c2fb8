"""Where a command's decisions are made: the store, the campaign, who decides, now."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from intake.decisions import Desk
from shenbao.options import campaign_of, existing_store, now


@contextmanager
def desk_of(data: Path, campaign: str, by: str) -> Iterator[Desk]:
    """Open the store in `data` for decisions by `by`."""
    terms = campaign_of(campaign)
    with existing_store(data) as store:
        yield Desk(store=store, campaign=terms, sender=terms.office.email, by=by, now=now())
