"""The shapes of `--json`, as `contract.schema.json` fixes them."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from intake.changes import Change
from intake.handling import Taken
from parsers.documents import Clip, Facts, Form, Honour, Picture, Qualification, Work, type_of
from storage.model import Application, Document, Event, Fields, Letter, Message, Problem
from storage.pending import Offer

CHINA = ZoneInfo("Asia/Shanghai")

Json = dict[str, Any]


def line(value: Json) -> str:
    """Return `value` as one line of JSON, Chinese left readable."""
    return json.dumps(value, ensure_ascii=False)


def moment(at: datetime) -> str:
    return at.astimezone(CHINA).isoformat(timespec="seconds")


def problem(one: Problem) -> Json:
    known = {"code": one.code, "field": one.field, "file": one.file, "message": one.message}
    more = {"outcome": one.outcome, "clause": one.clause, "fact": one.fact, "where": one.where}
    return {key: value for key, value in (known | more).items() if value not in (None, "")}


def application(one: Application) -> Json:
    return {
        "receipt": one.receipt,
        "version": one.version,
        "state": one.state,
        "kind": one.kind,
        "platform": one.platform,
        "channel": one.channel,
        "county": one.county,
        "submitter": one.submitter,
        "fields": fields(one.fields),
        "documents": [document(each) for each in one.documents],
        "problems": [problem(each) for each in one.problems],
        "received_at": moment(one.received_at),
        "changed_at": moment(one.changed_at),
        "paper_received": one.paper_received.isoformat() if one.paper_received else None,
    }


def fields(one: Fields) -> Json:
    return msgspec.structs.asdict(one)


def document(one: Document) -> Json:
    return {"file": one.file, "type": one.type, "sha256": one.sha256, "version": one.version}


def taken(one: Taken, path: str, message_id: str | None, sender: str | None) -> Json:
    letter = one.letter
    return {
        "path": path,
        "message_id": message_id,
        "received_at": moment(one.message.received_at),
        "sender": sender,
        "outcome": one.outcome,
        "applications": [application(each) for each in one.applications],
        "replies": [{"kind": letter.kind, "to": list(letter.to), "subject": letter.subject}]
        if letter
        else [],
        **({"reason": one.reason} if one.reason else {}),
    }


def quarantined(one: Message) -> Json:
    return {
        "id": one.id,
        "message_id": one.message_id,
        "received_at": moment(one.received_at),
        "origin": one.origin,
        "sender": one.sender,
        "subject": one.subject,
        "size": one.size,
        "sha256": one.sha256,
        "outcome": one.outcome,
        "reason": one.reason,
    }


def letter(one: Letter) -> Json:
    return {
        "id": one.id,
        "message_id": one.message_id,
        "in_reply_to": one.in_reply_to,
        "kind": one.kind,
        "to": list(one.to),
        "subject": one.subject,
        "body": one.body,
        "state": one.state,
        "receipts": list(one.receipts),
        **({"error": one.error} if one.error else {}),
    }


def event(one: Event) -> Json:
    return {"at": moment(one.at), "actor": one.actor, "event": one.event, "detail": one.detail}


def shown(
    one: Application, history: Iterable[Event], changed: Iterable[Change], waiting: Iterable[Offer]
) -> Json:
    return application(one) | {
        "history": [event(each) for each in history],
        "changes": [change(each) for each in changed],
        "pending": [offer(each) for each in waiting],
    }


def change(one: Change) -> Json:
    fields = {key: {"from": before, "to": after} for key, (before, after) in one.fields.items()}
    return {"version": one.version, "at": moment(one.at), "mail": one.message, "fields": fields}


def offer(one: Offer) -> Json:
    return {
        "mail": one.message,
        "sender": one.sender,
        "subject": one.subject,
        "received_at": moment(one.received_at),
        "new_version": one.renews,
    }


def parsed(path: str, facts: Facts, problems: Iterable[Problem]) -> Json:
    """Return what one file holds: its first form, qualification, work and video, and all that it contains."""
    first = {type_of(part): part for part in reversed(facts.parts)}
    work = first.get("work")
    pictures = sum(isinstance(part, Picture) for part in facts.parts)
    kinds = [type_of(part) for part in facts.parts]
    papers = [qualification(part) for part in facts.parts if isinstance(part, Qualification)]
    honours = [msgspec.structs.asdict(part) for part in facts.parts if isinstance(part, Honour)]
    return {
        "path": path,
        "type": facts.type,
        "reader": facts.reader,
        "form": form(part) if isinstance(part := first.get("form"), Form) else None,
        "qualification": papers[0] if papers else None,
        "pictures": work.pictures if isinstance(work, Work) else (pictures or None),
        "words": work.words if isinstance(work, Work) else None,
        "video": clip(part) if isinstance(part := first.get("video"), Clip) else None,
        "contains": list(dict.fromkeys(kinds)),
        **({"qualifications": papers} if len(papers) > 1 else {}),
        **({"honours": honours} if honours else {}),
        "problems": [problem(each) for each in problems],
    }


def form(one: Form) -> Json:
    values = {key: reading.value for key, reading in one.readings.items()}
    unsure = {key: round(r.confidence, 3) for key, r in one.readings.items() if r.confidence < 1}
    return {
        **values,
        "kind": one.kind,
        "platform": one.platform,
        "seals": {
            "recommendation": one.seals.recommendation,
            "county_opinion": one.seals.county_opinion,
            "city_opinion": one.seals.city_opinion,
        },
        **({"confidence": unsure} if unsure else {}),
    }


def qualification(one: Qualification) -> Json:
    more = {
        "organisation_code": one.organisation_code,
        "valid_from": one.valid_from,
        "valid_until": one.valid_until,
        "from_qr_code": list(one.coded),
    }
    return {
        "name": one.name,
        "uscc": one.uscc,
        "document": one.document,
        "recognised": one.recognised,
        "confidence": round(one.confidence, 3),
        **{key: value for key, value in more.items() if value},
    }


def clip(one: Clip) -> Json:
    return {
        "container": one.container,
        "codec": one.codec,
        "duration_s": one.duration_s,
        "width": one.width,
        "height": one.height,
    }
