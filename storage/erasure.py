"""Personal data taken out for good: of applications, their mails, documents, letters and traces in the trail.

What stays of an application: its receipt, name, organizer, kind, route, state and days. Of a mail stays the row
with its digest, so that the same mail is never taken in anew.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlite_utils import Database

from storage import search
from storage.columns import utc
from storage.model import Fields, Noun, State

GONE = "（已删除）"
# What a line of the trail may keep: codes, numbers and days of our own.
PLAIN = frozenset(
    {"version", "state", "kind", "subject", "letter", "letters", "day", "field", "outcome", "permanent"}
)

STATES = frozenset(State)


class Traces(Noun, frozen=True, kw_only=True):
    """What is to be erased, by the keys of the store; `shared` are mails that stay, for others need them too."""

    receipts: tuple[str, ...]
    mails: tuple[int, ...]
    documents: tuple[int, ...]
    letters: tuple[int, ...]
    blobs: tuple[str, ...]
    shared: tuple[int, ...] = ()


def erased(db: Database) -> set[int]:
    """Return the mails whose content was erased."""
    return {int(row[0]) for row in db.execute("SELECT id FROM messages WHERE erased_at IS NOT NULL")}


def settled_before(db: Database, before: datetime) -> list[int]:
    """Return the mails received before then that wait for nobody, and were not erased yet."""
    rows = db.execute(
        """SELECT id FROM messages WHERE received_unix < ? AND erased_at IS NULL AND outcome IS NOT NULL
           AND (outcome <> 'quarantined' OR put_aside IS NOT NULL) ORDER BY id""",
        (before.timestamp(),),
    )
    return [int(row[0]) for row in rows]


def traces(db: Database, receipts: Iterable[str], mails: Iterable[int]) -> Traces:
    """Return everything that belongs to these applications, and to these mails where nobody else needs them."""
    gone = tuple(receipts)
    theirs = {*mails, *_mails_of(db, gone)}
    others = {int(row[0]) for row in db.execute(_MAILS_BUT, {"gone": _json(gone)})}
    own = tuple(sorted(theirs - others))
    values = {"gone": _json(gone), "mails": _json(own)}
    documents = tuple(int(row[0]) for row in db.execute(_DOCUMENTS, values))
    values["documents"] = _json(documents)
    return Traces(
        receipts=gone,
        mails=own,
        documents=documents,
        letters=tuple(int(row[0]) for row in db.execute(_LETTERS, values)),
        blobs=tuple(str(row[0]) for row in db.execute(_BLOBS, values)),
        shared=tuple(sorted(theirs & others)),
    )


def erase(db: Database, found: Traces, at: datetime) -> None:
    """Take the personal data of `found` out of every table; the caller holds the transaction."""
    said = _said(db, found)
    values = {
        name: _json(getattr(found, name)) for name in ("receipts", "mails", "documents", "letters", "blobs")
    }
    values |= {"at": utc(at), "gone": GONE}
    for statement in _STATEMENTS:
        db.execute(statement, values)
    for receipt in found.receipts:
        _strip(db, receipt)
    _strip_trail(db, found, said)
    db.execute("INSERT INTO search (search) VALUES ('rebuild')")


def compact(db: Database) -> None:
    """Write the file anew, so that nothing of what was deleted lies in its free pages or its WAL."""
    db.conn.execute("VACUUM")
    db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _mails_of(db: Database, gone: tuple[str, ...]) -> set[int]:
    """Return the mails that brought, asked about or spoke for these applications, or came from their addresses."""
    rows = db.execute(
        """WITH gone AS (SELECT value AS receipt FROM json_each(:gone)), mails AS (
             SELECT message FROM versions JOIN gone USING (receipt)
             UNION SELECT message FROM holdings JOIN gone USING (receipt)
                   JOIN documents ON documents.id = document
             UNION SELECT message FROM pending JOIN gone USING (receipt)
             UNION SELECT message FROM audit JOIN gone USING (receipt)
             UNION SELECT messages.id FROM messages JOIN addresses ON address = lower(sender)
                   JOIN gone USING (receipt)
                   WHERE address NOT IN (SELECT address FROM addresses
                                         WHERE receipt NOT IN (SELECT receipt FROM gone)))
           SELECT message FROM mails WHERE message IS NOT NULL
           UNION SELECT id FROM messages WHERE outcome = 'duplicate' AND message_id IN
             (SELECT message_id FROM messages JOIN mails ON mails.message = messages.id)""",
        {"gone": _json(gone)},
    )
    waiting = {int(row[0]) for row in db.execute("SELECT id FROM messages WHERE outcome IS NULL")}
    return {int(row[0]) for row in rows} - waiting


# The mails that applications which stay were brought, or are spoken for, by.
_MAILS_BUT = """
    WITH others AS (SELECT receipt FROM applications
                    WHERE receipt NOT IN (SELECT value FROM json_each(:gone)))
    SELECT message FROM versions JOIN others USING (receipt) WHERE message IS NOT NULL
    UNION SELECT message FROM holdings JOIN others USING (receipt)
          JOIN documents ON documents.id = document WHERE message IS NOT NULL
    UNION SELECT message FROM pending JOIN others USING (receipt) WHERE settled_at IS NULL"""
_DOCUMENTS = """
    SELECT id FROM documents
    WHERE (message IN (SELECT value FROM json_each(:mails))
           OR id IN (SELECT document FROM holdings WHERE receipt IN (SELECT value FROM json_each(:gone))))
    AND id NOT IN (SELECT document FROM holdings
                   WHERE receipt NOT IN (SELECT value FROM json_each(:gone)))"""
_LETTERS = """
    SELECT id FROM outbox
    WHERE id IN (SELECT letter FROM letters_about WHERE receipt IN (SELECT value FROM json_each(:gone)))
    OR cause IN (SELECT sha256 FROM messages WHERE id IN (SELECT value FROM json_each(:mails)))"""
_BLOBS = """
    WITH own AS (SELECT sha256 FROM messages WHERE id IN (SELECT value FROM json_each(:mails))
                 UNION SELECT sha256 FROM documents WHERE id IN (SELECT value FROM json_each(:documents)))
    SELECT sha256 FROM own
    WHERE sha256 NOT IN (SELECT sha256 FROM messages
                         WHERE id NOT IN (SELECT value FROM json_each(:mails)) AND erased_at IS NULL)
    AND sha256 NOT IN (SELECT sha256 FROM documents
                       WHERE id NOT IN (SELECT value FROM json_each(:documents)))
    ORDER BY sha256"""
_STATEMENTS = (
    "DELETE FROM holdings WHERE document IN (SELECT value FROM json_each(:documents))",
    "DELETE FROM holdings WHERE receipt IN (SELECT value FROM json_each(:receipts))",
    "DELETE FROM documents WHERE id IN (SELECT value FROM json_each(:documents))",
    "DELETE FROM facts WHERE sha256 IN (SELECT value FROM json_each(:blobs))",
    "DELETE FROM addresses WHERE receipt IN (SELECT value FROM json_each(:receipts))",
    "DELETE FROM bindings WHERE receipt IN (SELECT value FROM json_each(:receipts))",
    """DELETE FROM listeners WHERE digest IS NULL
           AND NOT EXISTS (SELECT 1 FROM bindings WHERE bindings.chat = listeners.chat)""",
    "DELETE FROM settled WHERE receipt IN (SELECT value FROM json_each(:receipts))",
    "DELETE FROM likenesses WHERE receipt IN (SELECT value FROM json_each(:receipts))",
    "DELETE FROM pending WHERE receipt IN (SELECT value FROM json_each(:receipts))",
    """UPDATE problems SET problem = json_object('code', code, 'outcome', outcome, 'message', :gone,
           'field', problem ->> 'field') WHERE receipt IN (SELECT value FROM json_each(:receipts))""",
    """UPDATE applications SET account_key = NULL, operator_code = NULL, decided = 1,
           token = lower(hex(randomblob(16))) WHERE receipt IN (SELECT value FROM json_each(:receipts))""",
    """UPDATE messages SET origin = :gone, sender = NULL, subject = NULL, message_id = NULL, reason = NULL,
           attachments_digest = NULL, erased_at = :at WHERE id IN (SELECT value FROM json_each(:mails))""",
    "UPDATE arrivals SET origin = :gone WHERE message IN (SELECT value FROM json_each(:mails))",
    """UPDATE outbox SET body = :gone, addressees = '[]', in_reply_to = NULL, refs = '[]',
           error = iif(state = 'sent', NULL, :gone), state = iif(state = 'sent', 'sent', 'failed')
       WHERE id IN (SELECT value FROM json_each(:letters))""",
)


def _said(db: Database, found: Traces) -> list[str]:
    """Return what may stand of these people elsewhere in the trail: numbers, addresses, names of contacts."""
    rows = db.execute(
        """SELECT fields ->> 'phone', fields ->> 'mobile', fields ->> 'email' FROM applications
           WHERE receipt IN (SELECT value FROM json_each(?))""",
        (_json(found.receipts),),
    )
    senders = db.execute(
        """SELECT sender FROM messages WHERE id IN (SELECT value FROM json_each(?)) UNION
           SELECT address FROM addresses WHERE receipt IN (SELECT value FROM json_each(?))""",
        (_json(found.mails), _json(found.receipts)),
    )
    return sorted({text for row in (*rows, *senders) for text in row if text and len(text) > 5})


def _strip(db: Database, receipt: str) -> None:
    """Leave of the application's form, and of its earlier versions', what stays public."""
    table = "SELECT rowid, fields FROM applications WHERE receipt = ?"
    for row, fields in list(db.execute(table, (receipt,))):
        kept = _public(fields)
        db.execute("UPDATE applications SET fields = ? WHERE rowid = ?", (_encoded(kept), row))
        search.index(db, receipt, [receipt, kept.name, kept.organizer])
    for version, fields in list(
        db.execute("SELECT version, fields FROM versions WHERE receipt = ?", (receipt,))
    ):
        change = "UPDATE versions SET fields = ? WHERE receipt = ? AND version = ?"
        db.execute(change, (_encoded(_public(fields)), receipt, version))


def _public(fields: str) -> Fields:
    whole = msgspec.json.decode(fields, type=Fields)
    return Fields(name=whole.name, organizer=whole.organizer, category=whole.category)


def _strip_trail(db: Database, found: Traces, said: list[str]) -> None:
    """Take out of the trail what its lines told of these people; who did what and when stays."""
    rows = db.execute(
        """SELECT id, event, detail FROM audit WHERE detail ->> '$.erased' IS NULL AND (
             receipt IN (SELECT value FROM json_each(:receipts))
             OR message IN (SELECT value FROM json_each(:mails))
             OR detail ->> '$.letter' IN (SELECT value FROM json_each(:letters))
             OR EXISTS (SELECT 1 FROM json_each(:said) WHERE instr(lower(detail), lower(value))))""",
        {
            "receipts": _json(found.receipts),
            "mails": _json(found.mails),
            "letters": _json(found.letters),
            "said": _json(said),
        },
    )
    for number, event, detail in list(rows):
        if event == "erased":
            continue
        kept = {key: _harmless(key, value) for key, value in msgspec.json.decode(detail).items()}
        text = msgspec.json.encode({**kept, "erased": True}).decode()
        db.execute("UPDATE audit SET detail = ? WHERE id = ?", (text, number))


def _harmless(key: str, value: object) -> object:
    """Return a value of a line's detail where it is a code of ours, else the word that it was erased."""
    if (
        key in PLAIN
        or value is None
        or isinstance(value, int)
        or (isinstance(value, str) and value in STATES)
    ):
        return value
    if key == "problems" and isinstance(value, list):
        return [f"{str(one).partition(':')[0]}: {GONE}" for one in value]
    return [] if isinstance(value, list) else GONE


def _json(values: Iterable[Any]) -> str:
    return msgspec.json.encode(list(values)).decode()


def _encoded(fields: Fields) -> str:
    return msgspec.json.encode(fields).decode()
