"""Erasing personal data after the retention time, with proof of what was erased: counts and digests, no content."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from intake import decisions
from intake.decisions import Desk, NoSuchReceipt
from storage import applications, audit, erasure, messages
from storage.erasure import Traces
from storage.model import MailOutcome, Noun

KEPT = ("收件编号", "名称", "主办单位", "类别", "申报途径", "状态", "时间", "问题代码")


class Proof(Noun, frozen=True, kw_only=True):
    """What was erased, by whom and when; `mails` and `blobs` are SHA-256s of originals that are no more.

    `shared` are mails that stay because applications that were not erased came in them too, `waiting` the
    number of quarantined mails that a person has not settled.
    """

    campaign: str
    at: datetime
    by: str
    receipts: tuple[str, ...]
    documents: int
    letters: int
    mails: tuple[str, ...]
    blobs: tuple[str, ...]
    shared: tuple[int, ...]
    waiting: int
    kept: tuple[str, ...] = KEPT


def of_receipts(desk: Desk, receipts: tuple[str, ...]) -> Traces:
    """Return what there is to erase of these applications; raises NoSuchReceipt."""
    found = [decisions.found(desk, one).receipt for one in receipts]
    return erasure.traces(desk.store.db, found, ())


def before(desk: Desk, moment: datetime) -> Traces:
    """Return what there is to erase of all applications that last changed before then, and of all mails of that time."""
    db = desk.store.db
    old = [one.receipt for one in applications.every(db) if one.changed_at < moment]
    return erasure.traces(db, old, erasure.settled_before(db, moment))


def proof_of(desk: Desk, found: Traces) -> Proof:
    """Return the proof that erasing `found` now leaves behind."""
    db = desk.store.db
    mails = (messages.get(db, one) for one in found.mails)
    waiting = messages.quarantined(db)
    return Proof(
        campaign=desk.campaign.name,
        at=desk.now,
        by=desk.by,
        receipts=found.receipts,
        documents=len(found.documents),
        letters=len(found.letters),
        mails=tuple(one.sha256 for one in mails if one is not None),
        blobs=found.blobs,
        shared=found.shared,
        waiting=sum(one.outcome is MailOutcome.QUARANTINED for one in waiting),
    )


def erase(desk: Desk, find: Callable[[], Traces], keep: Callable[[bytes], str]) -> Proof:
    """Erase what `find` returns under the lock, and return its proof; `keep` writes the proof and returns its digest.

    The proof is on the disk before anything is gone for good; the files go before the rows that tell of them,
    so a broken run can be run again.
    """
    with desk.store.transaction() as db:
        found = find()
        proof = proof_of(desk, found)
        digest = keep(msgspec.json.format(msgspec.json.encode(proof)))
        erasure.erase(db, found, desk.now)
        counts = {"documents": proof.documents, "letters": proof.letters, "mails": len(proof.mails)}
        for receipt in found.receipts:
            decisions.note(desk, receipt, "erased", {"proof": digest})
        detail = {**counts, "applications": len(proof.receipts), "blobs": len(proof.blobs), "proof": digest}
        audit.record(db, at=desk.now, actor=desk.by, event="erased", detail=detail)
        for sha256 in found.blobs:
            desk.store.blobs.remove(sha256)
    erasure.compact(desk.store.db)
    return proof


__all__ = ["NoSuchReceipt", "Proof", "before", "erase", "of_receipts", "proof_of"]
