"""Who holds the places: only a standing application whose form names an account or site does."""

from datetime import datetime

from sqlite_utils import Database

from storage.columns import moment
from storage.model import Application, Channel, Kind, Noun
from storage.rows import Values

# What quota and duplicates compare: a holder read unsurely in one of these, that names two accounts at once,
# or of whom nobody knows which county sent it, is no certain rival.
_COLUMNS = """receipt, prefix, number, submitter, received_at, channel, county, kind, fields ->> 'name' AS name,
    account_key, operator_code, EXISTS (SELECT 1 FROM problems WHERE problems.receipt = applications.receipt
        AND ((code = 'reading-unsure'
              AND problem ->> 'field' IN ('name', 'identifier', 'organizer', 'county_opinion'))
             OR (code = 'field-invalid' AND problem ->> 'field' = 'identifier')
             OR code = 'channel-unclear')) AS unsure"""


# What an application holds that others may want.
_HELD = (
    "receipt",
    "channel",
    "county",
    "submitter_key",
    "account_key",
    "operator_key",
    "operator_code",
)

# Who was turned away, or asked about, for want of what; each looked for by an index of its own.
_WANTED = (
    ("quota-county", ":channel = 'county' AND county = :county"),
    ("quota-direct", ":channel = 'direct' AND submitter_key = :submitter_key"),
    ("duplicate-account", "account_key = :account_key"),
    ("duplicate-operator", "operator_key = :operator_key"),
    ("duplicate-operator", "operator_code = :operator_code"),
)
_TURNED_AWAY = " UNION ".join(
    f"""SELECT received_unix, prefix, number, receipt FROM applications
        WHERE {wanted} AND state IN ('rejected', 'reviewing') AND NOT decided AND receipt <> :receipt
        AND EXISTS (SELECT 1 FROM problems WHERE problems.receipt = applications.receipt AND code = '{code}')
        """  # noqa: S608 - words of our own
    for code, wanted in _WANTED
)
_TURNED_AWAY += " ORDER BY received_unix, prefix, number"


class Holder(Noun, frozen=True, kw_only=True):
    """One application that holds a place; `unsure` says that what it is compared by was read unsurely."""

    receipt: str
    name: str | None
    submitter: str | None
    received_at: datetime
    channel: Channel
    county: str | None
    kind: Kind | None
    account_key: str | None
    operator_code: str | None
    unsure: bool


def on_quota(
    db: Database, channel: Channel, county: str | None, submitter_key: str | None, but: str | None
) -> list[Holder]:
    """Return the accounts, other than `but`, on the quota of this county, or of this direct unit.

    A county that is unknown, like a unit without a name, has no quota to be on.
    """
    column, value = ("county", county) if channel is Channel.COUNTY else ("submitter_key", submitter_key)
    return holders(db, f"kind = 'account' AND channel = ? AND {column} = ?", (channel, value), but)


def same_account(db: Database, account_key: str | None, but: str | None) -> list[Holder]:
    """Return the holders, other than `but`, that name this account or site, by whichever channel."""
    return holders(db, "account_key = ?", (account_key,), but)


def same_operator(
    db: Database, operator_key: str | None, operator_code: str | None, but: str | None
) -> list[Holder]:
    """Return the accounts, other than `but`, of the operator of this full name or this 信用代码."""
    by_name = holders(db, "kind = 'account' AND operator_key = ?", (operator_key,), but)
    by_code = holders(db, "kind = 'account' AND operator_code = ?", (operator_code,), but)
    return by_name + [holder for holder in by_code if holder not in by_name]


def turned_away(db: Database, holder: Application) -> list[str]:
    """Return who wants what `holder` holds: judged over the quota it is on, or the same account or operator."""
    rows = db.execute(_TURNED_AWAY, {key: getattr(holder, key) for key in _HELD})
    return [str(row[3]) for row in rows]


def holders(db: Database, where: str, values: Values, but: str | None) -> list[Holder]:
    """Return the holders where `where` holds, in order of receipt."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM applications WHERE holds_place = 1 AND {where} ORDER BY prefix, number",  # noqa: S608 - words of our own
        values,
    )
    return [
        Holder(
            receipt=receipt,
            name=name,
            submitter=submitter,
            received_at=moment(received_at),
            channel=Channel(channel),
            county=county,
            kind=None if kind is None else Kind(kind),
            account_key=account,
            operator_code=code,
            unsure=bool(unsure),
        )
        for receipt, _, _, submitter, received_at, channel, county, kind, name, account, code, unsure in rows
        if receipt != but
    ]
