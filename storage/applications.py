"""The applications as they stand, with every version that came and what was judged of it."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlite_utils import Database

from storage import holdings as belonging
from storage import search
from storage.columns import named, storable, utc
from storage.model import Application, Document, Fields, Noun, State
from storage.places import Holder, on_quota, same_account, same_operator
from storage.rows import GONE, Values, collected, documents_of, encoded, row_of, snapshot, words_of

__all__ = [
    "Holder",
    "Version",
    "add_addresses",
    "by_address",
    "by_letter",
    "by_message",
    "by_token",
    "count",
    "every",
    "get",
    "holdings",
    "issue",
    "mark_paper",
    "normal",
    "of_receipts",
    "of_submitter",
    "on_quota",
    "page",
    "same_account",
    "same_operator",
    "save",
    "senders_of",
    "set_state",
    "settle",
    "settled",
    "stream",
    "versions_of",
]


class Version(Noun, frozen=True, kw_only=True):
    """What one version's form said, when it came, and in which message (None: entered by staff)."""

    version: int
    message: int | None
    at: datetime
    fields: Fields


def issue(db: Database, prefix: str) -> str:
    """Return the next receipt under `prefix`, e.g. WM2022-0001; a rolled back one is given again."""
    (last,) = db.execute(
        """INSERT INTO receipts (prefix, last) VALUES (?, 1)
           ON CONFLICT (prefix) DO UPDATE SET last = last + 1 RETURNING last""",
        (prefix,),
    ).fetchone()
    return f"{prefix}-{last:04d}"


def normal(receipt: str) -> str:
    """Return `receipt` as we write it, from however a person typed it (`ｗｍ2022－0001`)."""
    return re.sub(r"[-‐‑‒–—―−－]", "-", unicodedata.normalize("NFKC", receipt).strip()).upper()


def save(
    db: Database,
    application: Application,
    *,
    message: int | None,
    documents: Sequence[int],
    at: datetime | None = None,
) -> None:
    """Keep the application as it stands now; `message`, or staff `at` that time, brought `documents` with it."""
    _put(db, row_of(application))
    db.execute(
        """INSERT INTO versions (receipt, version, message, at, fields) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (receipt, version) DO NOTHING""",
        (
            application.receipt,
            application.version,
            message,
            utc(at or application.changed_at),
            encoded(application.fields),
        ),
    )
    belonging.add(db, application.receipt, documents, application.version)
    _put_problems(db, application)
    add_addresses(db, application.receipt, application.addresses)
    search.index(db, application.receipt, words_of(application))


def get(db: Database, receipt: str) -> Application | None:
    """Return the application of this receipt, in whatever width and case it was typed."""
    return next(iter(collected(db, "receipt = ?", (normal(receipt),))), None)


def every(db: Database, *, state: State | None = None, county: str | None = None) -> Iterator[Application]:
    """Yield the applications in order of their receipts, as they all stood at one moment."""
    where, values = _chosen(state, county)
    return iter(collected(db, where, values))


def stream(
    db: Database, only: Mapping[str, object] | None = None, *, troubled: bool = False, at_once: int = 500
) -> Iterator[Application]:
    """Yield all applications in order of their receipts, few in memory at a time.

    `only` are values of columns, such as `kind`; `troubled` leaves out those without problems. Each lot
    is of its own moment; a `snapshot` around it makes all of one.
    """
    chosen = "".join(f" AND {column} IS ?" for column in only or {})
    if troubled:
        chosen += " AND EXISTS (SELECT 1 FROM problems WHERE problems.receipt = applications.receipt)"
    where = f"""receipt IN (SELECT receipt FROM applications WHERE (prefix, number) > (?, ?){chosen}
                            ORDER BY prefix, number LIMIT ?)"""  # noqa: S608 - words of our own
    after: tuple[str, int] = ("", 0)
    while lot := collected(db, where, (*after, *(only or {}).values(), at_once)):
        yield from lot
        last = row_of(lot[-1])
        after = (last["prefix"], last["number"])


def page(
    db: Database, limit: int, offset: int = 0, *, state: State | None = None, county: str | None = None
) -> list[Application]:
    """Return up to `limit` applications after the first `offset`, in order of their receipts."""
    where, values = _chosen(state, county)
    sql = f"SELECT receipt FROM applications WHERE {where} ORDER BY prefix, number LIMIT ? OFFSET ?"  # noqa: S608 - words of our own
    with snapshot(db):
        rows = db.execute(sql, (*values, limit, offset))
        return of_receipts(db, [row[0] for row in rows])


