"""Works of years that this store did not see: who applied and what came of it, from lists of the office's."""

from sqlite_utils import Database

from storage.model import Noun


class Work(Noun, frozen=True, kw_only=True):
    """A work of an earlier year; the keys are its name and organizer as they are compared."""

    year: int
    name: str
    organizer: str = ""
    identifier: str = ""
    result: str
    name_key: str
    organizer_key: str | None = None


_COLUMNS = ", ".join(Work.__struct_fields__)


def put(db: Database, work: Work) -> bool:
    """Keep `work`, or its new result; say whether that changed anything."""
    marks = ", ".join(f":{name}" for name in Work.__struct_fields__)
    done = db.execute(
        f"""INSERT INTO earlier_works ({_COLUMNS}) VALUES ({marks})
            ON CONFLICT (year, name_key, organizer, identifier) DO UPDATE SET result = excluded.result
            WHERE result <> excluded.result""",  # noqa: S608 - names of our own
        {name: getattr(work, name) for name in Work.__struct_fields__},
    )
    return done.rowcount == 1


def alike(db: Database, name_key: str | None, organizer_key: str | None) -> list[Work]:
    """Return the works of this name or of this organizer, the newest year first."""
    rows = db.execute(
        f"""SELECT {_COLUMNS} FROM earlier_works WHERE name_key = ? OR organizer_key = ?
            ORDER BY year DESC, id""",  # noqa: S608 - names of our own
        (name_key, organizer_key),
    )
    return [Work(**dict(zip(Work.__struct_fields__, row, strict=True))) for row in rows]


def receipts(
    db: Database, *, but: str, account: str | None, operator: str | None, code: str | None
) -> list[str]:
    """Return the applications of other campaigns than `but` (a prefix) by account, operator or 信用代码."""
    rows = db.execute(
        """SELECT receipt FROM applications WHERE prefix <> ? AND (account_key = ? OR operator_key = ?
           OR operator_code = ?) ORDER BY prefix DESC, number""",
        (but, account, operator, code),
    )
    return [str(row[0]) for row in rows]
