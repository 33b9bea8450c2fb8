"""From the rows of the store to the nouns, and back."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlite_utils import Database

from storage.columns import as_given, moment, named
from storage.model import (
    Application,
    Channel,
    Document,
    DocumentType,
    Fields,
    Kind,
    Platform,
    Problem,
    State,
)

_RECEIPT = re.compile(r"(?P<prefix>[A-Z]+\d{4})-(?P<number>\d{4,})")
GONE = frozenset({State.REJECTED, State.WITHDRAWN})
_PLAIN = (
    "receipt",
    "version",
    "state",
    "kind",
    "platform",
    "channel",
    "county",
    "submitter",
    "submitter_key",
    "account_key",
    "operator_key",
    "operator_code",
    "received_surely",
    "token",
    "decided",
)

Values = Sequence[Any] | dict[str, Any]


@contextmanager
def snapshot(db: Database) -> Iterator[None]:
    """Let several queries see the store as it is at one moment; a writer is not kept waiting."""
    if db.conn.in_transaction:
        yield
        return
    db.conn.execute("BEGIN")
    try:
        yield
    finally:
        db.conn.rollback()


def collected(db: Database, where: str, values: Values) -> list[Application]:
    """Return the applications where `where` holds, in order of receipt: four queries, however many."""
    chosen = f"receipt IN (SELECT receipt FROM applications WHERE {where})"  # noqa: S608 - words of our own
    with snapshot(db):
        rows = named(db, f"SELECT * FROM applications WHERE {where} ORDER BY prefix, number", values)  # noqa: S608 - words of our own
        if not rows:
            return []
        documents = documents_of(db, chosen, values)
        problems = _problems_of(db, chosen, values)
        addresses = _addresses_of(db, chosen, values)
    return [
        replace(
            application_of(row),
            documents=tuple(documents.get(row["receipt"], ())),
            problems=tuple(problems.get(row["receipt"], ())),
            addresses=tuple(addresses.get(row["receipt"], ())),
        )
        for row in rows
    ]


def application_of(row: Mapping[str, Any]) -> Application:
    """Return the application of a row, still without its documents, problems and addresses."""
    return Application(
        receipt=row["receipt"],
        version=row["version"],
        state=State(row["state"]),
        kind=None if row["kind"] is None else Kind(row["kind"]),
        platform=None if row["platform"] is None else Platform(row["platform"]),
        channel=Channel(row["channel"]),
        county=row["county"],
        submitter=row["submitter"],
        fields=msgspec.json.decode(row["fields"], type=Fields),
        received_at=moment(row["received_at"]),
        changed_at=moment(row["changed_at"]),
        received_surely=bool(row["received_surely"]),
        account_key=row["account_key"],
        operator_key=row["operator_key"],
        operator_code=row["operator_code"],
        submitter_key=row["submitter_key"],
        token=row["token"],
        decided=bool(row["decided"]),
        paper_received=None if row["paper_received"] is None else date.fromisoformat(row["paper_received"]),
    )


def documents_of(db: Database, where: str, values: Values) -> dict[str, list[Document]]:
    """Return the documents of each receipt where `where` holds, by version, then as they came."""
    rows = db.execute(
        f"""SELECT receipt, file, type, sha256, version, belongs = 'unsure' FROM holdings
            JOIN documents ON documents.id = document WHERE {where} AND belongs <> 'no'
            ORDER BY receipt, version, document""",  # noqa: S608 - words of our own
        values,
    )
    found: dict[str, list[Document]] = defaultdict(list)
    for receipt, file, kind, sha256, version, unsure in rows:
        document = Document(file=file, type=DocumentType(kind), sha256=sha256, version=version)
        found[receipt].append(replace(document, unassigned=bool(unsure)))
    return found


def _problems_of(db: Database, where: str, values: Values) -> dict[str, list[Problem]]:
    sql = f"SELECT receipt, problem FROM problems WHERE {where} ORDER BY receipt, position"  # noqa: S608 - words of our own
    found: dict[str, list[Problem]] = defaultdict(list)
    for receipt, problem in db.execute(sql, values):
        found[receipt].append(msgspec.json.decode(problem, type=Problem))
    return found


def _addresses_of(db: Database, where: str, values: Values) -> dict[str, list[str]]:
    sql = f"SELECT receipt, address FROM addresses WHERE {where} ORDER BY receipt, address"  # noqa: S608 - words of our own
    found: dict[str, list[str]] = defaultdict(list)
    for receipt, address in db.execute(sql, values):
        found[receipt].append(address)
    return found


def encoded(noun: msgspec.Struct) -> str:
    """Return `noun` as JSON text."""
    return msgspec.json.encode(noun).decode()


def row_of(application: Application) -> dict[str, Any]:
    """Return the columns of `application`; raises ValueError for a receipt that is none."""
    match = _RECEIPT.fullmatch(application.receipt)
    if match is None:
        raise ValueError(f"not a receipt: {application.receipt!r}")
    paper = application.paper_received
    return {name: getattr(application, name) for name in _PLAIN} | {
        "prefix": match["prefix"],
        "number": int(match["number"]),
        "holds_place": holds_place(application),
        "fields": encoded(application.fields),
        "received_at": as_given(application.received_at),
        "received_unix": application.received_at.timestamp(),
        "changed_at": as_given(application.changed_at),
        "paper_received": None if paper is None else paper.isoformat(),
    }


def holds_place(application: Application) -> bool:
    """Say whether it holds a place of the quota: it stands, and its form names an account or site."""
    return application.state not in GONE and application.account_key is not None


def words_of(application: Application) -> list[str | None]:
    """Return the texts by which `application` is searched for."""
    fields = application.fields
    digits = [re.sub(r"\D", "", number or "") for number in (fields.phone, fields.mobile)]
    return [
        application.receipt,
        application.submitter,
        application.county,
        fields.name,
        fields.identifier,
        fields.organizer,
        fields.address,
        fields.contact,
        fields.icp_number,
        fields.phone,
        fields.email,
        *digits,
    ]