def _chosen(state: State | None, county: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the condition for what is asked for, and its values; the indexes are on these very words."""
    asked = {"state": state, "ifnull(county, '')": county}
    chosen = {column: value for column, value in asked.items() if value is not None}
    return " AND ".join(f"{column} = ?" for column in chosen) or "1", tuple(chosen.values())


def of_receipts(db: Database, receipts: Sequence[str]) -> list[Application]:
    """Return the applications of these receipts, in this order."""
    if not receipts:
        return []
    marks = ", ".join("?" for _ in receipts)
    found = {one.receipt: one for one in collected(db, f"receipt IN ({marks})", tuple(receipts))}
    return [found[receipt] for receipt in receipts if receipt in found]


def count(db: Database) -> int:
    return int(db.execute("SELECT count(*) FROM applications").fetchone()[0])


def versions_of(db: Database, receipt: str) -> list[Version]:
    """Return the versions of the application, the first one first."""
    rows = named(db, "SELECT * FROM versions WHERE receipt = ? ORDER BY version", (normal(receipt),))
    return [
        Version(
            version=row["version"],
            message=row["message"],
            at=datetime.fromisoformat(row["at"]),
            fields=msgspec.json.decode(row["fields"], type=Fields),
        )
        for row in rows
    ]


def holdings(db: Database, receipt: str) -> list[Document]:
    """Return every document of the application with the version that brought it, oldest first."""
    return list(documents_of(db, "receipt = ?", (normal(receipt),)).get(normal(receipt), ()))


def by_message(db: Database, message: int) -> list[str]:
    """Return the receipts of the applications that this message brought or added to."""
    return _receipts(
        db,
        """receipt IN (SELECT receipt FROM versions WHERE message = :message UNION
                       SELECT receipt FROM holdings JOIN documents ON documents.id = document
                       WHERE message = :message)""",
        {"message": message},
    )


def by_address(db: Database, address: str) -> list[str]:
    """Return the receipts of the applications that this address may supplement."""
    where = "receipt IN (SELECT receipt FROM addresses WHERE address = ?)"
    return _receipts(db, where, (_address(address),))


def senders_of(db: Database, receipt: str) -> list[str]:
    """Return the addresses that the application was sent from, the latest first."""
    rows = db.execute(
        """SELECT sender FROM versions JOIN messages ON messages.id = versions.message
           WHERE receipt = ? AND sender IS NOT NULL ORDER BY version DESC""",
        (normal(receipt),),
    )
    return list(dict.fromkeys(_address(row[0]) for row in rows))


def by_token(db: Database, token: str) -> Application | None:
    return next(iter(collected(db, "token = ?", (token,))), None)


def by_letter(db: Database, our_message_id: str) -> list[str]:
    """Return the receipts that our letter with this Message-ID was about."""
    where = """receipt IN (SELECT value FROM outbox, json_each(outbox.receipts)
                           WHERE outbox.message_id = ?)"""
    return _receipts(db, where, (our_message_id,))


def of_submitter(db: Database, submitter_key: str | None, account_key: str | None) -> Application | None:
    """Return the newest application of this submitter for this account that was not withdrawn."""
    where = """receipt = (SELECT receipt FROM applications WHERE submitter_key = ? AND account_key = ?
                          AND state <> 'withdrawn' ORDER BY prefix DESC, number DESC LIMIT 1)"""
    return next(iter(collected(db, where, (submitter_key, account_key))), None)


def add_addresses(db: Database, receipt: str, addresses: Sequence[str]) -> None:
    """Let mail from `addresses` too supplement the application."""
    for address in addresses:
        db.execute(
            "INSERT INTO addresses (receipt, address) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (receipt, _address(address)),
        )


def settle(db: Database, receipt: str, field: str, value: str | None, actor: str, at: datetime) -> None:
    """Let `value`, set by a person, stand for `field` whatever a form says."""
    db.execute(
        """INSERT INTO settled (receipt, field, value, actor, at) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (receipt, field) DO UPDATE
           SET value = excluded.value, actor = excluded.actor, at = excluded.at""",
        (receipt, field, value, actor, utc(at)),
    )


def settled(db: Database, receipt: str) -> dict[str, str | None]:
    """Return the values that staff set by hand, by field."""
    rows = db.execute("SELECT field, value FROM settled WHERE receipt = ? ORDER BY field", (normal(receipt),))
    return {str(field): value for field, value in rows}


def mark_paper(db: Database, receipt: str, day: date | None) -> bool:
    """Note the day the paper came (None takes it back); say whether there is such an application."""
    done = db.execute(
        "UPDATE applications SET paper_received = ? WHERE receipt = ?",
        (None if day is None else day.isoformat(), normal(receipt)),
    )
    return done.rowcount == 1


def set_state(db: Database, receipt: str, state: State, *, decided: bool = True) -> bool:
    """Set the state, and with it whether a place is held; say whether there is such an application."""
    done = db.execute(
        """UPDATE applications SET state = :state, decided = :decided,
               holds_place = (account_key IS NOT NULL AND :standing)
           WHERE receipt = :receipt""",
        {
            "state": state,
            "decided": decided,
            "standing": state not in GONE,
            "receipt": normal(receipt),
        },
    )
    return done.rowcount == 1


def _put(db: Database, row: dict[str, Any]) -> None:
    changes = ", ".join(f"{column} = excluded.{column}" for column in row if column != "receipt")
    db.execute(
        f"""INSERT INTO applications ({", ".join(row)}) VALUES ({", ".join(f":{column}" for column in row)})
            ON CONFLICT (receipt) DO UPDATE SET {changes}""",  # noqa: S608 - words of our own
        row,
    )


def _put_problems(db: Database, application: Application) -> None:
    db.execute("DELETE FROM problems WHERE receipt = ?", (application.receipt,))
    for position, problem in enumerate(application.problems):
        db.execute(
            "INSERT INTO problems (receipt, position, code, outcome, problem) VALUES (?, ?, ?, ?, ?)",
            (application.receipt, position, problem.code, problem.outcome, encoded(problem)),
        )


def _receipts(db: Database, where: str, values: Values) -> list[str]:
    rows = db.execute(f"SELECT receipt FROM applications WHERE {where} ORDER BY prefix, number", values)  # noqa: S608 - words of our own
    return [str(row[0]) for row in rows]


def _address(address: str) -> str:
    return storable(address).strip().lower()
